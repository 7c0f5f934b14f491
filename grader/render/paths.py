"""Paths as a person would type them."""

from pathlib import Path


def as_typed(path: Path) -> str:
    """A path from the present folder on, if it lies below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
