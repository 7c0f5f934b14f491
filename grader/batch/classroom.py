"""A class from its files to its gradebook: what the verbs call."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from grader.batch.bench import Setup
from grader.batch.crew import local_crew
from grader.batch.environment import environments
from grader.batch.gradebook import Gradebook
from grader.batch.gradebook.attempts import admit, settle
from grader.batch.gradebook.claims import Batch
from grader.batch.gradebook.queries import waiting_sources
from grader.batch.intake import HandIn, Intake, Trouble
from grader.batch.run import Progress, grade_waiting
from grader.course import Course, Section
from grader.sandbox.process.launch import preload_for
from grader.sandbox.process.limits import DEFAULT, Limits
from grader.toolkit.text import one_line

_TOGETHER = 200  # hand-ins in one transaction
_LOOKED_AT = 1000  # sources, for what they import


@dataclass(frozen=True)
class Who:
    """Who is to grade: `workers` processes here, or the cluster of `scheduler`; `unsafe` accepts less than every layer."""

    workers: int
    scheduler: str | None = None
    unsafe: bool = False
    limits: Limits = DEFAULT


def take_in(intake: Intake, book: Gradebook) -> list[Trouble]:
    """Take everything that a folder holds into the gradebook; what is known already changes nothing."""
    troubles = []
    if intake.roster is not None:
        book.enrol(intake.roster.students.values())
    found, owners = intake.read(), defaultdict[tuple[str, str], set[str]](set)
    while some := list(itertools.islice(found, _TOGETHER)):
        with book.transaction():
            for one in some:
                if isinstance(one, HandIn):
                    admit(book, one)
                    owners[one.upload, one.section.id].add(one.student)
                else:
                    troubles.append(one)
    settle(book, owners)
    looked_at = [section.id for section in intake.sections]
    book.note_troubles(one_line(str(intake.folder.resolve())), troubles, looked_at)
    return troubles


def grade_class(
    course: Course,
    sections: Sequence[Section],
    book: Gradebook,
    who: Who,
    progress: Progress,
    tell_refused: Callable[[Mapping[str, str]], None],
) -> None:
    """Grade what waits in a gradebook of these sections. Every grade is kept as soon as it is there.

    Raises UsageError if submissions would be run with less than every layer of the sandbox, or nobody can grade.
    """
    words = [section.id for section in sections]
    with closing(Batch(book, words)) as batch:
        if not batch.waiting:
            return
        wanted = environments(course, words)
        root = None if who.scheduler else str(course.root)
        setup = Setup(tuple(words), root, tuple(_preload(book, sections)), who.limits, who.unsafe, book.course_key())
        if who.scheduler:
            from grader.batch.cluster import cluster_crew

            opened = cluster_crew(setup, who.scheduler, wanted)
        else:
            opened = local_crew(setup, min(who.workers, batch.waiting))
        with opened as crew:
            crew.expect_confinement(who.unsafe)
            tell_refused(crew.refused)
            grade_waiting(course, batch, crew, setup, wanted, progress)


def _preload(book: Gradebook, sections: Sequence[Section]) -> list[str]:
    """What zygotes should import before there is any worker: it is a guess, and a wrong one costs only time."""
    sources = waiting_sources(book, _LOOKED_AT)
    return sorted({*preload_for(sources), *(module for section in sections for module in section.preload)})
