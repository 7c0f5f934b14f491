"""Grade at the same time where no process can be forked: each further share of the tasks has a fresh process of its own.

Such a process imports torch and starts a worker, as this one does. What goes wrong in it is graded again here.
"""

import contextlib
import os
import subprocess
from collections.abc import Sequence

import msgspec

from grader.course import Course
from grader.grading.report import Report
from grader.grading.request import Task
from grader.sandbox.process.die_with_parent import start_child
from grader.sandbox.process.trust import Trust
from grader.service.messages import SentReport, SentTask, ShareStart, receive, send


class Share:
    """Tasks in a process of their own. Close it, or use it as a context manager."""

    def __init__(self, course: Course, trust: Trust, tasks: Sequence[Task]) -> None:
        self._count = len(tasks)
        self._process, self._held = start_child(
            "grader.service.spawned_process",
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Windows ignores it
        )
        sent = [SentTask.of(task) for task in tasks]
        with contextlib.suppress(OSError):  # it has ended: all is graded here
            assert self._process.stdin is not None
            start = ShareStart(str(course.root), course.key, str(trust.folder or ""), trust.everybody, sent)
            send(self._process.stdin, start)

    def reports(self) -> list[Report | None]:
        """Wait for the Reports, in the order of the tasks; None for each that has to be graded here."""
        found: list[Report | None] = []
        assert self._process.stdout is not None
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            while len(found) < self._count and (data := receive(self._process.stdout)) is not None:
                found.append(msgspec.msgpack.decode(data, type=SentReport).report)
        return found + [None] * (self._count - len(found))

    def __enter__(self) -> "Share":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # unsent bytes are not needed
                pipe.close() if pipe else None
        self._process.wait()
        if self._held is not None:
            os.close(self._held)


def shared_out(tasks: Sequence[Task], count: int) -> list[list[int]]:
    """Share the places of tasks out to at most `count` groups of about equal work; the largest is the first."""
    groups: list[list[int]] = [[] for _ in range(min(count, len(tasks)))]
    for place in sorted(range(len(tasks)), key=lambda place: -tasks[place].weight):
        min(groups, key=lambda group: sum(tasks[one].weight for one in group)).append(place)
    return sorted(groups, key=lambda group: -sum(tasks[one].weight for one in group))
