"""Grade one section of one submission: run its checks with pytest, in this process, and gather the Report."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from grader.course import Course, Section, UsageError
from grader.diagnosis.diagnosis import diagnose
from grader.grading.plugin import GradePlugin
from grader.grading.report import SCHEMA_VERSION, CheckResult, Report, Status, total
from grader.grading.request import Selection
from grader.grading.run import AnyCandidate, GradingRun, Listener, Progress, SectionRun
from grader.grading.tries import Standing, Tries
from grader.grading.verdict import lines_of
from grader.grading.versions import versions
from grader.sandbox.calls.in_process import InProcessSubmission
from grader.sandbox.calls.sandboxed_submission import SandboxedSubmission
from grader.sandbox.process.launch import Sandbox
from grader.submission.submission import Submission
from grader.toolkit.private_names import cpu_only
from grader.toolkit.text import clean, one_line
from grader.toolkit.verdicts import GraderFaultError, StudentError

_OURS = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")


class NothingSelectedError(UsageError):
    """The selection leaves no check of a section."""


def grade(
    course: Course,
    section: Section,
    submission: Submission,
    sandbox: Sandbox | None,
    selection: Selection | None = None,
    progress: Progress | None = None,
) -> Report:
    """Grade `submission` in `sandbox`, or in this very process if there is none, which is not a grade.

    Raises:
        GraderFaultError: the checks themselves could not be collected.
        UsageError: the selection cannot be read, or selects nothing.
        KeyboardInterrupt: the user interrupted.
    """
    candidate = sandbox.admit(submission) if sandbox else InProcessSubmission(submission)
    return grade_candidate(course, section, candidate, sandbox, selection or Selection(), progress)


def grade_candidate(
    course: Course,
    section: Section,
    candidate: AnyCandidate,
    sandbox: Sandbox | None,
    selection: Selection,
    progress: Progress | None = None,
) -> Report:
    """As `grade`, of a submission of which something may be known already, such as its outline."""
    tries = Tries()
    while True:
        listener = _Notes(tries)
        try:
            return attempt(course, section, candidate, sandbox, selection, tries.standing(), listener, progress)
        except UnfinishedError as unfinished:
            tries.gave_up(unfinished.result)
            if sandbox is not None:
                sandbox.renew()


class UnfinishedError(Exception):
    """A run was given up after a check, for another process, or another try in this one, to go on."""

    def __init__(self, result: CheckResult) -> None:
        super().__init__(result.message)
        self.result = result


class _Notes(Listener):
    """Keeps what was found."""

    def __init__(self, tries: Tries) -> None:
        self._tries = tries

    def found(self, result: CheckResult) -> None:
        self._tries.found(result)


def attempt(
    course: Course,
    section: Section,
    candidate: AnyCandidate,
    sandbox: Sandbox | None,
    selection: Selection,
    standing: Standing,
    listener: Listener,
    progress: Progress | None = None,
) -> Report:
    """Run the checks that are not settled yet, in this process. Raises what `grade` does, and UnfinishedError."""
    known = (*selection.known, *standing.known)
    run = GradingRun(lambda _: candidate, selection.exercises, selection.alone, known)
    run.listener, run.standing = listener, standing
    if progress is not None:
        run.progress = progress
    if isinstance(candidate, SandboxedSubmission):
        candidate.on_run = listener.heard
    plugin = GradePlugin(course, run)
    with _quiet_environment(), cpu_only(), candidate.graded():
        code = pytest.main(_arguments(course, section, selection), plugins=[plugin])
        if run.given_up is not None:
            raise UnfinishedError(run.given_up)
        _expect_a_whole_run(section, run, selection, int(code))
        section_run = run.section_run(section)
        checks = plugin.reported(section_run)
        if not checks:
            raise _nothing_selected(section, selection)
        listener.diagnoses()
        settled = {check.id for check in known}
        fresh = [check for check in checks if check.id not in settled]
        diagnosed = {check.id: check for check in (diagnose(section_run, fresh) if standing.diagnosed else fresh)}
        return _report(section, section_run, [diagnosed.get(check.id, check) for check in checks], selection, sandbox)


def _expect_a_whole_run(section: Section, run: GradingRun, selection: Selection, code: int) -> None:
    """Raise what kept pytest from running the checks, if anything did."""
    if run.own_errors:  # asked first: pytest calls it an interruption, too
        lines = clean("\n".join(run.own_errors)).strip().splitlines()
        detail = lines[-1].removeprefix("E ").strip() if lines else ""
        raise GraderFaultError(f"{section.checks}: the checks cannot be run: {detail}")
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if code == pytest.ExitCode.USAGE_ERROR and selection.keyword:  # and pytest has said how
        raise UsageError("-k takes an expression of names with and, or, not: -k 'one_step and not rejects'")
    if code in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERNAL_ERROR):
        raise GraderFaultError(f"{section.checks}: the checks cannot be run.")


def _nothing_selected(section: Section, selection: Selection) -> BaseException:
    """What to say when no check was left to report: that is no full score."""
    if not selection.keyword:
        return GraderFaultError(f"{section.checks}: there are no checks in this file.")
    names = ", ".join(check.id for check in section.outline)
    return NothingSelectedError(f'No check of {section.id} matches -k "{one_line(selection.keyword)}". Checks: {names}')


# Plugins of pytest's own that a grading has no use for. Of `debugging`, breakpoint() is to be plain pdb: what pytest makes of it
# needs its terminal. `unraisableexception` collects garbage five times at the end: 0.2 s.
_UNUSED = (
    *(
        "cacheprovider",
        "terminal",
        "logging",
        "debugging",
        "unraisableexception",
        "doctest",
        "faulthandler",
        "junitxml",
    ),
    *("legacypath", "pastebin", "setuponly", "setupplan", "stepwise", "unittest"),
    *("recwarn", "threadexception", "subtests"),
)


def _arguments(course: Course, section: Section, selection: Selection) -> list[str]:
    """Pytest's command line: nothing is read from or written to the folder that the user happens to be in."""
    arguments = [
        str(section.checks),
        # Every folder between the root, or where conftests may lie, and the checks would be looked through.
        f"--rootdir={section.checks.parent}",
        f"--confcutdir={section.checks.parent}",
        f"--config-file={os.devnull}",
        "--noconftest",
        "--disable-plugin-autoload",
        "--assert=plain",
        "--capture=no",
        *(word for name in _UNUSED for word in ("-p", f"no:{name}")),
    ]
    if selection.keyword:
        arguments += ["-k", selection.keyword]
    if selection.stop_first:
        arguments.append("-x")
    return arguments


