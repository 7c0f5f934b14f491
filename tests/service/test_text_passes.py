"""docs/architecture.md lists the modules that hold the text of a submission; frames on their way to a worker are not followed."""

import re
import subprocess
import sys
from shutil import copy

import pytest

from tests.cli.commands import environment
from tests.paths import ROOT, TINY

MARK = "# only this file has this mark"
TRACED = f"""
import os, sys
from grader.sandbox.process.interpreter import prepare_imports
prepare_imports()
import grader.service.parallel
from grader.cli import cli

def holds(value):
    if isinstance(value, (tuple, list)):
        return any(map(holds, value))
    return isinstance(value, (bytes, bytearray, memoryview)) and {MARK.encode()!r} in bytes(value)

def watch(frame, event, argument):
    name = frame.f_globals.get("__name__", "")
    if event in ("call", "return") and name.startswith("grader."):
        if any(map(holds, [*frame.f_locals.values(), argument])):
            os.write(log, name.encode() + b"\\n")

folder, log = sys.argv[1], os.open(sys.argv[2], os.O_CREAT | os.O_APPEND | os.O_WRONLY)
sys.setprofile(watch)
cli(["section1", "--submission", folder, "--cold"], standalone_mode=False)
"""


def in_the_table():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.partition("## The way of a grade\n")[2].partition("\n\n")[2].partition("\n\n")[0]
    return [path.removesuffix(".py").replace("/", ".") for path in re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)]


@pytest.mark.slow
def test_only_the_listed_modules_hold_the_text(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    solution = copy(TINY / "solutions" / "section1_tiny.py", folder)
    with open(solution, "a", encoding="utf-8") as file:
        file.write(f"\n\ndef mean(x):\n    return 0.0\n\n\n{MARK}\n")  # twice, so that places of lines are told, too
    command = [sys.executable, "-P", "-c", TRACED, str(folder), str(tmp_path / "log")]
    done = subprocess.run(command, cwd=TINY, env=environment(), capture_output=True, text=True, timeout=300)
    assert "mean is defined twice" in done.stdout, done.stderr
    held = {*(tmp_path / "log").read_text(encoding="utf-8").split()}
    assert held | {"grader.sandbox.calls.worker"} == {*in_the_table()}, "the worker is another program, and not traced"
    assert len(in_the_table()) <= 9, "eight here, and the worker"
