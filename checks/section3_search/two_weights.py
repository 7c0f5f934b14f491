"""Gradient descent on a real empirical risk: two weights that tell threes from eights on MNIST."""

from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes

from grader.figures.canvas import Canvas
from grader.figures.gather import Array, Gathered, Work
from grader.figures.picture import Figure, Words

from ..shared.two_weights import halves, minimum, smallest_risk
from .problems import TwoWeightRisk


def risks(path: Array) -> Array:
    """The risk at each point (n, 2)."""
    found: Array = halves().risk(torch.from_numpy(np.clip(path, -1e6, 1e6))).numpy()
    return found


class MnistDescent(Figure):
    """Contours of the empirical risk in two weights, with the path of gradient descent: quickly into a valley, then slowly."""

    slug = "mnist"
    exercises = ("gradient_descent",)
    start = (-2.0, 2.5)
    lr = 0.9
    steps = 40
    early = 3

    def gather(self, work: Work) -> None:
        def descent(functions: Any) -> Any:
            objective = TwoWeightRisk(halves().ink, halves().is_eight)
            return functions.gradient_descent(
                objective, torch.tensor(self.start, dtype=torch.float64), self.lr, self.steps
            )

        work.ask("path", "gradient_descent", descent, (self.steps + 1, 2))

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        valley, falling = canvas.axes(1, 2)
        self._contours(canvas, valley)
        look: dict[str, Any] = {"markevery": 1, "markersize": 3.2, "linewidth": 1.3}
        canvas.curve(valley, data, "path", lambda path: (path[:, 0], path[:, 1]), "descent", **look)
        canvas.curve(
            falling, data, "path", lambda path: (np.arange(len(path)), risks(path)), "descent", at=None, **look
        )
        falling.axhline(
            smallest_risk(), color=canvas.theme.ink, linestyle=(0, (2, 2)), linewidth=1.0, label="smallest risk"
        )
        falling.set(xlabel="step", ylabel="empirical risk (nats)", ylim=(0.45, None))
        canvas.key(falling, data, "path", loc="upper right")
        path = data.yours("path")
        images = f"{len(halves().ink):,}"
        alt = (
            f"Left, contours of the risk of two weights on {images} images of MNIST: a narrow valley from upper left to lower "
            "right, with the path of gradient descent, which falls into the valley and then follows its floor. Right, the risk "
            "against the step: a fast fall, then a slow one."
        )
        return Words(self._title(None if path is None else risks(path)), alt)

    def _contours(self, canvas: Canvas, axes: Axes) -> None:
        x, y = np.linspace(-3, 6, 90), np.linspace(-5, 4, 90)
        risk = risks(np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)).reshape(len(y), len(x))
        levels = smallest_risk() + np.array([0.01, 0.03, 0.1, 0.3, 0.7, 1.5, 3])
        axes.contour(x, y, risk, levels=levels, colors=canvas.theme.quiet, linewidths=0.8, zorder=1)
        axes.plot(*minimum().tolist(), marker="*", markersize=13, color=canvas.theme.ink, zorder=5)
        axes.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
        axes.set(xlabel="weight of the left half", ylabel="weight of the right half")
        axes.grid(False)

    def _title(self, found: Array | None) -> str:
        if found is None:
            return "The risk of two weights on MNIST is a narrow valley"
        first, early, last = (f"{found[step]:.2f}" for step in (0, self.early, self.steps))
        return f"Risk on MNIST: {first} at first, {early} after {self.early} steps, {last} after {self.steps}"
