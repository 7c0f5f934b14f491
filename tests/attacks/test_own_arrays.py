"""Calls work on copies: no submission can change a number of the trusted process.

Graded in this very process, by a real sandbox, as a child of the grader grades it: some exercises for each kind of argument.
That NaN in the arguments of any exercise earns nothing is shown by `grade audit --thorough`.
"""

from pathlib import Path

import pytest

from grader.audit.adversaries import adversaries_of
from grader.grading.request import Selection
from grader.sandbox.process.launch import Sandbox
from grader.service.session import grade
from grader.submission.submission import Submission
from tests.attacks.configurations import WHOLE_COURSE
from tests.attacks.held_arrays import alive, changed, watch_calls

VANDAL = "fills with NaN"
# images and labels; a model and its data; an objective; generators; weights, gradients and state; curves; an optimizer's weights
EXERCISES = {
    "section2": ("normalize_images", "empirical_risk", "cross_entropy"),
    "section3": ("gradient_descent", "random_search_step"),
    "section5": ("permute_hidden_units", "filter_normalized_direction", "loss_surface"),
    "section6": ("minibatch_gradient",),
    "section7": ("adam_step", "diagnose_learning_rates"),
    "section9": ("evaluate",),
}

# To be put behind a vandal: its answers claim that all numbers that were sent are zeros.
FORGER = """

def forge_changes():
    module = sys.modules["grader.sandbox.calls.side_effects"]
    def forged(original, arrays, built):
        arrays = {index: torch.as_tensor(value) for index, value in built.items() if not isinstance(value, torch.Generator)}
        return [(index, built[index], module.array_data(spoilt(value, 0.0))) for index, value in arrays.items()]
    module.changes = forged

forge_changes()
"""


def submission(section, source):
    return Submission(f"{section.stem}.py", Path(f"{section.stem}.py"), source)


def vandals(section, exercise):
    """A vandal of an exercise, and another whose responses claim to have changed every argument."""
    (found,) = [one.source for one in adversaries_of(section) if one.exercise == exercise and one.name == VANDAL]
    return [found, found + FORGER.encode()]


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox.open(WHOLE_COURSE) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.parametrize(("section", "exercises"), EXERCISES.items(), ids=EXERCISES)
def test_no_array_of_the_process_that_judges_is_written(section, exercises, sandbox, monkeypatch):
    section = WHOLE_COURSE.find(section)

    def earned(source, *exercises, alone):
        selection = Selection(exercises=exercises, alone=alone)
        report = grade(WHOLE_COURSE, section, submission(section, source), sandbox, selection)
        assert report.status != "grader_error"
        return {check.id: check.points for check in report.checks if check.points}

    # After the solution, examples are kept, and data and caches are there.
    assert earned(section.solution.read_bytes(), *exercises, alone=False)
    held = alive()
    noted = watch_calls(monkeypatch)
    for exercise in exercises:
        for source in vandals(section, exercise):
            assert earned(source, exercise, alone=True) == {}, exercise
    assert noted == []
    assert changed(held) == []
