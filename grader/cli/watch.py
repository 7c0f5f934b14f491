"""`grade SECTION --watch`: grade on every save, until the student quits."""

import queue
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.common import confinement_note, console, importing, note
from grader.cli.file_changes import watching
from grader.cli.keyboard import listening
from grader.cli.pictures import draw, folder_of
from grader.cli.target import Target
from grader.course import UsageError
from grader.section import Section
from grader.toolkit.typed_paths import as_typed
from grader.toolkit.verdicts import GraderFaultError

if TYPE_CHECKING:
    from grader.grading.report import Report
    from grader.render.terminal.watch_screen import Lead
    from grader.service import Service
    from grader.service.watched_file import WatchedFile, WatchGrading
    from grader.submission.submission import Submission

_SAVED = "saved"
_QUIT = "q"
_SETTLE_SECONDS = 0.05
_LOOKS = 6  # at a missing or empty file, before the watch reports it


def watch(target: Target, unsafe: bool, lines: bool = False) -> int:
    """Grade now and on every save, until the student quits. Returns the exit code of the last grading.

    With `lines`, an editor reads: each grading prints a line per failed check, between two that never change.
    """
    from grader.sandbox.process.trust import Trust
    from grader.service import Service

    course, own = target.course, target.is_own_folder
    ((section, file),) = target.submissions
    path = section.exercise if own and section.exercise.is_file() else target.path
    inbox: queue.SimpleQueue[str] = queue.SimpleQueue()
    with ExitStack() as stack:
        service = stack.enter_context(
            Service.open(course, Trust(course.root, unsafe), target.submissions, preload=section.preload)
        )
        with importing(course.uses_torch):
            from grader.service.watched_file import WatchedFile
        watched_file = WatchedFile(section, service, target.exercises)
        stack.enter_context(watching(file.path, lambda: inbox.put(_SAVED)))
        keys = {}
        if not lines and stack.enter_context(listening(inbox.put)):
            keys = {"h": "for a hint", "a": "to grade all again", "p": "for pictures", _QUIT: "to quit"}
            if not own:
                del keys["h"]  # hints use the student's own last gradings
        return _Watch(section, target.exercises, path, service, watched_file, inbox, keys, own, lines).run()


