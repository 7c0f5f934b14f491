"""Are outcomes equally likely? Tests that a right sampler fails with a probability of at most 1e-10, by Chernoff's bound."""

import math
from collections import Counter
from collections.abc import Hashable, Iterable

from grader.toolkit.closeness import expect
from grader.toolkit.verdicts import Row

FALSE_FAIL = 1e-10


def expect_equally_likely(what: str, outcomes: Iterable[Hashable], possible: Iterable[Hashable]) -> None:
    """Raise WrongAnswerError unless independent `outcomes` look uniform on `possible`.

    A count X of N draws that each hit with probability p has P(X/N >= q) <= exp(-N KL(q || p)) for q > p, and the same with
    <= for q < p, where KL is the divergence between coins of these biases. The bound is on every outcome, on both sides, and
    their union is `FALSE_FAIL`.
    """
    possible = list(possible)
    counts = Counter(outcomes)
    draws = counts.total()
    strange = next((outcome for outcome in counts if outcome not in set(possible)), None)
    expect(strange is None, f"The {what} {strange} came, which should not be possible.")
    p = 1 / len(possible)
    allowed = math.log(2 * len(possible) / FALSE_FAIL) / draws
    for outcome in possible:
        share = counts[outcome] / draws
        likely = f"about {p * draws:.0f} of {draws} times"
        row = Row(f"{what} {outcome}", likely, f"{counts[outcome]} of {draws} times", True)
        expect(_divergence(share, p) <= allowed, f"Not every {what} is equally likely.", (row,))


def _divergence(q: float, p: float) -> float:
    """Kullback-Leibler divergence between coins that show heads with probability q and p."""
    return sum(a * math.log(a / b) for a, b in ((q, p), (1 - q, 1 - p)) if a > 0)
