"""Grade submissions in processes of their own, a few at a time, and report the result of each, however it ends. Linux only.

A process may end over an answer that makes a check compute or hold without end. The check is the submission's failure then, what
was found before it holds, and another process goes on with the others. If the kernel reports that the machine was short
of something, a fresh process tries again.
"""

import math
import select
import sys
import time
from collections.abc import Sequence

import msgspec

from grader.course import Course, UsageError
from grader.grading.report import CheckResult, Disturbance, Report, Status
from grader.grading.request import Progress, Task
from grader.grading.retries import Retries
from grader.sandbox.limits.causes import Cause, cause_of_grading_exit, signal_name
from grader.sandbox.limits.deadline import LOOP
from grader.sandbox.limits.limits import OwnLimits
from grader.sandbox.limits.worker_process import ProcessExit
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.resources import Pressure
from grader.service.limited_fork import (
    Begins,
    Diagnoses,
    Done,
    Event,
    Failed,
    Found,
    GivenUp,
    Heard,
    LimitedFork,
    Teller,
)
from grader.service.session import NothingSelectedError, run_checks
from grader.toolkit.text import clean
from grader.toolkit.verdicts import CourseModuleError, GraderFaultError

if sys.platform != "linux":
    raise ImportError("processes are forked on Linux only")

_TICK_SECONDS = 0.1  # how often what is shown is looked at
_LONGEST_TICK = 5.0  # more, and this process or the machine was suspended, or the terminal held up its output
UNSEEN = Disturbance("An answer ended the judging process, so the grader could not check that inputs stay unchanged.")


def grade_in_forks(
    course: Course,
    tasks: Sequence[Task],
    sandbox: Sandbox,
    lanes: int,
    limits: OwnLimits,
    progress: Progress | None = None,
) -> list[Report | None]:
    """The Reports of tasks, in order. A task without a selected check gets None, unless no task has one."""
    gradings = [_Grading(course, task, sandbox, limits) for task in tasks]
    waiting = sorted(gradings, key=lambda one: one.task.weight)
    running: dict[int, _Grading] = {}  # by the pipe of the process
    try:
        while waiting or running:
            while waiting and len(running) < max(1, lanes):
                grading = waiting.pop()
                running[grading.start()] = grading
            for pipe in _wait(running, progress):
                grading = running[pipe]
                if grading.is_over_with_its_process():
                    del running[pipe]
                    if not grading.is_finished:
                        waiting.append(grading)
    finally:
        for grading in running.values():
            grading.kill()
    failures = [one.failed for one in gradings if one.failed is not None]
    _expect_no_fault(failures)
    if failures and not any(one.report for one in gradings):
        raise NothingSelectedError(failures[0].message)
    return [one.report for one in gradings]


def _wait(running: "dict[int, _Grading]", progress: Progress | None) -> list[int]:
    """Wait a moment for processes to report; the pipes of those that have, or have taken too long."""
    before, poller = time.monotonic(), select.poll()
    for pipe in running:
        poller.register(pipe, select.POLLIN)
    found = [pipe for pipe, _ in poller.poll(1000 * _TICK_SECONDS)]
    shown = max(running.values(), key=lambda one: one.started).shown
    if (
        progress is not None
    ):  # also before the first check and while it diagnoses: who waits knows that this process lives
        done, count = (sum(numbers) for numbers in zip(*(one.progress for one in running.values()), strict=True))
        progress(shown.title if shown else "", shown.exercise if shown else "", done, count)
    late = time.monotonic() - before - _LONGEST_TICK
    for one in running.values():
        one.deadline += max(0.0, late)
    return found + [pipe for pipe, one in running.items() if one.is_overdue() and pipe not in found]


def _expect_no_fault(failures: Sequence[Failed]) -> None:
    for failed in failures:
        if failed.kind == "usage":
            raise UsageError(failed.message)
        if failed.kind == "broken":
            raise CourseModuleError(failed.message)
        if failed.kind == "fault":
            raise GraderFaultError(failed.message)


