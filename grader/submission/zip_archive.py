"""Read a section's file from a zip archive, in memory; nothing is ever unpacked to disk.

The archive is untrusted: what its headers say is a claim, and only bytes that were really read count.
"""

import io
import re
import zipfile
from contextlib import suppress
from pathlib import Path, PurePosixPath

from grader.course import UsageError
from grader.submission.expected_file import MIB, ExpectedFile, size_limit
from grader.submission.files import open_regular
from grader.submission.search import (
    COUNT_LIMIT,
    DEPTH_LIMIT,
    Contents,
    ambiguous,
    is_special,
    listing,
    missing,
    topmost,
    without_stubs,
)
from grader.toolkit.text import one_line

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


def read_from_archive(path: Path, wanted: ExpectedFile) -> tuple[str, bytes, Path]:
    """Return name and content of the section's file in the archive, and the real path of that; or raise UsageError."""
    again = f"Zip your files again, or hand in the file itself: {wanted.grade(wanted.names[0])}"
    opened = open_regular(path, wanted)
    with opened.file, _File(opened.file.fileno(), "rb", closefd=False) as file:
        if file.seek(0, io.SEEK_END) > ARCHIVE_LIMIT:
            raise wanted.refusal(path, f"larger than {ARCHIVE_LIMIT // MIB} MiB", again)
        try:
            with zipfile.ZipFile(file) as archive:
                return *_read(archive, path, wanted), opened.real
        except UsageError:
            raise
        except _TooLongError:
            raise wanted.refusal(path, f"it holds more than {COUNT_LIMIT} files", again) from None
        except Exception:  # zipfile and zlib raise a dozen kinds of errors on damaged archives
            raise wanted.refusal(path, "not a zip archive, or a damaged one", again) from None


def _read(archive: zipfile.ZipFile, path: Path, wanted: ExpectedFile) -> tuple[str, bytes]:
    entries = archive.infolist()
    if len(entries) > COUNT_LIMIT:
        fix = f"Zip your own files only, or hand in the file itself: {wanted.grade(wanted.names[0])}"
        raise wanted.refusal(path, f"it holds more than {COUNT_LIMIT} files", fix)
    contents, infos = Contents(), {}
    for info in entries:
        inside = _path_of(info, path, wanted)
        if not info.orig_filename.endswith(("/", "\\")):
            contents.add(inside, wanted)
            infos[inside] = info

    def read(inside: PurePosixPath) -> bytes:
        _expect_ordinary(infos[inside], inside, path, wanted)
        return _content(archive, infos[inside], inside, path, wanted)

    def compared(inside: PurePosixPath) -> bytes:
        try:
            return read(inside)
        except zipfile.BadZipFile:
            raise wanted.refusal(path, "damaged") from None

    found = topmost(contents.wanted) or topmost(without_stubs(contents.wanted, wanted, compared))
    if found is not None:
        return found.name, read(found)
    if contents.wanted:
        fix = f"Zip the right one only, or unpack it and name the file: {wanted.grade(contents.wanted[0])}"
        raise ambiguous(path, contents.wanted, fix)
    raise _not_there(path, contents, wanted)


def _path_of(info: zipfile.ZipInfo, archive: Path, wanted: ExpectedFile) -> PurePosixPath:
    """Where an entry lies in the archive. Raises UsageError if it claims to lie outside."""
    name = info.orig_filename  # whole, where `filename` ends at the first NUL
    if not info.flag_bits & _UTF8:  # Unix programs write UTF-8 and forget to say so
        with suppress(UnicodeError):
            name = name.encode("cp437").decode()
    path = PurePosixPath(name.replace("\\", "/"))
    if _ABSOLUTE.match(name) or ".." in path.parts:
        reason = f"it holds {one_line(name, 100)}, which would lie outside the folder where it is unpacked"
        fix = f"Zip the folder with your files itself, or hand in the file: {wanted.grade(wanted.names[0])}"
        raise wanted.refusal(archive, reason, fix)
    return path


def _expect_ordinary(info: zipfile.ZipInfo, inside: PurePosixPath, archive: Path, wanted: ExpectedFile) -> None:
    """Raise UsageError if an entry is anything but a file that can be read within bounds."""
    place, name = f"{archive}: {inside}", wanted.names[0]
    if is_special(info.external_attr >> 16):
        raise wanted.refusal(place, "not a regular file but a link or a device")
    if info.flag_bits & _ENCRYPTED:
        fix = f"Zip it again without one, or hand in the file itself: {wanted.grade(name)}"
        raise wanted.refusal(place, "it is locked with a password", fix)
    if info.compress_type not in _METHODS:
        fix = f"Zip it again with the ordinary method, deflate, or hand in the file itself: {wanted.grade(name)}"
        raise wanted.refusal(place, f"compressed by method {info.compress_type}, which is not read here", fix)
    if len(inside.parts) > DEPTH_LIMIT + 1:
        raise wanted.refusal(place, f"it lies more than {DEPTH_LIMIT} folders deep")


def _content(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, inside: PurePosixPath, path: Path, wanted: ExpectedFile
) -> bytes:
    place, limit = f"{path}: {inside}", size_limit(inside.name)
    with archive.open(info) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise wanted.refusal(place, f"larger than {limit // MIB} MiB")
    if len(data) > max(_RATIO_FROM, RATIO_LIMIT * info.compress_size):
        raise wanted.refusal(place, f"unpacked it is more than {RATIO_LIMIT} times as large as packed")
    return data


def _not_there(path: Path, contents: Contents, wanted: ExpectedFile) -> UsageError:
    if contents.sources:
        fix = f"Rename it to {wanted.names[0]}, or unpack it and grade the file itself: {wanted.grade(contents.sources[0])}"
    elif contents.archives:
        inner = listing(contents.archives[:1])
        fix = f"An archive in an archive is not opened: unpack {inner} first, then: {wanted.grade(wanted.names[0])}"
    else:
        fix = f"Zip your files again, or hand in the file itself: {wanted.grade(wanted.names[0])}"
    return missing(path, contents, wanted, fix)
