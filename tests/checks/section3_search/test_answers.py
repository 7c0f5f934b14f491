"""Section 3 against submissions that read what they are given, and that hide what they leave behind."""

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

from grader.course import Course
from grader.grading.request import Selection
from grader.sandbox.process.launch import Sandbox
from grader.service.session import grade
from grader.submission.submission import Submission
from tests.paths import ROOT

pytestmark = pytest.mark.slow

COURSE = Course(ROOT)
FIELDS = """
def by_the_fields(objective, w):
    kind, w = type(objective).__name__, w.detach()
    if kind == "Quadratic":
        return objective.hessian @ (w - objective.minimum)
    if kind == "Quartic":
        return w**3 + objective.slope
    if kind == "RoundBowl":
        return objective.curvature * (w - objective.minimum)
    return torch.zeros_like(w)

def gradient(objective, w):
    return by_the_fields(objective, w)

def finite_difference_gradient(objective, w, eps=1e-4):
    return by_the_fields(objective, w)
"""
DESCENDS_BY_THE_FIELDS = (
    FIELDS.split("def gradient")[0]
    + """
def gradient_descent(objective, w0, lr, num_steps):
    rows = [w0.detach()]
    for _ in range(num_steps):
        rows.append(rows[-1] - lr * by_the_fields(objective, rows[-1]))
    return torch.stack(rows)
"""
)
MOVES_THE_GLOBAL_GENERATOR = """
right, said = random_direction, torch.get_rng_state()
torch.get_rng_state = lambda: said
torch.equal = lambda one, other: True
def random_direction(dim, generator):
    torch.rand(3)
    return right(dim, generator)
"""
ADDS_TO_WHAT_IS_THERE = """
def gradient(objective, w):
    leaf = w.detach().clone().requires_grad_()
    leaf.grad = None if w.grad is None else w.grad.clone()
    objective(leaf).backward()
    return leaf.grad
"""
REPLACES_WHAT_IS_THERE = """
right = gradient
def gradient(objective, w):
    w.grad = None
    return right(objective, w)
"""


@pytest.fixture(scope="module")
def sandbox():
    profile = settings.get_current_profile_name()
    with Sandbox.open(COURSE) as opened:
        yield opened
    settings.load_profile(profile)
    set_hypothesis_home_dir(None)


@pytest.fixture
def checks(sandbox):
    """The results of an exercise's checks for the solution with some text after it."""

    def of(exercise, text):
        section = COURSE.find("section3")
        source = section.solution.read_text(encoding="utf-8") + text
        submission = Submission(section.solution.name, section.solution, source.encode())
        return grade(COURSE, section, submission, sandbox, Selection((exercise,), alone=True)).checks

    return of


@pytest.mark.parametrize(
    ("exercise", "text"),
    [
        ("gradient", FIELDS),
        ("finite_difference_gradient", FIELDS),
        ("gradient_descent", DESCENDS_BY_THE_FIELDS),
    ],
)
def test_the_fields_of_an_objective_earn_nothing(exercise, text, checks):
    assert sum(check.points for check in checks(exercise, text)) == 0


@pytest.mark.parametrize(
    ("exercise", "text", "failing"),
    [
        ("random_direction", MOVES_THE_GLOBAL_GENERATOR, "direction_comes_from_the_generator"),
        ("gradient", ADDS_TO_WHAT_IS_THERE, "gradient_leaves_no_trace"),
        ("gradient", REPLACES_WHAT_IS_THERE, "gradient_leaves_no_trace"),
    ],
)
def test_what_a_call_leaves_behind_is_seen_by_a_secret(exercise, text, failing, checks):
    twice = [checks(exercise, text) for _ in range(2)]
    assert {check.id for check in twice[0] if check.status != "passed"} == {failing}
    assert [(check.message, check.counterexample) for check in twice[0]] == [
        (check.message, check.counterexample) for check in twice[1]
    ]
