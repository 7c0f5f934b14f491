"""Programs about update rules and the tensors that they are given, which are of another kind than those that travel."""

from typing import Any

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


def trainable_after_step(
    submission: Any, rule: str, params: list[Tensor], grads: list[Tensor], lr: float
) -> list[bool]:
    """Which weights require grad after one step of the update rule called `rule`."""
    getattr(submission, rule)(params, grads, lr)
    return [w.requires_grad for w in params]
