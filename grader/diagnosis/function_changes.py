"""Calls of a solution with one change: a function for another, arguments exchanged, an option left out."""

import ast
from collections.abc import Iterator

from grader.diagnosis.changes import FORMULA, RIGHT, TreeChange, TreePlace, expression, put

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
        message = "You return the two right values in the other order."
        yield put(place, "returned_in_other_order", message, ast.Tuple(node.elts[::-1], ast.Load()))
        for new in node.elts:
            message = RIGHT.format("with one value returned twice")
            yield put(place, "returned_twice", message, ast.Tuple([new, new], ast.Load()))
