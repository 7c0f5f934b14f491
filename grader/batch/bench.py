"""Grade one job from a process that stays warm: its zygote, checks and solutions serve one submission after another.

`grade_one` is what goes to other processes, by whichever executor; all it needs travels with the job. Each submission meets a
process that is forked for it alone, from one that has met the reference solution and nothing else.
"""

import gc
import os
import platform
import threading
import time
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from functools import cache
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.batch.environment import Environment, environments
from grader.batch.own_process import has_threads, own_process
from grader.course import PUBLIC_KEY, Course, Section, find_course
from grader.grading.report import Report
from grader.sandbox.process import large_pages
from grader.sandbox.process.interpreter import prepare_imports
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.limits import DEFAULT, Limits
from grader.sandbox.process.trust import Trust
from grader.submission.submission import Submission

if TYPE_CHECKING:
    from grader.grading.session import Selection
    from grader.sandbox.process.launch_zygote import SharedZygote

_LONG_CALL_SECONDS = 30
_STRANGER_SECONDS = 2.0  # so that a worker that refuses at once does not draw all jobs to itself


@dataclass(frozen=True)
class Setup:
    """What all jobs of a batch share. `root` is the course's folder; None asks each machine for its own copy."""

    sections: tuple[str, ...]
    root: str | None = None
    preload: tuple[str, ...] = ()
    limits: Limits = DEFAULT
    unsafe: bool = False  # accepts less than every layer
    key: bytes = field(default=PUBLIC_KEY, repr=False)  # the course's


@dataclass(frozen=True)
class Job:
    """One grading to be done, and the environment in which it counts."""

    setup: Setup
    section: str
    filename: str
    source: bytes
    environment: Environment


@dataclass(frozen=True)
class Outcome:
    """A grading that was done."""

    report: Report
    seconds: float


@dataclass(frozen=True)
class Description:
    """A process that grades, as it describes itself before it gets any work."""

    environments: dict[str, Environment]
    kind: str
    layers: dict[str, Any]
    pid: int


class StrangerError(Exception):
    """A process with another grader, other checks or another torch than the batch was given a job."""


@dataclass(frozen=True)
class _Bench:
    """What a process keeps between jobs."""

    course: Course
    sandbox: Sandbox
    environments: dict[str, Environment]


_given: dict[Setup, Sandbox] = {}  # lanes of a shared zygote, until this process first needs one
_one_at_a_time = threading.Lock()  # a process may have several threads that are given jobs: its own process serves one


def course_of(setup: Setup) -> Course:
    """The course that is graded, as this machine has it, with the key of the batch."""
    return replace(Course(Path(setup.root)) if setup.root else find_course(), key=setup.key)


def open_sandbox(setup: Setup, lanes: int = 1) -> Sandbox:
    """A sandbox for the jobs of a batch, in this process or in as many others as it has lanes."""
    trust = Trust(everybody=setup.unsafe)
    return Sandbox.open(course_of(setup), limits=setup.limits, preload=setup.preload, lanes=lanes, trust=trust)


def receive(setup: Setup, shared: "SharedZygote") -> None:
    """Use a lane of a zygote that other processes use, too, instead of starting one."""
    _given[setup] = Sandbox.from_shared(shared)


@cache
def _meet_reference(setup: Setup, word: str) -> None:
    """Grade the reference solution here, once: the checks' examples are drawn, and what they keep is made, for everybody.

    It is ours, so that it needs no worker: that takes half as long.
    """
    from grader.grading.session import grade

    bench = _bench(setup)
    section = bench.course.find(word)
    if section.solution.is_file():
        submission = Submission(section.solution.name, section.solution, section.solution.read_bytes())
        with redirect_stdout(StringIO()):
            grade(bench.course, section, submission, None, _quick(section))
        gc.collect()
        gc.freeze()
        if bench.sandbox.kind == "zygote":
            large_pages.gather()  # each submission meets a process that is forked from this one


@cache
def _bench(setup: Setup) -> _Bench:
    prepare_imports()
    course = course_of(setup)
    sandbox = _given.pop(setup, None) or open_sandbox(setup)  # it imports torch while we do
    import torch

    import grader.grading.session  # noqa: F401

    torch.set_num_threads(1)  # it may have been imported before we came
    gc.freeze()
    return _Bench(course, sandbox, environments(course, setup.sections))


def describe(setup: Setup) -> Description:
    """Warm this process up, and say what it is."""
    if has_threads():
        with _one_at_a_time:
            return own_process().call(describe, setup)
    from grader.sandbox.process.health import layers_of

    bench = _bench(setup)
    return Description(bench.environments, bench.sandbox.kind, layers_of(bench.sandbox), os.getpid())


def grade_one(job: Job) -> Outcome:
    """Grade one job.

    Raises StrangerError if this process would not give the grade that the batch is to give, GraderFaultError if the checks
    cannot be run at all.
    """
    if has_threads():
        with _one_at_a_time:
            return own_process().call(grade_one, job)
    bench = _bench(job.setup)
    differences = bench.environments[job.section].differences(job.environment)
    if differences:
        time.sleep(_STRANGER_SECONDS)
        raise StrangerError(f"{platform.node()}, process {os.getpid()}: {'; '.join(differences)}")
    from grader.grading.parallel import Task, grade_all
    from grader.grading.session import Selection

    _meet_reference(job.setup, job.section)
    started = time.perf_counter()
    submission = Submission(job.filename, Path(job.filename), job.source)
    task = Task(bench.course.find(job.section), submission)
    (report,) = grade_all(bench.course, [task], bench.sandbox, 1, Selection())
    return Outcome(report, time.perf_counter() - started)


def _quick(section: Section) -> "Selection":
    """All but the exercises with long trainings, whose checks draw little."""
    from grader.grading.session import Selection

    long = {check.exercise for check in section.outline if check.call_cpu_seconds >= _LONG_CALL_SECONDS}
    return Selection(tuple(name for name in section.exercises if name not in long), alone=True)
