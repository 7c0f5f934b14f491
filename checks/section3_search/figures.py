"""Section 3: the sign of a slope, paths on contours, and random moves beside the best move."""

from functools import lru_cache
from operator import methodcaller
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from grader.figures.canvas import Canvas
from grader.figures.gather import Array, Gathered, Work
from grader.figures.picture import Figure, Words

from ..shared.digits import small_images
from ..shared.problems import Quadratic
from ..shared.softmax_regression import CLASSES, SoftmaxRegression
from .curse import Curse
from .epsilon import Epsilon
from .problems import DoubleWell, LinearClassifier
from .programs import draw_directions, path_of_search
from .two_weights import MnistDescent

TILT = 0.3  # of the double well
HESSIAN = ((2.0, 1.2), (1.2, 1.5))  # of the bowl whose contours are shown
START = (-2.4, 2.6)
ARRIVED = 0.01  # of the height at the start


def height(w: Array) -> Array:
    """The double well, entry by entry."""
    found: Array = w**4 / 4 - w**2 + TILT * w
    return found


def bowl() -> Quadratic:
    return Quadratic(torch.tensor(HESSIAN, dtype=torch.float64), torch.zeros(2, dtype=torch.float64))


def heights(path: Array) -> Array:
    """The height of the bowl at each point (n, 2)."""
    found: Array = 0.5 * np.einsum("ni,ij,nj->n", path, np.array(HESSIAN), path)
    return found


def steps_down(path: Array | None) -> int | None:
    """The number of steps until the bowl's height stays below `ARRIVED` times the initial height, or None."""
    if path is None:
        return None
    high = np.flatnonzero(heights(path) > ARRIVED * heights(path[:1])[0])
    steps = int(high[-1]) + 1 if len(high) else 0
    return steps if steps < len(path) else None


def _signed(number: float) -> str:
    """The number with two digits and a typographic minus."""
    return f"{number:+.2g}".replace("-", "−")


@lru_cache(maxsize=1)
def small_regression() -> SoftmaxRegression:
    """Softmax regression on small images: with 1,970 weights, any method of computing gradients is fast enough."""
    X, y = small_images(200)
    features = torch.cat([X, torch.ones(len(X), 1)], 1).double()
    return SoftmaxRegression(features, torch.eye(CLASSES, dtype=torch.float64)[y])


class Slope(Figure):
    """An objective of one weight: the sign of its slope shows the side of the valley."""

    slug = "slope"
    exercises = ("gradient", "finite_difference_gradient")
    curve = np.linspace(-2.05, 1.95, 161)
    points = np.linspace(-1.9, 1.8, 13)
    eps = 0.2

    def gather(self, work: Work) -> None:
        well, curve, points = (
            DoubleWell(TILT),
            torch.from_numpy(self.curve.copy()),
            torch.from_numpy(self.points.copy()),
        )
        work.arrays.update(w=self.curve, w_tried=self.points)
        # Each entry is a separate objective, so that one call gives all slopes.
        work.ask("slope", "gradient", methodcaller("gradient", well, curve), (len(curve),))
        work.ask("slope_tried", "gradient", methodcaller("gradient", well, points), (len(points),))
        call = methodcaller("finite_difference_gradient", well, points, self.eps)
        work.ask("difference", "finite_difference_gradient", call, (len(points),))

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        above, below = canvas.axes(2, sharex=True)
        above.plot(self.curve, height(self.curve), color=canvas.theme.quiet, linewidth=1.6, label="objective J")
        above.set(ylabel="height  J(w)", xlim=(self.curve[0], self.curve[-1]), ylim=(-1.75, 0.75))
        slopes, downhill = data.yours("slope_tried"), None
        if slopes is not None:
            self._arrows(canvas, above, slopes)
            ahead = self.points - 0.05 * np.sign(slopes)
            downhill = int((height(ahead) < height(self.points)).sum())
        canvas.key(above, data)
        below.axhline(0, color=canvas.theme.ink, linewidth=0.8)
        canvas.curve(below, data, "slope", lambda y: (self.curve, y), "gradient", markers=False, at="upper center")
        look: dict[str, Any] = {"linestyle": "none", "markevery": 1, "markersize": 6}
        found = data.yours("difference")
        if found is not None:
            below.plot(
                self.points, found, marker="^", color=canvas.theme.series[2], zorder=5, label=self._label, **look
            )
        if "difference" in data.missing:
            canvas.say(below, data.missing["difference"], at="upper center")
        below.set(xlabel="weight w", ylabel="slope  dJ/dw")
        canvas.key(below, data, "slope")
        return Words(self._title(downhill), self._alt())

    @property
    def _label(self) -> str:
        return f"central differences, ε = {self.eps:g}"

    def _arrows(self, canvas: Canvas, axes: Axes, slopes: Array) -> None:
        for sign, series, label in ((-1, 0, "slope < 0: to the right"), (1, 1, "slope > 0: to the left")):
            at = self.points[np.sign(slopes) == sign]
            marker = {-1: "o", 1: "s"}[sign]
            axes.plot(at, height(at), linestyle="none", marker=marker, markersize=5.5, zorder=5,
                      color=canvas.theme.series[series], label=label)  # fmt: skip
            for x in at:
                arrow = {"arrowstyle": "-|>", "color": canvas.theme.series[series], "linewidth": 1.8, "shrinkA": 0}
                y = height(np.array([x]))[0] + 0.22
                axes.annotate("", (x - 0.14 * sign, y), (x, y), arrowprops=arrow, zorder=4)

    def _title(self, downhill: int | None) -> str:
        if downhill is None:
            return "The sign of the slope shows the way down"
        return f"A short step against the slope leads down from {downhill} of {len(self.points)} points"

    def _alt(self) -> str:
        return (
            "Above, an objective of one weight with two valleys and a hill between them; at points on it an arrow shows the "
            "direction against the slope. Below, the slope at each weight, by autograd and by differences, and where it is zero."
        )


