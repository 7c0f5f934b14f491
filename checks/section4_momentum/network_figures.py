"""Section 4 on MNIST: the sharpness of a network that learns, and the chosen pair on the risk of two weights."""

from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes

from grader.figures.canvas import Canvas
from grader.figures.gather import Array, Gathered, Work
from grader.figures.picture import Figure, Words
from grader.figures.style import LINES, MARKERS, short

from . import networks, two_weights
from .convergence import CHOICE
from .programs import sharpness_along

FAR = 1e6  # beyond it, a path is not drawn


class EdgeOfStability(Figure):
    """The sharpness of a network during gradient descent, for two learning rates: it rises to 2 / lr."""

    slug = "edge-of-stability"
    exercises = ("sharpness",)
    call_cpu_seconds = 6.0  # hundreds of products in one call
    lrs = (networks.LR, 1.0)
    near = 0.15  # of 2 / lr

    def gather(self, work: Work) -> None:
        for lr in self.lrs:
            gather_sharpness(work, lr)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        above, below = canvas.axes(2, sharex=True)
        steps = np.arange(0, networks.STEPS + 1, networks.EVERY)
        for series, lr in enumerate(self.lrs):
            canvas.curve(
                above, data, f"sharpness_{lr:g}", lambda y: (steps, y), f"η = {lr:g}", series, at="lower right"
            )
            above.axhline(2 / lr, color=canvas.theme.series[series], linestyle=(0, (1, 1)), linewidth=1.2)
            above.annotate(f"2 / {lr:g}", (networks.STEPS, 2 / lr), xytext=(3, 0), textcoords="offset points",
                           fontsize=9, va="center", annotation_clip=False)  # fmt: skip
            losses = networks.training(lr).losses
            below.plot(steps, losses, color=canvas.theme.series[series], linestyle=LINES[series], linewidth=1.6)
        above.set(ylabel="sharpness", ylim=(0, 5), xlim=(0, networks.STEPS))
        below.set(ylabel="training loss", xlabel="step of gradient descent", yscale="log")
        canvas.predicted(above, data, "sharpness_in_training", at="upper left")
        canvas.key(above, data, *(f"sharpness_{lr:g}" for lr in self.lrs), loc="upper right", ncols=3)
        alt = (
            "Two plots against the step of gradient descent, for two learning rates. Above, the sharpness rises and stays near a "
            "dotted line at 2 divided by the learning rate. Below, the training loss on a log axis falls, but not in every step."
        )
        return Words(self._title(data), alt)

    def _title(self, data: Gathered) -> str:
        ends = [(lr, at_the_end(data.yours(f"sharpness_{lr:g}"))) for lr in self.lrs]
        if any(end is None for _, end in ends):
            return "The sharpness of a network changes while it learns"
        found = ", ".join(f"{end:.2g} for η = {lr:g}" for lr, end in ends)
        rising = all(data[f"sharpness_{lr:g}"][0] < end for lr, end in ends if end is not None)
        if rising and all(end is not None and abs(end * lr / 2 - 1) <= self.near for lr, end in ends):
            return f"Sharpness rises to about 2/η and stays there: {found}"
        return f"Sharpness at the end: {found}"


def gather_sharpness(work: Work, lr: float) -> None:
    """The sharpness along a training with this learning rate, from the student's function."""
    run = networks.training(lr)
    name, count = f"sharpness_{lr:g}", len(run.path)
    work.ask(
        name,
        "sharpness",
        lambda f: f.run(sharpness_along, run.loss, run.path, networks.PRODUCTS),
        (count,),
        exact=False,
    )


def at_the_end(sharpness: Array | None) -> float | None:
    """The mean of the last five measurements."""
    return None if sharpness is None else float(sharpness[-5:].mean())


