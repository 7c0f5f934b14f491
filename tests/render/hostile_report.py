"""A Report with hostile text in every field that a submission can fill."""

import operator

from grader.grading.report import CheckResult, Comparison, Counterexample, Diagnosis, Input, Line, Report, Status
from grader.toolkit.sequences import trajectory_of
from grader.toolkit.trajectory import Trajectory
from tests.attacks.hostile_text import HOSTILE, JOINED, acted_upon, controls_in

__all__ = ["HOSTILE", "JOINED", "acted_upon", "controls_in", "hostile_report", "trajectory_named"]


def trajectory_named(text: str) -> Trajectory | None:
    """Four steps that go wrong."""
    return trajectory_of(text, [1.0, 2.0, 4.0, 9.0], [1.0, 2.0, 3.0, float("nan")], operator.ne)


def hostile_report(text: str = JOINED, statuses: tuple[Status, ...] = tuple(Status)) -> Report:
    """A check of each status, each an exercise of its own."""
    checks = [
        CheckResult(
            id=f"check_{status}",
            exercise=f"exercise_{status}",
            title="Every entry is multiplied by the factor",
            status=status,
            points=0.0,
            max_points=1.0,
            message=f"{status} {text}",
            diagnosis=Diagnosis("a_mistake", text),
            counterexample=Counterexample(
                text, [Input(text, text)], [Comparison("scaled", text, text, True)], trajectory=trajectory_named(text)
            ),
            lines=[Line(3, text, text), Line(7, text, text)],
            notes=[text],
            stdout=text,
        )
        for status in statuses
    ]
    return Report(2, "section1", "Section 1: Tiny", text, 0.0, 8.0, "graded", {}, {}, checks, notice=text)
