"""The course's key on disk: what a submission is judged with is drawn by it, so that no submission can know it beforehand."""

import os
import re
from pathlib import Path

from grader.course import UsageError
from grader.toolkit.text import one_line

FILENAME = "course.key"
_BYTES = 32


def read_key(path: Path) -> bytes | None:
    """The key in a file; None if there is no such file.

    Raises:
        UsageError: the file cannot be read, or holds something else.
    """
    try:
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        text = ""
    if not re.fullmatch(f"[0-9a-f]{{{2 * _BYTES}}}", text):
        raise UsageError(
            f"{one_line(str(path))}: not a course's key. Restore it: with another key, the same code may get another grade."
        )
    return bytes.fromhex(text)


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
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(key.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise UsageError(f"{one_line(str(path))}: cannot be written: {error.strerror}.") from None
    return key
