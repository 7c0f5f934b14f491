"""`--html FILE`: the page about what was graded, with what the course adds to a Report."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.common import write_file
from grader.toolkit.text import one_line

if TYPE_CHECKING:
    from grader.grading.report import Report
    from grader.service import Service, Submissions


def write_page(
    path: Path,
    files: "Submissions",
    reports: "Sequence[Report]",
    service: "Service",
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
    by_section = {section.id: (section, file) for section, file in files}
    for report in reports:
        section, file = by_section[report.section]
        command = again or f"grade {section.id}"
        hints = first_hints(section, report.for_student().exercises)
        pictures, demos = [], []
        if service.is_confined:
            demos = demos_of(section, report, file, service.sandbox)
            exercises = [one.name for one in report.exercises]
            with show_pictures() as progress:
                sandbox = service.sandbox.within(FOR_PICTURES)
                pictures = figures_of(section, file, sandbox, exercises, progress)
        graded.append(Graded(report, file.source, f"{command}{typed}", command, hints, pictures, demos))
    write_file(path, page(graded))


def words_of(exercises: Sequence[str], submission: Path | None, keyword: str | None, flags: Sequence[str]) -> str:
    """What was typed behind `grade SECTION`, as it would be typed again."""
    words = [*exercises]
    words += ["--submission", one_line(str(submission))] if submission is not None else []
    words += ["-k", one_line(keyword)] if keyword else []
    return "".join(f" {shlex.quote(word)}" for word in [*words, *flags])
