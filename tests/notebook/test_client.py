"""The process that grades for a kernel, asked without one."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from grader.course import UsageError
from grader.notebook.client import GradingClient, KernelRequest
from tests.paths import ROOT, TINY


@pytest.fixture
def assistant():
    asked = GradingClient()
    yield asked
    asked.close(at_once=True)


@pytest.mark.slow
def test_a_fault_of_the_checks_is_told_in_their_words_and_the_process_is_kept(assistant, tmp_path):
    course = tmp_path / "course"
    shutil.copytree(TINY, course, ignore=shutil.ignore_patterns("__pycache__"))
    checks = course / "checks" / "section1_tiny" / "test_section1.py"
    checks.write_text(
        checks.read_text(encoding="utf-8").replace("from grader.toolkit", "from grader.no_such_toolkit"),
        encoding="utf-8",
    )
    right = (course / "solutions" / "section1_tiny.py").read_bytes()
    request = KernelRequest(str(course), "section1", (), "section1_tiny.ipynb", right)
    pids = set()
    for _ in range(2):
        with pytest.raises(UsageError, match=r"test_section1\.py:\d+: ModuleNotFoundError.*no_such_toolkit"):
            assistant.ask(request)
        pids.add(assistant.pid)
    assert len(pids) == 1
    if sys.platform == "linux":
        import resource

        resource.prlimit(assistant.pid, resource.RLIMIT_NOFILE, (40, 40))
        with pytest.raises(UsageError, match="ulimit -n"):  # no fault of ours
            assistant.ask(msgspec.structs.replace(request, root=str(TINY)))


KERNEL = """
from grader.notebook.client import GradingClient
from grader.notebook.client import KernelRequest
SLEEPS = b'''
import time

def mean(x):
    while True:
        time.sleep(1)

def scale(x, factor):
    return mean(x)

def shift_in_place(params, amount):
    return mean(params)
'''
GradingClient().ask(KernelRequest(%r, "section1", (), "section1_tiny.py", SLEEPS))
"""


def descendants(pid):
    """The running processes that a process has started, and those that these have started."""
    found = set()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            found |= {child} | descendants(child)
    return {one for one in found if is_running(one)}


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def commands(pids):
    return [path.read_bytes() for path in (Path(f"/proc/{pid}/cmdline") for pid in pids) if path.exists()]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the process ends after the grading")
def test_a_kernel_that_is_killed_while_it_grades_takes_every_process_of_ours_along():
    kernel = subprocess.Popen([sys.executable, "-c", KERNEL % str(TINY)], cwd=ROOT)
    deadline = time.monotonic() + 60
    started = set()
    while time.monotonic() < deadline:  # the server, the process that judges, the zygote, a worker and the next
        started = descendants(kernel.pid)
        texts = commands(started)
        if sum(b"notebook.server" in text for text in texts) > 1 and sum(b"start_zygote" in text for text in texts) > 2:
            break
        time.sleep(0.05)
    os.kill(kernel.pid, signal.SIGKILL)
    kernel.wait()
    deadline = time.monotonic() + 10
    while any(map(is_running, started)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(started) > 3
    assert [pid for pid in started if is_running(pid)] == []
