"""The state of one grading: the submission of each section, the needs of the checks, and their results."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from grader.course_modules import errors_of_course
from grader.grading.reach import called_by_check, parts
from grader.grading.report import Blocker, CheckResult, Disturbance, Status, describe_blocker
from grader.grading.request import Progress
from grader.grading.retries import Settled
from grader.grading.verdict import DecidedError, DisturbedError, Verdict, judge
from grader.predictions import EXERCISE
from grader.sandbox.calls.failed_calls import not_written
from grader.sandbox.calls.forbidden import Rules
from grader.sandbox.calls.in_process import InProcessSubmission
from grader.sandbox.calls.local_calls import LocalReference, load_module
from grader.sandbox.calls.sandboxed_submission import Outline, SandboxedSubmission
from grader.sandbox.calls.student import Contract, RemoteStudent
from grader.sandbox.calls.transcript import Transcript
from grader.section import Section
from grader.submission.formats import format_of
from grader.toolkit.check import CheckMark
from grader.toolkit.text import one_line
from grader.toolkit.verdicts import CourseModuleError, GraderFaultError, StudentError

RunnableSubmission = SandboxedSubmission | InProcessSubmission


class Listener:
    """Hears of each step of a run."""

    def begins(self, blank: CheckResult, mark: CheckMark, done: int, count: int) -> None:
        """A check begins; `blank` is its result if it never finishes."""

    def heard(self) -> None:
        """The submission's code is about to run: what happens from now on may be of its making."""

    def found(self, result: CheckResult) -> None:
        """A check is over."""

    def called(self, result: CheckResult, student: RemoteStudent) -> None:
        """These are the calls of a check that is over."""

    def diagnoses(self) -> None:
        """All checks are over, and the failed checks get their diagnoses."""


def contract_of(section: Section) -> Contract:
    """The section's solution, or in a student's copy its stub, and what its functions change; loaded once."""
    return _contract(section, section.contract.stat().st_mtime_ns)


@cache  # many submissions may be graded in one process
def _contract(section: Section, changed: int) -> Contract:
    with errors_of_course(section.root):
        module = load_module(section.contract, f"reference_{section.stem}")
    contract = Contract(module, section.changes, section.calls_in_checks("raises"))
    vars(module).setdefault("__getattr__", contract.expect)  # what a program asks for in vain, in the author's words
    return contract


