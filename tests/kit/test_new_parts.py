"""A new course, section or exercise grades, audits and plots at once."""

from dataclasses import replace
from pathlib import Path

import pytest

from grader.audit.audit import audit
from grader.course import Course, UsageError
from grader.figures.picture import figures_of
from grader.kit.lint import lint
from grader.kit.new_parts import new_course, new_exercise, new_section, own_course
from grader.sandbox.limits.limits import FOR_PICTURES
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.trust import Trust
from grader.service import Service
from grader.service.session import grade
from grader.submission.submission import Submission


@pytest.fixture
def course(tmp_path):
    """A course with a section in numpy, a section in torch, and an exercise more in the first."""
    root = tmp_path / "course"
    new_course(root, 'One "new" course', with_torch=False)
    new_section(Course(root), "rows", with_torch=True)
    new_exercise(Course(root).sections[0], "second")
    return Course(root)


def submission_of(path: Path) -> Submission:
    return Submission(path.name, path, path.read_bytes())


def test_new_parts_have_no_errors_and_grade(course, tiny_sandbox):
    assert lint(course) == []
    assert course.settings.title == 'One "new" course'
    assert [section.functions for section in course.sections] == [("centre_first", "second"), ("centre_rows",)]
    for section in course.sections:
        solved, begun = (
            grade(course, section, submission_of(path), tiny_sandbox) for path in (section.solution, section.exercise)
        )
        assert solved.points == solved.max_points == 1.5 * len(section.functions)
        assert {check.status.value for check in begun.checks} == {"not_started"}


def test_what_exists_is_left_alone(course, monkeypatch, tmp_path):
    for make in (
        lambda: new_course(course.root, "Again", with_torch=False),
        lambda: new_exercise(course.sections[0], "second"),
        lambda: new_section(course, "Of Mine", with_torch=False),
    ):
        with pytest.raises(UsageError):
            make()
    before = {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()}
    for name in ("predictions", "run", "np"):
        with pytest.raises(UsageError, match=name):
            new_exercise(course.sections[0], name)
    assert {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()} == before
    monkeypatch.chdir(course.root / "checks")
    assert own_course(course) is course
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no course here or above"):
        own_course(course)


@pytest.mark.slow
def test_new_parts_pass_their_audit_and_draw_a_picture(course, tiny_sandbox, tmp_path):
    new_course(tmp_path / "small", "Small", with_torch=False)
    small = Course(tmp_path / "small")
    (found,) = audit(Service(small, tiny_sandbox), small.sections)
    assert [finding.problems for finding in found.findings if finding.problems] == []
    assert [finding.diagnosis for finding in found.of("mistake")] == ["divides", "takes_the_median", "accepts_nothing"]
    limits = replace(FOR_PICTURES, call_cpu_seconds=1.0)
    with Sandbox.open(course, trust=Trust(everybody=True), limits=limits) as sandbox:
        for section in course.sections:
            (picture,) = figures_of(section, sandbox.admit(submission_of(section.solution)))
            assert picture.title.endswith("they sum to 0.00")
            assert not picture.missing
