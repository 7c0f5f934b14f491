"""Gathering memory in large pages keeps its content."""

import os
import subprocess
import sys

import pytest

from grader.sandbox.process.interpreter import PACKAGE_ROOT

SCRIPT = """
import hashlib
import torch
from grader.sandbox.process import large_pages

kept = [bytes([number % 256]) * 1000 for number in range(50_000)]
before = hashlib.sha256(b"".join(kept)).digest(), torch.arange(1_000_000).sum()
pages = large_pages.gather()
assert hashlib.sha256(b"".join(kept)).digest() == before[0]
assert torch.arange(1_000_000).sum() == before[1]
print(pages)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the zygote is Linux only")
def test_gather_keeps_what_is_in_memory() -> None:
    ran = subprocess.run([sys.executable, "-c", SCRIPT], cwd=PACKAGE_ROOT, capture_output=True, text=True, check=True)
    pages = int(ran.stdout)
    release = tuple(int(part) for part in os.uname().release.split(".")[:2])
    assert pages > 10 or release < (6, 1)  # 50 MB lie in 24 large pages
