"""Send the open gradings of a gradebook to a pool, and record the grades."""

import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass, field

from grader.batch.environment import Environment
from grader.batch.gradebook.claims import Batch, Claim
from grader.batch.grading_process import GradingOutcome, Job, Setup, WrongEnvironmentError, grade_one
from grader.batch.pool import Pool
from grader.course import Course, Section
from grader.grading.report import Report, Status
from grader.service import Service
from grader.toolkit.text import one_line

_REFUSALS = 10  # of a job, by members with another grader, before it is given up
_LOOK_SECONDS = 0.5  # between two checks whether another batch has finished or died


Progress = Callable[[int, int], None]  # gets the number of finished gradings and of all


@dataclass
class _Dispatcher:
    """The gradings in progress."""

    course: Course
    batch: Batch
    pool: Pool
    setup: Setup
    environments: Mapping[str, Environment]
    under_way: dict[Future[GradingOutcome], tuple[Claim, int]] = field(
        default_factory=dict
    )  # and the number of the try
    again: deque[tuple[Claim, int]] = field(default_factory=deque)

    def fill(self) -> None:
        """Give the pool as many jobs as it takes."""
        while len(self.under_way) < self.pool.slots:
            if self.again:
                claim, number = self.again.popleft()
            elif new := self.batch.claim():
                claim, number = new, 1
            else:
                return
            job = Job(self.setup, claim.section, claim.filename, claim.source, self.environments[claim.section])
            self.under_way[self.pool.executor.submit(grade_one, job)] = claim, number

    def collect(self) -> None:
        """Wait for a grading to end, and record it."""
        done, _ = wait(self.under_way, return_when=FIRST_COMPLETED)
        ended = [(future, *self.under_way.pop(future)) for future in done]
        self.fill()  # first, so that no process waits for the disk
        for future, claim, number in ended:
            self._record(future, claim, number)

    def _record(self, future: Future[GradingOutcome], claim: Claim, number: int) -> None:
        """Record a grade, or retry the grading, or give it up."""
        environment = self.environments[claim.section]
        error = CancelledError("cancelled") if future.cancelled() else future.exception()
        if error is None:
            outcome = future.result()
            self.batch.finish(claim, outcome.report, environment, outcome.seconds, number)
        elif number < (_REFUSALS if isinstance(error, WrongEnvironmentError) else self.pool.tries):
            self.again.append((claim, number + 1))
        else:
            reason = f"{type(error).__name__}: {error}" if isinstance(error, Exception) else str(error)
            report = fault_report(self.course.find(claim.section), claim.filename, reason, environment)
            self.batch.finish(claim, report, environment, 0.0, number)


def grade_waiting(
    course: Course, batch: Batch, pool: Pool, setup: Setup, environments: Mapping[str, Environment], progress: Progress
) -> None:
    """Grade until no grading is open, in this batch or another.

    A grading that raises or loses its process is tried again in a new process, and then counts as a grader error.
    """
    run = _Dispatcher(course, batch, pool, setup, environments)
    count = batch.waiting
    looked = -math.inf
    while True:
        run.fill()
        if run.under_way:
            run.collect()
        elif batch.waiting:  # another batch grades it, and may die
            time.sleep(_LOOK_SECONDS)
        else:
            progress(count, count)
            return
        if time.monotonic() - looked >= _LOOK_SECONDS:
            looked = time.monotonic()
            progress(max(0, count - batch.waiting), count)


def fault_report(section: Section, filename: str, message: str, environment: Environment) -> Report:
    """The Report of a grading in which the grader failed: every check is a grader error, and no points are lost."""
    versions = {name: getattr(environment, name) for name in ("grader", "python", "torch", "numpy", "hypothesis")}
    notice = f"The grader failed: {one_line(message)}"
    return Service.without_run(section, filename, Status.GRADER_ERROR, message, notice, versions)
