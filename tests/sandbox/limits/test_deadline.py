"""Deadlines: a busy machine fails no submission, and no submission can make the grader wait for ever."""

import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from grader.sandbox.calls.student import Contract
from grader.sandbox.limits.deadline import LOOP, STRETCH, AwakeClock, Budget, Deadline, OutOfTimeError, is_asleep
from grader.sandbox.limits.limits import DEFAULT
from grader.sandbox.process.launch import Sandbox
from grader.submission.submission import Submission
from grader.toolkit.verdicts import EndedError
from tests.paths import ROOT

ASLEEP = "It was not computing: does it sleep, or wait for something?"
SPIN = "while True: pass"
SLOW = b"import time\ndef f():\n    time.sleep(0.3)\n    return 1\n"


@pytest.mark.slow
def test_checks_stop_once_they_have_waited_long_enough_for_one_submission(course):
    contract = Contract(ModuleType("reference"))
    with Sandbox.open(course, limits=replace(DEFAULT, submission_wall_seconds=0.5)) as sandbox:
        slow, other = (sandbox.admit(Submission("slow.py", Path("slow.py"), SLOW)) for _ in range(2))
        for _ in range(2):
            with slow.trial(contract) as trial:
                assert trial.student.f() == 1
        with slow.trial(contract) as trial, pytest.raises(EndedError) as ended:
            trial.student.f()
        assert (ended.value.status, "slow.py" in ended.value.message) == ("timed_out", True)
        with other.trial(contract) as trial:  # each submission has its own deadline
            assert trial.student.f() == 1


def test_an_import_that_computes_a_while_is_not_tried_for_ever(course):
    """Each check pays for it again: thousands of chained classes made a batch wait for an hour."""
    classes = (
        "class C0: pass\n" + "".join(f"class C{n}(C{n - 1}): pass\n" for n in range(1, 1000)) + "def f(): return 1\n"
    )
    contract = Contract(ModuleType("reference"))
    with Sandbox.open(course, limits=replace(DEFAULT, all_loads_cpu_seconds=0.01)) as sandbox:
        slow = sandbox.admit(Submission("slow.py", Path("slow.py"), classes.encode()))
        with slow.trial(contract) as trial:
            assert trial.student.f() == 1
        with (
            slow.trial(contract) as trial,
            pytest.raises(EndedError, match=r"slow\.py.*outside its functions") as ended,
        ):
            trial.student.f()
    assert ended.value.status == "timed_out"


def test_what_is_tried_as_if_nothing_had_been_is_waited_for_apart(course):
    """Otherwise, a check that first tries examples of another submission would leave less time."""
    contract = Contract(ModuleType("reference"))
    with Sandbox.open(course, limits=replace(DEFAULT, submission_wall_seconds=0.5)) as sandbox:
        slow = sandbox.admit(Submission("slow.py", Path("slow.py"), SLOW))
        with slow.trial(contract) as trial:
            assert trial.student.f() == 1
            trial.restart()
            assert trial.student.f() == 1
        with slow.trial(contract) as trial:
            assert trial.student.f() == 1


@pytest.mark.slow
def test_calls_that_compute_a_little_each_run_out_of_computing_time_together(course):
    """The kernel counts for a whole check; the worker's own clocks do not matter."""
    busy = b"import time\ndef f():\n    end = time.process_time() + 0.3\n    while time.process_time() < end: pass\n"
    with Sandbox.open(course, limits=replace(DEFAULT, check_cpu_seconds=2)) as sandbox:
        submission = sandbox.admit(Submission("busy.py", Path("busy.py"), busy))
        with submission.trial(Contract(ModuleType("reference"))) as trial, pytest.raises(EndedError) as ended:
            list(iter(trial.student.f, "never"))
    assert ended.value.status == "timed_out"
    assert "within 2 seconds of computing time in all" in ended.value.message


