"""A function of a check as Python text: its source, inside a function that defines its closure and globals.

Only functions of the course's own modules of checks are written, which every student kit has, too: never the reference, a
mistake or the grader. A function that changes its closure or globals may remember its calls, and is refused.
"""

import ast
import linecache
import sys
import textwrap
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from grader.toolkit.lambdas import own_tree
from grader.toolkit.travelling import PREFIX

_CHANGING = frozenset({
    "append", "appendleft", "extend", "insert", "pop", "popleft", "popitem", "remove", "clear", "update", "add", "discard",
    "setdefault", "sort", "reverse", "send",
})  # fmt: skip
_NOT_LIBRARIES = ("grader", "solutions", "__main__", "tests")


class NotAloneError(Exception):
    """The text of a function needs something that a script cannot have."""


def is_of_checks(function: Any) -> bool:
    """Whether this is a plain function of a module of checks."""
    parts = str(getattr(function, "__module__", "")).split(".")
    return isinstance(function, FunctionType) and parts[0].startswith(PREFIX) and "mistakes" not in parts


def text_of(function: FunctionType) -> tuple[str, dict[str, Any]]:
    """Statements that return the function, and the values that it takes from around it. Raises NotAloneError."""
    tree = _tree(function)
    around = dict(_around(function, tree))
    if any(map(_has_state, ast.walk(tree))) or any(_is_changed(node, around) for node in ast.walk(tree)):
        raise NotAloneError("it gets a function of the check that may remember its calls")
    if isinstance(tree, ast.Lambda):
        return f"return {ast.unparse(tree)}", around
    return f"{_source(function, tree).strip()}\n\nreturn {tree.name}", around


def maker(name: str, parameters: Iterable[str], body: str) -> str:
    """The text of a function `name` with such a body."""
    said = '"""Make a function of the check from the values that it uses."""'
    return f"def {name}({', '.join(parameters)}):\n" + textwrap.indent(f"{said}\n\n{body}", "    ")


def imported_as(name: str, value: Any) -> str:
    """The statement that imports a library's module, function or class under a name; "" if there is none."""
    module = value.__name__ if isinstance(value, ModuleType) else str(getattr(value, "__module__", ""))
    top = module.partition(".")[0]
    if not module or top in _NOT_LIBRARIES or top.startswith(PREFIX) or module not in sys.modules:
        return ""
    if isinstance(value, ModuleType):
        return f"import {module}" if name == module else f"import {module} as {name}"
    own = str(getattr(value, "__name__", ""))
    if not callable(value) or getattr(sys.modules[module], own, None) is not value or module == "builtins":
        return ""
    return f"from {module} import {own}" + ("" if own == name else f" as {name}")


def _tree(function: FunctionType) -> ast.FunctionDef | ast.Lambda:
    """The definition. It has no decorator, and of its parameters none has a default that is computed."""
    code = function.__code__
    tree = own_tree(code) if code.co_name == "<lambda>" else _definition(code)
    if tree is None or getattr(tree, "decorator_list", []):
        raise NotAloneError("it gets a function of the check whose text is not at hand")
    arguments = tree.args
    defaults = [one for one in (*arguments.defaults, *arguments.kw_defaults) if one is not None]
    if not all(isinstance(one, ast.Constant) for one in defaults):
        raise NotAloneError("it gets a function of the check with a computed default")
    return tree


def _definition(code: CodeType) -> ast.FunctionDef | None:
    tree = ast.parse("".join(linecache.getlines(code.co_filename)))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return next((one for one in found if (one.lineno, one.name) == (code.co_firstlineno, code.co_name)), None)


def _source(function: FunctionType, tree: ast.FunctionDef) -> str:
    """The definition as it stands in the file; without annotations, whose names a script may lack."""
    arguments = [node for node in ast.walk(tree) if isinstance(node, ast.arg) and node.annotation is not None]
    if arguments or tree.returns is not None or any(isinstance(node, ast.AnnAssign) for node in ast.walk(tree)):
        return ast.unparse(_Bare().visit(tree))
    lines = linecache.getlines(function.__code__.co_filename)[tree.lineno - 1 : tree.end_lineno]
    return textwrap.dedent("".join(lines))


class _Bare(ast.NodeTransformer):
    """Removes annotations."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return ast.Pass()
        return ast.copy_location(ast.Assign([node.target], node.value), node)


def _around(function: FunctionType, tree: ast.AST) -> Iterator[tuple[str, Any]]:
    """The names of the enclosing function and of the module that a function uses, with their values."""
    mentioned = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    cells: tuple[Any, ...] = function.__closure__ or ()
    enclosing = dict(zip(function.__code__.co_freevars, cells, strict=True))
    names = sorted(mentioned & ({*enclosing} | {*_global_names(function.__code__)}))
    for name in names:
        if name in enclosing:
            try:
                value = enclosing[name].cell_contents
            except ValueError:
                raise NotAloneError("it gets a function of the check that is not complete") from None
        elif name in function.__globals__:
            value = function.__globals__[name]
        else:
            continue  # a name of Python's own
        if value is not function:  # which its own definition names
            yield name, value


def _global_names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _global_names(inner)


def _has_state(node: ast.AST) -> bool:
    return isinstance(node, ast.Nonlocal | ast.Global | ast.Yield | ast.YieldFrom | ast.Await)


def _is_changed(node: ast.AST, around: dict[str, Any]) -> bool:
    """Whether a statement changes an object from around the function, or draws from it."""
    match node:
        case (
            ast.Subscript(value=base, ctx=ast.Store() | ast.Del())
            | ast.Attribute(value=base, ctx=ast.Store() | ast.Del())
        ):
            return _root(base) in around
        case ast.Call(func=ast.Attribute(value=base, attr=method)):
            return (method in _CHANGING or method.endswith("_")) and _root(base) in around
        case ast.Call(func=ast.Name("next")):
            return True
    return False


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
