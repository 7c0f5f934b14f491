"""What a probe says of answers that are neither among the variants nor among the mistakes."""

import inspect
from types import ModuleType

import pytest

from grader.course import Course
from grader.diagnosis.behaviour import behaviour_of, probe_of
from grader.sandbox.calls.local_calls import load_module
from tests.paths import ROOT

BOUNDS = [
    ("section5_overparameterization", "train_from_seeds", lambda lr, **_: lr == 0),
    ("section6_minibatch", "sgd", lambda lr, **_: lr == 0),
    ("section9_training", "search_hyperparameters", lambda low, high, **_: low == high),
]


@pytest.mark.parametrize(("stem", "exercise", "is_refused"), BOUNDS)
def test_who_refuses_a_bound_is_otherwise_what_the_reference_is(stem, exercise, is_refused):
    solution = load_module(ROOT / "solutions" / f"{stem}.py", f"solution_of_{stem}")
    right, strict = getattr(solution, exercise), ModuleType("strict")

    def refusing(*args, **kwargs):
        if is_refused(**inspect.signature(right).bind(*args, **kwargs).arguments):
            raise ValueError("lr, low and high")
        return right(*args, **kwargs)

    vars(strict).update(vars(solution) | {exercise: refusing})
    probe = probe_of(Course(ROOT).find(stem), exercise)
    assert list(behaviour_of(probe, strict)) == list(behaviour_of(probe, solution))