@dataclass
class _Watch:
    """One watch over one section's file. It is `own` if it is the student's, and an editor reads the `lines`."""

    section: Section
    exercises: Sequence[str]
    path: Path
    service: "Service"
    watched_file: "WatchedFile"
    inbox: "queue.SimpleQueue[str]"
    keys: dict[str, str]
    own: bool
    lines: bool

    def __post_init__(self) -> None:
        self._course = self.service.course
        self._waiting: deque[str] = deque([_SAVED])
        self._source: bytes | None = None  # of the last grading
        self._last: WatchGrading | None = None
        self._trouble = ""
        self._said = {""}  # remarks
        self._console = console()

    def run(self) -> int:
        """Handle saves and keys, one at a time."""
        actions: dict[str, Callable[[], None]] = {_SAVED: self._look, "h": self._hint, "p": self._plot}
        actions["a"] = partial(self._look, everything=True)
        while (event := self._next_event()) != _QUIT:
            if event == _SAVED or event in self.keys:
                actions[event]()
        return self._last.report.exit_code if self._last is not None else 1

    def _next_event(self) -> str:
        while not self._waiting:
            try:
                self._waiting.append(self.inbox.get(timeout=1))  # without a timeout, Windows ignores Ctrl-C
            except queue.Empty:
                if self._trouble:  # a missing file may come back without an event
                    self._waiting.append(_SAVED)
        return self._waiting.popleft()

    def _look(self, everything: bool = False) -> None:
        """Grade the file if it has changed, or if `everything` is requested."""
        from grader.submission.refusals import own_file_missing, ways_back

        try:
            file = self._read()
        except UsageError as error:
            self._source = None
            gone = self.path == self.section.exercise and not self.path.exists()
            self._say_trouble(str(own_file_missing(self.section) if gone else error))
            return
        if not file.source.strip():  # an editor has not written it yet, or the student has deleted all text
            self._source = None
            self._say_trouble(f"{file.path.name} is empty. {ways_back(self.section)}")
            return
        if file.source == self._source and not everything:
            return
        self._trouble = ""
        found = self._grade(file, everything)
        if found is not None and found.report.exit_code == 0 and not found.whole:
            self._grade(file, everything=True, quietly=True)  # so that one grading gave all points

    def _read(self) -> "Submission":
        """Read the file; while it is being replaced it may be gone or empty for a moment."""
        for _ in range(_LOOKS):
            try:
                file = self._read_now()
            except UsageError:
                file = None
            if file is not None and file.source.strip():
                return file
            time.sleep(_SETTLE_SECONDS)
        return self._read_now()

    def _read_now(self) -> "Submission":
        from grader.submission.locate import locate

        ((_, file),) = locate(self._course, self.path, [self.section]).expect_all()
        return file

    def _grade(self, file: "Submission", everything: bool, quietly: bool = False) -> "WatchGrading | None":
        """Grade, show and keep; None if a save or a key interrupted the grading."""
        from grader.grading.records import Records
        from grader.render.terminal.detail import render_for_editor
        from grader.render.terminal.progress import show_progress
        from grader.render.terminal.watch_screen import render_early, render_watched

        dropped = False
        started = time.perf_counter()
        try:
            with show_progress(enabled=not self.lines, threads=True) as progress:

                def go_on(title: str, exercise: str, done: int, count: int) -> None:
                    nonlocal dropped
                    if self._is_outdated(file):
                        dropped = True
                        raise KeyboardInterrupt  # what pytest stops for
                    progress(title, exercise, done, count)

                def show_early(part: "WatchGrading") -> None:
                    if not self.lines:
                        render_early(part, time.perf_counter() - started, self._console)

                found = self.watched_file.grade(file, go_on, everything, show_early)
        except KeyboardInterrupt:
            if not dropped:
                raise
            return None
        same = self._last is not None and quietly and found.report.exit_code == self._last.report.exit_code
        before = self._last.report if self._last is not None else None
        self._source, self._last = file.source, found
        if self.own:  # before it is shown: that tells what has changed since the last one
            Records(self._course).keep(self.section, found.report, file.source, found.earlier)
        if not same and self.lines:
            render_for_editor([found.report], {self.section.id: as_typed(self.path)}, self._console)
        elif not same:
            lead = self._lead(before, found.report)
            seconds = time.perf_counter() - started
            render_watched(found, seconds, datetime.now(), self.keys, self._console, everything, lead)
        self._say_once(file.remark)
        self._say_once(confinement_note(self._course, [found.report], [file]))
        return found

    def _lead(self, before: "Report | None", report: "Report") -> "Lead":
        """The lines besides a Report: the points that changed, and the next step for an exercise that passes now."""
        from grader.grading.afterwards import suggestions
        from grader.grading.records import Records
        from grader.grading.section_progress import points_since
        from grader.render.terminal.watch_screen import Lead
        from grader.render.words import change_in_words

        if not self.own:
            return Lead()
        open_before = {one.name for one in before.exercises if not one.passed} if before is not None else set()
        passed = [one for one in report.exercises if one.passed and one.name in open_before]
        changes = change_in_words(points_since(Records(self._course), self.section, report))
        shown = (
            report if report.exit_code == 0 else report.with_checks([check for one in passed for check in one.checks])
        )
        found = suggestions(self._course, self.section, shown) if shown.checks else []
        if report.exit_code != 0:
            found = found[:-1]  # the next exercise is on the screen
        return Lead(changes, tuple(one.name for one in passed), tuple(found))

    def _say_once(self, remark: str) -> None:
        if remark not in self._said:
            self._said.add(remark)
            note(remark)

    def _is_outdated(self, file: "Submission") -> bool:
        """Whether the student has quit, or has saved another content."""
        while not self.inbox.empty():
            self._waiting.append(self.inbox.get())
        if _SAVED in self._waiting:
            try:
                now = self._read_now()
            except UsageError:
                return False
            return now.source != file.source
        return _QUIT in self._waiting

    def _hint(self) -> None:
        from grader.diagnosis.hints import next_hint
        from grader.grading.records import Records
        from grader.render.terminal.exercise import render_hint
        from grader.render.terminal.watch_screen import first_failing, first_open, render_keys

        if self._last is None:
            return
        failing = first_failing(self._last)
        name = failing.name if failing is not None else first_open(self._last.report)
        hint = next_hint(self.section, name, Records(self._course)) if name is not None else None
        if hint is None:
            self._console.print(
                f"  There are no hints for {name}." if name else "  Every check passes: you need no hint."
            )
        else:
            render_hint(self.section, hint, self._console)
        render_keys(self.keys, self._console)

    def _plot(self) -> None:
        """Draw the pictures of `grade plot`, until a save or a key."""
        from grader.render.terminal.watch_screen import render_keys, render_message

        try:
            file = self._read()
            folder = folder_of(self._course, self.section)
            submission = self.service.admit_for_pictures(file)
            draw(self.section, self.exercises, submission, folder, is_over=lambda: self._is_outdated(file))
        except (UsageError, GraderFaultError) as error:
            render_message(str(error), self._console)
        render_keys(self.keys, self._console)

    def _say_trouble(self, message: str) -> None:
        from grader.render.terminal.detail import problem_line, render_for_editor
        from grader.render.terminal.watch_screen import render_trouble

        if message != self._trouble and self.lines:
            render_for_editor([], {}, self._console, trouble=problem_line(as_typed(self.path), message))
        elif message != self._trouble:
            render_trouble(message, self._console)
        self._trouble = message
