"""Grade a class: take its files into the gradebook, and grade the open ones."""

import itertools
import math
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import closing
from dataclasses import dataclass, field

from grader.batch.environment import Environment, environments
from grader.batch.gradebook import queries
from grader.batch.gradebook.attempts import admit, content_of, settle
from grader.batch.gradebook.book import Gradebook
from grader.batch.gradebook.claims import Batch, Claim
from grader.batch.grading_process import GradingOutcome, Job, Setup, WrongEnvironmentError, grade_one
from grader.batch.intake import HandIn, Intake, Trouble
from grader.batch.pool import Pool, local_pool
from grader.course import Course
from grader.grading.report import Report, Status
from grader.sandbox.limits.limits import DEFAULT, Limits
from grader.section import Section
from grader.service import Service
from grader.submission.submission import slow_imports
from grader.toolkit.text import one_line

_REFUSALS = 10  # of a job, by members with another grader, before it is given up
_LOOK_SECONDS = 0.5  # between two checks whether another batch has finished or died


Progress = Callable[[int, int], None]  # gets the number of finished gradings and of all
_TOGETHER = 200  # hand-ins in one transaction
_LOOKED_AT = 1000  # sources, for their imports


@dataclass
class _Dispatcher:
    """The gradings in progress."""

    course: Course
    batch: Batch
    pool: Pool
    setup: Setup
    environments: Mapping[str, Environment]
    # Each with its claim and the number of the try.
    under_way: dict[Future[GradingOutcome], tuple[Claim, int]] = field(default_factory=dict)
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


@dataclass(frozen=True)
class PoolOptions:
    """The pool to use: `workers` processes here, or the cluster of `scheduler`; `unsafe` allows missing layers."""

    workers: int
    scheduler: str | None = None
    unsafe: bool = False
    limits: Limits = DEFAULT


def take_in(intake: Intake, book: Gradebook) -> list[Trouble]:
    """Add everything in a folder to the gradebook. Existing entries do not change."""
    troubles = []
    if intake.roster is not None:
        book.enrol(intake.roster.students.values(), keep_ids=bool(intake.told))
    found, owners = intake.read(), defaultdict[tuple[str, str, str], set[str]](set)
    while some := list(itertools.islice(found, _TOGETHER)):
        with book.transaction():
            for one in some:
                if isinstance(one, HandIn):
                    admit(book, one)
                    owners[one.upload, one.section.id, content_of(one)].add(one.student)
                else:
                    troubles.append(one)
    here = queries.attempted(book)  # perhaps from another folder
    troubles = [one for one in troubles if not (one.is_lost and (one.student, one.section) in here)]
    looked_at = [section.id for section in intake.sections]
    book.note_troubles(one_line(str(intake.folder.resolve())), troubles, looked_at)
    settle(book, owners)
    return troubles


def grade_class(
    course: Course,
    sections: Sequence[Section],
    book: Gradebook,
    options: PoolOptions,
    progress: Progress,
    tell_refused: Callable[[Mapping[str, str]], None],
) -> None:
    """Grade the open gradings of these sections, and record each grade at once.

    Raises UsageError if the pool lacks a layer of the sandbox, or has no members.
    """
    words = [section.id for section in sections]
    with closing(Batch(book, words)) as batch:
        if not batch.waiting:
            return
        wanted = environments(course, words)
        root = None if options.scheduler else str(course.root)
        setup = Setup(
            tuple(words), root, tuple(_preload(book, sections)), options.limits, options.unsafe, book.course_key()
        )
        if options.scheduler:
            from grader.batch.pool import cluster_pool

            opened = cluster_pool(setup, options.scheduler, wanted)
        else:
            opened = local_pool(setup, min(options.workers, batch.waiting))
        with opened as pool:
            pool.expect_confinement(options.unsafe)
            tell_refused(pool.refused)
            grade_waiting(course, batch, pool, setup, wanted, progress)


def _preload(book: Gradebook, sections: Sequence[Section]) -> list[str]:
    """The modules that zygotes import early: a guess, and a wrong one costs only time."""
    guessed = {module for source in queries.waiting_sources(book, _LOOKED_AT) for module in slow_imports(source)}
    return sorted(guessed.union(*(section.preload for section in sections)))
