"""Grade a file that changes again and again: each time only the exercises that the change may affect.

Digests of the functions that an exercise and its checks call show whether its results may change
(`grader/sandbox/analysis/digests.py`). They come from a worker that has only parsed the file. In doubt an exercise is graded
again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.grading.assembly import lines_of
from grader.grading.reach import met_by_checks, needed_by_checks
from grader.grading.records import digest
from grader.grading.report import CheckResult, Line, Report, Status
from grader.grading.request import Progress, Selection
from grader.sandbox.calls.sandboxed_submission import Outline
from grader.section import Section
from grader.service import Service
from grader.submission.formats import format_of
from grader.submission.submission import Submission
from grader.toolkit.verdicts import GraderFaultError, SourceLine

_Footprint = tuple[str, ...]


@dataclass(frozen=True)
class WatchGrading:
    """The Report of all that is watched, the exercises in it that were graded this time, and the digests of the sources
    that the checks of the others, by id, were graded on."""

    report: Report
    graded: tuple[str, ...]
    earlier: dict[str, str]
    under_way: tuple[str, ...] = ()  # what is still being graded, since it builds on what has changed

    @property
    def whole(self) -> bool:
        """Whether all of it was graded this time."""
        return not self.earlier


@dataclass(frozen=True)
class _Remembered:
    """The results of an exercise, and the digest of the code to which they belong."""

    footprint: _Footprint
    results: list[CheckResult]
    source: str  # its digest


class WatchedFile:
    """The file of a section, or of some `exercises`, which is graded again and again. It remembers the results."""

    def __init__(self, section: Section, service: Service, exercises: Sequence[str] = ()) -> None:
        self._section = section
        self._service = service
        self._shown = tuple(exercises) or section.exercises
        needed = frozenset[str]().union(*(needed_by_checks(section, name) for name in self._shown))
        self._watched = tuple(name for name in section.exercises if name in needed)
        self._graded: dict[str, _Remembered] = {}
        self._notice = False  # the last file stopped loading, which concerns all of it

    def grade(
        self,
        submission: Submission,
        progress: Progress | None = None,
        everything: bool = False,
        early: Callable[[WatchGrading], None] | None = None,
    ) -> WatchGrading:
        """Grade the exercises that the changes since the last grading may affect, or `everything`.

        `early` is told of what has changed itself as soon as that is graded, if there is more to do.
        Raises what `grade` does; the results of before are then still those that are remembered.
        """
        self._service.prepare([(self._section, submission)])
        runnable = self._service.admit(self._section, submission, digests=True)
        try:
            outline = runnable.outline
        except GraderFaultError as fault:  # which is every check's result, too
            outline = Outline({}, fault)
        prints = {name: self._footprint(name, outline) for name in self._watched}
        holding = {} if everything or self._notice or outline.error else self._holding(prints, submission)
        known = tuple(result for one in holding.values() for result in one.results)
        chosen = () if len(self._watched) == len(self._section.exercises) else self._watched
        first = self._first(holding) if early is not None and holding else ()
        if early is not None and first:
            part = self._service.grade_runnable(self._section, runnable, Selection(first, known=known), progress)
            fresh = [check for check in part.checks if check.exercise in first]
            known = (*known, *fresh)
            rest = tuple(name for name in self._shown if name not in holding and name not in first)
            early(WatchGrading(part.with_checks(fresh), first, {}, rest))
        selection = Selection(chosen, known=known)
        report = self._service.grade_runnable(self._section, runnable, selection, progress)
        if outline.error is None:  # otherwise, the earlier results hold once the file can be read again
            self._notice = runnable.load_error is not None
            self._graded = dict(holding)
            self._remember(report, prints, submission)
        earlier = {result.id: one.source for one in holding.values() for result in one.results}
        graded = tuple(name for name in self._shown if name not in holding)
        return WatchGrading(self._of_shown(report), graded, earlier)

    def _footprint(self, exercise: str, outline: Outline) -> _Footprint | None:
        """The digests on which the results of an exercise depend; None if they cannot be told."""
        found = [outline.digests.get(name) for name in sorted(met_by_checks(self._section, exercise))]
        if any(check.uses_code_seed and check.exercise == exercise for check in self._section.check_list):
            found.append(outline.whole or None)
        footprint = tuple(one for one in found if one is not None)
        return footprint if len(footprint) == len(found) else None

    def _holding(self, prints: dict[str, _Footprint | None], submission: Submission) -> dict[str, _Remembered]:
        """The earlier results that hold for a file: nothing has changed, and no shown line has moved."""
        return {
            name: one
            for name, one in self._graded.items()
            if one.footprint == prints[name]
            and all(_still_there(line, submission) for result in one.results for line in result.lines)
        }

    def _first(self, holding: dict[str, _Remembered]) -> tuple[str, ...]:
        """The exercises to grade first: those that build on no other exercise to grade. Empty if they are all, or not shown."""
        changed = [name for name in self._watched if name not in holding]
        first = tuple(name for name in changed if not needed_by_checks(self._section, name) & {*changed} - {name})
        return first if len(first) < len(changed) and {*first} <= {*self._shown} else ()

    def _remember(self, report: Report, prints: dict[str, _Footprint | None], submission: Submission) -> None:
        source = digest(submission.source)
        for exercise in report.exercises:
            footprint = prints.get(exercise.name)
            sure = all(check.status is not Status.GRADER_ERROR for check in exercise.checks)
            if exercise.name not in self._graded and footprint is not None and sure:
                self._graded[exercise.name] = _Remembered(footprint, exercise.checks, source)

    def _of_shown(self, report: Report) -> Report:
        """The part of a report that was asked for."""
        return report.with_checks([check for check in report.checks if check.exercise in self._shown])


def _still_there(line: Line, submission: Submission) -> bool:
    now = SourceLine(line.line, line.function, submission.line(line.line))
    return lines_of([now], format_of(submission.filename).has_cells) == (line,)
