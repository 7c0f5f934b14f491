"""Compare states after consecutive steps, which a check takes one at a time: a wrong one is shown with the path to it."""

from collections.abc import Mapping, Sequence
from typing import Any

from grader.toolkit.closeness import expect_close
from grader.toolkit.lazy_torch import torch
from grader.toolkit.trajectory import Trajectory
from grader.toolkit.verdicts import WrongAnswerError


class Steps:
    """The steps of an update rule: `steps = Steps({"weights": params})` gives the state before the first, as lists of tensors.

    After each step, call `steps.expect_close({"weights": (got, expected)})`. If the first step is not number 1, as for a
    rule that counts its steps and is met in the middle of a run, give its number: then a wrong step is shown alone.
    """

    def __init__(self, start: Mapping[str, Sequence[Any]], first_step: int = 1) -> None:
        self._first = first_step
        self._states: list[Mapping[str, tuple[Any, Any]]] = [{label: (state, state) for label, state in start.items()}]

    def expect_close(self, pairs: Mapping[str, tuple[Any, Any]], tolerance: tuple[float, float] | None = None) -> None:
        """Raise WrongAnswerError unless got equals expected after the next step, in every `{label: (got, expected)}`.

        From the second step on, the student also sees the step before and a plot, if the state is a single number or
        vector. The expected tensors are kept: do not change them afterwards.
        """
        number = self._first + len(self._states) - 1
        self._states.append(pairs)
        error = _error({f"{label} after step {number}": pair for label, pair in pairs.items()}, tolerance)
        if error is None:
            return
        labels = pairs if self._first == 1 and number > 1 else ()
        path = next(filter(None, (self._path(label, tolerance) for label in labels)), None)
        before = path.rows(f"{path.label} after step")[:-1] if path is not None else []
        raise WrongAnswerError(error.message, (*before, *error.rows), error.in_rows, path)

    def _path(self, label: str, tolerance: tuple[float, float] | None) -> Trajectory | None:
        """All states of a label so far; None if they are right, or not single tensors of one shape and dtype."""
        got, expected = ([_numbers(state[label][side]) for state in self._states] for side in (0, 1))
        forms = {None if numbers is None else (tuple(numbers.shape), numbers.dtype) for numbers in (*got, *expected)}
        if len(forms) != 1 or None in forms:
            return None
        error = _error({label: (torch.stack(got), torch.stack(expected))}, tolerance, label)
        return error.trajectory if error is not None else None


def _error(
    pairs: Mapping[str, tuple[Any, Any]], tolerance: tuple[float, float] | None, path: str = ""
) -> WrongAnswerError | None:
    try:
        expect_close(pairs, tolerance, path)
    except WrongAnswerError as error:
        return error
    return None


def _numbers(state: Any) -> Any:
    """The numbers of a state that is one tensor; None for other states."""
    if not isinstance(state, list | tuple) or len(state) != 1 or not isinstance(state[0], torch.Tensor):
        return None
    return state[0].detach().reshape(-1) if state[0].ndim <= 1 else None
