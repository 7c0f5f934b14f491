"""What is offered after all points: a picture of what passes, and the next exercise of the course."""

import shutil

import pytest

from grader.course import Course
from grader.grading.afterwards import suggestions
from grader.grading.records import Records
from grader.grading.report import CheckResult, Report, Status
from tests.paths import ITERATIVE


@pytest.fixture
def course(tmp_path):
    for name in ("checks", "exercises", "solutions"):
        shutil.copytree(ITERATIVE / name, tmp_path / name)
    return Course(tmp_path)


def report_of(section, passed):
    checks = [
        CheckResult(one.id, one.exercise, one.title, Status.PASSED if one.exercise in passed else Status.FAILED, 0.0, one.points)
        for one in section.check_list
    ]  # fmt: skip
    return Report(2, section.id, section.title, "x.py", 0.0, 1.0, "graded", {}, {}, checks)


def test_after_an_exercise_come_its_picture_and_the_next_exercise(course):
    section = course.sections[0]
    report = report_of(section, {"predictions", "power_iteration"})
    Records(course).keep(section, report, b"")
    part = report.with_checks([check for check in report.checks if check.exercise == "power_iteration"])
    plot, predict, after = suggestions(course, section, part)
    assert plot.command == f"grade plot {section.id} power_iteration"
    assert plot.why.startswith("The estimates of power iteration")
    assert predict.command == f"grade predict {section.id}"
    assert after.command == f"grade next {section.id} qr_step"


def test_after_a_section_comes_the_next_and_after_all_the_archive(course):
    first, second = course.sections
    for section in (second, first):
        report = report_of(section, section.exercises if section is first else set())
        Records(course).keep(section, report, b"")
    *_, after = suggestions(course, first, report)
    assert after.command == f"grade predict {second.id}"
    assert second.title in after.why
    Records(course).keep(second, report_of(second, second.exercises), b"")
    assert suggestions(course, first, report)[-1].command == "grade pack"
