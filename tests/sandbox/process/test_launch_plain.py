"""Workers as plain subprocesses: what works without confinement, and what one check leaves for the next."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from grader.check_files.check_outline import Ban
from grader.course import Course
from grader.sandbox.calls.forbidden import Rules
from grader.sandbox.calls.sandboxed_submission import SandboxedSubmission
from grader.sandbox.calls.student import Contract
from grader.sandbox.limits.limits import Limits
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.trust import Trust
from grader.submission.submission import Submission
from grader.toolkit.verdicts import EndedError, StudentError
from tests.course_parts import from_course
from tests.paths import ROOT, TINY

Quartic = from_course("shared.problems", "Quartic")

CONTRACT = Contract(type(os)("reference"))
LIMITS = Limits(call_cpu_seconds=5.0, call_wall_seconds=20.0, load_wall_seconds=60.0)
SOURCE = b"""
import os, threading, torch; calls = []
def step(weights, array, rate, problem, loss):
    print("stepping")
    weights.data -= rate * (weights.data**3 + problem.slope)
    array += 1
    return loss(weights), os.getpid()
def fails(): return [][1]
def draws(): return torch.rand(2).tolist(), hash("text"), torch.get_num_threads()
def environment(): return dict(os.environ)
def loop():
    while True: pass
def leave(): os._exit(0)
def reads(): return input()
def count():
    print("counting")
    calls.append(0)
    return len(calls), os.getpid()
def starts_a_thread(): threading.Thread(target=threading.Event().wait, daemon=True).start()
def replaces_a_function(): torch.exp = torch.log
def changes_the_environment(): os.environ["TZ"] = "x"
def changes_the_course():
    import sys
    for name, module in sys.modules.items():
        if name.endswith(".problems"): module.Quartic = None
def takes_much_memory(): torch.ones(600 << 20, dtype=torch.uint8)
"""


@pytest.fixture(scope="module")
def submission(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxedSubmission]:
    with Sandbox.open(course, kind="plain", limits=LIMITS, trust=Trust(everybody=True)) as sandbox:
        yield sandbox.admit(Submission("section1_toy.py", tmp_path_factory.mktemp("plain"), SOURCE))


def test_a_plain_worker_answers_like_any_other(submission: SandboxedSubmission, secret: str, children: Any) -> None:
    weights, array = torch.ones(2, requires_grad=True), np.zeros(1)
    with submission.trial(CONTRACT) as met:
        loss, pid = met.student.step(weights, array, 0.5, Quartic(torch.ones(2)), lambda w: w.sum())
        assert (loss.item(), weights.tolist(), array.tolist()) == (0, [1, 1], [0])
        with pytest.raises(StudentError, match="IndexError") as caught:
            met.student.fails()
        assert met.student.draws()[2] == 1
        assert pid in children(os.getpid())
        assert secret not in str(met.student.environment())
    assert [line.text for line in caught.value.lines] == ["def fails(): return [][1]"]
    assert met.output == "stepping\n"


def test_a_plain_worker_says_that_it_is_not_confined(submission: SandboxedSubmission) -> None:
    assert submission.outline.definitions["step"].line == 3
    assert not submission.layers["landlock"]
    assert not submission.layers["seccomp"]


def test_a_process_serves_many_checks_each_with_a_fresh_namespace(submission: SandboxedSubmission) -> None:
    found = []
    for _ in range(3):
        with submission.trial(CONTRACT) as met:
            found.append((met.student.count(), met.student.count(), met.student.draws()))
        assert met.output == "counting\ncounting\n"
    assert found[0] == found[1] == found[2]


def test_guards_of_one_check_are_gone_in_the_next(course: Course, tmp_path: Any) -> None:
    source = b"import os, torch\ndef pid(): return os.getpid()\ndef norm(x): return float(torch.norm(x)), os.getpid()\n"
    rules = Rules((Ban(("torch.norm", "torch.nn"), ("pid",), "by hand"),), ("pid", "norm"))
    with Sandbox.open(course, kind="plain", limits=LIMITS, trust=Trust(everybody=True)) as sandbox:
        admitted = sandbox.admit(Submission("section1_toy.py", tmp_path, source))
        admitted.rules = rules
        with admitted.trial(CONTRACT, "pid") as met:
            pid = met.student.pid()
        with admitted.trial(CONTRACT, "norm") as met:
            assert met.student.norm(torch.ones(1)) == (1.0, pid)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "starts_a_thread",
        "replaces_a_function",
        "changes_the_environment",
        "changes_the_course",
        "takes_much_memory",
    ],
)
def test_what_cannot_be_undone_is_left_to_a_process_that_ends(submission: SandboxedSubmission, name: str) -> None:
    with submission.trial(CONTRACT) as met:
        getattr(met.student, name)()
        _, before = met.student.count()
        draws = met.student.draws()
    with submission.trial(CONTRACT) as met:
        assert met.student.count()[0] == 1
        assert met.student.count()[1] != before
        assert len(met.student.draws()) == len(draws)


@pytest.mark.parametrize(("name", "status"), [("loop", "timed_out"), ("leave", "crashed")])
def test_a_plain_worker_that_does_not_answer_ends_the_check(
    submission: SandboxedSubmission, name: str, status: str
) -> None:
    with submission.trial(CONTRACT) as met, pytest.raises(EndedError) as caught:
        getattr(met.student, name)()
    assert caught.value.status == status


def test_no_plain_worker_outlives_its_sandbox(course: Course, children: Any) -> None:
    before = children(os.getpid())
    with Sandbox.open(course, kind="plain", limits=LIMITS):
        spares = children(os.getpid()) - before
        assert spares
    assert not spares & children(os.getpid())


def test_what_a_plain_worker_prints_needs_no_folder_for_temporary_files(course: Course, monkeypatch: Any) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/dev/null/none")
    with Sandbox.open(course, kind="plain", limits=LIMITS):
        pass


def test_the_standard_input_of_a_submission_is_empty(submission: SandboxedSubmission) -> None:
    with submission.trial(CONTRACT) as met, pytest.raises(StudentError, match="EOF"):
        met.student.reads()


LOOPING = """
import os
def scale(x, factor):
    with open({place!r}, "w") as file:
        file.write(f"{{os.getpid()}} ")
    while True: pass
"""


def test_an_endless_loop_ends_with_a_grading_that_is_killed(tmp_path: Path) -> None:
    place, file = tmp_path / "process", tmp_path / "section1_tiny.py"
    file.write_text(LOOPING.format(place=str(place)))
    command = [
        sys.executable,
        "-c",
        "from grader.program import program; program()",
        "tiny",
        "--submission",
        str(file),
        "--unsafe",
    ]
    environment = os.environ | {"GRADE_COURSE": str(TINY), "GRADE_LAUNCHER": "plain", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL) as grading:
        wait_until(lambda: place.exists() and place.read_text().endswith(" "))
        grading.kill()
    worker = int(place.read_text())
    wait_until(
        lambda: not Path(f"/proc/{worker}").exists() or "State:\tZ" in Path(f"/proc/{worker}/status").read_text()
    )


def wait_until(holds: Callable[[], bool]) -> None:
    for _ in range(6000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it does not hold after a minute")
