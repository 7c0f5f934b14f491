"""A refused call must change nothing."""

from types import SimpleNamespace

import pytest
import torch

from grader.toolkit.refusals import expect_refusal
from grader.toolkit.verdicts import StudentError, WrongAnswerError


class Submission:
    """One function, called as a check calls a student's; its ValueError arrives as a StudentError does."""

    def __init__(self, function):
        self.function = function

    def step(self, *args, **kwargs):
        try:
            self.function(*args, **kwargs)
        except ValueError as error:
            raise StudentError("ValueError", ("ValueError",), str(error), ()) from None

    def run(self, program, name, *args, **kwargs):
        program(SimpleNamespace(step=self.function), name, *args, **kwargs)


def refuses_first(params, lr):
    if lr < 0:
        raise ValueError("lr")
    params[0].sub_(lr)


def refuses_last(params, lr):
    params[0].sub_(lr)
    if lr < 0:
        raise ValueError("lr")


def test_a_function_that_refuses_first_passes():
    expect_refusal(Submission(refuses_first), "step", "lr", {"params": [torch.ones(2)]}, lr=-0.1)


def test_a_function_that_moves_and_then_refuses_is_told_what_changed():
    with pytest.raises(WrongAnswerError, match="params should stay as they were where lr is refused"):
        expect_refusal(Submission(refuses_last), "step", "lr", {"params": [torch.ones(2)]}, lr=-0.1)
