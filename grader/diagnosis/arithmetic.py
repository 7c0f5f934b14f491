"""Wrong numbers that are related to the right ones: by a sign, a factor, a shift, rounding."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.diagnosis.evidence import Case, Leaf, all_return, names, near, tensors, wrong_leaves
from grader.diagnosis.replay import close
from grader.toolkit.generators import is_generator
from grader.toolkit.lazy_torch import as_array, torch
from grader.toolkit.text import number_text


def opposite_sign(cases: Sequence[Case]) -> str | None:
    """The right value with the wrong sign."""
    wrong = wrong_leaves(cases) if all_return(cases) else []
    steps = []
    for leaf in wrong:
        step = _step(leaf)
        if step is None or not near(step[0], -step[1]):
            return None
        steps.append(step)
    numbers = [leaf.expected for case in cases for leaf in case.leaves if leaf.right and type(leaf.expected) is float]
    if not _informative(steps) or any(numbers):  # a number that is right and not zero has the right sign
        return None
    if wrong[0].before is not None:
        return f"{_capital(names(wrong))} change by the right amount in the opposite direction. Look at the sign of your step."
    return f"{_capital(names(wrong))} has the right size and the opposite sign."


def rounded_to_float32(cases: Sequence[Case]) -> str | None:
    """The right numbers in float64, but with the digits of float32: at least three entries, each rounded by another amount."""
    leaves = [leaf for case in cases for leaf in case.leaves]
    if not all_return(cases) or not all(leaf.right or leaf.rounding is not None for leaf in leaves):
        return None
    steps = np.concatenate([np.empty(0), *(leaf.rounding for leaf in leaves if leaf.rounding is not None)])
    if len({*steps[abs(steps) > 1e-9].tolist()}) < 3:
        return None
    return (
        "The numbers come as float64, but only about seven digits are right: they are float32 numbers. Somewhere on the way "
        "you compute in float32, and converting back does not restore the lost digits. Look for `.float()`, and for tensors "
        "that are made without `dtype=`."
    )


def precision_of_float32(cases: Sequence[Case]) -> str | None:
    """As right as float32 is: at least four entries with errors of either sign and of its size."""
    leaves = [leaf for case in cases for leaf in case.leaves]
    if not all_return(cases) or not all(leaf.right or leaf.small_errors is not None for leaf in leaves):
        return None
    errors = np.concatenate([np.empty(0), *(leaf.small_errors for leaf in leaves if leaf.small_errors is not None)])
    errors = errors[abs(errors) > 1e-10]
    if len({*errors.tolist()}) < 4 or not 1e-8 < float(abs(errors).max()) < 5e-7 or not errors.min() < 0 < errors.max():
        return None
    return (
        "Your numbers are right to about seven digits, which is the precision of float32, and not to the sixteen of float64. "
        "Look for a tensor that is made without `dtype=`, and for `.float()`: what you compute with it keeps seven digits."
    )


def sum_for_mean(cases: Sequence[Case]) -> str | None:
    """Too large or too small by the number of examples, or by the length of vectors, which is not the same in all calls."""
    found = _factors(cases)
    if found is None or len(found) < 2:
        return None
    wrong = [case for case in cases if case.wrong]
    sizes = [_length(case) for case in wrong]
    if len(set(sizes)) < 2 or any(size is None or size < 2 for size in sizes):
        return None
    of_examples = not wrong[0].roles.examples.isdisjoint(wrong[0].arguments)
    n = "the number of examples" if of_examples else _length_of(wrong[0])
    if all(math.isclose(factor, size or 0, rel_tol=1e-6) for factor, size in zip(found, sizes, strict=True)):
        why = (
            "you sum where a mean is asked for."
            if of_examples
            else "look for a sum or a factor that should not be there."
        )
        return f"Your result is n times too large, where n is {n}: {why}"
    if all(math.isclose(factor * (size or 0), 1, rel_tol=1e-6) for factor, size in zip(found, sizes, strict=True)):
        return f"Your result is n times too small, where n is {n}: it is divided by n once too often."
    return None


def _length(case: Case) -> int | None:
    """The common first dimension of a call's tensors."""
    sizes = {len(tensor) for value in case.arguments.values() for tensor in tensors(value) if tensor.ndim}
    return sizes.pop() if len(sizes) == 1 else None


def _length_of(case: Case) -> str:
    """How the first dimension of a call's tensors is written."""
    name, value = next((name, value) for name, value in case.arguments.items() if tensors(value))
    return f"`len({name})`" if isinstance(value, torch.Tensor | np.ndarray) else f"`len({name}[0])`"


def constant_factor(cases: Sequence[Case]) -> str | None:
    """The same multiple of the expected value in every call. Random answers are skipped: too few of their calls can show it."""
    if any(is_generator(value) for case in cases for value in case.arguments.values()):
        return None
    found = _factors(cases)
    kinds = {leaf.name for leaf in wrong_leaves(cases)}
    if (
        found is None
        or len(found) < 3
        or len(kinds) != 1
        or not all(math.isclose(f, found[0], rel_tol=1e-6) for f in found)
    ):
        return None
    name = kinds.pop()
    if any(leaf.right and leaf.name == name and _moves(leaf) for case in cases for leaf in case.leaves):
        return None
    mantissa, *exponent = number_text(found[0], 4).split("e")
    factor = "e".join([mantissa.rstrip("0").rstrip("."), *exponent])
    what = "Your result is" if name == "result" else f"`{name}` change by"
    known = next((words for number, words in _KNOWN_FACTORS if math.isclose(found[0], number, rel_tol=1e-6)), "")
    where = known or "Look for a factor that is missing or one too many."
    return f"{what} {factor} times the right value, in every example. {where}"


