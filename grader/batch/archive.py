"""Many files as a folder or a zip, the same bytes for the same files."""

import errno
import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

from grader.course import UsageError
from grader.submission.files import write_regular
from grader.toolkit.text import one_line

_EPOCH = (1980, 1, 1, 0, 0, 0)  # of a zip: when a file was made is no part of it


def write_files(where: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Write files to a folder, or to a zip if the name ends so. Returns how many; raises UsageError where it cannot be done.

    A folder that is there may have files, of which those of the same names are replaced.
    """
    shown, count = one_line(str(where)), 0
    try:
        if where.suffix.lower() == ".zip":
            data, count = _zipped(files)
            write_regular(where, data)
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


def _zipped(files: Iterable[tuple[str, bytes]]) -> tuple[bytes, int]:
    """The zip, and how many files are in it: only what is packed is in memory."""
    page, count = io.BytesIO(), 0
    with zipfile.ZipFile(page, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
            count += 1
    return page.getvalue(), count
