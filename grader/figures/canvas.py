"""Draw a picture: axes, the student's curves, the reference beside them, and notes on missing numbers."""

import textwrap
from collections.abc import Callable, Sequence
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grader.figures.gather import Array, Gathered
from grader.figures.style import HEIGHT, LINES, MARKERS, WIDTH, Theme, short

_LETTERS_PER_INCH = 9.8  # of a title
_SMALL_PER_INCH = 13.5  # of words inside axes
_PLACES = {"left": 0.02, "right": 0.98, "lower": 0.03, "upper": 0.97, "center": 0.5}


class Canvas:
    """One picture. Draw it within `styled(theme)`."""

    def __init__(self, theme: Theme, size: tuple[float, float] = (WIDTH, HEIGHT)) -> None:
        self.theme = theme
        self.figure = Figure(figsize=size, layout="constrained")
        self._sayings: dict[Axes, tuple[str, list[str]]] = {}  # the place and the sentences

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
        at: str | None = "lower left",
        **look: Any,
    ) -> None:
        """Draw the student's curve, thick, and the reference's, thin. A note on a missing or wrong curve stands `at` a corner.

        If `at` is None, the note stands below the axes. `points` makes x and y from the array called `name`; `look` are
        options of matplotlib's plot for the student's curve.
        """
        expected, got = data.reference(name), data.yours(name)
        if got is not None:
            x, y = points(got)
            usual = {
                "color": self.theme.series[series],
                "linestyle": LINES[series],
                "linewidth": 2.2,
                "marker": MARKERS[series] if markers else None,
                "markersize": 4.5,
                "markevery": max(1, len(x) // 12),
                "zorder": 3,
            }
            axes.plot(x, y, label=label, **usual | look)
        if expected is not None:
            x, y = points(expected)
            alone: dict[str, Any] = {"linestyle": LINES[series], "label": f"{label} (reference)"} if got is None else {}
            axes.plot(x, y, **self.thin, **alone)
        if at is not None and name in data.missing:
            self.say(axes, data.missing[name], at=at)

    @property
    def thin(self) -> dict[str, Any]:
        """The look of a line of the reference."""
        return {"color": self.theme.ink, "linewidth": 0.8, "zorder": 4}

    def key(self, axes: Axes, data: Gathered, *names: str, **options: Any) -> None:
        """Add a legend: the curves, and the reference if an array of these names has one.

        It stands in a row above the axes, unless `options` of matplotlib's legend, such as `loc`, say another place.
        """
        handles, labels = self._explained(axes, data, names)
        above = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": len(handles), "frameon": False}
        if handles:
            axes.legend(handles, labels, **(options or above))

    def below(self, axes: Axes, data: Gathered, *names: str) -> None:
        """As `key`, but in a row below all axes, for axes with the same curves as `axes`.

        Then say in the axes what is missing.
        """
        handles, labels = self._explained(axes, data, names)
        if handles:
            self.figure.legend(handles, labels, loc="outside lower center", ncols=len(handles), frameon=False)

    def _explained(self, axes: Axes, data: Gathered, names: Sequence[str]) -> tuple[list[Any], list[str]]:
        handles, labels = axes.get_legend_handles_labels()
        if any(data.reference(name) is not None and data.yours(name) is not None for name in names):
            return [*handles, *axes.plot([], [], **self.thin)], [*labels, "reference"]
        return handles, labels

    def predicted(
        self, axes: Axes, data: Gathered, key: str, along: Literal["x", "y"] = "x", at: str = "upper right"
    ) -> None:
        """Show the student's prediction: a number as a dotted line at its place on an axis, a choice in words.

        Call it after the curves: a number outside of the axes is shown in words, and does not stretch them.
        """
        answer = data.predicted(key)
        if answer is None:
            return
        low, high = sorted(axes.get_xlim() if along == "x" else axes.get_ylim())
        if isinstance(answer, str) or not low <= answer <= high:
            self.say(axes, f"You predicted {answer if isinstance(answer, str) else short(answer)}.", at=at)
            return
        line = axes.axvline if along == "x" else axes.axhline
        line(answer, color=self.theme.ink, linestyle=(0, (1, 2)), linewidth=1.6, zorder=2, label="your prediction")

    def say(self, axes: Axes, *words: str, at: str = "lower left") -> None:
        """Write sentences inside the axes, in a corner such as "upper right" or at the "center", each once in the picture."""
        said = self._said
        new = [one for one in dict.fromkeys(words) if one not in said]
        if new:
            self._sayings.setdefault(axes, (at, []))[1].extend(new)

    @property
    def _said(self) -> set[str]:
        return {one for _, words in self._sayings.values() for one in words}

    def finish(self, title: str, data: Gathered) -> None:
        """Add the title, the sentences in the axes, and below them the notes on missing numbers that no axes show."""
        width = float(self.figure.get_size_inches()[0])
        heading = _wrapped([title], int(width * _LETTERS_PER_INCH), even=True)
        self.figure.suptitle(heading, x=0.01, ha="left", fontsize=11.5, fontweight="bold", parse_math=False)
        for axes, (place, words) in self._sayings.items():
            self._write(axes, place, words)
        said = self._said
        unsaid = [words for words in dict.fromkeys(data.missing.values()) if words not in said]
        if unsaid:
            below = _wrapped(unsaid, int(width * _SMALL_PER_INCH))
            self.figure.supxlabel(below, x=0.01, ha="left", fontsize=9, parse_math=False)

    def _write(self, axes: Axes, place: str, words: Sequence[str]) -> None:
        vertical, _, horizontal = place.partition(" ")
        horizontal = horizontal or "center"
        write = getattr(axes, "text2D", axes.text)  # of axes in three dimensions
        write(
            _PLACES[horizontal],
            _PLACES[vertical],
            _wrapped(words, self._letters(axes)),
            transform=axes.transAxes,
            ha=horizontal,
            va={"lower": "bottom", "upper": "top"}.get(vertical, "center"),
            multialignment="left",
            fontsize=9,
            parse_math=False,  # a student's words are not formulas
            bbox={"facecolor": self.theme.page, "edgecolor": self.theme.quiet, "boxstyle": "round,pad=0.4"},
            zorder=6,
        )

    def _letters(self, axes: Axes) -> int:
        """The number of small letters in a line inside these axes."""
        columns = axes.get_subplotspec().get_gridspec().ncols if axes.get_subplotspec() else 1  # type: ignore[union-attr]
        return max(24, int(0.75 * self.figure.get_size_inches()[0] / columns * _SMALL_PER_INCH))


def _wrapped(words: Sequence[str], letters: int, even: bool = False) -> str:
    """Sentences in lines of at most this many letters; with `even`, in lines of similar length."""
    lines = [line for sentence in words for line in textwrap.wrap(sentence, letters)]
    if even and len(lines) > 1:
        return _wrapped(words, min(letters, sum(map(len, lines)) // len(lines) + 8))
    return "\n".join(lines)