class Paths(Figure):
    """Contours of a bowl: gradient descent starts at right angles to them, random search goes in all directions."""

    slug = "paths"
    exercises = ("gradient_descent", "random_search_step")
    steps = 40
    lr = 0.25
    step_size = 0.35

    def gather(self, work: Work) -> None:
        start = torch.tensor(START, dtype=torch.float64)
        call = methodcaller("gradient_descent", bowl(), start, self.lr, self.steps)
        work.ask("descent", "gradient_descent", call, (self.steps + 1, 2))

        def search(functions: Any) -> Any:
            generator = torch.Generator().manual_seed(2)
            return functions.run(path_of_search, bowl(), start.clone(), self.step_size, self.steps, generator)

        work.ask("search", "random_search_step", search, (self.steps + 1, 2), exact=False)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        left, right = canvas.axes(1, 2, sharex=True, sharey=True)
        found = {name: steps_down(data.yours(name)) for name in ("search", "descent")}
        told = f"random search: 2 values of J a step{self._refused(data, found['search'])}"
        self._panel(canvas, left, data, "search", told, series=1)
        self._panel(canvas, right, data, "descent", f"gradient descent, η = {self.lr:g}: 1 gradient a step", series=0)
        left.set_ylabel("weight $w_2$", parse_math=True)
        return Words(self._title(data, found), self._alt())

    @staticmethod
    def _refused(data: Gathered, count: int | None) -> str:
        """How many of the steps until the arrival stayed where they were: the path does not show them."""
        path = data.yours("search")
        if path is None or count is None:
            return ""
        stayed = int((path[1 : count + 1] == path[:count]).all(1).sum())
        return f"\n{stayed} of {count} steps lead up and are refused" if stayed else ""

    def _panel(self, canvas: Canvas, axes: Axes, data: Gathered, name: str, label: str, series: int) -> None:
        x, y = np.linspace(-3.1, 1.6, 120), np.linspace(-1.6, 3.2, 120)
        grid = np.stack(np.meshgrid(x, y), axis=-1)
        levels = heights(grid.reshape(-1, 2)).reshape(len(y), len(x))
        marks = heights(np.array([START]))[0] * np.array([ARRIVED, 0.08, 0.25, 0.55, 1.0, 1.8, 3.0])
        axes.contour(x, y, levels, levels=marks, colors=canvas.theme.quiet, linewidths=0.8, zorder=1)
        axes.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]), title=label)
        axes.set_xlabel("weight $w_1$", parse_math=True)
        axes.grid(False)
        look: dict[str, Any] = {"markevery": 1, "markersize": 3.5, "linewidth": 1.4, "linestyle": "solid"}
        canvas.curve(axes, data, name, lambda path: (path[:, 0], path[:, 1]), "steps", series, **look)
        axes.plot(0, 0, marker="*", markersize=13, color=canvas.theme.ink, linestyle="none", label="minimum", zorder=5)
        canvas.key(axes, data, name, loc="upper right")

    def _title(self, data: Gathered, found: dict[str, int | None]) -> str:
        names = {"search": "random search", "descent": "gradient descent"}
        told = []
        for name, words in names.items():
            if data.yours(name) is not None:
                count = found[name]
                told.append(f"{words} {f'not in {self.steps}' if count is None else count}")
        return (
            f"Steps to 1 % of the height: {', '.join(told)}"
            if told
            else "Each step of gradient descent starts at a right angle to its contour"
        )

    def _alt(self) -> str:
        return (
            "Two contour plots of the same bowl of two weights, from one starting point to the minimum: on the left the path of "
            "random search, a zigzag of steps of one length; on the right that of gradient descent, across the contours."
        )


