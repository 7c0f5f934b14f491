"""When a wrong function is right, in all examples: for some arguments, for the first step, or while its state is zero."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from grader.diagnosis.evidence import Case, tells_enough, tensors
from grader.toolkit.lazy_torch import torch

_FEW = 3  # examples of each kind
# Other properties only keep these silent: small examples are often alike by chance, such as without negative entries.
_TOLD = re.compile(r"is (0|1|None|`len\(.*\)`)$|has one (row|entry)$| equals ")
_TESTS: tuple[tuple[str, Callable[[np.ndarray], bool]], ...] = (
    ("has one row", lambda t: t.ndim > 0 and len(t) == 1),
    ("has one column", lambda t: t.ndim > 1 and t.shape[1] == 1),
    ("has one dimension", lambda t: t.ndim == 1),
    ("has no negative entry", lambda t: bool((t >= 0).all())),
    ("has only finite entries", lambda t: bool(np.isfinite(t).all())),
    ("is diagonal", lambda t: t.ndim == 2 and t.shape[0] == t.shape[1] and np.array_equal(t, np.diag(np.diag(t)))),
)


def right_only_if(cases: Sequence[Case]) -> str | None:
    """Right in all examples with one property of the arguments, and wrong in all others.

    Silent if two properties fit, and where right answers are nothing but zeros.
    """
    usable = [case for case in cases if not case.expected.raised]
    if min(sum(case.wrong for case in usable), sum(not case.wrong for case in usable)) < _FEW:
        return None
    if not tells_enough(usable) or any(case.is_program for case in usable):
        return None
    told = [set(_properties(case)) for case in usable]
    found = []
    for name in sorted(set().union(*told)):
        if all((name in these) == (not case.wrong) for case, these in zip(usable, told, strict=True)):
            found.append(name)
    if len(found) != 1 or not _TOLD.search(found[0]) or not any(_moves(case) for case in usable if not case.wrong):
        return None
    right = sum(not case.wrong for case in usable)
    return (
        f"Your function is right in all {right} examples in which {found[0]}, and wrong in all {len(usable) - right} others. "
        "What is simpler in these examples than in the others?"
    )


def _moves(case: Case) -> bool:
    """Whether a right answer is more than zeros, or than the arguments as they were."""
    return any(leaf.before is None or not np.array_equal(leaf.before, leaf.expected) for leaf in case.leaves)


def _properties(case: Case) -> Iterator[str]:
    """Sentences that are true of the arguments of a call."""
    numbers = {name: value for name, value in case.arguments.items() if type(value) in (int, float)}
    for name, value in numbers.items():
        if name != case.roles.steps or value:  # without steps, no mistake shows
            yield from (f"`{name}` is {number}" for number in (0, 1) if value == number)
        if math.isnan(value):
            yield f"`{name}` is NaN"
    for name, value in case.arguments.items():
        if value is None:
            yield f"`{name}` is None"
        yield from _of_tensors(name, value)
    for one, value in numbers.items():
        for other, second in numbers.items():
            if one < other and value == second:
                yield f"`{one}` equals `{other}`"
        for name, held in case.arguments.items():
            if isinstance(held, torch.Tensor | np.ndarray) and held.ndim and type(value) is int and value > 1:
                if value == len(held):
                    yield f"`{one}` is `len({name})`"
                if len(held) % value == 0:
                    yield f"`{one}` divides `len({name})`"


def _of_tensors(name: str, value: Any) -> Iterator[str]:
    held = [tensor for tensor in tensors(value) if tensor.dtype.kind in "fiu"]
    if not held:
        return
    if isinstance(value, list | tuple) and len(value) == 1:
        yield f"`{name}` has one entry"
    of = f"`{name}`" if not isinstance(value, list | tuple) else f"each tensor of `{name}`"
    for told, test in _TESTS:
        if all(test(tensor) for tensor in held):
            yield f"{of} {told}"


def right_while_state_is_zero(cases: Sequence[Case]) -> str | None:
    """Right while some state is zero, and wrong as soon as it is not, unless the gradients are zero where it is not."""
    usable = [case for case in cases if not case.expected.raised]
    for name in usable[0].roles.states if usable else ():
        zero = [case for case in usable if _has_zero(case, name) and not _has_zero_number(case)]
        other = [case for case in usable if _weighs(case, name)]
        if len(zero) + len(other) < len(usable) / 2 or not _splits(zero, other):
            continue
        if all(case.step == 1 for case in zero) and all(case.step != 1 for case in other):
            continue  # the number of the step explains this just as well
        return (
            f"Your step is right while `{name}` are zero, and wrong when they are not. Compare with the formula: how does the "
            f"step use the old values of `{name}`?"
        )
    return None


def right_for_the_first_step(cases: Sequence[Case]) -> str | None:
    """Right at step 1, and wrong in most later calls. A mistake may stay hidden in some later calls, such as one with a
    learning rate of zero."""
    usable = [case for case in cases if not case.expected.raised]
    steps = [case.step for case in usable]
    if 1 not in steps or not all(type(step) is int for step in steps):
        return None
    first = [case for case in usable if case.step <= 1]
    later = [case for case in usable if case.step > 1]
    wrong = [case for case in later if case.wrong]
    if 2 * len(wrong) <= len(later) or not _splits(first, wrong):
        return None
    states = [name for name in usable[0].roles.states if name in usable[0].arguments]
    if states and all(_has_zero(case, name) for case in first for name in states):
        return None  # the state explains this just as well
    name = usable[0].roles.step
    return f"Your function is right for `{name}` = 1 and goes wrong later. Where does the number of the step enter?"


def _splits(right: Sequence[Case], wrong: Sequence[Case]) -> bool:
    """Whether all calls of one kind are right and all of the other wrong, with at least two of each."""
    return (
        min(len(right), len(wrong)) >= 2 and not any(case.wrong for case in right) and all(case.wrong for case in wrong)
    )


def _has_zero(case: Case, name: str) -> bool:
    """Whether a state is zero before a call."""
    state = tensors(case.arguments.get(name))
    return bool(state) and not any(bool(tensor.any()) for tensor in state)


def _has_zero_number(case: Case) -> bool:
    """Whether a rate or another number is 0, which may hide a mistake: then the call does not show what is right."""
    return any(type(value) in (int, float) and value == 0 for value in case.arguments.values())


def _weighs(case: Case, name: str) -> bool:
    """Whether an entry of a state, and of the gradient where there is one, is not zero before a call."""
    state, grads = tensors(case.arguments.get(name)), tensors(case.arguments.get(case.roles.gradients))
    pairs = zip(state, grads if len(grads) == len(state) else state, strict=True)
    return any(one.shape == other.shape and bool((one * other).any()) for one, other in pairs)
