"""`--html FILE`: the page about what was graded, with what the course adds to a Report."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.common import write_file
from grader.toolkit.text import one_line

if TYPE_CHECKING:
    from grader.grading.parallel import Task
    from grader.grading.report import Report
    from grader.sandbox.process.launch import Sandbox


def write_page(
    path: Path,
    tasks: "Sequence[Task]",
    reports: "Sequence[Report]",
    sandbox: "Sandbox | None",
    again: str | None,
    typed: str,
) -> None:
    """Write the page; `again` grades the same once more, `typed` are the words behind that name what and how."""
    from grader.diagnosis.hints import first_hints
    from grader.figures.play import demos_of
    from grader.figures.run import figures_of
    from grader.render.terminal.progress import show_pictures
    from grader.render.web.page import Graded, page
    from grader.sandbox.process.limits import FOR_PICTURES

    graded = []
    for task, report in zip(tasks, reports, strict=True):
        command = again or f"grade {task.section.id}"
        hints = first_hints(task.section, report.for_student().exercises)
        pictures, demos = [], []
        if sandbox is not None:
            demos = demos_of(task.section, report, task.submission, sandbox)
            exercises = [one.name for one in report.exercises]
            with show_pictures() as progress:
                pictures = figures_of(task.section, task.submission, sandbox.within(FOR_PICTURES), exercises, progress)
        graded.append(Graded(report, task.submission.source, f"{command}{typed}", command, hints, pictures, demos))
    write_file(path, page(graded))


def words_of(exercises: Sequence[str], submission: Path | None, keyword: str | None, flags: Sequence[str]) -> str:
    """What was typed behind `grade SECTION`, as it would be typed again."""
    words = [*exercises]
    words += ["--submission", one_line(str(submission))] if submission is not None else []
    words += ["-k", one_line(keyword)] if keyword else []
    return "".join(f" {shlex.quote(word)}" for word in [*words, *flags])
