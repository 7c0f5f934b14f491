"""Behaviour of the search of section 9 that does not depend on the stream of random numbers.

`train_classifier` has no probe: a probe would train again for every known mistake.
"""

import math
from collections.abc import Iterator
from typing import Any

import torch

from grader.toolkit.secret import keeps_global_state
from grader.toolkit.verdicts import StudentError

Features = dict[str, bool | int | str | float]

LOW, HIGH = 0.001, 1.0
NAN = math.nan
SCORES = ([0.5, 0.9, -1.0], [-3.0, -2.0], [NAN, 1.0, 2.0], [1.0, NAN, 2.0, 0.0], [NAN, NAN], [-math.inf])
REFUSED = {
    "low of 0": (0.0, 1.0, 2),
    "low below 0": (-0.5, 1.0, 2),
    "high below low": (0.5, 0.25, 2),
    "no trials": (LOW, HIGH, 0),
}
DRAWS = 600
PAIRS = 30


class Trials:
    """Returns scores in order, and records the learning rates; the last score is repeated."""

    def __init__(self, scores: list[float]) -> None:
        self.asked: list[float] = []
        self._scores = scores

    def __call__(self, lr: float) -> float:
        self.asked.append(float(lr))
        return self._scores[min(len(self.asked), len(self._scores)) - 1]


def listed_by(student: Any) -> str:
    """In which order the trials of a search are listed."""
    trials = Trials([3.0, 1.0, 4.0, 1.5, 5.0, 2.0])
    _, listed = student.search_hyperparameters(trials, LOW, HIGH, 6, torch.Generator().manual_seed(3))
    tried = list(zip(trials.asked, [3.0, 1.0, 4.0, 1.5, 5.0, 2.0], strict=False))
    orders = {
        "as tried": tried,
        "by learning rate": sorted(tried),
        "by score": sorted(tried, key=lambda trial: trial[1]),
        "by falling score": sorted(tried, key=lambda trial: -trial[1]),
        "from the last": tried[::-1],
        "score before rate": [(score, lr) for lr, score in tried],
        "rates only": trials.asked,
    }
    return next((name for name, order in orders.items() if listed == order), "another")


def asked_for(
    student: Any, low: float, high: float, count: int, seed: int, scores: list[float] | None = None
) -> list[float]:
    """The learning rates of a search."""
    trials = Trials(scores or [0.0])
    student.search_hyperparameters(trials, low, high, count, torch.Generator().manual_seed(seed))
    return trials.asked


def behaviour_of_search_hyperparameters(student: Any) -> Iterator[Features]:
    """Yield which trial wins, the distribution of learning rates, the role of the generator, and which arguments are
    refused."""
    for scores in SCORES:
        yield {f"scores {scores}": outcome(student, scores)}
    yield {"winner of 0.9, 0.1, 0.5": winner_of(student, [0.9, 0.1, 0.5]), "list": listed_by(student)}
    falling, rising = (
        asked_for(student, LOW, HIGH, 6, 3, scores) for scores in ([6.0, 5, 4, 3, 2, 1], [1.0, 2, 3, 4, 5, 6])
    )
    is_fixed = falling == asked_for(student, LOW, HIGH, 6, 3, [6.0, 5, 4, 3, 2, 1])  # by the generator and the scores
    calls = "too few" if min(len(falling), len(rising)) < 6 else "6" if len(falling) == len(rising) == 6 else "too many"
    yield {"calls for 6 trials": calls, "rates depend on scores": calls == "6" and is_fixed and falling != rising}
    first, again, other = (asked_for(student, LOW, HIGH, 3, seed) for seed in (1, 1, 2))
    yield {"same from the same state": first == again, "same from another seed": first == other}
    function = "search_hyperparameters", Trials([0.0]), LOW, HIGH, 3, torch.Generator()
    yield {
        "global generator untouched": keeps_global_state(student, *function),
        **{f"accepts {name}": is_accepted(student, *bounds) for name, bounds in REFUSED.items()},
    }
    yield distribution_of(student)


def winner_of(student: Any, scores: list[float]) -> str:
    """The trial that wins with these scores, for any learning rates."""
    winners = {outcome(student, scores, seed).split(" wins")[0] for seed in range(6)}
    return winners.pop() if len(winners) == 1 else "not decided by the scores"


def outcome(student: Any, scores: list[float], seed: int = 3) -> str:
    """The result of a search with these scores, in terms of its trials."""
    trials = Trials(scores)
    result = student.search_hyperparameters(trials, LOW, HIGH, len(scores), torch.Generator().manual_seed(seed))
    if not (isinstance(result, tuple) and len(result) == 2):
        return "another kind"
    best, reported = result
    expected = list(zip(trials.asked, scores, strict=False))
    listed = "all trials" if repr(reported) == repr(expected) else "others"
    if isinstance(best, float) and best in trials.asked:
        best = f"trial {trials.asked.index(best) + 1}"
    elif isinstance(best, tuple | list):
        best = "a pair"
    elif best is not None:
        best = "a score" if repr(best) in map(repr, scores) else "something else"
    return f"{best} wins, {listed} listed, {len(trials.asked)} calls"


def distribution_of(student: Any) -> Features:
    """The distribution of learning rates on a log axis, and whether two of a search ever lie in the same half.

    Of independent log-uniform rates, 1/2 lies below the middle and 1/4 below the first quarter, with standard
    deviations of 0.020 and 0.018: the limits are five of these away. All 30 pairs are split with a probability of 1e-9.
    """
    draws = asked_for(student, LOW, HIGH, DRAWS, 4)
    pairs = [asked_for(student, LOW, HIGH, 2, seed) for seed in range(PAIRS)]
    return {
        "inside": all(LOW * (1 - 1e-6) <= lr <= HIGH * (1 + 1e-6) for lr in draws),
        "below the middle": fraction_below(draws, 0.5),
        "below the first quarter": fraction_below(draws, 0.25),
        "different each time": len(set(draws)) > DRAWS / 2,
        "two in one half": any(len({lr < math.sqrt(LOW * HIGH) for lr in pair}) == 1 for pair in pairs),
    }


def fraction_below(draws: list[float], place: float) -> str:
    """How many draws lie below a place on the log axis, compared with the expected share."""
    fraction = sum(lr < LOW * (HIGH / LOW) ** place for lr in draws) / max(len(draws), 1)
    if fraction in (0, 1):
        return "all" if fraction else "none"
    if not 0.08 <= fraction <= 0.92:
        return "nearly all" if fraction > 0.5 else "nearly none"
    return "right" if abs(fraction - place) < 0.11 else "too few" if fraction < place else "too many"


def is_accepted(student: Any, low: float, high: float, num_trials: int) -> bool:
    """Whether a search with these bounds raises nothing."""
    try:
        student.search_hyperparameters(Trials([0.0]), low, high, num_trials, torch.Generator())
    except StudentError:
        return False
    return True


PROBES = {"search_hyperparameters": behaviour_of_search_hyperparameters}
