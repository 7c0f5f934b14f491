"""Gradescope's autograder: its archive of two scripts, the grader and the sections, and the grading of a hand-in there.

No person is at the keyboard: every section gets a Report, also if its file is missing or unreadable.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.batch.course_key import FILENAME as KEY
from grader.course import PUBLIC_KEY, Course
from grader.grading.report import Report, Status
from grader.grading.request import Task
from grader.kit.bundle import Files, below, data_files, grader_files, module_files, room_files, settings_file, zipped
from grader.sandbox.process.trust import NotConfinedError, Trust, describe_confinement
from grader.section import Section
from grader.service import Service, Submissions
from grader.submission.formats import names_for
from grader.submission.locate import locate
from grader.submission.refusals import Refusal
from grader.toolkit.text import clean
from grader.toolkit.verdicts import GraderFaultError

FILENAME = "autograder.zip"
SCRIPTS = Path(__file__).parent / "gradescope"
RUN = "run_autograder"
_OPTIONS = b"options=()"


def autograder(course: Course, sections: Sequence[Section], unsafe: bool) -> bytes:
    """The archive, for Gradescope alone: it holds solutions, hidden checks, and the key of the course.

    With `unsafe`, it also grades on machines that cannot confine submissions.
    """
    scripts = below(SCRIPTS)
    if unsafe:
        assert _OPTIONS in scripts[RUN]
        scripts[RUN] = scripts[RUN].replace(_OPTIONS, b"options=(--unsafe)")
    source = grader_files() | settings_file(course) | room_files(course, sections)
    source |= _solved(course, sections) | module_files(course) | data_files(course)
    secret = {f"course/{KEY}": f"{course.key.hex()}\n".encode()} if course.key != PUBLIC_KEY else {}
    files = scripts | secret | {f"course/{name}": data for name, data in source.items()}
    return zipped(sorted(files.items()), executable=scripts, private=secret)


def _solved(course: Course, sections: Sequence[Section]) -> Files:
    """Solutions, for the reference, and exercises, without which a folder is not a course."""
    paths = [path for one in sections for path in (one.solution, one.exercise) if path.is_file()]
    return {path.relative_to(course.root).as_posix(): path.read_bytes() for path in paths}


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
    return f"{refusal.cause_in(path)}.\nHand in {names_for(section.stem)}, or a .zip that holds it."


def _graded(course: Course, files: Submissions, unsafe: bool) -> list[Report]:
    with Service.open(course, Trust(everybody=unsafe), files) as service:
        return service.grade([Task(section, file) for section, file in files])
