"""The ravine of section 4's pictures: gradient descent, momentum and Nesterov's rule on it, together and one axis at a time."""

from operator import methodcaller
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from numpy.typing import NDArray

from grader.figures.canvas import Canvas
from grader.figures.gather import Array, Gathered, Work
from grader.figures.picture import Figure, Words
from grader.figures.style import WIDTH

from ..shared.problems import Quadratic
from .programs import path_down_bowl

FLAT, STEEP = 1.0, 25.0  # the curvatures of the bowl in all these figures: kappa is 25
BEST_LR, BEST_BETA = 1 / 9, 4 / 9  # of the heavy ball on that bowl
GD_LR = 0.072  # 0.9 times the largest stable learning rate of gradient descent
SAME_BETA = 0.5  # momentum at that learning rate
NESTEROV_LR, NESTEROV_BETA = 0.04, 2 / 3  # 1 / L, and (sqrt(kappa) - 1) / (sqrt(kappa) + 1)
STEPS = 100
RUNS = (  # name, label, learning rate, momentum, its series
    ("gradient_descent", "gradient descent", GD_LR, 0.0, 1),
    ("same_lr", "momentum, same η", GD_LR, SAME_BETA, 0),
    ("polyak", "momentum, best pair", BEST_LR, BEST_BETA, 3),
    ("nesterov", "Nesterov", NESTEROV_LR, NESTEROV_BETA, 2),
)
START = (-10.0, 1.5)
ARRIVED = 0.01  # of the distance at the start


def curvatures() -> torch.Tensor:
    return torch.tensor([FLAT, STEEP], dtype=torch.float64)


def start() -> torch.Tensor:
    return torch.tensor(START, dtype=torch.float64)


def bowl() -> Quadratic:
    return Quadratic(torch.diag(curvatures()), torch.zeros(2, dtype=torch.float64))


def steps_to_arrive(path: Array | None) -> int | None:
    """The number of steps until the distance to the minimum stays below `ARRIVED` times the first, or None."""
    if path is None:
        return None
    far = np.flatnonzero(np.linalg.norm(path, axis=1) > ARRIVED * np.linalg.norm(path[0]))
    steps = int(far[-1]) + 1 if len(far) else 0
    return steps if steps < len(path) else None


def way_across(path: Array) -> float:
    """How far the path travels across the ravine, there and back."""
    return float(np.abs(np.diff(path[:, 1])).sum())


def gather_runs(work: Work) -> None:
    """The paths of all `RUNS` from one start."""
    for name, _, lr, beta, _ in RUNS:
        if name == "nesterov":
            call = methodcaller("run", path_down_bowl, "nesterov_step", curvatures(), start(), lr, beta, STEPS)
            work.ask(name, "nesterov_step", call, (STEPS + 1, 2))
        else:
            call = methodcaller("minimize_with_momentum", bowl(), start(), lr, beta, STEPS)
            work.ask(name, "minimize_with_momentum", call, (STEPS + 1, 2))


def draw_ravine(canvas: Canvas, axes: Axes) -> None:
    """Contours of the bowl, and its minimum."""
    x, y = np.linspace(-11.5, 4.5, 160), np.linspace(-3.4, 3.4, 120)
    heights = 0.5 * (FLAT * x[None, :] ** 2 + STEEP * y[:, None] ** 2)
    axes.contour(x, y, heights, levels=[1, 5, 15, 35, 70, 120], colors=canvas.theme.quiet, linewidths=0.8, zorder=1)
    axes.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    axes.grid(False)
    axes.plot(0, 0, marker="*", markersize=12, color=canvas.theme.ink, linestyle="none", label="minimum", zorder=5)


STEP_MARKS: dict[str, Any] = {"markevery": 1, "markersize": 3.2, "linewidth": 1.3, "linestyle": "solid"}


class Ravine(Figure):
    """Contours of an ill-conditioned quadratic: what momentum, a larger step and a look ahead each change."""

    slug = "ravine"
    exercises = ("minimize_with_momentum", "nesterov_step")
    size = (WIDTH, 5.6)

    def gather(self, work: Work) -> None:
        work.share("runs", gather_runs)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        panels = canvas.axes(2, 2, sharex=True, sharey=True)
        for axes, (name, label, lr, beta, series) in zip(panels, RUNS, strict=True):
            draw_ravine(canvas, axes)
            canvas.curve(
                axes, data, name, lambda path: (path[:, 0], path[:, 1]), "steps", series, at="lower right", **STEP_MARKS
            )
            axes.set_title(f"{label}: η = {lr:.3g}, β = {beta:.2g}" + self._findings(data.yours(name)))
        for axes in panels[2:]:
            axes.set_xlabel(f"$w_1$, the flat axis (curvature {FLAT:g})", parse_math=True)
        for axes in panels[::2]:
            axes.set_ylabel(f"$w_2$, the steep axis\n(curvature {STEEP:g})", parse_math=True)
        canvas.below(panels[0], data, *(name for name, *_ in RUNS))
        alt = (
            f"Four contour plots of a bowl that is {STEEP / FLAT:g} times as curved along one axis as along the other. Gradient "
            "descent jumps from wall to wall and creeps along the floor. Momentum with the same learning rate swings less and "
            "arrives sooner. The best pair swings far out at first and arrives first. Nesterov's rule hardly swings."
        )
        return Words(self._title(data), alt)

    def _findings(self, path: Array | None) -> str:
        steps = steps_to_arrive(path)
        if path is None:
            return ""
        there = "does not arrive" if steps is None else f"arrives in {steps} steps"
        return f"\n{there}, way across {min(way_across(path), 1e6):.3g}"

    def _title(self, data: Gathered) -> str:
        plain, same = data.yours("gradient_descent"), data.yours("same_lr")
        before, after = steps_to_arrive(plain), steps_to_arrive(same)
        if plain is None or same is None or before is None or after is None or after >= before:
            return "In a ravine the steps across are large and the steps along are small"
        swings = "swings less" if way_across(same) < way_across(plain) else "swings more"
        return f"With the same η, momentum needs {after} steps instead of {before}, and {swings}"


