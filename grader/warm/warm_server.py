"""Runs in the warm process: grades what a `grade` of the same course asks for, one request after the other.

It ends after ten idle minutes, with the shell that it was started from, and when anything that it has read has changed.
"""

import contextlib
import os
import select
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from grader.course import Course, UsageError
from grader.grading.report import Report, Status
from grader.grading.request import Selection, Task
from grader.sandbox.process.forked_zygote import ForkedZygote
from grader.sandbox.process.interpreter import importing, prepare_imports
from grader.sandbox.process.trust import Trust
from grader.service import Service
from grader.service.messages import SentReport, receive, send
from grader.toolkit.verdicts import GraderFaultError
from grader.warm.warm_messages import WarmRequest, WarmStart
from grader.warm.warm_process import HELLO

if sys.platform != "linux":
    raise ImportError("there is a warm process on Linux only")

_CPU_SECONDS = 1800  # no use is as long: something turns without end
_REQUEST_SECONDS = 5


def main() -> None:
    """Serve until there is a reason to end. An error ends the process: the next grading is done without it."""
    data = receive(sys.stdin.buffer)
    assert data is not None
    start = msgspec.msgpack.decode(data, type=WarmStart)
    forked_zygote = ForkedZygote.of_this_process() if start.has_forked_zygote else None
    os.chdir(start.root)
    _use_environment(start.environment)
    leader = os.pidfd_open(start.leader)
    _limit_itself()
    os.dup2(os.memfd_create("said"), 1)
    os.dup2(1, 2)
    prepare_imports()
    with contextlib.ExitStack() as closing, _listening(Path(start.socket)) as listener:
        warm = closing.enter_context(_Warm(start, forked_zygote))  # the next one need not wait for the sandbox's end
        warm.serve(listener, leader)


def _use_environment(variables: list[tuple[bytes, bytes]]) -> None:
    """Take the environment of the terminal. A process of which the zygote is a fork was started without it."""
    os.environb.clear()
    os.environb.update(variables)
    time.tzset()
    sys.path[1:1] = [one for one in os.environ.get("PYTHONPATH", "").split(os.pathsep) if os.path.isabs(one)]
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))


def _limit_itself() -> None:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard == resource.RLIM_INFINITY or hard > _CPU_SECONDS:
        resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, hard))


class _Warm:
    """A service that stays, and the checks whose examples it knows."""

    def __init__(self, start: WarmStart, forked_zygote: ForkedZygote | None) -> None:
        self._start = start
        self._course = Course(Path(start.root))
        self._known: set[tuple[str, str]] = set()  # by section and id
        task = start.first.task(self._course)
        trust = Trust(self._course.root)
        self._service = Service.open(
            self._course, trust, [(task.section, task.submission)], forked_zygote=forked_zygote
        )
        with importing(self._course.uses_torch):
            import grader.service.parallel  # noqa: F401

    def serve(self, listener: socket.socket, leader: int) -> None:
        """Learn, then answer, one client after the other, as long as the process of the descriptor `leader` lives."""
        self._learn(self._start.first.task(self._course), self._start.passed)
        while True:
            ready, _, _ = select.select([listener.fileno(), leader], [], [], self._start.idle_seconds)
            if ready != [listener.fileno()]:
                return
            connection, _ = listener.accept()
            with connection, contextlib.suppress(ConnectionError, TimeoutError):
                if not self._answer(connection):
                    return

    def _answer(self, connection: socket.socket) -> bool:
        """Answer one client; whether to go on."""
        connection.sendall(HELLO)
        connection.settimeout(_REQUEST_SECONDS)
        with connection.makefile("rwb") as pipe:
            data = receive(pipe)
            if data is None:
                return True
            request = msgspec.msgpack.decode(data, type=WarmRequest)
            if request.fingerprint != self._start.fingerprint:
                send(pipe, SentReport())
                return False

            def tell(title: str, exercise: str, done: int, count: int) -> None:
                send(pipe, SentReport(running=(title, exercise, done, count)))  # fails if the client has left

            task = request.task.task(self._course)
            os.ftruncate(1, 0)
            try:
                (report,) = self._service.grade([task], tell)
            except (UsageError, GraderFaultError):  # it is told by the process that grades next
                send(pipe, SentReport())
                return True
            is_silent = os.fstat(1).st_size == 0  # what checks print is for the terminal, where the client grades
            send(pipe, SentReport(report if is_silent else None))
        connection.close()  # before the next work: the client need not wait
        self._learn(task, _passed(report))
        return True

    def _learn(self, task: Task, passed: frozenset[str]) -> None:
        """Let this process see the examples of the checks, for the forks of it that grade.

        In a kit, where there is no solution, it judges what has passed in a fork of it, if it is the student's own.
        """
        section = task.section
        checks = {check for check in section.check_list if (section.id, check.id) not in self._known}
        if section.solution.is_file():
            if checks:
                self._service.warm_up(section, in_large_pages=False)
                self._known |= {(section.id, check.id) for check in checks}
            return
        new = {check for check in checks if check.id in passed}
        if new and task.submission.real == section.exercise.resolve():
            exercises = tuple(name for name in section.exercises if any(check.exercise == name for check in new))
            runnable = self._service.admit(section, task.submission)
            self._service.grade_runnable(section, runnable, Selection(exercises, alone=True, diagnosed=False))
            self._known |= {(section.id, check.id) for check in new}

    def __enter__(self) -> "_Warm":
        return self

    def __exit__(self, *_: object) -> None:
        self._service.close()


def _passed(report: Report) -> frozenset[str]:
    return frozenset(check.id for check in report.checks if check.status is Status.PASSED)


@contextlib.contextmanager
def _listening(place: Path) -> Iterator[socket.socket]:
    """A socket at `place`, which is gone afterwards."""
    place.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place))
        listener.listen()
        try:
            yield listener
        finally:
            place.unlink(missing_ok=True)
