"""What a session in Jupyter has defined by now, as the code cells of a notebook that can be handed to the sandbox.

Of every name that an exercise needs, directly or not, the statement that was executed last counts, wherever its cell stands
in the notebook: that is what the kernel has. What such a statement used when it was executed, a decorator or a base class,
comes along. The text is taken from what was typed, so that cells and lines can be named. Nothing is executed here, and what
counts of the statements is up to `grader/sandbox/analysis/notebook_cells.py`, as for a notebook that is handed in.
"""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.sandbox.analysis.notebook_cells import is_kept, mark, parse_cell

_SCOPES = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Lambda
_DEFINITION = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, eq=False)
class _Statement:
    """A statement at the top of the cell of that number."""

    cell: int
    node: ast.stmt

    @property
    def first(self) -> int:
        decorators = self.node.decorator_list if isinstance(self.node, _DEFINITION) else []
        return min([self.node.lineno, *(one.lineno for one in decorators)])

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
        """What it mentions outside the bodies of functions: these names are looked up when it is executed."""
        return set(_at_once(self.node))

    @property
    def is_for_all(self) -> bool:
        """Whether it changes what other statements mean without a name that they would mention."""
        return isinstance(self.node, ast.ImportFrom) and (
            self.node.module == "__future__" or any(alias.name == "*" for alias in self.node.names)
        )


def current_cells(
    typed: Sequence[str], namespace: Collection[str], wanted: Iterable[str], stopped: Mapping[int, int] | None = None
) -> bytes:
    """The source, in the form of a notebook's (`grader/submission/notebook_source.py`), of what is `wanted` and what it needs.

    `typed[n]` is the text of cell In[n], in the order of execution; `namespace` has the names that exist now; `stopped` tells
    at which line a cell ended with an exception: what stands there and below was not executed.
    """
    statements = [
        one for number, text in enumerate(typed) for one in _executed(number, text, (stopped or {}).get(number))
    ]
    names = set(namespace)
    kept = {one for one in statements if one.is_for_all}
    waiting = [one for name in names.intersection(wanted) for one in _last(statements, name)]
    while waiting:
        statement = waiting.pop()
        if statement in kept:
            continue
        kept.add(statement)  # also where the worker will not execute it, and then says so
        if not is_kept(statement.node):
            continue
        before = statements[: statements.index(statement)]
        for name in statement.mentions_at_once:
            waiting += _last(before, name)
        for name in statement.mentions & names:
            waiting += _last(statements, name)
    return "".join(_cell(number, text, kept) for number, text in enumerate(typed)).encode("utf-8", "replace")


def _executed(number: int, text: str, stopped: int | None) -> Iterator[_Statement]:
    try:
        nodes = parse_cell(text, f"In[{number}]").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # Python refused it, too
    for node in nodes:
        statement = _Statement(number, node)
        if stopped is None or statement.last < stopped:
            yield statement


def _last(statements: Sequence[_Statement], name: str) -> list[_Statement]:
    """The statement that bound a name last, if one did."""
    return next(([one] for one in reversed(statements) if name in one.binds), [])


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
    """A cell with only the lines of what is kept; the others are empty, so that lines keep their numbers."""
    lines = {line for one in kept if one.cell == number for line in range(one.first, one.last + 1)}
    if not lines:
        return ""
    shown = [line if place in lines else "" for place, line in enumerate(text.split("\n"), 1)]
    return mark(number) + "\n".join(shown).replace("\0", "\ufffd") + "\n"
