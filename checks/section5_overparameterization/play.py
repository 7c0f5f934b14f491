"""The sliders of section 5: width and seed of `train_from_seeds` on the data of the teacher."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from grader.figures.demo import Axis, Control, Curve, Demo, DemoRun, Goal
from grader.figures.play import Ask

from ..shared.play import rounded
from .convergence import SOLVED, TEACHER
from .teacher_runs import EVERY, WIDTHS, curves_of

_LEAST = 1e-8  # smaller losses are shown as this
_CURVE = Curve(
    Axis("steps", 0, TEACHER.steps, (0, TEACHER.steps / 2, TEACHER.steps)),
    Axis("training loss", -8, 2, (-8, -6, -4, -2, 0, 2)),
)


@dataclass(frozen=True)
class Widths:
    """Sliders for `train_from_seeds`: does this network find the teacher from this start?"""

    slug: str = "play-width"
    title: str = "Width and luck"
    task: str = (
        "A teacher with 3 hidden units made the data. Choose the width of your network and the seed of its start. Which "
        "widths depend on luck? From which width on does every seed find the teacher?"
    )
    exercises: tuple[str, ...] = ("train_from_seeds",)

    def play(self, ask: Ask) -> Demo | None:
        def call(student: Any) -> Tensor:
            return torch.stack(curves_of(student)[: len(WIDTHS)])

        shape = (len(WIDTHS), len(TEACHER.seeds), TEACHER.steps // EVERY + 1)
        curves = ask("train_from_seeds", call, shape)
        if curves is None:
            return None
        runs = tuple(map(_run, curves.flatten(0, 1)))
        return Demo(
            self.slug,
            self.title,
            self.task,
            (Control("Hidden units", tuple(map(str, WIDTHS))), Control("Seed", tuple(map(str, TEACHER.seeds)))),
            runs,
            f"loss after {TEACHER.steps} steps",
            _CURVE,
            missing=ask.missing,
            goal=Goal(SOLVED, "It finds the teacher.", "It does not find the teacher."),
        )


def _run(losses: Tensor) -> DemoRun:
    """The losses up to the last finite one."""
    finite = losses.isfinite().tolist()
    end = finite.index(False) if False in finite else len(finite)
    return DemoRun(tuple(map(rounded, losses[:end].clamp(min=_LEAST).tolist())), end < len(finite), step=EVERY)


PLAYS = (Widths(),)
