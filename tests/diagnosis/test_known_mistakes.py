"""Mistakes as they are read: a function's text in the exercise's place, and clear words about what is not well-formed."""

import pytest
import torch

from grader.course import Course
from grader.diagnosis.known_mistakes import mistakes_of
from tests.paths import TINY

FOLDER = "checks/section1_tiny"
HALF = 'import math\n\nHALF = 0.5\n\n\ndef halved(x):\n    """Take half."""\n    return math.prod((HALF, 1)) * x\n'
HALVES = (
    "from .shared import HALF, halved\n\n\n"
    '@mistake("{0}", hints=("one",))\ndef halves(x):\n    """You halve."""\n    return halved(x) + HALF\n'
)
GOOD = '@mistake("scale", hints=("one", "two"))\ndef adds(x, factor):\n    """You add."""\n    return x + factor\n'


@pytest.fixture
def mistakes_in(tmp_path):
    """Read mistakes of the tiny course from texts by their names in the room."""
    (tmp_path / "solutions").symlink_to(TINY / "solutions")
    room = tmp_path / FOLDER
    room.mkdir(parents=True)
    (room / "test_section1.py").symlink_to(TINY / FOLDER / "test_section1.py")

    def read(files):
        for name, text in files.items():
            (room / name).parent.mkdir(exist_ok=True)
            (room / name).write_text(text)
        mistakes_of.cache_clear()
        return mistakes_of(Course(tmp_path).sections[0])

    yield read
    mistakes_of.cache_clear()


def test_a_mistake_takes_the_place_of_its_exercise_and_of_nothing_else(mistakes_in):
    (one,) = mistakes_in({"mistakes.py": GOOD})
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
    (one,) = mistakes_in({"mistakes.py": text})
    assert one.slug == "half"
    assert one.module.centre(torch.tensor([2.0, 4.0])).tolist() == [-2.0, -1.0]
    assert "solutions" not in one.source
    assert "You halve" not in one.source  # a diagnosis would give the mistake away to whoever reads the submission


def test_a_folder_of_mistakes_has_a_file_per_exercise(mistakes_in):
    """In the order of the exercises, which is not that of the files' names; helpers come from the file that says so."""
    found = mistakes_in(
        {
            "mistakes/scale.py": GOOD,
            "mistakes/centre.py": HALVES.format("centre"),
            "mistakes/mean.py": HALVES.format("mean"),
            "mistakes/shared.py": HALF,
        }
    )
    assert [(one.exercise, one.slug) for one in found] == [("scale", "adds"), ("mean", "halves"), ("centre", "halves")]
    assert [one.module.centre(torch.tensor([2.0, 4.0])).tolist() for one in found] == [[-1, 1], [0.5, 1.5], [1.5, 2.5]]
    assert ["halved" in one.source for one in found] == [False, True, True]


def test_a_section_without_mistakes_has_none(tmp_path):
    room = tmp_path / FOLDER
    room.mkdir(parents=True)
    (room / "test_section1.py").symlink_to(TINY / FOLDER / "test_section1.py")
    assert mistakes_of(Course(tmp_path).sections[0]) == ()


@pytest.mark.parametrize(
    ("files", "place", "words"),
    [
        ({"mistakes.py": GOOD.replace('"scale"', '"scael"')}, "mistakes.py:2", "no exercise scael"),
        ({"mistakes.py": GOOD.replace('    """You add."""\n', "")}, "mistakes.py:2", "needs a docstring"),
        ({"mistakes.py": GOOD.replace('("one", "two")', "()")}, "mistakes.py:2", "is its diagnosis, and hints"),
        (
            {"mistakes.py": GOOD.replace("(x, f", "(t, f")},
            "mistakes.py:2",
            r"\(t, factor\)\. The exercise has \(x, factor\)",
        ),
        ({"mistakes.py": GOOD.replace(":\n", "\n", 1)}, "mistakes.py:2", "not valid Python"),
        ({"mistakes.py": GOOD + "\n\n" + GOOD}, "mistakes.py:8", "two mistakes of scale are called adds"),
        ({"mistakes.py": GOOD, "mistakes/scale.py": GOOD}, "mistakes/scale.py:2", "two mistakes of scale"),
        ({"mistakes/mean.py": GOOD}, "mistakes/mean.py:2", "a mistake in scale belongs in scale.py"),
        ({"mistakes/scael.py": GOOD}, "mistakes/scael.py:2", "a mistake in scale belongs in scale.py"),
        ({"mistakes/mean.py": HALVES.format("mean")}, "mistakes/mean.py:1", "shared.py does not exist"),
        (
            {"mistakes/mean.py": HALVES.format("mean"), "mistakes/shared.py": HALF.replace("HALF = ", "QUARTER = ")},
            "mistakes/mean.py:1",
            "shared.py does not define HALF",
        ),
    ],
)
def test_what_is_not_well_formed_is_said_with_its_place(mistakes_in, files, place, words):
    with pytest.raises(ValueError, match=words) as caught:
        mistakes_in(files)
    assert f"{FOLDER}/{place}: " in str(caught.value)
