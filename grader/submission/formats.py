"""The files that may be handed in, by the ends of their names: how large each may be, and how its text is read."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from grader.submission.refusals import ExpectedFile

MIB = 1 << 20
SIZE_LIMIT = 1 * MIB  # bytes of source; the longest honest solution has a few ten thousand
NOTEBOOK_LIMIT = 16 * MIB  # its pictures are in the file, too
ARCHIVES = frozenset({".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar", ".zst"})


@dataclass(frozen=True)
class Text:
    """The text of a file, as a worker gets it. `made_for` is the stem of the section that the file itself names, if it does."""

    source: bytes
    made_for: str = ""


@dataclass(frozen=True)
class Format:
    """One kind of file: `limit` in bytes, and `read`, which takes the text out of the bytes or raises UnreadableError."""

    limit: int
    read: Callable[[bytes, str, ExpectedFile], Text]


def _python(data: bytes, place: str, wanted: ExpectedFile) -> Text:
    if data[:1] == b"{" and b'"nbformat"' in data and b'"cells"' in data:
        raise wanted.renamed_notebook(place)
    return Text(data)


def _notebook(data: bytes, place: str, wanted: ExpectedFile) -> Text:
    from grader.submission.notebook_source import source_of  # here, since most submissions do not need it

    return Text(*source_of(data, place, wanted))


FORMATS = {".py": Format(SIZE_LIMIT, _python), ".ipynb": Format(NOTEBOOK_LIMIT, _notebook)}
HAND_IN_KINDS = (*FORMATS, ".zip")


def kind_of(name: str) -> str:
    """The end of a file's name that tells its kind, such as ".py"."""
    return os.path.splitext(name)[1].lower()


def size_limit(name: str) -> int:
    """How many bytes a file of this name may have."""
    return FORMATS[kind_of(name)].limit
