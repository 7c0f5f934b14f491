"""A submission's workers: which of them runs what, and how long they are there."""

import os
import re
import signal
import time
from pathlib import Path
from types import ModuleType

import pytest

from grader.sandbox.calls.student import Contract
from grader.toolkit.verdicts import GraderFaultError

CONTRACT = Contract(ModuleType("reference"))
WHO = "import os\nCALLS = []\ndef f():\n    CALLS.append(1)\n    return [os.getpid(), len(CALLS)]\n"


@pytest.fixture
def submission(submit):
    return submit(WHO)


class Workers(list):
    """Process ids as this machine counts them; `own` are the same as the workers know them, in their namespace."""

    def __init__(self):
        super().__init__()
        self.own = []


@pytest.fixture
def workers(sandbox, monkeypatch):
    """The process ids of all workers that were handed out, in order."""
    found, spawn = Workers(), sandbox._launcher.spawn

    def noted(*args, **kwargs):
        process = spawn(*args, **kwargs)
        found.append(process.pid)
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        found.own.append(int(re.search(r"^NSpid:.*?(\d+)$", status, re.MULTILINE)[1]))
        return process

    monkeypatch.setattr(sandbox._launcher, "spawn", noted)
    return found


def called(submission, **options):
    """The worker of a trial, and how often its function was called there."""
    with submission.trial(CONTRACT, **options) as met:
        return met.student.f()


def is_gone(pid):
    """Its zygote reaps it when it comes to it."""
    end = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        time.sleep(0.01)
    return not Path(f"/proc/{pid}").exists()


def test_the_worker_that_has_read_a_submission_runs_the_first_check_and_no_other(submission, workers):
    with submission.graded():
        assert "f" in submission.outline.definitions
        assert [called(submission) for _ in range(3)] == [[pid, 1] for pid in workers.own]
    assert len(set(workers)) == 3


def test_a_check_that_needs_more_than_most_gets_a_worker_of_its_own(submission, workers):
    with submission.graded():
        _ = submission.outline
        assert called(submission, call_cpu_seconds=3.0) == [workers.own[1], 1]
        assert called(submission) == [workers.own[0], 1]


@pytest.mark.parametrize(
    ("source", "is_kept"),
    [(WHO, True), ("def f(:\n", False), (WHO + "#" * (1 << 15), False)],
    ids=["right", "unreadable", "long"],
)
def test_a_worker_that_has_only_read_is_gone_after_a_grading(submit, workers, source, is_kept):
    submission = submit(source)
    with submission.graded():
        _ = submission.outline
        (reader,) = workers
        assert is_kept or is_gone(reader)
        assert not is_kept or Path(f"/proc/{reader}").exists()
    assert is_gone(reader)


def test_reading_an_outline_alone_keeps_no_worker(submission, workers):
    assert submission.outline.error is None
    assert is_gone(workers[0])


def test_a_reader_that_is_killed_before_its_turn_is_met_again(submission, workers):
    with submission.graded():
        _ = submission.outline
        os.kill(workers[0], signal.SIGKILL)
        with submission.trial(CONTRACT) as met:
            with pytest.raises(
                GraderFaultError, match="SIGKILL"
            ):  # which no submission can do to itself, so it is tried again
                met.student.f()
            met.restart()
            assert met.student.f() == [workers.own[1], 1]
