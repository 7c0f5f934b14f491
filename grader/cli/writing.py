"""Write the files that a person names: one file, or many as a folder or zip."""

import errno
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.course import UsageError
from grader.toolkit.text import one_line


def expect_writable(path: Path) -> None:
    """Raise UsageError if a file can certainly not be written."""
    reason = None
    if path.is_dir():
        reason = errno.EISDIR
    elif not path.parent.is_dir():
        reason = errno.ENOENT
    elif not os.access(path if path.exists() else path.parent, os.W_OK):
        reason = errno.EACCES
    if reason is not None:
        raise UsageError(f"{path}: cannot be written: {os.strerror(reason)}. Name another file.")


def write_file(path: Path, data: bytes, private: bool = False) -> None:
    """Write a file that the user named, or raise UsageError. Only its owner can read a `private` file."""
    from grader.submission.files import write_regular

    try:
        write_regular(path, data, private)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO) and path.is_file():
            path.unlink()  # half a report is worse than none
        reason = "it is a link" if path.is_symlink() else error.strerror
        raise UsageError(f"{path}: cannot be written: {reason}. Name another file.") from None


def expect_folder(path: Path | None) -> None:
    """Raise UsageError if a folder or zip can certainly not be written; None asks for none."""
    if path is None:
        return
    if not path.parent.is_dir():
        raise UsageError(f"{one_line(str(path))}: cannot be written: there is no folder {one_line(str(path.parent))}.")
    if path.is_file() and path.suffix.lower() != ".zip":
        raise UsageError(f"{one_line(str(path))}: cannot be written: it is a file. Name a folder, or a .zip.")


def write_files(where: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Write files to a folder, or to a zip if the name ends so. Returns how many; raises UsageError if it cannot.

    In an existing folder, files of the same names are replaced.
    """
    from grader.submission.files import write_regular

    shown, count = one_line(str(where)), 0
    try:
        if where.suffix.lower() == ".zip":
            from grader.kit.bundle import zipped

            def counted() -> Iterator[tuple[str, bytes]]:
                nonlocal count
                for file in files:
                    count += 1
                    yield file

            write_regular(where, zipped(counted()))
            return count
        where.mkdir(exist_ok=True)
        for name, data in files:
            path = where / name
            if any(folder.is_symlink() for folder in path.parents if where in folder.parents):
                raise OSError(errno.ELOOP, "it holds a folder that is a link")
            path.parent.mkdir(parents=True, exist_ok=True)
            write_regular(path, data)
            count += 1
    except OSError as error:
        reason = "it is a file: name a folder, or a .zip" if error.errno == errno.EEXIST else error.strerror
        raise UsageError(f"{shown}: cannot be written: {reason}.") from None
    return count
