"""A program about update rules, whose gradients are of another kind than those that travel."""

from typing import Any

from torch import Tensor


def step_and_refill(
    submission: Any, rule: str, grads: list[Tensor], changed: tuple[str, ...], **arguments: Any
) -> list[list[Tensor]]:
    """One step of the update rule called `rule`, on gradients whose tensors then get other numbers.

    So they do in training, where the next backward pass writes into the same tensors. Weights and state should not notice:
    the arguments called `changed` are returned, as they are then.
    """
    own = [grad.clone() for grad in grads]
    state = {name: [tensor.clone() for tensor in arguments[name]] for name in changed}
    getattr(submission, rule)(grads=own, **(arguments | state))
    for grad in own:
        grad.fill_(7)
    return [state[name] for name in changed]
