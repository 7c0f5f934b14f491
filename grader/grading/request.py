"""Requests: tasks, each a section of a submission with the checks to run. Imports nothing heavy."""

from dataclasses import dataclass, field
from typing import Protocol

from grader.grading.report import CheckResult
from grader.section import Section
from grader.submission.submission import Submission


@dataclass(frozen=True)
class Selection:
    """Which checks to run: all of them, or those of `exercises`, those that a pytest `-k` expression matches, or all up to the
    first failure.

    With `alone`, the exercises that these need are not run, and count as passed. `known` are results that hold already: those
    checks are not run, and stay as they are. Without `diagnosed`, failed checks are not compared with the known mistakes.
    """

    exercises: tuple[str, ...] = ()
    keyword: str | None = None
    stop_first: bool = False
    alone: bool = False
    known: tuple[CheckResult, ...] = ()
    diagnosed: bool = True

    @property
    def everything(self) -> bool:
        return not (self.exercises or self.keyword or self.stop_first)


@dataclass(frozen=True)
class Task:
    """One section of a submission to grade."""

    section: Section
    submission: Submission
    selection: Selection = field(default_factory=Selection)

    @property
    def weight(self) -> float:
        """How long grading it takes, roughly: the longest starts first."""
        return self.section.work(self.selection.exercises)


class Progress(Protocol):
    """Told about every check before it runs, and, with an empty title, that none runs yet."""

    def __call__(self, title: str, exercise: str, done: int, count: int) -> None: ...
