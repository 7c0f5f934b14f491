"""A path that is relative to another folder than this one is told with the path that works."""

import shutil
from pathlib import Path

import pytest

from grader.cli.outputs import words_of
from grader.cli.target import find_target
from grader.course import Course, UsageError
from tests.paths import TINY


def test_a_long_path_is_typed_whole(tmp_path):
    """Windows takes 260 letters or more, Linux 4096: a path that is cut names nothing."""
    folder = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 12)
    folder.mkdir(parents=True)
    shutil.copy(TINY / "solutions" / "section1_tiny.py", folder)
    words = find_target(Course(TINY), "section1", (), folder).words
    assert words == f"section1 --submission {folder}"
    assert words_of((), folder, None, ()) == f" --submission {folder}"


def test_a_path_from_the_folder_of_the_course_is_told(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as error:
        find_target(Course(TINY), "section1", (), Path("solutions"))
    assert str(error.value) == (
        f"solutions: not in this folder, but in the course's. Type: --submission {TINY / 'solutions'}"
    )
