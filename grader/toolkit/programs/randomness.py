"""Programs about the global random state of torch."""

from typing import Any

import torch


def global_random_state(submission: Any, function: str, *args: Any, **kwargs: Any) -> bool:
    """Call a function and tell whether it left torch's global random state as it found it."""
    before = torch.get_rng_state()
    getattr(submission, function)(*args, **kwargs)
    return torch.equal(before, torch.get_rng_state())
