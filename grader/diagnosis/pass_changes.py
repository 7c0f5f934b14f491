"""Changes in each pass of a loop: a rate that shrinks, random numbers that repeat."""

import ast
from collections.abc import Iterator

from grader.diagnosis.changes import RIGHT, Definition, TreeChange, TreePlace, expression, expressions, is_refusal
from grader.diagnosis.expression_changes import WORDS, name_and_argument

# The factor of a number in pass t, counted from 0, with the words for it.
_SCHEDULES = (
    *((f"{factor}**_pass", f"it is multiplied by {factor} after each pass") for factor in (0.5, 0.9, 0.95, 0.99, 0.999)),
    ("1 / (1 + _pass)", "in pass t, counted from 0, it is divided by 1 + t"),
    ("(1 + _pass)**-0.5", "in pass t, counted from 0, it is divided by the root of 1 + t"),
    ("1 / (1 + 0.1 * _pass)", "in pass t, counted from 0, it is divided by 1 + 0.1 t"),
    ("1 / (1 + 0.01 * _pass)", "in pass t, counted from 0, it is divided by 1 + 0.01 t"),
)  # fmt: skip
_COUNT = "_pass = locals().get('_pass', -1) + 1"
_SEEDS = ("{0}.initial_seed()", "0")


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
            if inner is not None and name in WORDS:
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