@dataclass
class SectionRun:
    """One section's checks against one submission."""

    section: Section
    submission: RunnableSubmission
    marks: dict[str, CheckMark] = field(default_factory=dict)  # by check id, in order
    results: dict[str, CheckResult] = field(default_factory=dict)
    functions: dict[str, Callable[..., Any]] = field(default_factory=dict)  # by check id
    transcripts: dict[str, Transcript] = field(default_factory=dict)  # by check id: what a diagnosis looks at
    kept: dict[str, Any] = field(default_factory=dict)  # what one check made and others of the section judge, too

    def __post_init__(self) -> None:
        self.contract = contract_of(self.section)
        self.solution = self.contract.module
        self.reference = LocalReference(self.contract)
        self.submission.rules = Rules.of(self.section)
        self.submission.digests |= any(check.uses_code_seed for check in self.section.check_list)

    @property
    def is_notebook(self) -> bool:
        return format_of(self.submission.filename).has_cells

    def register(self, name: str, mark: CheckMark, function: Callable[..., Any]) -> None:
        """Add a collected check, after those that it needs."""
        known = {*self.marks, *(other.exercise for other in self.marks.values())}
        unknown = [need for need in mark.needs if need not in known]
        if unknown:
            raise ValueError(f"{self.section.checks.name}: {name} needs {unknown[0]}, which no check above it provides")
        self.marks[name] = mark
        self.functions[name] = function

    def needed_by(self, exercises: tuple[str, ...]) -> set[str]:
        """Ids of the checks of `exercises`, and of those that they need, directly or not."""
        wanted = {name for name, mark in self.marks.items() if mark.exercise in exercises}
        for name in reversed(self.marks):  # needs point upwards, so one pass finds them all
            if name in wanted:
                wanted.update(dep for need in self.marks[name].needs for dep in self._providers(need))
        return wanted

    def _providers(self, need: str) -> list[str]:
        """The checks that must pass for a need to be met."""
        if need in self.marks:
            return [need]
        mine = {name: mark for name, mark in self.marks.items() if mark.exercise == need}
        return [name for name, mark in mine.items() if not any(own in mine for own in mark.needs)]

    def builds_on_errors(self, exercise: str) -> bool:
        """Whether an exercise uses others that do not pass as it needs them: a refusal that is missing does not count."""
        reach = self.submission.outline.reach.get(exercise, frozenset(self.section.functions))
        used = parts(self.section, exercise) & reach
        return not all(self._is_met(name) for other in used for name in self._providers(other))

    def expect_undisturbed(self, exercise: str) -> None:
        """Raise DisturbedError if any check of an exercise has seen a call disturb an input."""
        results = [result for result in self.results.values() if result.exercise == exercise]
        if not results:
            message = f"counts once another check of {exercise} has run"
            raise DecidedError(Verdict(Status.BLOCKED, message, blocked_by=Blocker(exercise)))
        for result in results:
            if result.disturbance is not None:
                raise DisturbedError(result.disturbance)

    def gate(self, name: str) -> None:
        """Raise the reason why a check cannot run, if there is one."""
        mark = self.marks[name]
        outline = self._outline()
        if mark.exercise == EXERCISE:
            return
        definition = outline.definitions.get(mark.exercise)
        if definition is not None and definition.stub:
            status = Status.FAILED if definition.replaces else Status.NOT_STARTED
            raise DecidedError(Verdict(status, not_written(mark.exercise, definition)))
        self.submission.expect_nothing_forbidden(mark.exercise)
        for other in self.results.values():
            if other.exercise == mark.exercise and other.status is Status.FORBIDDEN:  # seen only when it ran
                raise DecidedError(Verdict(Status.FORBIDDEN, other.message, lines=tuple(other.lines)))
        for need in mark.needs:
            for provider in self._providers(need):
                if not self._is_met(provider) and not self._is_apart(name, provider):
                    self._require(provider, mark.exercise)
        for other in self.results.values():
            if other.exercise == mark.exercise and other.status is Status.TIMED_OUT:
                message = f"Skipped: an earlier check of {mark.exercise} timed out."
                raise DecidedError(Verdict(Status.TIMED_OUT, message))

    def _outline(self) -> Outline:
        """The submission's outline, or DecidedError: without it nothing can be called, as the Report's notice says, too."""
        try:
            outline = self.submission.outline
        except GraderFaultError as fault:
            raise DecidedError(replace(judge(fault, None), repeats_notice=True)) from None
        if isinstance(outline.error, StudentError):
            verdict = judge(outline.error, None, self.is_notebook)
            raise DecidedError(replace(verdict, repeats_notice=True))
        if outline.error is not None:
            raise outline.error
        return outline

    def _is_met(self, provider: str) -> bool:
        """Whether nothing is known against a check that another needs: it passed, or was not asked for."""
        result = self.results.get(provider)
        return result is None or result.status is Status.PASSED

    def _is_apart(self, name: str, provider: str) -> bool:
        """Whether a check may run although a check of another exercise that it needs has failed: it uses nothing of that
        exercise.

        The submission's function may have been written without the other, and the check may not ask for it either.
        """
        exercise, other = self.marks[name].exercise, self.marks[provider].exercise
        reach = self.submission.outline.reach.get(exercise)
        return reach is not None and other not in reach | called_by_check(self.section, name)

    def _require(self, provider: str, exercise: str) -> None:
        result = self.results[provider]
        if result.status is Status.GRADER_ERROR:  # it might have passed
            raise GraderFaultError(result.message)
        if result.exercise == exercise and result.status is Status.NOT_STARTED:
            raise DecidedError(Verdict(Status.NOT_STARTED, result.message))
        blocker = Blocker(result.exercise, result.id)
        message = self._stop_above(result.exercise) or describe_blocker(blocker, exercise, result.title)
        raise DecidedError(Verdict(Status.BLOCKED, message, blocked_by=blocker))

    def _stop_above(self, exercise: str) -> str:
        """The line of a file, such as an import, at which loading stops before an exercise; "" if Python reaches the exercise."""
        error, definition = self.submission.load_error, self._outline().definitions.get(exercise)
        if error is None or not error.lines or definition is None or self.is_notebook:  # in a notebook, the others run
            return ""
        stop = error.lines[0]
        return f"blocked by line {stop.line}: {one_line(stop.text)}" if stop.line < definition.line else ""