@contextmanager
def _quiet_environment() -> Iterator[None]:
    """Keep the user's pytest settings out of a grade."""
    saved = {name: os.environ.pop(name) for name in _OURS if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(saved)


def _report(
    section: Section, run: SectionRun, checks: list[CheckResult], selection: Selection, sandbox: Sandbox | None
) -> Report:
    candidate = run.candidate
    status = "graded" if selection.everything else "partial"
    if any(check.status is Status.GRADER_ERROR for check in checks):
        status = "grader_error"
    if sandbox is None:
        status = "not_a_grade"
    return Report(
        schema_version=SCHEMA_VERSION,
        section=section.id,
        title=section.title,
        submission=candidate.filename,
        points=total(check.points for check in checks),
        max_points=total(check.max_points for check in checks),
        status=status,
        sandbox={"kind": sandbox.kind, **candidate.layers, **sandbox.reasons}
        if sandbox
        else {"kind": "none", **candidate.layers},
        versions=versions(),
        checks=checks,
        lines=_definition_lines(run),
        label=section.label,
        topic=section.topic,
        **_of_whole_file(run),
    )


def _definition_lines(run: SectionRun) -> dict[str, int]:
    """Where each exercise begins; not in a notebook, whose cells count their own lines."""
    if run.is_notebook:
        return {}
    try:
        definitions = run.candidate.outline.definitions
    except GraderFaultError:
        return {}
    return {name: definitions[name].line for name in run.section.functions if name in definitions}


def _of_whole_file(run: SectionRun) -> dict[str, Any]:
    """The fields of a Report that say what the student should know about the file as a whole."""
    try:
        error: BaseException | None = run.candidate.outline.error
    except GraderFaultError as fault:
        return {"notice": clean(str(fault))}
    unread = isinstance(error, StudentError)
    error = error or run.candidate.load_error
    if not isinstance(error, StudentError):
        return {}
    lines = list(lines_of(error.lines, run.is_notebook))
    return {"notice": _notice(run, error, unread), "unread": unread, "notice_lines": lines}


def _notice(run: SectionRun, error: StudentError, unread: bool) -> str:
    name, raised = run.candidate.filename, f"{error.type}: {error.message}"
    if run.is_notebook:
        where = f"{error.lines[-1].text}\n" if error.lines else ""
        return clean(f"{name} has a cell that fails: {raised}\n{where}The others were graded.")
    where = f" at line {error.lines[-1].line}" if error.lines else ""
    message = clean(f"{name} stops loading{where}: {raised}")
    return message if unread else f"{message}\nWhat is defined above that line was graded."