class Velocity(Figure):
    """Gradients and their fading sum, along each axis: they cancel across the ravine and add up along it."""

    slug = "velocity"
    exercises = ("momentum_step",)
    steps = 30

    def gather(self, work: Work) -> None:
        call = methodcaller("run", path_down_bowl, "momentum_step", curvatures(), start(), GD_LR, SAME_BETA, self.steps)
        work.ask("path", "momentum_step", call, (self.steps + 1, 2))

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        panels = canvas.axes(1, 2)
        path = data.yours("path")
        for axis, (axes, what) in enumerate(zip(panels, ("flat", "steep"), strict=True)):
            axes.set(xlabel="step", xlim=(-0.5, self.steps))
            axes.set_title(f"along the {what} axis (curvature {(FLAT, STEEP)[axis]:g})")
            canvas.curve(axes, data, "path", self._velocity(axis), f"velocity (β = {SAME_BETA:g})", 0, at=None)
            if path is not None:
                number, gradient = np.arange(self.steps), gradients(path)[:, axis]
                axes.bar(number, gradient, width=0.6, color=canvas.theme.series[1], label="gradient", zorder=2)
            axes.axhline(0, color=canvas.theme.quiet, linewidth=0.8)
        panels[0].set_ylabel("gradient and velocity")
        if "path" in data.missing:
            canvas.say(panels[0], data.missing["path"])
        canvas.below(panels[0], data, "path")
        alt = (
            "Two plots against the step: the gradient as bars and the velocity as a line. Along the flat axis all bars have one "
            "sign and the velocity is about twice as large. Along the steep axis the bars alternate and the velocity is smaller."
        )
        return Words(self._title(path), alt)

    def _velocity(self, axis: int) -> Any:
        return lambda path: (np.arange(self.steps), velocities(path)[:, axis])

    def _title(self, path: Array | None) -> str:
        if path is None:
            return "The velocity is a sum of gradients"
        flat, steep = (f"{100 * share:.0f} %" for share in kept_in_velocity(path).tolist())
        return f"In the velocity, {flat} of the gradients along the floor add up, {steep} across"


def gradients(path: Array) -> Array:
    """The gradients of the bowl at which the steps of a path began, (steps, 2)."""
    found: Array = path[:-1] * np.array([FLAT, STEEP])
    return found


def velocities(path: Array) -> Array:
    """The velocities by which a path with the learning rate `GD_LR` moved, (steps, 2)."""
    found: Array = -np.diff(path, axis=0) / GD_LR
    return found


def kept_in_velocity(path: Array) -> NDArray[np.float64]:
    """For each axis, the velocity summed over steps, as a share of what it would be if no gradients cancelled."""
    together, whole = np.zeros(2), np.zeros(2)
    for gradient in np.abs(gradients(path)):
        together = SAME_BETA * together + gradient
        whole = whole + together
    shares: NDArray[np.float64] = np.abs(velocities(path)).sum(0) / whole
    return shares


class Distance(Figure):
    """The distance to the minimum per step, along one axis at a time."""

    slug = "distance"
    exercises = ("minimize_with_momentum", "nesterov_step")
    shown = 70  # steps

    def gather(self, work: Work) -> None:
        work.share("runs", gather_runs)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        panels = canvas.axes(1, 2, sharey=True)
        for axis, (axes, what) in enumerate(zip(panels, ("flat", "steep"), strict=True)):
            axes.set(yscale="log", ylim=(1e-4, 4), xlim=(0, self.shown), xlabel="step")
            axes.set_title(f"along the {what} axis (curvature {(FLAT, STEEP)[axis]:g})")
            for name, label, _, _, series in RUNS:
                canvas.curve(axes, data, name, self._along(axis), label, series, at="upper right")
            axes.axhline(ARRIVED, color=canvas.theme.ink, linestyle=(0, (2, 2)), linewidth=1.0)
            canvas.predicted(axes, data, "steps_with_momentum")
        panels[0].set_ylabel("distance to the minimum  (1 at the start)")
        canvas.key(panels[1], data, *(name for name, *_ in RUNS), loc="upper right")
        return Words(self._title(data), self._alt())

    def _along(self, axis: int) -> Any:
        return lambda path: (np.arange(len(path)), np.maximum(np.abs(path[:, axis] / path[0, axis]), 1e-12))

    def _title(self, data: Gathered) -> str:
        found = [
            [steps_to_arrive(None if path is None else path[:, axis : axis + 1]) for axis in (0, 1)]
            for path in (data.yours("gradient_descent"), data.yours("same_lr"))
        ]
        if any(steps is None for pair in found for steps in pair):
            return "The flat axis needs the most steps"
        (flat, steep), (with_momentum, _) = found
        return f"To 1 %: steep axis {steep} steps, flat axis {flat}; with momentum, same η, flat axis {with_momentum}"

    def _alt(self) -> str:
        return (
            "Two plots of the distance to the minimum, on a log axis, against the step: along the flat axis and along the steep "
            "one, for gradient descent, momentum with the same learning rate and with the best pair, and Nesterov's rule. A "
            "dashed line marks 1 % of the distance."
        )
