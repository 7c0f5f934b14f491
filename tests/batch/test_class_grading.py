"""A class gets every grade, once and unchanged, with any failure of a submission, a process or the machine."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from grader.batch.gradebook.book import FILENAME, Gradebook
from tests.batch.hand_ins import LOOP, SOLUTION, STUB, WRONG, outcomes
from tests.paths import ROOT, TINY

CRASHING = (TINY / "checks" / "section1_tiny" / "test_section1.py").read_text().replace(
    'expect_close({"mean": (result, 3.0)})',
    'if result == 666.0:\n        import os, signal\n        os.kill(os.getpid(), signal.SIGKILL)\n'
    '    expect_close({"mean": (result, 3.0)})',
)  # fmt: skip
KILLS_THE_GRADER = SOLUTION.replace(b"return float(x.sum()) / x.numel()", b"return 666.0")
CLASS = {
    "ada/section1_tiny.py": SOLUTION,
    "bob/section1_tiny.py": WRONG,
    "cem/section1_tiny.py": STUB,
    "dan/section1_tiny.py": b"def mean(x:\n",
    "eve/section1_tiny.py": b"import os\nos._exit(0)\n",
    "fay/section1_tiny.py": SOLUTION,
    **{f"more{number}/section1_tiny.py": SOLUTION + f"# {number}\n".encode() for number in range(6)},
}


def descendants(pid):
    """All processes below one, as the kernel has them."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(stat.parent.name)] = int(fields[1])
    found, waiting = set(), [pid]
    while waiting:
        one = waiting.pop()
        children = {child for child, parent in parents.items() if parent == one}
        found |= children
        waiting += children
    return found


def wait_until(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def count_done(path):
    with Gradebook(path) as book:
        return book.db.execute("SELECT count(*) FROM gradings WHERE report IS NOT NULL").fetchone()[0]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What a class gets that is graded by one process without any disturbance."""
    from grader.batch.class_grading import PoolOptions, grade_class, take_in
    from grader.batch.intake import Intake
    from grader.course import Course

    folder = tmp_path_factory.mktemp("class")
    for name, content in CLASS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    course = Course(TINY)
    with Gradebook(folder.parent / "whole" / FILENAME) as book:
        take_in(Intake(folder, course.sections), book)
        grade_class(course, course.sections, book, PoolOptions(1), lambda done, count: None, lambda refused: None)
        return folder, outcomes(book)


def test_each_gets_what_is_due(whole):
    points = {name.split()[0]: sum(check[2] for check in checks) for name, checks in whole[1].items()}
    assert points["ada"] == points["fay"] == points["more3"] == 5.0
    assert 0 < points["bob"] < 5.0
    assert points["cem"] == points["dan"] == points["eve"] == 0.0


@pytest.mark.slow
def test_three_processes_give_the_grades_of_one_and_the_second_run_has_nothing_to_do(whole, grade_folder):
    folder, expected = whole
    with grade_folder(folder, workers=3) as book:
        assert outcomes(book) == expected
        distinct = len({*CLASS.values()})
        assert book.db.execute("SELECT count(*) FROM gradings").fetchone()[0] == distinct
        ids = [one.id for one in book.graded()]
    with grade_folder(folder, workers=3) as book:
        assert [one.id for one in book.graded()] == ids


@pytest.mark.slow
def test_endless_loops_delay_no_other_student(lay_out, grade_folder):
    """Two of them, on two processes: both are graded, and what could be earned besides is kept."""
    folder = lay_out({**CLASS, "loop1/section1_tiny.py": LOOP, "loop2/section1_tiny.py": LOOP + b"\n"})
    with grade_folder(folder) as book:
        found = outcomes(book)
    loops = [checks for name, checks in found.items() if name.startswith("loop")]
    assert len(loops) == 2
    for checks in loops:
        assert [check[1] for check in checks if check[0].startswith("scale")] == ["timed_out", "blocked", "blocked"]
        assert sum(check[2] for check in checks) == pytest.approx(5.0 - 1.75)


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.slow
def test_a_run_that_is_ended_midway_leaves_no_process_and_is_finished_by_the_next(
    whole, tmp_path, command, environment, run_grade, signal_number
):
    folder, expected = whole
    book = tmp_path / "out" / FILENAME
    run = subprocess.Popen(
        command(folder, tmp_path / "out", "--workers", "2"),
        cwd=ROOT,
        env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell has its background jobs ignore it
    )
    wait_until(lambda: book.is_file() and book.stat().st_size > 0)
    wait_until(lambda: count_done(book) >= 2)
    others = descendants(run.pid)
    assert others
    run.send_signal(signal_number)
    run.wait()
    wait_until(lambda: not any(is_running(pid) for pid in others))
    with Gradebook(book) as kept:
        before = {one.id for one in kept.graded()}
    assert 2 <= len(before) < len({*CLASS.values()})
    finished = run_grade(command(folder, tmp_path / "out", "--workers", "2"))
    assert finished.returncode == 0, finished.stdout + finished.stderr
    with Gradebook(book) as again:
        assert outcomes(again) == expected
        assert before < {one.id for one in again.graded()}
        assert again.db.execute("SELECT count(*) FROM gradings").fetchone()[0] == len({*CLASS.values()})


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
def test_two_batches_on_one_gradebook_and_one_is_killed(whole, tmp_path, command, environment):
    folder, expected = whole
    book = tmp_path / "out" / FILENAME
    words = command(folder, tmp_path / "out", "--workers", "1")
    runs = [subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) for _ in range(2)]
    wait_until(lambda: book.is_file() and book.stat().st_size > 0)
    wait_until(lambda: count_done(book) >= 3)
    os.kill(runs[0].pid, signal.SIGKILL)
    runs[0].wait()
    assert runs[1].wait(200) == 0
    with Gradebook(book) as found:
        assert outcomes(found) == expected
        assert found.db.execute("SELECT count(*) FROM gradings").fetchone()[0] == len({*CLASS.values()})


@pytest.mark.slow
def test_a_killed_grading_process_costs_no_grade(whole, tmp_path, command, environment):
    """One that grades, not the one that keeps the gradebook."""
    folder, expected = whole
    book = tmp_path / "out" / FILENAME
    run = subprocess.Popen(command(folder, tmp_path / "out", "--workers", "2"), cwd=ROOT, env=environment)
    wait_until(lambda: book.is_file() and book.stat().st_size > 0)
    wait_until(lambda: count_done(book) >= 1)
    graders = [pid for pid in descendants(run.pid) if is_grader(pid)]
    assert graders
    os.kill(graders[0], signal.SIGKILL)
    assert run.wait(200) == 0
    with Gradebook(book) as found:
        assert outcomes(found) == expected


def is_grader(pid):
    """Whether a process was forked by the server of the pool: its parent has the same command, and is not ours."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
        parent = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1]
        return b"forkserver" in line and Path(f"/proc/{parent}/cmdline").read_bytes() == line
    except OSError:
        return False
