"""A student's progress, from the records of their gradings."""

import pytest

from grader.grading.records import Records
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


def test_stubs_are_not_begun(graded):
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
