"""docs/architecture.md lists the modules that hold the text of a submission; frames on their way to a worker are not followed."""

import re
import subprocess
import sys
from shutil import copy

import pytest

from tests.paths import ROOT, TINY

MARK = "# only this file has this mark"
TRACED = f"""
import os, sys
from pathlib import Path
from grader.course import Course
from grader.sandbox.process.interpreter import prepare_imports
prepare_imports()
import grader.service.parallel
import grader.kit.autograder

def holds(value):
    return isinstance(value, (bytes, bytearray, memoryview)) and {MARK.encode()!r} in bytes(value)

def watch(frame, event, argument):
    name = frame.f_globals.get("__name__", "")
    if event in ("call", "return") and name.startswith("grader."):
        if any(map(holds, [*frame.f_locals.values(), argument])):
            os.write(log, name.encode() + b"\\n")

course, folder, log = Course(Path(sys.argv[1])), Path(sys.argv[2]), os.open(sys.argv[3], os.O_CREAT | os.O_APPEND | os.O_WRONLY)
sys.setprofile(watch)
grades = grader.kit.autograder.grade_unattended(course, folder)
sys.setprofile(None)
assert grades.reports[0].points == grades.reports[0].max_points
"""


def in_the_table():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.partition("## The way of a grade\n")[2].partition("\n\n")[2].partition("\n\n")[0]
    return [path.removesuffix(".py").replace("/", ".") for path in re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)]


@pytest.mark.slow
def test_only_the_listed_modules_hold_the_text(tmp_path):
    solution = copy(TINY / "solutions" / "section1_tiny.py", tmp_path)
    with open(solution, "a", encoding="utf-8") as file:
        file.write(f"\n{MARK}\n")
    command = [sys.executable, "-c", TRACED, str(TINY), str(tmp_path), str(tmp_path / "log")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    held = {*(tmp_path / "log").read_text(encoding="utf-8").split()}
    assert held | {"grader.sandbox.calls.worker"} == {*in_the_table()}, "the worker is another program, and not traced"
    assert len(in_the_table()) <= 8
