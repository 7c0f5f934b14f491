"""Modules that cannot travel, files that students would lack, and files that cannot be read, are told before anything runs."""

import re
import shutil

import pytest

from grader.course import Course
from grader.kit.lint import lint
from tests.paths import TINY

ROOM = "checks/section1_tiny"
SOLUTION = "solutions/section1_tiny.py"


@pytest.fixture
def root(tmp_path):
    """A copy of the tiny course."""
    shutil.copytree(TINY, tmp_path / "course")
    return tmp_path / "course"


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("programs.py", "from .mistakes import adds", ["programs.py:1: programs.py travels to a worker, and mistakes does not."]),
        ("programs.py", "from . import mistakes", ["programs.py:1: programs.py travels to a worker, and mistakes does not."]),
        ("problems.py", "from .mistakes import adds", ["problems.py:1: problems.py travels to a worker, and mistakes does not."]),
        ("oracles.py", "from .mistakes import adds", []),
        ("programs.py", "import math\n\nfrom grader.toolkit.programs import seeded", []),
    ],
)  # fmt: skip
def test_what_travels_to_a_worker_imports_nothing_that_stays(root, name, text, found):
    (root / ROOM / name).write_text(text, encoding="utf-8")
    lines = [line.removeprefix(f"{root}/{ROOM}/") for line in lint(Course(root))]
    assert [line.partition(" Move what")[0] for line in lines] == found


@pytest.mark.parametrize(("settings", "count"), [("", 1), ('hand_out = ["data/*.csv"]\n', 0)])
def test_data_of_a_module_that_students_do_not_get_is_an_error(root, settings, count):
    (root / "data").mkdir()
    (root / "data" / "wind.csv").write_text("1\n")
    (root / "exercises" / "shapes.py").write_text('PATH = "data" / "wind.csv"\n')
    with (root / "course.toml").open("a") as file:
        file.write(f'modules = ["shapes"]\n{settings}')
    found = lint(Course(root))
    assert [
        line.endswith('hand_out = ["data/wind.csv"]') and "shapes.py:1: students do not" in line for line in found
    ] == ([True] * count)


def test_a_file_in_another_encoding_is_told_with_its_line(root):
    with (root / "checks/section1_tiny/test_section1.py").open("ab") as file:
        file.write("# caf\u00e9\n".encode("latin-1"))
    (line,) = lint(Course(root))
    assert re.fullmatch(
        rf"{re.escape(str(root / 'checks/section1_tiny/test_section1.py'))}:\d+: not in UTF-8\. Save it in UTF-8: .*",
        line,
    )
