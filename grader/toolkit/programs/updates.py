"""Programs about update rules and the tensors that they are given, which are of another kind than those that travel."""

from typing import Any

import torch
from torch import Tensor


def step_and_refill(submission: Any, rule: str, grads: list[Tensor], **arguments: Any) -> None:
    """One step of the update rule called `rule`, on gradients whose tensors then get other numbers.

    So they do in training, where the next backward pass writes into the same tensors. Weights and state, which come back to
    the caller, should not notice.
    """
    own = [grad.clone() for grad in grads]
    getattr(submission, rule)(grads=own, **arguments)
    for grad in own:
        grad.fill_(7)


def traces_of_step(submission: Any, function: str, *args: Any, **kwargs: Any) -> tuple[list[bool], bool]:
    """Which weights, its first argument, require grad after a step of `function`, and whether torch records gradients."""
    getattr(submission, function)(*args, **kwargs)
    recording = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    return [w.requires_grad for w in args[0]], recording
