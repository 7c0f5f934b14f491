"""A machine that runs out of memory: the same grade as ever, or a grader error, never lost points."""

import json
import os
import subprocess
import sys
import time

import pytest

from grader.sandbox.process.resources import OutOfMemoryKills
from tests.grading.memory_group import MIB, memory_group
from tests.grading.tiny_answers import answer
from tests.paths import ROOT, TINY

pytestmark = pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root makes control groups")

HUNGRY = "room = torch.ones({size} << 17, dtype=torch.float64)\nreturn float(x.mean()) * float(room[-1])"


def grade(tmp_path, source, limit):
    """The exit code and Report of a grading whose processes have `limit` bytes of memory; what is left of them."""
    (tmp_path / "section1_tiny.py").write_text(source)
    report = tmp_path / "report.json"
    with memory_group(limit) as group:
        if group is None:
            pytest.skip("no control group for memory can be made here")
        command = ["sh", "-c", f'echo $$ > "{group}/cgroup.procs" && exec "$@"', "sh", sys.executable, "-m", "grader"]
        words = ["tiny", "--submission", str(tmp_path), "--json", str(report)]
        environment = os.environ | {"GRADE_COURSE": str(TINY)}
        run = subprocess.run([*command, *words], env=environment, cwd=ROOT, capture_output=True, check=False)
        left = _left_in(group)
    return run.returncode, json.loads(report.read_bytes()) if report.exists() else None, left


def _left_in(group):
    deadline = time.monotonic() + 10
    while (left := (group / "cgroup.procs").read_text().split()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def statuses(report):
    return {check["id"]: check["status"] for check in report["checks"]}


@pytest.mark.slow
def test_a_worker_that_the_kernel_kills_within_its_limit_is_not_the_students_fault(tmp_path):
    """It may use 2 GiB; where there is less, its own points are not lost, and the others are earned."""
    kills = OutOfMemoryKills()
    code, report, left = grade(tmp_path, answer(mean=HUNGRY.format(size=700)), limit=800 * MIB)
    assert kills.any_new(), "the kernel has killed nobody: this test shows nothing"
    assert (code, left) == (3, [])
    found = statuses(report)
    assert {name for name, status in found.items() if status == "grader_error"} >= {"mean_by_hand"}
    assert {status for name, status in found.items() if name.startswith(("scale", "shift"))} == {"passed"}
    assert set(found.values()) == {"passed", "grader_error"}
    message = next(check["message"] for check in report["checks"] if check["id"] == "mean_by_hand")
    assert message.startswith("the machine ran out of memory")


@pytest.mark.slow
def test_where_there_is_enough_the_same_answer_is_right(tmp_path):
    code, report, left = grade(tmp_path, answer(mean=HUNGRY.format(size=700)), limit=3000 * MIB)
    assert (code, left, set(statuses(report).values())) == (0, [], {"passed"})


@pytest.mark.slow
@pytest.mark.parametrize("limit", [40, 200, 360, 520])
def test_a_right_answer_loses_no_points_when_a_process_is_killed(tmp_path, limit):
    """The zygote, its workers or the grading itself: a grade is whole, says grader error, or is not there."""
    code, report, left = grade(tmp_path, answer(), limit * MIB)
    assert left == []
    if report is None:
        assert code not in (0, 1)
    else:
        assert set(statuses(report).values()) <= {"passed", "grader_error"}
