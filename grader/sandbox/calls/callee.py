"""The callees of a check, student and reference: how each shows its functions, and how far it has drawn from generators."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from grader.toolkit.generators import state_of
from grader.toolkit.lazy_torch import torch

Generator: TypeAlias = "torch.Generator | np.random.Generator"


@dataclass(frozen=True)
class _Stream:
    """A generator of the check, its state when it was last sent, and the state that the callee sent back."""

    generator: Generator  # held, so that its id stays its own
    sent: np.ndarray
    left: np.ndarray


class GeneratorStates:
    """Remembers how far a callee has drawn: its next call goes on from there. The check's own objects stay as they are.

    A generator that the check itself has moved since starts from where the check has moved it.
    """

    def __init__(self) -> None:
        self._generator_states: dict[int, _Stream] = {}

    def state(self, generator: Generator) -> np.ndarray:
        """The state with which the callee's next call finds the generator."""
        now = state_of(generator)
        stream = self._generator_states.get(id(generator))
        return stream.left if stream is not None and np.array_equal(stream.sent, now) else now

    def keep(self, generator: Generator, state: np.ndarray) -> None:
        """Note the state in which a call has left its generator."""
        self._generator_states[id(generator)] = _Stream(generator, state_of(generator), state)


class ExerciseCall:
    """`student.scale` in a check: calls one exercise of `whose`, "student" or "reference".

    The text of a failed `assert` shows it under its name.
    """

    def __init__(self, whose: str, name: str, call: Callable[..., Any]) -> None:
        self.__name__ = name
        self._whose = whose
        self._call = call

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(*args, **kwargs)

    def __repr__(self) -> str:  # without an address, which would differ from run to run
        return f"{self._whose}.{self.__name__}"
