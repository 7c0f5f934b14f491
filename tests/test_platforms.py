"""Where there is no POSIX, everything that a student's own grading imports still imports."""

import subprocess
import sys

import pytest

from tests.paths import ROOT

LINUX_ONLY = {"grader.sandbox.confinement.layers", "grader.sandbox.process.zygote"}  # imported in the zygote only

SCRIPT = """
import importlib, pkgutil, sys
import click, hypothesis, matplotlib.pyplot, msgspec, nbformat, numpy, pytest, rich.console, rich.progress, torch, torchvision

BLOCKED = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty"}

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name in BLOCKED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

for name in BLOCKED:
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Blocked())
sys.platform = "win32"

import grader
names = [found.name for found in pkgutil.walk_packages(grader.__path__, "grader.")]
for name in names:
    if name not in LINUX_ONLY and not name.endswith(("__main__", "conftest")):
        importlib.import_module(name)
print(len(names))
"""


@pytest.mark.slow
def test_every_module_imports_where_there_is_no_posix():
    script = f"LINUX_ONLY = {LINUX_ONLY!r}\n{SCRIPT}"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 100
