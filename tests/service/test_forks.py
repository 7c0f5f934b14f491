"""If a response makes the checks fail, that submission fails, and no other loses a point.

The checks are written as checks are, and do what an answer asks of them: compute for ever, or hold more than there is.
"""

import os
import re
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
import torch

from grader.audit.audit import never_ends
from grader.course import Course
from grader.grading.request import Selection, Task
from grader.render.words import Ahead, step_after
from grader.sandbox.limits.limits import OwnLimits
from grader.service.parallel import grade_all
from grader.submission.submission import Submission
from tests.grading.reports import HEADER, messages, statuses
from tests.grading.tiny_answers import answer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")

QUICK = OwnLimits(cpu_seconds=6, check_cpu_seconds=1)
LARGE = 1 << 20  # entries: torch shares out what it does with them
CHECKS = f'''{HEADER}
@check("mean", points=1)
def test_counted(student):
    """It is counted up to."""
    for _ in range(int(student.mean(ONES))): pass  # one line, since a Report says where its time was up

@check("mean", points=1)
def test_mean_again(student):
    """It is called again."""
    student.mean(ONES)

@check("shift_in_place", points=1)
def test_shift(student):
    """It shifts."""
    assert student.scale(ONES, 2.0)[0] == 2.0
    student.shift_in_place([ONES.clone()], 1.0)

@check("scale", points=1)
def test_bins(student):
    """Its bins are counted."""
    torch.bincount(student.scale(ONES, 2.0).long())

@check("scale", points=1, needs=["bins"])
def test_wrong(student):
    """It is wrong, and a diagnosis looks at it."""
    assert student.scale(ONES, 2.0)[0] == 2.0

@check("centre", points=1)
@given(x=st.just(1))
def test_held(student, x):
    """As many things are held as it says."""
    held = [bytes(10**6) for _ in range(int(student.centre(ONES)[0] + 1))]

@check("centre", points=1)
def test_centre(student):
    """It is called."""
    student.centre(ONES)
    torch.ones({LARGE}).cos()
'''.replace("import torch\n", "import torch\nfrom hypothesis import given, strategies as st\n", 1)
HANGS, ASKS, HOLDS = "return 1e18", "return torch.tensor([2.0, 2.0**44])", "return torch.ones(2) * 3e3"


@pytest.fixture
def tasks(course_with):
    course = Course(course_with(CHECKS))

    def make(*sources, **options):
        section = course.find("tiny")
        files = [Submission("section1_tiny.py", Path("x"), one.encode()) for one in sources]
        return course, [Task(section, file, Selection(**options)) for file in files]

    return make


@pytest.fixture
def grade(tasks, tiny_sandbox):
    def run(*sources, lanes=1, limits=QUICK, sandbox=tiny_sandbox, **options):
        course, some = tasks(*sources, **options)
        return grade_all(course, some, sandbox, lanes, limits=limits)

    return run


def shown(report):
    """All of a Report but its times."""
    checks = [msgspec.structs.replace(check, seconds=0.0) for check in report.checks]
    return msgspec.json.encode(msgspec.structs.replace(report, checks=checks))


def test_a_grading_tells_that_it_lives_before_its_first_check(course_with, tiny_sandbox):
    course, told = Course(course_with(f"import time\ntime.sleep(0.5)\n{CHECKS}")), []
    task = Task(course.find("tiny"), Submission("section1_tiny.py", Path("x"), answer().encode()), Selection())
    grade_all(course, [task], tiny_sandbox, 1, lambda title, *_: told.append(title), QUICK)
    assert told[:1] == [""]


@pytest.mark.slow
def test_an_answer_that_no_check_ends_with_is_out_of_time_and_the_others_are_judged(grade):
    attacked, right = grade(answer(mean=HANGS), answer())
    assert statuses(attacked) == statuses(right) | {"counted": "timed_out", "mean_again": "timed_out"}
    said = "The answer takes too long to judge: more than 1 seconds of computing time (test_section1.py, line "
    assert messages(attacked)["counted"].startswith(said)
    assert set(statuses(right).values()) == {"passed"}
    assert attacked.exit_code == 1


