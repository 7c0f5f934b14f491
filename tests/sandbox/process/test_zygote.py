"""One zygote after another."""

import os
import sys

import psutil
import pytest

from grader.course import Course
from grader.sandbox.process.launch import Sandbox

if sys.platform != "linux":
    pytest.skip("there is no zygote", allow_module_level=True)


@pytest.mark.slow
def test_zygotes_that_were_given_up_leave_nothing_behind(course: Course) -> None:
    """A class may have thousands of submissions for which another one is started."""
    held = []
    with Sandbox.open(course, kind="zygote") as sandbox:
        for _ in range(3):
            sandbox.renew()
            sandbox.spawn(ahead=False).close()
            held.append((len(os.listdir("/proc/self/fd")), len(psutil.Process().children())))
    assert held[2] <= held[1]  # the one that was just given up may still be ending
