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


def step_on_transposed(submission: Any, rule: str, grads: list[Tensor], **arguments: Any) -> None:
    """One step on matrices that lie column after column in memory: whoever flattens one has a copy.

    What they hold afterwards comes back in the caller's tensors.
    """
    given = {name: value for name, value in arguments.items() if isinstance(value, list)}
    turned = {name: [_by_columns(tensor) for tensor in tensors] for name, tensors in given.items()}
    getattr(submission, rule)(grads=[_by_columns(grad) for grad in grads], **(arguments | turned))
    with torch.no_grad():
        for name, tensors in given.items():
            for tensor, new in zip(tensors, turned[name], strict=True):
                tensor.copy_(new)


def _by_columns(tensor: Tensor) -> Tensor:
    return tensor.detach().mT.contiguous().mT
