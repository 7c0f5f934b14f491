"""How far the person at the keyboard is, from the records of their last gradings; nothing is graded here."""

import ast
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course
from grader.grading.records import Kept, Records, digest
from grader.grading.report import Report, Status, total
from grader.predictions import EXERCISE
from grader.sandbox.analysis.outline import is_stub
from grader.section import Section
from grader.submission.python_file import tree
from grader.submission.submission import looks_untouched


@dataclass(frozen=True)
class SectionProgress:
    """One section's points as they were last graded. `stale` if its file has changed since then."""

    section: Section
    points: float
    max_points: float
    graded: bool
    started: bool
    stale: bool

    @property
    def done(self) -> bool:
        return self.points == self.max_points and not self.stale


def progress_of(course: Course) -> list[SectionProgress]:
    """The progress of each section."""
    records = Records(course)
    return [_progress(section, records) for section in course.sections]


def _progress(section: Section, records: Records) -> SectionProgress:
    kept = list(records.last(section).values())
    return SectionProgress(
        section=section,
        points=total(one.result.points for one in kept),
        max_points=section.max_points,
        graded=bool(kept),
        started=any(one.result.status is not Status.NOT_STARTED for one in kept),
        stale=is_stale(section, kept),
    )


def points_since(records: Records, section: Section, report: Report) -> dict[str, float]:
    """The points that each exercise of a kept Report has gained or lost since the grading before; only those that changed."""
    kept = records.last(section)
    changes: dict[str, float] = {}
    for check in report.checks:
        before = kept[check.id].before if check.id in kept else None
        if before is not None and check.status is not Status.GRADER_ERROR:
            changes[check.exercise] = total((changes.get(check.exercise, 0.0), check.points - before))
    return {name: change for name, change in changes.items() if change}


def is_stale(section: Section, kept: Iterable[Kept]) -> bool:
    """Whether a section's file has changed since the gradings of these kept results."""
    graded = {one.source for one in kept}
    return bool(graded) and len(graded | _present(section)) > 1


def _present(section: Section) -> set[str]:
    """The hash of the file as it is now; none if it cannot be read."""
    try:
        return {digest(section.exercise.read_bytes())}
    except OSError:
        return set()


def next_exercise(section: Section, records: Records, functions_only: bool = False) -> str | None:
    """The first exercise that the last grading did not find right; None if all are.

    Hints are about functions only, and first about one that was tried and went wrong.
    """
    kept = records.last(section)
    found: dict[str, bool] = {}  # by exercise, whether it was tried
    for check in section.check_list:
        status = kept[check.id].result.status if check.id in kept else Status.NOT_STARTED
        if status is not Status.PASSED:
            tried = status not in (Status.NOT_STARTED, Status.BLOCKED)
            found[check.exercise] = found.get(check.exercise, False) or tried
    waiting = [name for name in (section.functions if functions_only else section.exercises) if name in found]
    return next((name for name in waiting if functions_only and found[name]), waiting[0] if waiting else None)


def next_step(course: Course, functions_only: bool = False) -> tuple[Section, str] | None:
    """The first exercise that no grading has found right yet, from the section that was graded last; None if all are."""
    records = Records(course)
    sections = list(course.sections)
    latest = max(range(len(sections)), key=lambda place: records.when(sections[place]), default=0)
    for section in sections[latest:] + sections[:latest]:
        exercise = next_exercise(section, records, functions_only)
        if exercise is not None:
            return section, exercise
    return None


@dataclass(frozen=True)
class ToDo:
    """What to do about an exercise before it is graded: "write" or "fix" it, or ""; or to fix the file at a `line`, if not 0."""

    verb: str = ""
    line: int = 0


def work_on(section: Section, exercise: str, records: Records) -> ToDo:
    """What to do about an exercise, by the student's file as it is and by the last grading."""
    try:
        found = tree(section.exercise.read_bytes(), section.exercise.name).body
    except SyntaxError as error:
        return ToDo("fix", error.lineno or 1)
    except (OSError, ValueError, RecursionError, MemoryError):
        return ToDo()
    last = [one for one in found if getattr(one, "name", "") == exercise][-1:]
    if exercise == EXERCISE or not last:
        return ToDo()
    if isinstance(last[0], ast.FunctionDef | ast.ClassDef) and is_stub(last[0]):
        return ToDo("write")
    kept = [one.result for one in records.last(section).values() if one.result.exercise == exercise]
    called = any(one.status is not Status.PASSED and one.counterexample is not None for one in kept)
    return ToDo("fix" if called else "")


def newer_notebook(section: Section) -> Path | None:
    """The notebook of a section that was edited last, if that was later than the student's file, and something is written."""
    return _newest(section.notebooks, section)


def newer_copy(section: Section) -> Path | None:
    """The same of copies of the file beside it, such as `section1_tiny (1).py`, which no grading reads."""
    return _newest(section.exercise.parent.glob(f"{section.stem}?*.py"), section)


def _newest(files: Iterable[Path], section: Section) -> Path | None:
    try:
        edited = section.exercise.stat().st_mtime_ns
    except OSError:
        return None
    found = []
    for book in files:
        with suppress(OSError):
            found.append((book.stat().st_mtime_ns, book))
    newer = [(when, book) for when, book in found if when > edited and _is_started(book, section)]
    return max(newer)[1] if newer else None


def _is_started(book: Path, section: Section) -> bool:
    """Whether a notebook has more than stubs. A notebook as handed out is never newer, even if it was unpacked later."""
    try:
        return not looks_untouched(book.read_bytes(), len(section.functions))
    except OSError:
        return False
