"""Draw the measurements behind the thresholds: `python docs/images/thresholds/make.py [RUN]...`, such as section4.mnist.

Nothing is trained: the measurements lie beside this file, where `grade calibrate` keeps them, and so do the pictures. The
table of docs/thresholds.md is written anew, too.
"""

import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from grader.audit.calibration import GOAL, runs_of
from grader.audit.measurements import SMALLEST, Series, Store, fit_tail
from grader.course import Course
from grader.toolkit.convergence import Run
from grader.toolkit.thresholds import Threshold, load

FOLDER = Path(__file__).parent
DOCUMENT = FOLDER.parents[1] / "thresholds.md"
TABLE = """\
| check | mean | standard deviation | reach | threshold | false fail | contrast |
| --- | --- | --- | --- | --- | --- | --- |
"""
# From Okabe and Ito's palette, told apart by those who see fewer colours; rows are named, too.
RIGHT, WRONG, CONTRAST, ALIKE, INK = "#0072B2", "#D55E00", "#7B3294", "#6E6E6E", "#222222"
STYLE = {
    "font.family": ["DejaVu Sans", "sans-serif"],
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": ALIKE,
    "svg.fonttype": "none",
    "svg.hashsalt": "thresholds",
}
WIDEST = 12  # how many times the contrast's value is still drawn; what lies beyond is at the edge


@dataclass(frozen=True)
class Row:
    """One line of the upper picture: the runs of one solver, and in words how they are judged."""

    name: str
    values: list[float]
    color: str
    verdict: str


def rows_of(found: Any, entry: Threshold, run: Run) -> Iterator[Row]:
    """The reference, the mistakes from near to far, and the contrast."""
    yield Row("reference", finite(found.reference.first(entry.seeds)), RIGHT, f"{entry.seeds} runs")
    mistakes = sorted(found.mistakes.items(), key=lambda item: (median(item[1]), item[0]))
    for slug, series in mistakes:
        alike = entry.mistakes[slug].by_check == 0
        yield Row(slug, finite(series), ALIKE if alike else WRONG, verdict_of(series, entry, slug))
    yield Row(run.contrast_name, finite(found.contrast), CONTRAST, "the contrast")


def finite(series: Series) -> list[float]:
    return [value for value in series.values if value is not None]


def median(series: Series) -> float:
    values = finite(series)
    return float(np.median(values)) if values else float("inf")


def verdict_of(series: Series, entry: Threshold, slug: str) -> str:
    kills = entry.mistakes[slug]
    if kills.by_check == 0:
        return "as the reference here" if kills.as_reference else "passes here"
    if not finite(series):
        return "raises, or is not finite"
    if kills.by_threshold == 1:
        return "fails by the threshold"
    if kills.by_threshold == 0 and kills.by_check == 1:
        return "fails by the rule alone"
    return f"fails in {kills.by_check:.0%}, by the threshold in {kills.by_threshold:.0%}"


def draw(name: str, run: Run, store: Store) -> Figure:
    """Above, where the runs of each solver end; below, the tail of the reference and what is to be expected beyond the runs."""
    found, entry = store.load(name), entry_of(name)
    rows = list(rows_of(found, entry, run))
    heights = (0.24 * len(rows) + 0.3, 2.1)
    figure = Figure(figsize=(9, sum(heights) + 2.1), layout="constrained")
    upper, lower = figure.subplots(2, 1, height_ratios=heights)
    figure.suptitle(title_of(rows, entry, run), x=0.01, ha="left", fontsize=10.5, weight="bold", color=INK)
    draw_rows(upper, rows, entry, run)
    draw_tail(lower, found.reference.first(entry.seeds), entry, run)
    return figure


def draw_rows(axes: Axes, rows: list[Row], entry: Threshold, run: Run) -> None:
    values = [value for row in rows for value in row.values]
    lowest = max(min(values), min(rows[0].values) / WIDEST**2)  # a loss may be 0, which has no logarithm
    low, high = lowest / 1.15, min(max(values) * 1.15, WIDEST * entry.contrast)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(len(rows) - 0.4, -0.9)
    axes.axvspan(entry.threshold, high, color=WRONG, alpha=0.07, lw=0)
    axes.axvline(entry.threshold, color=INK, lw=1.2)
    axes.annotate(
        f" threshold {entry.threshold:.3g}", (entry.threshold, -0.55), color=INK, va="center", fontsize=8, weight="bold"
    )
    for place, row in enumerate(rows):
        inside = np.clip(row.values, low * 1.015, high * 0.985)
        ticks = np.repeat(inside, 3), np.tile([place - 0.32, place + 0.32, np.nan], len(inside))
        axes.plot(*ticks, color=row.color, lw=0.9, alpha=0.8, solid_capstyle="butt")
        beyond = " (beyond the edge)" if row.values and min(row.values) > high else ""
        axes.annotate(
            row.verdict + beyond,
            (1.01, place),
            xycoords=("axes fraction", "data"),
            color=row.color,
            va="center",
            fontsize=8,
        )
    axes.set_yticks(range(len(rows)), ["\n".join(textwrap.wrap(row.name, 30)) for row in rows])
    for label, row in zip(axes.get_yticklabels(), rows, strict=True):
        label.set_color(row.color)
    axes.tick_params(axis="y", length=0)
    label_decades(axes)
    axes.set_xlabel(f"{run.quantity}; a tick per run, logarithmic")


