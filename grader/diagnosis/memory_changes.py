"""Changes of values that a solution keeps: sums that grow from pass to pass, values computed too late, quantities changed in
place."""

import ast
from collections.abc import Iterator

from grader.diagnosis.changes import RIGHT, Definition, TreeChange, TreePlace, bodies, expressions, is_refusal, put

_IN_PLACE = {ast.Add: "add_", ast.Sub: "sub_", ast.Mult: "mul_", ast.Div: "div_"}
_METHODS = ("sqrt", "abs", "square", "neg", "clamp", "exp", "log", "sign")


def changed_memory(definition: Definition) -> Iterator[TreeChange]:
    """Changes of each list of statements, and of each expression that could change its operands."""
    for place in bodies(definition):
        yield from _piled_up(place)
        yield from _computed_again(place)
    for place in expressions(definition):
        yield from _in_place(place)
    for node in ast.walk(definition):
        if isinstance(node, ast.For):
            yield from _first_for_each(node)


def _piled_up(place: TreePlace) -> Iterator[TreeChange]:
    """A value of a loop that is added to those of earlier passes, as gradients are in `.grad`."""
    if not isinstance(place.parent, ast.For) or place.field != "body":
        return
    for k, node in enumerate(place.node):
        name = _single_name(node)
        if name is not None:
            message = RIGHT.format("in which a value is added to those of all earlier passes of a loop") + _PILES
            yield TreeChange("piles_up", message, ((place, _with_sum(place.node, k, name)),))
        if not isinstance(node, ast.For):
            continue
        for inner, value in enumerate(node.body):
            name = _single_name(value)
            if name is not None:
                message = RIGHT.format(
                    "in which a value is added to those before it in the same pass of the outer loop"
                )
                begun = [*place.node[:k], *ast.parse("_sum = None").body, *place.node[k:]]
                changes = ((TreePlace(node, "body"), _with_sum(node.body, inner, name)), (place, begun))
                yield TreeChange("piles_up", message + _PILES, changes)


_PILES = " Does something pile up, as gradients do in `.grad`?"


def _with_sum(statements: list[ast.stmt], k: int, name: str) -> list[ast.stmt]:
    """The statements, in which a variable that the k-th assigns becomes a sum."""
    text = (
        f"{name} = {name} if locals().get('_sum') is None else [a + b for a, b in zip({name}, _sum)] "
        f"if isinstance({name}, (list, tuple)) else {name} + _sum\n_sum = {name}"
    )
    return [*statements[: k + 1], *ast.parse(text).body, *statements[k + 1 :]]


def _single_name(node: ast.stmt) -> str | None:
    """The one variable that a call's result goes to."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call | ast.BinOp):
        return None
    target = node.targets[0]
    if isinstance(target, ast.Tuple) and len(target.elts) == 1:
        target = target.elts[0]
    return target.id if isinstance(target, ast.Name) else None


def _computed_again(place: TreePlace) -> Iterator[TreeChange]:
    """A variable that is computed again where it is used: later, or with new random numbers."""
    statements = place.node
    for k, node in enumerate(statements):
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        if not any(isinstance(one, ast.Call) for one in ast.walk(node.value)):
            continue
        name = node.targets[0].id
        for later in statements[k + 1 :]:
            if is_refusal(later):
                continue
            for use in expressions(later):
                if isinstance(use.node, ast.Name) and use.node.id == name:
                    message = (
                        RIGHT.format("in which a value is computed a second time, at the place of its use")
                        + " The weights or the random numbers have changed since the first time. Compute it once."
                    )
                    yield put(use, "computed_again", message, node.value)


def _in_place(place: TreePlace) -> Iterator[TreeChange]:
    """An operation that also changes the tensor that it reads."""
    node = place.node
    message = (
        RIGHT.format("in which one operation changes a tensor in place that it should only read")
        + " Look for methods that end in an underscore, and for `+=`, `-=`, `*=` and `/=`."
    )
    if isinstance(node, ast.BinOp) and isinstance(node.left, ast.Name | ast.Subscript):
        method = _IN_PLACE.get(type(node.op))
        if method is not None:
            changed = ast.Call(ast.Attribute(node.left, method, ast.Load()), [node.right], [])
            yield put(place, "changed_in_place", message, changed)
    either_way = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Add)
    if either_way and isinstance(node.right, ast.Name | ast.Subscript):
        changed = ast.Call(ast.Attribute(node.right, _IN_PLACE[type(node.op)], ast.Load()), [node.left], [])
        yield put(place, "changed_in_place", message, changed)
    called = node.func if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
    if called is not None and called.attr in _METHODS and isinstance(called.value, ast.Name | ast.Subscript):
        changed = ast.Call(ast.Attribute(called.value, f"{called.attr}_", ast.Load()), node.args, node.keywords)
        yield put(place, "changed_in_place", message, changed)


def _first_for_each(loop: ast.For) -> Iterator[TreeChange]:
    """The first of what a loop goes through in place of each, at one place."""
    if not isinstance(loop.target, ast.Name):
        return
    name = loop.target.id
    first = ast.parse(f"next(iter({ast.unparse(loop.iter)}))", mode="eval").body
    for statement in loop.body:
        for use in expressions(statement):
            if isinstance(use.node, ast.Name) and use.node.id == name:
                message = (
                    RIGHT.format("with the first entry of a list in place of each, at one place")
                    + " Which entry does your loop use in each pass?"
                )
                yield put(use, "first_for_each", message, first)
