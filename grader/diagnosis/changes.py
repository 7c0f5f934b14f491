"""A change of a syntax tree that can be taken back, and the places where one may be made, some of them after a division."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

Definition = ast.FunctionDef | ast.ClassDef
_ANSWERS = "In every example that was compared, your answers are those of the right"  # not tried: all other inputs
RIGHT = _ANSWERS + " function {}."
FORMULA = _ANSWERS + " formula {}."
MODULES = ("torch", "math", "nn", "np", "F")
_PLACED = ast.expr | ast.stmt | ast.excepthandler | ast.arg | ast.keyword | ast.alias
_BEGIN = ast.parse("_").body[0]


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
class Quantity:
    """A part of the solution in a sentence: `known` with its text where the student has seen it, else `unknown`."""

    node: ast.expr
    unknown: str = "one quantity"
    known: str = "{}"


@dataclass(frozen=True)
class TreeChange:
    """New values for places. `slug` names the kind, `message` says it to a student, with a `{}` for each quantity."""

    slug: str
    message: str
    new: tuple[tuple[TreePlace, Any], ...]
    quantities: tuple[Quantity, ...] = ()

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


class _Filled(ast.NodeTransformer):
    def __init__(self, parts: dict[str, ast.expr]) -> None:
        self._parts = parts

    def visit_Name(self, node: ast.Name) -> ast.expr:
        part = self._parts.get(node.id, node)
        located(part)
        return part


def put(place: TreePlace, slug: str, message: str, new: ast.expr, *quantities: Quantity) -> TreeChange:
    """The change of one expression."""
    return TreeChange(slug, message, ((place, new),), quantities)


def in_plain_statements(definition: Definition) -> None:
    """Divide statements: `v.mul_(a).add_(b)` and `a, b = 1, 2` become two each, a call in a loop gets its own."""
    _Divided().visit(definition)


class _Divided(ast.NodeTransformer):
    def __init__(self) -> None:
        self._loops = 0
        self._count = 0

    def visit_For(self, node: ast.For) -> ast.For:
        self._loops += 1
        self.generic_visit(node)
        self._loops -= 1
        return node

    def visit_Expr(self, node: ast.Expr) -> list[ast.stmt]:
        if is_docstring(node) or is_refusal(node):
            return [node]
        calls = _chain(node.value)
        if len(calls) > 1:
            base = calls[0].func.value  # type: ignore[attr-defined]
            return [ast.Expr(_on(call, base)) for call in calls]
        return self._with_calls_before(node)

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            written = {one.id for one in target.elts if isinstance(one, ast.Name)}
            read = {one.id for one in ast.walk(value) if isinstance(one, ast.Name)}
            if len(written) == len(target.elts) and written.isdisjoint(read):
                return [
                    ast.Assign([one], part, lineno=node.lineno)
                    for one, part in zip(target.elts, value.elts, strict=True)
                ]
        return self._with_calls_before(node)

    def _with_calls_before(self, node: ast.Expr | ast.Assign) -> list[ast.stmt]:
        """In a loop, calls of functions among the arguments of a call come first."""
        if not self._loops or not isinstance(node.value, ast.Call):
            return [node]
        before: list[ast.stmt] = []
        lists = [one.elts for one in node.value.args if isinstance(one, ast.List)]
        for arguments in (node.value.args, *lists):
            for place, argument in enumerate(arguments):
                if isinstance(argument, ast.Call) and isinstance(argument.func, ast.Name | ast.Attribute):
                    if _ends_in_lower_line(argument):
                        continue
                    name = f"_part_{self._count}"
                    self._count += 1
                    before.append(ast.Assign([ast.Name(name, ast.Store())], argument, lineno=node.lineno))
                    arguments[place] = ast.Name(name, ast.Load())
        return [*before, node]


def _ends_in_lower_line(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr.endswith("_")


def _chain(node: ast.expr) -> list[ast.Call]:
    """The calls of methods that change one variable in place, in their order."""
    found: list[ast.Call] = []
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr.endswith("_"):
        found.insert(0, node)
        node = node.func.value
    plain = isinstance(node, ast.Name) or (isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant))
    return found if plain else []


def _on(call: ast.Call, base: ast.expr) -> ast.Call:
    """A call of the same method on a variable itself."""
    assert isinstance(call.func, ast.Attribute)
    return ast.Call(ast.Attribute(base, call.func.attr, ast.Load()), call.args, call.keywords)
