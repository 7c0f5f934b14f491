"""The guards of platforms in a module of the grader: where they are, what they say, and the module without one of them."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import eq, ne
from pathlib import Path

METHODS = {ast.Eq: eq, ast.NotEq: ne}
MET = "__met__"  # the function that a module calls if its guards are recorded


@dataclass(frozen=True)
class Guard:
    """A comparison of `sys.platform` with the name of a platform."""

    file: str
    place: str  # its line and column
    named: str
    method: Callable[[object, object], bool]

    def holds(self, platform: str) -> bool:
        return self.method(platform, self.named)

    def is_for(self, platform: str) -> bool:
        """Whether it makes a difference between this platform and Linux."""
        return self.holds(platform) != self.holds("linux")


def guards_in(folder: Path) -> list[Guard]:
    """Every guard below a folder; files are named as below it."""
    texts = {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py"))}
    return [guard for file, text in texts.items() for guard in _guards(file, ast.parse(text))]


def without(guard_place: str, text: bytes) -> ast.Module:
    """The module as if one of its guards were asked on Linux."""
    return _Change(lambda node: ast.Constant(_guard("", node).holds("linux")), guard_place).applied(text)


def recorded(text: bytes) -> ast.Module:
    """The module, which tells `MET` the place of each guard that it asks."""

    def tell(node: ast.Compare) -> ast.expr:
        return ast.Call(ast.Name(MET, ast.Load()), [ast.Constant(_place(node)), node], [])

    return _Change(tell).applied(text)


class _Change(ast.NodeTransformer):
    def __init__(self, change: Callable[[ast.Compare], ast.expr], place: str = "") -> None:
        self._change, self._place = change, place

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        return self._change(node) if _is_guard(node) and self._place in ("", _place(node)) else node

    def applied(self, text: bytes) -> ast.Module:
        changed: ast.Module = ast.fix_missing_locations(self.visit(ast.parse(text)))
        return changed


def _guards(file: str, tree: ast.Module) -> Iterator[Guard]:
    for node in ast.walk(tree):
        if _is_guard(node):
            yield _guard(file, node)


def _is_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.Compare) and ast.unparse(node.left) == "sys.platform"


def _guard(file: str, node: ast.Compare) -> Guard:
    (operator,), (named,) = node.ops, node.comparators
    return Guard(file, _place(node), ast.literal_eval(named), METHODS[type(operator)])


def _place(node: ast.Compare) -> str:
    return f"{node.lineno}:{node.col_offset}"
