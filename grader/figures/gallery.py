"""What a picture is: where its numbers come from, how they are drawn, what it shows. One class each, found by itself."""

import importlib.util
import inspect
import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from grader.course import Section
from grader.figures.canvas import Canvas
from grader.figures.gather import Array, Gathered, Work
from grader.figures.style import DARK, HEIGHT, LIGHT, WIDTH, Format, Theme, saved, styled


@dataclass(frozen=True)
class Words:
    """What a picture says: a title that states the finding, and, for who cannot see it, what there is to see."""

    title: str
    alt: str


class Figure(ABC):
    """A picture of a section. A subclass in the module called like the section's stem is all that it takes."""

    slug: ClassVar[str]  # the name of its files
    exercises: ClassVar[tuple[str, ...]]  # whose functions it is drawn from
    size: ClassVar[tuple[float, float]] = (WIDTH, HEIGHT)  # inches
    call_cpu_seconds: ClassVar[float | None] = None  # what one call may take, where that is longer than usual

    @abstractmethod
    def gather(self, work: Work) -> None:
        """Ask for the numbers."""

    @abstractmethod
    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        """Draw what there is of them; any part may be missing. The title must be true of these numbers."""


def figures_in(section: Section) -> list[Figure]:
    """The section's figures, in the order of their module; none if there is no such module."""
    name = f"grader.figures.{section.stem}"
    if importlib.util.find_spec(name) is None:
        return []
    module = importlib.import_module(name)
    found = [one for one in vars(module).values() if inspect.isclass(one) and one.__module__ == name]
    return [one() for one in found if issubclass(one, Figure)]


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure with its numbers: `title`, `alt` and, as bytes of a file, what it looks like on a light or a dark page."""

    figure: Figure
    data: Gathered

    @property
    def slug(self) -> str:
        return self.figure.slug

    @property
    def title(self) -> str:
        return self._words.title

    @property
    def alt(self) -> str:
        """What there is to see, and what is missing."""
        return " ".join([self._words.alt, *self.missing])

    @property
    def missing(self) -> tuple[str, ...]:
        """What the picture says is missing or wrong."""
        return tuple(dict.fromkeys(self.data.missing.values()))

    @property
    def arrays(self) -> Mapping[str, Array]:
        return self.data.arrays

    @cached_property
    def svg_light(self) -> bytes:
        return self.render(LIGHT, "svg")

    @cached_property
    def svg_dark(self) -> bytes:
        return self.render(DARK, "svg")

    @cached_property
    def _words(self) -> Words:
        with styled(LIGHT):
            return self._drawn(LIGHT)[1]

    def render(self, theme: Theme, kind: Format) -> bytes:
        """Draw it as a file of this kind."""
        with styled(theme), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing")  # a student's words may be in any script
            canvas, words = self._drawn(theme)
            canvas.finish(words.title, self.data)
            return saved(canvas.figure, kind, salt=f"{self.slug}-{theme.name}")

    def _drawn(self, theme: Theme) -> tuple[Canvas, Words]:
        canvas = Canvas(theme, self.figure.size)
        try:
            return canvas, self.figure.draw(canvas, self.data)
        except Exception:
            if not self.missing:  # right answers can be drawn: this is a mistake of ours
                raise
        canvas = Canvas(theme, self.figure.size)
        canvas.say(canvas.axes()[0], "This picture cannot be drawn from these numbers.", *self.missing, at="center")
        return canvas, Words(f"Nothing to see yet of {self.slug.replace('-', ' ')}", "Empty axes.")
