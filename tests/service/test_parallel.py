"""Several sections at once give what they give one by one."""

import os
import shutil
import signal
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from grader.course import Course, UsageError
from grader.grading.request import Selection, Task
from grader.sandbox.process.launch import Sandbox
from grader.service.parallel import grade_all
from grader.submission.locate import read_section
from tests.paths import TINY


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Three sections: the tiny one, and copies of it whose check of the mean has another name."""
    root = tmp_path_factory.mktemp("course")
    for number in (1, 2, 3):
        stem = f"section{number}_copy{number}"
        for old, new in (
            ("solutions/section1_tiny.py", f"solutions/{stem}.py"),
            ("exercises/section1_tiny.py", f"exercises/{stem}.py"),
            ("checks/section1_tiny/test_section1.py", f"checks/{stem}/test_section{number}.py"),
        ):
            (root / new).parent.mkdir(parents=True, exist_ok=True)
            text = (TINY / old).read_text()
            text = text.replace("mean_by_hand", f"mean_by_hand_{number}") if number > 1 else text
            (root / new).write_text(text)
    shutil.rmtree(root / "exercises")
    (root / "exercises").mkdir()
    return Course(root)


@pytest.fixture(scope="module")
def sandbox(course):
    with Sandbox.open(course, lanes=2) as opened:
        yield opened


@pytest.fixture
def tasks(course):
    """The solutions of all sections, the second with nothing in it."""
    files = [read_section(course.solutions, section) for section in course.sections]
    files[1] = replace(files[1], source=b"")
    return [Task(section, file) for section, file in zip(course.sections, files, strict=True)]


def verdicts(reports):
    return [(r.section, [(c.id, c.status, c.points, c.message) for c in r.checks]) for r in reports]


@pytest.mark.slow
def test_two_processes_find_what_one_finds_in_the_order_of_the_sections(course, sandbox, tasks):
    one = grade_all(course, tasks, sandbox, 1)
    two = grade_all(course, tasks, sandbox, 2)
    assert verdicts(two) == verdicts(one)
    assert [report.section for report in two] == ["section1", "section2", "section3"]


@pytest.mark.slow
def test_a_sandbox_serves_one_batch_after_another(course, sandbox, tasks):
    """A process of the second batch must not wait for what the zygote has told one of the first."""
    batches = [grade_all(course, tasks, sandbox, 2) for _ in range(3)]
    assert verdicts(batches[1]) == verdicts(batches[0])
    assert verdicts(batches[2]) == verdicts(batches[0])


def test_sections_of_which_nothing_is_selected_are_left_out(course, sandbox, tasks):
    reports = grade_all(
        course, [replace(one, selection=Selection(keyword="mean_by_hand_3")) for one in tasks], sandbox, 2
    )
    assert [(report.section, [check.id for check in report.checks]) for report in reports] == [
        ("section3", ["mean_by_hand_3"])
    ]


def test_a_selection_of_nothing_at_all_is_said(course, sandbox, tasks):
    with pytest.raises(UsageError, match="matches -k"):
        grade_all(course, [replace(one, selection=Selection(keyword="nowhere")) for one in tasks], sandbox, 2)


@pytest.mark.slow
def test_processes_that_are_no_forks_find_what_one_finds_and_one_that_is_killed_costs_no_grade(course, tasks):
    """As on Windows and macOS; the process of the other share is killed as soon as a check begins here."""
    killed = []

    def kill_other(title, exercise, done, count):
        for pid in children() if not killed else ():
            if b"spawned_process" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

    with Sandbox.open(course, kind="plain") as plain:
        one = grade_all(course, tasks, plain, 1)
        assert verdicts(grade_all(course, tasks, plain, 2)) == verdicts(one)
        assert verdicts(grade_all(course, tasks[:2], plain, 2, kill_other)) == verdicts(one[:2])
    assert killed
    assert not [pid for pid in children() if b"spawned_process" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def children():
    """Process ids of this process's children."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rsplit(")", 1)[1].split()[1]) == os.getpid():
                found.add(int(stat.parent.name))
    return found


def test_a_process_that_is_killed_costs_no_grade(course, sandbox, tasks):
    whole = grade_all(course, tasks, sandbox, 1)
    others, killed = children(), set()

    def kill_one(title, exercise, done, count):
        """Told again and again while checks run: end one that was forked from this process for them."""
        for pid in children() - others:
            if not killed:
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)

    assert verdicts(grade_all(course, tasks, sandbox, 2, kill_one)) == verdicts(whole)
    assert killed


@pytest.mark.slow
def test_a_zygote_that_dies_under_several_processes_costs_no_grade(course, tasks):
    with Sandbox.open(course, lanes=2) as fresh:
        whole = grade_all(course, tasks, fresh, 1)
    before, killed = children(), []

    def kill_zygote(title, exercise, done, count):
        if not killed:
            killed.append(doomed.pid)
            os.kill(doomed.pid, signal.SIGKILL)

    with Sandbox.open(course, lanes=2) as doomed:
        assert verdicts(grade_all(course, tasks, doomed, 2, kill_zygote)) == verdicts(whole)
        assert doomed.pid not in killed
    assert children() <= before
