"""Numbers of a solution with one change: a function of a quantity in its place, another exponent, another constant."""

import ast
from collections.abc import Iterator

from grader.diagnosis.changes import FORMULA, RIGHT, Quantity, TreeChange, TreePlace, expression, put

# Functions of a quantity E, with the words for them.
_OF_A_QUANTITY = (
    ("E ** 2", "with {} squared"),
    ("E ** 0.5", "with the square root of {} in its place"),
    ("abs(E)", "with the absolute value of {} in its place"),
    ("-E", "with {} of the other sign"),
    ("1 / E", "with the inverse of {} in its place"),
    ("2 * E", "with {} twice as large"),
    ("E / 2", "with {} half as large"),
    ("1 - E", "with 1 minus {} in its place"),
    ("E * E.sign()", "with the absolute value of {} in its place"),
    ("E.sign()", "with 1 in place of each positive number of {}, and -1 in place of each negative one"),
    ("E.clamp(min=0)", "with {} cut off below 0"),
    ("E.clamp(-1, 1)", "with {} cut off at 1 and -1"),
    ("E / E.norm()", "with {} divided by its own norm"),
    ("E.float().to(E.dtype)", "with {} rounded to float32"),
    ("E.flip(0)", "with {} in reversed order"),
    ("E.mean()", "with the mean of {} in its place"),
    ("E.sum()", "with the sum of {} in its place"),
)
# Of each tensor of a list.
_OF_EACH = (
    ("-t", "with each tensor of the other sign"),
    ("2 * t", "with each tensor twice as large"),
    ("t / 2", "with each tensor half as large"),
    ("t.abs()", "with the absolute value of each tensor"),
    ("t.sign()", "with only the sign of each tensor"),
    ("t / t.norm()", "with each tensor divided by its own norm"),
    ("t ** 2", "with each tensor squared"),
    ("t / t.numel()", "with each tensor divided by the number of its entries"),
    ("t / len(t)", "with each tensor divided by its length"),
    ("t - t.mean()", "with its mean subtracted from each tensor"),
    ("t.mT if t.dim() > 1 else t", "with rows and columns of each matrix exchanged"),
    ("t.clamp(-1, 1)", "with each tensor cut off at 1 and -1"),
    ("t.flip(0)", "with each tensor in reversed order"),
    ("t if t.dim() > 1 else 0 * t", "with zeros in place of each tensor that is no matrix"),
    ("t if t.dim() < 2 else 0 * t", "with zeros in place of each matrix"),
)
# Of each tensor t of a list, where n is a size of all together, with the words for it.
_OF_ALL = (
    ("t / n", "sum((t * t).sum() for t in ts) ** 0.5", "scaled to length 1"),
    ("t / max(1.0, float(n))", "sum((t * t).sum() for t in ts) ** 0.5", "shortened to length 1 where they are longer"),
    ("t / n", "max(t.abs().max() for t in ts)", "divided by their largest absolute entry"),
)


def scaled_together(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """A list of tensors scaled by one number that all of them give, with the words for it."""
    for text, size, told in _OF_ALL:
        yield told, expression(f"(lambda ts: [{text} for n in [{size}] for t in ts])(list(E))", E=node)


def changed_powers(place: TreePlace) -> Iterator[TreeChange]:
    """A function of a quantity in its place, and other exponents."""
    node = place.node
    if not isinstance(node, ast.BinOp | ast.Name | ast.Call | ast.Attribute | ast.Subscript):
        return
    if isinstance(place.parent, ast.Attribute | ast.Call) and place.field in ("func",):
        return
    for text, told in _OF_A_QUANTITY:
        slug = "other_sign" if text == "-E" else "quantity_changed"
        yield put(place, slug, FORMULA.format(told), expression(text, E=node), Quantity(node))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        yield put(
            place,
            "power_changed",
            FORMULA.format("with the absolute value of {} in place of a power"),
            expression("abs(E)", E=node.left),
            Quantity(node.left),
        )
        inner = node.left
        if isinstance(inner, ast.BinOp):  # only one operand is raised
            for left, right in ((node.right, None), (None, node.right)):
                parts = [
                    one if power is None else ast.BinOp(one, ast.Pow(), power)
                    for one, power in ((inner.left, left), (inner.right, right))
                ]
                yield put(
                    place,
                    "power_of_a_part",
                    FORMULA.format("with a power of only one part of a fraction, product or sum"),
                    ast.BinOp(parts[0], inner.op, parts[1]),
                )
    exponent = node.right.value if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and isinstance(exponent, int | float):
        for power in (exponent + 1, exponent - 1, exponent / 2, 3):
            message = FORMULA.format("with another exponent of {}")
            new = ast.BinOp(node.left, ast.Pow(), ast.Constant(power))
            yield put(place, "power_changed", message, new, Quantity(node.left))


def changed_constants(place: TreePlace) -> Iterator[TreeChange]:
    """Another number, or an option switched."""
    value = getattr(place.node, "value", None) if isinstance(place.node, ast.Constant) else None
    message = (
        FORMULA.format("with one of its numbers changed") + " Compare each number of your function with the formula."
    )
    if isinstance(place.parent, ast.keyword) and place.parent.arg in ("dim", "axis", "start_dim", "keepdim"):
        message = RIGHT.format("over another axis") + " Check each `dim`: 0 goes down the rows."
    if isinstance(value, bool):
        yield put(place, "number_changed", FORMULA.format("with one option switched"), ast.Constant(not value))
    elif isinstance(value, int):
        for new in (value + 1, value - 1, 2 * value, -value, value / 2):
            yield put(place, "number_changed", message, ast.Constant(int(new) if new == int(new) else new))
    elif isinstance(value, float):
        multiples = [2 * value, value / 2, 10 * value, value / 10, -value, value + 1, value - 1]
        for number in (*multiples, 0.0, 1.0, 0.5, 0.99, 0.999):
            yield put(place, "number_changed", message, ast.Constant(number))


def changed_lists(place: TreePlace) -> Iterator[TreeChange]:
    """The same change of each tensor of a list, its other order, and a list without one of its entries."""
    node = place.node
    name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
    if name in ("list", "grad"):
        for text, told in _OF_EACH:
            message = RIGHT.format(told) + " Compare each operation with the formula."
            yield put(place, "each_tensor_changed", message, expression(f"[{text} for t in E]", E=node))
        message = RIGHT.format("with a list in reversed order")
        yield put(place, "list_reversed", message, expression("list(E)[::-1]", E=node))
        for told, new in scaled_together(node):
            message = RIGHT.format(f"with all tensors together {told}") + " Compare each operation with the formula."
            yield put(place, "each_tensor_changed", message, new)
    if name == "list":
        for piece, told in (
            ("[:-1]", "without the last entry of a list"),
            ("[1:]", "without the first entry of a list"),
            ("[-2:]", "with only the last two entries of a list"),
            ("[:2]", "with only the first two entries of a list"),
        ):
            message = RIGHT.format(told) + " Which entries does yours use?"
            yield put(place, "list_shortened", message, expression(f"E{piece}", E=node))
    if isinstance(node, ast.List) and len(node.elts) > 1:
        for left_out in node.elts:
            message = RIGHT.format("without one entry of a list") + " Which one is missing?"
            rest = [one for one in node.elts if one is not left_out]
            yield put(place, "entry_missing", message, ast.List(rest, ast.Load()))
