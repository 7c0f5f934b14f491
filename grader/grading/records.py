"""The student's records in `.grade/`: the last results and the shown hints. No grade comes from them.

A write replaces a whole file, so that a reader sees the old or the new one. An unreadable file counts as missing. Writers take
turns, so that a watch and a grading beside it keep each other's records.
"""

import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import msgspec

if sys.platform != "win32":
    import fcntl

from grader.course import Course
from grader.grading.report import SCHEMA_VERSION, CheckResult, Report, Status
from grader.grading.stored import results_of_version_1
from grader.section import Section

FOLDER = ".grade"
_HELD_SECONDS = (0.05, 0.2, 0.75)  # pauses between attempts to replace a file


class Kept(msgspec.Struct, frozen=True):
    """A check's last result, and the hash of the file that it was graded on. `before` are its points in the grading before."""

    source: str
    result: CheckResult
    version: int = 1  # of the Report; version 1 did not say so
    before: float | None = None


class PassedVersions(msgspec.Struct, frozen=True):
    """The last version of a section's file in which each exercise passed: its hash by exercise, and texts by hash."""

    exercises: dict[str, str] = {}
    texts: dict[str, bytes] = {}


class HintCounts(msgspec.Struct, frozen=True):
    """How many hints of an exercise, and of each of its mistakes, were shown."""

    counts: dict[str, int] = {}


class Carried(msgspec.Struct, frozen=True):
    """Hashes, by section, of the texts that `grade notebook` converted, in either direction; the newest come last."""

    texts: dict[str, list[str]] = {}


_CARRIED_KEPT = 50