@dataclass
class GradingRun:
    """All sections of one pytest session. `submission_for` opens the submission of a section when its first check comes."""

    submission_for: Callable[[Section], RunnableSubmission]
    exercises: tuple[str, ...] = ()  # only these, if any
    alone: bool = False  # without what they need of others
    known: Sequence[CheckResult] = ()  # without these checks, whose results are known
    progress: Progress = lambda title, exercise, done, count: None
    listener: Listener = field(default_factory=Listener)
    settled: Settled = field(default_factory=Settled)
    given_up: CheckResult | None = None  # the check after which a fresh process is to go on
    sections: dict[str, SectionRun] = field(default_factory=dict)
    broken: CourseModuleError | None = None  # the checks cannot be imported
    collection_errors: list[str] = field(default_factory=list)  # the checks could not be collected, or a hook failed

    def section_run(self, section: Section) -> SectionRun:
        if section.id not in self.sections:
            self.sections[section.id] = SectionRun(section, self.submission_for(section))
        return self.sections[section.id]


@dataclass
class CheckNotes:
    """The remarks of a check besides its verdict, by its fixture `note`."""

    notes: list[str] = field(default_factory=list)
    measurements: dict[str, float] = field(default_factory=dict)
    ranks: dict[str, str] = field(default_factory=dict)
    compute_seconds: float | None = None

    def __call__(
        self,
        text: str = "",
        *,
        compute_seconds: float | None = None,
        ranks: Mapping[str, str] | None = None,
        **measurements: float,
    ) -> None:
        """Add to the result, whether it passes or not: a line, the seconds of a long computation, and measurements.

        `ranks` names the measurements that a leaderboard compares, the most important first; each value is "highest" or
        "lowest", which of them is best. A measurement that is not finite is left out, and then nothing is ranked.
        """
        self.notes += [text] if text else []
        finite = {name: float(value) for name, value in measurements.items() if math.isfinite(value)}
        self.measurements |= finite
        if (ranks and not set(ranks.values()) <= {"highest", "lowest"}) or not {*(ranks or ())} <= {*measurements}:
            raise ValueError(f"ranks={ranks}: write a measurement's name, and highest or lowest")
        if ranks and {*ranks} <= {*finite}:
            self.ranks = dict(ranks)
        self.compute_seconds = compute_seconds if compute_seconds is not None else self.compute_seconds

    def clear(self) -> None:
        """Forget everything: the check starts again."""
        vars(self).update(vars(CheckNotes()))


def record(
    mark: CheckMark,
    name: str,
    title: str,
    verdict: Verdict,
    said: "CheckNotes | None" = None,
    output: str = "",
    seconds: float = 0.0,
    disturbance: Disturbance | None = None,
) -> CheckResult:
    """Make the result of a check from its verdict."""
    said = said or CheckNotes()
    return CheckResult(
        id=name,
        exercise=mark.exercise,
        title=title,
        status=verdict.status,
        points=mark.points if verdict.status is Status.PASSED else round(verdict.earned * mark.points, 2),
        max_points=mark.points,
        message=verdict.message,
        counterexample=verdict.counterexample,
        lines=list(verdict.lines),
        notes=said.notes,
        stdout=output,
        seconds=round(seconds, 4),
        hidden=mark.hidden,
        measurements=said.measurements,
        ranks=said.ranks,
        disturbance=disturbance,
        blocked_by=verdict.blocked_by,
        raised=verdict.raised,
        in_table=verdict.in_table,
        repeats_notice=verdict.repeats_notice,
        values=verdict.values,
        raised_in_check=verdict.raised_in_check,
        compute_seconds=said.compute_seconds,
    )
