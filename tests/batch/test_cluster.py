"""A class graded on a Dask cluster: a real scheduler and real workers on the loopback interface."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import dask
import pytest
from dask.system import CPU_COUNT

from grader.batch.gradebook.book import FILENAME, Gradebook
from grader.course import UsageError
from tests.batch.hand_ins import SOLUTION, STUB, WRONG, outcomes
from tests.paths import ROOT, TINY

pytestmark = pytest.mark.slow

CLASS = {
    "bob/section1_tiny.py": WRONG,
    "cem/section1_tiny.py": STUB,
    **{f"more{number}/section1_tiny.py": SOLUTION + f"# {number}\n".encode() for number in range(10)},
}


@contextmanager
def started(*words, root=TINY):
    """A process of Dask's, that is gone afterwards."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GRADE_COURSE": str(root)}
    command = [sys.executable, "-m", *words]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def scheduler():
    """The address of a scheduler."""
    words = ("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    with started(*words) as process:
        for line in process.stderr:
            if "Scheduler at:" in line:
                yield line.split()[-1]
                break


def worker(address, name, root=TINY):
    options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", name, "--local-directory", "/tmp")
    return started("distributed.cli.dask_worker", address, *options, root=root)


def wait_for_workers(address, count):
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        deadline = time.monotonic() + 120
        while len(client.nthreads()) != count and time.monotonic() < deadline:
            time.sleep(0.1)  # also until those of an earlier test are gone


def test_a_worker_that_is_killed_midway_costs_no_grade_and_grades_are_those_of_one_machine(
    scheduler, lay_out, tmp_path, grade_folder, command, environment
):
    folder = lay_out(CLASS)
    with grade_folder(folder, out="here") as book:
        expected = outcomes(book)
    book = tmp_path / "cluster" / FILENAME
    with worker(scheduler, "one") as doomed, worker(scheduler, "two"):
        wait_for_workers(scheduler, 2)
        run = subprocess.Popen(command(folder, book.parent, "--scheduler", scheduler), cwd=ROOT, env=environment)
        deadline = time.monotonic() + 150
        while not (book.is_file() and book.stat().st_size and done(book) >= 2) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert 2 <= done(book) < len(CLASS)
        os.kill(doomed.pid, signal.SIGKILL)
        assert run.wait(200) == 0
    with Gradebook(book) as found:
        assert outcomes(found) == expected
        assert found.db.execute("SELECT count(*) FROM gradings").fetchone()[0] == len(CLASS)


def done(path):
    with Gradebook(path) as book:
        return book.db.execute("SELECT count(*) FROM gradings WHERE report IS NOT NULL").fetchone()[0]


@pytest.fixture
def other_course(tmp_path):
    """The tiny course with a check that is worth more."""
    root = tmp_path / "other"
    shutil.copytree(TINY, root)
    checks = root / "checks" / "section1_tiny" / "test_section1.py"
    checks.write_text(checks.read_text().replace("points=0.5", "points=5"))
    return root


def test_a_worker_with_other_checks_is_refused_by_name(
    scheduler, lay_out, tmp_path, grade_folder, command, run_grade, other_course
):
    folder = lay_out({"bob/section1_tiny.py": WRONG, "ada/section1_tiny.py": SOLUTION})
    with worker(scheduler, "stranger", other_course):
        wait_for_workers(scheduler, 1)
        with pytest.raises(UsageError, match=r"tcp://127\.0\.0\.1:\d+: the checks \w+ instead of \w+"):
            grade_folder(folder, scheduler=scheduler)
        with worker(scheduler, "right"):
            wait_for_workers(scheduler, 2)
            ran = run_grade(command(folder, tmp_path / "both", "--scheduler", scheduler))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "refused: tcp://127.0.0.1" in ran.stdout
    with Gradebook(tmp_path / "both" / FILENAME) as book:
        assert {one.max_points for one in book.graded()} == {5.0}


def test_workers_that_are_started_as_the_page_says_grade(
    scheduler, lay_out, tmp_path, command, run_grade, grade_folder
):
    page = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
    typed = re.search(r"`dask (worker) (tcp://HOST:8786) ([^`]*)`", page)
    folder = lay_out({"ada/section1_tiny.py": SOLUTION, "bob/section1_tiny.py": WRONG})
    with grade_folder(folder, out="here") as book:
        expected = outcomes(book)
    wait_for_workers(scheduler, 0)
    with started("dask", typed[1], scheduler, *typed[3].split()):
        wait_for_workers(scheduler, CPU_COUNT)
        ran = run_grade(command(folder, tmp_path / "book", "--scheduler", scheduler))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    with Gradebook(tmp_path / "book" / FILENAME) as book:
        assert outcomes(book) == expected


def test_no_scheduler_or_no_workers_is_told(scheduler, lay_out, grade_folder):
    folder = lay_out({"ada/section1_tiny.py": SOLUTION})
    wait_for_workers(scheduler, 0)
    with pytest.raises(UsageError, match="the scheduler has no workers"):
        grade_folder(folder, scheduler=scheduler)
    impatient = dask.config.set({"distributed.comm.timeouts.connect": "1s"})
    with impatient, pytest.raises(UsageError, match="no Dask scheduler answers"):
        grade_folder(folder, scheduler="tcp://127.0.0.1:1")
