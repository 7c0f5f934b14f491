"""When a hand-in came, and who says so: a table of times, a learning platform, nbgrader's `timestamp.txt`, the last commit."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from grader.batch.csv_reader import read_cells
from grader.batch.roster import folded
from grader.course import Course, UsageError
from grader.submission.files import read_regular
from grader.submission.refusals import SOME_FILE, UnreadableError
from grader.toolkit.text import one_line

Clock = Literal["", "table", "platform", "timestamp.txt", "commit"]
BY_HAND: tuple[Clock, ...] = ("timestamp.txt", "commit")  # a student can set them
_STAMP = "timestamp.txt"  # of nbgrader: nbgrader/exchange/default/submit.py, timestamp_format of nbgrader/exchange/abc
_STAMPED = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)? ?([\w/+:-]*)")
_SHORT, _LONG = 1 << 10, 1 << 20  # bytes
_GIT_SECONDS = 20
_EXPECTED = "Expected a first line with the columns id and time, and perhaps section"
_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REF = re.compile(r"ref: (refs/[\w./-]{1,200})")
_COMMITTER = re.compile(rb"^committer .*> (\d{1,11}) [+-]\d{4}$", re.M)


@dataclass(frozen=True)
class Came:
    """When a hand-in came, by which clock, and how many seconds late the platform calls it: 1 if it does not say how many.

    `extended`: on the platform, the student has more time than others.
    """

    moment: datetime | None = None
    clock: Clock = ""
    late: int = 0
    extended: bool = False


class TimeTable:
    """The times in a table that the instructor gives, by student, and by section if it has that column."""

    def __init__(self, times: Mapping[tuple[str, str], datetime] | None = None) -> None:
        self._times = times or {}

    def unknown(self, known: Iterable[str]) -> list[str]:
        """The ids of the table that are none of the `known` ids and names."""
        return sorted({key for key, _ in self._times} - {*map(folded, known)})

    def find(self, keys: Iterable[str], section: str) -> datetime | None:
        """The time of the first known id, for this section or for all."""
        own = [folded(key) for key in keys]
        found = (self._times.get((key, one)) for one in (section, "") for key in own)
        return next((moment for moment in found if moment is not None), None)


def read_times(path: Path, course: Course) -> TimeTable:
    """Read a table of times. Raises UsageError with the line that cannot be used."""
    found: dict[tuple[str, str], datetime] = {}
    for place, cells in read_cells(path, ("id", "time"), _EXPECTED):
        section = course.find(word).id if (word := cells.get("section")) else ""
        try:
            moment = datetime.fromisoformat(cells["time"]).astimezone(UTC)
        except (ValueError, OverflowError):
            told = one_line(cells["time"], 60)
            raise UsageError(f"{place}: {told}: expected a time, such as 2026-11-20T22:15:00Z.") from None
        key = folded(cells["id"]), section
        if found.setdefault(key, moment) != moment:
            raise UsageError(f"{place}: {one_line(key[0], 60)} has another time above. Leave one of them.")
    return TimeTable(found)


def came(entry: Path, file: Path | None, told: Sequence[Came]) -> Came:
    """When a hand-in came: the first known time, else a time that its files hold, unless the platform calls it late."""
    late = max((one.late for one in told), default=0)
    known = next((one for one in told if one.moment is not None), None)
    if known is not None:
        return Came(known.moment, known.clock, late)
    if late:  # a student must not undo that
        return Came(late=late)
    if entry.is_dir() and not entry.is_symlink():
        folder = file.parent if file is not None and file.is_relative_to(entry.resolve()) else entry
        if (moment := _stamped(folder / _STAMP)) is not None:
            return Came(moment, "timestamp.txt")
        if (moment := commit_time(entry)) is not None:
            return Came(moment, "commit")
    return Came()


def _stamped(path: Path) -> datetime | None:
    """The time in nbgrader's file: "2026-11-20 22:15:03.482000 UTC"."""
    try:
        text = read_regular(path, _SHORT, SOME_FILE)[0].decode("ascii", "replace").strip()
    except UnreadableError:
        return None
    found = _STAMPED.fullmatch(text)
    if found is None:
        return None
    try:
        moment, zone = datetime.fromisoformat(found[1]), found[2]
        if re.fullmatch(r"[+-]\d\d:?\d\d", zone):
            return datetime.fromisoformat(f"{found[1]}{zone}").astimezone(UTC)
        return moment.replace(tzinfo=ZoneInfo(zone or "UTC")).astimezone(UTC)
    except (ValueError, OverflowError, KeyError, OSError):
        return None


def commit_time(clone: Path) -> datetime | None:
    """When the commit of HEAD was made, by its committer; None if the folder is no clone, or if git is missing.

    Git reads the objects of the clone, but no setting of it: the folder of the repository is our own and empty. HEAD is read
    here. A student can set this time by hand, so that it is used only where no other time is known.
    """
    inside = clone / ".git"
    if inside.is_symlink() or not (inside / "objects").is_dir() or (inside / "objects").is_symlink() or not _git():
        return None
    commit = _head(inside)
    if commit is None or not _is_small(inside, commit):
        return None
    header = _run(inside, "commit", commit).partition(b"\n\n")[0]
    found = _COMMITTER.search(header)
    try:
        return datetime.fromtimestamp(int(found[1]), UTC) if found else None
    except (ValueError, OverflowError, OSError):
        return None


@cache
def _git() -> str:
    return shutil.which("git") or ""


def _head(inside: Path) -> str | None:
    text = _text(inside / "HEAD", _SHORT)
    named = _REF.fullmatch(text)
    if named is None:
        return text if _HASH.fullmatch(text) else None
    if ".." in named[1]:
        return None
    text = _text(inside / named[1], _SHORT)
    if _HASH.fullmatch(text):
        return text
    packed = re.search(rf"^({_HASH.pattern}) {re.escape(named[1])}$", _text(inside / "packed-refs", _LONG), re.M)
    return packed[1] if packed else None


def _text(path: Path, limit: int) -> str:
    try:
        return read_regular(path, limit, SOME_FILE)[0].decode("ascii", "replace").strip()
    except UnreadableError:
        return ""


def _is_small(inside: Path, commit: str) -> bool:
    size = _run(inside, "-s", commit).strip()
    return size.isdigit() and int(size) <= _LONG


def _run(inside: Path, what: str, commit: str) -> bytes:
    """The output of `git cat-file`; empty if it fails."""
    with tempfile.TemporaryDirectory(prefix="grade-git-") as own:
        for name in ("objects", "refs"):
            os.mkdir(os.path.join(own, name))
        Path(own, "HEAD").write_text("ref: refs/heads/none\n", encoding="ascii")
        environment = {
            "PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": own, "GIT_DIR": own,
            "GIT_OBJECT_DIRECTORY": str((inside / "objects").absolute()),
            "GIT_ALLOC_LIMIT": "32m",  # else a small pack can fill the memory
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_NO_LAZY_FETCH": "1", "GIT_NO_REPLACE_OBJECTS": "1",
        }  # fmt: skip
        try:
            done = subprocess.run(
                [_git(), "cat-file", what, commit], cwd=own, env=environment, stdin=subprocess.DEVNULL,
                capture_output=True, timeout=_GIT_SECONDS, check=False,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError, ValueError):
            return b""
        return done.stdout if done.returncode == 0 else b""
