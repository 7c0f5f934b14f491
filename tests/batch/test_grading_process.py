"""A class whose first hand-ins attack the process that judges: the others meet one as new, and each Report is as it is alone."""

import sys
import threading

import msgspec
import pytest

from grader.batch.environment import Environment
from grader.batch.grading_process import Job, Setup, grade_one
from grader.batch.pool import local_pool
from grader.course import Course
from tests.batch.hand_ins import SOLUTION
from tests.paths import TINY

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")

CHECKS = '''
import torch
from grader.toolkit.check import check

ONES = torch.ones(2, dtype=torch.float64)

@check("mean", points=1)
def test_bins(student):
    """Its bins are counted."""
    torch.bincount(torch.tensor([int(student.mean(ONES))]))

@check("scale", points=1)
def test_kept(student):
    """What comes is written over what the checks keep."""
    assert ONES.sum() == 2.0
    ONES.copy_(student.scale(ONES, 1.0))
'''
HOSTILE = SOLUTION + b"\n\ndef mean(x):\n    return 2.0**44\n\n\ndef scale(x, factor):\n    return x + 7\n"


def shown(outcome):
    report = outcome.report
    checks = [msgspec.structs.replace(check, seconds=0.0) for check in report.checks]
    return msgspec.json.encode(msgspec.structs.replace(report, checks=checks))


@pytest.fixture
def job(tmp_path):
    for name in ("solutions", "exercises"):
        (tmp_path / name).symlink_to(TINY / name)
    (tmp_path / "checks" / "section1_tiny").mkdir(parents=True)
    (tmp_path / "checks" / "section1_tiny" / "test_section1.py").write_text(CHECKS)
    setup = Setup(("section1",), str(tmp_path))
    environment = Environment.of(Course(tmp_path).find("tiny"))
    return lambda source: Job(setup, "section1", "section1_tiny.py", source, environment)


def test_no_hand_in_of_a_class_meets_what_another_has_done(job):
    with local_pool(job(b"").setup, 1) as pool:
        alone = shown(pool.executor.submit(grade_one, job(SOLUTION)).result())
        attacked = pool.executor.submit(grade_one, job(HOSTILE)).result().report
        after = shown(pool.executor.submit(grade_one, job(SOLUTION)).result())
    assert {check.id: check.status for check in attacked.checks} == {"bins": "failed", "kept": "passed"}
    assert "too large to judge" in attacked.checks[0].message
    assert after == alone
    assert b"failed" not in alone


@pytest.mark.slow
def test_a_job_in_a_process_with_threads_is_done_by_one_without(job):
    """As a worker of Dask's has it, that calls from one of many."""
    found = []
    thread = threading.Thread(target=lambda: found.append(grade_one(job(SOLUTION)).report))
    thread.start()
    thread.join()
    assert found[0].max_points == 2.0
    assert found[0].status == "graded"
