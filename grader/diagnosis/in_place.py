"""Rules about changes in place: a function changes the wrong argument, no argument, or only the state."""

from collections.abc import Sequence

import numpy as np

from grader.diagnosis.evidence import Case, all_return, names, tells_enough, tensors, wrong_leaves
from grader.diagnosis.replay import close, same


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


def input_changed(cases: Sequence[Case]) -> str | None:
    """Wrong numbers, and an input that the function changed in place."""
    extra = list(dict.fromkeys(name for case in cases if not case.is_program for name in case.unasked))
    if not extra or any(name in extra for case in cases for name in case.asked):
        return None
    if any(case.wrong and case.got.raised for case in cases):  # an exception, which says more
        return None
    return (
        f"Your function changes `{extra[0]}` in place. It is only an input, and all that you compute from it afterwards uses the "
        "changed numbers. Work on a copy, or write the expression so that it makes a new tensor."
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
        f"The tensors of {held} never change, though the rest of the step is right: the new state is in tensors of your own. The "
        "caller holds the tensors that you were given, so write the new values into them."
    )


def left_on_input(cases: Sequence[Case]) -> str | None:
    """Right in every call, except that an input has a gradient, or asks for one. A program may use what was left."""
    wrong = [case for case in cases if case.wrong and not case.is_program]
    if not wrong or not all_return(cases) or wrong_leaves(wrong):
        return None
    left: set[str] = set()
    for case in wrong:
        got, expected = set(case.got.switches), set(case.expected.switches)
        if not expected < got:
            return None
        left |= {what for what, _ in got - expected}
    if not left <= {"grad", "requires_grad"}:
        return None
    if "grad" in left:
        return (
            "The first result is right, but your function leaves a gradient in the `.grad` of a tensor that it was given. The "
            "next `backward()` adds to it, yours and the caller's. Use `torch.autograd.grad`, or differentiate at a copy."
        )
    return (
        "The result is right, but a tensor that your function was given requires grad afterwards. It is only an input: call "
        "`requires_grad_()` on a copy."
    )


def only_some_change_right(cases: Sequence[Case]) -> str | None:
    """Some arguments change as they should in every example, and others never do."""
    if not all_return(cases) or not tells_enough(cases) or any(leaf.name == "result" for leaf in wrong_leaves(cases)):
        return None
    leaves = [leaf for case in cases for leaf in case.leaves if leaf.before is not None]
    wrong = {leaf.name for leaf in wrong_leaves(cases)}
    right = [leaf for leaf in leaves if leaf.name not in wrong and not np.array_equal(leaf.got, leaf.before)]
    if len(wrong) != 1 or len(right) < 3:
        return None
    return (
        f"{names(right).capitalize()} change as they should in every example, and `{min(wrong)}` do not. The mistake is in "
        f"how you compute the change of `{min(wrong)}`."
    )