class Moves(Figure):
    """The change in loss of a network on MNIST after moves of equal length: many random moves, and one along the
    gradient."""

    slug = "moves"
    exercises = ("random_direction", "gradient")
    call_cpu_seconds = 3.0  # a student may compute the gradient weight by weight
    count = 200
    length = 0.1

    def gather(self, work: Work) -> None:
        problem = small_regression()
        start = problem.start(0)
        size = start.numel()

        def unit(slopes: Array) -> Array:
            lengths = max(float(np.linalg.norm(slopes)), 1e-300)
            return self.changes(-slopes[None] / lengths).reshape(())

        objective = LinearClassifier(problem.features, problem.targets)
        work.arrays["best_possible"] = np.array(-self.length * float(problem.gradient(start).norm()))
        self.ask_for_random_moves(work)
        few = methodcaller("run", draw_directions, size, 5, torch.Generator().manual_seed(0))
        work.ask("length", "random_direction", few, (5, size), then=lambda rows: np.linalg.norm(rows, axis=1))
        work.ask("along", "gradient", methodcaller("gradient", objective, start.flatten()), (size,), then=unit)

    def ask_for_random_moves(self, work: Work) -> None:
        """The change in loss of each random move."""
        size = small_regression().start(0).numel()
        draws = methodcaller("run", draw_directions, size, self.count, torch.Generator().manual_seed(0))
        work.ask("random", "random_direction", draws, (self.count, size), then=self.changes, exact=False)

    def changes(self, directions: Array) -> Array:
        """The change in loss after a move along each direction (n, d)."""
        problem = small_regression()
        start = problem.start(0)
        moves = self.length * torch.from_numpy(directions).reshape(-1, *start.shape)
        return np.array([problem.loss(start + move) - problem.loss(start) for move in moves])

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        wide, near = canvas.axes(1, 2)
        random, along = data.yours("random"), data.yours("along")
        wide.set(xlabel="change in loss (nats)", ylabel="random moves")
        near.set(xlabel="change in loss (nats), magnified")
        for axes in (wide, near):
            axes.axvline(0, color=canvas.theme.quiet, linestyle="dotted", linewidth=1.4)
        if random is not None:
            reach = max(float(np.abs(random).max()), 1e-12)
            edges = np.linspace(-1.05 * reach, 1.05 * reach, 25).tolist()  # 0 is one of them
            for axes in (wide, near):
                self._histogram(canvas, axes, random, edges, named=axes is near)
            near.xaxis.set_major_locator(MaxNLocator(5))
        else:
            canvas.say(near, data.missing["random"], at="center")
        self._pointers(canvas, wide, data)
        self._range(wide, data)
        canvas.predicted(wide, data, "best_random_move", at="center")
        canvas.key(near, data)
        canvas.key(wide, data, "along", loc="upper right", bbox_to_anchor=(0.77, 0.99))
        return Words(self._title(random, along), self._alt())

    def _histogram(self, canvas: Canvas, axes: Axes, random: Array, edges: list[float], named: bool) -> None:
        pairs = ((random < 0, 0, "down", None), (random >= 0, 1, "up", "///"))
        for chosen, series, words, hatch in pairs:
            label = f"{words}: {int(chosen.sum())} of {len(random)}" if named else None
            color = canvas.theme.series[series]
            axes.hist(random[chosen], bins=edges, color=color, hatch=hatch, linewidth=0, label=label)

    def _pointers(self, canvas: Canvas, axes: Axes, data: Gathered) -> None:
        """The change in loss of the move against the gradient, the student's and the reference's."""
        along, expected = data.yours("along"), data.reference("along")
        if along is not None:
            label = f"against the gradient: {_signed(float(along))}"
            axes.axvline(float(along), color=canvas.theme.series[2], linewidth=3, label=label)
        else:
            canvas.say(axes, data.missing["along"], at="center")
        if expected is not None:
            alone: dict[str, Any] = {"label": "against the gradient (reference)"} if along is None else {}
            axes.axvline(float(expected), **canvas.thin, **alone)

    def _range(self, axes: Axes, data: Gathered) -> None:
        values = [float(data.arrays["best_possible"]), 0.0]
        for name in ("random", "along"):
            found = data.yours(name)
            values += [] if found is None else [float(found.min()), float(found.max())]
        margin = 0.08 * (max(values) - min(values))
        axes.set_xlim(min(values) - margin, max(values) + 2 * margin)

    def _title(self, random: Array | None, along: Array | None) -> str:
        told = []
        if random is not None:
            told.append(f"best of {len(random)} random moves {_signed(float(random.min()))}")
        if along is not None:
            told.append(f"against the gradient {_signed(float(along))}")
        return f"Change in loss: {', '.join(told)}" if told else "Most directions hardly change the loss"

    def _alt(self) -> str:
        return (
            "Two histograms, the second magnified, of how random moves of one length change the loss of softmax regression on "
            "small images of digits, 1,970 weights; those that lower it are told from those that raise it. In the first, a "
            "line marks a move of that length against the gradient."
        )


FIGURES = (Slope(), Paths(), Curse(), Moves(), Epsilon(), MnistDescent())
