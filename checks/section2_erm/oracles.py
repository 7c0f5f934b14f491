"""A multilayer perceptron by its definition, for parameters in any order and orientation."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from grader.toolkit.show import value
from grader.toolkit.verdicts import WrongAnswerError

Layer = tuple[Tensor, Tensor]  # weight (out, in) and bias (out,)


def parameter_count(dims: Sequence[int]) -> int:
    """Number of weights and biases of a network with these numbers of units, input first."""
    return sum(before * after + after for before, after in pairwise(dims))


def layers_of(parameters: Sequence[Tensor], dims: Sequence[int]) -> list[Layer]:
    """Sort parameters into layers by their shapes, as views; all `dims` must differ and be above 1.

    Raises WrongAnswerError unless each layer has exactly one weight matrix (in either orientation) and one bias.
    """
    layers = []
    for before, after in pairwise(dims):
        weights = [p if p.shape == (after, before) else p.T for p in parameters if _is_between(p, before, after)]
        biases = [p.reshape(-1) for p in parameters if p.squeeze().shape == (after,)]
        if len(weights) != 1 or len(biases) != 1:
            shapes = value([tuple(p.shape) for p in parameters])
            wanted = value([shape for a, b in pairwise(dims) for shape in ((b, a), (b,))])
            raise WrongAnswerError(f"MLP has parameters of shapes {shapes}; its layers should have {wanted}.")
        layers.append((weights[0], biases[0]))
    return layers


def _is_between(parameter: Tensor, before: int, after: int) -> bool:
    return parameter.shape in ((after, before), (before, after))


def logits_of(layers: Sequence[Layer], X: Tensor) -> Tensor:
    """Logits (n, out) of X (n, ...): ReLU after every layer but the last."""
    activations = X.reshape(len(X), -1)
    for weight, bias in layers[:-1]:
        activations = (activations @ weight.T + bias).clamp(min=0)
    weight, bias = layers[-1]
    return activations @ weight.T + bias


def mean_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean negative log-likelihood, 0-d."""
    right = logits.gather(1, targets[:, None])[:, 0]
    return (torch.logsumexp(logits, 1) - right).mean()
