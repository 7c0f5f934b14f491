"""Grade without a person at the keyboard: every section gets a Report, also if its file is missing or unreadable."""

from dataclasses import dataclass
from pathlib import Path

from grader.course import Course, Section
from grader.grading.report import Report, Status
from grader.grading.request import Task
from grader.sandbox.process.trust import NotConfinedError, Trust, describe_confinement
from grader.service import Service, Submissions
from grader.submission.locate import locate
from grader.submission.refusals import Refusal
from grader.toolkit.text import clean
from grader.toolkit.verdicts import GraderFaultError


@dataclass(frozen=True)
class UnattendedGrades:
    """A Report for every section, and remarks on the grading itself.

    `unreadable` are the sections for which something was handed in that cannot be read: they have no score, not even 0.
    """

    reports: list[Report]
    remarks: list[str]
    unreadable: frozenset[str] = frozenset()


def grade_unattended(course: Course, path: Path, unsafe: bool = False) -> UnattendedGrades:
    """Grade every section of the hand-in at `path`.

    A section with a missing or unreadable file is not graded, and its notice says why. Without confinement, or after a failure
    of the grader, its checks are grader errors. With `unsafe`, it is graded without confinement, and a remark says so.
    """
    located = locate(course, path, course.sections)
    found = {
        section.id: Service.without_run(
            section,
            path.name,
            Status.NOT_STARTED,
            "There is no file to grade.",
            clean(_to_hand_in(section, refusal, path)),
        )
        for section, refusal in located.refusals
    }
    files = located.submissions
    try:
        for report in _graded(course, files, unsafe) if files else []:
            found[report.section] = report
    except (Exception, GraderFaultError) as error:
        reason = (
            str(error) if isinstance(error, GraderFaultError | NotConfinedError) else f"{type(error).__name__}: {error}"
        )
        for section, file in files:
            found[section.id] = Service.without_run(section, file.filename, Status.GRADER_ERROR, reason, clean(reason))
    said = dict.fromkeys(describe_confinement(report.sandbox, own=False) for report in found.values())
    said |= dict.fromkeys(file.remark for _, file in files)
    unreadable = frozenset(section.id for section, _ in located.unreadable(course.sections))
    return UnattendedGrades([found[section.id] for section in course.sections], [*filter(None, said)], unreadable)


def _to_hand_in(section: Section, refusal: Refusal, path: Path) -> str:
    """Why there is no file, and which file to hand in: the reader has uploaded a file, and types no command."""
    return f"{refusal.cause_in(path)}.\nHand in {section.stem}.py or {section.stem}.ipynb, or a .zip that holds it."


def _graded(course: Course, files: Submissions, unsafe: bool) -> list[Report]:
    with Service.open(course, Trust(everybody=unsafe), files) as service:
        return service.grade([Task(section, file) for section, file in files])