class TwoWeights(Figure):
    """The risk of two weights on MNIST: the chosen pair beside gradient descent with its best learning rate."""

    slug = "two-weights"
    exercises = ("choose_momentum",)
    start = (-2.0, 2.0)
    plain_lr = 0.9  # about the best for gradient descent from the corners of the square

    def gather(self, work: Work) -> None:
        work.ask("pair", "choose_momentum", lambda f: f.choose_momentum(), (2,), exact=False, beside=False)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        valley, falling = canvas.axes(1, 2)
        self._valley(canvas, valley)
        falling.set(yscale="log", xlabel="step", ylabel="risk above its minimum (nats)", ylim=(1e-7, 3))
        falling.axhline(
            CHOICE.limit or 0.0, color=canvas.theme.ink, linestyle=(0, (2, 2)), linewidth=1.0, label="needed"
        )
        pair = data.yours("pair")
        runs = [("gradient descent", self.plain_lr, 0.0, 1)]
        if pair is not None:
            runs.append(("your pair", float(pair[0]), float(pair[1]), 0))
        ends = {}
        for name, lr, beta, series in runs:
            path = heavy_ball_path(self.start, lr, beta)
            label = f"{name}: η = {lr:.3g}, β = {beta:.3g}"
            look: dict[str, Any] = {"color": canvas.theme.series[series], "marker": MARKERS[series], "markersize": 3}
            valley.plot(path[:, 0], path[:, 1], linewidth=1.2, zorder=3, **look)
            above = (
                np.array([float(two_weights.halves().risk(torch.from_numpy(w))) for w in path])
                - two_weights.smallest_risk()
            )
            falling.plot(np.maximum(above, 1e-12), linestyle=LINES[series], label=label, markevery=10, **look)
            ends[name] = float(above[-1])
        if "pair" in data.missing:
            canvas.say(valley, data.missing["pair"], at="lower left")
        canvas.below(falling, data)
        alt = (
            "Left, contours of the risk of two weights: a narrow valley from upper left to lower right, with two paths from the "
            "upper left. Right, the risk above its minimum against the step on a log axis, for gradient descent and the pair."
        )
        return Words(self._title(ends), alt)

    def _valley(self, canvas: Canvas, axes: Axes) -> None:
        x, y = np.linspace(-4, 7, 90), np.linspace(-6, 4, 90)
        grid = torch.from_numpy(np.stack(np.meshgrid(x, y), -1))
        risk = (two_weights.halves().risk(grid) - two_weights.smallest_risk()).numpy()
        axes.contour(x, y, risk, levels=[0.03, 0.1, 0.3, 0.7, 1.5, 3], colors=canvas.theme.quiet, linewidths=0.8)
        axes.plot(*two_weights.minimum().tolist(), marker="*", markersize=13, color=canvas.theme.ink, zorder=5)
        axes.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
        axes.set(xlabel="weight of the left half", ylabel="weight of the right half")
        axes.grid(False)

    def _title(self, ends: dict[str, float]) -> str:
        if "your pair" not in ends:
            return "Correlated inputs make a ravine of the risk"
        if not np.isfinite(ends["your pair"]) or ends["your pair"] > FAR:
            return "Your pair diverges on the risk of two weights"
        mine, plain = short(ends["your pair"]), short(ends["gradient descent"])
        return f"{CHOICE.steps} steps come within {mine} of the smallest risk; gradient descent, {plain}"


def heavy_ball_path(start: tuple[float, float], lr: float, beta: float) -> Array:
    """The path (steps + 1, 2) of our heavy ball on the risk, cut where it is far away."""
    w, v = torch.tensor(start, dtype=torch.float64), torch.zeros(2, dtype=torch.float64)
    path = [w]
    for _ in range(CHOICE.steps):
        v = beta * v + two_weights.halves().gradient(w)
        w = w - lr * v
        path.append(w)
    far = torch.nan_to_num(torch.stack(path), nan=FAR, posinf=FAR, neginf=-FAR)
    cut: Array = far.clamp(-FAR, FAR).numpy()
    return cut