def test_what_we_compute_for_a_submission_is_not_of_its_time(course):
    """A slow machine would fail a right answer that asks us for many values."""
    asks = b"def f(objective):\n    return sum(objective(number) for number in range(20))\n"

    def objective(number):
        end = time.thread_time() + 0.05
        while time.thread_time() < end:
            pass
        return number

    with Sandbox.open(course, limits=replace(DEFAULT, call_wall_seconds=0.5, check_wall_seconds=0.5)) as sandbox:
        submission = sandbox.admit(Submission("asks.py", Path("asks.py"), asks))
        with submission.trial(Contract(ModuleType("reference"))) as trial:
            assert trial.student.f(objective) == 190


AT_EVERY_TICK = b"""
import os, select, time

def runs_at_every_tick(until):
    coarse = 6  # CLOCK_MONOTONIC_COARSE, which moves at every tick
    tick = time.clock_getres(coarse)
    while not until():
        began = time.clock_gettime(coarse)
        while time.clock_gettime(coarse) == began:
            pass
        latest = time.monotonic()
        for _ in range(50):
            latest += tick
            time.sleep(max(0.0, latest - time.monotonic() - 0.0006))
            began, last = time.clock_gettime(coarse), time.monotonic() + 0.0012
            while time.clock_gettime(coarse) == began and time.monotonic() < last:
                pass
            latest = time.monotonic()
            if until():
                return

def f(objective):
    read = os.readv

    def readv(descriptor, buffers):
        if descriptor == 3:
            runs_at_every_tick(lambda: select.select([3], [], [], 0)[0])
        return read(descriptor, buffers)

    os.readv = readv
    for number in range(160):
        objective(number)
"""


@pytest.mark.slow
def test_no_worker_that_runs_at_every_tick_seems_to_be_killed_from_outside(course):
    """The kernel's limit counts ticks, and sends SIGKILL. While we compute for a worker, nothing counts but its computing."""

    def objective(number):
        end = time.thread_time() + 0.05
        while time.thread_time() < end:
            pass
        return number

    limits = replace(DEFAULT, check_cpu_seconds=3, check_wall_seconds=0.9, call_cpu_seconds=9)
    with Sandbox.open(course, limits=limits) as sandbox:
        submission = sandbox.admit(Submission("ticks.py", Path("ticks.py"), AT_EVERY_TICK))
        with submission.trial(Contract(ModuleType("reference"))) as trial, suppress(EndedError):
            trial.student.f(objective)


def test_the_limits_are_those_that_are_promised():
    """And the page on security speaks of the same."""
    assert (DEFAULT.call_cpu_seconds, DEFAULT.call_wall_seconds, DEFAULT.check_cpu_seconds) == (2, 10, 30)
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    minutes, gib = DEFAULT.submission_wall_seconds / 60, DEFAULT.memory_bytes / 2**30
    assert f"loops ({DEFAULT.call_cpu_seconds:g} s of computing a call)" in page
    sleep = (
        f"{DEFAULT.call_wall_seconds:g} s a call, {DEFAULT.check_wall_seconds:g} s a check, {minutes:g} min a section"
    )
    assert f"sleep ({sleep})" in page
    assert f"computing time ({DEFAULT.check_cpu_seconds} s a check)" in page
    assert f"imports ({DEFAULT.all_loads_cpu_seconds:g} s of computing a section)" in page
    assert f"memory ({gib:g} GiB beyond the start), output ({DEFAULT.output_bytes / 2**20:g} MiB)" in page
    assert f"descriptors ({DEFAULT.open_files})" in page