ENDLESS = f'''{HEADER}
from .helpers import wait

@check("mean", points=1)
def test_before(student):
    """It waits before it calls."""
    wait(True)
    student.mean(ONES)

@check("mean", points=1)
def test_after(student):
    """It calls and then waits."""
    wait(student.mean(ONES))

@check("scale", points=1)
def test_scale(student):
    """It calls."""
    student.scale(ONES, 2.0)
'''


def test_a_check_that_never_ends_is_told_with_its_line_and_costs_no_points_before_it_has_called(
    course_with, tiny_sandbox, tmp_path
):
    course = Course(course_with(ENDLESS))
    helpers = course.checks / "section1_tiny" / "helpers.py"
    helpers.write_text("def wait(what):\n    while what:\n        pass\n", encoding="utf-8")
    section = course.find("tiny")
    task = Task(section, Submission("section1_tiny.py", Path("x"), answer().encode()), Selection())
    (report,) = grade_all(course, [task], tiny_sandbox, 1, limits=QUICK)
    before, after, right = report.checks
    assert (before.status.value, after.status.value, right.status.value) == ("grader_error", "timed_out", "passed")
    said = (
        r"did not end within 1 seconds of computing time \(helpers.py, line [23]\). Is there a loop that never ends\?"
    )
    assert re.fullmatch(f"The check {said}", before.message)
    assert re.fullmatch(said, before.raised_in_check)
    assert re.fullmatch(said, after.raised_in_check)
    assert step_after([report]).kind is Ahead.COURSE
    assert never_ends(report)


@pytest.mark.parametrize(("name", "body", "check"), [("scale", ASKS, "bins"), ("centre", HOLDS, "held")])
def test_an_answer_that_asks_for_more_memory_than_there_is_fails(grade, name, body, check):
    attacked, right = grade(answer(**{name: body}), answer(), limits=OwnLimits())
    expected = statuses(right) | {check: "failed"} | ({"wrong": "blocked"} if check == "bins" else {})
    assert statuses(attacked) == expected
    assert messages(attacked)[check] == "The answer is too large to judge: judging it needs more than 1 GiB."
    assert set(statuses(right).values()) == {"passed"}


def test_a_process_whose_torch_has_threads_can_fork_another(grade):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        torch.ones(LARGE).cos()  # starts them
        (right,) = grade(answer())
        assert set(statuses(right).values()) == {"passed"}
    finally:
        torch.set_num_threads(before)


@pytest.mark.slow
def test_a_report_is_the_same_on_one_lane_and_on_two(grade):
    sources = (answer(mean=HANGS), answer(scale=ASKS), answer(centre=HOLDS), answer(scale="return x", mean=HANGS))
    alone = [shown(*grade(source, lanes=1)) for source in sources]
    assert [shown(one) for one in grade(*sources, lanes=2)] == alone
    assert shown(*grade(sources[-1], lanes=2)) == alone[-1]


def test_what_an_answer_does_to_a_diagnosis_costs_no_points(grade):
    """What the mistakes make of an answer is compared with it after all checks: no limit is reached twice for it."""
    (report,) = grade(answer(scale="return x"))
    assert statuses(report)["wrong"] == "failed"


def test_all_that_a_submission_makes_the_checks_compute_has_an_end(grade):
    """Three answers, each within the limit of a check or not, beyond that of all together."""
    (report,) = grade(answer(mean=HANGS, scale=ASKS), limits=OwnLimits(cpu_seconds=2, check_cpu_seconds=5))
    found = statuses(report)
    assert found["counted"] == "timed_out"
    assert set(found.values()) == {"timed_out"}
    assert "computing time" in messages(report)["centre"]
    assert len(found) == 7
    assert report.max_points == 7.0


def test_a_judging_process_that_computes_too_long_never_seems_to_be_killed_from_outside():
    """The kernel's ticks may exceed the used time, so that only the signal tells."""
    from grader.service.limited_fork import LimitedFork  # on Linux only

    def work(teller):
        while True:
            pass

    fork = LimitedFork(work, OwnLimits(), cpu_seconds=1)
    assert fork.end().status == -signal.SIGXCPU


def test_with_x_nothing_is_run_after_a_check_that_has_ended_its_process(grade):
    (report,) = grade(answer(mean=HANGS), stop_first=True)
    assert statuses(report) == {"counted": "timed_out"}


