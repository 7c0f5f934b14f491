"""Section 5: the loss on a plane through a solution and its twin, and around a solution in random directions."""

from functools import partial
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
from grader.figures.style import LINES, MARKERS, SHADES, short

from . import twins
from .convergence import teacher_examples
from .landscape import descent, flat, flat_twin, images, losses_at, parts
from .programs import flat_directions, surface_of_network, surface_on_teacher


class Surface(Figure):
    """The loss on a plane through a solution, its twin and another run, for two widths; and which starts on it arrive."""

    slug = "surface"
    exercises = ("permute_hidden_units", "loss_surface")
    call_cpu_seconds = 3.0  # hundreds of evaluations
    columns, rows = 37, 29

    def gather(self, work: Work) -> None:
        for width in twins.WIDTHS:
            plane = self._plane(work, width)
            xs, ys = plane.steps(self.columns, self.rows)
            call = partial(self._heights, plane=plane, xs=xs, ys=ys)
            work.ask(f"loss_{width}", "loss_surface", call, (self.rows, self.columns))
            places = np.array([(0.0, 0.0), plane.twin, plane.other])
            work.arrays.update({f"x_{width}": xs.numpy(), f"y_{width}": ys.numpy(), f"place_{width}": places})
            across, up = plane.starts()
            work.arrays.update({f"across_{width}": across.numpy(), f"up_{width}": up.numpy()})
            work.arrays[f"end_{width}"] = np.nan_to_num(plane.losses_at_the_end().numpy(), nan=np.inf)

    def _plane(self, work: Work, width: int) -> twins.Plane:
        """Through the student's twin if there is one, else through ours."""
        solution, other = twins.trained(width)
        order = [*range(1, width), 0]
        state = {f"p{place}": entry for place, entry in enumerate(twins.entries_of(solution, width))}
        call = partial(flat_twin, state=state, order=order)
        work.ask(f"twin_{width}", "permute_hidden_units", call, (len(solution),))
        own = work.arrays.get(f"twin_{width}")
        twin = twins.twin_of(solution, width, order) if own is None else torch.from_numpy(own.clip(-1e6, 1e6))
        return twins.Plane.through(width, solution, twin, other)

    @staticmethod
    def _heights(functions: Any, plane: twins.Plane, xs: Tensor, ys: Tensor) -> Any:
        params, *directions = (twins.entries_of(vector, plane.width) for vector in (plane.centre, *plane.axes))
        program = (surface_on_teacher, params, tuple(directions), *teacher_examples(), xs.clone(), ys.clone())
        return functions.run(*program)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        panels = canvas.axes(1, 2)
        image = None
        for axes, width in zip(panels, twins.WIDTHS, strict=True):
            axes.set(xlabel="distance towards the twin", title=f"{width} hidden units")
            axes.grid(False)
            image = self._map(canvas, axes, data, width) or image
        panels[0].set_ylabel("distance across")
        if image is not None:
            bar = canvas.figure.colorbar(image, ax=panels, shrink=0.8, ticks=[-3, -2, -1, 0, 1])
            bar.set_ticklabels(["0.001", "0.01", "0.1", "1", "10"])
            bar.set_label("loss")
        canvas.below(panels[0], data)
        for name, axes in zip(("loss_3", "loss_12"), panels, strict=True):
            if name in data.missing:
                canvas.say(axes, data.missing[name], at="upper center")
        return Words(self._title(data), self._alt())

    def _map(self, canvas: Canvas, axes: Axes, data: Gathered, width: int) -> Any:
        xs, ys, places = (data.arrays[f"{name}_{width}"] for name in ("x", "y", "place"))
        heights, image = data.yours(f"loss_{width}"), None
        if heights is not None:
            levels = np.linspace(-3.5, 1.5, 21)
            image = axes.contourf(
                xs, ys, np.log10(np.maximum(heights, 1e-12)), levels=levels, cmap=SHADES, extend="both"
            )
        grid = np.meshgrid(data.arrays[f"across_{width}"], data.arrays[f"up_{width}"])
        found = data.arrays[f"end_{width}"] < twins.FOUND
        edge: dict[str, Any] = {"markeredgecolor": "#000000", "markeredgewidth": 0.6, "linestyle": "none"}
        axes.plot(grid[0][found], grid[1][found], marker="o", markersize=5, color="#ffffff", **edge,
                  label="start that finds the teacher")  # fmt: skip
        axes.plot(grid[0][~found], grid[1][~found], marker="X", markersize=6.5, color="#ff8c42", **edge,
                  label="start that does not")  # fmt: skip
        for name, place, marker, size in zip(
            ("solution", "twin", "another run"), places, ("*", "*", "D"), (15, 15, 8), strict=True
        ):
            axes.plot(*place, marker=marker, markersize=size, color="#d55e00", zorder=4, **edge)
            words = axes.annotate(name, place, xytext=(0, -15), textcoords="offset points", ha="center", fontsize=9,
                                  color="#000000", zorder=5,
                                  bbox={"facecolor": "#ffffff", "edgecolor": "none", "alpha": 0.75, "pad": 1})  # fmt: skip
            words.set_in_layout(False)
        axes.set(xlim=(xs[0], xs[-1]), ylim=(ys[0], ys[-1]))
        return image

    def _title(self, data: Gathered) -> str:
        counts = [int((data.arrays[f"end_{width}"] < twins.FOUND).sum()) for width in twins.WIDTHS]
        total = twins.COLUMNS * twins.ROWS
        if data.missing:
            return "On a plane through a solution and its twin, the start decides where a run ends"
        narrow, wide = twins.WIDTHS
        return (
            f"Of {total} starts on a plane, {counts[0]} find the teacher with {narrow} units, {counts[1]} with {wide}"
        )

    def _alt(self) -> str:
        return (
            "Two maps of the loss on a plane, for networks of 3 and of 12 hidden units. Each shows a solution, its twin with the "
            "units in another order, and the end of another run, with high ground between them. Marks show a grid of starts: "
            f"circles end below a loss of {twins.FOUND} after {twins.STEPS:,} steps of gradient descent, crosses do not."
        )


