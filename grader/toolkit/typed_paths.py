"""Paths as a person types them, and as files name them, with slashes on each platform."""

import ntpath
import posixpath
from pathlib import Path, PurePath, PureWindowsPath

from grader.toolkit.text import shell_word

DEFAULT_OUT = Path("results")  # the folder of the gradebook
GRADEBOOK = "gradebook.sqlite"
# The files of a gradebook in its folder: SQLite's, the key, and those that an instructor writes.
GRADEBOOK_FILES = (
    GRADEBOOK, f"{GRADEBOOK}-wal", f"{GRADEBOOK}-shm", f"{GRADEBOOK}-journal", "course.key", "policy.toml", "roster.csv",
    "comments.csv",
)  # fmt: skip


def as_typed(path: PurePath, folder: PurePath | None = None) -> str:
    """A path from the folder on, by default the present one, if it lies below it."""
    try:
        return str(path.relative_to(folder or Path.cwd()))
    except ValueError:
        return str(path)


def below(path: PurePath, folder: PurePath) -> str:
    """A path from the folder on, with slashes; "" if it lies outside."""
    try:
        return path.relative_to(folder).as_posix()
    except ValueError:
        return ""


def way_to(path: PurePath, folder: PurePath) -> str:
    """How to get from a folder to a path, with slashes; both are absolute. The whole path if there is no way."""
    paths = ntpath if isinstance(path, PureWindowsPath) else posixpath
    try:
        return type(path)(paths.relpath(path, folder)).as_posix()
    except ValueError:  # on Windows, another drive
        return path.as_posix()


def as_argument(path: Path) -> str:
    """A path as a word of a command."""
    return shell_word(as_typed(path))


def out_option(out: Path) -> str:
    """The option that names the folder of a gradebook; "" if that is the default."""
    return "" if out == DEFAULT_OUT else f" --out {as_argument(out)}"
