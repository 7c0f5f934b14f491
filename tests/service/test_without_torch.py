"""A course that imports no torch is graded, diagnosed, drawn and packed by processes that have none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course import Course
from grader.kit.new_parts import new_course, new_section
from tests.paths import ROOT

# Python runs it at the start of each process that inherits our environment: there, torch is not installed.
BLOCK = """
import sys
from importlib.metadata import MetadataPathFinder as Finder

sys.modules["torch"] = None
everything = Finder.find_distributions
Finder.find_distributions = lambda *context: (one for one in everything(*context) if one.name != "torch")
"""
USES = """
import os, sys
from pathlib import Path

from grader.cli import main
from grader.course import Course
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.trust import Trust
from grader.submission.submission import Submission


def grade(*words):
    sys.argv = ["grade", *words]
    try:
        main()
    except SystemExit as end:
        print(f"{words} -> {end.code}")


def mapped(pid):
    try:
        return [line for line in Path(f"/proc/{pid}/maps").read_text().splitlines() if "torch" in line]
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return []


def below(pid):
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield child
        yield from below(child)


source = Path("wrong/section1_first.py")
for kind in ("zygote", "plain"):
    with Sandbox.open(Course(Path.cwd()), kind=kind, trust=Trust(everybody=True)) as sandbox:
        runnable = sandbox.admit(Submission(source.name, source, source.read_bytes()))
        assert runnable.outline.error is None
        found = list(below(os.getpid()))
        assert found and not [line for pid in found for line in mapped(pid)], kind
grade("all", "--submission", "solutions")
grade("all", "--submission", "wrong")
grade("section1", "--submission", "importing")
grade("plot", "section1", "--submission", "solutions", "--out", "figures")
grade("pack")
grade("doctor")
assert sys.modules["torch"] is None and "numpy" in sys.modules
"""


@pytest.mark.skipif(sys.platform != "linux", reason="there is no zygote, and no /proc")
def test_no_process_of_a_course_in_numpy_has_torch(tmp_path):
    root = tmp_path / "course"
    new_course(root, "Small", with_torch=False)
    (root / "sitecustomize.py").write_text(BLOCK)
    solution = root / "solutions" / "section1_first.py"
    right = solution.read_text(encoding="utf-8")
    for folder, text in (
        ("wrong", right.replace("x - x.mean()", "x / x.mean()")),
        ("importing", f"import torch\n{right}"),
    ):
        (root / folder).mkdir()
        (root / folder / solution.name).write_text(text, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(ROOT)])}
    environment |= {"GRADE_DEBUG": "1", "COLUMNS": "100"}
    ended = subprocess.run(
        [sys.executable, "-c", USES], cwd=root, env=environment, capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "('all', '--submission', 'solutions') -> 0" in ended.stdout
    assert "('all', '--submission', 'wrong') -> 1" in ended.stdout
    assert "You divide by the mean" in ended.stdout.replace("\n", " ")
    assert "No module named 'torch'" in ended.stdout
    assert "with Python's own modules and numpy" in ended.stdout
    assert list((root / "figures").glob("*.png"))
    assert "torch " not in ended.stdout.partition("Versions")[2]


@pytest.mark.parametrize("line", ["import torch", "from torch import Tensor", "import numpy as np, torch.nn as nn"])
def test_a_course_uses_torch_if_a_file_of_it_imports_torch(tmp_path, line):
    root = tmp_path / "course"
    new_course(root, "Small", with_torch=False)
    assert not Course(root).uses_torch
    assert Course(root).packages == ()
    check = root / "checks" / "section1_first" / "test_section1.py"
    check.write_text(f"{line}\n{check.read_text(encoding='utf-8')}", encoding="utf-8")
    assert Course(root).uses_torch
    assert Course(root).packages == ("torch",)


def test_a_course_uses_torch_if_its_settings_name_it_or_one_section_does(tmp_path):
    root = tmp_path / "course"
    new_course(root, "Small", with_torch=False)
    (root / "course.toml").write_text('packages = ["torch", "scipy"]\n')
    assert Course(root).packages == ("torch", "scipy")
    (root / "course.toml").unlink()
    new_section(Course(root), "rows", with_torch=True)
    assert Course(root).uses_torch


def test_our_own_courses():
    assert Course(ROOT).uses_torch
    assert not Course(Path(ROOT / "courses" / "iterative_methods")).uses_torch
