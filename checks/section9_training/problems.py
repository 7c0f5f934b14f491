"""Small classifiers described by their weights, with layers that differ between train and eval mode."""

import dataclasses

import torch
from torch import Tensor, nn


@dataclasses.dataclass(frozen=True)
class SmallClassifier:
    """Linear layers with tanh between them; `weights` are matrix and bias of each layer, in order, of the same dtype.

    `normalised` adds batch normalisation after the first layer; its running mean and variance start at 0.5 and 2.
    `dropout` is the probability that an output of that layer is set to zero in train mode.
    """

    weights: list[Tensor]
    normalised: bool = False
    dropout: float = 0.0

    def build(self) -> nn.Sequential:
        """A new module in train mode."""
        layers: list[nn.Module] = []
        for weight, bias in zip(self.weights[::2], self.weights[1::2], strict=True):
            linear = nn.Linear(weight.shape[1], weight.shape[0], dtype=weight.dtype)
            with torch.no_grad():
                linear.weight.copy_(weight)
                linear.bias.copy_(bias)
            layers += [linear, nn.Tanh()]
        layers.pop()
        if self.dropout:
            layers.insert(1, nn.Dropout(self.dropout))
        if self.normalised:
            layers.insert(1, self._normalisation())
        return nn.Sequential(*layers)

    def _normalisation(self) -> nn.BatchNorm1d:
        layer = nn.BatchNorm1d(len(self.weights[1]), dtype=self.weights[1].dtype)
        assert layer.running_mean is not None
        assert layer.running_var is not None
        layer.running_mean.fill_(0.5)
        layer.running_var.fill_(2.0)
        return layer
