"""What a picture is drawn on: axes in the house's style, the student's curves, the reference beside them, what is missing."""

import textwrap
from collections.abc import Callable
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grader.figures.gather import Array, Gathered
from grader.figures.style import HEIGHT, LINES, MARKERS, WIDTH, Theme

_LETTERS_PER_INCH = 9.8  # of a title
_SMALL_PER_INCH = 13.5  # of words inside axes
_PLACES = {"left": 0.02, "right": 0.98, "lower": 0.03, "upper": 0.97, "center": 0.5}


class Canvas:
    """One picture that is being drawn, within `styled(theme)`."""

    def __init__(self, theme: Theme, size: tuple[float, float] = (WIDTH, HEIGHT)) -> None:
        self.theme = theme
        self.figure = Figure(figsize=size, layout="constrained")
        self._said: set[str] = set()

    def axes(self, rows: int = 1, columns: int = 1, **options: Any) -> list[Axes]:
        """The axes of the picture, row by row; `options` are those of `Figure.subplots`."""
        return list(self.figure.subplots(rows, columns, squeeze=False, **options).flat)

    def curve(
        self,
        axes: Axes,
        data: Gathered,
        name: str,
        points: Callable[[Array], tuple[Any, Any]],
        label: str,
        series: int = 0,
        markers: bool = True,
        at: str = "lower left",
    ) -> None:
        """Draw the student's curve, thick, and the reference's, thin; say `at` some corner what is missing or wrong.

        `points` makes x and y of the array called `name`.
        """
        expected, got = data.reference(name), data.yours(name)
        if got is not None:
            x, y = points(got)
            every = max(1, len(x) // 12)
            axes.plot(
                x,
                y,
                color=self.theme.series[series],
                linestyle=LINES[series],
                marker=MARKERS[series] if markers else None,
                markevery=every,
                markersize=4.5,
                linewidth=2.2,
                label=label,
                zorder=3,
            )
        if expected is not None:
            self.thin(axes, *points(expected))
        if name in data.missing:
            self.say(axes, data.missing[name], at=at)

    def thin(self, axes: Axes, x: Any, y: Any) -> None:
        """Draw a thin line, which is the reference's."""
        axes.plot(x, y, color=self.theme.ink, linewidth=0.8, zorder=4)

    def key(self, axes: Axes, data: Gathered, *names: str, **options: Any) -> None:
        """Explain the curves, and the thin lines if there are any of these names.

        It stands in a row above the axes, unless `options` of matplotlib's legend, such as `loc`, put it elsewhere.
        """
        handles, labels = axes.get_legend_handles_labels()
        if any(data.reference(name) is not None for name in names):
            handles = [*handles, *axes.plot([], [], color=self.theme.ink, linewidth=0.8)]
            labels = [*labels, "reference"]
        above = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": len(handles), "frameon": False}
        if handles:
            axes.legend(handles, labels, **(options or above))

    def say(self, axes: Axes, *words: str, at: str = "lower left") -> None:
        """Write inside the axes, in a corner such as "upper right", or at their "center"."""
        vertical, _, horizontal = at.partition(" ")
        horizontal = horizontal or "center"
        text = [line for sentence in words for line in textwrap.wrap(sentence, self._letters(axes))]
        self._said.update(words)
        axes.text(
            _PLACES[horizontal],
            _PLACES[vertical],
            "\n".join(text),
            transform=axes.transAxes,
            ha=horizontal,
            va={"lower": "bottom", "upper": "top"}.get(vertical, "center"),
            fontsize=9,
            parse_math=False,  # a student's words are no formulas
            bbox={"facecolor": self.theme.page, "edgecolor": self.theme.quiet, "boxstyle": "round,pad=0.4"},
            zorder=6,
        )

    def finish(self, title: str, data: Gathered) -> None:
        """Put the title above, and below what is missing and has not been said in any axes."""
        width = float(self.figure.get_size_inches()[0])
        wrapped = "\n".join(textwrap.wrap(title, int(width * _LETTERS_PER_INCH)))
        self.figure.suptitle(wrapped, x=0.01, ha="left", fontsize=11.5, fontweight="bold", parse_math=False)
        unsaid = dict.fromkeys(words for words in data.missing.values() if words not in self._said)
        if unsaid:
            lines = [line for words in unsaid for line in textwrap.wrap(words, int(width * _SMALL_PER_INCH))]
            self.figure.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=9, parse_math=False)

    def _letters(self, axes: Axes) -> int:
        """How many letters of small print one line inside these axes holds."""
        columns = axes.get_subplotspec().get_gridspec().ncols if axes.get_subplotspec() else 1  # type: ignore[union-attr]
        return max(24, int(0.75 * self.figure.get_size_inches()[0] / columns * _SMALL_PER_INCH))
