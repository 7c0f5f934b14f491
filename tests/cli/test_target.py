"""A path that is relative to another folder than this one is told with the path that works."""

from pathlib import Path

import pytest

from grader.cli.target import find_target
from grader.course import Course, UsageError
from tests.paths import TINY


def test_a_path_from_the_folder_of_the_course_is_told(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as error:
        find_target(Course(TINY), "section1", (), Path("solutions"))
    assert str(error.value) == (
        f"solutions: not in this folder, but in the course's. Type: --submission {TINY / 'solutions'}"
    )
