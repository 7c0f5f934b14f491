"""Rules that find a mistake in the numbers alone, without a list of mistakes: a sign, a factor, a lost state.

A rule holds only if all known calls fit, so that its sentence is true of any code. The most specific rule comes first.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from grader.diagnosis.arithmetic import (
    constant_factor,
    off_by_one,
    opposite_sign,
    precision_of_float32,
    rounded_to_float32,
    sum_for_mean,
)
from grader.diagnosis.conditions import right_only_if
from grader.diagnosis.evidence import Case, Leaf, all_return, names, near, speaks_of_arrays, tensors, wrong_leaves
from grader.diagnosis.hints import ALTERED, hint_key
from grader.diagnosis.relations import (
    bounded,
    constant_offset,
    function_of_right,
    inner_result,
    not_finite,
    only_some_change_right,
    other_order,
    right_direction,
    right_until,
)
from grader.diagnosis.replay import close, same
from grader.grading.report import Diagnosis
from grader.toolkit.lazy_torch import torch

Rule = Callable[[Sequence[Case]], str | None]
# torch raises RuntimeError for this, and only its text tells the reason.
CUT_GRAPH = ("does not require grad", "does not have a grad_fn")


def structure_of(cases: Sequence[Case]) -> Diagnosis | None:
    """The first rule that all calls fit."""
    if not any(case.wrong or case.graph_differs for case in cases):  # a check compares more digits than cases do
        return _first({rule.__name__: rule for rule in (rounded_to_float32, precision_of_float32)}, cases)
    return _first(RULES, cases)


def place_of(cases: Sequence[Case]) -> Diagnosis | None:
    """Where the numbers of all calls that return go wrong. A program's result is often only a part of what a function did."""
    returning = [case for case in cases if not case.expected.raised]
    direct = [case for case in returning if not case.is_program] or returning
    return _first(PLACES, direct) if any(case.wrong for case in direct) else None


def _first(rules: Mapping[str, Rule], cases: Sequence[Case]) -> Diagnosis | None:
    for name, rule in rules.items():
        message = rule(cases)
        if message is not None:
            return Diagnosis(name, _in_numpy(name, message) if speaks_of_arrays(cases) else message)
    return None


def _in_numpy(name: str, message: str) -> str:
    """The same sentence about arrays."""
    if name in _OF_ARRAYS:
        return _OF_ARRAYS[name]
    return message.replace("a tensor", "an array").replace("tensor", "array")


_OF_ARRAYS = {
    rounded_to_float32.__name__: "The numbers come as float64, but only about seven digits are right: they are float32 numbers. "
    "Somewhere on the way you compute in float32, and converting back does not restore the lost digits. Look for `np.float32` "
    'and `dtype="float32"`.',
    precision_of_float32.__name__: "Your numbers are right to about seven digits, which is the precision of float32, and not to "
    'the sixteen of float64. Look for `np.float32` and `dtype="float32"`: such an array keeps seven digits.',
    "double_only": "Your function is right for float64, but wrong for float32. Look for code that depends on the dtype: an array "
    "made without `dtype=`, an `.astype(float)`, a condition. Make new arrays like the ones that you were given.",
}


def unsteady(has_generator: bool) -> Diagnosis:
    """The diagnosis of a function that returns different results for the same arguments."""
    if not has_generator:
        return Diagnosis(
            "unsteady",
            "Called twice with the same arguments, your function gives different results. Either it draws random numbers that "
            "the arguments do not fix, or it keeps state from one call to the next.",
        )
    return Diagnosis(
        "unsteady",
        "Called twice with a generator in the same state, your function gives different results. Either it draws from another "
        "source than `generator` (torch's global generator, numpy, `random`), or it keeps state from one call to the next.",
    )


_LOST = {
    "compared": "compares two values, and nothing uses the answer: `==` compares. To assign, write `=`.",
    "unused": (
        "computes a result, and nothing uses it. A tensor changes in place only if the name of the method ends in an underscore, "
        "such as `mul_`; else assign the result to a name."
    ),
    "rebound": (
        "gives the loop's variable a new value, and nothing reads it: the tensor in the list stays as it was. To change the "
        "tensor, write into it: `p.copy_(...)`, `p.sub_(...)`."
    ),
    "alias": (
        "gives the same object a second name, and copies nothing: what you change by one name has changed by the other, too. "
        "`.clone()` copies a tensor."
    ),
    "added": (
        "calls `backward()` in a loop. That adds to `.grad` in each round, and your function never sets `.grad` back, as "
        "`p.grad = None` does."
    ),
    "sign": "has `=+`, which assigns the value itself. To add it to what is there, write `+=`.",
}


