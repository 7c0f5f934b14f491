"""Quantities of a solution with a change that training code often has: cut off from autograd, a small number in a logarithm."""

import ast
from collections.abc import Iterator

from grader.diagnosis.changes import FORMULA, RIGHT, TreeChange, TreePlace, expression, put

_SMALL = (1e-16, 1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3)
# Functions of a tensor E, with the words for them.
_OF_A_TENSOR = (
    ("E.softmax(-1)", "with a softmax of one quantity in its place"),
    ("E.exp()", "with the exponential of one quantity in its place"),
    ("E.log()", "with the logarithm of one quantity in its place"),
    ("E.tanh()", "with the tanh of one quantity in its place"),
    ("E / E.numel()", "with one quantity divided by how many numbers it holds"),
    ("E / E.abs().max()", "with one quantity divided by its own largest absolute value"),
    ("E / E.abs().sum()", "with one quantity divided by the sum of its own absolute values"),
    ("E / E.std()", "with one quantity divided by its own standard deviation"),
    ("E - E.mean()", "with its own mean subtracted from one quantity"),
    ("E - E.max()", "with its own largest entry subtracted from one quantity"),
    ("E / max(1.0, float(E.norm()))", "with one quantity shortened to length 1 where it is longer"),
)
_OF_A_RESULT = (
    ("100 * E", "a hundred times as large"), ("E / 100", "a hundred times as small"), ("round(E, 2)", "rounded to two digits"),
    ("round(E, 3)", "rounded to three digits"), ("round(E, 4)", "rounded to four digits"),
)  # fmt: skip
_CUT_OFF = (
    RIGHT.format("with one quantity cut off from autograd, so that gradients do not flow through it")
    + " Look for `.detach()`, `.item()`, `float(...)` and `no_grad`."
)
_COMPARE = " Compare each operation with the formula."


def changed_tensors(place: TreePlace) -> Iterator[TreeChange]:
    """The changes of one expression."""
    node = place.node
    if not isinstance(node, ast.BinOp | ast.Name | ast.Call | ast.Subscript) or place.field == "func":
        return
    if isinstance(place.parent, ast.Return):
        for text, told in _OF_A_RESULT:
            yield put(place, "result_changed", RIGHT.format(f"but {told}"), expression(text, E=node))
    yield from _small_numbers(place)
    if not isinstance(place.parent, ast.Attribute):
        yield put(place, "cut_off", _CUT_OFF, expression("E.detach()", E=node))
        for text, told in _OF_A_TENSOR:
            yield put(place, "tensor_changed", FORMULA.format(told) + _COMPARE, expression(text, E=node))


def _small_numbers(place: TreePlace) -> Iterator[TreeChange]:
    """A small number added to what is divided by or what a logarithm is taken of, and a small lower bound of it."""
    node = place.node
    forms: dict[str, str] = {}  # with the words for each
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        forms = {"X / (Y + {0})": "with {0:g} added to a divisor"}
        parts = {"X": node.left, "Y": node.right}
    elif isinstance(node, ast.BinOp | ast.Call) and _is_logarithm(node):
        forms = {
            "(X.exp() + {0}).log()": "with {0:g} added to a probability before its logarithm is taken",
            "X.exp().clamp(min={0}).log()": "with a probability bounded by {0:g} from below before its logarithm is taken",
        }
        parts = {"X": node}
    for small in _SMALL:
        for form, told in forms.items():
            message = FORMULA.format(told.format(small)) + " The formula has no such number."
            yield put(place, "small_number", message, expression(form.format(small), **parts))


def _is_logarithm(node: ast.expr) -> bool:
    """Whether an expression is a logarithm, or a difference with one."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Sub) and (_is_logarithm(node.left) or _is_logarithm(node.right))
    name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
    return name.startswith("log") and name not in ("log1p", "logical_and", "logical_or", "logical_not", "logspace")
