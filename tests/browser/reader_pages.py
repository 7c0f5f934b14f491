"""Pages to read, without a sandbox: of one section, of another with hostile text, and the whole course as a site."""

from pathlib import Path

from grader.course import Course
from grader.grading.report import CheckResult, Report, Status
from grader.predictions import Prediction
from grader.render.web.page import GradedSection
from grader.render.web.reader import read_page, read_site
from grader.section import Section
from tests.paths import ROOT
from tests.render.web.hostile_page import EVIL, Drawn, played

COURSE = Course(ROOT)


def graded(section: Section, text: str = "nesterov_step is wrong.") -> GradedSection:
    """Half of the exercises pass; the rest says `text`."""
    checks = [
        CheckResult(name, name, text, Status.PASSED if place % 2 else Status.FAILED, place % 2, 1.0, text)
        for place, name in enumerate(section.exercises)
    ]
    points = sum(check.points for check in checks)
    report = Report(2, section.id, section.title, "a.py", points, float(len(checks)), "graded", {}, {}, checks)
    pictures = [Drawn(exercises=section.functions[:1], missing=(text,))]
    predictions = [Prediction(question, text, text, text, text) for question in section.questions]
    return GradedSection(
        report, b"", f"grade {section.id}", section.id, {}, pictures, [played(missing=text)], predictions
    )


def section_pages() -> dict[str, bytes]:
    """The page of one section, and of one with hostile text."""
    momentum = COURSE.find("momentum")
    shown = {"section": graded(momentum), "hostile section": graded(momentum, EVIL)}
    return {name: read_page(momentum, one) for name, one in shown.items()}


def site_pages(folder: Path) -> dict[str, Path]:
    """The pages of the whole course, by name, as files that link one another."""
    pages = dict(read_site("The course", COURSE.sections, map(graded, COURSE.sections)))
    for name, data in pages.items():
        (folder / name).write_bytes(data)
    return {f"site {Path(name).stem}": folder / name for name in pages}
