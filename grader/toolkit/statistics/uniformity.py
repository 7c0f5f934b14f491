"""Are outcomes as likely as they should be? A right sampler fails with a probability of at most 1e-10, by Chernoff's bound."""

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping

from grader.toolkit.closeness import expect
from grader.toolkit.lazy_torch import torch
from grader.toolkit.verdicts import Row

FALSE_FAIL = 1e-10


def expect_equally_likely(what: str, outcomes: Iterable[Hashable], possible: Iterable[Hashable]) -> None:
    """Raise WrongAnswerError unless independent `outcomes` look uniform on `possible`. `what` names one of them: "resample"."""
    possible = list(possible)
    expect_chances(what, outcomes, dict.fromkeys(possible, 1 / len(possible)), f"Not every {what} is equally likely.")


def expect_chances(
    what: str, outcomes: Iterable[Hashable], chances: Mapping[Hashable, float], message: str = ""
) -> None:
    """Raise WrongAnswerError unless independent `outcomes` come with the probabilities that `chances` gives them.

    A count X of N draws that each hit with probability p has P(X/N >= q) <= exp(-N KL(q || p)) for q > p, and the same with
    <= for q < p, where KL is the divergence between coins of these biases. The bound is on every outcome, on both sides, and
    their union is `FALSE_FAIL`.
    """
    counts = Counter(outcomes)
    draws = counts.total()
    strange = next((outcome for outcome in counts if outcome not in chances), None)
    expect(strange is None, f"The {what} {strange} came, which should not be possible.")
    allowed = math.log(2 * len(chances) / FALSE_FAIL) / draws
    for outcome, p in chances.items():
        likely = f"about {p * draws:.0f} of {draws} times"
        row = Row(f"{what} {outcome}", likely, f"{counts[outcome]} of {draws} times", True)
        right = _divergence(counts[outcome] / draws, p) <= allowed
        expect(right, message or f"The {what} {outcome} comes too often or too seldom.", (row,))


def expect_fair_shares(batches: Mapping[str, torch.Tensor], n: int, parts: int) -> None:
    """Raise WrongAnswerError unless each of the batches, by name, takes equally much from all parts of the data.

    `batches[name]` (N, B) has N independent draws of B of the row numbers 0 to n - 1 without replacement. The rows are cut into
    `parts` equal parts, and a right draw takes a share of 1 / parts from each. How many rows it takes is hypergeometric. The
    generating function of that is at most the binomial's (Hoeffding 1963, theorem 4), so Chernoff's bound holds as if
    the N * B rows were drawn independently. A slight slope of the chances over the data adds up over the rows of a part, so
    this sees it in far fewer draws than the counts of single outcomes would. All shares together have `FALSE_FAIL`.
    """
    for name, rows in batches.items():
        # Before anything is counted: a row number may be as large as it likes.
        inside = bool(((rows >= 0) & (rows < n)).all())
        expect(inside, f"An example in {name} is none of the {n}.")
        counts = (rows * parts // n).flatten().bincount(minlength=parts).tolist()
        allowed = math.log(2 * parts * len(batches) / FALSE_FAIL) / rows.numel()
        for part, count in enumerate(counts):
            share = count / rows.numel()
            label = f"share of examples {part * n // parts} to {(part + 1) * n // parts - 1} in {name}"
            row = Row(label, f"about {1 / parts:.1%}", f"{share:.1%} in {len(rows)} draws", True)
            expect(
                _divergence(share, 1 / parts) <= allowed, "Not every example is equally likely to come there.", (row,)
            )


def _divergence(q: float, p: float) -> float:
    """Kullback-Leibler divergence between coins that show heads with probability q and p."""
    return sum(a * math.log(a / b) for a, b in ((q, p), (1 - q, 1 - p)) if a > 0)
