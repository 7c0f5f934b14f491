"""A class whose grades are made up: what comes out of a gradebook does not depend on how it came in."""

from contextlib import closing
from pathlib import Path

import msgspec

from grader.batch.class_grading import fault_report
from grader.batch.environment import Environment
from grader.batch.gradebook.attempts import admit
from grader.batch.gradebook.book import Gradebook
from grader.batch.gradebook.claims import Batch
from grader.batch.intake import HandIn, Trouble
from grader.batch.ledger import Ledger
from grader.batch.policy import Policy
from grader.batch.roster import Student
from grader.course import Course
from grader.grading.report import CheckResult, Comparison, Counterexample, Diagnosis, Input, Line, Report, Status, total
from grader.submission.submission import Submission
from tests.paths import REPORTS, TINY

SECTION = Course(TINY).find("tiny")
ENVIRONMENT = Environment.of(SECTION)


def golden(name: str) -> Report:
    """A Report of a real submission to the tiny course: "right", "wrong_value", …"""
    return msgspec.json.decode((REPORTS / f"{name}.json").read_bytes(), type=Report)


def earning(points: float) -> Report:
    """A Report whose first check earns `points`, with the rest failed."""
    found = golden("right")
    first = msgspec.structs.replace(found.checks[0], points=points)
    rest = [msgspec.structs.replace(check, status=Status.FAILED, points=0.0) for check in found.checks[1:]]
    return msgspec.structs.replace(found, points=points, checks=[first, *rest])


def fault() -> Report:
    """A grading in which the grader failed."""
    return fault_report(SECTION, "section1_tiny.py", "broken", ENVIRONMENT)


class Made:
    """A gradebook that is filled by hand."""

    def __init__(self, path: Path) -> None:
        self.book = Gradebook(path, edition=Course(TINY).settings.edition)

    def enrol(self, student: str, name: str = "", **ids: str) -> None:
        self.book.enrol([Student(student, name, ids)])

    def hand_in(
        self, student: str, report: Report | None, name: str = "", place: str = "", source: bytes = b"", **more
    ):
        """A student's file with its grade; None if it has no grade yet."""
        file = Submission("section1_tiny.py", Path("section1_tiny.py"), source or f"{student}{place}".encode())
        with self.book.transaction():
            admit(self.book, HandIn(student, name, SECTION, file, place or student, **more))
        if report is not None:
            with closing(Batch(self.book, ["section1"])) as batch:
                while work := batch.claim():
                    batch.finish(work, report, ENVIRONMENT, 0.1, 1)

    def spoil(self, student: str, section: str = "") -> None:
        """A student's unreadable file; without a section, it could belong to any."""
        self.book.note_troubles(student, [Trouble("unreadable", f"{student}.pdf", "a PDF", student, section)])

    def ledger(self, **rules) -> Ledger:
        return Ledger.of(self.book, Policy(**rules), [SECTION])


PLANTED = "planted-and-hidden"


def marked(report, own):
    """A Report with `own` mark wherever a submission's words can stand, and another in all of a hidden check."""

    def check(mark, hidden):
        counterexample = Counterexample(mark, [Input(mark, mark)], [Comparison(mark, mark, mark, True)])
        return CheckResult(
            mark, "mean", mark, Status.FAILED, 0.0, 0.5, mark, Diagnosis(mark, mark), counterexample,
            [Line(1, mark, mark)], [mark], mark, hidden=hidden,
            **({"measurements": {mark: 1.0}, "ranks": {mark: "highest"}} if hidden else {}),
        )  # fmt: skip

    return msgspec.structs.replace(report, checks=[*report.checks, check(own, False), check(PLANTED, True)])


def trained(accuracy: float, parameters: int = 1000):
    """A Report one of whose checks has measured a classifier."""
    found = golden("right")
    measured = {"accuracy": accuracy, "parameters": float(parameters)}
    ranks = {"accuracy": "highest", "parameters": "lowest"}
    first = msgspec.structs.replace(found.checks[0], measurements=measured, ranks=ranks)
    return msgspec.structs.replace(found, checks=[first, *found.checks[1:]])


def failing(*ids: str, status: Status = Status.FAILED, mistake: str = "") -> Report:
    """A right answer that fails some checks; checks that need them are blocked."""
    report = golden("right")
    diagnosis = Diagnosis(mistake, "It divides twice.") if mistake else None
    checks = [
        msgspec.structs.replace(one, status=status, points=0.0, diagnosis=diagnosis) if one.id in ids else one
        for one in report.checks
    ]
    return msgspec.structs.replace(report, checks=checks, points=total(one.points for one in checks))


def finish_one(batch, work):
    batch.finish(
        work, fault_report(SECTION, work.filename, "not graded in this test", ENVIRONMENT), ENVIRONMENT, 0.1, 1
    )
