"""Grade one section of one submission: run its checks with pytest, in this process, and gather the Report."""

import io
import os
import re
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from grader.course import Course, UsageError
from grader.diagnosis.diagnosis import diagnose
from grader.grading.assembly import report_of
from grader.grading.plugin import GradePlugin
from grader.grading.report import CheckResult, Report
from grader.grading.request import Progress, Selection
from grader.grading.retries import Retries, Settled
from grader.grading.section_run import GradingRun, Listener, RunnableSubmission, contract_of
from grader.sandbox.calls.in_process import InProcessSubmission
from grader.sandbox.calls.sandboxed_submission import SandboxedSubmission
from grader.sandbox.calls.student import RemoteStudent
from grader.sandbox.process.launch import Sandbox
from grader.section import Section
from grader.submission.submission import Submission
from grader.toolkit.private_names import cpu_only
from grader.toolkit.text import clean, harmless, one_line
from grader.toolkit.verdicts import GraderFaultError

_OURS = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")
_FOLDER = "GRADE_FOLDER_OF_CHECKS"  # a variable: pytest would replace a "$NAME" in the folder's own name


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
    """Grade `submission` in `sandbox`, or in this process without one, which is not a grade.

    Raises:
        CourseModuleError: the file of checks cannot be imported.
        GraderFaultError: the checks themselves could not be collected.
        UsageError: the file of checks has an author's error, or the selection cannot be read or selects nothing.
        KeyboardInterrupt: the user interrupted.
    """
    runnable = (
        sandbox.admit(submission)
        if sandbox
        else InProcessSubmission(submission, course.packages, course.settings.modules)
    )
    return grade_runnable(course, section, runnable, sandbox, selection or Selection(), progress)


def grade_runnable(
    course: Course,
    section: Section,
    runnable: RunnableSubmission,
    sandbox: Sandbox | None,
    selection: Selection,
    progress: Progress | None = None,
    calls: Listener | None = None,
) -> Report:
    """As `grade`, for a submission that is open already, perhaps with its outline read. `calls` is told the calls."""
    retries = Retries()
    while True:
        listener = _Notes(retries, calls or Listener())
        try:
            return run_checks(course, section, runnable, sandbox, selection, retries.settled(), listener, progress)
        except UnfinishedError as unfinished:
            retries.gave_up(unfinished.result)
            if sandbox is not None:
                sandbox.renew()


class UnfinishedError(Exception):
    """A run was given up after a check, for another process, or another try in this one, to go on."""

    def __init__(self, result: CheckResult) -> None:
        super().__init__(result.message)
        self.result = result


class _Notes(Listener):
    """Keeps the results."""

    def __init__(self, retries: Retries, calls: Listener) -> None:
        self._retries = retries
        self._calls = calls

    def found(self, result: CheckResult) -> None:
        self._retries.found(result)

    def called(self, result: CheckResult, student: RemoteStudent) -> None:
        self._calls.called(result, student)


def run_checks(
    course: Course,
    section: Section,
    runnable: RunnableSubmission,
    sandbox: Sandbox | None,
    selection: Selection,
    settled: Settled,
    listener: Listener,
    progress: Progress | None = None,
) -> Report:
    """Run the checks that are not settled yet, in this process. Raises what `grade` does, and UnfinishedError."""
    _ = section.check_list, contract_of(section)  # the author's errors, before pytest meets them
    known = (*selection.known, *settled.known)
    run = GradingRun(lambda _: runnable, selection.exercises, selection.alone, known)
    run.listener, run.settled = listener, settled
    if progress is not None:
        run.progress = progress
    folder = section.checks.parent
    plugins = [plugin := GradePlugin(course, run), _InFolder(folder)]
    if isinstance(runnable, SandboxedSubmission):
        runnable.on_run = listener.heard
        plugins.append(_Printed(section.solution.is_file() and section.solution.read_bytes() == runnable.source))
    with _quiet_environment(folder), cpu_only(), runnable.graded():
        code = pytest.main(_arguments(section, selection), plugins=plugins)
        if run.given_up is not None:
            raise UnfinishedError(run.given_up)
        _expect_a_whole_run(section, run, selection, int(code))
        section_run = run.section_run(section)
        checks = plugin.reported(section_run)
        if not checks:
            raise _nothing_selected(section, selection)
        listener.diagnoses()
        before = {check.id for check in known}
        fresh = [check for check in checks if check.id not in before]
        if selection.diagnosed and settled.diagnosed:
            fresh = diagnose(section_run, fresh)
        diagnosed = {check.id: check for check in fresh}
        return report_of(section, section_run, [diagnosed.get(check.id, check) for check in checks], selection, sandbox)


