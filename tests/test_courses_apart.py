"""Courses with the same file names, in one process and in two: none meets another's files, nor those of our own course."""

import os
import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from grader.course import Course
from grader.course_modules import module_of
from grader.diagnosis.hints import hints_of
from grader.figures.gather import Subject, Work
from grader.figures.picture import Picture, figures_in
from grader.sandbox.process.launch import Sandbox
from grader.service.session import grade
from grader.submission.submission import Submission
from tests.paths import RED, ROOT

STEM = "section4_momentum"
FACTORS = {"red": "2.0", "blue": "3.0"}
WRONG = "import torch\ndef momentum_step(x): return x\ndef jitter(generator): return float(torch.rand((), generator=generator))\n"


def other(colour):
    (found,) = FACTORS.keys() - {colour}
    return found


@pytest.fixture
def courses(tmp_path):
    """The red course, and the same with another colour and another factor in each of its files, by colour."""
    for colour, factor in FACTORS.items():
        for path in RED.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                text = re.sub("(?<![a-z])red", colour, path.read_text()).replace("2.0", factor)
                target = tmp_path / colour / path.relative_to(RED)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)
    return {colour: Course(tmp_path / colour) for colour in FACTORS}


def graded(course, sandbox, source):
    submission = Submission(f"{STEM}.py", Path(f"{STEM}.py"), source.encode())
    return grade(course, course.find("section4"), submission, sandbox)


def expect_own(colour, course, sandbox):
    """All that a course consists of is its own, whether the submission is right or wrong."""
    section, factor = course.find("section4"), FACTORS[colour]
    solution = section.solution.read_text()
    right, wrong = graded(course, sandbox, solution), graded(course, sandbox, WRONG)
    assert (right.points, wrong.points) == (4.0, 0.0)
    assert {check.diagnosis.mistake for check in wrong.checks if check.diagnosis} == {
        f"{colour}_forgotten",  # the mistakes
        f"{colour}_jitter",  # found by the probe
    }
    of_program = next(check for check in wrong.checks if check.id == "with_a_program")
    assert [one.name for one in of_program.counterexample.inputs] == [f"the {colour} number"]
    for report in (right, wrong):
        said = msgspec.json.encode(report).decode()
        assert colour in said
        assert other(colour) not in said
    assert hints_of(section)["momentum_step"] == [f"The first {colour} hint."]
    (figure,) = figures_in(section)
    submission = Submission(f"{STEM}.py", Path(f"{STEM}.py"), solution.encode())
    with Work(Subject(section, sandbox.admit(submission))) as work:
        figure.gather(work)
    assert Picture(figure, work.gathered).title == f"{colour} {factor}"
    data = module_of(course.root, "shared.data")
    assert data.findings() == [(f"the {colour} factor", True, factor)]


def test_courses_with_the_same_file_names_do_not_meet_in_one_process(courses):
    with ExitStack() as stack:
        sandboxes = {colour: stack.enter_context(Sandbox.open(course)) for colour, course in courses.items()}
        for colour in ("red", "blue", "red"):
            expect_own(colour, courses[colour], sandboxes[colour])
    ours = Course(ROOT).find("section4")
    assert {"momentum_step", "max_stable_lr"} <= hints_of(ours).keys()
    assert "red" not in {figure.slug for figure in figures_in(ours)}


@pytest.mark.slow
def test_nor_in_two_processes_at_the_same_time(courses, tmp_path):
    wrong = tmp_path / f"{STEM}.py"
    wrong.write_text(WRONG)
    kept = {name: value for name, value in os.environ.items() if name not in ("GRADE_COURSE", "COLUMNS")}
    words = [sys.executable, "-m", "grader", "section4", "--submission", str(wrong)]
    started = {
        colour: subprocess.Popen(
            words,
            cwd=ROOT,
            env=kept | {"GRADE_COURSE": str(course.root), "COLUMNS": "100"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for colour, course in courses.items()
    }
    for colour, process in started.items():
        said = process.communicate()[0]
        assert process.returncode == 1, said
        for words in (f"Section 4 · {colour}", f"You forgot the {colour} factor", f"by {colour} checks"):
            assert words in said
        assert other(colour) not in said
