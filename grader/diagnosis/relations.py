"""Wrong numbers that are related to the right ones: by a power, an offset, a direction, an order."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.diagnosis.evidence import Case, Leaf, all_return, apart, near, rounding, tells_enough, wrong_leaves
from grader.toolkit.generators import is_generator
from grader.toolkit.lazy_torch import as_array, torch

_FUNCTIONS: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "square_root": ("the square root of the right value", np.sqrt),
    "square": ("the square of the right value", np.square),
    "inverse": ("1 divided by the right value", np.reciprocal),
    "logarithm": ("the natural logarithm of the right value", np.log),
    "exponential": ("e to the power of the right value", np.exp),
    "complement": ("1 minus the right value", lambda x: 1 - x),
    "absolute_value": ("the absolute value of the right one", np.abs),
    "positive_part": ("the right value where it is positive, and 0 elsewhere", lambda x: np.maximum(x, 0)),
    "sign": ("only the sign of the right value", np.sign),
    "rounded": ("the right value, rounded to a whole number", np.round),
    "rounded_down": ("the right value, rounded down to a whole number", np.floor),
    "truncated": ("the right value without the digits after its decimal point", np.trunc),
}


def function_of_right(cases: Sequence[Case]) -> str | None:
    """The same simple function of the expected value in every entry of every result."""
    pairs = _pairs(cases)
    if pairs is None:
        return None
    for told, function in _FUNCTIONS.values():
        with np.errstate(all="ignore"):
            wanted = [(got, function(expected)) for got, expected in pairs]
        if all(bool(np.isfinite(new).all()) and near(got, new, 1e-7) for got, new in wanted):
            return f"Your result is {told}, in every example. Compare the last operation of your function with the formula."
    return None


def rounded_to_digits(cases: Sequence[Case]) -> str | None:
    """The expected value, rounded to a few decimal places. One such number tells much: examples may have few different values."""
    pairs = _all_pairs(cases)
    if pairs is None or sum(case.wrong for case in cases) < 3:
        return None
    for digits in (2, 3, 4):
        fits = all(near(got, np.round(expected, digits), 1e-7) for got, expected in pairs)
        if fits and any(np.mod(got, 1).any() for got, _ in pairs):
            return f"Your result is rounded to {digits} decimal places. Return all digits: only `print` should round."
    return None


def _pairs(cases: Sequence[Case]) -> list[tuple[np.ndarray, np.ndarray]] | None:
    """As `_all_pairs`, if they tell enough."""
    return _all_pairs(cases) if tells_enough(cases) else None


def _all_pairs(cases: Sequence[Case]) -> list[tuple[np.ndarray, np.ndarray]] | None:
    """The received and the expected values of all results; None if they cannot be compared.

    A program may return several: those that are right in every call are left out.
    """
    places = {place for case in cases for place, leaf in enumerate(case.leaves) if not leaf.right}
    leaves = [leaf for case in cases for place, leaf in enumerate(case.leaves) if place in places]
    if not all_return(cases) or not leaves or any(leaf.before is not None or not _comparable(leaf) for leaf in leaves):
        return None
    return [(_double(leaf.got), _double(leaf.expected)) for leaf in leaves]


def _comparable(leaf: Leaf) -> bool:
    """Whether both sides are floats, or tensors or arrays of one shape and dtype, with finite numbers."""
    values = (leaf.got, leaf.expected)
    if not all(type(value) is float for value in values) and not _are_arrays(leaf):
        return False
    got, expected = map(_double, values)
    return got.shape == expected.shape and bool(np.isfinite(got).all() and np.isfinite(expected).all())


def _are_arrays(leaf: Leaf) -> bool:
    return leaf.arrays is not None and _is_array(leaf.arrays[0]) and leaf.arrays[0].dtype == leaf.arrays[1].dtype


def _is_array(value: Any) -> bool:
    return isinstance(value, torch.Tensor | np.ndarray) and as_array(value).dtype.kind == "f"


def _double(value: Any) -> np.ndarray:
    array = np.asarray(value if isinstance(value, float) else as_array(value))
    return array.astype(np.float64)


def bounded(cases: Sequence[Case]) -> str | None:
    """The expected value, but never above, or never below, one number."""
    pairs = _all_pairs(cases)
    if pairs is None:
        return None
    got, expected = (np.concatenate([pair[side].ravel() for pair in pairs]) for side in (0, 1))
    differs = np.concatenate([apart(*pair).ravel() for pair in pairs])
    limits = got[differs]
    if min(int(differs.sum()), int((~differs).sum()), len({*expected[differs].tolist()})) < 3:
        return None
    if not near(limits, np.full_like(limits, limits[0]), 1e-7):  # the same number as float32 and as float64
        return None
    limit = float(limits[0])
    for what, beyond in (("above", expected > limit), ("below", expected < limit)):
        if np.array_equal(beyond, differs):
            return f"Your numbers are right, except that none is {what} {limit:.4g}. The formula has no limit there."
    return None


def not_finite(cases: Sequence[Case]) -> str | None:
    """Right, but for examples in which a result is infinite or NaN and should not be."""
    leaves = wrong_leaves(cases)
    if (
        not all_return(cases)
        or len(leaves) < 2
        or sum(not case.wrong and not case.expected.raised for case in cases) < 3
    ):
        return None
    for leaf in leaves:
        if not all(isinstance(value, float | torch.Tensor | np.ndarray) for value in (leaf.got, leaf.expected)):
            return None
        got, expected = _double(leaf.got), _double(leaf.expected)
        if got.shape != expected.shape or not np.isfinite(expected).all() or np.isfinite(got).all():
            return None
    return (
        "Each wrong result of yours is infinite or NaN, and all others are right. Somewhere a number becomes too large, as "
        "`exp` of 1000 does, or you divide by 0, or take the logarithm of 0. Follow the smallest example that goes wrong."
    )


def constant_offset(cases: Sequence[Case]) -> str | None:
    """The expected value and a number: the same in each example, in each result or in each row of it."""
    pairs = _pairs(cases)
    if pairs is None:
        return None
    offsets = [got - expected for got, expected in pairs]
    first = float(offsets[0].ravel()[0]) if offsets[0].size else 0.0
    slack = [
        1e-6 * abs(first) + rounding(got, expected) for got, expected in pairs
    ]  # of each entry, not of the largest
    exact = sum(int((one < 1e-3 * abs(first)).sum()) for one in slack)
    varied = len({expected.tobytes() for _, expected in pairs}) > 1  # else a result that never changes fits, too
    fits = all((abs(one - first) <= least).all() for one, least in zip(offsets, slack, strict=True))
    if first and varied and exact >= 3 and fits:
        return (
            f"Your result is the right one {'plus' if first > 0 else 'minus'} {abs(first):.4g}, in every example. Look for a "
            "term or a number that does not belong there, or for one that is missing."
        )
    for dim, what in ((None, "result"), (-1, "row of the result")):
        compared = [
            one for one in offsets if dim is None or one.shape[-1:] > (1,)
        ]  # a single number has no differences
        if compared and all(
            _is_constant(one, expected, dim) for one, (_, expected) in zip(offsets, pairs, strict=True)
        ):
            return (
                f"In each {what}, all your numbers differ from the right ones by the same amount: their differences are right. "
                "Look at the part of the formula that is equal for all of them."
            )
    return None


def _is_constant(offset: np.ndarray, expected: np.ndarray, axis: int | None) -> bool:
    if offset.ndim == 0 or (axis is not None and offset.ndim < 2) or offset.size < 2:
        return False
    spread = offset.max(axis) - offset.min(axis)
    return bool((spread <= 1e-7 * float(abs(expected).max() + abs(offset).max())).all())


def right_direction(cases: Sequence[Case]) -> str | None:
    """A multiple of what is expected, by another factor in each example."""
    wrong = [case for case in cases if case.wrong]
    if len(wrong) < 3 or not all_return(cases) or not tells_enough(cases):
        return None
    factors, kinds, has_vectors = [], set(), False
    for case in wrong:
        steps = [_step(leaf) for leaf in case.leaves if not leaf.right]
        if not steps or any(step is None for step in steps):
            return None
        kinds |= {leaf.name for leaf in case.leaves if not leaf.right}
        has_vectors |= any(step[1].ndim for step in steps if step)
        got, expected = (np.concatenate([step[side].ravel() for step in steps if step]) for side in (0, 1))
        if not bool(expected.any()) or not bool(got.any()):
            return None
        factor = float(got @ expected / (expected @ expected))
        if not near(got, factor * expected):
            return None
        if int((expected != 0).sum()) >= 2:
            factors.append(factor)
    if len({f"{factor:.6g}" for factor in factors}) < 3 or len(kinds) != 1:
        return None
    name = kinds.pop()
    what = "Your result" if name == "result" else f"The change of `{name}`"
    if has_vectors and all(factor > 0 for factor in factors):
        how = "has the right direction in every example, but another length"
    elif has_vectors and all(factor < 0 for factor in factors):
        how = "has the opposite of the right direction in every example, and another length"
    else:
        how = "is a multiple of the right one in every example"
    return (
        f"{what} {how}: the factor differs from example to example. Look for a factor or a division that does not belong there, "
        "or that is missing."
    )


def _step(leaf: Leaf) -> tuple[np.ndarray, np.ndarray] | None:
    if not _comparable(leaf):
        return None
    before = 0.0 if leaf.before is None else _double(leaf.before)
    return _double(leaf.got) - before, _double(leaf.expected) - before


def other_order(cases: Sequence[Case]) -> str | None:
    """The right values in another order: exchanged, reversed or mixed. Of random answers, the order tells nothing."""
    drawn = any(is_generator(value) for case in cases for value in case.arguments.values())
    if drawn or not all_return(cases) or not tells_enough(cases):
        return None
    wrong = [case for case in cases if case.wrong]
    swapped = [_is_swapped(case) for case in wrong]
    if all(swapped):
        return "You return the right values in the other order. Which one comes first?"
    leaves = wrong_leaves(cases)
    if any(leaf.before is not None or not _comparable(leaf) for leaf in leaves) or not leaves:
        return None
    pairs = [(_double(leaf.got), _double(leaf.expected)) for leaf in leaves]
    if (
        any(got.ndim == 0 for got, _ in pairs)
        or sum(len({*expected.ravel().tolist()}) > 2 for _, expected in pairs) < 3
    ):
        return None
    if all(near(got, expected[::-1], 1e-7) for got, expected in pairs):
        return "Your result holds the right values from last to first. In which order should they come?"
    if all(got.ndim > 1 and near(got, expected[..., ::-1], 1e-7) for got, expected in pairs):
        return "Each row of your result holds the right values from last to first. In which order should they come?"
    if all(near(np.sort(got, None), np.sort(expected, None), 1e-7) for got, expected in pairs):
        return (
            "Your result holds the right values, but not at their places. Look for a wrong index, `reshape` or order."
        )
    return None


def _is_swapped(case: Case) -> bool:
    got, expected = case.got.value, case.expected.value
    if not (type(got) is type(expected) is tuple and len(got) == len(expected) == 2):
        return False
    return all(
        Leaf("result", None, one, other, case.exchange.single).right
        for one, other in zip(got, expected[::-1], strict=True)
    )


def inner_result(cases: Sequence[Case]) -> str | None:
    """The right result in a list or tuple of its own, or one of another kind with the right number."""
    wrong = [case for case in cases if case.wrong and not case.is_program]
    if not all_return(wrong) or len(wrong) < 3:
        return None
    wrapped = [
        isinstance(case.got.value, list | tuple) and len(case.got.value) == 1
        and Leaf("result", None, case.got.value[0], case.expected.value, case.exchange.single).right
        for case in wrong
    ]  # fmt: skip
    if all(wrapped):
        kind = type(wrong[0].got.value).__name__
        return f"The right result lies in a {kind} of length 1. Return its one entry."
    return None


def right_until(cases: Sequence[Case]) -> str | None:
    """Sequences that begin right, and go wrong at the same entry in every example."""
    leaves = wrong_leaves(cases)
    if (
        len(leaves) < 3
        or not all_return(cases)
        or any(leaf.before is not None or not _comparable(leaf) for leaf in leaves)
    ):
        return None
    if not all(case.is_path for case in cases if case.wrong) or not tells_enough(cases):
        return None
    if not all(case.wrong for case in cases if _takes_two_steps(case)):
        return None
    firsts = set()
    for leaf in leaves:
        got, expected = _double(leaf.got), _double(leaf.expected)
        firsts.add(next((k for k, pair in enumerate(zip(got, expected, strict=True)) if not near(*pair, 1e-7)), -1))
    if firsts != {2}:
        return None
    return (
        "The start and the first step are right in every example, and the second step is always wrong. Look at what the second "
        "step uses of the first: a state, a point, a number of the step."
    )


def _takes_two_steps(case: Case) -> bool:
    value = case.expected.value
    return case.is_path and len(value) > 2 and not np.array_equal(_double(value[1]), _double(value[2]))
