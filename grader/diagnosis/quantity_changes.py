"""Quantities of a solution with one change: variables exchanged, additional factors and terms, a value cut off from autograd."""

import ast
from collections.abc import Iterator
from itertools import combinations, product

from grader.diagnosis.changes import (
    FORMULA,
    MODULES,
    RIGHT,
    Definition,
    Quantity,
    TreeChange,
    TreePlace,
    expression,
    put,
)

_PARENTS = (
    ast.BinOp, ast.Return, ast.Assign, ast.AugAssign, ast.Call, ast.IfExp, ast.List, ast.Tuple, ast.DictComp, ast.GeneratorExp,
    ast.ListComp,
)  # fmt: skip
_SMALL = (1e-16, 1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3)
# Functions of a tensor E, with the words for them.
_OF_A_TENSOR = (
    ("E.softmax(-1)", "with a softmax of {} in its place"),
    ("E.exp()", "with the exponential of {} in its place"),
    ("E.log()", "with the logarithm of {} in its place"),
    ("E.tanh()", "with the tanh of {} in its place"),
    ("E / E.numel()", "with {} divided by how many numbers it holds"),
    ("E / E.abs().max()", "with {} divided by its own largest absolute value"),
    ("E / E.abs().sum()", "with {} divided by the sum of its own absolute values"),
    ("E / E.std()", "with {} divided by its own standard deviation"),
    ("E - E.mean()", "with its own mean subtracted from {}"),
    ("E - E.max()", "with its own largest entry subtracted from {}"),
    ("E / max(1.0, float(E.norm()))", "with {} shortened to length 1 where it is longer"),
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


def changed_quantities(definition: Definition, places: list[TreePlace]) -> Iterator[TreeChange]:
    """Pairs first, then single variables, then additional factors."""
    yield from _pairs(definition, places)
    yield from _variables(definition, places)
    yield from _factors(definition, places)


def _locals(definition: Definition) -> tuple[dict[str, str], list[str]]:
    """The annotation of each argument, "" where there is none, and the names of all other variables."""
    arguments, others = {}, []
    for node in ast.walk(definition):
        if isinstance(node, ast.arg):
            arguments[node.arg] = ast.unparse(node.annotation) if node.annotation is not None else ""
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id != "_":
            others.append(node.id)
    return arguments, list(dict.fromkeys(others))


def _reads(places: list[TreePlace]) -> list[TreePlace]:
    found = [place for place in places if isinstance(place.node, ast.Name) and place.field not in ("func", "iter")]
    return [place for place in found if not (isinstance(place.parent, ast.Attribute) and place.node.id in MODULES)]


def _pairs(definition: Definition, places: list[TreePlace]) -> Iterator[TreeChange]:
    """Two numbers among the arguments exchanged in one place each."""
    arguments, _ = _locals(definition)
    numbers = [name for name, kind in arguments.items() if kind == "float"]
    reads = _reads(places)
    for one, other in product(reads, reads):
        a, b = one.node.id, other.node.id
        if a in numbers and b in numbers and numbers.index(a) < numbers.index(b):
            message = FORMULA.format(f"with `{a}` and `{b}` exchanged in one part") + " Where does each of them belong?"
            yield TreeChange("arguments_exchanged", message, ((one, other.node), (other, one.node)))
    sums = [
        place for place in places if isinstance(place.node, ast.BinOp) and isinstance(place.node.op, ast.Add | ast.Sub)
    ]
    for one, other in combinations([TreePlace(place.node, "op") for place in sums], 2):
        turned = [ast.Sub() if isinstance(place.node, ast.Add) else ast.Add() for place in (one, other)]
        message = FORMULA.format("with two signs changed") + " Compare each sign with the formula."
        yield TreeChange("sign_changed", message, ((one, turned[0]), (other, turned[1])))
    for one, other in product(reads, reads):  # variables that are no arguments, such as the two corrected moments
        a, b = one.node.id, other.node.id
        if a < b and a not in arguments and b not in arguments:
            message = FORMULA.format("with {} and {} exchanged") + " Which one belongs where?"
            both = (Quantity(one.node), Quantity(other.node, "another"))
            yield TreeChange("quantities_exchanged", message, ((one, other.node), (other, one.node)), both)


def _variables(definition: Definition, places: list[TreePlace]) -> Iterator[TreeChange]:
    """Another variable in one place."""
    arguments, others = _locals(definition)
    usable = [
        name
        for name, kind in arguments.items()
        if kind not in ("int", "torch.Generator", "") and "Callable" not in kind
    ]
    for place in _reads(places):
        mine = place.node.id
        if mine not in arguments and mine not in others:
            continue
        for name in (*usable, *others):
            if name == mine:
                continue
            message = (
                FORMULA.format("with {} in place of {} at one place")
                + " Check each variable: is it the old or the new value, this quantity or the other?"
            )
            new = ast.Name(name, ast.Load())
            yield put(place, "quantity_for_another", message, new, Quantity(new), Quantity(place.node, "another"))


def _factors(definition: Definition, places: list[TreePlace]) -> Iterator[TreeChange]:
    """A quantity with an additional factor, divisor or term: a number among the arguments, or another variable."""
    arguments, others = _locals(definition)
    numbers = [name for name, kind in arguments.items() if kind in ("float", "int")]
    given = [name for name, kind in arguments.items() if kind in ("Tensor", "torch.Tensor", "np.ndarray")]
    sizes = [f"len({name})" for name in given[:2]] + [f"{name}.shape[1]" for name in given[:1]]
    for place in places:
        node = place.node
        operand = isinstance(place.parent, _PARENTS)
        if not operand or place.field == "func" or not isinstance(node, ast.BinOp | ast.Name | ast.Call):
            continue
        for name in numbers:
            for text in ("E * x", "E / x", "E * (1 - x)", "E / (1 - x)", "E + x", "E - x"):
                yield _extra(place, text, expression(text, E=node, x=ast.Name(name, ast.Load())), f"`{name}`")
        for name in others:
            another = ast.Name(name, ast.Load())
            for text in ("E * x", "E / x", "E + x", "E - x"):
                yield _extra(
                    place, text, expression(text, E=node, x=another), "{}", Quantity(another, "another quantity")
                )
        for text in ("E / x", "E * x"):
            yield _extra(place, text, expression(text, E=node, x=expression("len(E)", E=node)), "a length")
        for size in sizes:
            for text in ("E * x", "E / x"):
                yield _extra(place, text, expression(text, E=node, x=ast.parse(size, mode="eval").body), f"`{size}`")


def _extra(place: TreePlace, text: str, new: ast.expr, what: str, *quantities: Quantity) -> TreeChange:
    slug = {"*": "extra_factor", "/": "extra_division", "+": "extra_term", "-": "extra_term"}[text.split()[1]]
    told = {
        "E * x": f"with {what} as an extra factor", "E / x": f"with an extra division by {what}",
        "E * (1 - x)": f"with 1 minus {what} as an extra factor", "E / (1 - x)": f"with an extra division by 1 minus {what}",
        "E + x": f"with {what} added where it does not belong", "E - x": f"with {what} subtracted where it does not belong",
    }[text]  # fmt: skip
    return put(place, slug, FORMULA.format(told) + " Compare each part with the formula.", new, *quantities)


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
            yield put(
                place, "tensor_changed", FORMULA.format(told) + _COMPARE, expression(text, E=node), Quantity(node)
            )


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
