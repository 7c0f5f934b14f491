"""Expressions of a solution with one change: a sign, a term, a factor, a power, a function, a number, a variable."""

import ast
from collections.abc import Iterator

from grader.diagnosis.changes import FORMULA, RIGHT, Definition, TreeChange, TreePlace, expression, expressions, put
from grader.diagnosis.quantity_changes import changed_quantities

_SIGN = (
    "Your answers are exactly those of the right formula with one sign changed: {}. Compare each sign with the formula."
)
_COMPARE = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,),
}  # fmt: skip
# Functions for others, with the words for both.
_FUNCTIONS: dict[str, tuple[str, ...]] = {
    "mean": ("sum", "median", "max", "std"), "sum": ("mean", "max"), "max": ("min", "mean"), "min": ("max",),
    "sqrt": ("square", "abs", "exp"), "square": ("abs", "sqrt"), "log": ("exp", "log2", "log10", "log1p"),
    "log10": ("log", "log2"),
    "exp": ("log", "expm1"), "argmax": ("argmin",), "argmin": ("argmax",), "relu": ("tanh", "sigmoid", "abs"),
    "norm": ("sum", "max"), "eigvalsh": ("eigvals", "svdvals"), "var": ("std",), "logsumexp": ("amax", "sum", "mean"),
    "randn": ("rand",), "rand": ("randn",), "randperm": ("arange",), "abs": ("square",), "tanh": ("sigmoid",),
    "copy_": ("add_", "sub_"), "add_": ("copy_",), "mul_": ("copy_",),
    "eval": ("train",), "train": ("eval",), "all": ("any",), "any": ("all",), "zeros": ("ones",), "zeros_like": ("ones_like",),
}  # fmt: skip
_WORDS = {
    "sqrt": "a square root", "square": "a square", "log": "a logarithm", "log2": "a logarithm", "log10": "a logarithm",
    "exp": "an exponential", "abs": "an absolute value", "norm": "a norm", "clone": "a copy", "copy": "a copy",
    "detach": "a `detach`", "tanh": "a tanh", "relu": "a ReLU", "double": "a conversion to float64", "float": "a conversion",
    "mean": "a mean", "sum": "a sum", "flatten": "a `flatten`", "cumsum": "a cumulative sum", "round": "a rounding",
}  # fmt: skip
_SIZES = {
    "range",
    "product",
    "arange",
    "zeros",
    "ones",
    "empty",
    "randn",
    "rand",
    "randperm",
    "randint",
    "linspace",
    "eye",
    "Linear",
}


def changed_expressions(definition: Definition) -> Iterator[TreeChange]:
    """The changes of each kind, those that students make most often first."""
    places = [place for place in expressions(definition) if not _is_size(place)]
    all_places = list(expressions(definition))
    for kind in (_signs, _missing, _functions, _operators, _powers, _constants, _comparisons, _calls):
        for place in all_places if kind in (_constants, _calls, _missing) else places:
            yield from kind(place)
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
            yield _without(place, what, node.left)
            yield from _inner(place, node.left)
            if not isinstance(node.op, ast.Pow):
                right: ast.expr = node.right
                if isinstance(node.op, ast.Sub):
                    right = ast.UnaryOp(ast.USub(), right)
                if isinstance(node.op, ast.Div):
                    what, right = "factor", ast.BinOp(ast.Constant(1.0), ast.Div(), right)
                yield _without(place, what, right)
    if isinstance(node, ast.Call):
        name, inner = _name_and_argument(node)
        if inner is not None and name in _WORDS:
            message = FORMULA.format(f"without {_WORDS[name]}") + " Compare each operation with the formula."
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


def _without(place: TreePlace, what: str, rest: ast.expr) -> TreeChange:
    message = FORMULA.format(f"without one {what}") + f" Compare them: which {what} is missing?"
    return put(place, f"{what}_missing", message, rest)


def _name_and_argument(node: ast.Call) -> tuple[str, ast.expr | None]:
    """The name of a function, and what it computes from: its one argument, or what its method is called on."""
    if isinstance(node.func, ast.Attribute):
        is_module = isinstance(node.func.value, ast.Name) and node.func.value.id in ("torch", "math", "np", "nn", "F")
        if is_module:
            return node.func.attr, node.args[0] if node.args else None
        return node.func.attr, node.func.value if not node.args else None
    if isinstance(node.func, ast.Name):
        return node.func.id, node.args[0] if len(node.args) == 1 else None
    return "", None


