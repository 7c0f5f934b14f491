"""Mistakes as they are read: a function's text in the exercise's place, and clear words about what is not well-formed."""

from pathlib import Path

import pytest
import torch

from grader.course import Course
from grader.diagnosis.mistakes import mistakes_of

TINY = Path(__file__).parents[1] / "courses" / "tiny"
GOOD = '@mistake("scale", hints=("one", "two"))\ndef adds(x, factor):\n    """You add."""\n    return x + factor\n'


@pytest.fixture
def mistakes_in(tmp_path):
    """Read mistakes of the tiny course from a text."""
    (tmp_path / "solutions").symlink_to(TINY / "solutions")
    room = tmp_path / "checks" / "section1_tiny"
    room.mkdir(parents=True)
    (room / "test_section1.py").symlink_to(TINY / "checks" / "section1_tiny" / "test_section1.py")

    def read(text):
        (room / "mistakes.py").write_text(text)
        mistakes_of.cache_clear()
        return mistakes_of(Course(tmp_path).sections[0])

    yield read
    mistakes_of.cache_clear()


def test_a_mistake_takes_the_place_of_its_exercise_and_of_nothing_else(mistakes_in):
    (one,) = mistakes_in(GOOD)
    x = torch.tensor([1.0, 3.0])
    assert (one.exercise, one.slug, one.message, one.hints) == ("scale", "adds", "You add.", ("one", "two"))
    assert one.module.scale(x, 3.0).tolist() == [4.0, 6.0]
    assert one.module.mean(x) == 2.0


def test_a_mistake_may_use_what_the_file_defines_and_the_other_exercises(mistakes_in):
    text = (
        "import functools\nimport math\nfrom solutions.section1_tiny import mean\n\nHALF = 0.5\n\n\n"
        "@functools.cache\ndef halved(x):\n    return HALF * x\n\n\n"
        '@mistake("centre", slug="half", hints=("one",))\ndef takes_half(x):\n    """You halve."""\n'
        "    return halved(x) - math.sqrt(mean(x) ** 2)\n"
    )
    (one,) = mistakes_in(text)
    assert one.slug == "half"
    assert one.module.centre(torch.tensor([2.0, 4.0])).tolist() == [-2.0, -1.0]
    assert "solutions" not in one.source
    assert "You halve" not in one.source  # a diagnosis would give the mistake away to whoever reads the submission


def test_a_section_without_mistakes_has_none(tmp_path):
    room = tmp_path / "checks" / "section1_tiny"
    room.mkdir(parents=True)
    (room / "test_section1.py").symlink_to(TINY / "checks" / "section1_tiny" / "test_section1.py")
    assert mistakes_of(Course(tmp_path).sections[0]) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD.replace('"scale"', '"scael"'), "no exercise scael"),
        (GOOD.replace('    """You add."""\n', ""), "needs a docstring"),
        (GOOD.replace('("one", "two")', "()"), "needs a docstring, which is its diagnosis, and hints"),
        (GOOD + "\n\n" + GOOD, "two mistakes of scale are called adds"),
    ],
)
def test_what_is_not_well_formed_is_said_with_its_place(mistakes_in, text, words):
    with pytest.raises(ValueError, match=words) as caught:
        mistakes_in(text)
    assert "section1_tiny/mistakes.py" in str(caught.value)
