"""Reports as JUnit XML, for CI services: a suite per section, a case per check."""

from collections.abc import Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from grader.grading.report import CheckResult, Report, Status
from grader.render.export.exporter import ReportExporter
from grader.render.words import points, word_of
from grader.toolkit.text import SENTENCES_LIMIT, TEXT_LIMIT, clean, one_line

# Every other status is a failure.
_OUTCOMES = {Status.PASSED: "", Status.BLOCKED: "skipped", Status.GRADER_ERROR: "error"}


def junit(reports: Sequence[Report]) -> bytes:
    """One document for all Reports, as students may see them.

    A blocked check is skipped, a grader error is an error, every other check that did not pass is a failure. `clean` replaces
    characters that XML does not allow.
    """
    shown = [report.for_student() for report in reports]
    counts = _counts([check for report in shown for check in report.checks])
    root = Element("testsuites", {"name": "Grade Descent", **counts})
    for report in shown:
        root.append(_suite(report))
    ElementTree.indent(root)
    data: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def _suite(report: Report) -> Element:
    suite = Element("testsuite", {"name": report.section, **_counts(report.checks)})
    properties = SubElement(suite, "properties")
    known = {
        "title": report.title,
        "points": points(report.points),
        "max_points": points(report.max_points),
        "status": report.status,
        **{f"version.{name}": version for name, version in report.versions.items()},
    }
    for name, value in known.items():
        SubElement(properties, "property", name=name, value=one_line(value))
    for check in report.checks:
        suite.append(_case(report, check))
    if report.notice:
        SubElement(suite, "system-err").text = clean(report.notice)
    return suite


def _case(report: Report, check: CheckResult) -> Element:
    attributes = {
        "classname": f"{report.section}.{check.exercise}",
        "name": one_line(check.title),
        "time": f"{check.seconds:.3f}",
        "file": one_line(report.submission),
    }
    if check.exercise in report.lines:
        attributes["line"] = str(report.lines[check.exercise])
    case = Element("testcase", attributes)
    outcome = _OUTCOMES.get(check.status, "failure")
    if outcome:
        message = one_line(check.message, SENTENCES_LIMIT) or word_of(check.status)
        SubElement(case, outcome, type=check.status.value, message=message).text = _explained(report, check)
    if check.stdout:
        SubElement(case, "system-out").text = clean(check.stdout, 2 * TEXT_LIMIT)
    return case


def _explained(report: Report, check: CheckResult) -> str:
    # Here, since it imports rich and numpy, and `--help` imports this module.
    from grader.render.terminal.terminal import explanation

    score = f"{points(check.points)} / {points(check.max_points)} points, {word_of(check.status)}"
    return f"{score}\n\n{explanation(report, check, check.diagnosis)}\n"


def _counts(checks: Sequence[CheckResult]) -> dict[str, str]:
    """The counts of a suite: the sums of its cases."""
    outcomes = [_OUTCOMES.get(check.status, "failure") for check in checks]
    return {
        "tests": str(len(checks)),
        "failures": str(outcomes.count("failure")),
        "errors": str(outcomes.count("error")),
        "skipped": str(outcomes.count("skipped")),
        "time": f"{sum(check.seconds for check in checks):.3f}",
    }


REPORT_EXPORTER = ReportExporter("Write it as JUnit XML, for CI services.", lambda reports, several: junit(reports))
