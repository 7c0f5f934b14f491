"""What the machine or the shell lacks of what a submission may use costs no points: it is said, and nothing is graded."""

import errno
import os
import subprocess
import sys

import pytest

from grader.course import UsageError
from grader.sandbox.limits.limits import DEFAULT, Limits
from grader.sandbox.process import resources
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.resources import expect_resources
from grader.toolkit.verdicts import GraderFaultError, ShellLimitError
from tests.paths import ROOT, TINY

SHELLS = {
    "ulimit -v 3000000": "limits memory to 3000000 KiB (ulimit -v)",
    "ulimit -v 800000": "limits memory to 800000 KiB (ulimit -v)",
    "ulimit -S -v 2000000": "limits memory to 2000000 KiB (ulimit -v)",
    "ulimit -d 2000000": "limits memory to 2000000 KiB (ulimit -d)",
    "ulimit -t 20": "limits computing time to 20 s (ulimit -t)",
    "ulimit -t 119": "limits computing time to 119 s (ulimit -t)",
    "ulimit -f 100": "limits the size of files to 100 KiB (ulimit -f)",
    "ulimit -n 100": "limits open files to 100 (ulimit -n)",
}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no ulimit")


def grade_in(shell: str, *words: str) -> "subprocess.CompletedProcess[str]":
    command = ["bash", "-c", f'{shell}; exec "$@"', "bash", sys.executable, "-m", "grader", *words]
    environment = os.environ | {"GRADE_COURSE": str(TINY), "COLUMNS": "200"}
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("shell", "words"), SHELLS.items(), ids=SHELLS.keys())
def test_a_shell_with_less_than_a_submission_may_use_grades_nothing(shell, words):
    run = grade_in(shell, "tiny", "--submission", str(TINY / "solutions"))
    assert (run.returncode, run.stdout) == (3, ""), run.stdout
    assert words in run.stderr
    assert "The limit is your shell's, and no points are lost." in run.stderr
    assert "our fault" not in run.stderr


def test_the_doctor_says_so():
    run = grade_in("ulimit -v 3000000", "doctor")
    assert run.returncode == 3
    assert "(ulimit -v)" in run.stdout


@pytest.mark.slow
def test_a_shell_with_just_enough_grades_as_ever():
    run = grade_in("ulimit -v 16000000 -n 256 -t 120", "tiny", "--submission", str(TINY / "solutions"))
    assert run.returncode == 0, run.stderr


def test_limits_that_are_wider_than_the_shell_s_are_refused():
    with pytest.raises(GraderFaultError, match="ulimit -n"):
        expect_resources(Limits(open_files=1 << 30))


@pytest.mark.skipif(sys.platform != "linux", reason="a zygote is forked on Linux only")
@pytest.mark.parametrize("kind", ["plain", "zygote"])
def test_a_shell_that_allows_no_more_processes_is_told(kind, monkeypatch, tiny_course):
    def refuse(*_, **__):
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(ShellLimitError, match="ulimit -u"):
        Sandbox.open(tiny_course, kind=kind)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
def test_without_proc_nothing_is_graded(tmp_path, monkeypatch):
    """As in a chroot."""
    monkeypatch.setattr(resources, "_PROCESSES", tmp_path / "proc" / "self")
    with pytest.raises(UsageError, match="/proc is not mounted"):
        expect_resources(DEFAULT)
