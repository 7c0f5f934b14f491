"""The Report of a section whose checks were not run: nothing to grade was there, or the grader failed before."""

from collections.abc import Mapping

from grader.course import Section
from grader.grading.report import SCHEMA_VERSION, CheckResult, Report, Status, total
from grader.toolkit.text import one_line


def report_without_run(
    section: Section, filename: str, status: Status, reason: str, notice: str, versions: Mapping[str, str]
) -> Report:
    """Every check of one status, for the same reason. Made without any of the checks: it is they that may be at fault."""
    checks = [
        CheckResult(
            c.id,
            c.exercise,
            c.title,
            status,
            0.0,
            c.points,
            message=one_line(reason),
            hidden=c.hidden,
            repeats_notice=status is Status.GRADER_ERROR,
        )
        for c in section.outline
    ]
    return Report(
        schema_version=SCHEMA_VERSION,
        section=section.id,
        title=section.title,
        submission=filename,
        points=0.0,
        max_points=total(check.max_points for check in checks),
        status=Status.GRADER_ERROR.value if status is Status.GRADER_ERROR else "graded",
        sandbox={"kind": "none"},
        versions=dict(versions),
        checks=checks,
        notice=notice,
        label=section.label,
        topic=section.topic,
    )
