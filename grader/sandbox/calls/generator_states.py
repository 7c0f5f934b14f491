"""The random generators of a check, as one callee has left them. The check's own objects stay as they are."""

from dataclasses import dataclass
from typing import TypeAlias

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
    """Remembers how far a callee has drawn: its next call goes on from there.

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
