"""Calls of a solution with one change: an option of a library that the text does not ask for, or the same change in all calls."""

import ast
from collections.abc import Iterator

from grader.diagnosis.changes import FORMULA, RIGHT, Definition, TreeChange, TreePlace, expression, expressions, put
from grader.diagnosis.function_changes import FUNCTIONS

# Options of libraries in another state than their default.
_OPTIONS = (
    "Linear(bias=False)", "Conv2d(bias=False)", "parameters(recurse=False)", "var(correction=0)", "std(correction=0)",
    "sort(descending=True)", "argsort(descending=True)",
    "SGD(momentum=0.9)", "SGD(nesterov=True)", "SGD(weight_decay=0.01)", "SGD(maximize=True)", "SGD(dampening=0.9)",
    "Adam(amsgrad=True)", "Adam(weight_decay=0.01)", "Adagrad(lr_decay=0.01)",
    "SGD(momentum=0.99)", "SGD(weight_decay=0.0001)", "Adam(weight_decay=0.0001)", "Adam(betas=(0.9, 0.99))", "Adam(eps=1e-07)",
    "Adagrad(eps=1e-08)", "Adagrad(initial_accumulator_value=0.1)", "Adagrad(lr_decay=0.1)", "RMSprop(alpha=0.95)",
    "cross_entropy(reduction='sum')", "cross_entropy(label_smoothing=0.1)",
    "RMSprop(centered=True)", "RMSprop(momentum=0.9)", "RMSprop(alpha=0.9)",
)  # fmt: skip
_ACTIVATED = (
    "cross_entropy(softmax(1))", "cross_entropy(softmax(0))", "cross_entropy(sigmoid())", "cross_entropy(relu())",
    "cross_entropy(log_softmax(0))",
)  # fmt: skip
_BY_ENTRY = ("square", "sqrt", "abs", "exp", "log", "log10", "relu", "sigmoid", "tanh", "sign")
_OVER_ENTRIES = ("sum", "mean", "max", "min", "amax", "amin", "norm")


def changed_library_calls(definition: Definition) -> Iterator[TreeChange]:
    """Options, first in one call and then in all of its name, other functions in all calls, and the order of two operations."""
    places = [place for place in expressions(definition) if isinstance(place.node, ast.Call)]
    by_name: dict[str, list[TreePlace]] = {}
    for place in places:
        func = place.node.func
        by_name.setdefault(getattr(func, "attr", getattr(func, "id", "")), []).append(place)
    for name, found in by_name.items():
        yield from _options(name, found)
        yield from _another_function(name, found)
        yield from _activated(name, found)
    for place in expressions(definition):
        yield from _order_of_operations(place)


def _options(name: str, places: list[TreePlace]) -> Iterator[TreeChange]:
    for text in _OPTIONS:
        if not text.startswith(f"{name}("):
            continue
        (keyword,) = ast.parse(text, mode="eval").body.keywords  # type: ignore[attr-defined]
        option = ast.unparse(keyword)
        for some in [places, *([place] for place in places if len(places) > 1)]:
            told = "a call" if len(places) == 1 else "all calls of its kind" if len(some) > 1 else "one of its calls"
            message = RIGHT.format(f"with `{option}` in {told}") + " Compare each option with what the text asks for."
            new = [
                (
                    TreePlace(place.node, "keywords"),
                    [*(one for one in place.node.keywords if one.arg != keyword.arg), keyword],
                )
                for place in some
            ]
            yield TreeChange("option_added", message, tuple(new))


def _activated(name: str, places: list[TreePlace]) -> Iterator[TreeChange]:
    """A loss of logits that gets something else: probabilities, or logits of another scale."""
    for text in _ACTIVATED:
        loss, _, activation = text.removesuffix(")").partition("(")
        if loss != name:
            continue
        message = RIGHT.format(f"with `.{activation}` in front of `{loss}`") + " It takes logits, as they are."
        new = [
            (TreePlace(place.node, "args", 0), expression(f"E.{activation}", E=place.node.args[0])) for place in places
        ]
        yield TreeChange("loss_of_no_logits", message, tuple(new))


def _another_function(name: str, places: list[TreePlace]) -> Iterator[TreeChange]:
    """Another function in all calls of one."""
    for other in FUNCTIONS.get(name, ()) if len(places) > 1 else ():
        message = FORMULA.format(f"with `{other.strip('_')}` in place of each `{name.strip('_')}`")
        new = []
        for place in places:
            func = place.node.func
            is_method = isinstance(func, ast.Attribute)
            changed = ast.Attribute(func.value, other, ast.Load()) if is_method else ast.Name(other, ast.Load())
            new.append((TreePlace(place.node, "func"), changed))
        yield TreeChange("function_for_another", message, tuple(new))


def _order_of_operations(place: TreePlace) -> Iterator[TreeChange]:
    """A function of each entry, and one over the entries, in the other order: the square of a sum for a sum of squares."""
    node = place.node
    squared = _squared(node.right) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) else None
    if squared is not None:
        yield put(place, "operations_in_other_order", _SQUARE, expression("(S + E) ** 2", S=node.left, E=squared))
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    outer, inner = node.func.attr, node.func.value
    squared = _squared(node.args[0]) if outer == "add_" and node.args else None
    if squared is not None:
        yield put(place, "operations_in_other_order", _SQUARE, expression("S.add_(E).pow_(2)", S=inner, E=squared))
    if outer in _OVER_ENTRIES and isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Pow):
        message = FORMULA.format(f"with a power taken after the {outer}, and not before it")
        sooner = ast.Call(ast.Attribute(inner.left, outer, ast.Load()), node.args, node.keywords)
        yield put(place, "operations_in_other_order", message, ast.BinOp(sooner, ast.Pow(), inner.right))
    if not isinstance(inner, ast.Call) or not isinstance(inner.func, ast.Attribute):
        return
    kinds = {outer in _OVER_ENTRIES, inner.func.attr in _OVER_ENTRIES}
    if kinds == {True, False} and {outer, inner.func.attr} & {*_BY_ENTRY}:
        message = FORMULA.format(f"with `{outer}` before `{inner.func.attr}`, and not after it")
        first = ast.Call(ast.Attribute(inner.func.value, outer, ast.Load()), node.args, node.keywords)
        turned = ast.Call(ast.Attribute(first, inner.func.attr, ast.Load()), inner.args, inner.keywords)
        yield put(place, "operations_in_other_order", message, turned)


_SQUARE = FORMULA.format("with the square of a sum in place of a sum with a square")


def _squared(node: ast.expr) -> ast.expr | None:
    """The base of an expression that is a square."""
    is_power = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant)
    return node.left if is_power and node.right.value == 2 else None  # type: ignore[attr-defined]
