"""Examples are drawn once for all submissions of a process, and no verdict shows it."""

from itertools import count

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.course import Course
from grader.grading import examples
from grader.grading.examples import Examples, load_profile
from grader.service.session import grade
from grader.submission.submission import Submission
from tests.grading.reports import reproducible
from tests.grading.tiny_answers import CASES

COUNTED = '''
from itertools import count
import torch
from hypothesis import given
from hypothesis import strategies as st
from grader.toolkit.check import check
from grader.toolkit.closeness import expect_close

drawn = count()

@check("mean", points=1)
@given(x=st.integers(1, 50).map(lambda number: (next(drawn), float(number))))
def test_counted(student, note, x):
    """Counted."""
    note(f"{x[0]} were drawn before")
    expect_close({"mean": (student.mean(torch.tensor([x[1]], dtype=torch.float64)), x[1])})
'''


ASKING = COUNTED.replace("import given", "import assume, event, given, note as noted, reject, target").replace(
    "    note(", "    ASKS\n    note("
)


@pytest.fixture(autouse=True)
def _profile():
    load_profile()


def seen_by(*, strategy, change=lambda value: None):
    """A check that notes what it sees and then changes it; with the list of what it has seen."""
    seen = []

    @given(value=strategy)
    def check(student, value):
        seen.append(repr(value))
        change(value)
        if student == "wrong":
            raise ValueError(value)

    return check, seen


def test_a_second_submission_meets_the_same_examples_and_none_is_drawn(grade_tiny, course_with):
    root = course_with(COUNTED)
    first, second = (grade_tiny(CASES["right"], root=root).checks[0] for _ in range(2))
    assert first.notes
    assert second.notes == first.notes


def test_what_the_solution_met_in_this_process_serves_a_submission_in_a_sandbox(grade_tiny, course_with):
    root = course_with(COUNTED)
    course = Course(root)
    section = course.find("tiny")
    solution = Submission(section.solution.name, section.solution, section.solution.read_bytes())
    known = grade(course, section, solution, None).checks[0].notes
    assert known
    assert grade_tiny(CASES["right"], root=root).checks[0].notes == known


@pytest.mark.parametrize("name", ["wrong_value", "unstable", "raises", "endless_loop", "prints"])
def test_the_report_is_the_same_before_and_after_another_submission_has_passed(name, grade_tiny):
    examples._examples_of.cache_clear()
    before = reproducible(grade_tiny(CASES[name]))
    grade_tiny(CASES["right"])
    assert reproducible(grade_tiny(CASES[name])) == before


@pytest.mark.parametrize(
    "asks",
    [
        "assume(x[1] != 3)",
        "assume(x[1] > 3)",
        "if x[1] == 3: reject()",
        "noted(x)",
        "event('drawn')",
        "target(x[1])",
        "x[1] < 3 or assume(student.mean(torch.tensor([x[1], x[1] + 1])) > 9)",
    ],
)
def test_a_check_that_asks_hypothesis_while_it_runs_passes_each_right_answer(grade_tiny, course_with, asks):
    root = course_with(ASKING.replace("ASKS", asks))
    reports = [grade_tiny(CASES["right"], root=root) for _ in range(4)]
    assert [report.checks[0].status.value for report in reports] == ["passed"] * 4


def test_what_a_check_changes_is_not_changed_for_the_next():
    check, seen = seen_by(
        strategy=st.lists(st.floats(0, 1), min_size=1).map(torch.tensor), change=lambda value: value.fill_(7)
    )
    examples = Examples(check)
    examples.draw({"student": "right"})
    drawn = seen.copy()
    for _ in range(2):
        examples.try_known({"student": "right"})
    assert seen[len(drawn) :] == 2 * drawn
    assert len(set(drawn)) > 5


def test_after_a_failure_nothing_is_known():
    check, _ = seen_by(strategy=st.integers())
    examples = Examples(check)
    with pytest.raises(ValueError, match="0"):
        examples.draw({"student": "wrong"})
    assert not examples.known


def test_the_examples_are_those_that_hypothesis_draws_by_itself():
    one, drawn_here = seen_by(strategy=st.integers())
    other, drawn_by_itself = seen_by(strategy=st.integers())
    Examples(one).draw({"student": "right"})
    other("right")
    assert drawn_here == drawn_by_itself


@pytest.mark.parametrize("values", [st.data(), st.builds(count), st.just(lambda: 0)], ids=["data", "state", "closure"])
def test_values_that_may_not_be_copied_are_drawn_again(values):
    check, _ = seen_by(strategy=values)
    examples = Examples(check)
    examples.draw({"student": "right"})
    assert not examples.known