def lost_result(lines: Sequence[tuple[int, str]]) -> Diagnosis | None:
    """The diagnosis of a function with a line that computes something and loses it, if nothing else explains its results."""
    for line, kind in lines:
        if kind in _LOST:
            return Diagnosis("lost_result", f"Line {line} {_LOST[kind]}")
    return None


# -- rules


def gradient_lost(cases: Sequence[Case]) -> str | None:
    """Autograd raises an error, or a result that should have a graph has none."""
    wrong = [case for case in cases if case.wrong]
    complains = bool(wrong) and all(any(text in case.got.message for text in CUT_GRAPH) for case in wrong)
    bare = bool(_bare(cases)) and all_return(cases)
    if not complains and not bare:
        return None
    if complains:
        return (
            "Autograd cannot compute this derivative. Either the input does not require grad (call `requires_grad_()` on it), or "
            "a line between the input and the result cuts the graph: `.item()`, `.detach()`, `.data`, numpy, "
            "`torch.tensor(...)` or `torch.no_grad()`."
        )
    return (
        "Autograd cannot follow your result back to its inputs. Either the input does not require grad, or a line between the "
        "input and the result cuts the graph: `.item()`, `.detach()`, `.data`, numpy, `torch.tensor(...)` or `torch.no_grad()`."
    )


def _bare(cases: Sequence[Case]) -> list[Leaf]:
    """Results that only lack their graph; empty if one is wrong in another way."""
    leaves = [leaf for case in cases for leaf in case.leaves]
    bare = [leaf for leaf in leaves if _requires_grad(leaf.expected) and not _requires_grad(leaf.got)]
    return bare if bare and all(leaf.right for leaf in leaves) else []


