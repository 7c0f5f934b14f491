"""Pages to read, without a sandbox: of one section, of another with hostile text, and the whole course as a site."""

from pathlib import Path

from grader.course import Course, Section
from grader.grading.report import CheckResult, Report, Status
from grader.predictions import Prediction
from grader.render.web.page import GradedSection
from grader.render.web.reader import read_page, read_site
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


def reader_pages(folder: Path) -> dict[str, Path]:
    """The pages, by name, as files below a folder."""
    momentum, site = COURSE.find("momentum"), folder / "site"
    site.mkdir()
    for name, data in read_site("The course", COURSE.sections, map(graded, COURSE.sections)):
        (site / name).write_bytes(data)
    single = {"section": graded(momentum), "hostile section": graded(momentum, EVIL)}
    for name, one in single.items():
        (folder / f"{name}.html").write_bytes(read_page(momentum, one))
    return {
        **{name: folder / f"{name}.html" for name in single},
        **{f"site {path.stem}": path for path in site.iterdir()},
    }
