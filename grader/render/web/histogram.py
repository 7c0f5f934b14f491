"""Where the bars of a histogram stand: numbers for a template, in units of its drawing."""

from collections.abc import Iterator
from dataclasses import dataclass

from grader.batch.class_statistics import SectionStatistics
from grader.render.words import short_number
from grader.toolkit.text import plural

WIDTH, HEIGHT, GROUND, HEAD = 480, 190, 24, 20  # with room for the axis below the bars, and for numbers above
_GAP = 3


@dataclass(frozen=True)
class Bar:
    """A bar, and the number above it."""

    x: float
    y: float
    width: float
    height: float
    count: int


@dataclass(frozen=True)
class Histogram:
    """Marks of a section as bars over an axis; `median` is where the half of the class lies."""

    bars: list[Bar]
    ticks: list[tuple[float, str]]
    median: float
    text: str  # for readers who do not see it

    @classmethod
    def of(cls, section: SectionStatistics) -> "Histogram | None":
        """Lay out the bins of a section; None if it has no marks."""
        if section.marks is None or not section.max_points:
            return None
        step = (WIDTH - 24) / len(section.histogram)
        edges = [12 + place * step for place in range(len(section.histogram) + 1)]
        highest = max(one.count for one in section.histogram)
        base = HEIGHT - GROUND
        bars = []
        for x, one in zip(edges, section.histogram, strict=False):
            height = round((base - HEAD) * one.count / highest, 1)
            bars.append(Bar(round(x + _GAP / 2, 1), round(base - height, 1), round(step - _GAP, 1), height, one.count))
        lows = [*(one.low for one in section.histogram), section.max_points]
        ticks = [(round(x, 1), short_number(round(low, 2))) for x, low in zip(edges, lows, strict=True)]
        share = min(1.0, max(0.0, section.marks.median / section.max_points))
        return cls(bars, ticks, round(12 + share * (WIDTH - 24), 1), "; ".join(_sentences(section)))


def _sentences(section: SectionStatistics) -> Iterator[str]:
    for one in section.histogram:
        if one.count:
            yield f"{plural(one.count, 'student')} from {short_number(one.low)} to {short_number(one.high)} points"
