"""Changes of what a solution keeps and of what each pass of a loop does: sums that grow from pass to pass, values computed too
late, quantities changed in place, a rate that shrinks, random numbers that repeat."""

import ast
from collections.abc import Iterator

from grader.diagnosis.changes import (
    RIGHT,
    Definition,
    TreeChange,
    TreePlace,
    bodies,
    expression,
    expressions,
    is_refusal,
    put,
)
from grader.diagnosis.expression_changes import WORDS, name_and_argument

# The factor of a number in pass t, counted from 0, with the words for it.
_SCHEDULES = (
    *((f"{factor}**_pass", f"it is multiplied by {factor} after each pass") for factor in (0.5, 0.9, 0.95, 0.99, 0.999)),
    ("1 / (1 + _pass)", "in pass t, counted from 0, it is divided by 1 + t"),
    ("(1 + _pass)**-0.5", "in pass t, counted from 0, it is divided by the root of 1 + t"),
    ("1 / (1 + 0.1 * _pass)", "in pass t, counted from 0, it is divided by 1 + 0.1 t"),
    ("1 / (1 + 0.01 * _pass)", "in pass t, counted from 0, it is divided by 1 + 0.01 t"),
)  # fmt: skip
_CONVERSIONS = frozenset({"float", "double", "to"})  # a result shows them by its kind, and not by its numbers
_COUNT = "_pass = locals().get('_pass', -1) + 1"
_SEEDS = ("{0}.initial_seed()", "0")
_IN_PLACE = {ast.Add: "add_", ast.Sub: "sub_", ast.Mult: "mul_", ast.Div: "div_"}
_METHODS = ("sqrt", "abs", "square", "neg", "clamp", "exp", "log", "sign")
_PILES = " Does something pile up, as gradients do in `.grad`?"


def changed_passes(definition: Definition) -> Iterator[TreeChange]:
    """The changes of each loop."""
    for function in ast.walk(definition):
        if isinstance(function, ast.FunctionDef):
            for loop in ast.walk(function):
                if isinstance(loop, ast.For) and not is_refusal(loop):
                    yield from _same_random_numbers(function, loop)
                    yield from _shrinking(function, loop)


def changed_first_passes(definition: Definition) -> Iterator[TreeChange]:
    """Changes of what the first pass of a loop does, or all others."""
    for loop in ast.walk(definition):
        if isinstance(loop, ast.For) and not is_refusal(loop):
            yield from _in_some_passes(loop)


def _arguments_in(function: ast.FunctionDef, loop: ast.For, kind: str) -> list[str]:
    """The arguments of a kind that a loop reads."""
    read = {node.id for one in loop.body for node in ast.walk(one) if isinstance(node, ast.Name)}
    arguments = [*function.args.args, *function.args.kwonlyargs]
    kinds = {one.arg: ast.unparse(one.annotation) for one in arguments if one.annotation is not None}
    return [name for name, told in kinds.items() if told.removeprefix("torch.") == kind and name in read]


def _same_random_numbers(function: ast.FunctionDef, loop: ast.For) -> Iterator[TreeChange]:
    """A generator that begins again in each pass."""
    for name in _arguments_in(function, loop, "Generator"):
        message = RIGHT.format("in which each pass of a loop gets the same random numbers") + (
            f" Do you draw before the loop, or begin a generator or seed again inside it? `{name}` must go on from pass to pass."
        )
        for seed in _SEEDS:
            again = ast.parse(f"{name} = torch.Generator().manual_seed({seed.format(name)})").body
            yield TreeChange("same_random_numbers", message, ((TreePlace(loop, "body"), [*again, *loop.body]),))


def _shrinking(function: ast.FunctionDef, loop: ast.For) -> Iterator[TreeChange]:
    """A number among the arguments that shrinks from pass to pass. A loop over tensors has no passes in this sense."""
    if isinstance(loop.iter, ast.Call) and getattr(loop.iter.func, "id", "") in ("zip", "product"):
        return
    schedules = list(_SCHEDULES)
    if isinstance(loop.iter, ast.Call) and getattr(loop.iter.func, "id", "") == "range" and len(loop.iter.args) == 1:
        count = ast.unparse(loop.iter.args[0])
        schedules.append((f"(1 - _pass / ({count}))", "it falls to zero in equal steps"))
    for name in _arguments_in(function, loop, "float"):
        for factor, told in schedules:
            message = RIGHT.format(f"in which `{name}` shrinks from pass to pass of a loop: {told}") + (
                f" Does the text ask for another `{name}` in each pass?"
            )
            text = f"{_COUNT}\n_whole = locals().get('_whole', {name})\n{name} = _whole * {factor}"
            new = [*ast.parse(text).body, *loop.body]
            yield TreeChange("shrinks", message, ((TreePlace(loop, "body"), new),))


def _in_some_passes(loop: ast.For) -> Iterator[TreeChange]:
    """An operation or a step that only the first pass has, or all but the first."""
    counted = TreePlace(loop, "body")
    count = ast.parse(_COUNT).body
    for statement in loop.body:
        for place in expressions(statement):
            name, inner = name_and_argument(place.node) if isinstance(place.node, ast.Call) else ("", None)
            if inner is not None and name in WORDS and name not in _CONVERSIONS:
                for text, told in (
                    ("E if _pass else I", "not in the first pass"),
                    ("I if _pass else E", "only in the first pass"),
                ):
                    message = RIGHT.format(f"with {WORDS[name]} {told} of a loop") + " Does each pass do the same?"
                    new = expression(text, E=place.node, I=inner)
                    yield TreeChange("in_some_passes", message, ((place, new), (counted, [*count, *loop.body])))
    for number, statement in enumerate(loop.body):
        if isinstance(statement, ast.Expr | ast.AugAssign):
            for test, told in (("_pass", "not in the first pass"), ("not _pass", "only in the first pass")):
                message = RIGHT.format(f"with one step {told} of a loop") + " Does each pass do the same?"
                sometimes = ast.If(ast.parse(test, mode="eval").body, [statement], [])
                new_body = [*count, *loop.body[:number], sometimes, *loop.body[number + 1 :]]
                yield TreeChange("in_some_passes", message, ((counted, new_body),))


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