def forked(sandbox):
    """The children of this process without zygotes."""
    lists = [path.read_text() for path in Path("/proc/self/task").glob("*/children")]
    return {int(pid) for text in lists for pid in text.split()} - {sandbox.pid}


def kills(sandbox, times):
    """A `progress` that kills that many judging processes, one after the other, while an answer is waited for.

    It is told no title until the first check of such a process begins.
    """
    killed, before = set(), forked(sandbox)

    def progress(title, exercise, done, count):
        for pid in forked(sandbox) - before - killed:
            if title and len(killed) < times:
                killed.add(pid)
                os.kill(pid, signal.SIGKILL)

    return progress


SLEEPS = "import time\ntime.sleep({})\nreturn float(x.mean())"


@pytest.mark.parametrize(("times", "seconds", "status"), [(1, 2, "passed"), (2, 8, "grader_error")])
def test_a_process_that_is_killed_from_outside_is_replaced_once(tasks, tiny_sandbox, times, seconds, status):
    """The kernel says that it was killed, and no answer can do that. The second one sleeps until it is killed, too."""
    course, some = tasks(answer(mean=SLEEPS.format(seconds)), keyword="counted")
    progress = kills(tiny_sandbox, times)
    (report,) = grade_all(course, some, tiny_sandbox, 1, progress, limits=QUICK)
    assert statuses(report) == {"counted": status}


@pytest.mark.slow
@pytest.mark.parametrize("is_starved", [True, False])
def test_a_grading_that_takes_too_long_begins_again_once_if_the_machine_had_no_time_for_it(
    tasks, tiny_sandbox, is_starved, monkeypatch, tmp_path
):
    """What the kernel says of waiting processes is played; that the answer is late is not."""
    pressure, forks, fork = tmp_path / "pressure", [], os.fork
    monkeypatch.setattr("grader.sandbox.process.resources._PRESSURE", pressure)
    pressure.write_text("some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n")

    def counted():
        forks.append(fork())
        return forks[-1]

    def progress(title, exercise, done, count):
        if is_starved and len(forks) == 1:
            pressure.write_text(f"some avg10=99.00 avg60=99.00 avg300=99.00 total={10**12}\n")

    monkeypatch.setattr("grader.service.limited_fork.os.fork", counted)
    course, some = tasks(answer(mean="import time\ntime.sleep(9)\nreturn 1.0"), keyword="counted or bins")
    limits = OwnLimits(cpu_seconds=6, check_cpu_seconds=1, wall_times=0.3)  # 4 s: less than a worker may sleep
    (report,) = grade_all(course, some, tiny_sandbox, 1, progress, limits=limits)
    assert statuses(report) == {"counted": "timed_out", "bins": "timed_out"}
    assert messages(report)["counted"].startswith("Judging the answer took")
    assert len(forks) == (3 if is_starved else 2), "each time, and one for what is left"


def test_a_program_that_was_suspended_for_long_costs_no_points(tasks, tiny_sandbox, monkeypatch):
    """As by Ctrl-Z in the terminal, and `fg` the next day."""
    suspended = []

    def progress(title, exercise, done, count):
        if not suspended:
            suspended.append(1e6)

    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + sum(suspended))
    monkeypatch.setattr("grader.service.forks.time", clock)
    course, some = tasks(answer(mean=SLEEPS.format(2)), keyword="counted")
    (report,) = grade_all(course, some, tiny_sandbox, 1, progress)
    assert (statuses(report), suspended) == ({"counted": "passed"}, [1e6])


def test_it_says_that_it_lives_while_it_diagnoses(tasks, tiny_sandbox, monkeypatch, tmp_path):
    """Otherwise who waits for a warm process would give it up."""
    begun, told = tmp_path / "begun", tmp_path / "told"

    def diagnose(run, checks):
        begun.touch()
        for _ in range(6000):
            if told.exists():
                return checks
            time.sleep(0.01)
        raise AssertionError("it says nothing for a minute")

    monkeypatch.setattr("grader.service.session.diagnose", diagnose)
    course, some = tasks(answer(mean="return 1e9"), keyword="mean_again")
    (report,) = grade_all(course, some, tiny_sandbox, 1, lambda *_: told.touch() if begun.exists() else None)
    assert statuses(report) == {"mean_again": "passed"}
    assert told.exists()
