"""A check of something that is measured can keep a part of its points, and says plainly that it did not pass."""

import io

import pytest
from rich.console import Console

from grader.render.terminal.terminal import render_reports
from tests.grading.tiny_answers import answer

MEASURED = '''
import torch
from grader.toolkit.check import check
from grader.toolkit.closeness import expect_share

@check("mean", points=4)
def test_measured(student):
    """As much as it measures."""
    share = student.mean(torch.ones(2, dtype=torch.float64))
    expect_share(share, f"{share} of what is asked for.")

@check("mean", points=1, needs=["measured"])
def test_dependent(student):
    """Needs all of it."""
'''


@pytest.fixture
def grade_measured(grade_tiny, course_with):
    root = course_with(MEASURED)
    return lambda share: grade_tiny(answer(mean=f"return float('{share}')"), root=root)


@pytest.mark.parametrize("share", ["1", "1.5", "inf"])
def test_all_of_it_passes_with_full_points(share, grade_measured):
    measured, dependent = grade_measured(share).checks
    assert (measured.status, measured.points, measured.message) == ("passed", 4.0, "")
    assert dependent.status == "passed"


@pytest.mark.parametrize(
    ("share", "points"), [("0.5", 2.0), ("0.123", 0.49), ("0", 0.0), ("-2", 0.0), ("-inf", 0.0), ("nan", 0.0)]
)
def test_less_fails_and_keeps_its_share_of_the_points(share, points, grade_measured):
    report = grade_measured(share)
    measured, dependent = report.checks
    assert (measured.status, measured.points, measured.max_points) == ("failed", points, 4.0)
    assert measured.message == f"{float(share)} of what is asked for."
    assert measured.counterexample is None
    assert dependent.status == "blocked"
    assert (report.points, report.exit_code) == (points, 1)


@pytest.mark.parametrize(("share", "shown", "verb"), [("0.5", "2.0 / 5.0", "fix"), ("1", "5.0 / 5.0", "Well done")])
def test_the_terminal_shows_what_was_earned(share, shown, verb, grade_measured):
    file = io.StringIO()
    render_reports([grade_measured(share)], Console(file=file, width=100, color_system=None))
    assert shown in file.getvalue()
    assert verb in file.getvalue()


def test_where_nothing_is_wrong_but_too_little_the_next_step_is_to_improve(grade_tiny, course_with):
    root = course_with(MEASURED.partition('\n@check("mean", points=1')[0])
    file = io.StringIO()
    render_reports([grade_tiny(answer(mean="return 0.5"), root=root)], Console(file=file, width=100, color_system=None))
    assert "0 of 1 check passed" in file.getvalue()
    assert "0.5 of what is asked for." in file.getvalue()
    assert "Next:  improve mean" in file.getvalue()