class Records:
    """The folder `.grade/` of a course."""

    def __init__(self, course: Course) -> None:
        self._folder = course.root / FOLDER

    def trouble(self) -> str:
        """Why nothing can be remembered, in a sentence; "" if it can."""
        if self._folder.exists() and not self._folder.is_dir():
            return f"Points and hints are not remembered: {self._folder} is in the way. Remove it."
        place = self._folder if self._folder.exists() else self._folder.parent
        return "" if os.access(place, os.W_OK) else f"Points and hints are not remembered: {place} is read-only."

    def keep(self, section: Section, report: Report, source: bytes, earlier: Mapping[str, str] | None = None) -> None:
        """Remember a Report, or its requested part. If the folder cannot be written, do nothing.

        The results of before stay where nothing is known: of a file that is not Python, and of a check where the grader failed.
        `earlier` has, by the ids of checks, the digests of the sources of results that do not come from `source`.
        """
        if report.unread:
            return
        present, past = digest(source), earlier or {}
        with self._turn():
            last = self.last(section)
            points = {name: kept.result.points for name, kept in last.items()}
            found = {
                check.id: Kept(past.get(check.id, present), check, SCHEMA_VERSION, points.get(check.id))
                for check in report.checks
                if check.status is not Status.GRADER_ERROR
            }
            self._write(f"{section.stem}.json", msgspec.json.encode(last | found))
            self._keep_passed(section, report, source, past)

    def _keep_passed(self, section: Section, report: Report, source: bytes, past: Mapping[str, str]) -> None:
        """Keep the file as the last version in which these exercises passed."""
        whole = {check.id for check in report.checks if check.id not in past}
        needed = {
            name: {check.id for check in section.check_list if check.exercise == name} for name in section.functions
        }
        passed = [one.name for one in report.exercises if one.passed and needed.get(one.name, {""}) <= whole]
        if not passed:
            return
        before = self._passed(section)
        exercises = before.exercises | dict.fromkeys(passed, digest(source))
        texts = {name: text for name, text in before.texts.items() if name in exercises.values()}
        kept = PassedVersions(exercises, texts | {digest(source): source})
        self._write(f"{section.stem}.passed.json", msgspec.json.encode(kept))

    def last_passed(self, section: Section, exercise: str) -> bytes | None:
        """The section's file as it was when an exercise last passed; None if it never did."""
        kept = self._passed(section)
        return kept.texts.get(kept.exercises.get(exercise, ""))

    def _passed(self, section: Section) -> PassedVersions:
        data = self._read(f"{section.stem}.passed.json")
        try:
            return msgspec.json.decode(data, type=PassedVersions) if data else PassedVersions()
        except msgspec.MsgspecError:
            return PassedVersions()

    def when(self, section: Section) -> int:
        """When a section was last graded, as a number that grows; 0 if it never was."""
        try:
            return (self._folder / f"{section.stem}.json").stat().st_mtime_ns
        except OSError:
            return 0

    def last(self, section: Section) -> dict[str, Kept]:
        """The last results by check id, of those checks that the section still has."""
        data = self._read(f"{section.stem}.json")
        try:
            kept = msgspec.json.decode(data, type=dict[str, Kept]) if data else {}
        except msgspec.MsgspecError:
            return {}
        known = {check.id for check in section.check_list}
        return {name: one for name, one in _of_this_version(kept).items() if name in known}

    def hints_shown(self, key: str) -> int:
        """How many hints were shown of what `key` names."""
        return self._shown().counts.get(key, 0)

    def count_hint(self, key: str) -> None:
        """One more was shown."""
        with self._turn():
            counts = self._shown().counts
            self._write("hints.json", msgspec.json.encode(HintCounts({**counts, key: counts.get(key, 0) + 1})))

    def carried(self, section: Section) -> list[str]:
        """Hashes of the texts that a section's file and its notebook have both had."""
        return self._carried().texts.get(section.stem, [])

    def note_carried(self, section: Section, text: str) -> None:
        """A section's file and its notebook now have this text in common."""
        with self._turn():
            texts = self._carried().texts
            kept = [*(one for one in texts.get(section.stem, []) if one != text), text][-_CARRIED_KEPT:]
            self._write("notebooks.json", msgspec.json.encode(Carried({**texts, section.stem: kept})))

    def _carried(self) -> Carried:
        data = self._read("notebooks.json")
        try:
            return msgspec.json.decode(data, type=Carried) if data else Carried()
        except msgspec.MsgspecError:
            return Carried()

    def _shown(self) -> HintCounts:
        data = self._read("hints.json")
        try:
            return msgspec.json.decode(data, type=HintCounts) if data else HintCounts()
        except msgspec.MsgspecError:
            return HintCounts()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for a turn to read, and to write what builds on that. Without a lock (Windows) the last writer has its way."""
        with ExitStack() as stack:
            if sys.platform != "win32":
                with suppress(OSError):
                    self._folder.mkdir(exist_ok=True)
                    folder = os.open(self._folder, os.O_RDONLY)
                    stack.callback(os.close, folder)
                    fcntl.flock(folder, fcntl.LOCK_EX)
            yield

    def _read(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except OSError:
            return b""

    def _write(self, name: str, data: bytes) -> None:
        try:
            self._folder.mkdir(exist_ok=True)
            replace_file(self._folder / name, data)
        except OSError:
            with suppress(OSError):
                self._folder.rmdir()  # if nothing is in it


def _of_this_version(kept: dict[str, Kept]) -> dict[str, Kept]:
    older = {name: one for name, one in kept.items() if one.version < SCHEMA_VERSION}
    results = results_of_version_1([one.result for one in older.values()])
    newer = {
        name: Kept(one.source, result, SCHEMA_VERSION, one.before)
        for (name, one), result in zip(older.items(), results, strict=True)
    }
    return kept | newer


def replace_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: a full disk leaves the old one, and nothing half-written."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(temporary).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)  # as any file of one's own
        _put(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def _put(temporary: str, path: Path) -> None:
    """Replace a file. On Windows another program, such as one that synchronises a drive, may hold it for a moment."""
    for seconds in _HELD_SECONDS if sys.platform == "win32" else ():
        try:
            os.replace(temporary, path)
        except PermissionError:
            time.sleep(seconds)
        else:
            return
    os.replace(temporary, path)


def digest(source: bytes) -> str:
    """A short name for a file's content."""
    return hashlib.sha256(source).hexdigest()[:16]
