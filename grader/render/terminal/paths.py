"""Paths as a person would type them."""

import shlex
from pathlib import Path

from grader.course import Section
from grader.grading.standing import newer_notebook


def as_typed(path: Path) -> str:
    """A path from the present folder on, if it lies below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def as_argument(path: Path) -> str:
    """A path as a word of a command."""
    return shlex.quote(as_typed(path))


def said_of_notebook(section: Section) -> str:
    """A warning that the notebook beside a file, which has newer work in it, was left aside; "" if there is none."""
    book = newer_notebook(section)
    if book is None:
        return ""
    command = f"grade notebook {as_argument(book)}"
    return f"{as_typed(book)} was edited later than {section.exercise.name}. To bring it over:  {command}"