def _requires_grad(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.requires_grad


def input_modified(cases: Sequence[Case]) -> str | None:
    """Right in every call, except that an input was changed; a gradient of zero changes nothing."""
    extra = list(dict.fromkeys(name for case in cases for name in case.unasked))
    if not extra or not all_return(cases) or any(name in extra for case in cases for name in case.asked):
        return None
    if not any(case.asked or case.expected.value is not None for case in cases):
        return None
    if any(case.unasked and case.is_program for case in cases):  # which may itself write to its arguments
        return None
    if any(leaf.name not in extra for leaf in wrong_leaves(cases)):
        return None
    return (
        f"The numbers are right, but `{extra[0]}` has changed: your function changes it in place. It is only an "
        "input, which the caller still needs. Work on a copy, or write the expression so that it makes a new tensor."
    )


def returned_not_in_place(cases: Sequence[Case]) -> str | None:
    """Nothing changed in place, but the function returned the new values."""
    wrong = _unchanged(cases)
    if not wrong:
        return None
    for case in wrong:
        fresh = tensors(case.got.value)
        expected = list(case.expected.changes.values())
        if not fresh or not all(any(close(new, old) for new in fresh) for old in expected[:1]):
            return None
    return (
        "You compute the new values and return them, but the tensors that you were given still hold the old ones. In place "
        "means that the caller's own tensors change, and nothing is returned."
    )


def nothing_changed(cases: Sequence[Case]) -> str | None:
    """The arguments to change in place did not change."""
    wrong = _unchanged(cases)
    if not wrong:
        return None
    held = names([leaf for case in wrong for leaf in case.leaves if leaf.before is not None])
    return (
        f"After your function, {held or 'the tensors'} hold their old values. Either your function writes into new tensors, as "
        "`w = w - 1` does, or it does not reach the line that changes them. In place means: write into the caller's tensors."
    )


def _unchanged(cases: Sequence[Case]) -> list[Case]:
    """The wrong calls, if all should change an argument and none did."""
    wrong = [case for case in cases if case.wrong]
    fits = all(case.asked and not case.changed and not case.got.raised for case in wrong)
    return wrong if fits else []


def state_not_kept(cases: Sequence[Case]) -> str | None:
    """Some arguments change as they should, others never do: the state is not written back, or the weights are forgotten."""
    if not all_return(cases) or any(leaf.name == "result" for leaf in wrong_leaves(cases)):
        return None
    leaves = [leaf for case in cases for leaf in case.leaves if leaf.before is not None]
    wrong = {leaf.name for leaf in leaves if not leaf.right}
    right = {leaf.name for leaf in leaves} - wrong
    if not wrong or not right or any(not same(leaf.got, leaf.before) for leaf in leaves if leaf.name in wrong):
        return None
    held = " and ".join(f"`{name}`" for name in sorted(wrong))
    # A step of the weights needs the new state, so that this was computed; not so the other way round.
    if not wrong <= set(cases[0].roles.states):
        return (
            f"{held} hold their old values, though the rest is right. Either the line that changes them is missing, or it writes "
            "into a new tensor."
        )
    return (
        f"{held} never change, though the rest of the step is right: the new state is in tensors of your own. The next step "
        "starts from the tensors that you were given, so write the new values into them."
    )


def dtype_changed(cases: Sequence[Case]) -> str | None:
    """The right numbers in another dtype."""
    wrong = wrong_leaves(cases)
    for leaf in wrong:
        if leaf.arrays is None:
            return None
        got, expected = leaf.arrays
        if got.dtype == expected.dtype or got.dtype.kind == "c" or got.shape != expected.shape:
            return None
        if not near(got.astype(np.float64), expected.real.astype(np.float64), 1e-3):
            return None
    if not wrong or not all_return(cases):
        return None
    came, right = (str(value.dtype).removeprefix("torch.") for value in (wrong[0].got, wrong[0].expected))
    return f"The numbers are right, but they come as {came} instead of {right}. Look for what changes the dtype on the way."


def double_only(cases: Sequence[Case]) -> str | None:
    """Right for float64, and wrong for float32."""
    wrong = [case for case in cases if case.wrong]
    right = [case for case in cases if not case.wrong and not case.expected.raised]
    if not right or not all(_dtypes(case) == {np.dtype("float32")} for case in wrong):
        return None
    if not any(_dtypes(case) == {np.dtype("float64")} for case in right) or any(
        np.dtype("float32") in _dtypes(case) for case in right
    ):
        return None
    return (
        "Your function is right for float64, but wrong for float32. Look for code that depends on the dtype: a tensor made "
        "without `dtype=`, a `.double()`, a condition. Make new tensors like the ones that you were given."
    )


def _dtypes(case: Case) -> "set[np.dtype[Any]]":
    given = [item for value in case.arguments.values() for item in tensors(value)]
    return {array.dtype for array in given if array.dtype.kind == "f"}


def transposed(cases: Sequence[Case]) -> str | None:
    """Rows for columns."""
    wrong = wrong_leaves(cases)
    for leaf in wrong:
        if leaf.arrays is None or any(one.ndim != 2 for one in leaf.arrays):
            return None
        got, expected = leaf.arrays
        if not close(got.T, expected):
            return None
    if not wrong or not all_return(cases):
        return None
    return f"Rows and columns of {names(wrong)} are exchanged: it is right once transposed. Which axis is which?"


def shape_changed(cases: Sequence[Case]) -> str | None:
    """The right numbers in another shape."""
    wrong = wrong_leaves(cases)
    for leaf in wrong:
        if leaf.arrays is None:
            return None
        got, expected = leaf.arrays
        if got.shape == expected.shape or got.size != expected.size or not close(got.reshape(expected.shape), expected):
            return None
    if not wrong or not all_return(cases):
        return None
    shapes = [tuple(value.shape) for value in (wrong[0].got, wrong[0].expected)]
    return f"The numbers are right, but their shape is not: {shapes[0]} instead of {shapes[1]}."


def right_while_state_is_zero(cases: Sequence[Case]) -> str | None:
    """Right while some state is zero, and wrong as soon as it is not, unless the gradients are zero where it is not."""
    usable = [case for case in cases if not case.expected.raised]
    for name in usable[0].roles.states if usable else ():
        zero = [case for case in usable if _has_zero(case, name)]
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
    """Right at step 1, and wrong in most later calls. With a learning rate of zero, for example, no mistake can show."""
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


def _weighs(case: Case, name: str) -> bool:
    """Whether an entry of a state, and of the gradient where there is one, is not zero before a call."""
    state, grads = tensors(case.arguments.get(name)), tensors(case.arguments.get(case.roles.gradients))
    pairs = zip(state, grads if len(grads) == len(state) else state, strict=True)
    return any(one.shape == other.shape and bool((one * other).any()) for one, other in pairs)


RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        gradient_lost, returned_not_in_place, nothing_changed, state_not_kept, input_modified, dtype_changed,
        rounded_to_float32, precision_of_float32, double_only, transposed, shape_changed, opposite_sign, sum_for_mean,
        constant_factor, off_by_one,
        right_while_state_is_zero, right_for_the_first_step, inner_result, not_finite,
        bounded, function_of_right, constant_offset, other_order,
    )
}  # fmt: skip
# What these say helps less than an alteration's sentence: where the numbers go wrong, and not how.
PLACES: dict[str, Rule] = {
    rule.__name__: rule for rule in (right_direction, right_only_if, right_until, only_some_change_right)
}
SHOWN = frozenset({*RULES, *PLACES, "unsteady", ALTERED})  # diagnoses that need no list of mistakes


def needs_no_list(diagnosis: str) -> bool:
    """Whether a diagnosis is no mistake of the course's list."""
    return hint_key(diagnosis) in SHOWN
