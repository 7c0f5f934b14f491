"""What a probe says of a wrong answer that its section's list of mistakes does not hold."""

from pathlib import Path
from types import ModuleType

import pytest

from grader.sandbox.local import LocalStudent, load_module
from grader.sandbox.student import Contract
from grader.toolkit.probes import section5_overparameterization as section5

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
    found = next(section5.behaviour_of_train_from_seeds(student))
    assert found["inputs untouched"] is (change(section5.blobs()[0]) is None)
