"""The course's key on disk. It seeds the test sets, so that no submission can know them beforehand."""

import os
import re
import stat
from pathlib import Path

from grader.course import UsageError
from grader.toolkit.text import one_line, shell_word

FILENAME = "course.key"
_BYTES = 32
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_key(path: Path) -> bytes | None:
    """The key in a file; None if there is no such file.

    Raises:
        UsageError: the file cannot be read, holds something else, or can be read by others than its owner.
    """
    mode = 0
    try:
        with path.open(encoding="ascii") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read().strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        text = ""
    if not re.fullmatch(f"[0-9a-f]{{{2 * _BYTES}}}", text):
        raise UsageError(
            f"{one_line(str(path))}: not a course's key. Restore it: with another key, the same code may get another grade."
        )
    if mode & _OTHERS and os.name != "nt":  # Windows shows other modes than it has
        raise UsageError(
            f"{one_line(str(path))}: other users of this machine may read this key. The key must be yours alone: "
            f"chmod 600 {shell_word(one_line(str(path)))}\n"
            "If that changes nothing, the file system keeps no modes: move the folder to another one."
        )
    return bytes.fromhex(text)


def make_folder(path: Path) -> None:
    """Make a folder that only its owner may enter, and the folders above it. An existing folder stays unchanged.

    Raises:
        OSError: it cannot be made.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def make_key(path: Path) -> bytes:
    """The key in a file, which only its owner may read; where there is no file, a new one with a random key.

    Raises:
        UsageError: the file cannot be written, or holds something else.
    """
    known = read_key(path)
    if known is not None:
        return known
    key = os.urandom(_BYTES)
    try:
        make_folder(path.parent)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(key.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise UsageError(f"{one_line(str(path))}: cannot be written: {error.strerror}.") from None
    return key
