"""Zip archives: those of honest students, and those that were made to do harm."""

import io
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.submission.formats import SIZE_LIMIT
from grader.submission.locate import read_section
from grader.submission.search import COUNT_LIMIT
from grader.submission.zip_archive import ARCHIVE_LIMIT
from tests.submission.formats import (
    COMMAND,
    END,
    LOCAL,
    NAME,
    SECTION,
    SOURCE,
    STEM,
    Entry,
    archive_of,
    deflated,
    entry,
    local,
    refusal,
    zipped,
)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes], Path]:
    def to_file(data: bytes) -> Path:
        (tmp_path / "hw.zip").write_bytes(data)
        return tmp_path / "hw.zip"

    return to_file


HONEST = {
    "the file alone": [(NAME, SOURCE)],
    "a folder": [("homework/", b""), (f"homework/{NAME}", SOURCE), ("homework/notes.py", b"")],
    "an older copy below": [(f"hw/{NAME}", SOURCE), (f"hw/old/{NAME}", b"")],
    "made on macOS": [(f"hw/{NAME}", SOURCE), (f"__MACOSX/hw/{NAME}", b"\0\0"), ("hw/.DS_Store", b"")],
    "an editor's copy": [(NAME, SOURCE), (f".ipynb_checkpoints/{NAME}", b"")],
    "made on Windows": [(f"hw\\{NAME}", SOURCE), ("hw\\data\\", b"")],
    "links and pipes beside it": [
        (NAME, SOURCE),
        (entry("data", stat.S_IFLNK | 0o777), b"/etc"),
        (entry("p", 0o10644), b""),
    ],
    "an archive beside it": [(NAME, SOURCE), ("old.zip", b"")],
    "with a mode": [(entry(NAME, stat.S_IFREG | 0o644), SOURCE)],
    "not compressed": [(entry(NAME, method=zipfile.ZIP_STORED), SOURCE)],
    "spaces and dots": [(f"my homework ..v2/{NAME}", SOURCE)],
    "accents": [(f"Übung/{NAME}", SOURCE)],
}


@pytest.mark.parametrize("entries", HONEST.values(), ids=HONEST.keys())
def test_the_file_is_found(write: Callable[[bytes], Path], entries: list[Entry]) -> None:
    path = write(zipped(*entries))
    submission = read_section(path, SECTION)
    assert (submission.filename, submission.path, submission.source) == (NAME, path, SOURCE)


def test_an_archive_may_be_called_as_windows_likes_and_begin_or_end_with_something_else(tmp_path: Path) -> None:
    path = tmp_path / "HW.ZIP"
    path.write_bytes(b"#!/bin/sh\n" + zipped((NAME, SOURCE)) + b"\n")
    assert read_section(path, SECTION).source == SOURCE


def test_no_file_of_the_name_is_told_as_in_a_folder(write: Callable[[bytes], Path]) -> None:
    message = refusal(write(zipped(("homework/a.py", SOURCE), ("homework/b.py", b""), ("homework/data.csv", b""))))
    assert f"hw.zip: no file named {NAME} or .ipynb inside. It holds: homework/a.py, homework/b.py.\n" in message
    assert f"Rename the right one to {NAME}, or unpack it and grade the file itself: " in message
    assert f"{COMMAND} --submission homework/a.py" in message


def test_an_archive_in_an_archive_is_to_be_unpacked(write: Callable[[bytes], Path]) -> None:
    message = refusal(write(zipped(("Ann/hw.zip", zipped((NAME, SOURCE))), ("Ann/x.rar", b""))))
    assert "It holds: Ann/hw.zip, Ann/x.rar" in message
    assert "unpack Ann/hw.zip first" in message


