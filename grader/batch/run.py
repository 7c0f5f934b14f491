"""Grade what waits in a gradebook: hand it out, and write down what comes back."""

import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass, field

from grader.batch.bench import Job, Outcome, Setup, StrangerError, grade_one
from grader.batch.crew import Crew
from grader.batch.environment import Environment
from grader.batch.fault import report_of_fault
from grader.batch.gradebook.claims import Batch, Claim
from grader.course import Course

_REFUSALS = 10  # of a job, by workers that have joined a cluster with another grader, until nobody seems to be left
_LOOK_SECONDS = 0.5  # how often to look whether another batch has finished, or has died


Progress = Callable[[int, int], None]  # told how many gradings are done, and how many there are


@dataclass
class _Run:
    """The gradings that are under way."""

    course: Course
    batch: Batch
    crew: Crew
    setup: Setup
    environments: Mapping[str, Environment]
    under_way: dict[Future[Outcome], tuple[Claim, int]] = field(default_factory=dict)  # with the number of the try
    again: deque[tuple[Claim, int]] = field(default_factory=deque)

    def fill(self) -> None:
        """Give the crew as much as it takes."""
        while len(self.under_way) < self.crew.slots:
            if self.again:
                claim, number = self.again.popleft()
            elif new := self.batch.claim():
                claim, number = new, 1
            else:
                return
            job = Job(self.setup, claim.section, claim.filename, claim.source, self.environments[claim.section])
            self.under_way[self.crew.executor.submit(grade_one, job)] = claim, number

    def collect(self) -> None:
        """Wait for a grading to end, and record it."""
        done, _ = wait(self.under_way, return_when=FIRST_COMPLETED)
        ended = [(future, *self.under_way.pop(future)) for future in done]
        self.fill()  # first: the disk takes its time, and nobody should wait for it
        for future, claim, number in ended:
            self._record(future, claim, number)

    def _record(self, future: Future[Outcome], claim: Claim, number: int) -> None:
        """Write a grade down, or have the grading begun again, or give it up."""
        environment = self.environments[claim.section]
        error = CancelledError("cancelled") if future.cancelled() else future.exception()
        if error is None:
            outcome = future.result()
            self.batch.finish(claim, outcome.report, environment, outcome.seconds, number)
        elif number < (_REFUSALS if isinstance(error, StrangerError) else self.crew.tries):
            self.again.append((claim, number + 1))
        else:
            reason = f"{type(error).__name__}: {error}" if isinstance(error, Exception) else str(error)
            report = report_of_fault(self.course.find(claim.section), claim.filename, reason, environment)
            self.batch.finish(claim, report, environment, 0.0, number)


def grade_waiting(
    course: Course,
    batch: Batch,
    crew: Crew,
    setup: Setup,
    environments: Mapping[str, Environment],
    progress: Progress,
) -> None:
    """Grade until nothing waits any more, be it that another batch has done it.

    A grading that raises, or is lost with its process, is begun again in a fresh one, and then counts as a grader error.
    """
    run = _Run(course, batch, crew, setup, environments)
    count = batch.waiting
    looked = -math.inf
    while True:
        run.fill()
        if run.under_way:
            run.collect()
        elif batch.waiting:  # for another batch, which may die
            time.sleep(_LOOK_SECONDS)
        else:
            progress(count, count)
            return
        if time.monotonic() - looked >= _LOOK_SECONDS:
            looked = time.monotonic()
            progress(max(0, count - batch.waiting), count)
