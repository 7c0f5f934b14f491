"""Numbers confused in a part of a solution: two exchanged in some statements, or one in place of another in a single one."""

import ast
from collections.abc import Iterator, Sequence
from itertools import combinations, permutations

from grader.diagnosis.changes import (
    RIGHT,
    Definition,
    Quantity,
    TreeChange,
    TreePlace,
    bodies,
    is_docstring,
    is_refusal,
)
from grader.diagnosis.formula_words import written

_CHECK = " Check each of them there."


def changed_parts(definition: Definition) -> Iterator[TreeChange]:
    """The changes of each list of statements that reads several numbers of one kind."""
    for function in ast.walk(definition):
        if isinstance(function, ast.FunctionDef):
            for place in bodies(function):
                for names in _alike(function):
                    for one, other in combinations(names, 2):
                        yield from _exchanged(place, one, other)
                    for one, other in permutations(names, 2):
                        yield from _confused(place, one, other)


def _alike(function: ast.FunctionDef) -> Iterator[list[str]]:
    """The arguments that are floats, and the variables that come together out of one tuple."""
    arguments = [*function.args.args, *function.args.kwonlyargs]
    yield [one.arg for one in arguments if isinstance(one.annotation, ast.Name) and one.annotation.id == "float"]
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            yield [one.id for one in node.targets[0].elts if isinstance(one, ast.Name)]


def _exchanged(place: TreePlace, one: str, other: str) -> Iterator[TreeChange]:
    """Two numbers exchanged in the first statements of a list, or in the last ones, if others read them, too."""
    statements = place.node
    reading = _reading(statements, {one, other})
    swap = ast.parse(f"{one}, {other} = {other}, {one}").body
    for k in reading[1:]:
        for first, end in ((reading[0], k), (k, len(statements))):
            part = statements[first:end]
            if {one, other} <= set().union(*map(_read, part)):
                new = [*statements[:first], *swap, *part, *swap, *statements[end:]]
                message = RIGHT.format(f"with `{one}` and `{other}` exchanged {{}}") + _CHECK
                yield _told(place, "arguments_exchanged", message, new, [s for s in part if _read(s) & {one, other}])


def _confused(place: TreePlace, one: str, other: str) -> Iterator[TreeChange]:
    """One number in place of another in one statement, if others read that, too."""
    statements = place.node
    reading = _reading(statements, {one})
    begin, end = (ast.parse(text).body for text in (f"_kept, {one} = {one}, {other}", f"{one} = _kept"))
    for k in reading if len(reading) > 1 else ():
        new = [*statements[:k], *begin, statements[k], *end, *statements[k + 1 :]]
        message = RIGHT.format(f"with `{other}` in place of `{one}` {{}}") + _CHECK
        yield _told(place, "argument_for_another", message, new, [statements[k]])


def _told(place: TreePlace, slug: str, message: str, new: list[ast.stmt], changed: Sequence[ast.stmt]) -> TreeChange:
    """A change of statements, which tells the variables that they compute."""
    names = dict.fromkeys(name for one in changed if (name := written(one)) is not None)
    values = tuple(Quantity(ast.Name(name, ast.Load()), "another value") for name in names)
    where = f"where it computes {' and '.join('{}' for _ in values)}" if values else "in one part"
    return TreeChange(slug, message.format(where), ((place, new),), values)


def _reading(statements: Sequence[ast.stmt], names: set[str]) -> list[int]:
    """The places of the statements that read one of some names, but those that refuse bad arguments."""
    usable = (k for k, one in enumerate(statements) if not (is_docstring(one) or is_refusal(one)))
    return [k for k in usable if _read(statements[k]) & names]


def _read(statement: ast.stmt) -> set[str]:
    return {one.id for one in ast.walk(statement) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
