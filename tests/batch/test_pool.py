"""Processes that grade on one machine: what they share, and what they do without when one of them is lost."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from grader.batch.environment import Environment
from grader.batch.grading_process import Description, Job, Setup, WrongEnvironmentError, describe, grade_one
from grader.batch.pool import local_pool, select_members
from grader.course import Course
from grader.sandbox.limits.limits import Limits
from tests.batch.hand_ins import LOOP, SOLUTION
from tests.paths import TINY

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="zygotes are forked on Linux only")

SETUP = Setup(("section1",), str(TINY), limits=Limits(call_cpu_seconds=0.5, load_cpu_seconds=1.5))
ENVIRONMENT = Environment.of(Course(TINY).find("tiny"))


def job(source, environment=ENVIRONMENT):
    return Job(SETUP, "section1", "section1_tiny.py", source, environment)


def children(pid):
    lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return {int(child) for text in lists for child in text.split()}


def zygotes():
    """Those that this process has started."""
    named = [pid for pid in children(os.getpid()) if b"start_zygote" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return {inner for pid in named for inner in [one for one in children(pid) if is_first(one)] or [pid]}


def is_first(pid):
    """Whether a process is the first of its namespace: its parent only waits for it."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return any(line.startswith("NSpid:") and line.endswith("\t1") for line in lines)


@pytest.fixture
def others():
    """Zygotes of other tests."""
    return zygotes()


@pytest.fixture
def pool(others):
    with local_pool(SETUP, 2) as found:
        yield found


def test_processes_share_one_zygote_that_ends_with_the_crew():
    before = zygotes()
    with local_pool(SETUP, 2) as pool:
        assert len(zygotes() - before) == 1
        outcomes = [pool.executor.submit(grade_one, job(SOLUTION)) for _ in range(4)]
        assert [one.result().report.points for one in outcomes] == [5.0] * 4
        pids = {pool.executor.submit(describe, SETUP).result().pid for _ in range(4)}
        assert all(not any(b"zygote" in Path(f"/proc/{c}/cmdline").read_bytes() for c in children(pid)) for pid in pids)
    assert zygotes() == before


@pytest.mark.slow
def test_a_process_that_is_killed_takes_its_workers_with_it_and_another_grades_in_its_place(pool, others):
    (zygote,) = zygotes() - others
    victim = pool.members["This machine"].pid
    busy = [pool.executor.submit(grade_one, job(LOOP)) for _ in range(2)]
    time.sleep(0.2)
    os.kill(victim, signal.SIGKILL)
    points = sorted(one.result().report.points for one in busy if one.exception() is None)
    assert points == [5.0 - 1.75]
    assert pool.executor.submit(grade_one, job(SOLUTION)).result().report.points == 5.0
    assert pool.executor.submit(grade_one, job(SOLUTION)).result().report.points == 5.0
    deadline = time.monotonic() + 30
    while len(children(zygote)) > 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(children(zygote)) <= 1, "only the spare of the process that was left alone"


def test_a_job_of_another_environment_is_refused(pool):
    from msgspec.structs import replace

    future = pool.executor.submit(grade_one, job(SOLUTION, replace(ENVIRONMENT, torch="1.0")))
    with pytest.raises(WrongEnvironmentError, match=r"torch .* instead of 1\.0"):
        future.result()


@pytest.mark.parametrize("part", ["grader", "code", "checks", "torch", "numpy", "hypothesis"])
def test_a_member_that_would_give_other_grades_is_refused_by_name_with_the_reason(part):
    from msgspec.structs import replace

    other = replace(ENVIRONMENT, **{part: "another"})
    members = {
        name: Description({"section1": environment}, {}, 1)
        for name, environment in {"ours": replace(ENVIRONMENT, python="another"), "theirs": other}.items()
    }
    accepted, refused = select_members({**members, "ill": "does not answer: OSError"}, {"section1": ENVIRONMENT})
    assert [*accepted] == ["ours"], "a patch level of Python changes no grade"
    assert refused.pop("ill") == "does not answer: OSError"
    assert [*refused] == ["theirs"]
    assert f"another instead of {getattr(ENVIRONMENT, part)}" in refused["theirs"]


def growth(count):
    """How many objects the collector knows more of after some gradings than before, when the first are over."""
    import gc

    def known():
        gc.collect()
        return len(gc.get_objects())

    for _ in range(6):
        grade_one(job(SOLUTION))
    before = known()
    for _ in range(count):
        grade_one(job(SOLUTION))
    return known() - before


@pytest.mark.slow
def test_gradings_leave_nothing_behind(pool):
    """Objects show it where memory is noisy."""
    assert pool.executor.submit(growth, 12).result() < 12
