"""Workers as plain subprocesses: what works without confinement. Each costs a second, so there are few."""

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from grader.course import Course
from grader.sandbox.calls.sandboxed_submission import SandboxedSubmission
from grader.sandbox.calls.student import Contract
from grader.sandbox.limits.limits import Limits
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.trust import Trust
from grader.submission.submission import Submission
from grader.toolkit.verdicts import EndedError, StudentError
from tests.course_parts import from_course

Quartic = from_course("shared.problems", "Quartic")

CONTRACT = Contract(type(os)("reference"))
LIMITS = Limits(call_cpu_seconds=0.5, call_wall_seconds=5.0, load_wall_seconds=60.0)
SOURCE = b"""
import os, torch
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
    assert pid not in children(os.getpid())


def test_a_plain_worker_says_that_it_is_not_confined(submission: SandboxedSubmission) -> None:
    assert submission.outline.definitions["step"].line == 3
    assert not submission.layers["landlock"]
    assert not submission.layers["seccomp"]


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
