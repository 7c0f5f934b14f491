"""The place of an exercise in its file, its first line and its docstring. Read from the syntax tree."""

import ast
import warnings
from dataclasses import dataclass
from pathlib import Path

from grader.course import UsageError
from grader.section import Section
from grader.submission.python_file import decode


@dataclass(frozen=True)
class ExerciseText:
    """The text that a student reads before writing an exercise. `line` is that of its `def`."""

    name: str
    path: Path
    line: int
    signature: str
    docstring: str


def text_of(section: Section, exercise: str) -> ExerciseText:
    """Read an exercise's text from the file that the student edits.

    Raises:
        UsageError: the file is not there, is not Python, or defines no such exercise.
    """
    path = section.exercise
    retry = f"then: grade next {section.id} {exercise}"
    try:
        source = decode(path.read_bytes(), path.name)
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(source)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}. Bring it back, {retry}") from None
    except SyntaxError as error:
        raise UsageError(f"{path}:{error.lineno}: {error.msg}. Fix this line, {retry}") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: cannot be read as Python: {error}. Fix it, {retry}") from None
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == exercise:
            lines = source.splitlines()[node.lineno - 1 : node.body[0].lineno - 1]
            signature = "\n".join(line.rstrip() for line in lines).removesuffix(":")
            return ExerciseText(exercise, path, node.lineno, signature, ast.get_docstring(node) or "")
    raise UsageError(f"{path}: there is no {exercise} in this file. Bring it back: grade reset {section.id} {exercise}")
