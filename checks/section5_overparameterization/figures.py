"""Section 5: the landscape around a solution, the line between two solutions, and the final loss by width and seed."""

from functools import partial
from operator import methodcaller
from typing import Any

import matplotlib as mpl
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from torch import Tensor

from grader.figures.canvas import Canvas
from grader.figures.gather import Array, Gathered, Work
from grader.figures.picture import Figure, Words
from grader.figures.style import LINES, MARKERS, SHADES

from ..shared.digits import small_images
from .convergence import TEACHER, teacher_examples
from .landscape import EXAMPLES, HIDDEN, LR, STEPS, descent, flat, images, losses_at, parts, plane_of_path
from .oracles import ShallowNetworks, expect_states
from .programs import flat_directions, parameter_counts, states_between, surface_of_network, training_curves


class Surface(Figure):
    """The loss around the end of a training: in random directions, and in the plane of its path."""

    slug = "surface"
    exercises = ("loss_surface", "filter_normalized_direction")
    call_cpu_seconds = 3.0  # hundreds of evaluations
    around = np.linspace(-1.0, 1.0, 21)

    @property
    def grid(self) -> tuple[Array, Array]:
        """Steps along both directions of the plane, so that it holds the path."""
        _, path = plane_of_path()
        low, high = path.min(0), path.max(0)
        margin = 0.25 * (high - low).max()
        across, along = (np.linspace(low[axis] - margin, high[axis] + margin, 25) for axis in (0, 1))
        return across, along

    def gather(self, work: Work) -> None:
        xs, ys = self.grid
        axes, path = plane_of_path()
        work.arrays.update(step=self.around, x=xs, y=ys, path=path)
        end = descent(0)[-1]

        def draws(functions: Any) -> Any:
            return functions.run(flat_directions, end, 2, torch.Generator().manual_seed(1))

        def row_norms(directions: Array) -> Array:
            return np.array([float(row.norm()) for row in parts(torch.from_numpy(directions[0])) for row in row])

        size = len(flat(end))
        work.ask("directions", "filter_normalized_direction", draws, (2, size), exact=False)
        work.ask("row_norms", "filter_normalized_direction", draws, (2, size), then=row_norms)
        work.ask("plane", "loss_surface", lambda f: self._surface(f, axes, xs, ys), (len(ys), len(xs)))
        own = work.arrays.get("directions")
        if own is not None:
            around, directions = self.around, torch.from_numpy(own)
            work.ask(
                "surface", "loss_surface", lambda f: self._surface(f, directions, around, around), (len(around),) * 2
            )

    @staticmethod
    def _surface(functions: Any, directions: Tensor, xs: Array, ys: Array) -> Any:
        params = [p.clone() for p in descent(0)[-1]]
        two = ([p.clone() for p in parts(directions[0])], [p.clone() for p in parts(directions[1])])
        steps = (torch.from_numpy(xs.copy()), torch.from_numpy(ys.copy()))
        return functions.run(surface_of_network, params, two, *images(), *steps)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        with mpl.rc_context({"grid.color": canvas.theme.quiet + "60", "grid.linewidth": 0.6}):
            left = canvas.figure.add_subplot(1, 2, 1, projection="3d")
        right = canvas.figure.add_subplot(1, 2, 2)
        self._hill(canvas, left, data)
        self._map(canvas, right, data)
        return Words(self._title(data), self._alt())

    def _hill(self, canvas: Canvas, axes: Any, data: Gathered) -> None:
        surface = data.yours("surface")
        axes.set(xlabel="step along $d_x$", ylabel="step along $d_y$", xlim=(-1, 1), ylim=(-1, 1))
        axes.set(xticks=(-0.5, 0, 0.5), yticks=(-0.5, 0, 0.5))
        axes.zaxis.set_major_locator(MaxNLocator(5))
        axes.set_title("height: loss (nats), in random directions")
        axes.view_init(elev=32, azim=-58)
        axes.set_box_aspect((4, 4, 3), zoom=0.95)
        for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
            axis.set_pane_color(canvas.theme.page)
            axis.label.set_parse_math(True)
        if surface is None:
            axes.set_zticks([])
            canvas.say(
                axes, *(data.missing[name] for name in ("directions", "surface") if name in data.missing), at="center"
            )
            return
        x, y = np.meshgrid(self.around, self.around)
        look: dict[str, Any] = {"cmap": SHADES, "rstride": 1, "cstride": 1, "linewidth": 0.2}
        axes.plot_surface(x, y, surface, edgecolor=canvas.theme.page, **look)

    def _map(self, canvas: Canvas, axes: Axes, data: Gathered) -> None:
        xs, ys = self.grid
        plane, path = data.yours("plane"), data.arrays["path"]
        axes.set(xlabel="along the path: 1st principal direction", ylabel="2nd principal direction")
        axes.set(xlim=(xs[0], xs[-1]), ylim=(ys[0], ys[-1]), title="plane of the path")
        axes.grid(False)
        if plane is not None:
            levels = np.linspace(plane.min(), plane.max(), 16) if np.ptp(plane) > 0 else None
            if levels is not None:
                image = axes.contourf(xs, ys, plane, levels=levels, cmap=SHADES)
                bar = canvas.figure.colorbar(image, ax=axes, location="bottom", shrink=0.8)
                bar.set_label("loss (nats)")
                bar.locator = MaxNLocator(6)
        axes.plot(path[:, 0], path[:, 1], color="#ffffff", linewidth=3.5)
        axes.plot(path[:, 0], path[:, 1], color="#d55e00", linewidth=1.8, marker="o", markersize=4, markevery=10,
                  label=f"gradient descent, {STEPS} steps")  # fmt: skip
        axes.plot(*path[-1], marker="*", markersize=13, color="#d55e00", markeredgecolor="#ffffff")
        if plane is None:
            canvas.say(axes, data.missing["plane"])
        axes.legend(loc="upper left", fontsize=8)

    def _title(self, data: Gathered) -> str:
        surface, plane = data.yours("surface"), data.yours("plane")
        if surface is not None:
            middle = surface[len(surface) // 2, len(surface) // 2]
            return f"The path ends at a loss of {middle:.2g}; a random plane through it rises to {surface.max():.2g}"
        if plane is not None:
            return f"In the plane of the path the loss lies between {plane.min():.2g} and {plane.max():.2g}"
        return "A plane through the weights shows the landscape around a solution"

    def _alt(self) -> str:
        return (
            "On the left, in three dimensions, the loss of a small network around the end of its training, along two random "
            "directions. On the right, coloured contours of the loss in the plane in which the path of gradient descent varies "
            "most, with the whole path."
        )


class Line(Figure):
    """The loss along the straight line between two solutions, and between a solution and its copy with units in another
    order."""

    slug = "line"
    exercises = ("interpolate",)
    alphas = np.linspace(-0.25, 1.25, 61)

    def gather(self, work: Work) -> None:
        a, b = descent(0)[-1], descent(1)[-1]
        order = torch.arange(HIDDEN).flip(0)
        copy = [a[0][order], a[1][order], a[2][:, order], a[3]]
        work.arrays["alpha"] = self.alphas
        for name, end in (("other", b), ("copy", copy)):
            states = [{f"p{place}": p.clone() for place, p in enumerate(params)} for params in (a, end)]
            call = methodcaller("run", states_between, *states, self.alphas.tolist())
            work.ask(name, "interpolate", call, (len(self.alphas), len(flat(a))), then=losses_at)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        (axes,) = canvas.axes()
        axes.set(xlabel="α: 0 at one solution, 1 at the other", ylabel="training loss (nats)")
        axes.set_xlim(self.alphas[0], self.alphas[-1])
        for end in (0, 1):
            axes.axvline(end, color=canvas.theme.quiet, linestyle="dotted", linewidth=1.4)
        for name, label, series in (
            ("other", "to the end of another run", 0),
            ("copy", "to itself, with its hidden units in another order", 1),
        ):
            canvas.curve(axes, data, name, lambda y: (self.alphas, y), label, series, at="upper center")
        if data.missing:
            axes.set_ylim(top=1.15 * axes.get_ylim()[1])  # room for the text above the hills
        canvas.key(axes, data, "other", "copy")
        return Words(self._title(data), self._alt())

    def _title(self, data: Gathered) -> str:
        other, copy = data.yours("other"), data.yours("copy")
        if other is None or copy is None:
            return "The loss has a hill on the straight line between two solutions"
        start, half = (int(np.abs(self.alphas - alpha).argmin()) for alpha in (0.0, 0.5))
        return f"Loss {other[start]:.2g} at a solution; half way to another {other[half]:.2g}, to its own copy {copy[half]:.2g}"

    def _alt(self) -> str:
        return (
            "The training loss along straight lines from one solution of a small network: to the end of another training, and to "
            "a copy of itself with the hidden units in another order. Both ends of each line are solutions."
        )


class Seeds(Figure):
    """The final losses of trainings from several seeds, by width, on data of a teacher with three units."""

    slug = "seeds"
    exercises = ("train_from_seeds", "count_parameters")
    call_cpu_seconds = 10.0  # a training for each width and seed
    widths = (2, 3, 4, 6, 12, 24)
    runs = 5
    steps = 1000

    def gather(self, work: Work) -> None:
        work.arrays["width"] = np.array(self.widths)
        for width in self.widths:
            losses = partial(self._losses, width)
            work.ask(f"final_loss_{width}", "train_from_seeds", losses, (self.runs,), exact=False, beside=False)
        call = methodcaller("run", parameter_counts, list(self.widths), teacher_examples()[0].shape[1])
        work.ask("weights", "count_parameters", call, (len(self.widths),))

    def _losses(self, width: int, functions: Any) -> Tensor:
        X, y = teacher_examples()
        states = functions.train_from_seeds(width, list(range(self.runs)), X, y, TEACHER.lr, self.steps)
        return ShallowNetworks.of(expect_states(states, self.runs, width, X)).losses(X, y)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        (axes,) = canvas.axes()
        places = np.arange(len(self.widths))
        weights = data.yours("weights")
        names = [f"{width}" for width in self.widths]
        if weights is not None:
            names = [f"{name}\n{count:,.0f}" for name, count in zip(names, weights, strict=True)]
        axes.set_xticks(places, labels=names)
        axes.set(xlabel="hidden units" + ("" if weights is None else ", and below them the weights of the network"))
        axes.set(ylabel=f"training loss after {self.steps:,} steps", xlim=(-0.5, len(places) - 0.5), yscale="log")
        found = [(place, self._found(data, width)) for place, width in zip(places, self.widths, strict=True)]
        drawn = [(place, losses) for place, losses in found if losses is not None]
        shifts = np.linspace(-0.14, 0.14, self.runs)
        for place, losses in drawn:
            axes.vlines(place, losses.min(), losses.max(), color=canvas.theme.quiet, linewidth=26, alpha=0.25)
            axes.plot(place + shifts, losses, linestyle="none", marker=MARKERS[1], markersize=4,
                      color=canvas.theme.series[1], label="one run" if place == drawn[0][0] else None, zorder=5)  # fmt: skip
        if drawn:
            medians = [np.median(losses) for _, losses in drawn]
            axes.plot([place for place, _ in drawn], medians, color=canvas.theme.series[0], label="median")
            axes.legend(loc="lower left")
        for reason in dict.fromkeys(data.missing.values()):
            canvas.say(axes, reason)
        return Words(self._title(data), self._alt())

    def _found(self, data: Gathered, width: int) -> Array | None:
        return data.yours(f"final_loss_{width}")

    def _title(self, data: Gathered) -> str:
        narrow, wide = (self._found(data, width) for width in (self.widths[0], self.widths[-1]))
        if narrow is None or wide is None:
            return "With many hidden units the start of a training matters little"
        return (
            f"Losses with {self.widths[0]} units: {narrow.min():.2g} to {narrow.max():.2g}, "
            f"with {self.widths[-1]}: {wide.min():.2g} to {wide.max():.2g}"
        )

    def _alt(self) -> str:
        return (
            f"The final training losses of {self.runs} runs from different seeds, for networks of {self.widths[0]} to "
            f"{self.widths[-1]} hidden units, on data of a teacher with 3 units. For each width, the runs are dots on a bar from "
            "best to worst. A line joins the medians."
        )


class Curves(Figure):
    """Training curves from many starts, for three widths."""

    slug = "curves"
    exercises = ("make_mlp",)
    call_cpu_seconds = 3.0
    widths = (2, 10, 100)
    runs = 6
    steps = 80

    def gather(self, work: Work) -> None:
        X, y = small_images(EXAMPLES)
        work.arrays["step"] = np.arange(self.steps + 1)
        for width in self.widths:
            seeds = list(range(self.runs))
            call = methodcaller("run", training_curves, width, seeds, X, y, LR, self.steps)
            shape = (self.runs, self.steps + 1)
            work.ask(f"loss_{width}", "make_mlp", call, shape, dtype=torch.float32, exact=False)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        panels = canvas.axes(1, 3, sharex=True, sharey=True)
        for series, (axes, width) in enumerate(zip(panels, self.widths, strict=True)):
            name = f"loss_{width}"
            axes.set(title=f"{width} hidden units", xlabel="step", xlim=(0, self.steps), ylim=(0, self._top(data)))
            curves, expected = data.yours(name), data.reference(name)
            if curves is not None:
                look: dict[str, Any] = {"color": canvas.theme.series[series], "linewidth": 1.3}
                axes.plot(curves.T, **look, linestyle=LINES[0])
                worst = int(curves[:, -1].argmax())
                axes.plot(self.steps, curves[worst, -1], **look, marker=MARKERS[series], markersize=6, clip_on=False)
                self._name_worst(canvas, axes, float(curves[worst, -1]))
            elif expected is not None:
                axes.plot(expected.T, **canvas.thin)
            if name in data.missing:
                canvas.say(axes, data.missing[name])
        panels[0].set_ylabel("training loss (nats)")
        return Words(self._title(data), self._alt())

    def _top(self, data: Gathered) -> float:
        """A height above the end of every run."""
        found = (data.yours(f"loss_{width}") for width in self.widths)
        return max(2.8, *(1.1 * float(curves[:, -1].max()) for curves in found if curves is not None), 0.0)

    def _name_worst(self, canvas: Canvas, axes: Axes, loss: float) -> None:
        below = loss > 1
        axes.annotate(f"worst {loss:.2f}", (self.steps, loss), xytext=(-6, -9 if below else 9),
                      textcoords="offset points", ha="right", va="top" if below else "bottom", zorder=5,
                      bbox={"facecolor": canvas.theme.page, "edgecolor": "none", "alpha": 0.8, "pad": 1})  # fmt: skip

    def _title(self, data: Gathered) -> str:
        narrow, wide = self.widths[0], self.widths[-1]
        ends = []
        for width in (narrow, wide):
            curves = data.yours(f"loss_{width}")
            if curves is not None:
                ends.append(f"at {curves[:, -1].min():.2g} to {curves[:, -1].max():.2g} with {width} units")
        if not ends:
            return "Wide networks reach similar losses from every start"
        return f"Runs end {', '.join(ends)}"

    def _alt(self) -> str:
        return (
            f"Three plots of the training loss against the step, each with {self.runs} runs from different seeds: networks of "
            f"{self.widths[0]}, {self.widths[1]} and {self.widths[2]} hidden units. A mark shows the end of each worst run."
        )


FIGURES = (Surface(), Line(), Seeds(), Curves())