REFUSED = {
    "up": ([(f"../{NAME}", SOURCE)], f"it holds ../{NAME}, which would lie outside"),
    "up in the middle": ([(f"a/../../{NAME}", SOURCE)], "would lie outside"),
    "up on Windows": ([(f"..\\{NAME}", SOURCE)], "would lie outside"),
    "up beside the file": ([(NAME, SOURCE), ("../../.bashrc", b"")], "it holds ../../.bashrc"),
    "absolute": ([(f"/{NAME}", SOURCE)], f"it holds /{NAME}, which would lie outside"),
    "a drive": ([(f"C:{NAME}", SOURCE)], "would lie outside"),
    "a host": ([(f"\\\\host\\share\\{NAME}", SOURCE)], "would lie outside"),
    "a link": ([(entry(NAME, stat.S_IFLNK | 0o777), b"/etc/passwd")], f"{NAME}: not a regular file but a link"),
    "a device": ([(entry(NAME, stat.S_IFCHR | 0o666), b"")], f"{NAME}: not a regular file"),
    "a disk": ([(entry(NAME, stat.S_IFBLK | 0o666), b"")], f"{NAME}: not a regular file"),
    "a pipe": ([(entry(NAME, stat.S_IFIFO | 0o666), b"")], f"{NAME}: not a regular file"),
    "a socket": ([(entry(NAME, stat.S_IFSOCK | 0o666), b"")], f"{NAME}: not a regular file"),
    "twice": ([(NAME, SOURCE), (NAME, b"")], f"it holds {NAME} more than once"),
    "in two folders": ([(f"a/{NAME}", SOURCE), (f"b/{NAME}", b"")], f"a/{NAME}, b/{NAME}"),
    "as two kinds": ([(NAME, SOURCE), (f"{STEM}.ipynb", b"")], f"{NAME}, {STEM}.ipynb"),
    "a folder in its place": ([(f"{NAME}/", b"")], "no Python file"),
    "hidden": ([(f".git/{NAME}", SOURCE)], "no Python file"),
    "very deep": ([("a/" * 9 + NAME, SOURCE)], "more than 8 folders deep"),
    "large": ([(NAME, bytes(range(1, 256)) * 4113)], f"{NAME}: larger than 1 MiB"),
    "a bomb that is small enough": ([(NAME, b"#" * (SIZE_LIMIT - 1))], "more than 200 times as large"),
    "lzma": ([(entry(NAME, method=zipfile.ZIP_LZMA), SOURCE)], "compressed by method 14"),
    "many": ([(f"{number}", b"") for number in range(COUNT_LIMIT + 1)], "more than 10000 files"),
    "very many": ([(f"{number}", b"") for number in range(4 * COUNT_LIMIT)], "more than 10000 files"),
    "nothing": ([], "no Python file"),
}


