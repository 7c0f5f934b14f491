"""The sliders of section 6: `sgd` on softmax regression."""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from grader.figures.demo import Axis, Control, Curve, Demo, DemoRun
from grader.figures.play import Ask

from ..shared.play import FAR, rounded
from ..shared.programs import losses_of_sgd

_EXAMPLES, _CLASSES, _EPOCHS, _BINS = 120, 3, 3, 36
_SPAN = _EPOCHS * _EXAMPLES
_CURVE = Curve(Axis("examples", 0, _SPAN, (0, _SPAN / 2, _SPAN)), Axis("loss of the batches", -1, 1, (-1, 0, 1)))


@dataclass(frozen=True)
class Batches:
    """Sliders for `sgd` on softmax regression."""

    slug: str = "play-sgd"
    title: str = "Batch size and learning rate"
    task: str = (
        "The same number of examples for every batch size: small batches make many noisy steps, large ones few exact "
        "ones. Which learning rates work for a batch size of 1, and which does the full batch need?"
    )
    exercises: tuple[str, ...] = ("sgd",)
    batch_sizes: tuple[int, ...] = (1, 4, 10, 30, 120)
    lrs: tuple[float, ...] = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)

    def play(self, ask: Ask) -> Demo | None:
        X, y = _blobs()
        runs: list[DemoRun] = []
        for size in self.batch_sizes:

            def call(student: Any, size: int = size) -> Any:
                return student.run(losses_of_sgd, X, y, _CLASSES, list(self.lrs), size, _EPOCHS)

            losses = ask("sgd", call, (len(self.lrs), _EPOCHS * _EXAMPLES // size))
            if losses is None:
                return None
            runs += map(_binned, losses)
        controls = (
            Control("Batch size", tuple(map(str, self.batch_sizes))),
            Control("Learning rate", tuple(f"{lr:g}" for lr in self.lrs)),
        )
        result = f"loss after {_SPAN} examples"
        return Demo(self.slug, self.title, self.task, controls, tuple(runs), result, _CURVE, missing=ask.missing)


def _binned(losses: Tensor) -> DemoRun:
    """At most _BINS means of equal parts of the losses, up to the last finite loss."""
    means = [float(part.mean()) for part in losses.tensor_split(min(_BINS, len(losses)))]
    end = next((n for n, mean in enumerate(means) if not abs(mean) < FAR), len(means))
    width = _SPAN / len(means)
    return DemoRun(tuple(map(rounded, means[:end])), end < len(means), first=width / 2, step=width)


def _blobs() -> tuple[Tensor, Tensor]:
    """Three classes in the plane that overlap. The axes have different scales."""
    generator = torch.Generator().manual_seed(6)
    y = torch.arange(_EXAMPLES) % _CLASSES
    angles = 2 * math.pi * y / _CLASSES
    centres = torch.stack([angles.cos(), angles.sin()], 1).double()
    X = 1.5 * centres + 0.8 * torch.randn(_EXAMPLES, 2, generator=generator, dtype=torch.float64)
    return X * torch.tensor([1.0, 2.0], dtype=torch.float64), y


PLAYS = (Batches(),)