def _functions(place: TreePlace) -> Iterator[TreeChange]:
    node = place.node
    if not isinstance(node, ast.Call):
        return
    func = node.func
    name = getattr(func, "attr", getattr(func, "id", ""))
    for other in _FUNCTIONS.get(name, ()):
        new = (
            ast.Attribute(func.value, other, ast.Load())
            if isinstance(func, ast.Attribute)
            else ast.Name(other, ast.Load())
        )
        message = FORMULA.format(f"with `{other.strip('_')}` in place of `{name.strip('_')}`")
        yield put(place, "function_for_another", message, ast.Call(new, node.args, node.keywords))
    if name == "norm":
        squared = FORMULA.format("with the square of a norm in place of the norm")
        yield put(place, "power_changed", squared, ast.BinOp(node, ast.Pow(), ast.Constant(2)))
        for order, told in ((1, "the sum of the absolute values"), (float("inf"), "the largest absolute value")):
            message = FORMULA.format(f"with {told} in place of the Euclidean norm")
            changed = ast.Call(func, node.args, [*node.keywords, ast.keyword("p", _number(order))])
            yield put(place, "other_norm", message, changed)


def _number(value: float) -> ast.expr:
    return ast.parse("float('inf')", mode="eval").body if value == float("inf") else ast.Constant(value)


def _operators(place: TreePlace) -> Iterator[TreeChange]:
    node = place.node
    if not isinstance(node, ast.BinOp):
        return
    if isinstance(node.op, ast.Mult):
        message = FORMULA.format("with a division in place of a multiplication")
        yield put(place, "division_for_product", message, ast.BinOp(node.left, ast.Div(), node.right))
        yield put(place, "division_for_product", message, ast.BinOp(node.right, ast.Div(), node.left))
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
    if isinstance(node.op, ast.Add | ast.Sub):
        for new, told in ((ast.Mult(), "product"), (ast.Div(), "quotient")):
            what = "sum" if isinstance(node.op, ast.Add) else "difference"
            message = FORMULA.format(f"with a {told} in place of a {what}")
            yield put(place, f"{told}_for_{what}", message, ast.BinOp(node.left, new, node.right))


_BRACKETS = FORMULA.format("with parentheses in another place") + " Which operation comes first in yours?"


