"""Grade an exercise of a student's own file, and keep the call that shows what is wrong."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from grader.check_files.check_outline import Origin
from grader.grading.report import CheckResult, Report, Status
from grader.grading.request import Progress, Selection
from grader.grading.section_run import Listener, contract_of
from grader.sandbox.calls.student import Contract, RemoteStudent
from grader.sandbox.calls.transcript import Exchange
from grader.section import Section
from grader.service.service import Service
from grader.submission.submission import Submission

_SHOWS = (Status.FAILED, Status.CRASHED, Status.TIMED_OUT)


@dataclass
class _Calls(Listener):
    """Keeps the last call of each failed check, and the first of each exercise that disturbs an input."""

    by_check: dict[str, Exchange] = field(default_factory=dict)
    disturbing: dict[str, Exchange] = field(default_factory=dict)

    def called(self, result: CheckResult, student: RemoteStudent) -> None:
        if student.transcript.last is not None:
            self.by_check[result.id] = student.transcript.last
        if student.disturbed is not None:
            self.disturbing.setdefault(result.exercise, student.disturbed)


@dataclass(frozen=True)
class ShownCall:
    """A check that does not pass, and the call that its message shows."""

    check: CheckResult
    exchange: Exchange
    contract: Contract


def failing_calls(
    service: Service,
    section: Section,
    submission: Submission,
    exercises: tuple[str, ...],
    progress: Progress | None = None,
) -> tuple[Report, list[ShownCall]]:
    """The Report, and the calls of its failing checks, as far as a student may see them.

    Hidden checks have none, nor those whose data need the course's key.
    """
    calls = _Calls()
    runnable = service.admit(section, submission)
    selection = Selection(exercises, diagnosed=False)
    report = service.grade_runnable(section, runnable, selection, progress, calls)
    return report, list(_shown(section, report.checks, calls))


def _shown(section: Section, checks: Iterable[CheckResult], calls: _Calls) -> Iterable[ShownCall]:
    outlines = {outline.id: outline for outline in section.check_list}
    contract = contract_of(section)
    for check in checks:
        outline = outlines[check.id]
        if check.status not in _SHOWS or check.hidden or outline.uses_code_seed:
            continue
        generated = outline.origin is Origin.UNCHANGED
        exchange = calls.disturbing.get(check.exercise) if generated else calls.by_check.get(check.id)
        if exchange is not None and exchange.request is not None:
            yield ShownCall(check, exchange, contract)
