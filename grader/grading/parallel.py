"""Grade at the same time: sections, or exercises of one. Processes forked from this one share its imports, and its zygote."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.context import ForkProcess
from typing import IO

import msgspec

from grader.course import Course, Section
from grader.grading.report import Report
from grader.grading.run import Progress
from grader.grading.session import NothingSelectedError, Selection, grade
from grader.grading.shares import shares, together
from grader.sandbox.launch import Sandbox
from grader.sandbox.submission import Submission
from grader.toolkit.verdicts import GraderFaultError

_NUMBER = 4  # bytes of a task's number, and of a record's length

One = Callable[[int, Sandbox | None, Progress | None], Report | None]  # grades the task of a number


@dataclass(frozen=True)
class Task:
    """One section of a submission to grade; `selection` where it is another than the other tasks'."""

    section: Section
    submission: Submission
    selection: Selection | None = None

    @property
    def weight(self) -> float:
        """How long grading it takes, roughly: what is longest is best begun first."""
        return self.section.work(self.selection.exercises if self.selection else ())


@dataclass
class _Helper:
    """A forked process and the file that it writes its Reports to."""

    process: ForkProcess
    results: IO[bytes]


class _Agenda:
    """Hands out task numbers, the longest first, each once, to whichever process asks.

    They are read from one open file, whose position the processes share: one that is killed leaves no lock behind.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        order = sorted(range(len(tasks)), key=lambda number: -tasks[number].weight)
        self._file = os.memfd_create("agenda")
        os.write(self._file, b"".join(number.to_bytes(_NUMBER, "little") for number in order))
        os.lseek(self._file, 0, os.SEEK_SET)

    def __iter__(self) -> Iterator[int]:
        while record := os.read(self._file, _NUMBER):
            yield int.from_bytes(record, "little")

    def close(self) -> None:
        os.close(self._file)


def grade_all(
    course: Course,
    tasks: Sequence[Task],
    sandbox: Sandbox | None,
    lanes: int,
    selection: Selection,
    progress: Progress | None = None,
) -> list[Report]:
    """Grade `tasks` on as many processes as the sandbox has `lanes`, this one among them; Reports in the order of tasks.

    Where there are more lanes than tasks, a task is shared out. Sections of which the selection leaves nothing are left out.
    Arguments and errors are otherwise those of `grade`.
    """
    pieces = [_pieces(task, selection, lanes // max(1, len(tasks)) if sandbox else 1) for task in tasks]
    found = iter(_grade_each(course, [piece for some in pieces for piece in some], sandbox, lanes, selection, progress))
    reports = []
    for task, some in zip(tasks, pieces, strict=True):
        graded = [report for report in (next(found) for _ in some) if report is not None]
        if graded:
            whole = (task.selection or selection).everything
            reports.append(graded[0] if len(some) == 1 else together(task.section, graded, whole))
    return reports


def _pieces(task: Task, selection: Selection, count: int) -> list[Task]:
    """The task in at most `count` parts that do not depend on each other."""
    chosen = task.selection or selection
    if count < 2 or chosen.stop_first:
        return [task]
    exercises = chosen.exercises or task.section.exercises
    parts = shares(task.section, exercises, count)
    if len(parts) < 2:
        return [task]
    return [replace(task, selection=replace(chosen, exercises=part)) for part in parts]


def _grade_each(
    course: Course,
    tasks: Sequence[Task],
    sandbox: Sandbox | None,
    lanes: int,
    selection: Selection,
    progress: Progress | None,
) -> list[Report | None]:
    """The Reports of tasks, in order, None for those of which the selection leaves nothing, unless that are all."""
    nothing: list[NothingSelectedError] = []

    def one(number: int, where: Sandbox | None, told: Progress | None) -> Report | None:
        task = tasks[number]
        try:
            return grade(course, task.section, task.submission, where, task.selection or selection, told)
        except NothingSelectedError as error:
            nothing.append(error)
            return None

    reports = _each(tasks, sandbox, lanes, one, progress)
    if not any(reports):
        one(0, sandbox, progress)  # so that the error is one of this process
        raise nothing[0]
    return reports


def _each(
    tasks: Sequence[Task], sandbox: Sandbox | None, lanes: int, one: One, progress: Progress | None
) -> list[Report | None]:
    """The results of `one` for every task, in order, whichever process they come from."""
    if sandbox is None or lanes < 2 or len(tasks) < 2:
        return [one(number, sandbox, progress) for number in range(len(tasks))]
    agenda = _Agenda(tasks)
    helpers: list[_Helper] = []
    try:
        with suppress(OSError):  # fewer will do, where the machine cannot have more
            helpers.extend(_fork(agenda, one, sandbox.lane(lane)) for lane in range(1, min(lanes, len(tasks))))
        reports = {number: one(number, sandbox, progress) for number in agenda}
        for helper in helpers:
            helper.process.join()
            reports.update(_read(helper.results))
    finally:
        for lane, helper in enumerate(helpers, 1):
            helper.process.kill()
            helper.process.join()
            helper.results.close()
            sandbox.lane(lane).give_up()
        agenda.close()
    # What a helper did not finish, for whatever reason, is graded here, where its failure can be told.
    return [reports[number] if number in reports else one(number, sandbox, progress) for number in range(len(tasks))]


def _fork(agenda: _Agenda, one: One, lane: Sandbox) -> _Helper:
    results = open(os.memfd_create("results"), "w+b")  # noqa: SIM115, closed by grade_all; the disk may be full

    def work() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends its helpers
        with suppress(
            Exception, GraderFaultError
        ):  # what is missing is graded by the parent, which can say why it fails
            for number in agenda:
                record = msgspec.msgpack.encode((number, one(number, lane, None)))
                results.write(len(record).to_bytes(_NUMBER, "little") + record)
                results.flush()

    sys.stdout.flush()
    sys.stderr.flush()
    process = multiprocessing.get_context("fork").Process(target=work, daemon=True)
    process.start()
    return _Helper(process, results)


def _read(results: IO[bytes]) -> Iterator[tuple[int, Report | None]]:
    """The whole records of a helper; one that it was killed over is left out."""
    results.seek(0)
    while len(prefix := results.read(_NUMBER)) == _NUMBER:
        record = results.read(int.from_bytes(prefix, "little"))
        if len(record) == int.from_bytes(prefix, "little"):
            yield msgspec.msgpack.decode(record, type=tuple[int, Report | None])
