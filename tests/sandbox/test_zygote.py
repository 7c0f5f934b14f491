"""What a worker finds of the zygote that it was forked from."""

import os
import sys
from typing import Any

import psutil
import pytest

from grader.course import Course
from grader.sandbox.launch import Sandbox
from grader.sandbox.student import Contract
from grader.sandbox.submission import Submission

if sys.platform != "linux":
    pytest.skip("there is no zygote", allow_module_level=True)

SOURCE = b"""\
import logging
import random
import threading

import numpy as np
import torch


def threads():
    return [threading.active_count(), threading.current_thread() is threading.main_thread(), torch.get_num_threads()]


def draws():
    return [random.random(), float(np.random.rand()), float(torch.rand(()))]


def says():
    logging.getLogger("submission").warning("written")
    return threading.Lock().acquire(timeout=1)

"""


@pytest.fixture
def candidate(course: Course, tmp_path: Any) -> Any:
    with Sandbox.open(course, kind="zygote") as sandbox:
        yield sandbox.candidate(Submission("a.py", tmp_path / "a.py", SOURCE))


def test_every_worker_is_like_a_fresh_python(candidate: Any) -> None:
    """Though what modules want done in each fork is left out."""
    seen = []
    for _ in range(2):
        with candidate.trial(Contract(type(pytest)("reference"))) as trial:
            assert trial.student.threads() == [1, True, 1]
            assert trial.student.says() is True
            seen.append(trial.student.draws())
    assert seen[0] == seen[1]


def test_zygotes_that_were_given_up_leave_nothing_behind(course: Course) -> None:
    """A class may have thousands of submissions for which another one is started."""
    held = []
    with Sandbox.open(course, kind="zygote") as sandbox:
        for _ in range(4):
            sandbox.give_up()
            sandbox.spawn(ahead=False).close()
            held.append((len(os.listdir("/proc/self/fd")), len(psutil.Process().children())))
    assert held[3] <= held[1]  # the one that was just given up may still be ending
