"""A weight without a slope: what Adam does with a gradient of zero, and with none."""

from functools import partial
from typing import Any

import numpy as np
import torch

from grader.figures.canvas import Canvas
from grader.figures.gather import Array, Gathered, Work
from grader.figures.picture import Figure, Words
from grader.figures.style import short

from .programs import adam_path

PUSHED, STEPS = 10, 100  # steps with gradient 1, and all steps
SERIES = {"zero": "then gradient 0", "none": "then no gradient"}


def ask_for(work: Work) -> None:
    """Gather the places of a weight, in units of lr, when its gradient is zero or missing after some steps of 1."""
    work.share("coasting", _gather)


def _gather(work: Work) -> None:
    for name in SERIES:
        work.ask(name, "OwnAdam", partial(_places, name=name), (STEPS,))


def _places(functions: Any, name: str) -> torch.Tensor:
    """How far the weight has moved against the gradient after each step, from its place after the last push."""
    one, zero = (torch.tensor([number], dtype=torch.float64) for number in (1.0, 0.0))
    rest = zero if name == "zero" else None
    gradients: Any = [[one]] * PUSHED + [[rest]] * (STEPS - PUSHED)
    path, _, _ = functions.run(adam_path, [zero], gradients, 1.0, (0.9, 0.999), 1e-8)
    places = -torch.stack([weights[0] for weights in path]).flatten()
    return places - places[PUSHED - 1]


def moved(places: Array) -> float:
    """How far the weight moves after the last push."""
    return float(places[-1])


class Coasting(Figure):
    """The place of a weight under OwnAdam: with gradient zero it moves on, without gradient it stays."""

    slug = "coasting"
    exercises = ("OwnAdam",)
    call_cpu_seconds = 3.0  # importing torch.optim takes a fraction of a second

    def gather(self, work: Work) -> None:
        ask_for(work)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        (axes,) = canvas.axes()
        steps = np.arange(1, STEPS + 1)
        for series, (name, label) in enumerate(SERIES.items()):
            canvas.curve(axes, data, name, lambda places: (steps, places), label, series, at="center right")
        axes.axvline(PUSHED, color=canvas.theme.quiet, linewidth=1.2, zorder=1)
        axes.set(xlim=(0, STEPS + 1), ylim=(-11, 13), xlabel="step")
        axes.set_ylabel(f"moved since step {PUSHED} (in units of η)")
        axes.text(PUSHED + 1, -10, f"the gradient is 1 up to step {PUSHED}", color=canvas.theme.ink, fontsize=9)
        canvas.predicted(axes, data, "moves_without_a_slope", along="y", at="lower right")
        canvas.key(axes, data, *SERIES)
        return Words(self._title(data), self._alt())

    def _title(self, data: Gathered) -> str:
        zero, none = data.yours("zero"), data.yours("none")
        if zero is None or none is None:
            return "A gradient of zero is not a missing gradient"
        stays = "stays" if abs(moved(none)) < 1e-6 else f"moves by {short(moved(none))} η"
        return f"With gradient 0 the weight moves on by {short(moved(zero))} η; without gradient it {stays}"

    def _alt(self) -> str:
        return (
            f"A plot of the place of a weight against the step, from 1 to {STEPS}. For {PUSHED} steps with gradient 1 it moves "
            "evenly. Then one curve has gradient 0 and goes on, slower and slower; the other has no gradient."
        )
