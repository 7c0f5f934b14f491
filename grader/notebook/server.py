"""Runs in the assistant's process: grades what a kernel asks for, one request after the other, until it hangs up."""

import os
import sys
from pathlib import Path

import msgspec

from grader.cli.common import importing, prepare_imports
from grader.course import Course, UsageError
from grader.notebook.wire import Reply, Request, receive, send
from grader.sandbox.process.launch import Sandbox, preload_for
from grader.sandbox.process.lifeline import end_with_starter
from grader.sandbox.process.trust import Trust
from grader.submission.submission import Submission
from grader.toolkit.verdicts import GraderFaultError


class Warm:
    """A sandbox that is kept as long as it has imported what is needed."""

    def __init__(self) -> None:
        self._sandbox: Sandbox | None = None
        self._has: tuple[Path, frozenset[str]] = (Path(), frozenset())

    def sandbox(self, course: Course, source: bytes, preload: tuple[str, ...]) -> Sandbox:
        root, modules = self._has
        needed = frozenset({*preload, *preload_for([source])})
        if self._sandbox is None or root != course.root or not needed <= modules:
            self.close()
            modules = needed | (modules if root == course.root else frozenset())
            mine = Trust(everybody=True)  # what a kernel asks for, the kernel has run already
            self._sandbox = Sandbox.open(course, preload=sorted(modules), trust=mine)
            self._has = (course.root, modules)
        return self._sandbox

    def close(self) -> None:
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox = None


def main() -> None:
    """Answer until the pipe ends. What anything prints here goes to the log, never between the answers."""
    end_with_starter()
    prepare_imports()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    warm = Warm()
    try:
        while (data := receive(sys.stdin.buffer)) is not None:
            send(answers, _answer(msgspec.msgpack.decode(data, type=Request), warm))
    except BrokenPipeError:
        pass  # the kernel is gone
    finally:
        warm.close()


def _answer(request: Request, warm: Warm) -> Reply:
    try:
        course = Course(Path(request.root))
        section = course.find(request.section)
        sandbox = warm.sandbox(course, request.source, section.preload)  # first: it imports torch meanwhile
        with importing():
            from grader.grading.parallel import Task, grade_all
            from grader.grading.session import Selection
        submission = Submission(request.filename, Path(request.filename), request.source)
        (report,) = grade_all(course, [Task(section, submission)], sandbox, 1, Selection(request.exercises))
        return Reply(report)
    except UsageError as error:
        return Reply(error=str(error))
    except GraderFaultError as error:
        return Reply(error=str(error), ours=True)
    except Exception as error:
        return Reply(error=f"{type(error).__name__}: {error}", ours=True)
