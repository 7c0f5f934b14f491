"""The bytes of a Python file or notebook as lines, as a syntax tree and as code.

Runs in a worker, because parsing hostile text can exhaust memory or the stack.
"""

import ast
import marshal
import warnings
from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any

from grader.submission.formats import FORMATS, format_of
from grader.submission.not_python import explained
from grader.submission.notebook_cells import ParsedSource

for _one in FORMATS.values():
    _one.parser()  # imported now: a confined worker cannot open any file on some machines


def lines_of(source: bytes, filename: str) -> list[str]:
    """The lines for tracebacks, for any bytes."""
    return format_of(filename).parser().lines(source, filename)


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
    return format_of(filename).parser().tree(source, filename)


def compile_parts(source: bytes, filename: str, exercises: Collection[str] = ()) -> ParsedSource:
    """Compile a Python file as one part, or raise SyntaxError; compile a notebook statement by statement.

    What none of the `exercises` can notice is left out.
    """
    return format_of(filename).parser().parts(source, filename, exercises)


def dump(source: bytes, filename: str, exercises: Collection[str] = ()) -> bytes:
    """A compiled Python file for other workers of the same submission; empty if each worker must compile it.

    Raises SyntaxError for code that parses but does not compile, such as `return` outside a function.
    """
    if format_of(filename).has_cells:
        return b""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            (code,) = compile_parts(source, filename, exercises).codes
        return marshal.dumps(code)
    except SyntaxError as error:
        lines = lines_of(source, filename)
        if error.text is None and error.lineno and error.lineno <= len(lines):  # Python would read them from the file
            error.text = lines[error.lineno - 1]
        raise explained(error, "".join(lines)) from None
    except (ValueError, RecursionError, MemoryError):  # executing it gives the error
        return b""


def load(compiled: bytes) -> ParsedSource:
    """Load the result of `dump`. It is as untrusted as the submission: only a worker may load it."""
    return ParsedSource(codes=[marshal.loads(compiled)])