class _Grading:
    """One section of a submission, graded by one process after another."""

    def __init__(self, course: Course, task: Task, sandbox: Sandbox, limits: OwnLimits) -> None:
        self.task = task
        self.report: Report | None = None
        self.failed: Failed | None = None  # what no check has
        self.check: CheckResult | None = None  # that is running: its result if it never finishes
        self.shown: CheckResult | None = None  # the last one that has begun in this process
        self.started = 0.0  # when that was
        self.progress = (0, 0)
        self._course, self._sandbox, self._limits = course, sandbox, limits
        self._selection = task.selection
        self._retries = Retries()
        self._cpu_seconds = float(limits.cpu_seconds)  # that are left
        self._was_starved = False
        self.deadline = self._new_deadline()  # by `time.monotonic`
        self._faults = 0

    @property
    def is_finished(self) -> bool:
        """Whether no other process is needed."""
        return self.report is not None or self.failed is not None

    def start(self) -> int:
        """Start the next process, and return its pipe."""
        settled, task, course, selection = self._retries.settled(), self.task, self._course, self._selection
        self.check, self.shown, self._heard, self._diagnosing = None, None, False, False
        self._given_up: CheckResult | None = None
        self._error: Failed | None = None
        left = self._limits.check_cpu_seconds if settled.over else self._cpu_seconds
        self._may_compute = max(1, math.ceil(left))
        with self._sandbox.branch() as mine:

            def work(teller: Teller) -> Report:
                runnable = mine.admit(task.submission)
                return run_checks(course, task.section, runnable, mine, selection, settled, teller)

            self._fork = LimitedFork(work, self._limits, self._may_compute)
        return self._fork.pipe

    def kill(self) -> None:
        """End its process, and everything of it."""
        self._fork.kill()
        self._fork.end()

    def _new_deadline(self) -> float:
        """When to give up: no grading can take so long that keeps to its limits, unless the machine has no time for it."""
        outline = self.task.section.check_list
        of_checks = sum(self._limits.check_cpu_seconds + check.call_cpu_seconds for check in outline)
        self._pressure = Pressure()
        return time.monotonic() + self._limits.wall_times * (self._limits.cpu_seconds + of_checks)

    def is_overdue(self) -> bool:
        return time.monotonic() > self.deadline

    def is_over_with_its_process(self) -> bool:
        """Take in what the process has reported; whether it has ended, or was made to."""
        for event in self._fork.events():
            if event is None:
                self._ended(self._fork.end())
                return True
            self._note(event)
        if not self.is_overdue():
            return False
        self.kill()
        self._overdue()
        return True

    def _note(self, event: Event) -> None:
        if isinstance(event, Begins):
            self.check = self.shown = event.blank
            self.started, self._heard = time.monotonic(), False
            self._check_seconds, self.progress = event.cpu_seconds, (event.done, event.count)
        elif isinstance(event, Heard):
            self._heard = True
        elif isinstance(event, Found):
            self._retries.found(event.result)
            self.check = None
        elif isinstance(event, Diagnoses):
            self._diagnosing = True
        elif isinstance(event, Done):
            self.report = event.report
        elif isinstance(event, GivenUp):
            self._given_up = event.result
        elif event.kind == "fault":
            self._error = event
        else:
            self.failed = event

    # -- the end of a process

    def _ended(self, ending: ProcessExit) -> None:
        self._cpu_seconds -= ending.cpu_seconds or 0.0
        if self.is_finished:
            return
        if self._given_up is not None:
            self._retries.gave_up(self._given_up)
            if self._given_up.status is Status.GRADER_ERROR:
                self._sandbox.renew()  # what workers are made from may be broken
            else:
                self._stop_after(self._given_up)
        elif self.check is not None:
            self._blame(self.check, ending)
        elif self._diagnosing and self._retries.diagnosed:
            self._retries.diagnosed = False  # it is the answers that the mistakes are compared with
        elif self._error is not None:
            self.failed = self._error
        else:
            self._fault(f"the process of the checks ended ({_how(ending)})")
        if self._cpu_seconds < 1 and not self._retries.over:
            self._give_up_the_others(f"{self._limits.cpu_seconds} seconds of computing time")

    def _blame(self, check: CheckResult, ending: ProcessExit) -> None:
        """A process has ended in the middle of a check."""
        cause = cause_of_grading_exit(ending, self._heard, self._may_compute)
        if self._error is not None:
            cause = Cause.STUMBLED if self._heard else Cause.UNKNOWN
        result = self._result(check, cause, ending)
        if cause.again and self._retries.tries_again(result):
            self._retries.gave_up(result)
        else:
            self._retries.settle(result)
            self._stop_after(result)

    def _result(self, check: CheckResult, cause: Cause, ending: ProcessExit) -> CheckResult:
        error = clean(self._error.message) if self._error else ""
        seconds, endless = f"{self._check_seconds} seconds of computing time{self._place()}", ""
        if cause in (Cause.TOO_LONG, Cause.ENDLESS):
            endless = f"did not end within {seconds}. {LOOP}"
        message = {
            Cause.ENDLESS: f"The check {endless}",
            Cause.TOO_LONG: f"The answer takes too long to judge: more than {seconds}.",
            Cause.BROKEN: f"The grader could not judge the answer: it ended the judging process ({_how(ending)}).",
            Cause.STUMBLED: f"The answer could not be judged ({error}).",
            Cause.NO_MEMORY: "the machine ran out of memory while the grader judged an answer.",
            Cause.OUTSIDE: "another program killed the judging process.",
        }.get(cause, error or f"the process of the checks ended ({_how(ending)}).")
        status = Status(cause.status)
        unseen = None if status is Status.GRADER_ERROR else UNSEEN  # what the process had seen is gone with it
        return msgspec.structs.replace(
            check, status=status, message=message, disturbance=unseen, raised_in_check=endless
        )

    def _place(self) -> str:
        """The innermost line of the checks or the solution that its last process was in, " (test_section1.py, line 12)"."""
        section = self.task.section
        mine = [
            (file, line) for file, line in self._fork.stack if section.room in file.parents or file == section.solution
        ]
        return f" ({mine[0][0].name}, line {mine[0][1]})" if mine else ""

    def _stop_after(self, result: CheckResult) -> None:
        """With `-x`, nothing is run after a check that was asked for and has not passed."""
        chosen = self._selection.exercises
        self._retries.stopped = self._selection.stop_first and (not chosen or result.exercise in chosen)

    def _give_up_the_others(self, limit: str) -> None:
        self._retries.over = f"Skipped: judging the earlier answers took more than {limit}."
        self._retries.diagnosed = False

    def _fault(self, message: str) -> None:
        """An error outside any check: retry once, then report it."""
        self._faults += 1
        if self._faults > 1:
            self.failed = Failed("fault", message)

    def _overdue(self) -> None:
        """The time is up: if the kernel says that the machine had none for it, all begins again, once."""
        starved = self._pressure.is_starved()
        seconds = f"{self._limits.wall_times:g} times the computing time that it may use"
        self.deadline = self._new_deadline()
        if starved and not self._was_starved:
            self._was_starved = True
            self._retries = self._retries.started_over()
        elif starved or self.check is None or not self._heard or self._retries.over:
            why = "the machine had no time for it" if starved else "it may wait for an event that never comes"
            self.failed = Failed("fault", f"a grading took {seconds}: {why}.")
        else:
            message = f"Judging the answer took {seconds}."
            self._retries.settle(msgspec.structs.replace(self.check, status=Status.TIMED_OUT, message=message))
            self._give_up_the_others(seconds)


def _how(ending: ProcessExit) -> str:
    status = ending.status or 0
    return signal_name(-status) if status < 0 else f"exit code {status}"
