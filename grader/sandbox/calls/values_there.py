"""The values of the variables in the expression that raised an exception: a shape, a None, a number.

The words of torch and numpy seldom say which of a line's tensors they are about.
"""

import ast
import dis
import linecache
import warnings
from collections.abc import Iterator
from itertools import islice
from types import ModuleType, TracebackType
from typing import Any

from grader.submission.notebook_cells import place_in
from grader.toolkit.lazy_torch import is_imported, torch
from grader.toolkit.show import kind_of
from grader.toolkit.text import VALUES_LIMIT, one_line, plural

_MOST = 4  # variables
_LONGEST = 40  # letters of a name
_ABOUT_VALUES = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


def values_there(error: BaseException, raised: TracebackType | None) -> str:
    """ "Here, `w` is None." `raised` is the innermost entry of the student's own; "" if there is nothing to say."""
    if raised is None or not isinstance(error, _ABOUT_VALUES) or isinstance(error, RecursionError):
        return ""
    try:
        found = [f"`{name}` is {_described(value)}" for name, value in islice(_values(raised), _MOST)]
    except BaseException:  # an object whose attributes raise
        return ""
    if not found:
        return ""
    *most, last = found
    return one_line(f"Here, {', '.join(most)}{' and ' * bool(most)}{last}.", VALUES_LIMIT)


def _values(raised: TracebackType) -> Iterator[tuple[str, Any]]:
    """The variables of the expression as they stand there, but what can be called; of a tensor that asks for it, its `.grad`."""
    names = {**raised.tb_frame.f_globals, **raised.tb_frame.f_locals}
    seen = set()
    for node, name in _names(raised):
        value, text = names.get(name, len), name
        if isinstance(node, ast.Attribute) and is_imported() and isinstance(value, torch.Tensor):
            with warnings.catch_warnings(action="ignore"):  # that this tensor is no leaf
                value, text = value.grad, f"{name}.grad"
        if text not in seen and not (callable(value) or isinstance(value, ModuleType)):
            seen.add(text)
            yield text, value


def _names(raised: TracebackType) -> Iterator[tuple[ast.expr, str]]:
    """The names of the expression, and whether its `.grad` is asked for."""
    found: list[tuple[ast.expr, str]] = []
    for node in ast.walk(_expression(raised)):
        if isinstance(node, ast.Attribute) and node.attr == "grad" and isinstance(node.value, ast.Name):
            found.append((node, node.value.id))
        elif isinstance(node, ast.Name) and len(node.id) <= _LONGEST:
            found.append((node, node.id))
    yield from sorted(found, key=lambda one: (one[0].lineno, one[0].col_offset, isinstance(one[0], ast.Name)))


def _expression(raised: TracebackType) -> ast.AST:
    """The expression that was computed. Nothing of what gets the values of several, and of what raises by itself."""
    code, nothing = raised.tb_frame.f_code, ast.Tuple([], ast.Load())
    first, last, begin, end = next(islice(code.co_positions(), raised.tb_lasti // 2, None))
    if None in (first, last, begin, end) or dis.opname[code.co_code[raised.tb_lasti]].startswith("UNPACK"):
        return nothing
    shown = [linecache.getline(code.co_filename, number) for number in range(first or 0, (last or 0) + 1)]
    lines = [(f"{cell[2]}\n" if (cell := place_in(line)) else line).encode() for line in shown]
    lines[-1] = lines[-1][:end]
    text = b"".join([lines[0][begin:], *lines[1:]])
    try:
        return ast.parse(b"(" + text + b"\n)")
    except SyntaxError:  # w += g
        statement = ast.parse(text).body[0]
    if isinstance(statement, ast.For):
        return statement.iter
    return statement if isinstance(statement, ast.AugAssign) else nothing


def _described(value: Any) -> str:
    if isinstance(value, bool | int):
        return str(value)
    if isinstance(value, float):
        return f"{value:.4g}"
    if is_imported() and type(value) in (list, tuple) and 0 < len(value) <= _MOST:
        shapes = [str(tuple(one.shape)) for one in value if type(one) is torch.Tensor]
        if len(shapes) == len(value):
            count = plural(len(value), "tensor")
            return (
                f"a {type(value).__name__} of {count} of {'shapes' if len(value) > 1 else 'shape'} {', '.join(shapes)}"
            )
    return kind_of(value)
