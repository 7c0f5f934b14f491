"""The error of central differences: it falls with the distance eps, then rounding makes it grow again."""

from functools import lru_cache
from typing import Any

import numpy as np
import torch

from grader.figures.canvas import Canvas
from grader.figures.gather import Array, Gathered, Work
from grader.figures.picture import Figure, Words

from .problems import SmoothMaximum
from .programs import slopes_for_each_eps

EXPONENTS = range(-1, -14, -1)
DISTANCES = [10.0**exponent for exponent in EXPONENTS]


def objective() -> SmoothMaximum:
    return SmoothMaximum(torch.tensor([[1.0, 0.5, -1.0], [0.0, 2.0, 1.0], [-1.0, 1.0, 0.5]], dtype=torch.float64))


def point() -> torch.Tensor:
    return torch.tensor([0.3, -0.2, 0.5], dtype=torch.float64)


@lru_cache(maxsize=1)
def exact_slopes() -> Array:
    """The gradient in closed form: the rows of the matrix, weighed by a softmax."""
    matrix = objective().matrix
    slopes: Array = (torch.softmax(matrix @ point(), 0) @ matrix).numpy()
    return slopes


def errors(slopes: Array) -> Array:
    """The largest error of each row of slopes, at least a tenth of the smallest number beside 1."""
    found: Array = np.maximum(np.abs(slopes - exact_slopes()).max(axis=1), 1e-17)
    return found


def ask_for_slopes(work: Work) -> None:
    def slopes(functions: Any) -> Any:
        return functions.run(slopes_for_each_eps, objective(), point(), DISTANCES)

    work.ask("slopes", "finite_difference_gradient", slopes, (len(DISTANCES), 3), exact=False)


class Epsilon(Figure):
    """The error of finite differences against eps: a V on log axes."""

    slug = "epsilon"
    exercises = ("finite_difference_gradient",)

    def gather(self, work: Work) -> None:
        ask_for_slopes(work)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        (axes,) = canvas.axes()
        axes.set(xscale="log", yscale="log", xlim=(2e-1, 5e-14), ylim=(1e-14, 1))  # a smaller eps is on the right
        axes.set(xlabel="distance ε to either side (smaller to the right)", ylabel="largest error of a slope")
        axes.plot(
            DISTANCES, errors(_forward()), color=canvas.theme.quiet, linestyle="dashed", label="forward differences"
        )
        canvas.curve(axes, data, "slopes", lambda y: (DISTANCES, errors(y)), "yours", at="lower left", markevery=1)
        canvas.predicted(axes, data, "error_of_a_tiny_eps", at="lower right")
        canvas.key(axes, data, "slopes")
        alt = (
            "The error of a slope from two evaluations against the distance, on log axes, with smaller distances to the right: a "
            "V. The error of central differences falls with the square of the distance, then rises again by rounding; that of "
            "forward differences falls more slowly."
        )
        return Words(self._title(data.yours("slopes")), alt)

    def _title(self, slopes: Array | None) -> str:
        if slopes is None:
            return "A smaller ε is not always better"
        found = errors(slopes)
        best, tiny = int(found.argmin()), list(EXPONENTS).index(-12)
        return (
            f"The error is smallest at ε = {DISTANCES[best]:.0e}: {found[best]:.0e}; at 1e-12 it is {found[tiny]:.0e}"
        )


def _forward() -> Array:
    """Forward differences of the objective, for each distance."""
    here, w = float(objective()(point())), point()
    rows = [
        [(float(objective()(w + eps * axis)) - here) / eps for axis in torch.eye(3, dtype=torch.float64)]
        for eps in DISTANCES
    ]
    return np.array(rows)
