"""Reports as the `results.json` of a Gradescope autograder, and a class as a file for each student.

Keys and values follow Gradescope's "Autograder Specifications", section "Output format". Of hidden checks, the file holds only
the points; it does not rely on Gradescope's `visibility`.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from grader.batch.ledger import Ledger, Why, reasons_of
from grader.grading.report import CheckResult, Diagnosis, ExerciseResult, Report, Status, total
from grader.predictions import EXERCISE
from grader.render.export.exporter import Export, Exporter, ReportExporter
from grader.render.words import no_grade, notes_of, points
from grader.toolkit.text import clean, one_line

_UNREADABLE = "There is no score yet, since what you handed in cannot be read."
_UNANSWERED = "Not answered yet. Write your answers into PREDICTIONS in your file, and hand it in again."
_FAULT = "The grader itself failed here. No points are lost: this must be graded again."


def results(
    reports: Sequence[Report], score: float | None = None, remarks: Sequence[str] = (), unreadable: Collection[str] = ()
) -> dict[str, object]:
    """The results of one submission: a test per check, numbered by section, exercise and check.

    `score` replaces the points, such as for a late submission, and `remarks` give the reasons. After a grader error, and for
    `unreadable` sections, there is no score, neither of the check nor in total, instead of a zero.
    """
    shown = [report.for_student() for report in reports]
    failed = bool(unreadable) or any(report.exit_code == 3 for report in shown)
    found: dict[str, object] = {
        "output": "\n".join([*_mark(shown, score), *_summary(shown, remarks, unreadable)]),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",  # for the instructor only
        "tests": [test for report in shown for test in _tests(report, report.section not in unreadable)],
    }
    if not failed and (shown or score is not None):
        found["score"] = total(report.points for report in shown) if score is None else score
    board = [entry for report in shown for entry in _leaderboard(report)]
    if board:
        found["leaderboard"] = board
    return found


def results_json(
    reports: Sequence[Report], score: float | None = None, remarks: Sequence[str] = (), unreadable: Collection[str] = ()
) -> bytes:
    """`results` as the bytes of `results.json`."""
    found = results(reports, score, remarks, unreadable)
    return json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _mark(reports: Sequence[Report], score: float | None) -> Iterator[str]:
    """A line with the mark, if it differs from the points."""
    given = total(report.points for report in reports)
    if score is not None and score != given:
        yield f"Your mark is {points(score)}; the checks alone give {points(given)}."


def _summary(reports: Sequence[Report], remarks: Sequence[str], unreadable: Collection[str]) -> Iterator[str]:
    """The lines about the whole submission."""
    for report in reports:
        if report.exit_code == 3:
            yield f"{report.title}: {_FAULT}"
            continue
        if report.section in unreadable:
            yield f"{report.title}: {_UNREADABLE}"
        else:
            yield f"{report.title}: {points(report.points)} / {points(report.max_points)} points"
        if why := no_grade(report):
            yield why
        if report.notice:
            yield clean(report.notice)
    yield from map(one_line, remarks)


def _tests(report: Report, scored: bool) -> Iterator[dict[str, object]]:
    for place, exercise in enumerate(report.exercises, 1):
        for number, check in enumerate(exercise.checks, 1):
            yield _test(report, exercise, check, f"{report.number}.{place}.{number}", scored)


def _test(report: Report, exercise: ExerciseResult, check: CheckResult, number: str, scored: bool) -> dict[str, object]:
    found: dict[str, object] = {
        "name": f"{check.exercise}: {one_line(check.title)}",
        "name_format": "text",
        "number": number,
        "output": _output(report, exercise, check),
        "output_format": "text",
        "visibility": "visible",
    }
    if scored and check.status is not Status.GRADER_ERROR:
        passed = check.status is Status.PASSED
        found |= {"score": check.points, "max_score": check.max_points, "status": "passed" if passed else "failed"}
    return found


def _output(report: Report, exercise: ExerciseResult, check: CheckResult) -> str:
    """The text of a check in a terminal, and its notes."""
    # Here, since it imports rich and numpy, and `--help` imports this module.
    from grader.render.terminal.terminal import explanation

    text = ""
    if check.status is Status.GRADER_ERROR:
        text = _FAULT
    elif check.status is Status.NOT_STARTED and exercise.name == EXERCISE:
        text = _UNANSWERED
    elif check.status is not Status.PASSED:
        text = explanation(report, check, _diagnosis(exercise, check), with_output=True)
    return "\n".join([*([text] if text else []), *map(one_line, notes_of(check))])


def _diagnosis(exercise: ExerciseResult, check: CheckResult) -> Diagnosis | None:
    """An exercise's diagnosis, if this is the first of its checks that did not pass."""
    failed = [one for one in exercise.checks if one.status not in (Status.PASSED, Status.BLOCKED)]
    if not failed or check is not failed[0]:
        return None
    return next((one.diagnosis for one in exercise.checks if one.diagnosis), None)


def _leaderboard(report: Report) -> Iterator[dict[str, object]]:
    for check in report.checks:
        for name, best in check.ranks.items():
            value = check.measurements[name]
            entry: dict[str, object] = {"name": name, "value": int(value) if value == int(value) else value}
            # By default, Gradescope puts the highest first.
            yield entry | ({"order": "asc"} if best == "lowest" else {})


def results_files(ledger: Ledger) -> Iterator[tuple[str, bytes]]:
    """The names and contents of all files, by name: one for everybody whose marks are settled, or who has none.

    Without any mark, or with a hand-in that cannot be read, there is no score, and the output has the reason.
    """
    from grader.render.export.feedback import folders_of  # likewise

    names = folders_of(ledger)
    for person in ledger.people:
        entries = [(section, ledger.entry(person, section)) for section in ledger.sections]
        if any(entry.why in (Why.WAITING, Why.FAULT) for _, entry in entries):
            continue
        reports = [report for section, entry in entries if (report := ledger.report(entry, section))]
        known = [entry.points for _, entry in entries if entry.points is not None]
        unreadable = [section.id for section, entry in entries if entry.why is Why.UNREADABLE]
        # Without the cause, which the Report has.
        reasons = [(section, reasons_of(replace(entry, cause=""))) for section, entry in entries]
        remarks = [f"{section.id}: {remark}" for section, said in reasons for remark in said]
        yield (
            f"{names[person.id]}/results.json",
            results_json(reports, total(known) if known else None, remarks, unreadable),
        )


EXPORTER = Exporter(
    "gradescope",
    "Write a results.json for each student, for a script of your own. To grade on Gradescope: grade gradescope build.",
    lambda ledger: Export(results_files(ledger)),
    several=True,
)
REPORT_EXPORTER = ReportExporter("Write Gradescope's results.json.", lambda reports, several: results_json(reports))
