"""A secret of a check is in no Report, so a wrong function gets the same one in each grading."""

import pytest

from grader.course import Course
from grader.diagnosis.known_mistakes import mistakes_of
from grader.grading.request import Selection
from grader.service.session import grade
from grader.submission.submission import Submission
from tests.paths import ROOT

COURSE = Course(ROOT)
OLD_GRADIENTS = [  # functions that use what the check has put into `.grad`, and the check
    ("section4", "sharpness", "grad_overwritten", "sharpness_changes_nothing"),
    ("section6", "minibatch_gradient", "accumulated_and_cleared", "gradient_leaves_the_model_alone"),
]


@pytest.mark.parametrize(("stem", "exercise", "mistake", "check"), OLD_GRADIENTS)
@pytest.mark.usefixtures("same_examples")
def test_a_function_that_uses_old_gradients_gets_the_same_counterexample_twice(
    stem, exercise, mistake, check, tmp_path
):
    section = COURSE.find(stem)
    (source,) = [one.source.encode() for one in mistakes_of(section) if (one.exercise, one.slug) == (exercise, mistake)]
    path = tmp_path / f"{section.stem}.py"
    path.write_bytes(source)
    submission = Submission(path.name, path, source)
    selection = Selection((exercise,), alone=True, diagnosed=False)
    reports = [grade(COURSE, section, submission, None, selection) for _ in range(2)]
    one, other = ({found.id: found for found in report.checks}[check] for report in reports)
    assert one.points == 0
    assert (one.message, one.counterexample) == (other.message, other.counterexample)
