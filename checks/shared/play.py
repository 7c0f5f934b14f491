"""Interactive figures of several sections: update rules on a bowl, for every setting of the page's controls."""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from grader.figures.demo import Axis, Control, Curve, Demo, DemoRun, Plane
from grader.figures.play import Ask

from .programs import paths_down_bowl

_STEPS = 40
_START = (-9.0, 1.6)
FAR = 100.0  # a weight or loss beyond it has diverged
_DIGITS = 4
_LEVELS = (0.03, 0.15, 0.4, 0.8, 1.4, 2.2, 3.4)  # of the ellipses; the one of level 1 has the flat half axis 9
_CURVE = Curve(
    Axis("steps", 0, _STEPS, (0, _STEPS / 2, _STEPS)),
    Axis("loss", -8, 2, (-8, -6, -4, -2, 0, 2)),
)


@dataclass(frozen=True)
class Rule:
    """How to call an update rule, and its name on the page."""

    exercise: str
    name: str
    num_states: int
    is_counted: bool = False


@dataclass(frozen=True)
class Bowl:
    """An interactive figure of update rules on a bowl; `betas` adds a control, several `rules` add a choice."""

    slug: str
    title: str
    task: str
    rules: tuple[Rule, ...]
    curvatures: tuple[float, float]
    lrs: tuple[float, ...]
    betas: tuple[float, ...] = ()

    @property
    def exercises(self) -> tuple[str, ...]:
        return tuple(rule.exercise for rule in self.rules)

    def play(self, ask: Ask) -> Demo | None:
        found = {rule.name: paths for rule in self.rules if (paths := self._paths(ask, rule)) is not None}
        if not found:
            return None
        first = Control("Learning rate", tuple(f"{lr:.3g}" for lr in self.lrs))
        runs = [self._kept(path) for paths in found.values() for path in paths]
        controls: tuple[Control, ...] = (first,)
        if self.betas:
            controls = (first, Control("Momentum", tuple(f"{beta:.2g}" for beta in self.betas)))
        elif len(self.rules) > 1:
            controls = (Control("Optimizer", tuple(found), is_choice=True), first)
        result = f"loss after {_STEPS} steps"
        return Demo(self.slug, self.title, self.task, controls, tuple(runs), result, _CURVE, self._plane(), ask.missing)

    def _plane(self) -> Plane:
        flat, steep = self.curvatures
        widths = [9 * math.sqrt(level) for level in _LEVELS]
        return Plane(
            Axis("first weight", -11, 11, (-10, -5, 0, 5, 10)),
            Axis("second weight", -3.2, 3.2, (-2, 0, 2)),
            tuple((rounded(width), rounded(width * math.sqrt(flat / steep))) for width in widths),
            "minimum",
        )

    def _paths(self, ask: Ask, rule: Rule) -> Tensor | None:
        settings = [
            {"lr": lr} | ({"beta": beta} if self.betas else {}) for lr in self.lrs for beta in self.betas or (0,)
        ]
        bowl, start = torch.tensor(self.curvatures, dtype=torch.float64), torch.tensor(_START, dtype=torch.float64)

        def call(student: Any) -> Any:
            return student.run(
                paths_down_bowl, rule.exercise, bowl, start, settings, rule.num_states, rule.is_counted, _STEPS
            )

        paths: Tensor | None = ask(rule.exercise, call, (len(settings), _STEPS + 1, 2))
        return paths

    def _kept(self, path: Tensor) -> DemoRun:
        """The losses and the points of a path, up to the first point that is too far away."""
        losses: list[float] = []
        points: list[float] = []
        for point in path.tolist():
            if not all(abs(weight) < FAR for weight in point):
                break
            loss = sum(curvature * w * w for curvature, w in zip(self.curvatures, point, strict=True)) / 2
            losses.append(rounded(loss))
            points += map(rounded, point)
        return DemoRun(tuple(losses), len(losses) < len(path), path=tuple(points))


def geometric(low: float, high: float, count: int) -> tuple[float, ...]:
    return tuple(float(f"{low * (high / low) ** (n / (count - 1)):.3g}") for n in range(count))


def rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}")
