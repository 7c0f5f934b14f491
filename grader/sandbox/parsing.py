"""A submission's bytes as lines, as a syntax tree and as code, whether they are a Python file's or a notebook's.

Runs in a worker: parsing hostile text can exhaust memory or the stack.
"""

import ast
import io
import warnings

from grader.sandbox import cells
from grader.sandbox.decoding import decode


def lines_of(source: bytes, filename: str) -> list[str]:
    """The lines as tracebacks are to show them, whatever the bytes are."""
    if cells.is_notebook(filename):
        return cells.shown_lines(_joined(source))
    try:
        text = decode(source, filename)
    except SyntaxError:
        text = source.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return io.StringIO(text).readlines()


def parse(source: bytes, filename: str) -> ast.Module:
    """Return the syntax tree, or raise SyntaxError. Of a notebook, it is that of the cells which parse, if there are any."""
    if not cells.is_notebook(filename):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(decode(source, filename), filename)
    program = _read_cells(source, filename)
    if program.error and not program.tree.body:
        raise program.error
    return program.tree


def compile_parts(source: bytes, filename: str) -> cells.Program:
    """Return what is to be executed: a Python file as one part, or raise SyntaxError; a notebook cell by cell."""
    if cells.is_notebook(filename):
        return _read_cells(source, filename)
    return cells.Program(codes=[compile(decode(source, filename), filename, "exec", dont_inherit=True)])


def _read_cells(source: bytes, filename: str) -> cells.Program:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return cells.read(_joined(source), filename)


def _joined(source: bytes) -> str:
    return source.decode("utf-8", "replace")
