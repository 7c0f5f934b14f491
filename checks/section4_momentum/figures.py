"""Section 4: the limit of stability, the ravine, distances along both axes, and the plane of learning rate and momentum."""

from operator import methodcaller
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes

from grader.figures.canvas import Canvas
from grader.figures.gather import Array, Gathered, Work
from grader.figures.picture import Figure, Words
from grader.figures.style import SHADES, plain_ticks

from ..shared.problems import Quadratic
from .programs import path_down_bowl, steps_of_unit_states

FLAT, STEEP = 1.0, 25.0  # the curvatures of the bowl in all these figures: kappa is 25
BEST_LR, BEST_BETA = 1 / 9, 4 / 9  # of the heavy ball on that bowl
GD_LR = 0.072  # 0.9 times the largest stable learning rate of gradient descent
START = (-10.0, 1.5)
BORDER = 1 + 1e-9  # a larger rate diverges; at learning rate 0 it is 1, up to rounding
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


class Ravine(Figure):
    """Contours of an ill-conditioned quadratic: gradient descent oscillates, momentum arrives."""

    slug = "ravine"
    exercises = ("minimize_with_momentum",)
    steps = 100

    def gather(self, work: Work) -> None:
        for name, lr, beta in (("gradient_descent", GD_LR, 0.0), ("momentum", BEST_LR, BEST_BETA)):
            call = methodcaller("minimize_with_momentum", bowl(), start(), lr, beta, self.steps)
            work.ask(name, "minimize_with_momentum", call, (self.steps + 1, 2))

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        above, below = canvas.axes(2, sharex=True, sharey=True)
        self._panel(canvas, above, data, "gradient_descent", f"gradient descent, η = {GD_LR:g}", series=1)
        self._panel(canvas, below, data, "momentum", f"momentum, η = {BEST_LR:.3f}, β = {BEST_BETA:.3f}", series=0)
        below.set_xlabel(f"$w_1$, the flat axis (curvature {FLAT:g})", parse_math=True)
        descent, ball = (steps_to_arrive(data.yours(name)) for name in ("gradient_descent", "momentum"))
        title = "Gradient descent bounces between the walls of a ravine"
        if descent is not None and ball is not None:
            title = f"In a ravine gradient descent arrives after {descent} steps, momentum after {ball}"
        alt = (
            f"Two contour plots of a bowl that is {STEEP / FLAT:g} times as curved along one axis as along the other. Above, the "
            "steps of gradient descent jump from wall to wall and creep along the floor; below, those of momentum."
        )
        return Words(title, alt)

    def _panel(self, canvas: Canvas, axes: Axes, data: Gathered, name: str, label: str, series: int) -> None:
        x, y = np.linspace(-11.5, 4.5, 160), np.linspace(-3.4, 3.4, 120)
        heights = 0.5 * (FLAT * x[None, :] ** 2 + STEEP * y[:, None] ** 2)
        axes.contour(x, y, heights, levels=[1, 5, 15, 35, 70, 120], colors=canvas.theme.quiet, linewidths=0.8, zorder=1)
        axes.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]), title=label)
        axes.set_ylabel("$w_2$, the steep axis\n(curvature 25)", parse_math=True)
        axes.grid(False)
        look: dict[str, Any] = {"markevery": 1, "markersize": 3.5, "linewidth": 1.4, "linestyle": "solid"}
        canvas.curve(axes, data, name, lambda path: (path[:, 0], path[:, 1]), "steps", series, at="lower right", **look)
        axes.plot(0, 0, marker="*", markersize=13, color=canvas.theme.ink, linestyle="none", label="minimum", zorder=5)
        canvas.key(axes, data, name, loc="upper right", ncols=3)


class Distance(Figure):
    """The distance to the minimum per step, along the steep axis and along the flat one."""

    slug = "distance"
    exercises = ("momentum_step", "nesterov_step")
    steps = 60
    runs = (
        ("gradient_descent", "momentum_step", GD_LR, 0.0, "gradient descent (β = 0)", 1),
        ("momentum", "momentum_step", BEST_LR, BEST_BETA, "momentum", 0),
        ("nesterov", "nesterov_step", 0.036, 2 / 3, "Nesterov", 2),
    )

    def gather(self, work: Work) -> None:
        for name, rule, lr, beta, _, _ in self.runs:
            ones = torch.ones(2, dtype=torch.float64)
            call = methodcaller("run", path_down_bowl, rule, curvatures(), ones, lr, beta, self.steps)
            work.ask(name, rule, call, (self.steps + 1, 2))

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        panels = canvas.axes(1, 2, sharey=True)
        for axis, (axes, what) in enumerate(zip(panels, ("flat", "steep"), strict=True)):
            curvature = (FLAT, STEEP)[axis]
            axes.set(yscale="log", ylim=(1e-6, 4), xlim=(0, self.steps), xlabel="step")
            axes.set_title(f"along the {what} axis (curvature {curvature:g})")
            for name, _, _, _, label, series in self.runs:
                canvas.curve(axes, data, name, self._along(axis), label, series)
        panels[0].set_ylabel("distance to the minimum  (1 at the start)")
        canvas.key(panels[1], data, *(name for name, *_ in self.runs), loc="upper right")
        return Words(self._title(data), self._alt())

    def _along(self, axis: int) -> Any:
        return lambda path: (np.arange(len(path)), np.maximum(np.abs(path[:, axis]), 1e-12))

    def _title(self, data: Gathered) -> str:
        steps = {name: steps_to_arrive(data.yours(name)) for name, *_ in self.runs}
        known = [f"{label.removesuffix(' (β = 0)')} {steps[name]}" for name, *_, label, _ in self.runs if steps[name]]
        if not known:
            return "Along the flat axis the distance shrinks slowly"
        return f"Steps to 1 % of the distance: {', '.join(known)}"

    def _alt(self) -> str:
        return (
            "Two plots of the distance to the minimum, on a log axis, against the step: along the flat axis and along the steep "
            "one, for gradient descent, momentum and Nesterov's rule. Straight lines that fall; steeper ones are faster."
        )


