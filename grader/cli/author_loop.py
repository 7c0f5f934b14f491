"""`grade author SECTION`: on every save, try the checks on the solution, its stub, variants and mistakes."""

import os
import queue
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from grader.cli import completion
from grader.cli.command import examples
from grader.cli.common import console, exit_with, importing, note, prepare_imports
from grader.cli.file_changes import watching_folders
from grader.cli.group import cli
from grader.cli.keyboard import listening
from grader.course import Course
from grader.find_course import find_course
from grader.sandbox.process.interpreter import PACKAGE_ROOT
from grader.section import Section
from grader.toolkit.text import harmless, plural

if TYPE_CHECKING:
    from grader.audit.author_pass import Memory
    from grader.grading.report import Report
    from grader.grading.request import Task

_SAVED, _QUIT, _AGAIN = "saved", "q", "a"
_TICK_SECONDS = 0.1


@cli.command(epilog=examples("grade author {section}", "grade author {section} --once"))
@click.argument("section", shell_complete=completion.sections)
@click.option("--once", is_flag=True, help="Try everything once, and end.")
@click.option("--memory", type=click.Path(path_type=Path), hidden=True)
def author(section: str, once: bool, memory: Path | None) -> None:
    """On every save, show what the checks make of the solution, its stub, variants and mistakes."""
    course = find_course()
    course.expect_solutions()
    chosen = course.find(section, "grade author", of_exercises=False)
    exit_with(try_once(course, chosen, memory) if once else _watch(course, chosen))


def try_once(course: Course, section: Section, memory: Path | None) -> int:
    """List the author's errors. If there are none, try all answers and print the results. Returns the exit code."""
    from grader.kit.lint import lint
    from grader.kit.lint_names import unmeasured
    from grader.kit.stubs import section_stub

    errors = lint(course, [section], draft=True)
    if errors:
        for error in errors:
            click.echo(harmless(error))
        click.echo(f"{plural(len(errors), 'error')}. No answer was tried yet.")
        return 1
    prepare_imports()
    os.environ.setdefault("GRADE_DEBUG", "1")  # show the traceback of a diagnosis that fails
    from grader.audit.author_pass import Memory, pass_over
    from grader.render.terminal.audit_matrix import render_pass

    def grade(tasks: "Sequence[Task]") -> "list[Report]":
        return graded_for_author(course, tasks)

    waiting = unmeasured(section)
    remembered, stub = Memory.read(memory), section_stub(section)
    found = pass_over(course, section, stub, remembered, grade, waiting.keys())
    render_pass(found, datetime.now(), console())
    amiss = picture_errors(section, remembered)
    for line in amiss:
        click.echo(harmless(line))
    if memory is not None:
        remembered.write(memory)
    for line in (line for lines in waiting.values() for line in lines):
        note(f"{line}. Until then, its check is left out, and finds no mistake.")
    if not section.exercise.is_file() or section.exercise.read_bytes() != stub.encode():
        note(f"{section.exercise} does not match its solution. To make it: grade stubs")
    return 1 if amiss or any(finding.problems for finding in found.audit.findings) else 0


def picture_errors(section: Section, memory: "Memory") -> list[str]:
    """What is wrong with the pictures and predictions, if their files have changed since they were last found sound."""
    from grader.sandbox.analysis import digests

    paths = [section.room / name for name in ("figures.py", "predictions.py", "programs.py")]
    now = digests.of_values({path.name: path.read_bytes() for path in paths if path.is_file()})
    if now == memory.pictures or not any(path.is_file() for path in paths[:2]):
        return []
    from grader.figures.reference_numbers import pictures_amiss

    amiss = pictures_amiss(section)
    memory.pictures = "" if amiss else now
    return amiss


def graded_for_author(course: Course, tasks: "Sequence[Task]") -> "list[Report]":
    """Grade answers of the course itself, with a bar."""
    from grader.sandbox.process.trust import Trust
    from grader.service import Service

    submissions = [(task.section, task.submission) for task in tasks]
    with Service.open(course, Trust(everybody=True), submissions) as service:
        with importing():
            from grader.render.terminal.progress import show_progress
        with show_progress(enabled=True) as progress:
            return service.grade(tasks, progress)


def _watch(course: Course, section: Section) -> int:
    """Try on every save, until the author quits. Returns the last exit code.

    Each try is a process of its own, since a process imports the modules of a course only once.
    """
    inbox: queue.SimpleQueue[str] = queue.SimpleQueue()
    variants = course.root / "tests" / "variants" / section.stem
    folders = [folder for folder in (course.checks, course.solutions, variants) if folder.is_dir()]
    with ExitStack() as stack:
        memory = Path(stack.enter_context(TemporaryDirectory(prefix="grade-author-"))) / "memory"
        stack.enter_context(watching_folders(folders, lambda: inbox.put(_SAVED)))
        keys = "a to try all again, q to quit" if stack.enter_context(listening(inbox.put)) else "Ctrl-C to quit"
        words = [sys.executable, "-P", "-m", "grader", "author", section.id, "--once", "--memory", str(memory)]
        path = os.pathsep.join(filter(None, (str(PACKAGE_ROOT), os.environ.get("PYTHONPATH"))))
        environment, event = {**os.environ, "PYTHONPATH": path}, _SAVED
        while True:
            if event == _AGAIN:
                memory.unlink(missing_ok=True)
            child = subprocess.Popen(words, env=environment)
            try:
                event = _next_event(inbox, child, f"Waiting for a save. {keys}.")
            finally:
                child.terminate()
                child.wait()
            if event == _QUIT:
                return child.returncode if child.returncode > 0 else 0


def _next_event(inbox: "queue.SimpleQueue[str]", child: "subprocess.Popen[bytes]", waiting: str) -> str:
    """The next save or key; a save during a try ends that try. `waiting` is printed once the try is over."""
    said = False
    while True:
        try:
            event = inbox.get(timeout=_TICK_SECONDS)
        except queue.Empty:
            if not said and child.poll() is not None:
                said = True
                click.echo(waiting)
            continue
        if event in (_SAVED, _AGAIN, _QUIT):
            return event
