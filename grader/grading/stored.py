"""Read results that were stored: of this version of the Report, and of version 1, which kept in sentences what fields say now."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from grader.grading.report import SCHEMA_VERSION, Blocker, CheckResult, Line, Report, Status
from grader.submission.formats import format_of
from grader.submission.notebook_cells import place_in

_UNREAD = "Your file raised "
_RAISED = re.compile(r"(?:Your file|\w+) raised (\w+)")
_BLOCKED = re.compile(r"blocked by (\w+)")
_COUNTS = re.compile(r'counts once "(.*)" passes', re.DOTALL)
_COMPUTED = re.compile(r", (\d+) s of computing")
_RANKS = {"accuracy": "highest", "parameters": "lowest"}  # version 1 ranked these measurements, in this order


def read_report(data: str | bytes) -> Report:
    """A stored Report, converted to this version. Raises msgspec.MsgspecError for anything else."""
    report = msgspec.json.decode(data, type=Report)
    return report if report.schema_version == SCHEMA_VERSION else _report(report)


def results_of_version_1(results: Sequence[CheckResult]) -> list[CheckResult]:
    """Results of a section that were stored one by one, without their Report."""
    return [_Earlier(results, "").result(one) for one in results]


def _report(report: Report) -> Report:
    earlier = _Earlier(report.checks, report.notice, format_of(report.submission).has_cells)
    checks = [earlier.result(check) for check in report.checks]
    unread = [check for check in checks if earlier.is_unread(check)]
    label, _, topic = report.title.partition(": ")
    return msgspec.structs.replace(
        report,
        schema_version=SCHEMA_VERSION,
        checks=checks,
        label=label,
        number=int(digits) if (digits := report.section.removeprefix("section")).isdecimal() else 0,
        topic=topic,
        unread=bool(unread),
        notice_lines=unread[0].lines if unread else [],
    )


@dataclass(frozen=True)
class _Earlier:
    """The results of a section in version 1, and the notice of its Report."""

    checks: Sequence[CheckResult]
    notice: str
    in_notebook: bool = False

    def result(self, check: CheckResult) -> CheckResult:
        """A result with its fields read from its sentences, and without the time in them."""
        raised = _RAISED.match(check.message) if check.status is Status.FAILED else None
        computed = [match[1] for text in (check.message, *check.notes) for match in _COMPUTED.finditer(text)]
        return msgspec.structs.replace(
            check,
            message=_COMPUTED.sub("", check.message),
            notes=[_COMPUTED.sub("", note) for note in check.notes],
            lines=[self._line(line) for line in check.lines],
            blocked_by=self._blocker(check),
            raised=raised[1] if raised else "",
            in_table=self._is_in_table(check),
            repeats_notice=self._repeats_notice(check),
            compute_seconds=float(computed[0]) if computed else None,
            ranks=_RANKS if _RANKS.keys() <= check.measurements.keys() else {},
        )

    def is_unread(self, check: CheckResult) -> bool:
        """Whether a check could call nothing, since the file is not Python."""
        return check.status is Status.FAILED and check.message.startswith(_UNREAD) and bool(self.notice)

    def _blocker(self, check: CheckResult) -> Blocker | None:
        if check.status is not Status.BLOCKED:
            return None
        if match := _BLOCKED.fullmatch(check.message):
            return Blocker(match[1])
        match = _COUNTS.fullmatch(check.message)
        named = [one.id for one in self.checks if match and (one.exercise, one.title) == (check.exercise, match[1])]
        return Blocker(check.exercise, named[0] if named else "")

    def _is_in_table(self, check: CheckResult) -> bool:
        rows = check.counterexample.rows if check.counterexample else []
        return check.message.startswith("Wrong: ") and any(row.differs for row in rows)

    def _repeats_notice(self, check: CheckResult) -> bool:
        return self.is_unread(check) or (check.message != "" and self.notice.startswith(check.message))

    def _line(self, line: Line) -> Line:
        found = place_in(line.text) if self.in_notebook else None
        if found is None:
            return line
        cell, cell_line, text = found
        return Line(line.line, line.function, text, int(cell), int(cell_line))
