"""Interactive figures of several sections: update rules on a bowl, for every setting of the page's controls."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from grader.figures.demo import Ask, Control, Demo, DemoRun

from .programs import paths_down_bowl

_STEPS = 40
_START = (-9.0, 1.6)
FAR = 100.0  # a weight or loss beyond it has diverged
_DIGITS = 4


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
        runs = [_kept(path) for paths in found.values() for path in paths]
        controls: tuple[Control, ...] = (first,)
        if self.betas:
            controls = (first, Control("Momentum", tuple(f"{beta:.2g}" for beta in self.betas)))
        elif len(self.rules) > 1:
            controls = (Control("Optimizer", tuple(found), is_choice=True), first)
        return Demo(
            self.slug, self.title, self.task, controls, tuple(runs), _STEPS, "steps", self.curvatures, ask.missing
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

        return ask(rule.exercise, call, (len(settings), _STEPS + 1, 2))


def geometric(low: float, high: float, count: int) -> tuple[float, ...]:
    return tuple(float(f"{low * (high / low) ** (n / (count - 1)):.3g}") for n in range(count))


def _kept(path: Tensor) -> DemoRun:
    """A path as x, y, x, y, ..., up to the first point that is too far away."""
    numbers: list[float] = []
    for x, y in path.tolist():
        if not (abs(x) < FAR and abs(y) < FAR):
            return DemoRun(tuple(numbers), True)
        numbers += [rounded(x), rounded(y)]
    return DemoRun(tuple(numbers), False)


def rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}")
