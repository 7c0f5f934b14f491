"""Collect the current definitions of a Jupyter session, as code cells for the sandbox.

For each name that an exercise needs, directly or not, the last statement that bound it counts, as in the kernel, and each later
one that changed its object. Names that they used when they were executed, such as a decorator or a base class, come along. The
text is the typed text, so that messages can name cells and lines. Nothing is executed here: of these statements, the worker runs
those that `grader/submission/notebook_cells.py` keeps.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.sandbox.analysis.outline import is_stub
from grader.submission.notebook_cells import mark, parse_cell
from grader.submission.top_level import names_changed
from grader.toolkit.names_used import first_line

_SCOPES = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Lambda
_DEFINITION = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_HEADING = re.compile(r"^(?:async[ \t]+def|def|class)[ \t]+(\w+)", re.MULTILINE)
_BINDS = _DEFINITION | ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign


@dataclass(frozen=True, eq=False)
class _Statement:
    """A statement at the top level of a cell."""

    cell: int
    node: ast.stmt

    @property
    def first(self) -> int:
        return first_line(self.node)

    @property
    def last(self) -> int:
        return self.node.end_lineno or self.node.lineno

    @cached_property
    def binds(self) -> set[str]:
        return set(_bound(self.node))

    @cached_property
    def mentions(self) -> set[str]:
        return {
            part.id for part in ast.walk(self.node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
        }

    @cached_property
    def mentions_at_once(self) -> set[str]:
        """The names outside the bodies of functions: Python looks them up when it executes the statement."""
        return set(_at_once(self.node))

    @cached_property
    def changes(self) -> set[str]:
        return names_changed(self.node)

    @property
    def is_for_all(self) -> bool:
        """Whether it can change the meaning of every other statement."""
        return isinstance(self.node, ast.ImportFrom) and (
            self.node.module == "__future__" or any(alias.name == "*" for alias in self.node.names)
        )


def current_cells(
    typed: Sequence[str], namespace: Collection[str], wanted: Iterable[str], stopped: Mapping[int, int] | None = None
) -> bytes:
    """The source of the `wanted` names and of those that they need, in the form of `grader/submission/notebook_source.py`.

    `typed[n]` is the text of cell In[n], in the order of execution; `namespace` has the names that exist now; `stopped` gives
    the line of a cell's exception: Python did not execute that line and those below.
    """
    statements = [
        one for number, text in enumerate(typed) for one in _executed(number, text, (stopped or {}).get(number))
    ]
    names = set(namespace)
    kept = {one for one in statements if one.is_for_all}
    asked = names.intersection(wanted)
    waiting = [one for name in asked for one in (*_last(statements, name), *_hidden(statements, name))]
    while waiting:
        statement = waiting.pop()
        if statement in kept:
            continue
        kept.add(statement)  # the worker leaves out what no exercise needs
        place = statements.index(statement)
        for name in statement.mentions_at_once:
            waiting += _last(statements[:place], name)
        for name in statement.mentions & names:
            waiting += _last(statements, name)
        waiting += [one for one in statements[place + 1 :] if one.changes & statement.binds]
    return "".join(_cell(number, text, kept) for number, text in enumerate(typed)).encode("utf-8", "replace")


def stopped_definitions(typed: Sequence[str], source: bytes, stopped: Mapping[int, int]) -> dict[str, tuple[int, int]]:
    """The functions and classes in `source`, made by `current_cells`, whose newest definition an error stopped.

    For each, the number of that cell, and of the cell with the older definition, which the kernel still has.
    """
    executed, tried = dict[str, int](), dict[str, int]()
    for number, text in enumerate(typed):
        executed |= dict.fromkeys(_defined(_executed(number, text, stopped.get(number))), number)
        tried |= dict.fromkeys(_typed_definitions(number, text), number)
    names = _HEADING.findall(source.decode("utf-8", "replace"))
    return {
        one: (tried[one], executed[one]) for one in names if executed.get(one, tried.get(one, 0)) < tried.get(one, 0)
    }


def _defined(statements: Iterable[_Statement]) -> Iterator[str]:
    return (one.node.name for one in statements if isinstance(one.node, _DEFINITION))


def _typed_definitions(number: int, text: str) -> Iterable[str]:
    """The functions and classes that a cell defines unless an error stops it, which may be one of its syntax."""
    try:
        parse_cell(text, f"In[{number}]")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _HEADING.findall(text)
    return _defined(_executed(number, text, None))


def _hidden(statements: Sequence[_Statement], name: str) -> list[_Statement]:
    """A definition above the last one that a message should name: of the same cell, or the work that a stub replaced."""
    found = [(one, one.node) for one in statements if isinstance(one.node, _DEFINITION) and one.node.name == name]
    if not found:
        return []
    last, node = found.pop()
    return [one for one, older in found if one.cell == last.cell or (is_stub(node) and not is_stub(older))][-1:]


def _executed(number: int, text: str, stopped: int | None) -> Iterator[_Statement]:
    try:
        nodes = parse_cell(text, f"In[{number}]").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # Python could not read it either
    for node in nodes:
        statement = _Statement(number, node)
        if stopped is None or statement.last < stopped:
            yield statement


def _last(statements: Sequence[_Statement], name: str) -> list[_Statement]:
    """The last statement that surely bound a name, and the later ones that may have: a loop, an `if`, `n += 1`."""
    found = []
    for one in reversed(statements):
        if name in one.binds:
            found.append(one)
            if isinstance(one.node, _BINDS):
                break
    return found


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that a statement binds at the top level."""
    if isinstance(node, _DEFINITION):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Store):
            yield node.id
    elif not isinstance(node, _SCOPES):
        if isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
        for child in ast.iter_child_nodes(node):
            yield from _bound(child)


def _at_once(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id
    later = node.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) else []
    for child in ast.iter_child_nodes(node):
        if child is not later and not (isinstance(later, list) and child in later):
            yield from _at_once(child)


def _cell(number: int, text: str, kept: Collection[_Statement]) -> str:
    """A cell with only the lines of kept statements; the others are empty, so that lines keep their numbers."""
    lines = {line for one in kept if one.cell == number for line in range(one.first, one.last + 1)}
    if not lines:
        return ""
    shown = [line if place in lines else "" for place, line in enumerate(text.split("\n"), 1)]
    return mark(number) + "\n".join(shown).replace("\0", "\ufffd") + "\n"
