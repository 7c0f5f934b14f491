"""Rules about steps with a state: right while the state is zero, or for the first step."""

from collections.abc import Sequence

from grader.diagnosis.evidence import Case, tensors


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


def _weighs(case: Case, name: str) -> bool:
    """Whether an entry of a state, and of the gradient where there is one, is not zero before a call."""
    state, grads = tensors(case.arguments.get(name)), tensors(case.arguments.get(case.roles.gradients))
    pairs = zip(state, grads if len(grads) == len(state) else state, strict=True)
    return any(one.shape == other.shape and bool((one * other).any()) for one, other in pairs)
