"""Read a section's file from a zip archive, in memory; nothing is ever unpacked to disk.

The archive is untrusted: what its headers say is a claim, and only bytes that were really read count.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from grader.course import UsageError
from grader.submission.files import open_regular
from grader.submission.formats import MIB, format_of
from grader.submission.refusals import ExpectedFile
from grader.submission.search import COUNT_LIMIT, DEPTH_LIMIT, Files, is_special

ARCHIVE_LIMIT = 64 * MIB
DIRECTORY_LIMIT = 2 * MIB  # bytes of the list of files: ten thousand of them take less
RATIO_LIMIT = 200  # of the size to the compressed size; source comes to 10 at most
_RATIO_FROM = 64 << 10  # bytes; below, a high ratio is harmless

_ENCRYPTED = 0x01 | 0x40
_UTF8 = 0x800
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others take memory that their headers ask for
_ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:")


class _TooLongError(Exception):
    """The archive's list of files is longer than an honest one."""


class _File(io.FileIO):
    """A file with a limit on each read: otherwise `zipfile` reads as much as the archive says."""

    def read(self, size: int | None = -1, /) -> bytes:
        whole = size is None or size < 0 or size > DIRECTORY_LIMIT
        data = super().read(DIRECTORY_LIMIT + 1 if whole else size) or b""
        if len(data) > DIRECTORY_LIMIT:
            raise _TooLongError
        return data


@contextmanager
def files_in_archive(path: Path, wanted: ExpectedFile) -> Iterator[Files]:
    """The files of an archive, which stays open meanwhile. Raises UnreadableError, also when a file is read."""
    opened = open_regular(path, wanted)
    with opened.file, _File(opened.file.fileno(), "rb", closefd=False) as file:
        if file.seek(0, io.SEEK_END) > ARCHIVE_LIMIT:
            raise wanted.archive_too_large(path, ARCHIVE_LIMIT)
        try:
            with zipfile.ZipFile(file) as archive:
                yield _files(archive, path, opened.real, wanted)
        except UsageError:
            raise
        except _TooLongError:
            raise wanted.archive_too_full(path, COUNT_LIMIT) from None
        except Exception:  # zipfile and zlib raise a dozen kinds of errors on damaged archives
            raise wanted.damaged(path) from None


def _files(archive: zipfile.ZipFile, path: Path, real: Path, wanted: ExpectedFile) -> Files:
    entries = archive.infolist()
    if len(entries) > COUNT_LIMIT:
        raise wanted.archive_too_full(path, COUNT_LIMIT)
    infos: dict[PurePosixPath, zipfile.ZipInfo] = {}

    def read(inside: PurePosixPath) -> tuple[bytes, Path]:
        _expect_ordinary(infos[inside], inside, path, wanted)
        try:
            return _content(archive, infos[inside], inside, path, wanted), real
        except zipfile.BadZipFile:
            raise wanted.damaged(path) from None

    files = Files(path, True, read)
    for info in entries:
        inside = _path_of(info, path, wanted)
        if not info.orig_filename.endswith(("/", "\\")):
            files.add(inside)
            infos[inside] = info
    return files


def _path_of(info: zipfile.ZipInfo, archive: Path, wanted: ExpectedFile) -> PurePosixPath:
    """Where an entry lies in the archive. Raises UsageError if it claims to lie outside."""
    name = info.orig_filename  # whole, where `filename` ends at the first NUL
    if not info.flag_bits & _UTF8:  # Unix programs write UTF-8 and forget to say so
        with suppress(UnicodeError):
            name = name.encode("cp437").decode()
    path = PurePosixPath(name.replace("\\", "/"))
    if _ABSOLUTE.match(name) or ".." in path.parts:
        raise wanted.outside(archive, name)
    return path


def _expect_ordinary(info: zipfile.ZipInfo, inside: PurePosixPath, archive: Path, wanted: ExpectedFile) -> None:
    """Raise UsageError if an entry is anything but a file that can be read within bounds."""
    place = f"{archive}: {inside}"
    if is_special(info.external_attr >> 16):
        raise wanted.special_entry(place)
    if info.flag_bits & _ENCRYPTED:
        raise wanted.locked(place)
    if info.compress_type not in _METHODS:
        raise wanted.other_method(place, info.compress_type)
    if len(inside.parts) > DEPTH_LIMIT + 1:
        raise wanted.too_deep(place, DEPTH_LIMIT)


def _content(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, inside: PurePosixPath, path: Path, wanted: ExpectedFile
) -> bytes:
    place, limit = f"{path}: {inside}", format_of(inside.name).limit
    with archive.open(info) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise wanted.too_large(place, limit)
    if len(data) > max(_RATIO_FROM, RATIO_LIMIT * info.compress_size):
        raise wanted.too_dense(place, RATIO_LIMIT)
    return data
