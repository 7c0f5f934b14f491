"""What a probe says of answers that are neither among the variants nor among the mistakes."""

import inspect
from pathlib import Path
from types import ModuleType

import pytest

from grader.grading.behaviour import behaviour_of, probe_of
from grader.sandbox.local import LocalStudent, load_module
from grader.sandbox.student import Contract
from grader.toolkit.probes import training_from_seeds

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("change", [lambda X: None, lambda X: X.clamp_(max=1.0)])
def test_inputs_count_as_changed_even_if_a_second_call_changes_nothing_more(change):
    solution = load_module(ROOT / "solutions" / "section5_overparameterization.py", "solution_of_probes")

    def train_from_seeds(width, seeds, X, y, lr, num_steps):
        untouched = X.clone()
        change(X)
        return solution.train_from_seeds(width, seeds, untouched, y, lr, num_steps)

    made = ModuleType("made")
    made.train_from_seeds = train_from_seeds
    student = LocalStudent(lambda: made, Contract(solution), "made.py")
    found = next(training_from_seeds.behaviour_of_train_from_seeds(student))
    assert found["inputs untouched"] is (change(training_from_seeds.regression()[0]) is None)


LEFT_OPEN = [
    ("section5_overparameterization", "train_from_seeds", lambda lr, **_: lr == 0),
    ("section6_minibatch", "sgd", lambda lr, **_: lr == 0),
    ("section9_training", "search_hyperparameters", lambda low, high, **_: low == high),
]


@pytest.mark.parametrize(("stem", "exercise", "is_refused"), LEFT_OPEN)
def test_who_refuses_what_checks_leave_open_is_what_the_reference_is(stem, exercise, is_refused):
    solution = load_module(ROOT / "solutions" / f"{stem}.py", f"solution_of_{stem}")
    right, strict = getattr(solution, exercise), ModuleType("strict")

    def refusing(*args, **kwargs):
        if is_refused(**inspect.signature(right).bind(*args, **kwargs).arguments):
            raise ValueError("lr, low and high")
        return right(*args, **kwargs)

    vars(strict).update(vars(solution) | {exercise: refusing})
    probe = probe_of(stem, exercise)
    assert list(behaviour_of(probe, strict)) == list(behaviour_of(probe, solution))
