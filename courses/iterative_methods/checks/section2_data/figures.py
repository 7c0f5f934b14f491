"""Section 2: how fast Newton's method converges."""

import numpy as np

from grader.figures.canvas import Canvas
from grader.figures.gather import Array, Gathered, Work
from grader.figures.picture import Figure, Words

from .examples import SMALL, STEPS, gather_newton, lengths, path_of_descent, steps_until_small


def _points(path: Array) -> tuple[Array, Array]:
    return np.arange(len(path)), np.maximum(lengths(path), 1e-17)


class NewtonConverges(Figure):
    """The length of the gradient against the number of steps, for Newton's method and for gradient descent."""

    slug = "newton"
    exercises = ("newton_step",)

    def gather(self, work: Work) -> None:
        gather_newton(work)
        work.arrays["descent"] = path_of_descent()

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        (axes,) = canvas.axes()
        axes.set(xlabel="number of steps", ylabel="length of the gradient", yscale="log")
        axes.set(xlim=(0, STEPS), ylim=(1e-17, 10))
        canvas.curve(axes, data, "path", _points, "newton_step")
        canvas.curve(axes, data, "descent", _points, "gradient descent", 1)
        axes.axhline(SMALL, color=canvas.theme.ink, linestyle=(0, (2, 2)), linewidth=1.0)
        canvas.predicted(axes, data, "newton_steps")
        canvas.key(axes, data, "path")
        alt = (
            "The length of the gradient on a log axis against the number of steps. Gradient descent falls along a line. Newton's "
            "method bends down: each step about doubles the number of right digits, until rounding ends it. A line marks 1e-10."
        )
        return Words(self._title(data), alt)

    def _title(self, data: Gathered) -> str:
        path = data.yours("path")
        if path is None:
            return "Near the minimum, each Newton step doubles the number of right digits"
        steps, descent = steps_until_small(path), lengths(data["descent"])[-1]
        if steps is None:
            return f"After {STEPS} steps, your gradient has the length {lengths(path)[-1]:.1g}"
        return f"Newton needs {steps} steps to 1e-10; gradient descent is at {descent:.1g} after {STEPS}"


FIGURES = (NewtonConverges(),)
