"""Expressions of a solution with one change: a sign, a term, a factor; other modules change numbers, calls and conditions."""

import ast
from collections.abc import Iterator

from grader.diagnosis.call_changes import changed_calls, changed_functions
from grader.diagnosis.changes import (
    FORMULA,
    MODULES,
    Definition,
    Quantity,
    TreeChange,
    TreePlace,
    expression,
    expressions,
    put,
)
from grader.diagnosis.condition_changes import changed_conditions
from grader.diagnosis.entry_changes import changed_entries, changed_size
from grader.diagnosis.number_changes import changed_constants, changed_lists, changed_powers
from grader.diagnosis.quantity_changes import changed_quantities, changed_tensors

_SIGN = FORMULA.format("with one sign changed: {}") + " Compare each sign with the formula."
WORDS = {
    "sqrt": "a square root", "square": "a square", "log": "a logarithm", "log2": "a logarithm", "log10": "a logarithm",
    "exp": "an exponential", "abs": "an absolute value", "norm": "a norm", "clone": "a copy", "copy": "a copy",
    "detach": "a `detach`", "tanh": "a tanh", "relu": "a ReLU", "double": "a conversion to float64", "float": "a conversion",
    "mean": "a mean", "sum": "a sum", "flatten": "a `flatten`", "cumsum": "a cumulative sum", "round": "a rounding",
    "squeeze": "a `squeeze`", "unsqueeze": "an `unsqueeze`", "reshape": "a `reshape`", "to": "a conversion", "roll": "a `roll`",
}  # fmt: skip
_SIZES = {
    "range", "product", "arange", "zeros", "ones", "empty", "randn", "rand", "randperm", "randint", "linspace", "eye", "Linear",
}  # fmt: skip


def changed_expressions(definition: Definition) -> Iterator[TreeChange]:
    """The changes of each kind, those that students make most often first."""
    places = [place for place in expressions(definition) if not _is_size(place)]
    all_places = list(expressions(definition))
    for kind in (_signs, _missing, changed_functions, _operators, changed_entries, changed_lists, changed_conditions):
        for place in all_places if kind in (_missing, changed_entries, changed_lists) else places:
            yield from kind(place)
    for place in all_places:
        yield from changed_constants(place)
        yield from changed_calls(place)
        if _is_size(place):
            yield from changed_size(place)
    values = [place for place in places if not (isinstance(place.node, ast.Name) and place.node.id in MODULES)]
    for place in values:
        yield from changed_powers(place)
    for place in values:
        yield from changed_tensors(place)
    yield from changed_quantities(definition, places)


def _is_size(place: TreePlace) -> bool:
    """Whether an expression counts passes or entries, so that a change could make a call long."""
    parent = place.parent
    if isinstance(parent, ast.keyword):
        return parent.arg in ("repeat", "size", "dim")
    if isinstance(parent, ast.Slice | ast.Subscript) and place.field == "slice":
        return True
    if not isinstance(parent, ast.Call) or place.field != "args":
        return False
    return getattr(parent.func, "attr", getattr(parent.func, "id", "")) in _SIZES


def _signs(place: TreePlace) -> Iterator[TreeChange]:
    node = place.node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        told = "minus in place of plus" if isinstance(node.op, ast.Add) else "plus in place of minus"
        other: ast.operator = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        yield put(place, "sign_changed", _SIGN.format(told), ast.BinOp(node.left, other, node.right))
        if isinstance(node.op, ast.Sub):
            turned = ast.BinOp(node.right, ast.Sub(), node.left)
            yield put(place, "sign_changed", _SIGN.format("a difference is the other way round"), turned)
        else:
            turned = ast.BinOp(node.right, ast.Sub(), node.left)
            yield put(place, "sign_changed", _SIGN.format("minus in place of plus"), turned)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield put(place, "sign_changed", _SIGN.format("a minus is missing"), node.operand)
    if isinstance(node, ast.Attribute) and node.attr in ("add_", "sub_"):
        turned_name = {"add_": "sub_", "sub_": "add_"}[node.attr]
        told = "minus in place of plus" if node.attr == "add_" else "plus in place of minus"
        yield put(place, "sign_changed", _SIGN.format(told), ast.Attribute(node.value, turned_name, ast.Load()))


def _missing(place: TreePlace) -> Iterator[TreeChange]:
    node = place.node
    if isinstance(node, ast.BinOp):
        kinds = {
            ast.Add: "term",
            ast.Sub: "term",
            ast.Mult: "factor",
            ast.Div: "division",
            ast.Pow: "power",
            ast.MatMult: "factor",
        }
        what = kinds.get(type(node.op))
        if what is not None:
            yield _without(place, what, node.left, node.left if what == "power" else node.right)
            yield from _inner(place, node.left)
            if not isinstance(node.op, ast.Pow):
                right: ast.expr = node.right
                if isinstance(node.op, ast.Sub):
                    right = ast.UnaryOp(ast.USub(), right)
                if isinstance(node.op, ast.Div):
                    what, right = "factor", ast.BinOp(ast.Constant(1.0), ast.Div(), right)
                yield _without(place, what, right, node.left)
    if isinstance(node, ast.Call):
        name, inner = name_and_argument(node)
        if inner is not None and name in WORDS:
            message = FORMULA.format(f"without {WORDS[name]}") + " Compare each operation with the formula."
            yield put(place, "operation_missing", message, inner)
        if name in ("min", "max", "clamp", "minimum", "maximum") and len(node.args) >= 2:
            for argument in node.args:
                message = FORMULA.format("without a bound: no minimum or maximum limits the values")
                yield put(place, "bound_missing", message, argument)