class Plane(Figure):
    """The plane of learning rate and momentum, coloured by the rate of the slower axis."""

    slug = "plane"
    exercises = ("momentum_step", "optimal_heavy_ball", "max_stable_lr")
    call_cpu_seconds = 4.0  # thousands of steps in one call
    lrs = np.linspace(0.0, 0.162, 82)
    betas = np.linspace(0.0, 0.96, 65)

    def gather(self, work: Work) -> None:
        lrs, betas = torch.from_numpy(self.lrs.copy()), torch.from_numpy(self.betas.copy())
        work.arrays.update(lr=self.lrs, beta=self.betas)
        work.ask(
            "rate",
            "momentum_step",
            lambda f: f.run(steps_of_unit_states, "momentum_step", curvatures(), lrs.clone(), betas.clone()),
            (len(betas), len(lrs), 2, 2, 2),
            then=rate_of,
        )
        work.ask("optimum", "optimal_heavy_ball", lambda f: f.optimal_heavy_ball(FLAT, STEEP), (2,))
        work.ask("border", "max_stable_lr", lambda f: f.max_stable_lr(torch.diag(curvatures())))

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        (axes,) = canvas.axes()
        rate, best = data.yours("rate"), data.yours("optimum")
        axes.set(xlim=(-0.001, self.lrs[-1]), ylim=(-0.02, self.betas[-1]))
        axes.set(xlabel="learning rate η  (in units of 1/curvature)", ylabel="momentum β")
        axes.grid(False)
        if rate is not None:
            self._coloured(canvas, axes, rate)
        expected = data.reference("rate")
        if expected is not None:
            axes.contour(self.lrs, self.betas, expected, [BORDER], colors=canvas.theme.ink, linewidths=0.8, zorder=4)
            axes.plot([], [], **canvas.thin, label="border of the reference")
        star: dict[str, Any] = {
            "marker": "*",
            "markersize": 17,
            "linestyle": "none",
            "markeredgecolor": "#ffffff",
            "zorder": 5,
        }
        if best is not None:
            axes.plot(*best, color=canvas.theme.series[1], label="optimal_heavy_ball", **star)
        border = data.yours("border")
        if border is not None:
            axes.plot(
                float(border), 0, marker="X", markersize=11, linestyle="none", color=canvas.theme.series[3],
                markeredgecolor="#ffffff", zorder=5, clip_on=False, label="max_stable_lr",
            )  # fmt: skip
        if data.missing:
            canvas.say(axes, *dict.fromkeys(data.missing.values()), at="upper right")
        canvas.key(axes, data)
        return Words(self._title(rate), self._alt())

    def _coloured(self, canvas: Canvas, axes: Axes, rate: Array) -> None:
        half_lr, half_beta = np.diff(self.lrs)[0] / 2, np.diff(self.betas)[0] / 2
        extent = (self.lrs[0] - half_lr, self.lrs[-1] + half_lr, self.betas[0] - half_beta, self.betas[-1] + half_beta)
        stable = np.ma.masked_greater(rate, BORDER)
        image = axes.imshow(stable, cmap=SHADES, origin="lower", aspect="auto", extent=extent, vmin=0.6, vmax=1.0)
        levels = axes.contour(self.lrs, self.betas, rate, levels=[0.7, 0.8, 0.9], colors="#ffffff", linewidths=0.9)
        axes.clabel(levels, [0.8, 0.9], fmt="%g", fontsize=8)
        if (rate > BORDER).any():
            axes.contourf(self.lrs, self.betas, rate, levels=[BORDER, np.inf], colors="none", hatches=["///"])
            axes.text(0.135, 0.1, "diverges", ha="center", va="center", fontsize=10,
                      bbox={"facecolor": canvas.theme.page, "edgecolor": "none"})  # fmt: skip
        bar = canvas.figure.colorbar(image, ax=axes)
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
            "slowly, hatched where it grows. The fastest pair is at the tip of the hatched part's border."
        )


def rate_of(matrices: Array) -> Array:
    """The largest spectral radius along any axis of (betas, lrs, axes, 2, 2) matrices of one step."""
    rates: Array = np.abs(np.linalg.eigvals(matrices)).max(axis=(-2, -1))
    return rates


FIGURES = (StableSteps(), Ravine(), Distance(), Plane())
