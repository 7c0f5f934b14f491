"""Pairs of similar submissions, to read side by side. They are never a verdict."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from grader.batch.fingerprints import ComparisonResult, ComparisonTask, Overlap
from grader.batch.gradebook.book import Gradebook
from grader.batch.gradebook.queries import LastFile, last_files
from grader.course import UsageError
from grader.section import Section
from grader.toolkit.verdicts import GraderFaultError

SCHEMA_VERSION = 1
LONGEST = 100_000  # characters: the longest solution has a sixth of that
_COMMON = 10, 20  # code that more than 2 % of a class have, within these limits, is common
_PACKAGE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Side:
    """One of two submissions: its files, the share of its lines found in the other, and their numbers from 1.

    `like` has, for each range of lines, the place of the range of the other that shares most with it.
    """

    files: tuple[LastFile, ...]
    share: float
    lines: tuple[tuple[int, int], ...]
    like: tuple[int, ...]
    text: tuple[str, ...] = field(repr=False)

    @property
    def students(self) -> tuple[str, ...]:
        return tuple(one.student for one in self.files)


@dataclass(frozen=True)
class Pair:
    """Two submissions to read."""

    one: Side
    other: Side


@dataclass(frozen=True)
class Similarity:
    """A section's submissions beside each other. `identical` are students whose files differ at most in line ends."""

    section: str
    title: str
    submissions: int
    identical: list[tuple[str, ...]]
    pairs: list[Pair]
    unread: list[tuple[str, ...]]  # students whose files are too long or too slow to compare


@dataclass
class _Text:
    """A text and the files that have it, one per student."""

    text: str
    files: list[LastFile] = field(default_factory=list)

    @property
    def students(self) -> tuple[str, ...]:
        return tuple(one.student for one in self.files)

    @property
    def hands(self) -> int:
        """How many handed it in: a group counts once."""
        return len({one.place for one in self.files})


def similarity_of(book: Gradebook, section: Section, most: int) -> Similarity:
    """Compare the last files of all students for a section, and return at most `most` pairs. The stub does not count."""
    stub = _plain(_stub(section))
    texts = [one for one in _texts(book, section) if one.text.strip() != stub.strip()]
    short = [one for one in texts if len(one.text) <= LONGEST]
    number = sum(len(one.files) for one in texts)
    common = min(max(_COMMON[0], len(texts) // 50), _COMMON[1])
    found = _compared(ComparisonTask(stub, [one.text for one in short], common, most))
    unread = [short[place] for place in found.unread if 0 <= place < len(short)]
    return Similarity(
        section.id,
        section.title,
        number,
        [one.students for one in texts if one.hands > 1],
        [_pair(short, overlap) for overlap in found.overlaps],
        [one.students for one in [*(one for one in texts if len(one.text) > LONGEST), *unread]],
    )


def _stub(section: Section) -> str:
    path = section.exercise if section.exercise.is_file() else section.pristine
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _texts(book: Gradebook, section: Section) -> Iterator[_Text]:
    """The distinct texts of the last attempts."""
    found: dict[str, _Text] = {}
    for file in last_files(book, section.id):
        text = _plain(file.source.decode("utf-8", "replace"))
        found.setdefault(text, _Text(text)).files.append(file)
    yield from found.values()


def _plain(text: str) -> str:
    """A text with plain line ends, without a mark of its encoding, and with the lines between a notebook's cells empty.

    Lines keep their numbers: what comes first is never an empty line, which a tokeniser would leave out.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").rstrip().split("\n")
    plain = "\n".join("#" if "\0" in line else line.rstrip() for line in lines)
    return f"#{plain}" if plain.startswith("\n") else plain


def _compared(task: ComparisonTask) -> ComparisonResult:
    """Compare texts in a process with limits on time and memory: they may be hostile."""
    _expect_library()
    path = os.pathsep.join(filter(None, (str(_PACKAGE), os.environ.get("PYTHONPATH"))))
    environment = {
        **os.environ,
        "PYTHONPATH": path,
        "PYTHONHASHSEED": "0",  # fingerprints are hashes: the same pairs every time
        "MPLBACKEND": "agg",  # copydetect imports matplotlib for a page that is not made here
        "OPENBLAS_NUM_THREADS": "1",
    }
    words = [sys.executable, "-P", "-m", "grader.batch.fingerprints"]
    ran = subprocess.run(words, input=msgspec.json.encode(task), env=environment, capture_output=True, check=False)
    if ran.returncode:
        last = ran.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise GraderFaultError(f"comparing ended with {ran.returncode}: {last}")
    return msgspec.json.decode(ran.stdout, type=ComparisonResult)


def _expect_library() -> None:
    from importlib.util import find_spec

    if sys.platform == "win32":
        raise UsageError("grade similar needs limits on time and memory: run it on Linux or macOS")
    if find_spec("copydetect") is None:
        raise UsageError("copydetect is missing. Install it with: pip install 'grade-descent[similar]'")


def _pair(texts: Sequence[_Text], overlap: Overlap) -> Pair:
    sides = []
    for place, share, lines, like in zip(
        (overlap.first, overlap.second), overlap.shares, overlap.lines, overlap.like, strict=True
    ):
        text = texts[place].text.split("\n")
        inside = tuple((max(1, first), min(last, len(text))) for first, last in lines)
        sides.append(Side(tuple(texts[place].files), min(1.0, share), inside, tuple(like), tuple(text)))
    return Pair(*sides)


def to_json(found: Sequence[Similarity]) -> bytes:
    """The JSON of `grade similar --json`, without the texts."""
    sections = [
        {
            "section": one.section,
            "title": one.title,
            "submissions": one.submissions,
            "identical": one.identical,
            "pairs": [
                [{"students": s.students, "share": s.share, "lines": s.lines} for s in (p.one, p.other)]
                for p in one.pairs
            ],
            "unread": one.unread,
        }
        for one in found
    ]
    record = {"schema_version": SCHEMA_VERSION, "sections": sections}
    return msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"
