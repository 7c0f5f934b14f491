"""Section 4: the limit of stability, the plane of learning rate and momentum, and the list of all pictures.

Those of the ravine are in `ravine.py`, those of networks in `network_figures.py`.
"""

from operator import methodcaller
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes

from grader.figures.canvas import Canvas
from grader.figures.gather import Array, Gathered, Work
from grader.figures.picture import Figure, Words
from grader.figures.style import SHADES, WIDTH, plain_ticks

from ..shared.problems import Quadratic
from .network_figures import EdgeOfStability, TwoWeights
from .programs import path_down_bowl, steps_of_unit_states
from .ravine import (
    BEST_BETA,
    BEST_LR,
    FLAT,
    GD_LR,
    SAME_BETA,
    STEEP,
    STEP_MARKS,
    Distance,
    Ravine,
    Velocity,
    curvatures,
    draw_ravine,
    start,
)

BORDER = 1 + 1e-9  # a larger rate diverges; at learning rate 0 it is 1, up to rounding


class StableSteps(Figure):
    """Learning rate against curvature: where gradient descent converges, by the formula and by experiment."""

    slug = "stable-steps"
    exercises = ("max_stable_lr", "minimize_with_momentum")

    def gather(self, work: Work) -> None:
        slopes, tried = np.logspace(-0.3, 2.3, 40), np.logspace(0, 2, 7)
        lrs, steps = np.logspace(-2.15, 0.35, 8), 30
        work.arrays.update(curvature=slopes, curvature_tried=tried, lr_tried=lrs)

        def limits(functions: Any) -> list[float]:
            matrices = [torch.diag(torch.tensor([slope, slope / 4], dtype=torch.float64)) for slope in slopes]
            return [functions.max_stable_lr(matrix) for matrix in matrices]

        def runs(functions: Any) -> torch.Tensor:
            hessian = torch.diag(torch.from_numpy(tried.copy()))
            bowl = Quadratic(hessian, torch.zeros(len(tried), dtype=torch.float64))
            ones = torch.ones(len(tried), dtype=torch.float64)
            paths = [functions.minimize_with_momentum(bowl, ones, lr, 0.0, steps) for lr in lrs.tolist()]
            return torch.stack(paths)

        work.ask("limit", "max_stable_lr", limits, (len(slopes),))
        work.ask("bowl_limit", "max_stable_lr", lambda f: f.max_stable_lr(torch.diag(curvatures())))
        shape = (len(lrs), steps + 1, len(tried))
        work.ask("distance_after_30_steps", "minimize_with_momentum", runs, shape, then=lambda paths: abs(paths[:, -1]))

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        (axes,) = canvas.axes()
        slopes, limit, left = data.arrays["curvature"], data.yours("limit"), data.yours("distance_after_30_steps")
        axes.set(xscale="log", yscale="log", xlim=(slopes[0], slopes[-1]), ylim=(0.005, 4))
        axes.set(xlabel="curvature λ of the axis", ylabel="learning rate η  (in units of 1/λ)")
        plain_ticks(axes.xaxis, (1, 3, 10, 25, 100))
        plain_ticks(axes.yaxis, (0.01, 0.03, 0.1, 0.3, 1, 3))
        if limit is not None:
            axes.fill_between(slopes, limit, 1e-9, color=canvas.theme.series[0], alpha=0.18, linewidth=0)
        canvas.curve(axes, data, "limit", lambda y: (slopes, y), "max_stable_lr", markers=False)
        if left is not None:
            x, y = np.meshgrid(data.arrays["curvature_tried"], data.arrays["lr_tried"])
            near = left < 1
            style: dict[str, Any] = {"s": 34, "zorder": 5, "linewidth": 1.6}
            axes.scatter(x[near], y[near], color=canvas.theme.series[2], label="run comes closer", **style)
            axes.scatter(x[~near], y[~near], marker="x", color=canvas.theme.series[1], label="run goes away", **style)
        canvas.key(axes, data, "limit")
        if "distance_after_30_steps" in data.missing:
            canvas.say(axes, data.missing["distance_after_30_steps"], at="upper right")
        border = data.yours("bowl_limit")
        rule = "The steepest axis limits the learning rate"
        if border is None:
            title = rule
        else:
            axes.plot(
                [slopes[0], STEEP, STEEP],
                [float(border), float(border), 1e-9],
                color=canvas.theme.ink,
                linestyle=(0, (2, 2)),
                linewidth=1.2,
            )
            title = f"{rule}: here to less than {float(border):.3g}"
        alt = (
            "Log-log plot of the learning rate against the curvature. Below a falling line, the largest stable learning rate, "
            "gradient descent comes closer to the minimum; above it, it moves away. Circles and crosses mark these runs."
        )
        return Words(title, alt)


