"""Programs about tensors that lie transposed in memory: only values travel over the wire, so they are made in the worker."""

from typing import Any

import torch
from torch import Tensor

from grader.toolkit.layout import with_gaps


def step_on_turned(
    submission: Any, function: str, params: list[Tensor], grads: list[Tensor], lr: float
) -> tuple[list[Tensor], list[bool]]:
    """Take a step of weights and gradients that lie transposed in memory; the weights require grad.

    Returns the weights after the step, and whether each of them still requires grad.
    """
    weights = [with_gaps(w).requires_grad_() for w in params]
    getattr(submission, function)(weights, [with_gaps(g) for g in grads], lr)
    return [w.detach().clone(memory_format=torch.contiguous_format) for w in weights], [
        w.requires_grad for w in weights
    ]


def result_for_transposed(submission: Any, function: str, tensor: Tensor, *args: Any) -> Any:
    """What a function returns for a tensor that lies transposed in memory."""
    return getattr(submission, function)(with_gaps(tensor), *args)
