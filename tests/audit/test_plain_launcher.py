"""The plain launcher judges the answers of an audit as the zygote does, though one process serves many of them.

A part of them: `GRADE_ANSWERS=all` grades every solution, stub, variant and mistake both ways, before a release.
"""

import os
from dataclasses import replace

import msgspec
import pytest

from grader.audit.audit import LONG_CALL_SECONDS, answers_of, task_of
from grader.course import Course
from grader.sandbox.limits.limits import Limits
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.trust import Trust
from grader.service import Service
from tests.paths import ROOT

pytestmark = pytest.mark.slow

COURSE = Course(ROOT)
EVERYBODY = Trust(everybody=True)
ALL = os.environ.get("GRADE_ANSWERS") == "all"
PART = 40  # of so many answers, one is graded


def answers_without_adversaries(course, section):
    return [one for one in answers_of(course, section) if one.kind != "adversary"]


def without_times(report):
    """What a grading found, without times and layers."""
    checks = [msgspec.structs.replace(check, seconds=0.0, compute_seconds=None) for check in report.checks]
    return msgspec.structs.replace(report, checks=checks, sandbox={})


def expect_same_reports(course, answers, limits, diagnosed=True):
    """Grade each answer both ways. In each sandbox, one worker after the other serves."""
    zygote, plain = (Sandbox.open(course, kind, limits, trust=EVERYBODY) for kind in ("zygote", "plain"))
    with Service(course, zygote) as confined, Service(course, plain) as unconfined:
        for answer in answers:
            task = task_of(answer, long_checks=ALL)
            if not diagnosed:
                task = replace(task, selection=replace(task.selection, diagnosed=False))
            (expected,), (found,) = confined.grade([task]), unconfined.grade([task])
            assert expected.sandbox["kind"] == "zygote"
            assert found.sandbox["kind"] == "plain"
            assert without_times(found) == without_times(expected), answer.name


def test_every_answer_of_the_tiny_course(tiny_course):
    answers = answers_without_adversaries(tiny_course, tiny_course.find("tiny"))
    assert {one.kind for one in answers} == {"solution", "stub", "mistake"}
    expect_same_reports(tiny_course, answers, Limits(call_cpu_seconds=0.5, load_cpu_seconds=1.5))


@pytest.mark.parametrize("section", COURSE.sections, ids=lambda section: section.id)
def test_answers_of_a_section(section):
    """The stub, and a part of the mistakes, without the diagnoses and exercises that compute for long."""
    answers = answers_without_adversaries(COURSE, section)
    long = {check.exercise for check in section.check_list if check.call_cpu_seconds >= LONG_CALL_SECONDS}
    quick = [one for one in answers if one.kind == "stub" or (one.kind == "mistake" and one.exercise not in long)]
    some = quick[::PART]
    assert {one.kind for one in some} == {"stub", "mistake"}
    expect_same_reports(COURSE, answers if ALL else some, Limits(), diagnosed=ALL)
