"""The same code gets the same grade: again and again, on a quiet machine and on a busy one.

`SOAK_RUNS=20` grades all sections as often, quiet and busy, before a release.
"""

import json
import os
import subprocess
import sys
from contextlib import contextmanager

import pytest

from grader.sandbox.process.launch import Sandbox
from tests.paths import ROOT

RUNS = int(os.environ.get("SOAK_RUNS", "0"))
BUSY = 8 if RUNS else 2
SPIN = "while True: pass"


@contextmanager
def busy_processes(count):
    """Processes that use all the processor they can get."""
    processes = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def outcome(report):
    """What a grading says, without what is no part of a verdict."""
    sections = report.get("sections", [report])  # of one section there is its Report alone
    checks = [check for section in sections for check in section["checks"]]
    return [(check["id"], check["status"], check["points"], check["message"]) for check in checks]


@pytest.mark.slow
@pytest.mark.skipif(not RUNS, reason="hours, before a release: SOAK_RUNS=20")
@pytest.mark.parametrize("busy", [0, BUSY])
def test_the_reference_gets_all_points_every_time(tmp_path, busy):
    record = tmp_path / "report.json"
    words = ["all", "-k", "not classifier", "--submission", str(ROOT / "solutions"), "--json", str(record)]
    command = [sys.executable, "-m", "grader", *words]
    outcomes = []
    with busy_processes(busy):
        for _ in range(RUNS):
            run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            assert run.returncode == 0, run.stdout + run.stderr
            outcomes.append(outcome(json.loads(record.read_text())))
    assert all(status == "passed" for _, status, _, _ in outcomes[0])
    assert outcomes.count(outcomes[0]) == RUNS


@pytest.mark.slow
def test_many_gradings_of_a_right_answer_on_a_loaded_machine_all_get_full_points(grade_tiny, tiny_course):
    source = (tiny_course.solutions / "section1_tiny.py").read_bytes()
    with Sandbox.open(tiny_course) as sandbox, busy_processes(BUSY):
        reports = [grade_tiny(source, sandbox=sandbox) for _ in range(2)]
    assert [report.points for report in reports] == [5.0] * 2
    slowest = max(sum(check.seconds for check in report.checks) for report in reports)
    print(f"\n{len(reports)} gradings beside {BUSY} busy processes, the slowest in {slowest:.1f} s")