_KNOWN_FACTORS = tuple(
    (factor, f"That is {text}, the factor from {one} to {other}: check the base of each logarithm.")
    for base in (2, 10)
    for factor, text, one, other in (
        (1 / math.log(base), f"1 / log({base})", "the natural logarithm", f"the logarithm to base {base}"),
        (math.log(base), f"log({base})", f"the logarithm to base {base}", "the natural logarithm"),
    )
)


def _moves(leaf: Leaf) -> bool:
    step = _step(leaf)
    return step is not None and bool((step[1] != 0).any())


def _factors(cases: Sequence[Case]) -> list[float] | None:
    """For every wrong call the factor from expected to got; None if there is no common one."""
    found = []
    wrong = [case for case in cases if case.wrong]
    if not all_return(cases):
        return None
    for case in wrong:
        steps = [_step(leaf) for leaf in case.leaves if not leaf.right]
        if not steps or any(step is None for step in steps):
            return None
        got, expected = (np.concatenate([step[side].reshape(-1) for step in steps if step]) for side in (0, 1))
        if not bool((expected != 0).any()):
            return None
        with np.errstate(all="ignore"):
            factor = float(got @ expected / (expected @ expected))
        if factor in (0.0, 1.0) or not math.isfinite(factor) or not near(got, factor * expected):
            return None
        found.append(factor)
    return found


def off_by_one(cases: Sequence[Case]) -> str | None:
    """A sequence that is right, but begins or ends one entry too early or too late."""
    wrong = wrong_leaves(cases) if all_return(cases) else []
    shifts = set(_SHIFTS)
    for leaf in wrong:
        shifts &= _shifts(leaf)
        if not shifts:
            return None
    if len(shifts) != 1:
        return None
    shift = shifts.pop()
    enough = 4 if shift in ("twice", "late", "early") else 3  # of three entries, two that agree may do so by chance
    if sum(min(len(leaf.got), len(leaf.expected)) >= enough for leaf in wrong) < 2:
        return None
    why = _OF_PATHS.get(shift) if all(case.is_path for case in cases if case.wrong) else None
    return f"{_SHIFTS[shift]} {why}" if why else _SHIFTS[shift]


_SHIFTS = {
    "no first": "The first entry is missing from your result: all others are right.",
    "no last": "The last entry is missing from your result: all others are right.",
    "one more": "Your result has one entry too many at its end: all others are right.",
    "twice": "Your result begins with its first entry twice. The others follow one place late, and the last is missing.",
    "late": "Your result begins with an entry too many. The right ones follow one place late, and the last is missing.",
    "early": "The first entry is missing from your result. The others come one place early, and another one follows them.",
}

_OF_PATHS = {
    "no first": "The right one begins with the start, before the first step.",
    "no last": "Count the entries: one more than steps.",
    "one more": "Count the steps that you take.",
    "twice": "Do you store each point before its step, or does the first step change nothing?",
}


def _shifts(leaf: Leaf) -> set[str]:
    """The names of all shifts that turn the right sequence into this one; several may fit a short sequence."""
    if leaf.arrays is None or min(one.ndim for one in leaf.arrays) < 1:
        return set()
    got, expected = leaf.arrays
    late = "twice" if len(got) and len(expected) and close(got[:1], expected[:1]) else "late"
    compared = {
        "no first": (got, expected[1:]),
        "no last": (got, expected[:-1]),
        "one more": (got[:-1], expected),
        late: (got[1:], expected[:-1]),
        "early": (got[:-1], expected[1:]),
    }
    return {name for name, (one, other) in compared.items() if close(one, other)}


def _step(leaf: Leaf) -> tuple[np.ndarray, np.ndarray] | None:
    """The got and the expected value, as changes if the call works in place; None if they cannot be compared."""
    got, expected = _numbers(leaf.got), _numbers(leaf.expected)
    if got is None or expected is None or got.shape != expected.shape or not np.isfinite(got).all():
        return None
    if getattr(leaf.got, "dtype", None) != getattr(leaf.expected, "dtype", None):
        return None
    before = _numbers(leaf.before) if leaf.before is not None else None
    return (got, expected) if before is None else (got - before, expected - before)


def _numbers(value: Any) -> np.ndarray | None:
    """A float, or a tensor or array of floating-point numbers, as float64."""
    if isinstance(value, float):
        return np.array([value])
    if isinstance(value, torch.Tensor | np.ndarray) and (array := as_array(value)).dtype.kind == "f":
        return array.astype(np.float64)
    return None


def _informative(steps: Sequence[tuple[np.ndarray, np.ndarray] | None]) -> bool:
    """Whether there are enough numbers, not all of them zero, for a pattern to be no accident."""
    return sum(int((step[1] != 0).sum()) for step in steps if step is not None) >= 3


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
