"""Back to the stub: what is put back, what is kept, and what is said where it cannot be."""

import re
from datetime import datetime

import pytest

from grader.course import Course, UsageError
from grader.grading.exercise_text import text_of
from grader.kit.reset import difference, handed_out, reset

NOW = datetime(2026, 3, 1, 12, 30)
MINE = '''import torch


@staticmethod
def scale(x, factor):
    """Mine."""
    return x * factor


def helper():
    return 1
'''


@pytest.fixture
def course(own_course):
    return own_course


@pytest.fixture
def section(course):
    return course.sections[0]


def test_a_section_is_put_back_and_the_old_file_kept(course, section):
    section.exercise.write_bytes(b"\xff not even text")
    kept = reset(course, section, None, NOW)
    assert section.exercise.read_text() == handed_out(section)
    assert kept.read_bytes() == b"\xff not even text"
    assert kept.parent == course.root / ".grade" / "backups"


def test_a_file_that_is_not_there_is_made(course, section):
    assert reset(course, section, None, NOW) is None
    assert difference(section) == []


def test_a_file_that_is_as_it_was_handed_out_is_left_alone(course, section):
    reset(course, section, None, NOW)
    assert reset(course, section, "mean", NOW) is None
    assert not (course.root / ".grade").exists()


def test_one_exercise_is_put_back_and_the_rest_stays(course, section):
    section.exercise.write_text(MINE)
    kept = reset(course, section, "scale", NOW)
    text = section.exercise.read_text()
    assert kept.read_text() == MINE
    assert "@staticmethod" not in text
    assert text_of(section, "scale").docstring == text_of_stub(course, "scale")
    assert text.startswith("import torch\n\n\ndef scale(")
    assert text.endswith("def helper():\n    return 1\n")


def text_of_stub(course, exercise):
    reset(course, course.sections[0], None, NOW.replace(hour=13))
    return text_of(course.sections[0], exercise).docstring


def test_an_exercise_that_is_gone_comes_back_at_the_end(course, section):
    section.exercise.write_text("def helper():\n    return 1\n")
    reset(course, section, "mean", NOW)
    assert "raise NotImplementedError" in section.exercise.read_text().partition("def mean(")[2]


def test_the_definition_that_counts_is_put_back(course, section):
    """Of two definitions of one name, the later one."""
    section.exercise.write_text("def mean(x):\n    return 1\n\n\ndef mean(x):\n    return 2\n")
    reset(course, section, "mean", NOW)
    assert "return 1" in section.exercise.read_text()
    assert "return 2" not in section.exercise.read_text()


def test_in_a_file_that_is_no_python_nothing_is_changed(course, section):
    section.exercise.write_text("def mean(:\n")
    with pytest.raises(UsageError, match=rf"{section.stem}.py:1: .* mean cannot be found.*grade reset {section.id}$"):
        reset(course, section, "mean", NOW)
    assert section.exercise.read_text() == "def mean(:\n"
    assert not (course.root / ".grade").exists()


def test_nothing_is_lost_where_nothing_can_be_kept(course, section):
    section.exercise.write_text(MINE)
    (course.root / ".grade").write_text("in the way")
    with pytest.raises(UsageError, match="Nothing was changed"):
        reset(course, section, None, NOW)
    assert section.exercise.read_text() == MINE


def test_a_copy_without_solutions_has_the_stubs_themselves(tmp_path):
    course = Course(tmp_path)
    (tmp_path / "checks" / "section1_tiny").mkdir(parents=True)
    (tmp_path / "checks" / "section1_tiny" / "test_section1.py").write_text("")
    section = course.sections[0]
    with pytest.raises(UsageError, match="cannot be reset"):
        handed_out(section)
    section.pristine.write_text("def mean(x):\n    raise NotImplementedError\n")
    assert handed_out(section) == section.pristine.read_text()


def test_a_difference_is_that_to_what_was_handed_out(course, section):
    reset(course, section, None, NOW)
    text = section.exercise.read_text()
    section.exercise.write_text(text.replace("raise NotImplementedError", "return x * factor", 1))
    changed = [line for line in difference(section)[2:] if line.startswith(("+", "-"))]
    assert changed == ["-    raise NotImplementedError", "+    return x * factor"]


@pytest.mark.parametrize(
    ("text", "said"),
    [("def mean(:\n", ":1: "), ("x = 1\n", "there is no mean"), ("x = 1\0\n", "Fix"), (None, "cannot be read")],
)
def test_where_an_exercise_cannot_be_shown_is_said_with_what_to_type(course, section, text, said):
    if text is not None:
        section.exercise.write_text(text)
    with pytest.raises(UsageError, match=said) as caught:
        text_of(section, "mean")
    assert re.search(rf"(then: grade next|grade reset) {section.id} mean$", str(caught.value))
