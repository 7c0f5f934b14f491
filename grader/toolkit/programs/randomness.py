"""Programs about the global random state of torch."""

from typing import Any

import torch
from torch import Tensor


def drawn_from_state() -> Tensor:
    """torch's global random state once much was drawn: whoever sets a seed, be it that of a worker, does not come back to it."""
    torch.rand(1009)
    return torch.get_rng_state()


def global_random_state(submission: Any, function: str, *args: Any, **kwargs: Any) -> bool:
    """Call a function and tell whether it left torch's global random state as it found it."""
    before = drawn_from_state()
    getattr(submission, function)(*args, **kwargs)
    return torch.equal(before, torch.get_rng_state())


def random_state_after(submission: Any, seed: int, function: str, *args: Any, **kwargs: Any) -> Tensor:
    """torch's global random state after a call of a function, when it was seeded right before."""
    torch.manual_seed(seed)
    getattr(submission, function)(*args, **kwargs)
    return torch.get_rng_state()