def _inner(place: TreePlace, node: ast.expr) -> Iterator[TreeChange]:
    """Only an operand of an operand."""
    message = FORMULA.format("without several of its operations") + " Compare them: which ones are missing?"
    while isinstance(node, ast.BinOp):
        node = node.left
        yield put(place, "operations_missing", message, node)


def _without(place: TreePlace, what: str, rest: ast.expr, missing: ast.expr) -> TreeChange:
    joined = {"division": " by", "power": " of"}.get(what, "")
    message = FORMULA.format("without {}") + f" Compare each {what} with the formula."
    return put(place, f"{what}_missing", message, rest, Quantity(missing, f"one {what}", f"the {what}{joined} {{}}"))


def name_and_argument(node: ast.Call) -> tuple[str, ast.expr | None]:
    """The name of a function, and what it computes from: its one argument, or what its method is called on."""
    if isinstance(node.func, ast.Attribute):
        is_module = isinstance(node.func.value, ast.Name) and node.func.value.id in MODULES
        if is_module:
            return node.func.attr, node.args[0] if node.args else None
        return node.func.attr, node.func.value if not node.args or node.func.attr in WORDS else None
    if isinstance(node.func, ast.Name):
        return node.func.id, node.args[0] if len(node.args) == 1 else None
    return "", None


def _operators(place: TreePlace) -> Iterator[TreeChange]:
    node = place.node
    if not isinstance(node, ast.BinOp):
        return
    if isinstance(node.op, ast.Mult):
        message = FORMULA.format("with a division in place of a multiplication")
        yield put(place, "division_for_product", message, ast.BinOp(node.left, ast.Div(), node.right))
        yield put(place, "division_for_product", message, ast.BinOp(node.right, ast.Div(), node.left))
    if isinstance(node.op, ast.Pow):
        message = FORMULA.format("with a product in place of a power")
        yield put(place, "product_for_power", message, ast.BinOp(node.left, ast.Mult(), node.right))
        message = FORMULA.format("with base and exponent exchanged")
        yield put(place, "power_turned", message, ast.BinOp(node.right, ast.Pow(), node.left))
    if isinstance(node.op, ast.Div):
        yield put(
            place, "product_for_division", FORMULA.format("with a multiplication in place of a division"),
            ast.BinOp(node.left, ast.Mult(), node.right),
        )  # fmt: skip
        yield put(
            place, "fraction_inverted", FORMULA.format("with a fraction upside down"),
            ast.BinOp(node.right, ast.Div(), node.left),
        )  # fmt: skip
        yield put(
            place, "difference_for_quotient", FORMULA.format("with a difference in place of a fraction"),
            ast.BinOp(node.left, ast.Sub(), node.right),
        )  # fmt: skip
        yield put(
            place, "rounded_division", FORMULA.format("with a division that rounds down"),
            ast.BinOp(node.left, ast.FloorDiv(), node.right),
        )  # fmt: skip
        if isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.Add | ast.Sub):
            left = ast.BinOp(node.left.left, node.left.op, ast.BinOp(node.left.right, ast.Div(), node.right))
            yield put(place, "parentheses", _BRACKETS, left)
        if isinstance(node.right, ast.BinOp) and isinstance(node.right.op, ast.Mult | ast.Add | ast.Sub):
            first = ast.BinOp(ast.BinOp(node.left, ast.Div(), node.right.left), node.right.op, node.right.right)
            yield put(place, "parentheses", _BRACKETS, first)
    if (
        isinstance(node.op, ast.Mult)
        and isinstance(node.right, ast.BinOp)
        and isinstance(node.right.op, ast.Add | ast.Sub)
    ):
        first = ast.BinOp(ast.BinOp(node.left, ast.Mult(), node.right.left), node.right.op, node.right.right)
        yield put(place, "parentheses", _BRACKETS, first)
    if isinstance(node.op, ast.Add):
        message = FORMULA.format("with the larger one of {} and {} in place of their sum")
        for larger in ("A.clamp(min=B)", "max(A, B)"):
            bounded = expression(larger, A=node.left, B=node.right)
            yield put(place, "maximum_for_sum", message, bounded, Quantity(node.left), Quantity(node.right, "another"))
    if isinstance(node.op, ast.Add | ast.Sub):
        for new, told in ((ast.Mult(), "product"), (ast.Div(), "quotient")):
            what = "sum" if isinstance(node.op, ast.Add) else "difference"
            message = FORMULA.format(f"with a {told} in place of a {what}")
            yield put(place, f"{told}_for_{what}", message, ast.BinOp(node.left, new, node.right))


_BRACKETS = FORMULA.format("with parentheses in another place") + " Which operation comes first in yours?"
