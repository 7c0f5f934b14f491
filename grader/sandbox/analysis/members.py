"""The parts of a class or of a table that a file holds at its top level, so that a use of one part is no use of the others."""

import ast
from collections.abc import Iterator, Sequence

from grader.sandbox.analysis.bindings import PART, Function, bindings

_CALLED = frozenset({"forward", "backward"})


def member(owner: str, name: str) -> str:
    """The key of a method or a value of a class."""
    return f"{owner}.{name}"


def entry(table: str, key: str) -> str:
    """The key of what stands under a text in a table."""
    return f"{table}[{key}]"


def statements_of(node: ast.ClassDef) -> Iterator[tuple[str | None, ast.stmt]]:
    """The statements in a class, each with the name it binds; None where it runs for every object, or binds several.

    What Python or torch calls by itself, such as `__init__`, counts as running for every object.
    """
    for statement in node.body:
        names = {name for name, _ in bindings(statement) if not name.endswith(PART)}
        name = names.pop() if len(names) == 1 else None
        is_called = isinstance(statement, Function) and (statement.name.startswith("__") or statement.name in _CALLED)
        yield (None if is_called else name), statement


def table_of(nodes: Sequence[ast.AST]) -> dict[str, ast.expr] | None:
    """What stands under each key of a dictionary with texts as keys, if that is all there is behind a name."""
    if len(nodes) != 1 or not isinstance(nodes[0], ast.Dict):
        return None
    found: dict[str, ast.expr] = {}
    for key, value in zip(nodes[0].keys, nodes[0].values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            return None
        found[key.value] = value
    return found


def look_up_in(node: ast.AST) -> tuple[ast.Name, ast.expr] | None:
    """The name of a table and the key, of `TABLE[key]` and `TABLE.get(key)`."""
    match node:
        case ast.Subscript(value=ast.Name() as table, slice=key):
            return table, key
        case ast.Call(func=ast.Attribute(value=ast.Name() as table, attr="get"), args=[key, *_]):
            return table, key
    return None
