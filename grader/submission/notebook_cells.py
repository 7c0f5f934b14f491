"""The code cells of a notebook as one program, without training runs, plots and magics.

Of each cell, imports, definitions, simple constants and what the exercises need are kept. A cell that does not parse is left
out; the others count.
Runs in a worker, because a hostile cell can exhaust memory or the stack.
"""

import __future__

import ast
import re
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from types import CodeType

from grader.submission.bound_names import dotted_name
from grader.submission.effects import UNCHANGING
from grader.submission.not_python import MAGIC, explained
from grader.submission.top_level import is_experiment, needed

_MARK = "\0cell "
AROUND_PYTHON = frozenset({"%%time", "%%timeit", "%%capture", "%%prun"})  # cell magics that run the rest as it is
_SHOWN = re.compile(r"\[cell (\d{1,6}), line (\d{1,6})\] ?(.*)")
_DIGITS = 6  # of a cell's number
_MAGICS_TRIED = 50  # one at a time; a cell with more of them loses every line that looks like a magic
_LISTED = 5

# Calls that a constant may contain, by the last part of their names: they take no time and have no effect.
_PLAIN_CALLS = (
    UNCHANGING | {"list", "dict", "set", "tensor", "array"} | {"zeros", "ones", "full", "eye", "arange", "linspace"}
)
_SIMPLE = (
    ast.Constant,
    ast.Name,
    ast.Attribute,
    ast.Tuple,
    ast.List,
    ast.Dict,
    ast.Set,
    ast.Starred,
    ast.Subscript,
    ast.Slice,
    ast.UnaryOp,
    ast.BinOp,
    ast.BoolOp,
    ast.Compare,
    ast.IfExp,
    ast.JoinedStr,
    ast.FormattedValue,
)
_DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


_ERRORS = (SyntaxError, ValueError, RecursionError, MemoryError)


@dataclass
class ParsedSource:
    """The kept code of a notebook or file, with lines counted through the whole text."""

    tree: ast.Module = field(default_factory=lambda: ast.Module([], []))
    codes: list[CodeType] = field(default_factory=list)  # one for each statement of the cells that parse
    broken: dict[int, SyntaxError] = field(default_factory=dict)  # number of each that does not -> why
    not_run: list[int] = field(default_factory=list)  # numbers of the cells with a statement that no exercise needs

    @property
    def error(self) -> SyntaxError | None:
        """The error of the first cell that does not parse; it also lists the others."""
        first, *others = self.broken or [0]
        if not first:
            return None
        error = self.broken[first]
        listed = ", ".join(map(str, others[:_LISTED]))
        also = f"; so {'are cells' if len(others) > 1 else 'is cell'} {listed}" if others else ""
        return SyntaxError(error.msg + also, (error.filename, error.lineno, 1, error.text))


def has_marks(source: bytes) -> bool:
    """Whether a source is the cells of a notebook."""
    return source.startswith(_MARK.encode())


def mark(number: int) -> str:
    """The line above a cell. No Python text holds it, since it has a NUL."""
    return f"{_MARK}{number}\n"


def cell_of(line: str) -> int:
    """The cell number in a mark; 0 for other lines."""
    number = line.removeprefix(_MARK)
    return int(number) if number != line and number.isdecimal() and len(number) <= _DIGITS else 0


def lines(source: bytes, filename: str) -> list[str]:
    """The lines for tracebacks, each with its cell."""
    return shown_lines(_text(source))


def tree(source: bytes, filename: str) -> ast.Module:
    """The syntax tree of the cells that parse. Raises SyntaxError if none does."""
    program = parts(source, filename)
    if program.error and not program.tree.body:
        raise program.error
    return program.tree


