"""Rules that find a mistake in the numbers alone, without a list of mistakes: a sign, a factor, a lost state.

A rule holds only if all known calls fit, so that its sentence is true of any code. The most specific rule comes first.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grader.diagnosis.arithmetic import (
    constant_factor,
    off_by_one,
    opposite_sign,
    precision_of_float32,
    rounded_to_float32,
    sum_for_mean,
)
from grader.diagnosis.conditions import right_for_the_first_step, right_only_if, right_while_state_is_zero
from grader.diagnosis.evidence import Case, Leaf, all_return, speaks_of_arrays
from grader.diagnosis.forms import double_only, dtype_changed, ends_early, shape_changed, transposed, wrong_at_one_end
from grader.diagnosis.hints import ALTERED, PROBED, hint_key
from grader.diagnosis.in_place import (
    input_changed,
    input_modified,
    left_on_input,
    nothing_changed,
    only_some_change_right,
    returned_not_in_place,
    state_not_kept,
)
from grader.diagnosis.relations import (
    bounded,
    constant_offset,
    function_of_right,
    inner_result,
    not_finite,
    other_order,
    right_direction,
    right_until,
    rounded_to_digits,
)
from grader.grading.report import Diagnosis
from grader.sandbox.analysis.idle_lines import UNCALLED
from grader.toolkit.lazy_torch import torch

Rule = Callable[[Sequence[Case]], str | None]
_FEWEST = 3  # wrong answers to direct calls that tell by themselves: with a rate or a state of 0, many functions agree
# torch raises RuntimeError for this, and only its text tells the reason.
CUT_GRAPH = ("does not require grad", "does not have a grad_fn")


def structure_of(cases: Sequence[Case]) -> Diagnosis | None:
    """The first rule that all calls fit, or all direct ones: a program may make something else of the results, as a gradient."""
    if not any(case.wrong or case.graph_differs for case in cases):  # a check compares more digits than cases do
        return _first({rule.__name__: rule for rule in (rounded_to_float32, precision_of_float32)}, cases)
    direct = [case for case in cases if not case.is_program]
    tell = sum(case.wrong for case in direct) >= _FEWEST and len(direct) < len(cases)
    return _first(RULES, cases) or (_first(RULES, direct) if tell else None)


def place_of(cases: Sequence[Case]) -> Diagnosis | None:
    """Where the numbers of all calls that return go wrong. A program's result is often only a part of what a function did."""
    returning = [case for case in cases if not case.expected.raised]
    direct = [case for case in returning if not case.is_program] or returning
    return _first(PLACES, direct) if any(case.wrong for case in direct) else None


def changed_input_of(cases: Sequence[Case]) -> Diagnosis | None:
    """The diagnosis of a function that returns wrong numbers and changes an input in place."""
    return _first({rule.__name__: rule for rule in (input_modified, input_changed)}, cases)


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
    UNCALLED: (
        "has no effect: it names an attribute and does nothing with it. To call a method, write parentheses `()` behind its name."
    ),
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
    "default": "has a list or dict as a default, and your function adds to it. Python makes it once: a call finds in it what "
    "earlier calls added. Make a new one inside the function.",
    "copy": (
        "returns the `.grad` of a tensor of which you made a copy. If you differentiate the copy, `backward()` writes "
        "the gradient into the `.grad` of the copy."
    ),
    "unread": "gives a result a name, and nothing reads that name. Which line should use it?",
    "round": "returns in the first round of its loop. To go on to the next round, put the `return` below the loop.",
    "inside": "defines it inside another function or class. Move it to the left margin, with its body.",
    "kept": "keeps a tensor, and later rounds of the loop write into the same tensor: what was kept changes, too. Keep a copy, "
    "by `.clone()`.",
    "nested": "goes through the whole second list for each entry of the first. To take them in pairs, write one loop: "
    "`for w, g in zip(params, grads):`.",
    "caught": "raises an exception, and the `except` below catches it, so the caller sees none. Leave out `try` and `except`.",
    "several": "calls a function that returns several results, and treats them as one. Give each a name: "
    "`eigenvalues, eigenvectors = torch.linalg.eigh(A)`.",
    "places": "uses a call with two results, the values and their places, as if it had one. Give each a name: "
    "`values, places = x.max(dim=1)`.",
    "unraised": "returns an exception, so the caller gets it as a result, and nothing stops. Write `raise` in place of `return`.",
    "once": "keeps a generator, which works for one loop only: the second loop gets nothing. Keep a list, such as "
    "`list(model.parameters())`.",
    "floor": "divides with `//`, which rounds down. Is that meant? `/` keeps the fraction.",
    "minus": "has `=-`, which assigns the negative value. To subtract it from what is there, write `-=`.",
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
            "`torch.tensor(...)`, `torch.no_grad()`, or a derivative that is computed without `create_graph=True`."
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


RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        gradient_lost, returned_not_in_place, nothing_changed, state_not_kept, input_modified, left_on_input,
        dtype_changed, rounded_to_float32, precision_of_float32, double_only, transposed, shape_changed, opposite_sign,
        sum_for_mean, rounded_to_digits, constant_factor, off_by_one, ends_early,
        right_while_state_is_zero, right_for_the_first_step, inner_result, not_finite,
        bounded, function_of_right, constant_offset, other_order,
    )
}  # fmt: skip
# What these say helps less than an alteration's sentence: where the numbers go wrong, and not how.
PLACES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (input_changed, wrong_at_one_end, right_direction, right_only_if, right_until, only_some_change_right)
}
SHOWN = frozenset({*RULES, *PLACES, "unsteady", ALTERED, PROBED})  # diagnoses that need no list of mistakes


def needs_no_list(diagnosis: str) -> bool:
    """Whether a diagnosis is no mistake of the course's list."""
    return hint_key(diagnosis) in SHOWN
