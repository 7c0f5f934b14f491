"""The sliders of section 6: `sgd` on softmax regression, and where it hovers in a bowl."""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from grader.figures.demo import Axis, Control, Curve, Demo, DemoRun, Plane
from grader.figures.play import Ask

from ..shared.play import FAR, rounded
from ..shared.programs import losses_of_sgd
from .programs import paths_of_sgd

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


_WEIGHTS, _STEPS, _WINDOW = 200, 150, 10  # the weights do not depend on each other: so many runs at once
_FLOOR = Curve(
    Axis("steps", 0, _STEPS, (0, _STEPS / 2, _STEPS)), Axis("mean squared distance", -4, 2, (-4, -3, -2, -1, 0, 1, 2))
)
_BOWL = Plane(
    Axis("first weight", -6, 6, (-5, 0, 5)),
    Axis("second weight", -3, 3, (-2, 0, 2)),
    tuple((radius, radius) for radius in (0.5, 1.5, 2.5, 4, 5.5)),
    "minimum",
)


@dataclass(frozen=True)
class Hovering:
    """Sliders for where `sgd` hovers in a bowl of curvature 1, beside `noise_floor`."""

    slug: str = "play-noise-floor"
    title: str = "Batch size, learning rate and the noise floor"
    task: str = (
        f"A bowl of curvature 1 in {_WEIGHTS} weights, of which you see two; every batch is new. The line in the curve is your "
        "noise_floor. Double batch size and learning rate together, along a diagonal of the settings: how long does the floor "
        "stay the same? Which learning rate has no floor?"
    )
    exercises: tuple[str, ...] = ("sgd", "noise_floor")
    batch_sizes: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)
    lrs: tuple[float, ...] = (0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 1.9, 2.1)

    def play(self, ask: Ask) -> Demo | None:
        start = torch.tensor((-5.0, 2.5), dtype=torch.float64).repeat(_WEIGHTS // 2)
        stable = [lr for lr in self.lrs if lr < 2]
        runs: list[DemoRun] = []
        for size in self.batch_sizes:

            def walk(student: Any, size: int = size) -> Any:
                return student.run(paths_of_sgd, start, list(self.lrs), size, _STEPS, 0)

            def floors(student: Any, size: int = size) -> Any:
                return torch.tensor([student.noise_floor(lr, 1.0, 1.0, size) for lr in stable], dtype=torch.float64)

            paths = ask("sgd", walk, (len(self.lrs), _STEPS, _WEIGHTS))
            if paths is None:
                return None
            levels = ask("noise_floor", floors, (len(stable),))
            expected = [None] * len(self.lrs) if levels is None else [*levels.tolist(), None]
            runs += map(_hovered, paths, expected)
        controls = (
            Control("Batch size", tuple(map(str, self.batch_sizes))),
            Control("Learning rate", tuple(f"{lr:g}" for lr in self.lrs)),
        )
        result = f"mean squared distance of the last {_WINDOW} steps"
        return Demo(
            self.slug,
            self.title,
            self.task,
            controls,
            tuple(runs),
            result,
            _FLOOR,
            _BOWL,
            ask.missing,
            formula="noise_floor",
        )


def _hovered(path: Tensor, expected: float | None) -> DemoRun:
    """The path of two weights, and the mean squared distance in windows of all, up to the first that is too far."""
    distances = [float(part.square().mean()) for part in path.split(_WINDOW)]
    end = next((n for n, distance in enumerate(distances) if not distance < FAR), len(distances))
    points = path[: end * _WINDOW, :2].flatten().tolist()
    level = rounded(expected) if expected is not None and math.isfinite(expected) else None
    return DemoRun(
        tuple(map(rounded, distances[:end])),
        end < len(distances),
        first=_WINDOW / 2,
        step=_WINDOW,
        path=tuple(float(f"{point:.3g}") for point in points),
        expected=level,
    )


PLAYS = (Batches(), Hovering())
