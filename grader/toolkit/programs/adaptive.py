"""Programs about choosing the step: a list that a function is given stays in the worker, its entries come back."""

from typing import Any


def losses_after_verdict(submission: Any, losses: list[float]) -> list[float]:
    """The losses as they are once they have been judged."""
    given = list(losses)
    submission.classify_learning_rate(given)
    return given