def _expect_a_whole_run(section: Section, run: GradingRun, selection: Selection, code: int) -> None:
    """Raise the error that kept pytest from running the checks, if there was one."""
    if run.broken is not None:
        raise run.broken
    if run.collection_errors:  # asked first: pytest calls it an interruption, too
        lines = clean("\n".join(run.collection_errors)).strip().splitlines()
        detail = lines[-1].removeprefix("E ").strip() if lines else ""
        places = re.findall(r"^(\S+\.py:\d+): in ", "\n".join(lines), re.MULTILINE)
        where = f" ({places[-1]})" if places else ""
        raise GraderFaultError(f"{section.checks}: the checks cannot be run: {detail}{where}")
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if code == pytest.ExitCode.USAGE_ERROR and selection.keyword:  # and pytest has said how
        raise UsageError("-k takes an expression of names with and, or, not: -k 'one_step and not rejects'")
    if code in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERNAL_ERROR):
        raise GraderFaultError(f"{section.checks}: the checks cannot be run.")


def _nothing_selected(section: Section, selection: Selection) -> BaseException:
    """The error if no check is left to report."""
    if not selection.keyword:
        return GraderFaultError(f"{section.checks}: there are no checks in this file.")
    names = ", ".join(check.id for check in section.check_list)
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


class _InFolder:
    """Has pytest look for the file of checks in its folder. In an argument, "[" and "::" would end the path of a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def pytest_configure(self, config: pytest.Config) -> None:
        config.invocation_params = replace(config.invocation_params, dir=self._folder)


class _Printed:
    """Catches what each check prints: a help for its author, on standard error, and `shown` if the solution is graded.

    No student sees it, and no Report or table on standard output is disturbed by it.
    """

    def __init__(self, shown: bool) -> None:
        self._shown = shown

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        """Run a check."""
        text = io.StringIO()
        try:
            with redirect_stdout(text):
                return (yield)
        finally:
            if self._shown and text.getvalue():  # an answer may be among it
                lines = harmless(clean(text.getvalue().rstrip())).splitlines()
                name = pyfuncitem.name.removeprefix("test_")
                print(*(f"{name} prints: {line}" for line in lines), sep="\n", file=sys.stderr, flush=True)


def _arguments(section: Section, selection: Selection) -> list[str]:
    """Pytest's command line: nothing is read from or written to the folder that the user happens to be in."""
    arguments = [
        section.checks.name,
        # Every folder between the root, or where conftests may lie, and the checks would be looked through.
        f"--rootdir=${_FOLDER}",
        f"--confcutdir={section.checks.parent}",
        f"--config-file={os.devnull}",
        "--noconftest",
        "--disable-plugin-autoload",
        f"--assert={'rewrite' if section.asserts else 'plain'}",  # which explains an assert, and takes time
        "--capture=no",
        *(word for name in _UNUSED for word in ("-p", f"no:{name}")),
    ]
    if selection.keyword:
        arguments += ["-k", selection.keyword]
    if selection.stop_first:
        arguments.append("-x")
    return arguments


@contextmanager
def _quiet_environment(folder: Path) -> Iterator[None]:
    """Keep the user's pytest settings out of a grade, and tell pytest the folder of the checks. Stay in the working folder."""
    saved = {name: os.environ.pop(name) for name in _OURS if name in os.environ}
    os.environ[_FOLDER] = str(folder)
    working_folder = None
    with suppress(OSError):  # it may be gone
        working_folder = Path.cwd()
    try:
        yield
    finally:
        with suppress(OSError):
            os.chdir(working_folder or os.curdir)  # pytest ends in the folder of the checks
        del os.environ[_FOLDER]
        os.environ.update(saved)