class Plane(Figure):
    """The plane of learning rate and momentum, coloured by the rate of the slower axis, with paths of three pairs beside it."""

    slug = "plane"
    exercises = ("momentum_step", "optimal_heavy_ball", "max_stable_lr")
    size = (WIDTH, 5.2)
    call_cpu_seconds = 4.0  # thousands of steps in one call
    lrs = np.linspace(0.0, 0.162, 163)
    betas = np.linspace(0.0, 0.96, 129)
    every = 2  # the student's function is asked of each second number; between them, matrices are interpolated
    marked = (("A", GD_LR, 0.0, 1), ("B", GD_LR, SAME_BETA, 0), ("C", BEST_LR, BEST_BETA, 3))
    path_steps = 40
    high = 0.9  # the momentum whose border is written down

    def gather(self, work: Work) -> None:
        work.arrays.update(lr=self.lrs, beta=self.betas)
        lrs, betas = (torch.from_numpy(numbers[:: self.every].copy()) for numbers in (self.lrs, self.betas))
        work.ask(
            "rate",
            "momentum_step",
            lambda f: f.run(steps_of_unit_states, "momentum_step", curvatures(), lrs.clone(), betas.clone()),
            (len(betas), len(lrs), 2, 2, 2),
            then=lambda matrices: rate_of(between(between(matrices, 0), 1)),
        )
        for name, lr, beta, _ in self.marked:
            call = methodcaller(
                "run", path_down_bowl, "momentum_step", curvatures(), start(), lr, beta, self.path_steps
            )
            work.ask(f"path_{name}", "momentum_step", call, (self.path_steps + 1, 2))
        work.ask("optimum", "optimal_heavy_ball", lambda f: f.optimal_heavy_ball(FLAT, STEEP), (2,))
        work.ask("border", "max_stable_lr", lambda f: f.max_stable_lr(torch.diag(curvatures())))

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        grid = canvas.figure.add_gridspec(3, 2, width_ratios=(3, 2))
        plane = canvas.figure.add_subplot(grid[:, 0])
        self._draw_plane(canvas, plane, data)
        axes = None
        for row, (name, lr, beta, series) in enumerate(self.marked):
            axes = canvas.figure.add_subplot(grid[row, 1], sharex=axes)
            draw_ravine(canvas, axes)
            canvas.curve(
                axes,
                data,
                f"path_{name}",
                lambda path: (path[:, 0], path[:, 1]),
                "steps",
                series,
                at=None,
                **STEP_MARKS,
            )
            axes.set_title(f"{name}: η = {lr:.3g}, β = {beta:.2g}, {self.path_steps} steps", fontsize=9)
            axes.set_ylabel("steep axis", fontsize=8)
            axes.set_xlabel("flat axis" if row == len(self.marked) - 1 else "", fontsize=8)
            axes.tick_params(labelsize=8, labelbottom=row == len(self.marked) - 1)
        return Words(self._title(data.yours("rate")), self._alt())

    def _draw_plane(self, canvas: Canvas, axes: Axes, data: Gathered) -> None:
        rate, best, border = data.yours("rate"), data.yours("optimum"), data.yours("border")
        axes.set(xlabel="learning rate η  (in units of 1/curvature)", ylabel="momentum β")
        axes.grid(False)
        if rate is not None:
            self._coloured(canvas, axes, rate)
        expected = data.reference("rate")
        if expected is not None:
            axes.contour(self.lrs, self.betas, expected, [BORDER], colors=canvas.theme.ink, linewidths=0.8, zorder=4)
            axes.plot([], [], **canvas.thin, label="border of the reference")
        for name, lr, beta, _ in self.marked:
            box = {"facecolor": canvas.theme.page, "edgecolor": canvas.theme.ink, "boxstyle": "circle,pad=0.2"}
            axes.text(lr, beta, name, ha="center", va="center", fontsize=8, zorder=6, bbox=box, clip_on=False)
        star: dict[str, Any] = {
            "marker": "*",
            "markersize": 15,
            "linestyle": "none",
            "markeredgecolor": "#ffffff",
            "zorder": 5,
        }
        if best is not None:
            axes.plot(*best, color=canvas.theme.series[1], label="optimal_heavy_ball", **star)
        if border is not None:
            diamond = star | {"marker": "D", "markersize": 8, "clip_on": False}
            axes.plot(float(border), 0, color=canvas.theme.series[2], label="max_stable_lr", **diamond)
        axes.set(xlim=(0, self.lrs[-1]), ylim=(-0.02, self.betas[-1]))
        canvas.predicted(axes, data, "largest_lr_with_momentum", at="lower right")
        canvas.key(axes, data, loc="upper left", fontsize=8)
        unsaid = [data.missing[name] for name in ("rate", "optimum", "border") if name in data.missing]
        canvas.say(axes, *unsaid, at="center")

    def _coloured(self, canvas: Canvas, axes: Axes, rate: Array) -> None:
        """Shades where a run converges, white lines of equal rate, hatches where it diverges."""
        extent = (self.lrs[0], self.lrs[-1], self.betas[0], self.betas[-1])
        smooth: dict[str, Any] = {"interpolation": "bilinear", "origin": "lower", "aspect": "auto", "extent": extent}
        image = axes.imshow(np.clip(rate, 0.6, 1.0), cmap=SHADES, vmin=0.6, vmax=1.0, **smooth)
        levels = axes.contour(self.lrs, self.betas, rate, levels=[0.7, 0.8, 0.9], colors="#ffffff", linewidths=0.9)
        axes.clabel(levels, [0.8, 0.9], fmt="%g", fontsize=8)
        if (rate > BORDER).any():
            beyond: dict[str, Any] = {"levels": [BORDER, np.inf], "colors": [canvas.theme.page], "hatches": ["///"]}
            axes.contourf(self.lrs, self.betas, rate, **beyond)
            axes.text(0.135, 0.1, "diverges", ha="center", va="center", fontsize=10,
                      bbox={"facecolor": canvas.theme.page, "edgecolor": "none"})  # fmt: skip
        bar = canvas.figure.colorbar(image, ax=axes, location="top", ticks=[0.6, 0.7, 0.8, 0.9, 1.0], aspect=40)
        bar.set_label("distance that a step leaves, slower axis")
        bar.outline.set_visible(False)

    def _title(self, rate: Array | None) -> str:
        if rate is None:
            return "Learning rate and momentum are chosen together"
        if rate.min() >= 1:
            return "No learning rate and momentum on this plane converge"
        return f"A step leaves {100 * rate.min():.0f} % of the distance at best, {100 * rate[0].min():.0f} % without momentum"

    def _alt(self) -> str:
        return (
            "A map of the plane of learning rate and momentum. Dark where the distance shrinks fast, bright where it shrinks "
            "slowly, hatched where it grows. With more momentum, larger learning rates are stable. The fastest pair is near the "
            "border. Beside the map, the paths of three pairs that it marks."
        )


def between(matrices: Array, axis: int) -> Array:
    """The same with the mean of neighbours between them: exact, as a step of the heavy ball is linear in lr and in beta."""
    first, last = (np.delete(matrices, place, axis) for place in (-1, 0))
    count = matrices.shape[axis]
    places = np.arange(1, count)
    found: Array = np.insert(matrices, places, (first + last) / 2, axis)
    return found


def rate_of(matrices: Array) -> Array:
    """The largest spectral radius along any axis of (betas, lrs, axes, 2, 2) matrices of one step."""
    rates: Array = np.abs(np.linalg.eigvals(matrices)).max(axis=(-2, -1))
    return rates


FIGURES = (StableSteps(), Ravine(), Velocity(), Distance(), Plane(), EdgeOfStability(), TwoWeights())
