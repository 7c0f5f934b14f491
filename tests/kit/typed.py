"""`grade` in a kit, as a student types it: without the variables of the process that tests."""

import os
import sys
from pathlib import Path

from tests import forked

_FROM_US = ("GRADE_", "PYTHON", "PYTEST", "VIRTUAL_ENV")


def environment() -> dict[str, str]:
    """The variables that a student's shell may have."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_FROM_US)}


def grade(folder: Path, *words: str, python: str | Path = sys.executable):
    return forked.run([str(python), "-m", "grader", *words], environment() | {"COLUMNS": "100"}, folder)
