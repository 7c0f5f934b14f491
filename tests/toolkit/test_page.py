"""docs/toolkit.md says what the code says, names all that courses use, and its examples make a course that grades."""

import re
from dataclasses import replace

import pytest

from grader.audit.calibration import FEWEST_SEEDS, calibrate, measurements_of
from grader.course import Course
from grader.diagnosis.known_mistakes import mistakes_of
from grader.figures.experiments import predictions_of
from grader.figures.picture import figures_of
from grader.kit.lint import lint
from grader.kit.stubs import write_stubs
from grader.sandbox.limits.limits import FOR_PICTURES
from grader.sandbox.process.launch import Sandbox
from grader.service.session import grade
from grader.submission.submission import Submission
from tests.paths import ITERATIVE, ROOT, TINY
from tests.toolkit.page import PAGE, listed, today

TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLE = re.compile(r"^```(?:python|toml)\n# (\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
ROOMS = [path for root in (ROOT, ITERATIVE, TINY) for path in (root / "checks").glob("*/**/*.py")]
IMPORTED = re.compile(r"^from (grader\.[\w.]+) import (\([^)]*\)|.*)$", re.MULTILINE)
TEMPLATES = [*(ROOT / "grader" / "kit" / "templates" / "new").glob("*.txt")]


def test_its_lists_are_what_the_docstrings_say():
    """If not: python -m tests.toolkit.page"""
    assert today(TEXT) == TEXT


def test_it_has_every_name_that_a_course_imports_from_the_engine():
    known = listed(TEXT)
    known["grader.toolkit"] = {module.rpartition(".")[2] for module in known}
    used = {
        (module, name.strip())
        for path in ROOMS
        for module, names in IMPORTED.findall(path.read_text(encoding="utf-8"))
        for name in names.strip("()").split(",")
        if name.strip()
    }
    assert len(used) > 50
    assert [one for one in used if one[1] not in known.get(one[0], ())] == []
    lines = "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES)
    assert {module for module, _ in IMPORTED.findall(lines)} <= known.keys()


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("toolkit") / "course"
    for name, text in EXAMPLE.findall(TEXT):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text(encoding="utf-8") + "\n\n" if path.is_file() else ""
        path.write_text(before + text, encoding="utf-8")
    write_stubs(root / "solutions", root / "exercises")
    return Course(root)


def test_its_examples_make_a_course(course, same_examples):
    """They have no errors, the solution gets all points, each mistake its diagnosis; and there is a threshold and a picture."""
    (section,) = course.sections
    assert ["grade calibrate section1" in one for one in map(str, lint(course))] == [True]
    said = [*calibrate(section, FEWEST_SEEDS, measurements_of(course.root))]
    assert "threshold" in said[1]
    assert lint(course) == []
    answers = {"solution": section.solution.read_bytes(), "stub": section.exercise.read_bytes()}
    answers |= {one.slug: one.source.encode() for one in mistakes_of(section)}
    limits = replace(FOR_PICTURES, call_cpu_seconds=1.0)
    with Sandbox.open(course, limits=limits) as sandbox:
        files = {name: Submission(section.solution.name, section.solution, text) for name, text in answers.items()}
        reports = {name: grade(course, section, file, sandbox) for name, file in files.items()}
        (picture,) = figures_of(section, sandbox.admit(files["solution"]))
        (prediction,) = predictions_of(section, sandbox.admit(files["solution"]))
    solved = reports.pop("solution")
    assert solved.points == solved.max_points == 5.25
    assert {check.status.value for check in reports.pop("stub").checks} == {"not_started"}
    for name, report in reports.items():
        assert {check.diagnosis.mistake for check in report.checks if check.diagnosis} == {name}
    assert (picture.missing, picture.title) == ((), "The error falls faster and faster: 2e-12 after 4 steps")
    assert prediction.outcome == 12
