"""Make a section's pictures of one submission."""

from collections.abc import Callable, Iterable, Iterator

from grader.course import Section
from grader.figures.gallery import Figure, Picture, figures_in
from grader.figures.gather import Subject, Work
from grader.sandbox.process.launch import Sandbox
from grader.submission.submission import Submission

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
    """As `figures_of`, each when it is asked for."""
    chosen = figures_for(section, exercises)
    subject = Subject(section, sandbox.admit(submission))
    for done, figure in enumerate(chosen):
        progress(figure.slug, done, len(chosen))
        yield picture_of(figure, subject)


def figures_for(section: Section, exercises: Iterable[str] = ()) -> list[Figure]:
    """The section's figures that are drawn from some exercises, or all of them."""
    asked = set(exercises)
    return [figure for figure in figures_in(section) if not asked or asked & set(figure.exercises)]


def picture_of(figure: Figure, subject: Subject) -> Picture:
    """Gather a figure's numbers."""
    with Work(subject, figure.call_cpu_seconds) as work:
        figure.gather(work)
    return Picture(figure, work.gathered)
