"""A student's progress, from the records of their gradings."""

import os

import pytest

from grader.course import Course
from grader.grading.records import Records
from grader.grading.report import CheckResult, Report, Status
from grader.grading.section_progress import next_step, progress_of
from tests.grading.tiny_answers import answer


@pytest.fixture
def course(own_course):
    return own_course


@pytest.fixture
def graded(course, grade_tiny):
    """Hand in a file and grade it; the progress after that."""

    def run(source, **options):
        section = course.sections[0]
        section.exercise.write_text(source)
        Records(course).keep(section, grade_tiny(source, **options), source.encode())
        return progress_of(course)[0]

    return run


def test_before_any_grading_there_are_no_points(course):
    (progress,) = progress_of(course)
    assert (progress.points, progress.max_points, progress.graded, progress.started) == (0.0, 5.0, False, False)
    assert next_step(course)[1] == "scale"


def test_all_points_leave_nothing_to_do(course, graded):
    assert graded(answer()).done
    assert next_step(course) is None


def test_the_next_step_is_the_first_exercise_that_is_not_right(course, graded):
    progress = graded(answer(shift_in_place="pass"))
    assert 0 < progress.points < progress.max_points
    assert next_step(course)[1] == "shift_in_place"


def test_the_next_step_is_in_the_section_that_was_graded_last(tmp_path, tiny_course):
    for number in (1, 2, 3):
        (tmp_path / "checks" / f"section{number}_copy").mkdir(parents=True)
        (tmp_path / "checks" / f"section{number}_copy" / f"test_section{number}.py").symlink_to(
            tiny_course.sections[0].checks
        )
    (tmp_path / "exercises").mkdir()
    course = Course(tmp_path)
    first, second, third = course.sections
    assert next_step(course) == (first, "scale")
    keep(course, second, right=False)
    assert next_step(course) == (second, "scale")
    keep(course, second, right=True)
    assert next_step(course) == (third, "scale")
    keep(course, third, right=True)
    assert next_step(course) == (first, "scale")


def keep(course, section, right):
    """Keep a Report in which all is right or wrong, later than any before."""
    status = Status.PASSED if right else Status.FAILED
    results = [CheckResult(c.id, c.exercise, c.title, status, c.points * right, c.points) for c in section.check_list]
    Records(course).keep(section, Report(2, section.id, "t", "x.py", 0.0, 1.0, "graded", {}, {}, results), b"x")
    file = course.root / ".grade" / f"{section.stem}.json"
    latest = max(one.stat().st_mtime_ns for one in file.parent.iterdir())
    os.utime(file, ns=(latest + 1, latest + 1))


def test_a_file_that_is_not_python_keeps_what_was_known(course, graded):
    before = graded(answer(mean="return 0.0"))
    progress = graded("def scale(:\n")
    assert (progress.points, progress.stale) == (before.points, True)


def test_stubs_are_not_started(graded):
    progress = graded(
        answer(**dict.fromkeys(("scale", "shift_in_place", "mean", "centre"), "raise NotImplementedError"))
    )
    assert progress.graded
    assert not progress.started


def test_a_file_that_changed_is_stale(course, graded):
    graded(answer())
    course.sections[0].exercise.write_text(answer() + "# more\n")
    (progress,) = progress_of(course)
    assert progress.stale
    assert not progress.done


def test_a_part_that_was_graded_on_an_older_file_is_stale(graded):
    graded(answer(mean="return 0.0"))
    assert graded(answer(), exercises=("mean",)).stale
