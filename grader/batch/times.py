"""When a hand-in came, and who says so: a table of times, a learning platform, nbgrader's `timestamp.txt`, the last commit."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from grader.batch.commit_time import commit_time
from grader.batch.csv_reader import read_table
from grader.batch.student_ids import column_name, folded
from grader.course import Course, UsageError
from grader.submission.files import read_regular
from grader.submission.refusals import SOME_FILE, UnreadableError
from grader.toolkit.text import one_line

Clock = Literal["", "table", "platform", "timestamp.txt", "commit"]
BY_HAND: tuple[Clock, ...] = ("timestamp.txt", "commit")  # a student can set them
_STAMP = "timestamp.txt"  # of nbgrader: nbgrader/exchange/default/submit.py, timestamp_format of nbgrader/exchange/abc
_STAMPED = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)? ?([\w/+:-]*)")
_LIMIT = 1 << 10  # bytes
_EXPECTED = "Expected a first line with the columns id and time, and perhaps section"


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
    rows, shown = read_table(path, _EXPECTED), one_line(str(path), 100)
    header = [column_name(cell) for cell in rows[0]] if rows else []
    if "id" not in header or "time" not in header:
        raise UsageError(f"{shown}: its first line is {one_line(', '.join(header), 100) or 'nothing'}. {_EXPECTED}.")
    found: dict[tuple[str, str], datetime] = {}
    for number, row in enumerate(rows[1:], 2):
        cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
        if not any(cells.values()):
            continue
        word = cells.get("section", "")
        section = course.find(word).id if word else ""
        try:
            moment = datetime.fromisoformat(cells.get("time", "")).astimezone(UTC)
        except (ValueError, OverflowError):
            told = one_line(cells.get("time", ""), 60)
            raise UsageError(
                f"{shown}, line {number}: {told}: expected a time, such as 2026-11-20T22:15:00Z."
            ) from None
        key = folded(cells.get("id", "")), section
        if found.setdefault(key, moment) != moment:
            raise UsageError(
                f"{shown}, line {number}: {one_line(key[0], 60)} has another time above. Leave one of them."
            )
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
        text = read_regular(path, _LIMIT, SOME_FILE)[0].decode("ascii", "replace").strip()
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