def _powers(place: TreePlace) -> Iterator[TreeChange]:
    node = place.node
    if not isinstance(node, ast.BinOp | ast.Name | ast.Call | ast.Attribute | ast.Subscript):
        return
    if isinstance(place.parent, ast.Attribute | ast.Call) and place.field in ("func",):
        return
    for text, told in (
        ("E ** 2", "with one quantity squared"),
        ("E ** 0.5", "with the square root of one quantity in its place"),
        ("abs(E)", "with the absolute value of one quantity in its place"),
        ("-E", "with one quantity of the other sign"),
        ("1 / E", "with the inverse of one quantity in its place"),
        ("2 * E", "with one quantity twice as large"),
        ("E / 2", "with one quantity half as large"),
        ("1 - E", "with 1 minus one quantity in its place"),
        ("E * E.sign()", "with the absolute value of one quantity in its place"),
        ("E.sign()", "with only the sign of one quantity"),
        ("E.clamp(min=0)", "with one quantity cut off below 0"),
        ("E.clamp(-1, 1)", "with one quantity cut off at 1 and -1"),
        ("E / E.norm()", "with one quantity divided by its own norm"),
        ("E.float().to(E.dtype)", "with one quantity rounded to float32"),
        ("E.flip(0)", "with one quantity in reversed order"),
        ("E.mean()", "with the mean of one quantity in its place"),
        ("E.sum()", "with the sum of one quantity in its place"),
    ):
        slug = "other_sign" if text == "-E" else "quantity_changed"
        yield put(
            place, slug, FORMULA.format(told) + " Compare each quantity with the formula.", expression(text, E=node)
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        yield put(
            place,
            "power_changed",
            FORMULA.format("with an absolute value in place of a power"),
            expression("abs(E)", E=node.left),
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
            message = FORMULA.format("with another exponent")
            yield put(place, "power_changed", message, ast.BinOp(node.left, ast.Pow(), ast.Constant(power)))


def _constants(place: TreePlace) -> Iterator[TreeChange]:
    value = getattr(place.node, "value", None) if isinstance(place.node, ast.Constant) else None
    message = (
        FORMULA.format("with one of its numbers changed") + " Compare each number of your function with the formula."
    )
    if isinstance(place.parent, ast.keyword) and place.parent.arg in ("dim", "axis", "start_dim", "keepdim"):
        message = "Your answers are exactly the right ones over another axis. Check each `dim`: 0 goes down the rows."
    if isinstance(value, bool):
        yield put(place, "number_changed", FORMULA.format("with one option switched"), ast.Constant(not value))
    elif isinstance(value, int):
        for new in (value + 1, value - 1, 2 * value, -value, value / 2):
            yield put(place, "number_changed", message, ast.Constant(int(new) if new == int(new) else new))
    elif isinstance(value, float):
        for number in (
            2 * value,
            value / 2,
            10 * value,
            value / 10,
            -value,
            value + 1,
            value - 1,
            0.0,
            1.0,
            0.5,
            0.99,
            0.999,
        ):
            yield put(place, "number_changed", message, ast.Constant(number))


def _comparisons(place: TreePlace) -> Iterator[TreeChange]:
    node = place.node
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for number, other in enumerate(_COMPARE.get(type(node.ops[0]), ())):
            told = (
                "an equal value counts, or does not, the other way round"
                if not number
                else "a comparison is turned round"
            )
            message = RIGHT.format(f"in which {told}") + " Check your comparisons."
            slug = "equality" if not number and len(_COMPARE[type(node.ops[0])]) > 1 else "comparison_turned"
            yield put(place, slug, message, ast.Compare(node.left, [other()], node.comparators))
    if isinstance(node, ast.Compare | ast.BoolOp) and not isinstance(place.parent, ast.BoolOp):
        for value in (True, False):
            told = "always" if value else "never"
            message = RIGHT.format(f"in which one condition {told} holds")
            yield put(place, "condition_ignored", message, ast.Constant(value))
    if isinstance(node, ast.BoolOp):
        for operand in range(len(node.values)):
            rest = [one for number, one in enumerate(node.values) if number != operand]
            message = RIGHT.format("without one of its conditions") + " Which one is missing?"
            new = rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
            yield put(place, "condition_missing", message, new)
    if isinstance(node, ast.IfExp):
        message = RIGHT.format("with two cases exchanged") + " Which value belongs to which case?"
        yield put(place, "cases_exchanged", message, ast.IfExp(node.test, node.orelse, node.body))
        for branch in (node.body, node.orelse):
            message = RIGHT.format("without a distinction of cases") + " Which case is missing?"
            yield put(place, "case_missing", message, branch)


def _calls(place: TreePlace) -> Iterator[TreeChange]:
    node = place.node
    if isinstance(node, ast.Call):
        if len(node.args) >= 2 and not any(isinstance(one, ast.Starred) for one in node.args[:2]):
            message = RIGHT.format("with two arguments of a call exchanged") + " Check their order."
            yield put(
                place,
                "order_of_arguments",
                message,
                ast.Call(node.func, [node.args[1], node.args[0], *node.args[2:]], node.keywords),
            )
        for number, keyword in enumerate(node.keywords):
            message = RIGHT.format(f"without `{keyword.arg}=` in a call") + " Check what it changes."
            rest = [*node.keywords[:number], *node.keywords[number + 1 :]]
            yield put(place, "option_missing", message, ast.Call(node.func, node.args, rest))
    if isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(place.parent, ast.Return):
        message = "You return the two right values in the other order."
        yield put(place, "returned_in_other_order", message, ast.Tuple(node.elts[::-1], ast.Load()))
        for new in node.elts:
            message = RIGHT.format("with one value returned twice")
            yield put(place, "returned_twice", message, ast.Tuple([new, new], ast.Load()))
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name | ast.UnaryOp | ast.Constant):
        for index in (0, -1, 1):
            message = RIGHT.format("with another entry, such as the first for the last") + " Check each index."
            yield put(place, "other_entry", message, ast.Subscript(node.value, ast.Constant(index), ast.Load()))
    if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp):
        for number, loop in enumerate(node.generators):
            if loop.ifs:
                message = RIGHT.format("without one of its conditions") + " Which one is missing?"
                yield TreeChange("condition_missing", message, ((TreePlace(node.generators[number], "ifs"), []),))
