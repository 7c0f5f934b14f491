"""One picture."""

from grader.figures.canvas import Canvas
from grader.figures.gather import Gathered, Work
from grader.figures.picture import Figure, Words


class Line(Figure):
    """A title."""

    slug, exercises = "red", ("momentum_step",)

    def gather(self, work: Work) -> None:
        work.ask("y", "momentum_step", lambda functions: functions.momentum_step(1.0))

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        canvas.axes()
        return Words(f"red {data.yours('y')}", "Empty axes.")


FIGURES = [Line()]
