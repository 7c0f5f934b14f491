"""The bytes of a Python file or notebook as lines, as a syntax tree and as code.

Runs in a worker, because parsing hostile text can exhaust memory or the stack.
"""

import ast
import io
import marshal
import warnings
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from grader.sandbox.analysis import notebook_cells
from grader.sandbox.analysis.decoding import decode


def lines_of(source: bytes, filename: str) -> list[str]:
    """The lines for tracebacks, for any bytes."""
    if notebook_cells.is_notebook(filename):
        return notebook_cells.shown_lines(_joined(source))
    try:
        text = decode(source, filename)
    except SyntaxError:
        text = source.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return io.StringIO(text).readlines()


class Lines(Sequence[str]):
    """The lines of a source, decoded at first use: most workers end without a traceback."""

    def __init__(self, source: bytes, filename: str) -> None:
        self._source, self._filename = source, filename

    @cached_property
    def _lines(self) -> list[str]:
        return lines_of(self._source, self._filename)

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, place: Any) -> Any:
        return self._lines[place]


def parse(source: bytes, filename: str) -> ast.Module:
    """Return the syntax tree, or raise SyntaxError. Of a notebook, it is the tree of the cells that parse, if any do."""
    if not notebook_cells.is_notebook(filename):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(decode(source, filename), filename)
    program = _read_cells(source, filename)
    if program.error and not program.tree.body:
        raise program.error
    return program.tree


def compile_parts(source: bytes, filename: str) -> notebook_cells.ParsedSource:
    """Compile a Python file as one part, or raise SyntaxError; compile a notebook statement by statement."""
    if notebook_cells.is_notebook(filename):
        return _read_cells(source, filename)
    return notebook_cells.ParsedSource(codes=[compile(decode(source, filename), filename, "exec", dont_inherit=True)])


def dump(source: bytes, filename: str) -> bytes:
    """A compiled Python file for other workers of the same submission; empty if each worker must compile it.

    Raises SyntaxError for code that parses but does not compile, such as `return` outside a function.
    """
    if notebook_cells.is_notebook(filename):
        return b""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            (code,) = compile_parts(source, filename).codes
        return marshal.dumps(code)
    except SyntaxError as error:
        lines = lines_of(source, filename)
        if error.text is None and error.lineno and error.lineno <= len(lines):  # Python would read them from the file
            error.text = lines[error.lineno - 1]
        raise
    except (ValueError, RecursionError, MemoryError):  # executing it gives the error
        return b""


def load(compiled: bytes) -> notebook_cells.ParsedSource:
    """Load the result of `dump`. It is as untrusted as the submission: only a worker may load it."""
    return notebook_cells.ParsedSource(codes=[marshal.loads(compiled)])


def _read_cells(source: bytes, filename: str) -> notebook_cells.ParsedSource:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return notebook_cells.read(_joined(source), filename)


def _joined(source: bytes) -> str:
    return source.decode("utf-8", "replace")
