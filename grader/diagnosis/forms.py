"""Rules about right numbers in another form: another dtype, shape or order of axes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.diagnosis.evidence import Case, all_return, names, near, tensors, wrong_leaves
from grader.diagnosis.replay import close


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
    return f"The numbers are right, but they come as {came} instead of {right}. Find the line that changes the dtype."


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


def ends_early(cases: Sequence[Case]) -> str | None:
    """The right entries, without some at the end: another number of them from example to example."""
    wrong = [leaf.arrays for leaf in wrong_leaves(cases)]
    lengths = set()
    for arrays in wrong:
        if arrays is None or arrays[0].dtype != arrays[1].dtype or arrays[0].shape[1:] != arrays[1].shape[1:]:
            return None
        got, expected = arrays
        if got.ndim == 0 or not 0 < len(got) < len(expected) or not close(got, expected[: len(got)]):
            return None
        lengths.add((len(got), len(expected)))
    left_out = {whole - part for part, whole in lengths}
    if min(len(left_out), len({part for part, _ in lengths})) < 2 or not all_return(cases):
        return None
    part, whole = max(lengths)
    return (
        "Your result begins right and ends too soon, at a place that differs from example to example: after "
        f"{part} of {whole} entries in one of them. Does your loop stop by itself, for example where little changes? The text "
        "asks for all entries."
    )


def wrong_at_one_end(cases: Sequence[Case]) -> str | None:
    """Right entries but for the first or the last one, or but for all others than it: a loop that leaves out or stops."""
    wrong = wrong_leaves(cases)
    if len({len(leaf.arrays[0]) for leaf in wrong if leaf.arrays and leaf.arrays[0].ndim}) < 2 or not all_return(cases):
        return None
    fitting = set(_ENDS)
    for leaf in wrong:
        if leaf.before is not None or leaf.arrays is None or leaf.arrays[0].ndim == 0:
            return None
        got, expected = leaf.arrays
        if got.shape != expected.shape or got.dtype != expected.dtype or len(got) < 2:
            return None
        fitting = {name for name in fitting if _is_right_but(_ENDS[name], got, expected)}
    return _AT_ENDS[fitting.pop()] if len(fitting) == 1 and len(wrong) >= 3 else None


def _is_right_but(part: slice, got: "np.ndarray[Any, Any]", expected: "np.ndarray[Any, Any]") -> bool:
    """Whether all entries of this part are wrong, and all others right."""
    rest = np.ones(len(got), dtype=bool)
    rest[part] = False
    each = zip(got[part], expected[part], strict=True)
    return close(got[rest], expected[rest]) and not any(close(one, other) for one, other in each)


_ENDS = {"last": slice(-1, None), "first": slice(0, 1), "but first": slice(1, None), "but last": slice(None, -1)}
_AT_ENDS = {
    "last": "Where your result is wrong, only its last entry is. Does your loop leave out the last one?",
    "first": "Where your result is wrong, only its first entry is. Does your loop leave out the first one?",
    "but first": "Where your result is wrong, only its first entry is right. Does your loop end after its first pass?",
    "but last": "Where your result is wrong, only its last entry is right. Does each pass replace what the one before found?",
}