def parts(source: bytes, filename: str, exercises: Collection[str] = ()) -> ParsedSource:
    """The code, statement by statement. Without `exercises`, what any name needs is kept."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return read(_text(source), filename, exercises)


def _text(source: bytes) -> str:
    return source.decode("utf-8", "replace")


def read(text: str, filename: str, exercises: Collection[str] = ()) -> ParsedSource:
    """Parse the cells and keep the statements that count."""
    program = ParsedSource()
    parsed: list[tuple[int, int, str, ast.Module]] = []
    for number, first, cell in _split(text):
        try:
            parsed.append((number, first, cell, parse_cell(cell, filename)))
        except _ERRORS as error:
            program.broken[number] = _named(error, number, first, getattr(error, "lineno", None) or 1, filename, cell)
    body = [node for *_, module in parsed for node in module.body]
    counting = {id(body[place]) for place in needed(body, exercises)}
    flags = 0  # of `from __future__ import ...`, which in a notebook holds for the cells below, too
    for number, first, cell, module in parsed:
        shifted = 0
        try:
            counting |= {id(node) for node in module.body if is_kept(node)}
            kept = ast.Module([node for node in module.body if id(node) in counting], [])
            flags |= _future_flags(kept)
            ast.increment_lineno(kept, shifted := first - 1)
            compile(kept, filename, "exec", flags, dont_inherit=True)  # refuses more than parsing does
        except _ERRORS as error:
            line = (getattr(error, "lineno", None) or 1) - shifted
            program.broken[number] = _named(error, number, first, max(line, 1), filename, cell)
            continue
        program.tree.body += kept.body
        if any(id(node) not in counting and is_experiment(node) for node in module.body):
            program.not_run.append(number)
        for node in kept.body:  # one at a time: the next statement runs even if an import fails
            program.codes.append(compile(ast.Module([node], []), filename, "exec", flags, dont_inherit=True))
    program.broken = dict(sorted(program.broken.items()))
    return program


def shown_lines(text: str) -> list[str]:
    """The lines of the text for tracebacks, each with its cell and line."""
    lines, number, place = [], 0, 0
    for line in text.split("\n"):
        if line.startswith(_MARK):
            number, place = int(line.removeprefix(_MARK)), 0
            lines.append("\n")
        else:
            place += 1
            lines.append(f"[cell {number}, line {place}] {line}\n")
    return lines


def place_in(shown: str) -> tuple[str, str, str] | None:
    """Cell, line in it, and text of a line as `shown_lines` gives it; None for other lines."""
    match = _SHOWN.match(shown)
    return (match[1], match[2], match[3]) if match else None


def _split(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield number, first line in the whole text, and text of each cell."""
    line = 2
    for piece in text.split(_MARK)[1:]:
        number, _, cell = piece.partition("\n")
        yield int(number), line, cell
        line += 1 + cell.count("\n")


def parse_cell(cell: str, filename: str) -> ast.Module:
    """Parse a cell. Magics become `pass` where they are syntax errors: a line of a string may also begin with "%"."""
    lines = cell.split("\n")
    first = next((place for place, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        if lines[first].split()[0] not in AROUND_PYTHON:
            return ast.Module([], [])
        lines[first] = ""
    for _ in range(_MAGICS_TRIED):
        try:
            return ast.parse("\n".join(lines), filename)
        except SyntaxError as error:
            place = (error.lineno or 0) - 1
            if not 0 <= place < len(lines) or not MAGIC.match(lines[place]):
                break
            _leave_out(lines, place)
    for place, line in enumerate(lines):
        if MAGIC.match(line):
            _leave_out(lines, place)
    return ast.parse("\n".join(lines), filename)


def _leave_out(lines: list[str], place: int) -> None:
    """Replace a magic by `pass`, which an indented block may need, and empty the lines that continue it."""
    magic, lines[place] = lines[place], re.sub(r"\S.*", "pass", lines[place])
    while magic.endswith("\\") and place + 1 < len(lines):
        place += 1
        magic, lines[place] = lines[place], ""


def is_kept(node: ast.stmt) -> bool:
    """Whether a statement is an import, a definition or a simple assignment."""
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass, *_DEFINITION)):
        return True
    if isinstance(node, ast.Assign):
        return all(map(_is_name, node.targets)) and _is_simple(node.value)
    if isinstance(node, ast.AnnAssign):
        return _is_name(node.target) and (node.value is None or _is_simple(node.value))
    if isinstance(node, ast.If):
        return _is_simple(node.test) and all(map(is_kept, node.body + node.orelse))
    if isinstance(node, ast.Try):
        handled = [statement for handler in node.handlers for statement in handler.body]
        return all(map(is_kept, node.body + handled + node.orelse + node.finalbody))
    return False


def _is_name(target: ast.expr) -> bool:
    if isinstance(target, ast.Tuple):
        return all(map(_is_name, target.elts))
    return isinstance(target, ast.Name)


def _is_simple(value: ast.expr) -> bool:
    """Whether an expression takes no time and has no effect, so that it is a constant, another name, or a lambda."""
    if isinstance(value, ast.Lambda):
        return True
    if isinstance(value, ast.Call):
        if dotted_name(value.func).rpartition(".")[2] not in _PLAIN_CALLS:
            return False
    elif not isinstance(value, _SIMPLE):
        return False
    parts = (part.value if isinstance(part, ast.keyword) else part for part in ast.iter_child_nodes(value))
    return all(_is_simple(part) for part in parts if isinstance(part, ast.expr))


def _future_flags(module: ast.Module) -> int:
    """The flags that `from __future__ import ...` sets for the compiler; in a notebook it holds for the cells below, too."""
    flags = 0
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= getattr(getattr(__future__, alias.name, None), "compiler_flag", 0)
    return flags


def _named(error: BaseException, number: int, first: int, line: int, filename: str, cell: str) -> SyntaxError:
    """The error with the number of its cell, and its line counted through the whole text."""
    if isinstance(error, SyntaxError):
        error.lineno = line
        error = explained(error, cell)
        line = error.lineno or line
    reason = error.msg if isinstance(error, SyntaxError) else f"{type(error).__name__}: {error}"
    text = [*cell.split("\n")[line - 1 : line], ""][0]
    where = f"cell {number} cannot be read (its line {line}: {reason}) and is left out"
    return SyntaxError(where, (filename, first + line - 1, 1, text))
