"""The style of every picture, for light and dark pages: colours, line styles and markers.

The colours are Okabe and Ito's, or lighter ones of the same hue: colour-blind people can distinguish them. No meaning comes by
colour alone. The same data give the same bytes.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator

from grader.toolkit.svg import compact

Format = Literal["png", "svg"]
WIDTH, HEIGHT = 8.0, 4.5  # inches, of an ordinary picture
DPI = 144


@dataclass(frozen=True)
class Theme:
    """The colours of a page; `series` are the colours of curves, in order."""

    name: str
    page: str
    ink: str
    quiet: str  # grid lines, axes, contours
    series: tuple[str, ...]


LIGHT = Theme("light", "#ffffff", "#1b1f24", "#9aa1a9", ("#0072b2", "#d55e00", "#009e73", "#b0528a"))
DARK = Theme("dark", "#1b1f24", "#e6e9ec", "#757d86", ("#56b4e9", "#f0a04b", "#35c79a", "#e59ac4"))
THEMES = (LIGHT, DARK)

# For curves without colour, in the order of `Theme.series`.
LINES: tuple[Any, ...] = ("solid", (0, (6, 2)), (0, (6, 2, 1, 2)), (0, (1, 1.5)))
MARKERS = ("o", "s", "^", "D")
SHADES = "cividis"  # a colour map whose grey rises evenly


@contextmanager
def styled(theme: Theme) -> Iterator[None]:
    """Make and save figures inside this block, which ignores the user's own settings of matplotlib."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(
            {
                "font.family": ["DejaVu Sans"],
                "font.size": 10,
                "figure.facecolor": theme.page,
                "savefig.facecolor": theme.page,
                "axes.facecolor": theme.page,
                "axes.edgecolor": theme.quiet,
                "axes.labelcolor": theme.ink,
                "axes.titlesize": 10,
                "axes.titlelocation": "left",
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.grid": True,
                "axes.axisbelow": True,
                "grid.color": theme.quiet,
                "grid.alpha": 0.3,
                "text.color": theme.ink,
                "xtick.color": theme.quiet,
                "ytick.color": theme.quiet,
                "xtick.labelcolor": theme.ink,
                "ytick.labelcolor": theme.ink,
                "hatch.color": theme.quiet,
                "legend.facecolor": theme.page,
                "legend.edgecolor": theme.quiet,
                "legend.framealpha": 0.9,
                "legend.fontsize": 9,
                "svg.hashsalt": "grade-descent",  # ids by content, not by chance
                "svg.fonttype": "path",  # the same on every machine, with any fonts
            }
        )
        yield


def saved(figure: Figure, kind: Format) -> bytes:
    """A figure as the bytes of a file. Show an SVG as an image: inside the HTML of a page, its ids clash with those of others."""
    buffer = io.BytesIO()
    no_dates: dict[str, Any] = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    figure.savefig(buffer, format=kind, dpi=DPI, metadata=no_dates)
    return compact(buffer.getvalue()) if kind == "svg" else buffer.getvalue()


def plain_ticks(axis: Any, values: tuple[float, ...]) -> None:
    """Put the ticks of a log axis at these values, as plain numbers."""
    axis.set_ticks(values)
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


def short(number: float) -> str:
    """A number for a title: two digits, or all digits before the point from 100 to a million."""
    return f"{number:.0f}" if 100 <= abs(number) < 1e6 else f"{number:.2g}"
