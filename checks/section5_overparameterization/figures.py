"""Section 5: the line between two solutions, and what widths and starts do to the training on a teacher."""

from functools import partial
from operator import methodcaller
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from grader.figures.canvas import Canvas
from grader.figures.gather import Array, Gathered, Work
from grader.figures.picture import Figure, Words
from grader.figures.style import MARKERS, plain_ticks

from . import teacher_runs
from .convergence import SOLVED, TEACHER, teacher_examples
from .landscape import HIDDEN, descent, flat, flat_twin, losses_at
from .landscape_figures import Around, Surface
from .programs import parameter_counts, states_between
from .teacher_runs import ADDED, GROWN, WIDTHS, solved

ALPHAS = np.linspace(-0.25, 1.25, 61)
FLOOR = 1e-7  # smaller losses are drawn at this height


def ask_for_lines(work: Work) -> None:
    """Gather the loss on the lines from a solution to `other` and to its twin, `copy`, once for all who need it."""
    work.share("lines", _gather_lines)


def _gather_lines(work: Work) -> None:
    a, b = (_state(descent(seed)[-1]) for seed in (0, 1))
    size, order = len(flat(list(a.values()))), list(reversed(range(HIDDEN)))
    work.ask("twin", "permute_hidden_units", partial(flat_twin, state=a, order=order), (size,))
    hidden, biases, output, bias = a.values()
    twin = flat([hidden[order], biases[order], output[:, order], bias])
    own = work.arrays.get("twin")
    if own is not None:
        twin = torch.from_numpy(own.clip(-1e6, 1e6))
    pieces = twin.split([entry.numel() for entry in a.values()])
    copy = {name: piece.reshape(a[name].shape).clone() for name, piece in zip(a, pieces, strict=True)}
    for name, end in (("other", b), ("copy", copy)):
        call = partial(_between, a=a, b=end)
        work.ask(name, "interpolate", call, (len(ALPHAS), size), then=losses_at)


def _state(params: list[Tensor]) -> dict[str, Tensor]:
    return {f"p{place}": entry for place, entry in enumerate(params)}


def _between(functions: Any, a: dict[str, Tensor], b: dict[str, Tensor]) -> Any:
    states = [{name: entry.clone() for name, entry in state.items()} for state in (a, b)]
    return functions.run(states_between, *states, ALPHAS.tolist())


def place_of(alpha: float) -> int:
    """Where an alpha stands in ALPHAS."""
    return int(np.abs(ALPHAS - alpha).argmin())


class Line(Figure):
    """The loss along the straight line between two solutions, and between a solution and its twin."""

    slug = "line"
    exercises = ("interpolate", "permute_hidden_units")

    def gather(self, work: Work) -> None:
        ask_for_lines(work)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        (axes,) = canvas.axes()
        axes.set(xlabel="α: 0 at one solution, 1 at the other", ylabel="training loss (nats)")
        axes.set_xlim(ALPHAS[0], ALPHAS[-1])
        for end in (0, 1):
            axes.axvline(end, color=canvas.theme.quiet, linestyle="dotted", linewidth=1.4)
        for name, label, series in (("other", "to the end of another run", 0), ("copy", "to its twin", 1)):
            canvas.curve(axes, data, name, lambda y: (ALPHAS, y), label, series, at="upper center")
        if "twin" in data.missing:
            canvas.say(axes, data.missing["twin"], at="upper center")
        axes.set_ylim(0, 1.15 * axes.get_ylim()[1])  # room for the text above the hills
        canvas.predicted(axes, data, "loss_half_way_to_a_twin", along="y", at="upper right")
        canvas.key(axes, data, "other", "copy")
        return Words(self._title(data), self._alt())

    def _title(self, data: Gathered) -> str:
        other, copy = data.yours("other"), data.yours("copy")
        if other is None or copy is None:
            return "The loss has a hill on the straight line between two solutions"
        start, half = place_of(0.0), place_of(0.5)
        return f"Loss {other[start]:.2g} at a solution; half way to another {other[half]:.2g}, to its twin {copy[half]:.2g}"

    def _alt(self) -> str:
        return (
            "The training loss along straight lines from one solution of a small network: to the end of another training, and to "
            "its twin, the same network with its hidden units in reverse order. Both ends of each line are solutions."
        )