def label_decades(axes: Axes) -> None:
    """Plain numbers on a logarithmic axis: 1, 2 and 5 of each decade, or 1 alone where there are many."""
    low, high = axes.get_xlim()
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 1000 * low else (1,)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def title_of(rows: list[Row], entry: Threshold, run: Run) -> str:
    """What the picture shows, in a sentence of two lines."""
    mistakes = entry.mistakes.values()
    killed = sum(kills.by_check == 1 for kills in mistakes)
    by_value = sum(kills.by_threshold == 1 for kills in mistakes)
    passing = sum(kills.by_check == 0 for kills in mistakes)
    worst = max(rows[0].values)
    first = f"{run.exercise}: right answers stay below {worst:.3g} in {entry.seeds} runs; the threshold is {entry.threshold:.3g}."
    second = f"In every run {killed} of {len(mistakes)} mistakes fail, {by_value} of them by the threshold alone"
    return f"{first}\n{second}" + (f"; {passing} pass here, and are for other checks." if passing else ".")


def draw_tail(axes: Axes, reference: Series, entry: Threshold, run: Run) -> None:
    values = np.sort(finite(reference))
    tail = fit_tail(values.tolist())
    end = max(entry.threshold, entry.reach)
    logarithmic = end > 5 * values[-1]
    grid = (np.geomspace if logarithmic else np.linspace)(np.quantile(values, 0.8), end, 200)
    axes.step(
        values,
        1 - np.arange(len(values)) / len(values),
        where="pre",
        color=RIGHT,
        lw=1.6,
        label="runs of the reference",
    )
    axes.plot(
        grid,
        [tail.exceedance(value) for value in grid],
        color=RIGHT,
        lw=1.4,
        ls="--",
        label="fitted tail, upper 95 % bound",
    )
    axes.axhline(GOAL, color=ALIKE, lw=0.8, ls=":")
    axes.axvline(entry.threshold, color=INK, lw=1.2)
    axes.plot([entry.reach], [GOAL], "o", ms=4, color=INK)
    right = entry.reach > (values[0] + end) / 2  # where there is room
    axes.annotate(
        f"1e-6 at {entry.reach:.4g}",
        (entry.reach, GOAL),
        xytext=(-8 if right else 8, -13 if right else 5),
        textcoords="offset points",
        ha="right" if right else "left",
        fontsize=8,
        color=INK,
    )
    axes.set_yscale("log")
    if logarithmic:
        axes.set_xscale("log")
        label_decades(axes)
    axes.set_ylim(SMALLEST / 2, 2)
    axes.set_xlabel(run.quantity)
    axes.set_ylabel("\n".join(textwrap.wrap("probability that a right answer is above", 22)))
    axes.set_title(
        f"A right answer is above the threshold with a probability of at most {bound(entry.false_fail)}",
        loc="left", fontsize=9.5, color=INK,
    )  # fmt: skip
    axes.legend(frameon=False, fontsize=8, loc="upper right", bbox_to_anchor=(0.93, 1))


def bound(probability: float) -> str:
    """A small probability as 3e-7, never rounded down."""
    exponent = int(np.floor(np.log10(probability)))
    digit = int(np.ceil(probability / 10.0**exponent - 1e-6))
    return f"{digit}e{exponent}" if digit < 10 else f"1e{exponent + 1}"


def write_table(names: list[str]) -> None:
    """Put the numbers of these runs into the document's table."""
    before, header, after = DOCUMENT.read_text(encoding="utf-8").partition(TABLE)
    _, blank, rest = after.partition("\n\n")
    if not blank:
        raise SystemExit(f"{DOCUMENT}: this table, and an empty line after it, is to be filled:\n{TABLE}")
    lines = []
    for name in names:
        found = entry_of(name)
        numbers = [f"{number:.4g}" for number in (found.mean, found.std, found.reach, found.threshold)]
        cells = [f"`{name}`", *numbers, bound(found.false_fail), f"{found.contrast:.3g}"]
        lines.append(f"| {' | '.join(cells)} |")
    DOCUMENT.write_text(before + header + "\n".join(lines) + blank + rest, encoding="utf-8")


def entry_of(name: str) -> Threshold:
    """The threshold of a run, by "section.run"."""
    section, _, run = name.partition(".")
    found = load(Course(FOLDER.parents[2]).find(section).thresholds)[run]
    assert isinstance(found, Threshold)
    return found


def main() -> None:
    """Draw the runs named on the command line, or all."""
    course, store = Course(FOLDER.parents[2]), Store(FOLDER)
    runs = {f"{section.id}.{name}": run for section in course.sections for name, run in runs_of(section).items()}
    for name in sys.argv[1:] or runs:
        with mpl.rc_context(STYLE):
            figure = draw(name, runs[name], store)
            figure.savefig(FOLDER / f"{name}.svg", metadata={"Date": None})
        print(f"wrote {FOLDER / name}.svg")
    write_table(list(runs))


if __name__ == "__main__":
    main()
