"""Section 4 against answers that once earned what they should not, and right ones that once did not."""

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

from grader.course import Course
from grader.grading.request import Selection
from grader.sandbox.process.launch import Sandbox
from grader.service.session import grade
from grader.submission.submission import Submission
from grader.toolkit.private_names import COMPILER
from tests.paths import ROOT

COURSE = Course(ROOT)
SECTION = COURSE.find("section4")

NUMPY = """
import numpy as np

def optimal_heavy_ball(mu, L):
    if mu <= 0:
        raise ValueError("mu")
    if L < mu:
        raise ValueError("L")
    root = np.sqrt(L / mu)
    return (2 / (np.sqrt(L) + np.sqrt(mu))) ** 2, ((root - 1) / (root + 1)) ** 2
"""
UNNAMED = NUMPY.replace('"mu"', '"must be positive"').replace('"L"', '"too small"')
MINIMIZE = """
def minimize_with_momentum(objective, w0, lr, beta, num_steps):
    if lr < 0 or not 0 <= beta < 1 or num_steps < 0:
        raise ValueError("lr, beta or num_steps")
    w = w0.detach().clone(){requires_grad}
    v = torch.zeros_like(w)
    rows = [w]
    for step in range(num_steps):
        g = torch.func.grad(objective)(w)
        v = beta * v + g
        w = w - lr * v
        rows.append({kept})
    return torch.stack(rows)
"""
STUB_AND_PARTIAL = """
from functools import partial

def nesterov_step(params, grads, velocities, lr, beta):
    raise NotImplementedError

def ahead(rule, params, grads, velocities, lr, beta):
    rule([], [], [], lr, beta)
    for w, g, v in zip(params, grads, velocities):
        v.mul_(beta).add_(g)
        w.data -= lr * (g + beta * v)

nesterov_step = partial(ahead, momentum_step)
"""
REFUSES_ZERO = """
accepts_zero = momentum_step

def momentum_step(params, grads, velocities, lr, beta):
    if lr <= 0:
        raise ValueError("lr must be positive")
    accepts_zero(params, grads, velocities, lr, beta)
"""
ZEROES_ITS_ARGUMENT = """
pure = max_stable_lr

def max_stable_lr(hessian):
    lr = pure(hessian)
    hessian.zero_()
    return lr
"""
# name: (what stands below the solution, the exercise, the checks that do not pass)
ANSWERS = {
    "numpy's square root": (NUMPY, "optimal_heavy_ball", set()),
    "a stub whose name is bound anew": (STUB_AND_PARTIAL, "nesterov_step", set()),
    "an update without in-place operations": (
        MINIMIZE.format(requires_grad="", kept="w"),
        "minimize_with_momentum",
        set(),
    ),
    "a trajectory that carries its graph": (
        MINIMIZE.format(requires_grad=".requires_grad_()", kept="w"),
        "minimize_with_momentum",
        {"minimize_leaves_its_start_alone"},
    ),
    "a long run that is invented": (
        MINIMIZE.format(requires_grad="", kept="w if step < 20 else 0 * w"),
        "minimize_with_momentum",
        {"minimize_needs_a_fifth_of_the_steps"},
    ),
    "errors that name nothing": (UNNAMED, "optimal_heavy_ball", {"optimal_heavy_ball_rejects"}),
    "a refusal of lr = 0, which is allowed": (REFUSES_ZERO, "momentum_step", {"momentum_rejects"}),
    "an argument that is spoilt": (ZEROES_ITS_ARGUMENT, "max_stable_lr", {"max_stable_lr_leaves_its_inputs_unchanged"}),
}


@pytest.fixture(scope="module")
def sandbox():
    profile = settings.get_current_profile_name()
    with Sandbox.open(COURSE, preload=[COMPILER]) as opened:
        yield opened
    settings.load_profile(profile)
    set_hypothesis_home_dir(None)


@pytest.mark.slow
@pytest.mark.parametrize(("text", "exercise", "failing"), ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_loses_the_points_of_what_is_wrong_and_no_others(text, exercise, failing, sandbox):
    source = SECTION.solution.read_text(encoding="utf-8") + text
    submission = Submission(SECTION.solution.name, SECTION.solution, source.encode())
    report = grade(COURSE, SECTION, submission, sandbox, Selection((exercise,)))
    assert {check.id for check in report.checks if check.status != "passed"} == failing
