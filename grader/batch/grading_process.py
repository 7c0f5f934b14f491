"""The code of a grading process: `grade_one` grades a job. An executor sends it there with the job.

The process stays warm: its zygote, checks and solutions serve one submission after another. For each submission it forks a
process, which has seen the reference solution and no other submission.
"""

import os
import platform
import threading
import time
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.batch.environment import Environment, environments
from grader.batch.single_threaded import has_threads, single_threaded_process
from grader.course import PUBLIC_KEY, Course
from grader.find_course import find_course
from grader.grading.report import Report
from grader.grading.request import Task
from grader.sandbox.limits.limits import DEFAULT, Limits
from grader.sandbox.process.interpreter import importing, prepare_imports
from grader.sandbox.process.trust import Trust
from grader.service import Service
from grader.submission.submission import Submission

if TYPE_CHECKING:
    from grader.sandbox.process.launch_zygote import SharedZygote

_MISMATCH_SECONDS = 2.0  # so that a process that refuses every job does not draw all of them


@dataclass(frozen=True)
class Setup:
    """The parts that all jobs of a batch share. `root` is the course's folder; None asks each machine for its own copy."""

    sections: tuple[str, ...]
    root: str | None = None
    preload: tuple[str, ...] = ()
    limits: Limits = DEFAULT
    unsafe: bool = False  # grade with missing layers, too
    key: bytes = field(default=PUBLIC_KEY, repr=False)  # the course's


@dataclass(frozen=True)
class Job:
    """One grading to do, and the environment in which it counts."""

    setup: Setup
    section: str
    filename: str
    source: bytes
    environment: Environment


@dataclass(frozen=True)
class GradingOutcome:
    """A finished grading."""

    report: Report
    seconds: float


@dataclass(frozen=True)
class Description:
    """A grading process, as it describes itself before it gets a job."""

    environments: dict[str, Environment]
    layers: dict[str, Any]
    pid: int


class WrongEnvironmentError(Exception):
    """This process has another grader, other checks or another torch than the batch."""


@dataclass(frozen=True)
class _Resources:
    """The parts that a process keeps between jobs."""

    service: Service
    environments: dict[str, Environment]


_received: dict[Setup, Service] = {}  # lanes of a shared zygote, until the first job
_one_call = threading.Lock()  # several threads may get jobs, and share one single-threaded process


def course_of(setup: Setup) -> Course:
    """The course on this machine, with the key of the batch."""
    return replace(Course(Path(setup.root)) if setup.root else find_course(), key=setup.key)


def open_service(setup: Setup, lanes: int = 1) -> Service:
    """A service for the jobs of a batch; each lane serves one process."""
    trust = Trust(everybody=setup.unsafe)
    return Service.open(course_of(setup), trust, lanes=lanes, limits=setup.limits, preload=setup.preload)


def receive_lane(setup: Setup, shared: "SharedZygote") -> None:
    """Use a lane of a shared zygote instead of starting a zygote."""
    _received[setup] = Service.from_shared(course_of(setup), shared)


@cache
def _warm_up(setup: Setup, word: str) -> None:
    """Warm up for a section, once."""
    service = _resources(setup).service
    service.warm_up(service.course.find(word))


@cache
def _resources(setup: Setup) -> _Resources:
    prepare_imports()
    service = _received.pop(setup, None) or open_service(setup)  # its zygote imports libraries while this process does
    with importing(service.course.uses_torch):
        import grader.service.session  # noqa: F401
    return _Resources(service, environments(service.course, setup.sections))


def describe(setup: Setup) -> Description:
    """Warm up this process, and describe it."""
    if has_threads():
        with _one_call:
            return single_threaded_process().call(describe, setup)
    resources = _resources(setup)
    return Description(resources.environments, resources.service.layers(), os.getpid())


def grade_one(job: Job) -> GradingOutcome:
    """Grade one job.

    Raises:
        WrongEnvironmentError: this process would give another grade than the batch.
        GraderFaultError: the checks cannot run at all.
    """
    if has_threads():
        with _one_call:
            return single_threaded_process().call(grade_one, job)
    resources = _resources(job.setup)
    differences = resources.environments[job.section].differences(job.environment)
    if differences:
        time.sleep(_MISMATCH_SECONDS)
        raise WrongEnvironmentError(f"{platform.node()}, process {os.getpid()}: {'; '.join(differences)}")
    _warm_up(job.setup, job.section)
    started = time.perf_counter()
    submission = Submission(job.filename, Path(job.filename), job.source)
    task = Task(resources.service.course.find(job.section), submission)
    (report,) = resources.service.grade([task])
    return GradingOutcome(report, time.perf_counter() - started)
