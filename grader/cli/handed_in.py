"""Grade an archive as instructors will read it: `grade pack`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.common import prepare_imports
from grader.cli.grading import graded
from grader.cli.target import Target
from grader.course import Course, Section

if TYPE_CHECKING:
    from grader.grading.report import Report


def graded_as_handed_in(course: Course, archive: Path, sections: Sequence[Section]) -> "list[Report]":
    """The Reports of the sections in an archive of one's own."""
    prepare_imports()
    from grader.sandbox.process.trust import Trust
    from grader.service import Service
    from grader.submission.locate import read_sections

    found = read_sections(archive, sections, course.sections, alone=False).expect_all()
    target = Target(course, archive, found, (), several=True, words=None)
    with Service.open(course, Trust(everybody=True), found) as service:
        return graded(target, service)
