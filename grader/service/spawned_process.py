"""Runs in a process that grades a share of the tasks of another, where processes are no forks."""

import os
import sys
from pathlib import Path

import msgspec

from grader.course import Course, UsageError
from grader.grading.report import Status
from grader.sandbox.process.die_with_parent import die_with_parent
from grader.sandbox.process.interpreter import importing, prepare_imports
from grader.sandbox.process.trust import Trust
from grader.service.messages import SentReport, ShareStart, receive, send
from grader.service.service import Service
from grader.toolkit.verdicts import GraderFaultError, ShellLimitError


def main() -> None:
    """Grade the tasks of the parent. All printed text goes nowhere, never between the Reports."""
    die_with_parent()
    prepare_imports()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    data = receive(sys.stdin.buffer)
    if data is None:
        return
    start = msgspec.msgpack.decode(data, type=ShareStart)
    course = Course(Path(start.root), start.key)
    tasks = [one.task(course) for one in start.tasks]
    trust = Trust(Path(start.trusted) if start.trusted else None, start.everybody)
    with Service.open(course, trust, [(task.section, task.submission) for task in tasks], lanes=1) as service:
        with importing():
            import grader.service.parallel  # noqa: F401
        for task in tasks:
            try:
                (report,) = service.grade([task])
            except (UsageError, GraderFaultError, ShellLimitError):  # the parent grades, and tells it
                send(answers, SentReport())
            else:
                is_faulty = any(check.status is Status.GRADER_ERROR for check in report.checks)
                send(answers, SentReport(None if is_faulty else report))
