"""Quantities of a solution in place of others: variables exchanged, and additional factors and terms."""

import ast
from collections.abc import Iterator
from itertools import combinations, product

from grader.diagnosis.changes import FORMULA, Definition, TreeChange, TreePlace, expression, put


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
    return [
        place
        for place in found
        if not (isinstance(place.parent, ast.Attribute) and place.node.id in ("torch", "math", "nn", "np", "F"))
    ]


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
            message = FORMULA.format("with two quantities exchanged") + " Which one belongs where?"
            yield TreeChange("quantities_exchanged", message, ((one, other.node), (other, one.node)))


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
            both = mine in arguments and name in arguments
            told = f"with `{name}` in place of `{mine}`" if both else "with one quantity in place of another"
            message = (
                FORMULA.format(f"{told} at one place")
                + " Check each variable: is it the old or the new value, this quantity or the other?"
            )
            yield put(place, "quantity_for_another", message, ast.Name(name, ast.Load()))


_PARENTS = (
    ast.BinOp, ast.Return, ast.Assign, ast.AugAssign, ast.Call, ast.IfExp, ast.List, ast.Tuple, ast.DictComp, ast.GeneratorExp,
    ast.ListComp,
)  # fmt: skip


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
            for text in ("E * x", "E / x", "E + x", "E - x"):
                yield _extra(place, text, expression(text, E=node, x=ast.Name(name, ast.Load())), "another quantity")
        for text in ("E / x", "E * x"):
            yield _extra(place, text, expression(text, E=node, x=expression("len(E)", E=node)), "a length")
        for size in sizes:
            for text in ("E * x", "E / x"):
                yield _extra(place, text, expression(text, E=node, x=ast.parse(size, mode="eval").body), f"`{size}`")


def _extra(place: TreePlace, text: str, new: ast.expr, what: str) -> TreeChange:
    slug = {"*": "extra_factor", "/": "extra_division", "+": "extra_term", "-": "extra_term"}[text.split()[1]]
    told = {
        "E * x": f"with {what} as an extra factor", "E / x": f"with an extra division by {what}",
        "E * (1 - x)": f"with 1 minus {what} as an extra factor", "E / (1 - x)": f"with an extra division by 1 minus {what}",
        "E + x": f"with {what} added where it does not belong", "E - x": f"with {what} subtracted where it does not belong",
    }[text]  # fmt: skip
    return put(place, slug, FORMULA.format(told) + " Compare each part with the formula.", new)
