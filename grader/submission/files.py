"""Open regular files of a hand-in, of limited size, without following links or waiting for pipes; and write beside them."""

import errno
import io
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from grader.submission.refusals import ExpectedFile

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True)
class Opened:
    """An open file, and the path by which it was opened, which had no link in it."""

    file: io.FileIO
    real: Path


def open_regular(path: Path, wanted: ExpectedFile) -> Opened:
    """Open a regular file for reading, or raise UsageError.

    Links to its folder are resolved first, and the file is opened by its real path: changing a link meanwhile changes neither
    the file nor its path.
    """
    try:
        real = os.path.join(os.path.realpath(path.parent), path.name)
        if os.path.islink(real):  # where there is no O_NOFOLLOW
            raise wanted.a_link(path)
        descriptor = os.open(real, _FLAGS)
    except (OSError, ValueError) as error:
        raise wanted.not_opened(path, error) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise wanted.not_regular(path)
    return Opened(io.FileIO(descriptor, "rb"), Path(real))


def read_regular(path: Path, limit: int, wanted: ExpectedFile) -> tuple[bytes, Path]:
    """Read a regular file of at most `limit` bytes, and tell its real path, or raise UsageError."""
    opened = open_regular(path, wanted)
    with io.BufferedReader(opened.file) as file:
        try:
            size = min(os.fstat(file.fileno()).st_size, limit)  # a read takes the memory that it asks for
            data = file.read(size + 1)
        except OSError as error:
            raise wanted.not_opened(path, error) from None
    if len(data) > limit:
        raise wanted.too_large(path, limit)
    return data, opened.real


def write_regular(path: Path, data: bytes, private: bool = False) -> None:
    """Write a file, but never through a link to a regular file, since the folder may belong to a submission.

    A `private` one can be read by its owner alone. Raises OSError.
    """
    if path.is_symlink() and (path.is_file() or not path.exists()):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    with open(path, "wb", opener=lambda name, _: os.open(name, flags, 0o600 if private else 0o666)) as file:
        if private and hasattr(os, "fchmod") and stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            os.fchmod(file.fileno(), 0o600)  # it may have been there before
        file.write(data)