class Sleeper:
    """A process that was given so much computing and was so long awake, at times that the test makes up."""

    def __init__(self, monkeypatch):
        self.now, self.computed, self.delayed, self.is_awake = 100.0, 0.0, 0.0, False
        self.ours = 0.0
        monkeypatch.setattr("grader.sandbox.limits.deadline.time.monotonic", lambda: self.now)
        monkeypatch.setattr("grader.sandbox.limits.deadline.our_awake_seconds", lambda: self.ours)

    def cpu_seconds(self):
        return self.computed

    def awake_seconds(self):
        return self.computed + self.delayed

    def is_asleep(self):
        return not self.is_awake

    def pauses_until_out_of_time(self, deadline, pause=0.05, computing=0.0, waiting=0.0):
        """The wait for a process that computes, and waits for a core, for parts of each pause."""
        start = self.now
        while True:
            self.now += pause
            self.computed += computing * pause
            self.delayed += waiting * pause
            try:
                deadline()
            except OutOfTimeError as end:
                return self.now - start, str(end)


@pytest.fixture
def sleeper(monkeypatch):
    return Sleeper(monkeypatch)


@pytest.fixture
def deadline(sleeper):
    deadline = Deadline(sleeper, wall_seconds=25.0)
    deadline.begin(Budget(cpu_seconds=2.0, wall_seconds=10.0))
    return deadline


def test_what_was_computed_before_a_check_is_not_of_its_time(sleeper):
    sleeper.is_awake, sleeper.computed = True, 7.0
    deadline = Deadline(sleeper, cpu_seconds=5.0, computed_before=7.0)
    deadline.begin(Budget(cpu_seconds=100.0, wall_seconds=100.0))
    seconds, text = sleeper.pauses_until_out_of_time(deadline, computing=1.0)
    assert (seconds, text) == (pytest.approx(5, abs=0.2), "5 seconds of computing time in all. " + LOOP)


def test_a_worker_that_sleeps_has_its_wall_time(sleeper, deadline):
    seconds, text = sleeper.pauses_until_out_of_time(deadline)
    assert (seconds, text) == (pytest.approx(10, abs=0.2), "10 seconds. " + ASLEEP)


def test_a_worker_that_computes_has_its_computing_time(sleeper, deadline):
    sleeper.is_awake = True
    seconds, text = sleeper.pauses_until_out_of_time(deadline, computing=1.0)
    assert (seconds, text) == (pytest.approx(2, abs=0.2), "2 seconds of computing time. " + LOOP)


def test_a_worker_that_waits_for_a_processor_gets_its_computing_time_however_long_it_takes(sleeper, deadline):
    sleeper.is_awake = True
    seconds, text = sleeper.pauses_until_out_of_time(deadline, computing=0.05, waiting=0.95)
    assert (seconds, text) == (pytest.approx(40, abs=0.2), "2 seconds of computing time. " + LOOP)


def test_a_worker_that_is_awake_and_gets_nowhere_is_not_waited_for_for_ever(sleeper, deadline):
    sleeper.is_awake = True
    seconds, _ = sleeper.pauses_until_out_of_time(deadline)
    assert seconds == pytest.approx(STRETCH * 10, abs=0.2)


def test_a_worker_that_is_awake_at_each_look_may_still_have_slept(sleeper, deadline):
    sleeper.is_awake = True
    seconds, text = sleeper.pauses_until_out_of_time(deadline, pause=0.046, computing=0.04)
    assert (seconds, text) == (pytest.approx(10, abs=1), "10 seconds. " + ASLEEP)


def test_what_linux_tells_late_of_a_wait_for_a_processor_is_no_sleep(sleeper, deadline):
    sleeper.is_awake = True
    for _ in range(60):  # it gets a processor for a moment, every half second
        for _ in range(10):
            sleeper.now += 0.05
            deadline()
        sleeper.computed += 0.001
        sleeper.delayed += 0.499
    deadline.end()
    assert deadline.waited < 1


def test_a_worker_without_a_processor_for_long_gets_more_time(sleeper, deadline):
    sleeper.is_awake = True
    for _ in range(600):
        sleeper.now += 0.05
        deadline()
    sleeper.computed, sleeper.delayed = 0.001, 30.0
    sleeper.now += 0.05
    deadline()
    deadline.end()
    assert deadline.waited < 1


