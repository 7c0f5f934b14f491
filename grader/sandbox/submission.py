"""Find and read a section's file in what was handed in. Its text stays bytes: only a worker ever looks inside.

A submission is untrusted: links are never followed, only regular files are opened, and sizes are capped.
"""

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from grader.course import UsageError
from grader.toolkit.text import one_line

SIZE_LIMIT = 1 << 20  # bytes; the longest honest solution has a few ten thousand
LISTED = 5


@dataclass(frozen=True)
class Submission:
    """One section's source as it was handed in, and the name to call it by."""

    filename: str
    path: Path
    source: bytes


def read_submission(path: Path, stem: str, command: str) -> Submission:
    """Read a section's file: `path` is the file itself, or a folder that holds `stem`.py.

    Raises UsageError, with what was found and what to type, if there is none or it cannot be read. `command` is what to
    type to grade, for that message.
    """
    try:
        kind = os.stat(path).st_mode if path.is_dir() else os.lstat(path).st_mode
    except OSError as error:
        raise UsageError(f"{_shown(path)}: {_reason(error)}. Expected a file or a folder; see: grade --help") from None
    if stat.S_ISDIR(kind):
        return _read_folder(path, stem, command)
    if path.suffix != ".py":
        raise UsageError(
            f"{_shown(path)}: this kind of file cannot be graded. Expected {stem}.py, or a folder that holds it. "
            f"Try: {command} --submission {stem}.py"
        )
    return Submission(one_line(path.name, 100), path, _read_file(path, command))


def _read_folder(folder: Path, stem: str, command: str) -> Submission:
    wanted = f"{stem}.py"
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise UsageError(f"{_shown(folder)}: {_reason(error)}. {_try(command)}") from None
    if wanted in names:
        return Submission(wanted, folder / wanted, _read_file(folder / wanted, command))
    others = [name for name in names if name.endswith(".py")]
    shown = ", ".join(one_line(name, 60) for name in others[:LISTED]) + (", …" if len(others) > LISTED else "")
    message = f"{_shown(folder)}: no file named {wanted} inside."
    if others:
        file = one_line(str(folder / others[0]))
        message += f" It holds: {shown}.\nRename the right one to {wanted}, or grade the file itself: "
        raise UsageError(f"{message}{command} --submission {file}")
    raise UsageError(f"{message} It holds no Python file. Name the folder with yours: {command} --submission FOLDER")


def _read_file(path: Path, command: str) -> bytes:
    """Read a regular file of bounded size, following no link and waiting for no pipe."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise UsageError(f"{_shown(path)}: {_reason(error)}. {_try(command)}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UsageError(f"{_shown(path)}: not a regular file. {_try(command)}")
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(SIZE_LIMIT + 1)
    if len(data) > SIZE_LIMIT:
        raise UsageError(f"{_shown(path)}: larger than {SIZE_LIMIT >> 20} MiB. {_try(command)}")
    return data


def _try(command: str) -> str:
    return f"Hand in the Python file itself: {command} --submission FILE"


def _shown(path: Path) -> str:
    return one_line(os.fsencode(path).decode("utf-8", "replace"))


def _reason(error: OSError) -> str:
    if error.errno in (errno.ELOOP, errno.EMLINK):
        return "it is a link, and links in a submission are not followed"
    known = {errno.ENOENT: "not found", errno.EACCES: "not readable (permission denied)"}
    return known.get(error.errno or 0, os.strerror(error.errno or 0).lower())
