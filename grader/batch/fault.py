"""The Report of a grading that did not come about: our fault, and no points lost."""

from grader.batch.environment import Environment
from grader.course import Section
from grader.grading.report import Report, Status
from grader.grading.unrun import report_without_run
from grader.toolkit.text import one_line


def report_of_fault(section: Section, filename: str, message: str, environment: Environment) -> Report:
    """Every check a grader error, for the same reason."""
    versions = {name: getattr(environment, name) for name in ("grader", "python", "torch", "numpy", "hypothesis")}
    notice = f"The grader failed: {one_line(message)}"
    return report_without_run(section, filename, Status.GRADER_ERROR, message, notice, versions)
