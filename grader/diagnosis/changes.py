"""A change of a syntax tree that can be taken back, and the places where one may be made."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

Definition = ast.FunctionDef | ast.ClassDef
RIGHT = "Your answers are exactly those of the right function {}."
FORMULA = "Your answers are exactly those of the right formula {}."


@dataclass(frozen=True)
class TreePlace:
    """A field of a node, or an entry of a field that is a list."""

    parent: ast.AST
    field: str
    index: int | None = None

    @property
    def node(self) -> Any:
        value = getattr(self.parent, self.field)
        return value if self.index is None else value[self.index]

    def put(self, value: Any) -> None:
        if self.index is None:
            setattr(self.parent, self.field, value)
        else:
            getattr(self.parent, self.field)[self.index] = value


@dataclass(frozen=True)
class TreeChange:
    """New values for places. `slug` names the kind, `message` says it to a student."""

    slug: str
    message: str
    new: tuple[tuple[TreePlace, Any], ...]

    @contextmanager
    def made(self) -> Iterator[None]:
        """The tree is changed meanwhile."""
        old = [(place, place.node) for place, _ in self.new]
        for place, value in self.new:
            for node in value if isinstance(value, list) else [value]:
                located(node)
            place.put(value)
        try:
            yield
        finally:
            for place, value in reversed(old):
                place.put(value)


def bodies(node: ast.AST) -> Iterator[TreePlace]:
    """Each list of statements below a node, without docstrings and without the refusal of bad arguments."""
    for child in ast.walk(node):
        if isinstance(child, ast.ClassDef) or is_refusal(child):
            continue
        for name in ("body", "orelse", "finalbody"):
            statements = getattr(child, name, None)
            if isinstance(statements, list) and statements:
                yield TreePlace(child, name)


def expressions(node: ast.AST) -> Iterator[TreePlace]:
    """Each expression below a node that is read, without annotations, and without the refusal of bad arguments."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "args", "bases") and not isinstance(node, ast.Call):
            continue
        several = isinstance(value, list)
        for index, child in enumerate(value if several else [value]):
            if not isinstance(child, ast.AST) or is_refusal(child) or is_docstring(child):
                continue
            if isinstance(child, ast.expr) and not isinstance(getattr(child, "ctx", None), ast.Store):
                yield TreePlace(node, name, index if several else None)
            yield from expressions(child)


def is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def is_refusal(node: ast.AST) -> bool:
    """Whether a statement only refuses bad arguments."""
    if isinstance(node, ast.Raise):
        return True
    if isinstance(node, ast.If):
        return not node.orelse and all(is_refusal(one) for one in node.body)
    if isinstance(node, ast.For):
        return all(is_refusal(one) for one in node.body)
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    call = node.value  # of a helper, for its exceptions: a method changes something, and so may a function of lists
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    return isinstance(call.func, ast.Name) and all(isinstance(one, ast.Name | ast.Constant) for one in values)


def expression(text: str, **parts: ast.expr) -> ast.expr:
    """An expression in which names stand for others."""
    tree = ast.parse(text, mode="eval")
    return _Filled(parts).visit(tree).body  # type: ignore[no-any-return]


def located(node: ast.AST) -> None:
    """Give a new node and the new ones below it a place in the text, without which they do not compile."""
    if isinstance(node, _PLACED):
        if hasattr(node, "col_offset"):
            return  # and so have those below it
        ast.copy_location(node, _BEGIN)
    for child in ast.iter_child_nodes(node):
        located(child)


_PLACED = ast.expr | ast.stmt | ast.excepthandler | ast.arg | ast.keyword | ast.alias
_BEGIN = ast.parse("_").body[0]


class _Filled(ast.NodeTransformer):
    def __init__(self, parts: dict[str, ast.expr]) -> None:
        self._parts = parts

    def visit_Name(self, node: ast.Name) -> ast.expr:
        part = self._parts.get(node.id, node)
        located(part)
        return part


def put(place: TreePlace, slug: str, message: str, new: ast.expr) -> TreeChange:
    """The change of one expression."""
    return TreeChange(slug, message, ((place, new),))
