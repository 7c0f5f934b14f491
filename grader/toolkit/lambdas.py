"""The text of a lambda of a check, with the numbers that it has taken from around it: `lambda x: x * x - 4.0`.

A student reads it among the arguments of the smallest example that fails, where "<lambda>" would say nothing.
"""

import ast
import linecache
from functools import cache
from types import CodeType, FunctionType

_LARGEST = 10**6  # a larger whole number may be a secret, which no report shows


def text_of(function: FunctionType) -> str:
    """The text of a lambda; "" where it cannot be told from the file."""
    tree = own_tree(function.__code__)
    return "" if tree is None else ast.unparse(_Filled(_numbers_around(function)).visit(tree))


def own_tree(code: CodeType) -> ast.Lambda | None:
    """A new tree of the lambda with this code; None where it cannot be told from the file."""
    text = _parsed(code)
    tree = ast.parse(text, mode="eval").body if text else None
    return tree if isinstance(tree, ast.Lambda) else None


@cache
def _parsed(code: CodeType) -> str:
    """The lambda's own text: the innermost one in whose body all of its instructions stand."""
    try:
        tree = ast.parse("".join(linecache.getlines(code.co_filename)))
    except (SyntaxError, ValueError):
        return ""
    places = {(line, column) for line, _, column, end in code.co_positions() if line and column is not None and end}
    around = [
        node
        for node in ast.walk(tree)  # from the outside in
        if isinstance(node, ast.Lambda)
        and node.lineno == code.co_firstlineno
        and all(_begin(node.body) <= place < _end(node.body) for place in places)
    ]
    return ast.unparse(around[-1]) if around and places else ""


def _begin(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _end(node: ast.expr) -> tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or 0


def _numbers_around(function: FunctionType) -> dict[str, int | float]:
    """The numbers of the enclosing function that a lambda uses, by name."""
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            value = cell.cell_contents
        except ValueError:  # not assigned yet
            continue
        if type(value) is float or (type(value) is int and abs(value) < _LARGEST):
            found[name] = value
    return found


class _Filled(ast.NodeTransformer):
    """Writes numbers in place of names."""

    def __init__(self, numbers: dict[str, int | float]) -> None:
        self.numbers = numbers

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self.numbers or not isinstance(node.ctx, ast.Load):
            return node
        return ast.parse(f"{self.numbers[node.id]!r}", mode="eval").body
