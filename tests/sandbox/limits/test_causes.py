"""The table of endings: each has its status, and what may have been the machine's doing is tried once more."""

import signal

import pytest

from grader.sandbox.limits.causes import (
    Cause,
    OutOfMemoryError,
    cause_of_error,
    cause_of_exit,
    cause_of_grading_exit,
    exit_error,
)
from grader.sandbox.limits.limits import Limits
from grader.sandbox.limits.worker_process import ProcessExit
from grader.toolkit.verdicts import DataError, GraderFaultError, StudentError, WrongAnswerError
from tests.paths import ROOT

LIMITS = Limits(check_cpu_seconds=30)
DOCS = ROOT / "docs" / "reference.md"
MEMORY = "DefaultCPUAllocator: can't allocate memory: you tried to allocate 64 bytes"


@pytest.mark.parametrize(
    ("ending", "cause"),
    [
        (ProcessExit(0, 1.0), Cause.LEFT),
        (ProcessExit(70, 1.0), Cause.LEFT),
        (ProcessExit(None), Cause.HUNG_UP),
        (ProcessExit(-signal.SIGKILL, 30.1), Cause.CPU_LIMIT),
        (ProcessExit(-signal.SIGXCPU, 30.1), Cause.CPU_LIMIT),
        (ProcessExit(-signal.SIGXCPU), Cause.CPU_LIMIT),  # macOS does not tell how long it has computed
        (ProcessExit(-signal.SIGKILL, 29.9), Cause.KILLED),  # the kernel itself waits far longer
        (ProcessExit(-signal.SIGXCPU, 0.1), Cause.KILLED),  # it has sent it to itself
        (ProcessExit(-signal.SIGKILL, 30.1, out_of_memory=True), Cause.CPU_LIMIT),
        (ProcessExit(-signal.SIGKILL, 30.1, over_memory=True), Cause.CPU_LIMIT),
        (
            ProcessExit(-signal.SIGKILL, 3.0, out_of_memory=True, over_memory=True),
            Cause.OVER_MEMORY,
        ),  # every kill is counted
        (ProcessExit(-signal.SIGTERM, 3.0, over_memory=True), Cause.KILLED),
        (ProcessExit(-signal.SIGTERM, 3.0, out_of_memory=True), Cause.KILLED),  # the kernel uses no other signal
        (ProcessExit(-signal.SIGKILL, 3.0), Cause.KILLED),
        (ProcessExit(-signal.SIGKILL), Cause.KILLED),
        *((ProcessExit(-number, 1.0), Cause.KILLED) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGBUS, 40)),
        *((ProcessExit(-number, 1.0), Cause.FAULTED) for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGSYS)),
    ],
)
def test_the_end_of_a_process_has_one_cause_and_a_message_that_names_it(ending, cause):
    assert cause_of_exit(ending, LIMITS) is cause
    error = exit_error("f", ending, LIMITS)
    assert error.status == cause.status
    assert error.message.startswith("f ")
    assert error.message.endswith((".", "?"))


@pytest.mark.parametrize(
    ("error", "before", "after"),
    [
        (WrongAnswerError("no"), Cause.WRONG, Cause.WRONG),
        (StudentError("KeyError", ("KeyError",), "x"), Cause.RAISED, Cause.RAISED),
        (StudentError("MemoryError", ("MemoryError",), ""), Cause.RAISED, Cause.RAISED),
        (StudentError("RuntimeError", ("RuntimeError",), MEMORY), Cause.RAISED, Cause.RAISED),
        (GraderFaultError("the zygote ended"), Cause.NO_WORKER, Cause.NO_WORKER),
        (DataError("damaged"), Cause.BAD_DATA, Cause.BAD_DATA),
        (MemoryError(), Cause.UNKNOWN, Cause.TOO_LARGE),
        (OutOfMemoryError(), Cause.UNKNOWN, Cause.TOO_LARGE),
        (RuntimeError(MEMORY), Cause.UNKNOWN, Cause.TOO_LARGE),
        (OSError(), Cause.UNKNOWN, Cause.STUMBLED),
        (KeyError("x"), Cause.UNKNOWN, Cause.STUMBLED),
        (SystemExit(0), Cause.UNKNOWN, Cause.UNKNOWN),
    ],
)
def test_an_exception_has_one_cause_before_and_after_the_first_answer(error, before, after):
    assert cause_of_error(error, answered=False) is before
    assert cause_of_error(error, answered=True) is after


