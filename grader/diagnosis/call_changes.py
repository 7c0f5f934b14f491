"""Calls of a solution with one change: another function, arguments exchanged, an option left out or added, all calls alike."""

import ast
from collections.abc import Iterator

from grader.diagnosis.changes import FORMULA, RIGHT, Definition, TreeChange, TreePlace, expression, expressions, put

# Functions for others, with the words for both.
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "mean": ("sum", "median", "max", "std"), "sum": ("mean", "max"), "max": ("min", "mean"), "min": ("max",),
    "sqrt": ("square", "abs", "exp"), "square": ("abs", "sqrt"), "log": ("exp", "log2", "log10", "log1p"),
    "log10": ("log", "log2"),
    "exp": ("log", "expm1"), "argmax": ("argmin",), "argmin": ("argmax",), "relu": ("tanh", "sigmoid", "abs"),
    "norm": ("sum", "max", "mean", "std"), "eigvalsh": ("eigvals", "svdvals"), "var": ("std",),
    "logsumexp": ("amax", "sum", "mean"),
    "randn": ("rand",), "rand": ("randn",), "randperm": ("arange",), "abs": ("square",), "tanh": ("sigmoid",),
    "Adam": ("AdamW", "NAdam", "Adamax", "RAdam"), "Adagrad": ("Adadelta", "RMSprop", "Adam"), "RMSprop": ("Adagrad", "Adam"),
    "copy_": ("add_", "sub_"), "add_": ("copy_",), "mul_": ("copy_",),
    "eval": ("train",), "train": ("eval",), "all": ("any",), "any": ("all",), "zeros": ("ones",), "zeros_like": ("ones_like",),
}  # fmt: skip
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
_SQUARE = FORMULA.format("with the square of a sum in place of a sum with a square")


def changed_functions(place: TreePlace) -> Iterator[TreeChange]:
    """A function in place of another, and another norm."""
    node = place.node
    if not isinstance(node, ast.Call):
        return
    func = node.func
    name = getattr(func, "attr", getattr(func, "id", ""))
    for other in FUNCTIONS.get(name, ()):
        new = (
            ast.Attribute(func.value, other, ast.Load())
            if isinstance(func, ast.Attribute)
            else ast.Name(other, ast.Load())
        )
        message = FORMULA.format(f"with `{other.strip('_')}` in place of `{name.strip('_')}`")
        yield put(place, "function_for_another", message, ast.Call(new, node.args, node.keywords))
    if name == "numel" and isinstance(func, ast.Attribute):
        for text, told in (("len(E)", "its first size"), ("E.dim()", "its number of dimensions"), ("1", "1")):
            message = RIGHT.format(f"with {told} in place of how many numbers a tensor holds")
            yield put(place, "function_for_another", message, expression(text, E=func.value))
    if name == "add_" and isinstance(func, ast.Attribute) and node.args:
        for other, told in (("maximum", "the larger"), ("minimum", "the smaller")):
            message = RIGHT.format(f"with {told} of two values in place of their sum")
            extreme = expression(f"S.copy_(torch.{other}(S, E))", S=func.value, E=node.args[0])
            yield put(place, "extreme_for_sum", message, extreme)
    if name in ("max", "min") and any(keyword.arg == "key" for keyword in node.keywords):
        for text, told in (("list(E)[-1]", "last"), ("list(E)[0]", "first")):
            message = RIGHT.format(f"with the {told} entry in place of the best one") + " How does yours choose?"
            yield put(place, "other_entry", message, expression(text, E=node.args[0]))
    if name == "norm":
        squared = FORMULA.format("with the square of a norm in place of the norm")
        yield put(place, "power_changed", squared, ast.BinOp(node, ast.Pow(), ast.Constant(2)))
        for order, told in ((1, "the sum of the absolute values"), (float("inf"), "the largest absolute value")):
            message = FORMULA.format(f"with {told} in place of the Euclidean norm")
            changed = ast.Call(func, node.args, [*node.keywords, ast.keyword("p", _number(order))])
            yield put(place, "other_norm", message, changed)


def _number(value: float) -> ast.expr:
    return ast.parse("float('inf')", mode="eval").body if value == float("inf") else ast.Constant(value)


def changed_calls(place: TreePlace) -> Iterator[TreeChange]:
    """Arguments of a call exchanged or missing, and returned values in another order."""
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
            message = RIGHT.format(f"without `{keyword.arg}=` in a call") + " Check how it changes the result."
            rest = [*node.keywords[:number], *node.keywords[number + 1 :]]
            yield put(place, "option_missing", message, ast.Call(node.func, node.args, rest))
    if isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(place.parent, ast.Return):
        message = RIGHT.format("with its two values in the other order")
        yield put(place, "returned_in_other_order", message, ast.Tuple(node.elts[::-1], ast.Load()))
        for new in node.elts:
            message = RIGHT.format("with one value returned twice")
            yield put(place, "returned_twice", message, ast.Tuple([new, new], ast.Load()))


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


def _squared(node: ast.expr) -> ast.expr | None:
    """The base of an expression that is a square."""
    is_power = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant)
    return node.left if is_power and node.right.value == 2 else None  # type: ignore[attr-defined]
