"""Compute the outcome of each question of `PREDICTIONS` from the student's own functions."""

import inspect
import os
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from grader.figures.gather import Gathered, Subject, Work
from grader.predictions import Answer, Prediction, Question
from grader.sandbox.calls.sandboxed_submission import SandboxedSubmission
from grader.section import Section
from grader.toolkit.text import one_line

MODULE = "predictions"  # of a room
_UNCLEAR = "The results of your functions give no answer to this question."
_NO_EXPERIMENT = "This course does not compute what happens."
_BECAUSE_LIMIT = 1000  # letters


@dataclass(frozen=True)
class Outcome:
    """The answer that the student's functions give, and the reason in one or two sentences."""

    answer: Answer
    because: str


class Experiment(ABC):
    """Computes the outcome of one question. The module `predictions.py` of a room holds one for each question, with its `key`."""

    key: ClassVar[str]  # of the question
    exercises: ClassVar[tuple[str, ...]]  # whose functions it runs
    call_cpu_seconds: ClassVar[float | None] = None  # of one call, if more than usual

    @abstractmethod
    def gather(self, work: Work) -> None:
        """Ask for the numbers, as in `Figure.gather`."""

    @abstractmethod
    def outcome(self, data: Gathered) -> Outcome:
        """The outcome of these numbers. All are there, but may be wrong."""


def experiments_in(section: Section) -> dict[str, Experiment]:
    """The section's experiments by the keys of their questions."""
    module = section.module(MODULE)
    classes = [one for one in vars(module).values() if inspect.isclass(one)] if module is not None else []
    return {one.key: one() for one in classes if issubclass(one, Experiment) and not inspect.isabstract(one)}


def predictions_of(section: Section, submission: SandboxedSubmission) -> list[Prediction]:
    """Each question of a section, with the student's prediction and, if there is one, the outcome. Raises GraderFaultError."""
    if not section.questions:
        return []
    subject, experiments = Subject(section, submission), experiments_in(section)
    return [_prediction(question, experiments.get(question.key), subject) for question in section.questions]


def _prediction(question: Question, experiment: Experiment | None, subject: Subject) -> Prediction:
    predicted = subject.predictions.get(question.key)
    if predicted is None:  # the outcome is shown after the prediction only
        return Prediction(question, missing=subject.unread)
    if experiment is None:
        return Prediction(question, predicted, missing=_NO_EXPERIMENT)
    for exercise in experiment.exercises:
        if exercise in subject.given_up:
            return Prediction(question, predicted, missing=subject.given_up[exercise])
    with Work(subject, experiment.call_cpu_seconds, experiment.key) as work:
        experiment.gather(work)
    data = work.gathered
    for name, why in data.missing.items():
        if data.yours(name) is None:
            return Prediction(question, predicted, missing=why)
    try:
        found = experiment.outcome(data)
        answer = found.answer if isinstance(found.answer, str) else float(found.answer)
    except Exception:  # the student's numbers cause it, not the grader
        if os.environ.get("GRADE_DEBUG"):
            raise
        return Prediction(question, predicted, missing=_UNCLEAR)
    if not question.accepts(answer):
        return Prediction(question, predicted, missing=_UNCLEAR)
    wrong = next(iter(data.missing.values()), "")
    return Prediction(question, predicted, answer, one_line(found.because, _BECAUSE_LIMIT), wrong)
