"""Figures and pictures: a figure asks for numbers and draws them; a picture is a figure with the numbers of one submission."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from grader.figures.canvas import Canvas
from grader.figures.gather import Array, Gathered, Subject, Work
from grader.figures.style import DARK, HEIGHT, LIGHT, WIDTH, Format, Theme, saved, styled
from grader.sandbox.calls.sandboxed_submission import SandboxedSubmission
from grader.section import Section
from grader.toolkit.text import one_line

_TITLE_LIMIT = 160  # letters
UNDRAWN = "These numbers cannot be drawn"


@dataclass(frozen=True)
class Words:
    """The words of a picture: a title that states the finding, and a description for people who cannot see it."""

    title: str
    alt: str


class Figure(ABC):
    """A picture of a section. It is one of `FIGURES` in the `figures.py` of the section's room."""

    slug: ClassVar[str]  # the name of its files
    exercises: ClassVar[tuple[str, ...]]  # whose functions it is drawn from
    size: ClassVar[tuple[float, float]] = (WIDTH, HEIGHT)  # inches
    call_cpu_seconds: ClassVar[float | None] = None  # of one call, if more than usual

    @abstractmethod
    def gather(self, work: Work) -> None:
        """Ask for the numbers."""

    @abstractmethod
    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        """Draw the numbers; some may be missing. The title must be true of them."""


def figures_in(section: Section) -> Sequence[Figure]:
    """The section's figures, in order; none if its room has no `figures.py`."""
    figures: Sequence[Figure] = getattr(section.module("figures"), "FIGURES", [])
    return figures


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure with its numbers: `title`, `alt`, and the bytes of its file for a light or a dark page."""

    figure: Figure
    data: Gathered
    _drawn: dict[tuple[str, Format], tuple[Words, bytes]] = field(default_factory=dict, repr=False)

    @property
    def slug(self) -> str:
        return self.figure.slug

    @property
    def exercises(self) -> tuple[str, ...]:
        return self.figure.exercises

    @property
    def title(self) -> str:
        return self._words.title

    @property
    def alt(self) -> str:
        """The title and the text of the picture, and the missing parts."""
        return " ".join([self._words.alt, *self.missing])

    @property
    def missing(self) -> tuple[str, ...]:
        """The messages about missing or wrong functions."""
        return tuple(dict.fromkeys(self.data.missing.values()))

    @property
    def arrays(self) -> Mapping[str, Array]:
        return self.data.arrays

    @property
    def svg_light(self) -> bytes:
        return self.render(LIGHT, "svg")

    @property
    def svg_dark(self) -> bytes:
        return self.render(DARK, "svg")

    def render(self, theme: Theme, kind: Format) -> bytes:
        """Draw it as a file of this kind, once."""
        key = theme.name, kind
        if key not in self._drawn:
            self._drawn[key] = self._made(theme, kind)
        return self._drawn[key][1]

    @property
    def _words(self) -> Words:
        """Its texts; they are the same for each page."""
        if not self._drawn:
            self.render(LIGHT, "svg")
        return next(iter(self._drawn.values()))[0]

    def _made(self, theme: Theme, kind: Format) -> tuple[Words, bytes]:
        with styled(theme), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # missing glyphs and huge numbers of a student
            try:
                return self._saved(self.figure, theme, kind)
            except Exception:  # the numbers cause it: the picture says so
                return self._saved(_Undrawn(), theme, kind)

    def _saved(self, figure: Figure, theme: Theme, kind: Format) -> tuple[Words, bytes]:
        canvas = Canvas(theme, figure.size)
        drawn = figure.draw(canvas, self.data)
        words = Words(one_line(drawn.title, _TITLE_LIMIT), drawn.alt)  # numbers may be of any length
        canvas.finish(words.title, self.data)
        return words, saved(canvas.figure, kind)


class _Undrawn(Figure):
    """The replacement of a picture whose numbers cannot be drawn."""

    slug, exercises = "undrawn", ()

    def gather(self, work: Work) -> None:
        """It uses the data of the other picture."""

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        axes = canvas.axes()[0]
        canvas.say(axes, UNDRAWN, *dict.fromkeys(data.missing.values()), at="center")
        return Words(UNDRAWN, "Empty axes.")


# -- the pictures of a submission

# Called before each picture: its slug, the number of finished pictures, the number of all.
Progress = Callable[[str, int, int], None]


def _silent(slug: str, done: int, count: int) -> None:
    return None


def figures_of(
    section: Section, submission: SandboxedSubmission, exercises: Iterable[str] = (), progress: Progress = _silent
) -> Iterator[Picture]:
    """The pictures of the section, or of some `exercises`, with the numbers of the submission: each made when it is asked for.

    Every figure gives a picture, which says what is missing. Raises GraderFaultError.
    """
    chosen = figures_for(section, exercises)
    subject = Subject(section, submission)
    for done, figure in enumerate(chosen):
        progress(figure.slug, done, len(chosen))
        with Work(subject, figure.call_cpu_seconds, figure.slug) as work:
            figure.gather(work)
        yield Picture(figure, work.gathered)


def figures_for(section: Section, exercises: Iterable[str] = ()) -> list[Figure]:
    """The section's figures of some exercises, or all."""
    asked = set(exercises)
    return [figure for figure in figures_in(section) if not asked or asked & set(figure.exercises)]
