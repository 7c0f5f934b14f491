"""Hand-ins of each format, made for tests, and the words with which one is refused."""

import io
import json
import struct
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from grader.course import UsageError
from grader.section import Section
from grader.submission.locate import read_section
from tests.paths import ROOT

SECTION = Section(4, "momentum", ROOT)

STEM = SECTION.stem

NAME = f"{STEM}.py"

COMMAND = "grade section4"

SOURCE = b"def f():\n    return '\xff'\n"


def refusal(path: Path) -> str:
    """The message of a refusal, after a look at what every such message holds."""
    with pytest.raises(UsageError) as caught:
        read_section(path, SECTION)
    message = str(caught.value)
    assert f"{COMMAND} --submission " in message or "grade --help" in message
    assert message.isprintable() or "\n" in message
    return message


Entry = tuple[str | zipfile.ZipInfo, bytes]

LOCAL, CENTRAL, END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")


def zipped(*entries: Entry) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, data in entries:
            archive.writestr(name, data)
    return buffer.getvalue()


def entry(name: str, mode: int = 0, method: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.compress_type = method
    return info


def local(name: bytes, data: bytes, flags: int = 0, raw: bytes | None = None, size: int | None = None) -> bytes:
    """A local header and deflated data; `raw` instead of the data as it is to lie there."""
    packed = raw if raw is not None else deflated(data)
    size = len(data) if size is None else size
    return LOCAL.pack(b"PK\3\4", 20, flags, 8, 0, 33, zlib.crc32(data), len(packed), size, len(name), 0) + name + packed


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def archive_of(files: list[bytes], entries: list[tuple[bytes, int, int]], **lies: int) -> bytes:
    """An archive of `files`, with a central directory of (name, offset, flags), each like the local header at its offset."""
    body = b"".join(files)
    directory = b""
    for name, offset, flags in entries:
        _, _, _, method, _, _, crc, packed, size, _, _ = LOCAL.unpack_from(body, offset)
        packed, size = lies.get("packed", packed), lies.get("size", size)
        where = lies.get("offset", offset)
        parts = (b"PK\1\2", 20, 20, flags, method, 0, 33, crc, packed, size, len(name), 0, 0, 0, 0, 0, where)
        directory += CENTRAL.pack(*parts) + name
    count, length = lies.get("count", len(entries)), lies.get("length", len(directory))
    return body + directory + END.pack(b"PK\5\6", 0, 0, count, count, length, lies.get("start", len(body)), 0)


def notebook(*cells: str | list[str] | None, **extra: Any) -> dict[str, Any]:
    """A notebook of code cells, as Jupyter writes it today."""
    parts = [{"cell_type": "code", "source": s, "outputs": [], "execution_count": None, "metadata": {}} for s in cells]
    return {"cells": parts, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **extra}


def zip_of(files: dict[str, bytes]) -> bytes:
    """An archive of files by name."""
    return zipped(*files.items())


def notebook_of(source: bytes) -> bytes:
    """The bytes of a notebook with one cell."""
    return json.dumps(notebook(source.decode())).encode()
