"""Where Python's debugger should stop in a student's own file."""

import ast

from grader.submission.python_file import decode


def first_lines(source: bytes, filename: str, exercise: str) -> list[int]:
    """The first line that runs in a function, or in each method of a class; none if the file does not define it."""
    try:
        tree = ast.parse(decode(source, filename))
    except (SyntaxError, ValueError, RecursionError):
        return []
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node for node in tree.body if isinstance(node, (*kinds, ast.ClassDef)) and node.name == exercise][-1:]
    inside = [one for node in found if isinstance(node, ast.ClassDef) for one in node.body]
    return [_first_line(node) for node in [*found, *inside] if isinstance(node, kinds)]


def _first_line(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    behind = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (behind or function.body)[0].lineno
