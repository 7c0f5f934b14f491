"""Hints: one more each time, those of a diagnosed mistake first, and the last one again when there is no further."""

import re
import shutil

import pytest

from grader.course import Course
from grader.diagnosis.hints import hints_of, hints_of_checks, next_hint, shown_hints, structure_hints
from grader.diagnosis.structure import SHOWN
from grader.grading.records import Records
from grader.grading.report import CheckResult, Diagnosis, Report, Status


@pytest.fixture
def course(tmp_path, tiny_course):
    """The tiny course with hints for one exercise, and a `.grade/` folder of its own."""
    for name in ("exercises", "solutions"):
        (tmp_path / name).symlink_to(tiny_course.root / name)
    shutil.copytree(tiny_course.checks, tmp_path / "checks")
    (tmp_path / "checks" / "section1_tiny" / "hints.toml").write_text('scale = ["gentle", "plain"]\n')
    _forget()
    yield Course(tmp_path)
    _forget()


def _forget():
    hints_of.cache_clear()
    hints_of_checks.cache_clear()
    structure_hints.cache_clear()


def report_of(section, failed, diagnosis=None):
    """A Report in which all is right but one check."""
    results = []
    for check in section.check_list:
        wrong = check.id == failed
        status = Status.FAILED if wrong else Status.PASSED
        found = Diagnosis(diagnosis, "…") if wrong and diagnosis else None
        earned = 0.0 if wrong else check.points
        results.append(
            CheckResult(check.id, check.exercise, check.title, status, earned, check.points, diagnosis=found)
        )
    return Report(2, section.id, section.title, "x.py", 0.0, 1.0, "graded", {}, {}, results)


def test_hints_go_from_gentle_to_plain_and_stay_there(course):
    section, records = course.sections[0], Records(course)
    shown = [next_hint(section, "scale", records) for _ in range(3)]
    assert [(hint.text, hint.number, hint.is_new) for hint in shown] == [
        ("gentle", 1, True),
        ("plain", 2, True),
        ("plain", 2, False),
    ]
    assert shown_hints(section, "scale", records) == ["gentle", "plain"]


def test_a_diagnosed_mistake_puts_its_hints_first(course):
    section, records = course.sections[0], Records(course)
    assert next_hint(section, "scale", records).text == "gentle"
    records.keep(section, report_of(section, "scale_by_definition", "divides"), b"")
    texts = [next_hint(section, "scale", records) for _ in range(3)]
    assert [hint.about_mistake for hint in texts] == [True, True, False]
    assert texts[0].text == "Which number should become larger when the factor is 2?"
    assert texts[2].text == "plain"  # where the exercise's own had got to


def test_what_numbers_show_by_themselves_has_a_hint_too(course, monkeypatch):
    monkeypatch.undo()  # the real hints
    _forget()
    section, records = course.sections[0], Records(course)
    assert {*structure_hints()} == {*structure_hints(True)} == {*SHOWN}
    gradients = {"gradient_lost", "left_on_input"}  # of which numpy has none
    assert not any(re.search("torch|tensor", str(structure_hints(True)[name])) for name in {*SHOWN} - gradients)
    records.keep(section, report_of(section, "scale_by_definition", "opposite_sign"), b"")
    hint = next_hint(section, "scale", records)
    assert hint.about_mistake
    assert hint.text == structure_hints()["opposite_sign"][0]


def test_another_exercise_s_diagnosis_changes_nothing(course):
    section, records = course.sections[0], Records(course)
    records.keep(section, report_of(section, "centre_by_hand", "divides_by_the_mean"), b"")
    assert next_hint(section, "scale", records).text == "gentle"


def test_an_exercise_without_hints_has_none(course):
    assert next_hint(course.sections[0], "mean", Records(course)) is None


def test_a_check_that_fails_puts_its_own_hints_before_those_of_the_exercise(course):
    section, records = course.sections[0], Records(course)
    section.hints.write_text('scale = ["gentle"]\n\n[checks]\nscale_keeps_dtype = ["the dtype"]\n')
    _forget()
    records.keep(section, report_of(section, "scale_by_definition"), b"")
    assert next_hint(section, "scale", records).text == "gentle"
    records.keep(section, report_of(section, "scale_keeps_dtype"), b"")
    assert next_hint(section, "scale", records).text == "the dtype"
    assert hints_of(section) == {"scale": ["gentle"]}
