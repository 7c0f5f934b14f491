"""How every picture looks: one style, on a light and on a dark page; colours, line styles and markers that can be told apart.

The colours are Okabe and Ito's, or lighter ones of the same hue, which those who see fewer colours tell apart. Nothing is said
by colour alone. Files are the same bytes for the same data.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator

from grader.figures.svg import compact

Format = Literal["png", "svg"]
WIDTH, HEIGHT = 8.0, 4.5  # inches, of an ordinary picture
DPI = 144


@dataclass(frozen=True)
class Theme:
    """The colours of a page; `series` are those of curves, in the order in which they are taken."""

    name: str
    page: str
    ink: str
    quiet: str  # grid lines, axes, contours
    series: tuple[str, ...]


LIGHT = Theme("light", "#ffffff", "#1b1f24", "#9aa1a9", ("#0072b2", "#d55e00", "#009e73", "#b0528a"))
DARK = Theme("dark", "#1b1f24", "#e6e9ec", "#757d86", ("#56b4e9", "#f0a04b", "#35c79a", "#e59ac4"))
THEMES = (LIGHT, DARK)

# Told apart without their colours, too: in the order of `Theme.series`.
LINES: tuple[Any, ...] = ("solid", (0, (6, 2)), (0, (6, 2, 1, 2)), (0, (1, 1.5)))
MARKERS = ("o", "s", "^", "D")
SHADES = "cividis"  # of what is coloured by a number: its grey rises evenly


@contextmanager
def styled(theme: Theme) -> Iterator[None]:
    """Within it figures are made and saved; what a user's own settings of matplotlib say plays no part."""
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
                "svg.fonttype": "path",  # the same everywhere, whatever fonts there are
            }
        )
        yield


def saved(figure: Figure, kind: Format) -> bytes:
    """A figure as the bytes of a file. An SVG is to be shown as an image: put into a page, it shares ids with others."""
    buffer = io.BytesIO()
    no_dates: dict[str, Any] = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    figure.savefig(buffer, format=kind, dpi=DPI, metadata=no_dates)
    return compact(buffer.getvalue()) if kind == "svg" else buffer.getvalue()


def plain_ticks(axis: Any, values: tuple[float, ...]) -> None:
    """Put ticks of a log axis where they are wanted, as plain numbers."""
    axis.set_ticks(values)
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


def short(number: float) -> str:
    """A number for a title: two digits, or all before the point if they are few."""
    return f"{number:.0f}" if 100 <= abs(number) < 1e6 else f"{number:.2g}"
