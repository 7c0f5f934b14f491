"""Grade where nobody reads an error message: whatever was handed in, every section gets a Report."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course, Section, UsageError
from grader.grading.parallel import Task, grade_all
from grader.grading.report import Report, Status
from grader.grading.session import Selection
from grader.grading.unrun import report_without_run
from grader.grading.versions import versions
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.trust import NotConfinedError, Trust, said_of_confinement
from grader.submission.search import NotThereError
from grader.submission.submission import Submission, read_submission
from grader.toolkit.text import clean
from grader.toolkit.verdicts import GraderFaultError

_SUFFIXES = (".py", ".ipynb", ".zip")


@dataclass(frozen=True)
class Graded:
    """A Report for every section, and what is to be said of the grading itself."""

    reports: list[Report]
    remarks: list[str]


def grade_unattended(course: Course, path: Path, lanes: int, unsafe: bool = False) -> Graded:
    """Grade every section of what was handed in at `path`.

    A section whose file is missing or cannot be read has no points, and the notice says why. Where submissions cannot be
    confined, or the grader fails, its checks are grader errors; `unsafe` has it graded all the same, and a remark says so.
    """
    found: dict[str, Report] = {}
    tasks: list[Task] = []
    for section in course.sections:
        try:
            tasks.append(Task(section, _read(section, path, alone=len(course.sections) == 1)))
        except UsageError as error:
            reason = "There is no file to grade."
            found[section.id] = report_without_run(
                section, path.name, Status.NOT_STARTED, reason, clean(str(error)), versions()
            )
    try:
        for report in _graded(course, tasks, lanes, unsafe) if tasks else []:
            found[report.section] = report
    except (Exception, GraderFaultError) as error:
        reason = (
            str(error) if isinstance(error, GraderFaultError | NotConfinedError) else f"{type(error).__name__}: {error}"
        )
        for task in tasks:
            found[task.section.id] = report_without_run(
                task.section, task.submission.filename, Status.GRADER_ERROR, reason, clean(reason), versions()
            )
    said = dict.fromkeys(said_of_confinement(report.sandbox, own=False) for report in found.values())
    return Graded([found[section.id] for section in course.sections], [*filter(None, said)])


def _graded(course: Course, tasks: Sequence[Task], lanes: int, unsafe: bool) -> list[Report]:
    sources = [task.submission.source for task in tasks]
    preload = [module for task in tasks for module in task.section.preload]
    trust = Trust(everybody=unsafe)
    with Sandbox.open(course, sources, lanes=lanes, preload=preload, trust=trust) as sandbox:
        return grade_all(course, tasks, sandbox, lanes if sandbox.kind == "zygote" else 1, Selection())


def _read(section: Section, path: Path, alone: bool) -> Submission:
    """A section's file; if nothing else is asked for, also the only file there that it could be, whatever its name."""
    command = f"grade {section.id}"
    try:
        return read_submission(path, section.stem, command, exercises=len(section.exercises))
    except NotThereError:
        files = [one for one in path.iterdir() if one.suffix in _SUFFIXES and not one.name.startswith(".")]
        if not alone or len(files) != 1 or not path.is_dir():
            raise
        return read_submission(files[0], section.stem, command, named=False)