def test_behind_the_filter_only_another_process_can_kill_a_worker():
    assert cause_of_exit(ProcessExit(-signal.SIGKILL, 3.0), LIMITS, filtered=True) is Cause.REMOVED
    assert isinstance(exit_error("f", ProcessExit(-signal.SIGKILL, 3.0), LIMITS, filtered=True), GraderFaultError)
    assert cause_of_exit(ProcessExit(-signal.SIGKILL, 30.1), LIMITS, filtered=True) is Cause.CPU_LIMIT
    assert cause_of_exit(ProcessExit(-signal.SIGTERM, 3.0), LIMITS, filtered=True) is Cause.KILLED  # which it can send


def test_a_worker_that_the_kernel_kills_for_want_of_memory_is_not_the_submissions_fault():
    error = exit_error("f", ProcessExit(-signal.SIGKILL, 3.0, out_of_memory=True), LIMITS)
    assert isinstance(error, GraderFaultError)
    assert "f may use 2048 MiB" in str(error)
    assert cause_of_error(error, answered=True).status == "grader_error"


def test_a_worker_that_is_killed_at_its_own_limit_is_not_tried_again():
    error = exit_error(
        "f", ProcessExit(-signal.SIGKILL, 3.0, out_of_memory=True, over_memory=True), LIMITS, filtered=True
    )
    assert (error.message, Cause.OVER_MEMORY.again) == (
        "f used more than 2048 MiB of memory, so the grader stopped it.",
        False,
    )


def test_no_message_speaks_of_time_that_was_not_used_nor_of_memory_where_a_signal_was_sent():
    message = exit_error("f", ProcessExit(-signal.SIGXCPU, 0.1), LIMITS).message
    assert ("30 seconds" in message, "memory" in message, "SIGXCPU" in message) == (False, False, True)
    assert "memory" in exit_error("f", ProcessExit(-signal.SIGKILL, 0.1), LIMITS).message


@pytest.mark.parametrize(
    ("ending", "before", "after"),
    [
        (ProcessExit(-signal.SIGXCPU, 30.0), Cause.ENDLESS, Cause.TOO_LONG),
        (ProcessExit(-signal.SIGKILL, 120.0), Cause.ENDLESS, Cause.TOO_LONG),
        (ProcessExit(-signal.SIGKILL, 3.0), Cause.OUTSIDE, Cause.OUTSIDE),
        (ProcessExit(-signal.SIGKILL, 3.0, out_of_memory=True), Cause.NO_MEMORY, Cause.NO_MEMORY),
        (ProcessExit(-signal.SIGABRT, 3.0), Cause.UNKNOWN, Cause.BROKEN),
        (ProcessExit(-signal.SIGSEGV, 3.0), Cause.UNKNOWN, Cause.BROKEN),
    ],
)
def test_the_end_of_a_process_that_judges_counts_against_what_it_was_judging(ending, before, after):
    assert cause_of_grading_exit(ending, heard=False, cpu_seconds=120) is before
    assert cause_of_grading_exit(ending, heard=True, cpu_seconds=120) is after


def test_what_is_tried_once_more_is_what_is_never_the_submissions_doing():
    ours = {cause for cause in Cause if cause.status == "grader_error"}
    assert {cause for cause in Cause if cause.again} == ours - {Cause.ENDLESS}  # which would take as long again


def test_the_documentation_shows_the_table():
    rows = [
        f"| {cause.what} | {cause.status} | {'yes' if cause.again else ''} |".replace("|  |", "| |") for cause in Cause
    ]
    text = DOCS.read_text(encoding="utf-8")
    assert [row for row in rows if row not in text] == []
