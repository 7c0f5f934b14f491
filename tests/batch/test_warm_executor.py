"""Processes that stay warm: one that is lost costs its own task and no other, and none outlives the batch."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor
from pathlib import Path

import pytest

from grader.batch.warm_executor import WarmExecutor
from tests.paths import ROOT


@pytest.fixture
def processes():
    executor = WarmExecutor(2)
    yield executor
    executor.shutdown(cancel_futures=True)


def kill_itself():
    os.kill(os.getpid(), signal.SIGKILL)


def raise_error():
    raise ValueError("a task that raises")


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_process_serves_one_task_after_another(processes):
    assert len({processes.submit(os.getpid).result() for _ in range(6)}) <= 2


def test_a_process_that_dies_takes_only_its_own_task_with_it(processes):
    slow = processes.submit(time.sleep, 1)
    lost = processes.submit(kill_itself)
    with pytest.raises(BrokenExecutor):
        lost.result()
    assert slow.result() is None
    assert processes.submit(os.getpid).result() != os.getpid()


def test_a_task_that_raises_leaves_a_fresh_process_to_the_next():
    executor = WarmExecutor(1)
    try:
        before = executor.submit(os.getpid).result()
        with pytest.raises(ValueError, match="a task that raises"):
            executor.submit(raise_error).result()
        assert executor.submit(os.getpid).result() != before
    finally:
        executor.shutdown(cancel_futures=True)


def test_a_process_that_dies_while_it_is_idle_is_replaced():
    executor = WarmExecutor(1)
    try:
        before = executor.submit(os.getpid).result()
        os.kill(before, signal.SIGKILL)
        time.sleep(0.5)
        assert executor.submit(os.getpid).result() != before
    finally:
        executor.shutdown(cancel_futures=True)


def test_a_long_task_holds_up_no_other(processes):
    endless = processes.submit(time.sleep, 60)
    for _ in range(5):
        processes.submit(os.getpid).result()
    assert not endless.done()


@pytest.mark.slow
def test_processes_are_gone_after_their_parent_was_killed():
    code = (
        "import os, time\nfrom grader.batch.warm_executor import WarmExecutor\n"
        "pool = WarmExecutor(2)\n"
        "if __name__ == '__main__':\n"
        "    busy = pool.submit(time.sleep, 60)\n    print(pool.submit(os.getpid).result(), flush=True)\n    busy.result()"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    assert is_alive(child)
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 30
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(child)
