"""The cost of dimensions: evaluations that halve the distance to a minimum, by three ways to search."""

from operator import methodcaller
from typing import Any

import numpy as np
import torch

from grader.figures.canvas import Canvas
from grader.figures.gather import Array, Gathered, Work
from grader.figures.picture import Figure, Words

from .convergence import GRADIENT_COST
from .programs import evaluations_of_grid, evaluations_of_search, steps_of_descent


class Curse(Figure):
    """Evaluations to halve the distance to the minimum, as the dimension grows: grid, random search and gradient descent."""

    slug = "curse"
    exercises = ("grid_search", "random_search", "gradient_descent")
    call_cpu_seconds = 4.0
    dims = (2, 4, 8, 16, 32, 64, 128, 256)
    grid_dims = (1, 2, 3, 4, 5, 6)
    runs = 3
    step_size = 0.05  # of the distance at the start
    target = 0.2501  # of the height: half of the distance, up to rounding
    limit = 5_000

    def gather(self, work: Work) -> None:
        dims, grid_dims = list(self.dims), list(self.grid_dims)
        work.arrays["dimension"] = np.array(dims)

        def grid(functions: Any) -> Any:
            generator = torch.Generator().manual_seed(0)
            return functions.run(evaluations_of_grid, grid_dims, self.runs, self.target, self.limit, generator)

        def search(functions: Any) -> Any:
            generator = torch.Generator().manual_seed(0)
            return functions.run(
                evaluations_of_search, dims, self.runs, self.step_size, self.target, self.limit, generator
            )

        work.ask("grid", "grid_search", grid, (len(grid_dims), self.runs))
        work.ask("search", "random_search", search, (len(dims), self.runs), exact=False)
        call = methodcaller("run", steps_of_descent, dims, self.step_size, self.target, 100)
        work.ask("descent", "gradient_descent", call, (len(dims),))

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        (axes,) = canvas.axes()
        axes.set(xscale="log", yscale="log", xlim=(0.9, 300), ylim=(1.5, 2 * self.limit))
        axes.set(xlabel="dimension d: number of weights", ylabel="evaluations to halve the distance")
        ticks = (1, *self.dims)
        axes.set_xticks(ticks, labels=[str(dim) for dim in ticks])
        axes.minorticks_off()
        for name, dims, series in (("grid", self.grid_dims, 2), ("search", self.dims, 1)):
            found = data.yours(name)
            if found is not None:
                shown = found.ravel() <= self.limit
                at = np.repeat(dims, self.runs)[shown]
                axes.scatter(at, found.ravel()[shown], s=16, color=canvas.theme.series[series], alpha=0.6, zorder=2)
        axes.plot(self.dims, np.full(len(self.dims), np.nan))  # fixes the ticks even if no run reaches the target
        canvas.curve(axes, data, "grid", lambda y: (self.grid_dims, self._medians(y)), "grid", 2, at="upper left")
        words = "random search"
        canvas.curve(axes, data, "search", lambda y: (self.dims, self._medians(y)), words, 1, at="lower right")
        cost = f"gradient descent, {GRADIENT_COST} per step"
        canvas.curve(axes, data, "descent", lambda steps: (self.dims, GRADIENT_COST * steps), cost, series=0)
        canvas.key(axes, data, "grid", "search", "descent")
        return Words(self._title(data), self._alt())

    def _medians(self, counts: Array) -> Array:
        """The median of each dimension's runs; NaN where it is above the limit."""
        medians = np.median(counts, axis=1)
        return np.where(medians <= self.limit, medians, np.nan)

    def _title(self, data: Gathered) -> str:
        grid, search, descent = (data.yours(name) for name in ("grid", "search", "descent"))
        told = []
        if grid is not None:
            reached = np.flatnonzero(np.isfinite(self._medians(grid)))
            last = int(reached[-1]) if len(reached) else 0
            count = self._count(float(np.median(grid[last])), self.limit)
            told.append(f"grid {count} at d = {self.grid_dims[last]}")
        far = []
        if search is not None:
            far.append(f"random search {self._count(float(np.median(search[-1])), self.limit)}")
        if descent is not None:
            far.append(f"descent {self._count(GRADIENT_COST * float(descent[-1]), GRADIENT_COST * 100)}")
        if far:
            told.append(f"{', '.join(far)} at {'d = ' if not told else ''}{self.dims[-1]}")
        return f"Evaluations: {'; '.join(told)}" if told else "A grid is lost in six dimensions, random search in many"

    @staticmethod
    def _count(number: float, limit: int) -> str:
        return f"{number:,.0f}" if number <= limit else f"over {limit:,}"

    def _alt(self) -> str:
        return (
            "Log-log plot of how many evaluations it takes to halve the distance to the minimum of a round bowl, against the "
            f"dimension, from 1 to {self.dims[-1]}, with a dot for each run: the coarsest grid that is fine enough bends up and "
            "leaves the picture after a few dimensions, random search rises in a straight line, gradient descent is flat."
        )