def test_sleep_between_two_questions_of_the_worker_is_counted(sleeper, deadline):
    """Neither our own work in between nor an early answer hides it."""
    sleeper.is_awake = True

    def asks():
        for _ in range(260):
            sleeper.now += 0.04
            sleeper.computed += 0.001
            with deadline.paused():
                sleeper.now += 0.01
            deadline()

    with pytest.raises(OutOfTimeError, match="10 seconds"):
        asks()
    assert sleeper.now - 100 < 14


def test_our_own_delay_is_not_the_workers(sleeper, deadline):
    """A machine that was suspended, or a grader that got no processor, looks once an hour."""
    for _ in range(24):
        sleeper.now += 3600
        deadline()
    assert deadline.waited < 5


def test_what_a_worker_waited_for_a_processor_before_it_fell_asleep_does_not_count(sleeper, deadline):
    for _ in range(1000):
        sleeper.now += 0.05
        sleeper.delayed += 0.05
    with suppress(OutOfTimeError):
        deadline()
    assert deadline.waited == 0


def test_our_work_for_the_worker_stops_its_clock(sleeper, deadline):
    with deadline.paused():
        sleeper.now += 2 * STRETCH * 10
        sleeper.ours += 30.0
    deadline()
    assert deadline.waited == 0


def test_a_machine_that_is_suspended_during_our_work_costs_the_worker_nothing(sleeper, deadline):
    with deadline.paused():
        sleeper.now += 3600
    sleeper.now += 0.05
    deadline()
    assert deadline.waited < 0.1


def test_brief_callbacks_are_looked_at_together(sleeper, deadline):
    """A worker that asks often cannot hide its sleep between two looks."""
    looks = 0

    def asks():
        nonlocal looks
        for _ in range(10_000):
            sleeper.now += 0.002
            with deadline.paused():
                sleeper.now += 0.001
            if deadline.is_due():
                looks += 1
                deadline()

    with pytest.raises(OutOfTimeError, match="10 seconds"):
        asks()
    assert 10 < sleeper.now - 100 < 16
    assert looks < 2000


def test_a_worker_that_has_asked_does_not_sleep_until_we_have_a_processor(sleeper, deadline):
    for _ in range(1000):
        sleeper.now += 0.05
        sleeper.ours += 0.05
        deadline()
    assert deadline.waited < 0.01


def test_requests_of_one_check_share_its_wall_time(sleeper, deadline):
    for _ in range(2):
        sleeper.pauses_until_out_of_time(deadline)
        deadline.end()
        deadline.begin(Budget(cpu_seconds=2.0, wall_seconds=10.0))
    seconds, text = sleeper.pauses_until_out_of_time(deadline)
    assert (seconds, text.startswith("25 seconds in all")) == (pytest.approx(5, abs=0.5), True)


def test_answers_that_always_come_just_before_the_pause_are_counted(sleeper, deadline):
    for _ in range(100):
        deadline.begin(Budget(cpu_seconds=2.0, wall_seconds=10.0))
        sleeper.now += 0.04
        deadline.end()
    assert deadline.waited == pytest.approx(4.0)


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_linux_tells_who_sleeps_and_who_computes():
    processes = [subprocess.Popen([sys.executable, "-c", code]) for code in ("import time; time.sleep(60)", SPIN)]
    try:
        time.sleep(2)
        clocks = [AwakeClock(process.pid) for process in processes]
        before = [clock() for clock in clocks]
        time.sleep(1)
        assert [is_asleep(process.pid) for process in processes] == [True, False]
        sleeping, spinning = [clock() - past for clock, past in zip(clocks, before, strict=True)]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert sleeping < 0.1
    assert spinning > 0.5
    assert [clock() for clock in clocks] == [None, None]  # they are gone
    assert AwakeClock(processes[0].pid)() is None
    for clock in clocks:
        clock.close()
