"""A page with everything that can be played with, of the solutions' own functions."""

from functools import cache

from grader.course import Course
from grader.figures.demo import Demo
from grader.figures.play import demos_of
from grader.grading.report import CheckResult, Report, Status
from grader.render.web.page import GradedSection, page
from grader.sandbox.process.launch import Sandbox
from grader.submission.submission import Submission
from tests.paths import ROOT

COURSE = Course(ROOT)


@cache
def played() -> tuple[GradedSection, ...]:
    """The sections that have something to play with."""
    found = []
    with Sandbox.open(COURSE) as sandbox:
        for section in COURSE.sections:
            checks = [CheckResult(name, name, name, Status.PASSED, 1.0, 1.0) for name in section.functions]
            name, source = section.solution.name, section.solution.read_bytes()
            points = float(len(checks))
            report = Report(2, section.id, section.title, name, points, points, "graded", {}, {}, checks)
            demos = demos_of(section, report, sandbox.admit(Submission(name, section.solution, source)))
            command = f"grade {section.id}"
            if demos:
                found.append(GradedSection(report, source, command, section.id, {}, [], demos))
    return tuple(found)


def demos() -> list[Demo]:
    """In the order of the page."""
    return [demo for one in played() for demo in one.demos]


def play_page() -> bytes:
    return page(played())
