"""Hidden units with a nonlinearity, and none: which digit is it, and is it even or odd?"""

from typing import Any

import numpy as np
from torch import Tensor

from grader.figures.canvas import Canvas
from grader.figures.gather import Gathered, Work
from grader.figures.picture import Figure, Words
from grader.figures.style import MARKERS

from ..shared.digits import small_images
from .programs import share_read_correctly

EXAMPLES, HELD_OUT = 1000, 1000
LR, STEPS = 0.1, 60
TASKS = ("which digit", "even or odd")
MODELS: dict[str, tuple[int, ...]] = {"no hidden layer": (), "10 hidden units": (10,)}


def labels_of(task: str, y: Tensor) -> Tensor:
    return y % 2 if task == "even or odd" else y


def ask_for_shares(work: Work, task: str) -> None:
    """The share of new images that each model reads correctly."""
    X, y = small_images(EXAMPLES + HELD_OUT)
    for place, hidden in enumerate(MODELS.values()):

        def share(functions: Any, hidden: tuple[int, ...] = hidden) -> Any:
            target = labels_of(task, y)
            return functions.run(share_read_correctly, hidden, X, target, HELD_OUT, LR, STEPS, 0)

        work.ask(f"{task}_{place}", "MLP", share, exact=False)


class Nonlinearity(Figure):
    """The share of new images that softmax regression and a network with ten hidden units read correctly, for two questions."""

    slug = "nonlinearity"
    exercises = ("MLP",)
    call_cpu_seconds = 3.0

    def gather(self, work: Work) -> None:
        for task in TASKS:
            ask_for_shares(work, task)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        (axes,) = canvas.axes()
        for place, words in enumerate(MODELS):
            found = [data.yours(f"{task}_{place}") for task in TASKS]
            shares = [np.nan if share is None else float(share) for share in found]
            at = np.arange(len(TASKS)) + 0.12 * (2 * place - 1)
            axes.plot(
                at,
                shares,
                linestyle="none",
                marker=MARKERS[place],
                markersize=10,
                color=canvas.theme.series[place],
                label=words,
            )
            for x, share in zip(at, shares, strict=True):
                if np.isfinite(share):
                    axes.annotate(
                        f"{100 * share:.1f} %", (x, share), xytext=(0, 10), textcoords="offset points", ha="center"
                    )
        for why in dict.fromkeys(data.missing.values()):
            canvas.say(axes, why, at="center")
        axes.set(
            xlim=(-0.5, len(TASKS) - 0.5), xlabel="question", ylabel=f"share of {HELD_OUT:,} new images read correctly"
        )
        axes.set_xticks(range(len(TASKS)), labels=TASKS)
        axes.set_ylim(min(0.8, *self._all(data, 0.8)) - 0.02, 1.0)
        canvas.predicted(axes, data, "do_hidden_units_help", at="upper left")
        canvas.key(axes, data)
        alt = (
            "For each of two questions about an image, the share of new images that two models read correctly, after training "
            f"on {EXAMPLES:,} images: softmax regression, and a network with ten hidden units. Hidden units win where a plane "
            "cannot separate the classes."
        )
        return Words(self._title(data), alt)

    @staticmethod
    def _all(data: Gathered, otherwise: float) -> list[float]:
        found = [data.yours(f"{task}_{place}") for task in TASKS for place in range(len(MODELS))]
        return [float(share) for share in found if share is not None] or [otherwise]

    def _title(self, data: Gathered) -> str:
        found = self._all(data, 0.0)
        if len(found) < len(TASKS) * len(MODELS):
            return "What does a hidden layer with a nonlinearity add?"
        shares = [f"{100 * share:.0f}" for share in found]
        return (
            f"Right without and with hidden units: {shares[0]} and {shares[1]} %, parity {shares[2]} and {shares[3]} %"
        )
