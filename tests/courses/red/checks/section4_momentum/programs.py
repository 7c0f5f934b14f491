"""A loop around the submission."""

from typing import Any

from .problems import Problem


def run_red(submission: Any, problem: Problem) -> list[float]:
    """The submission's number, and that of the problem."""
    return [submission.momentum_step(problem.x), problem.scaled()]
