"""Demos on the page of a Report: the student's own method, run beforehand with every setting of the controls."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Protocol

import torch
from torch import Tensor

from grader.course import Section
from grader.grading.report import ExerciseResult, Report, Status
from grader.grading.verdict import judge
from grader.sandbox.calls.sandboxed_submission import SandboxedSubmission
from grader.sandbox.calls.student import Contract, RemoteStudent
from grader.sandbox.process.launch import Sandbox
from grader.submission.submission import Submission
from grader.toolkit.text import one_line
from grader.toolkit.verdicts import EndedError, WrongAnswerError


@dataclass(frozen=True)
class Control:
    """A setting, and its values as the page shows them."""

    label: str
    values: tuple[str, ...]
    is_choice: bool = False  # of names, not of numbers


@dataclass(frozen=True)
class DemoRun:
    """The numbers of one setting. A run that diverges ends there."""

    numbers: tuple[float, ...]
    diverges: bool


@dataclass(frozen=True)
class Demo:
    """A run for each combination of the values of two controls; the second control changes fastest.

    With the `curvatures` of a bowl, a run is a path of `span` steps, x and y in turn; else it is the losses of equal parts
    of `span` examples. `missing` says which parts are missing or wrong.
    """

    slug: str
    title: str
    task: str
    controls: tuple[Control, ...]
    runs: tuple[DemoRun, ...]
    span: int
    unit: str
    curvatures: tuple[float, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def json(self) -> str:
        """The numbers to draw, as JSON without `<`, so that no HTML can arise."""
        record: dict[str, Any] = {"span": self.span, "unit": self.unit, "curvatures": self.curvatures}
        record["runs"] = [run.numbers for run in self.runs]
        record["diverges"] = [int(run.diverges) for run in self.runs]
        record["controls"] = [control.values for control in self.controls]
        return json.dumps(record, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """A table of the last value of every run: a row for each value of the first control."""
        width = len(self.runs) // len(self.controls[0].values)
        ends = [self._end(run) for run in self.runs]
        return [(value, ends[n * width : (n + 1) * width]) for n, value in enumerate(self.controls[0].values)]

    def _end(self, run: DemoRun) -> str:
        if run.diverges:
            return "diverges"
        return f"{self._loss(run.numbers[-2:]) if self.curvatures else run.numbers[-1]:.2g}"

    def _loss(self, w: Sequence[float]) -> float:
        return sum(curvature * x * x for curvature, x in zip(self.curvatures, w, strict=True)) / 2


class Play(Protocol):
    """Makes a demo from the functions of some exercises."""

    @property
    def exercises(self) -> tuple[str, ...]: ...

    def play(self, ask: "Ask") -> Demo | None:
        """Run every setting; None if there is nothing to show."""


def demos_of(section: Section, report: Report, submission: Submission, sandbox: Sandbox) -> list[Demo]:
    """The demos of a submission: those that the `PLAYS` of `play.py` in the section's room can make.

    `report` says which exercises to try.
    """
    chosen: Sequence[Play] = getattr(section.module("play"), "PLAYS", ())
    results = {one.name: one for one in report.exercises}
    if not any(_is_tried(results.get(name)) for play in chosen for name in play.exercises):
        return []
    runnable = sandbox.admit(submission)
    demos = [play.play(Ask(runnable, results)) for play in chosen]
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

    def __call__(self, exercise: str, call: Callable[[RemoteStudent], Any], shape: tuple[int, ...]) -> Tensor | None:
        """The result of `call` if it is float64 of this shape; else None, with a note."""
        result = self.results.get(exercise)
        if not _is_tried(result):
            self.notes.append(f"{exercise} is left out: its checks come first.")
            return None
        if result is not None and not result.passed:
            self.notes.append(f"{exercise} does not pass all of its checks yet; this is what it does now.")
        with self.submission.trial(Contract(ModuleType("none")), exercise) as trial:
            try:
                numbers = call(trial.student)
                if not isinstance(numbers, Tensor) or numbers.shape != shape or numbers.dtype is not torch.float64:
                    raise WrongAnswerError(f"Expected float64 numbers of shape {shape}.")
            except (Exception, EndedError) as error:
                self.notes.append(f"{exercise} is left out: {one_line(judge(error, trial.student).message)}")
                return None
        return numbers
