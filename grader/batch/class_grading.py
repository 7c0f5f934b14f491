"""Grade a class: take its files into the gradebook, and grade the open ones."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from grader.batch.dispatch import Progress, grade_waiting
from grader.batch.environment import environments
from grader.batch.gradebook import queries
from grader.batch.gradebook.attempts import admit, content_of, settle
from grader.batch.gradebook.book import Gradebook
from grader.batch.gradebook.claims import Batch
from grader.batch.grading_process import Setup
from grader.batch.intake import HandIn, Intake, Trouble
from grader.batch.pool import local_pool
from grader.course import Course, Section
from grader.sandbox.limits.limits import DEFAULT, Limits
from grader.submission.submission import slow_imports
from grader.toolkit.text import one_line

_TOGETHER = 200  # hand-ins in one transaction
_LOOKED_AT = 1000  # sources, for their imports


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
            from grader.batch.cluster import cluster_pool

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