@pytest.mark.parametrize(("entries", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_meant_or_means_harm_is_refused(
    write: Callable[[bytes], Path], entries: list[Entry], words: str
) -> None:
    message = refusal(write(zipped(*entries)))
    assert "hw.zip: " in message
    assert words in message
    assert len(message) < 1500


NAMES = [
    b"two\nlines.py",
    b"\x1b[2Jcls.py",
    "\u202eyp.exe.py".encode(),
    b"\xff\xfe.py",
    b"a\r\nb.py",
    b"\x80" * 200 + b".py",
]


@pytest.mark.parametrize("marked", [0, 0x800], ids=["as they come", "marked as UTF-8"])
@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_no_text_or_gives_orders_is_written_out(
    write: Callable[[bytes], Path], name: bytes, marked: int
) -> None:
    message = refusal(write(archive_of([local(name, SOURCE, marked)], [(name, 0, marked)] * 2)))
    assert all(character.isprintable() or character == "\n" for character in message)
    assert message.encode()
    assert len(message) < 1500


def test_a_name_ends_where_it_ends_and_not_at_a_nul(write: Callable[[bytes], Path]) -> None:
    name = NAME.encode() + b"\0.py"
    path = write(archive_of([local(name, SOURCE)], [(name, 0, 0)]))
    assert read_section(path, SECTION).filename == f"{NAME}\\x00.py"


# -- archives by hand


def overlapping_bomb(files: int, kernel_size: int) -> bytes:
    """Every file's data is a quotation of the headers that follow, and then one kernel that they all share."""
    zeros = deflated(bytes(kernel_size))
    names = [NAME.encode(), *(b"%d.py" % number for number in range(1, files))]
    tail, size = zeros, kernel_size
    for name in reversed(names):
        header = local(name, b"", raw=tail, size=size)[: LOCAL.size + len(name)] + tail
        offset_free = len(header)
        quoted = header[: offset_free - len(tail)]
        tail = b"\0" + struct.pack("<HH", len(quoted), len(quoted) ^ 0xFFFF) + quoted + tail
        size += len(quoted)
    body = tail[5:]
    offsets, place = [], 0
    for name in names:
        offsets.append((name, place, 0))
        place += LOCAL.size + len(name) + 5
    return archive_of([body], offsets)


def test_a_bomb_of_files_that_overlap_costs_neither_memory_nor_time(write: Callable[[bytes], Path]) -> None:
    bomb = overlapping_bomb(200, 1 << 26)
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        assert sum(info.file_size for info in archive.infolist()) > 10_000 * len(bomb)
    path = write(bomb)
    tracemalloc.start()
    message = refusal(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "larger than 1 MiB" in message or "damaged" in message  # newer zipfiles notice the overlap
    assert peak < 8 * SIZE_LIMIT


LARGE = local(NAME.encode(), b"#" * (1 << 24))


def lying(**lies: int) -> bytes:
    return archive_of([LARGE], [(NAME.encode(), 0, 0)], **lies)


LIES = {
    "a size that is smaller": lying(size=10),
    "a size that is much larger": lying(size=0xFFFFFFFE),
    "a size that asks for ZIP64": lying(size=0xFFFFFFFF),
    "a packed size that is smaller": lying(packed=10),
    "a packed size beyond the end": lying(packed=0xFFFFFFFE),
    "an offset beyond the end": lying(offset=0x7FFFFFFF),
    "an offset into the data": lying(offset=40),
    "a directory that is longer": lying(length=0x7FFFFFFF),
    "a directory that is shorter": lying(length=10),
    "a directory elsewhere": lying(start=0x7FFFFFFF),
    "another name": archive_of([local(b"a", SOURCE)], [(NAME.encode(), 0, 0)]),
    "another content": archive_of(
        [local(NAME.encode(), SOURCE, raw=deflated(b"x" * len(SOURCE)))], [(NAME.encode(), 0, 0)]
    ),
    "no deflate": archive_of([local(NAME.encode(), SOURCE, raw=b"\xff" * 50)], [(NAME.encode(), 0, 0)]),
    "cut in the middle": zipped((NAME, SOURCE * 100))[:-60],
    "its first half": zipped((NAME, SOURCE * 100))[:100],
    "nothing": b"",
    "a text": b"def f(): pass\n",
    "the end alone, which tells of files": END.pack(b"PK\5\6", 0, 0, 5, 5, 500, 0, 0),
}


@pytest.mark.parametrize("data", LIES.values(), ids=LIES.keys())
def test_an_archive_that_lies_or_is_damaged_is_refused(write: Callable[[bytes], Path], data: bytes) -> None:
    tracemalloc.start()
    message = refusal(write(data))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "hw.zip: " in message
    assert "not a zip archive, or a damaged one. Zip your files again" in message or "larger than" in message
    assert peak < 12 * SIZE_LIMIT


def test_a_number_of_files_that_is_a_lie_changes_nothing(write: Callable[[bytes], Path]) -> None:
    data = archive_of([local(NAME.encode(), SOURCE)], [(NAME.encode(), 0, 0)], count=65_000)
    assert read_section(write(data), SECTION).source == SOURCE


@pytest.mark.parametrize("flags", [0x01, 0x41])
def test_a_password_is_named(write: Callable[[bytes], Path], flags: int) -> None:
    data = archive_of([local(NAME.encode(), SOURCE, flags)], [(NAME.encode(), 0, flags)])
    message = refusal(write(data))
    assert f"{NAME}: it is locked with a password. Zip it again without one" in message


def test_an_archive_that_is_too_large_is_not_opened(write: Callable[[bytes], Path]) -> None:
    path = write(zipped((NAME, SOURCE)))
    with path.open("r+b") as file:
        file.truncate(ARCHIVE_LIMIT + 1)
    assert "hw.zip: larger than 64 MiB" in refusal(path)


def test_a_link_to_an_archive_is_not_followed(write: Callable[[bytes], Path], tmp_path: Path) -> None:
    (tmp_path / "link.zip").symlink_to(write(zipped((NAME, SOURCE))))
    assert "link.zip: it is a link" in refusal(tmp_path / "link.zip")


def test_nothing_is_unpacked(write: Callable[[bytes], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(zipped((NAME, SOURCE), ("a/b.txt", b"")))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    read_section(path, SECTION)
    assert sorted(item.name for item in tmp_path.rglob("*")) == ["here", "hw.zip"]


def test_thousands_of_entries_that_could_be_meant_are_refused_at_once(write: Callable[[bytes], Path]) -> None:
    """Looked at in pairs, these would take hours: the work is counted, by the names that are compared."""
    half = COUNT_LIMIT // 2 - 1
    path = write(zipped(*[("a/" * 140 + NAME, b"")] * half, *[(NAME, b"")] * half))
    assert "more than once" in refusal(path)
