"""Put a Report together: of a run of the checks, of the shares of a run, or of checks that did not run. It imports no torch."""

from collections.abc import Iterable, Mapping, Sequence
from inspect import isfunction, signature
from typing import TYPE_CHECKING, Any

import msgspec

from grader.course import Course
from grader.grading.report import SCHEMA_VERSION, CheckResult, Line, Report, Status, total
from grader.section import Section
from grader.submission.formats import SESSION
from grader.submission.notebook_cells import place_in
from grader.submission.refusals import ways_back
from grader.toolkit.libraries import versions
from grader.toolkit.text import clean, one_line
from grader.toolkit.verdicts import GraderFaultError, SourceLine, StudentError

if TYPE_CHECKING:  # they import torch
    from grader.grading.request import Selection
    from grader.grading.section_run import SectionRun
    from grader.sandbox.process.launch import Sandbox


def report_of(
    section: Section, run: "SectionRun", checks: list[CheckResult], selection: "Selection", sandbox: "Sandbox | None"
) -> Report:
    """The Report of a run. Without a sandbox it is not a grade."""
    submission = run.submission
    status = "graded" if selection.everything else "partial"
    if any(check.status is Status.GRADER_ERROR for check in checks):
        status = "grader_error"
    if sandbox is None:
        status = "not_a_grade"
    return Report(
        schema_version=SCHEMA_VERSION,
        section=section.id,
        title=section.title,
        submission=submission.filename,
        points=total(check.points for check in checks),
        max_points=total(check.max_points for check in checks),
        status=status,
        sandbox={"kind": sandbox.kind, **submission.layers, **sandbox.reasons}
        if sandbox
        else {"kind": "none", **submission.layers},
        versions=versions(),
        checks=checks,
        lines=_definition_lines(run),
        label=section.label,
        number=section.number,
        topic=section.topic,
        **_of_whole_file(run, checks),
    )


def _definition_lines(run: "SectionRun") -> dict[str, int]:
    """Where each exercise begins; not in a notebook, whose cells count their own lines."""
    if run.is_notebook:
        return {}
    try:
        definitions = run.submission.outline.definitions
    except GraderFaultError:
        return {}
    return {name: definitions[name].line for name in run.section.functions if name in definitions}


def _of_whole_file(run: "SectionRun", checks: Sequence[CheckResult]) -> dict[str, Any]:
    """The fields of a Report that say what the student should know about the file as a whole."""
    try:
        error: BaseException | None = run.submission.outline.error
    except GraderFaultError as fault:
        return {"notice": clean(str(fault))}
    unread = isinstance(error, StudentError)
    error = error or run.submission.load_error
    if not isinstance(error, StudentError):
        return {"notice": _empty(run) or _of_another_section(run) or _of_definitions(run, checks) or _not_run(run)}
    lines = list(lines_of(error.lines, run.is_notebook))
    return {"notice": _notice(run, error, unread), "unread": unread, "notice_lines": lines}


def _empty(run: "SectionRun") -> str:
    """The message that a file has no code; "" if it defines anything, or is a notebook."""
    outline = run.submission.outline
    if outline.definitions or outline.answers or run.is_notebook:
        return ""
    return clean(f"{run.submission.filename} defines nothing. Is it empty? {ways_back(run.section)}")


def _of_another_section(run: "SectionRun") -> str:
    """The message that a file holds another section's functions; "" if it defines any function of this section."""
    section, defined = run.section, run.submission.outline.definitions
    if any(name in defined for name in section.functions):
        return ""
    for other in Course(section.root).sections:
        found = [name for name in other.functions if name in defined]
        if 2 * len(found) > len(other.functions):
            return clean(
                f"{run.submission.filename} holds the functions of {other.id}, such as {found[0]}, and none of {section.id}: "
                f"was another file saved as {section.exercise.name}?"
            )
    return ""


def _of_definitions(run: "SectionRun", checks: Sequence[CheckResult]) -> str:
    """What is odd about the definitions of exercises that fail: written twice, or with their parameters in another order."""
    told = []
    for name in dict.fromkeys(check.exercise for check in checks if check.status is Status.FAILED):
        found, function = run.submission.outline.definitions.get(name), run.contract.function(name)
        if found is None or found.stub or not isfunction(function):
            continue
        if found.replaces:
            told.append(f"{found.told_twice(name)}.")
        asked = tuple(signature(function).parameters)
        if found.parameters != asked and sorted(found.parameters) == sorted(asked):
            theirs, ours = ", ".join(found.parameters), ", ".join(asked)
            told.append(f"The parameters of {name} have another order: {theirs}. They should be {ours}.")
    return clean("\n".join(told))


def _not_run(run: "SectionRun") -> str:
    """Which lines of a file, or which cells, no check runs; "" if all run. In Jupyter, the student has run them."""
    spans = run.submission.outline.not_run
    if not spans or run.submission.filename == SESSION:
        return ""
    places = [str(first) if first == last else f"{first}-{last}" for first, last in spans]
    word = "line" if len(spans) == 1 and spans[0][0] == spans[0][1] else "lines"
    if run.is_notebook:
        return clean(
            f"Not run: code in cell{word[4:]} {', '.join(places)}. No exercise uses what it computes. Of a notebook, imports,\n"
            "definitions, simple constants such as BETA = 0.9, and what an exercise reads run."
        )
    return clean(
        f"Not run: {word} {', '.join(places)}. No exercise uses what they compute. Put them under\n"
        'if __name__ == "__main__":'
    )


def _notice(run: "SectionRun", error: StudentError, unread: bool) -> str:
    name, raised = run.submission.filename, f"{error.type}: {error.message}" if error.message else error.type
    if run.is_notebook:
        where = f"{error.lines[-1].text}\n" if error.lines else ""
        return clean(f"{name} has a cell that fails: {raised}\n{where}The others were graded.")
    where = f" at line {error.lines[-1].line}" if error.lines else ""
    message = clean(f"{name} stops loading{where}: {raised}")
    return message if unread else f"{message}\nThe code above that line was graded."


def lines_of(lines: Iterable[SourceLine], in_notebook: bool) -> tuple[Line, ...]:
    """Lines of a submission as a Report has them."""
    return tuple(_line(line, in_notebook) for line in lines)


def _line(line: SourceLine, in_notebook: bool) -> Line:
    found = place_in(one_line(line.text)) if in_notebook else None
    cell, cell_line, text = found or (0, 0, one_line(line.text))
    return Line(line.line, one_line(line.function, 80), text, int(cell), int(cell_line))


def together(section: Section, reports: Sequence[Report], whole: bool) -> Report:
    """One Report of those of a section's shares; `whole` says whether they are all of it."""
    first = reports[0]
    order = {check.id: place for place, check in enumerate(section.check_list)}
    checks = sorted((check for report in reports for check in report.checks), key=lambda check: order[check.id])
    told = next((report for report in reports if report.notice), first)
    status = "graded" if whole else "partial"
    if any(check.status is Status.GRADER_ERROR for check in checks):
        status = "grader_error"
    return msgspec.structs.replace(
        first.with_checks(checks),
        status=status,
        notice=told.notice,
        notice_lines=told.notice_lines,
        unread=told.unread,
        lines=max((report.lines for report in reports), key=len),
        sandbox=max((report.sandbox for report in reports), key=len),
    )


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
        for c in section.check_list
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
        number=section.number,
        topic=section.topic,
    )
