"""Make a section's pictures of one submission."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from grader.course import Section
from grader.figures.gallery import Figure, Picture, figures_in
from grader.figures.gather import Gathered, Subject, Work
from grader.sandbox.launch import Sandbox
from grader.sandbox.submission import Submission

# Told about every picture before it is made: its slug, how many are done, how many there are.
Progress = Callable[[str, int, int], None]


def _silent(slug: str, done: int, count: int) -> None:
    return None


def figures_of(
    section: Section,
    submission: Submission,
    sandbox: Sandbox,
    exercises: Iterable[str] = (),
    progress: Progress = _silent,
) -> list[Picture]:
    """The section's pictures, or those that are drawn from some `exercises`, with what the submission's functions give.

    There is one of each figure, whatever the submission does: what is missing, it says. Raises GraderFaultError.
    """
    return list(one_by_one(section, submission, sandbox, exercises, progress))


def one_by_one(
    section: Section,
    submission: Submission,
    sandbox: Sandbox,
    exercises: Iterable[str] = (),
    progress: Progress = _silent,
) -> Iterator[Picture]:
    """As `figures_of`, each when it is asked for. Until then the numbers of the next one are gathered."""
    chosen = figures_for(section, exercises)
    subject = Subject(section, sandbox.candidate(submission))
    ahead = ThreadPoolExecutor(1)  # one: a subject answers one question at a time
    try:
        gathered = [ahead.submit(_gathered, figure, subject) for figure in chosen]
        for done, (figure, numbers) in enumerate(zip(chosen, gathered, strict=True)):
            progress(figure.slug, done, len(chosen))
            yield Picture(figure, numbers.result())
    finally:
        ahead.shutdown(cancel_futures=True)


def figures_for(section: Section, exercises: Iterable[str] = ()) -> list[Figure]:
    """The section's figures that are drawn from some exercises, or all of them."""
    asked = set(exercises)
    return [figure for figure in figures_in(section) if not asked or asked & set(figure.exercises)]


def _gathered(figure: Figure, subject: Subject) -> Gathered:
    with Work(subject, figure.call_cpu_seconds) as work:
        figure.gather(work)
    return work.gathered