class Around(Figure):
    """The loss around a solution in random directions: as a hill, and for two forms of the same function."""

    slug = "around"
    exercises = ("loss_surface", "filter_normalized_direction")
    call_cpu_seconds = 3.0  # hundreds of evaluations
    around = np.linspace(-1.0, 1.0, 21)
    factor = 4.0  # of the first layer in the rescaled network; the second layer is divided by it

    def gather(self, work: Work) -> None:
        end = descent(0)[-1]
        work.arrays["step"] = self.around
        size = len(flat(end))
        for name, params in (("", end), ("_rescaled", self.rescaled(end))):

            def draws(functions: Any, params: list[Tensor] = params) -> Any:
                return functions.run(flat_directions, params, 2, torch.Generator().manual_seed(1))

            work.ask(f"directions{name}", "filter_normalized_direction", draws, (2, size), exact=False)
        work.ask("row_norms", "filter_normalized_direction", partial(self._row_norms, params=end), (2 * 20,))
        self._ask_for_slices(work, end)

    def _ask_for_slices(self, work: Work, end: list[Tensor]) -> None:
        directions, rescaled = (work.arrays.get(f"directions{name}") for name in ("", "_rescaled"))
        line = np.zeros(1)
        if directions is None or rescaled is None:
            # of some direction, so that it shows whether loss_surface is written
            some = torch.eye(2, len(flat(end)), dtype=torch.float64)
            work.ask("slice", "loss_surface", lambda f: self._surface(f, end, some, self.around, line), (1, 21))
            return
        one, other = (torch.from_numpy(found.clip(-1e6, 1e6)) for found in (directions, rescaled))
        square = (len(self.around), len(self.around))
        work.ask("surface", "loss_surface", lambda f: self._surface(f, end, one, self.around, self.around), square)
        for name, params, two in (("slice", end, one), ("slice_rescaled", self.rescaled(end), other)):
            call = partial(self._surface, params=params, directions=two, xs=self.around, ys=line)
            work.ask(name, "loss_surface", call, (1, len(self.around)))
        raw = torch.randn(len(flat(end)), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
        raw *= one[0].norm() / raw.norm()
        for name, params in (("raw", end), ("raw_rescaled", self.rescaled(end))):
            points = torch.stack([flat(params) + float(step) * raw for step in self.around])
            work.arrays[name] = losses_at(points.numpy())

    def rescaled(self, params: list[Tensor]) -> list[Tensor]:
        """Other weights of the same function: ReLU passes the factor on."""
        first, first_bias, second, bias = params
        return [self.factor * first, self.factor * first_bias, second / self.factor, bias.clone()]

    @staticmethod
    def _row_norms(functions: Any, params: list[Tensor]) -> Tensor:
        """The norms of the rows of both layers, for two directions: the same for every stream of random numbers."""
        found = functions.run(flat_directions, params, 2, torch.Generator().manual_seed(1))
        norms = [torch.cat([part.norm(dim=1) for part in parts(vector) if part.dim() == 2]) for vector in found]
        return torch.cat(norms)

    @staticmethod
    def _surface(functions: Any, params: list[Tensor], directions: Tensor, xs: Array, ys: Array) -> Any:
        own = [p.clone() for p in params]
        two = ([p.clone() for p in parts(directions[0])], [p.clone() for p in parts(directions[1])])
        steps = (torch.from_numpy(xs.copy()), torch.from_numpy(ys.copy()))
        return functions.run(surface_of_network, own, two, *images(), *steps)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        with mpl.rc_context({"grid.color": canvas.theme.quiet + "60", "grid.linewidth": 0.6}):
            left = canvas.figure.add_subplot(1, 2, 1, projection="3d")
        right = canvas.figure.add_subplot(1, 2, 2)
        self._hill(canvas, left, data)
        self._slices(canvas, right, data)
        return Words(self._title(data), self._alt())

    def _hill(self, canvas: Canvas, axes: Any, data: Gathered) -> None:
        surface = data.yours("surface")
        axes.set(xlabel="step along $d_x$", ylabel="step along $d_y$", xlim=(-1, 1), ylim=(-1, 1))
        axes.set(xticks=(-0.5, 0, 0.5), yticks=(-0.5, 0, 0.5))
        axes.zaxis.set_major_locator(MaxNLocator(5))
        axes.set_title("height: loss (nats), two random directions")
        axes.view_init(elev=32, azim=-58)
        axes.set_box_aspect((4, 4, 3), zoom=0.95)
        for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
            axis.set_pane_color(canvas.theme.page)
            axis.label.set_parse_math(True)
        if surface is None:
            axes.set_zticks([])
            names = ("directions", "directions_rescaled", "surface", "slice")
            canvas.say(axes, *(data.missing[name] for name in names if name in data.missing), at="center")
            return
        x, y = np.meshgrid(self.around, self.around)
        look: dict[str, Any] = {"cmap": SHADES, "rstride": 1, "cstride": 1, "linewidth": 0.2}
        axes.plot_surface(x, y, surface, edgecolor=canvas.theme.page, **look)

    def _slices(self, canvas: Canvas, axes: Axes, data: Gathered) -> None:
        axes.set(
            xlabel="step along one direction",
            ylabel="loss (nats)",
            xlim=(-1, 1),
            yscale="log",
            xticks=(-1, -0.5, 0, 0.5, 1),
        )
        axes.set_title("one function, two sets of weights")
        for series, (name, label) in enumerate((("slice", "filter-normalised"), ("raw", "not normalised"))):
            for form, words in ((name, label), (f"{name}_rescaled", f"{label}, rescaled weights")):
                found = data.yours(form)
                if found is not None:
                    dots = {"linestyle": "none", "marker": MARKERS[series], "markersize": 5, "fillstyle": "none"}
                    line = {"linestyle": LINES[series], "linewidth": 1.8}
                    look = dots if form.endswith("rescaled") else line
                    axes.plot(self.around, found.ravel(), color=canvas.theme.series[series], label=words, **look)
        if axes.lines:
            axes.legend(loc="upper center", fontsize=8)
            low, high = axes.get_ylim()
            axes.set_ylim(low, high * 8)

    def _title(self, data: Gathered) -> str:
        ends = [data.yours(name) for name in ("slice", "slice_rescaled", "raw", "raw_rescaled")]
        if any(end is None for end in ends):
            return "Random directions show the landscape around a solution"
        one, other, raw, raw_other = (short(float(end.ravel()[-1])) for end in ends if end is not None)
        return f"Rescaled weights, loss at step 1: normalised {one} and {other}, else {raw} and {raw_other}"

    def _alt(self) -> str:
        return (
            "On the left, in three dimensions, the loss of a small network around the end of its training, along two random "
            "directions. On the right, the loss along one direction, for the network and for a rescaled one that computes the "
            "same function: filter-normalised directions give the same curve, others give different curves."
        )
