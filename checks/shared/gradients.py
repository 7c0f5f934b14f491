"""Gradients of objectives in closed form. They never travel: an objective in a worker knows only its value."""

from functools import singledispatch
from typing import Any

from torch import Tensor

from .problems import Quadratic, Quartic


@singledispatch
def gradient_of(objective: Any, w: Tensor) -> Tensor:
    """The gradient of an objective at `w` (d,), in closed form: (d,)."""
    raise TypeError(f"no closed form is known for {objective}")


@gradient_of.register
def _(objective: Quadratic, w: Tensor) -> Tensor:
    return objective.hessian @ (w - objective.minimum)


@gradient_of.register
def _(objective: Quartic, w: Tensor) -> Tensor:
    return w**3 + objective.slope
