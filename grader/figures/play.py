"""Make the demos of a submission: its functions run with every setting of the controls."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from grader.figures.demo import Demo
from grader.grading.report import ExerciseResult, Report, Status
from grader.grading.verdict import judge
from grader.sandbox.calls.sandboxed_submission import SandboxedSubmission
from grader.sandbox.calls.student import Contract, RemoteStudent
from grader.section import Section
from grader.toolkit.lazy_torch import as_array, torch
from grader.toolkit.text import one_line
from grader.toolkit.verdicts import EndedError, WrongAnswerError


class Play(Protocol):
    """Makes a demo from the functions of some exercises."""

    @property
    def exercises(self) -> tuple[str, ...]: ...

    def play(self, ask: "Ask") -> Demo | None:
        """Run every setting; None if there is nothing to show."""


def plays_of(section: Section) -> Sequence[Play]:
    """The `PLAYS` of `play.py` in a section's room; none if there is no such file."""
    plays: Sequence[Play] = getattr(section.module("play"), "PLAYS", ())
    return plays


def demos_of(section: Section, report: Report, submission: SandboxedSubmission) -> list[Demo]:
    """The demos of a submission: those that the section's plays can make.

    `report` says which exercises to try.
    """
    chosen = plays_of(section)
    results = {one.name: one for one in report.exercises}
    if not any(_is_tried(results.get(name)) for play in chosen for name in play.exercises):
        return []
    demos = [play.play(Ask(submission, results)) for play in chosen]
    return [demo for demo in demos if demo is not None]


def _is_tried(result: ExerciseResult | None) -> bool:
    """Whether an exercise is right, or wrong in a way that a demo can show."""
    return result is not None and result.status in (Status.PASSED, Status.FAILED)


@dataclass
class Ask:
    """Asks the submission for arrays of numbers, and notes which are missing or wrong."""

    submission: SandboxedSubmission
    results: dict[str, ExerciseResult]
    notes: list[str] = field(default_factory=list)

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.notes))

    def __call__(self, exercise: str, call: Callable[[RemoteStudent], Any], shape: tuple[int, ...]) -> Any:
        """The result of `call` if it is a tensor or array of float64 of this shape; else None, with a note."""
        result = self.results.get(exercise)
        if not _is_tried(result):
            self.notes.append(f"{exercise} is left out: its checks come first.")
            return None
        if result is not None and not result.passed:
            self.notes.append(f"{exercise} does not pass all of its checks yet; this is what it does now.")
        with self.submission.trial(Contract(ModuleType("none")), exercise) as trial:
            try:
                numbers = call(trial.student)
                array = as_array(numbers) if isinstance(numbers, torch.Tensor | np.ndarray) else None
                if array is None or array.shape != shape or array.dtype != np.float64:
                    raise WrongAnswerError(f"Expected float64 numbers of shape {shape}.")
            except (Exception, EndedError) as error:
                self.notes.append(f"{exercise} is left out: {one_line(judge(error, trial.student).message)}")
                return None
        return numbers