class Seeds(Figure):
    """The final losses of trainings from several seeds, by width, on data of a teacher with three units."""

    slug = "seeds"
    exercises = ("train_from_seeds", "count_parameters")
    call_cpu_seconds = 10.0  # some steps for each width and seed

    def gather(self, work: Work) -> None:
        work.arrays["width"] = np.array(WIDTHS)
        teacher_runs.ask_for(work)
        call = methodcaller("run", parameter_counts, list(WIDTHS), teacher_examples()[0].shape[1])
        work.ask("weights", "count_parameters", call, (len(WIDTHS),))

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        (axes,) = canvas.axes()
        weights = data.yours("weights")
        names = [f"{width}" for width in WIDTHS]
        if weights is not None:
            names = [f"{name}\n{count:,.0f}" for name, count in zip(names, weights, strict=True)]
        axes.set(xscale="log", yscale="log", xlim=(1.6, 15), ylim=(FLOOR / 2, 3))
        plain_ticks(axes.xaxis, WIDTHS)
        axes.set_xticklabels(names)
        axes.set(xlabel="hidden units" + ("" if weights is None else ", and below them the weights of the network"))
        axes.set(ylabel=f"loss after {TEACHER.steps:,} steps ({FLOOR:g}: or less)")
        axes.axhline(SOLVED, color=canvas.theme.ink, linestyle=(0, (4, 2)), linewidth=1.0, label="found the teacher")
        shifts = np.geomspace(0.93, 1.075, len(TEACHER.seeds))
        for width in WIDTHS:
            curves = data.yours(f"loss_{width}")
            if curves is None:
                continue
            axes.plot(width * shifts, np.maximum(curves[:, -1], FLOOR), linestyle="none", marker=MARKERS[1], zorder=5,
                      markersize=5, color=canvas.theme.series[1], label="one run" if width == WIDTHS[0] else None)  # fmt: skip
            axes.text(width, 1.3, f"{solved(curves)} of {len(curves)}", ha="center", fontsize=9, zorder=6,
                      bbox={"facecolor": canvas.theme.page, "edgecolor": "none", "pad": 1})  # fmt: skip
        canvas.predicted(axes, data, "units_that_always_suffice", at="lower right")
        axes.legend(loc="lower left")
        for reason in dict.fromkeys(data.missing.values()):
            canvas.say(axes, reason, at="center")
        return Words(self._title(data), self._alt())

    def _title(self, data: Gathered) -> str:
        found = {width: data.yours(f"loss_{width}") for width in WIDTHS}
        if any(curves is None for curves in found.values()):
            return "With many hidden units the start of a training matters little"
        counts = [f"{solved(found[width])} with {width}" for width in (3, 4, 12)]  # type: ignore[arg-type]
        first, *rest = counts
        return f"Of {len(TEACHER.seeds)} runs, {first} units find the teacher, {' and '.join(rest)}"

    def _alt(self) -> str:
        return (
            f"The final losses of {len(TEACHER.seeds)} runs from different seeds, for networks of {WIDTHS[0]} to {WIDTHS[-1]} "
            "hidden units, on data of a teacher with 3 units. A dashed line shows the loss below which a run has found the "
            "teacher. Above each width stands how many did."
        )


class Curves(Figure):
    """The losses of trainings from many starts: with few units, with many, and with few that become many."""

    slug = "curves"
    exercises = ("train_from_seeds",)
    call_cpu_seconds = 10.0
    wide = WIDTHS[-1]

    def gather(self, work: Work) -> None:
        teacher_runs.ask_for(work)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        panels = canvas.axes(1, 3, sharey=True)
        few, many, grown = (data.yours(name) for name in (f"loss_{GROWN}", f"loss_{self.wide}", "loss_grown"))
        self._panel(canvas, panels[0], few, f"{GROWN} hidden units", 1)
        self._panel(canvas, panels[1], many, f"{self.wide} hidden units", 0)
        both = None if few is None or grown is None else np.concatenate([few, grown], 1)
        self._panel(canvas, panels[2], both, f"{GROWN} units, then {ADDED} more", 2)
        panels[2].axvline(TEACHER.steps, color=canvas.theme.ink, linestyle=(0, (1, 1.5)), linewidth=1.2)
        panels[0].set(ylabel=f"training loss ({FLOOR:g}: or less)", yscale="log", ylim=(FLOOR / 2, 100))
        canvas.predicted(panels[2], data, "nine_more_units", at="upper center")
        for axes, name in zip(panels, (f"loss_{GROWN}", f"loss_{self.wide}", "loss_grown"), strict=True):
            if name in data.missing:
                canvas.say(axes, data.missing[name], at="center")
        return Words(self._title(few, many, grown), self._alt())

    def _panel(self, canvas: Canvas, axes: Axes, curves: Array | None, title: str, series: int) -> None:
        axes.set(title=title, xlabel="step")
        axes.axhline(SOLVED, color=canvas.theme.ink, linestyle=(0, (4, 2)), linewidth=1.0)
        axes.set_xlim(0, TEACHER.steps)
        if curves is None:
            return
        steps = teacher_runs.EVERY * np.arange(curves.shape[1])
        axes.set(xlim=(0, steps[-1]), xticks=np.linspace(0, steps[-1], 3))
        axes.plot(steps, np.maximum(curves, FLOOR).T, color=canvas.theme.series[series], linewidth=1.2, alpha=0.9)
        axes.text(0.97, 0.1, f"{solved(curves)} of {len(curves)} below {SOLVED:g}", transform=axes.transAxes, ha="right",
                  fontsize=9, bbox={"facecolor": canvas.theme.page, "edgecolor": "none", "alpha": 0.8, "pad": 1})  # fmt: skip

    def _title(self, few: Array | None, many: Array | None, grown: Array | None) -> str:
        if few is None or many is None or grown is None:
            return "Wide networks reach similar losses from every start"
        count = len(few)
        return (
            f"{solved(few)} of {count} runs find the teacher with {GROWN} units, {solved(many)} with {self.wide}, "
            f"{solved(grown)} after growing"
        )

    def _alt(self) -> str:
        return (
            f"Three plots of the training loss against the step on a log axis, each with {len(TEACHER.seeds)} runs: networks of "
            f"{GROWN} hidden units, of {self.wide}, and of {GROWN} that get {ADDED} more units with tiny weights when they are "
            "stuck. A dashed line shows the loss below which a run has found the teacher."
        )


FIGURES = (Surface(), Around(), Line(), Seeds(), Curves())
