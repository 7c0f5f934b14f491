"""A path that is relative to another folder than this one is told with the path that works."""

import shutil
from pathlib import Path

import pytest

from grader.cli.outputs import words_of
from grader.cli.target import find_target
from grader.course import Course, UsageError
from tests.paths import ROOT, TINY


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


@pytest.mark.parametrize(
    ("word", "exercise", "told"),
    [
        ("section4.py", "", "section4.py: not in this folder. To grade your file, type: grade section4"),
        ("section4_momentum.py", "", "type: grade section4"),
        (
            "section4",
            "adam_step",
            "adam_step is an exercise of section7, not of section4. Type: grade section7 adam_step",
        ),
        ("section4", "5", "Grade one section at a time, such as section5, or all of them: grade all"),
    ],
)
def test_a_word_that_means_another_section_is_told(word, exercise, told, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as error:
        find_target(Course(ROOT), word, (exercise,) if exercise else (), None)
    assert str(error.value).endswith(told)


def test_a_file_of_another_name_is_offered_in_place_of_the_missing_one(own_course):
    path = own_course.sections[0].exercise
    path.unlink(missing_ok=True)
    path.with_name("section1_tiny.py.txt").write_text("def mean(x): ...", encoding="utf-8")
    with pytest.raises(
        UsageError, match=r"Is it section1_tiny\.py\.txt\? Then rename that to section1_tiny\.py\. To get"
    ):
        find_target(own_course, "section1", (), None)
