"""Secrets: random values that a submission cannot guess. Seed with one in the worker, and compare the state after the call.

No verdict and no message depends on the value.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import Any

from grader.toolkit.closeness import expect
from grader.toolkit.lazy_torch import torch
from grader.toolkit.programs import random_state_after


def secret() -> int:
    """A random number, to seed a generator. Programs take it as `secret`, which no report shows."""
    return int.from_bytes(os.urandom(7), "little")


def keeps_global_state(student: Any, function: str, *args: Any, **kwargs: Any) -> bool:
    """Whether a call of `function` keeps torch's global random state."""
    seed = secret()
    return is_state_of(seed, student.run(random_state_after, seed, function, *args, **kwargs))


def is_state_of(seed: int, left: torch.Tensor) -> bool:
    """Whether a call has left the random state that the seed gives."""
    kept = torch.Generator().manual_seed(seed).get_state()
    return left.dtype is kept.dtype and torch.equal(left, kept)


def expect_state_of(seed: int, left: torch.Tensor, function: str) -> None:
    """Raise WrongAnswerError unless `left`, torch's global random state after a call of `function`, is that of a seed."""
    expect(is_state_of(seed, left), f"{function} changed torch's global random state. Draw from `generator` alone.")


def expect_global_state_kept(student: Any, function: str, *args: Any, **kwargs: Any) -> None:
    """Raise WrongAnswerError unless a call of `function` keeps torch's global random state."""
    seed = secret()
    expect_state_of(seed, student.run(random_state_after, seed, function, *args, **kwargs), function)


@dataclass(frozen=True)
class CodeSeed:
    """Made of the course's key and a digest of a submission's code; `is_public` if every student has the key, too."""

    value: bytes
    is_public: bool

    @classmethod
    def of(cls, key: bytes, exercise: str, digest: str, is_public: bool) -> "CodeSeed":
        """A worker that has executed nothing computes the digest. Without the key, a chosen digest gives no advantage."""
        return cls(hmac.digest(key, f"data of {exercise}:{digest}".encode(), hashlib.sha256), is_public)

    def part(self, purpose: str) -> bytes:
        """Bytes of their own for one purpose."""
        return hmac.digest(self.value, purpose.encode(), hashlib.sha256)
