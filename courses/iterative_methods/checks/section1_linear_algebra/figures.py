"""Section 1: how power iteration leaves a wrong axis."""

import numpy as np

from grader.figures.canvas import Canvas
from grader.figures.gather import Gathered, Work
from grader.figures.picture import Figure, Words

from .examples import PRODUCTS, STARTS, gather_estimates, leaves_at


class WrongAxis(Figure):
    """The estimates of power iteration from a start on the axis of the second eigenvalue, and from a start between the axes."""

    slug = "wrong-axis"
    exercises = ("power_iteration",)

    def gather(self, work: Work) -> None:
        for name in STARTS:
            gather_estimates(work, name)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        (axes,) = canvas.axes()
        axes.set(xlabel="number of products", ylabel="estimated eigenvalue", xlim=(0, PRODUCTS), ylim=(0, 3.5))
        for value in (0.5, 1, 3):
            axes.axhline(value, color=canvas.theme.quiet, linewidth=0.8)
        labels = (("between", "start between the axes"), ("wrong_axis", "start on the axis of 1"))
        for series, (name, label) in enumerate(labels):
            canvas.curve(axes, data, name, lambda y: (np.arange(len(y)), y), label, series, at="lower right")
        canvas.predicted(axes, data, "start_on_the_wrong_axis", at="upper right")
        canvas.key(axes, data, *STARTS)
        alt = (
            "The estimate of power iteration against the number of products. From a start between the axes it soon reaches 3. "
            "From a start on the axis of 1 it stays at 1 at first; rounding gives it a part along the axis of 3, which grows."
        )
        return Words(self._title(data), alt)

    def _title(self, data: Gathered) -> str:
        estimates = data.yours("wrong_axis")
        if estimates is None:
            return "Power iteration leaves a wrong axis by rounding alone"
        after = leaves_at(estimates)
        if after is None or after == 0:
            return f"From the axis of 1, the estimate after {PRODUCTS} products is {estimates[-1]:.3g}"
        return f"Rounding leads power iteration from the axis of 1 to {estimates[-1]:.3g}, after {after} products"


FIGURES = (WrongAxis(),)
