"""The Report of a grading that did not come about: our fault, and no points lost."""

from grader.batch.environment import Environment
from grader.course import Section
from grader.grading.report import SCHEMA_VERSION, CheckResult, Report, Status, total
from grader.toolkit.text import one_line


def report_of_fault(section: Section, filename: str, message: str, environment: Environment) -> Report:
    """Every check a grader error, for the same reason. Made without any of the checks: it is they that may be at fault."""
    reason = one_line(message)
    checks = [
        CheckResult(c.id, c.exercise, c.title, Status.GRADER_ERROR, 0.0, c.points, message=reason, hidden=c.hidden)
        for c in section.outline
    ]
    return Report(
        schema_version=SCHEMA_VERSION,
        section=section.id,
        title=section.title,
        submission=filename,
        points=0.0,
        max_points=total(check.max_points for check in checks),
        status=Status.GRADER_ERROR.value,
        sandbox={"kind": "none"},
        versions={name: getattr(environment, name) for name in ("grader", "python", "torch", "numpy", "hypothesis")},
        checks=checks,
        notice=f"The grader failed: {reason}",
    )
