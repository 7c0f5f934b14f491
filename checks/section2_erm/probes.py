"""Behaviour of a submission's MLP that does not depend on its initial weights or the order of its parameters."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from grader.toolkit.verdicts import StudentError, WrongAnswerError

from ..shared.problems import starting_values
from . import programs as erm
from .oracles import Layer, layers_of, logits_of

Features = dict[str, Any]

# All numbers of units differ, so that shapes identify layers. With symmetric random parameters, a unit that follows 16
# others is off for all inputs with probability below 2^-16, and all 12 such units with probability below 2^-190: the
# gradient reaches every layer. Chance may hide the formula of a wrong model, as positive logits hide a last ReLU: then
# no mistake is named.
_DIMS = (6, (16, 12), 3)
_EXAMPLES = 50
_OTHER = "by another formula"


def behaviour_of_mlp(student: Any) -> Iterator[Features]:
    """Yield numbers of parameters, formulas of logits, dtypes, and which parameters get a gradient."""
    X = torch.randn(_EXAMPLES, _DIMS[0], generator=torch.Generator().manual_seed(0))
    yield {
        "parameters of 784-10-10": _outcome(lambda: _count(student.run(erm.mlp_parameters))),
        "parameters of 6-16-12-3": _outcome(lambda: _count(student.run(erm.mlp_parameters, *_DIMS))),
        "parameters of 5-3": _outcome(lambda: _count(student.run(erm.mlp_parameters, 5, (), 3))),
        "parameters of 5-4-4-4-3": _outcome(lambda: _count(student.run(erm.mlp_parameters, 5, (4, 4, 4), 3))),
        "hidden layers of 16-12 and 12-16": _outcome(
            lambda: " and ".join(_widths(student, h) for h in ((16, 12), (12, 16)))
        ),
        "inputs and outputs of 6-3": _outcome(lambda: _ends(student.run(erm.mlp_parameters, 6, (), 3))),
        "equal units at the start": _outcome(lambda: _has_equal_units(student.run(erm.mlp_parameters, *_DIMS))),
        "logits": _outcome(lambda: _formula(*_probe(student, X), X)),
        "logits in evaluation mode": _outcome(lambda: _formula(*_probe(student, X, training=False), X)),
        "logits of images": _outcome(lambda: _formula_of_images(student, X.reshape(-1, 3, 2))),
        "logits in float64": _outcome(lambda: str(_probe(student, X.double())[0].dtype)),
        "gradient everywhere": _outcome(lambda: all(bool(gradient.any()) for gradient in _probe(student, X)[1])),
    }


def _probe(student: Any, X: Tensor, training: bool = True) -> tuple[Tensor, list[Tensor]]:
    logits, gradients = student.run(erm.mlp_probe, *_DIMS, X, 0, training)
    return logits, gradients


def _formula_of_images(student: Any, images: Tensor) -> str:
    """The formula of the logits of images (n, lines, columns), and whether it flattens columns in place of lines."""
    logits, gradients = _probe(student, images)
    name = _formula(logits, gradients, images.flatten(1))
    transposed = _formula(logits, gradients, images.mT.flatten(1))
    return "of transposed images" if (name, transposed) == (_OTHER, "of an MLP") else name


def _outcome(feature: Callable[[], Any]) -> Any:
    """The feature, or the type of the exception that it raises."""
    try:
        return feature()
    except StudentError as error:
        return error.type
    except WrongAnswerError:
        return "not to be told"


def _count(parameters: list[Tensor]) -> int:
    return sum(parameter.numel() for parameter in parameters)


def _widths(student: Any, hidden: tuple[int, ...]) -> str:
    """The widths of the hidden layers, if the shapes of the weights follow each other from 6 inputs to 3 outputs."""
    shapes = [tuple(p.shape) for p in student.run(erm.mlp_parameters, 6, hidden, 3) if p.squeeze().ndim == 2]
    for out_axis in (0, 1):  # the weights of some right models are transposed
        inputs = [shape[1 - out_axis] for shape in shapes] + [3]
        outputs = [6] + [shape[out_axis] for shape in shapes]
        if inputs == outputs:
            return "-".join(map(str, inputs[1:-1]))
    return "another form"


def _ends(parameters: list[Tensor]) -> str:
    """The numbers of inputs and outputs of a model without hidden layers."""
    shapes = [tuple(p.shape) for p in parameters if p.squeeze().ndim == 2]
    if len(shapes) != 1:
        return "another form"
    ends = shapes[0] if shapes[0][0] != 3 and shapes[0][1] != 6 else shapes[0][::-1]  # which may be transposed
    return f"{ends[0]} and {ends[1]}"


def _has_equal_units(parameters: list[Tensor]) -> bool:
    """Whether two hidden units of a layer start with the same weights."""
    weights = [weight.tolist() for weight, _ in _layers(parameters)[:-1]]
    return any(len({tuple(unit) for unit in units}) < len(units) for units in weights)


def _layers(parameters: list[Tensor]) -> list[Layer]:
    in_dim, hidden_dims, out_dim = _DIMS
    return layers_of(parameters, (in_dim, *hidden_dims, out_dim))


def _formula(logits: Tensor, gradients: list[Tensor], X: Tensor) -> str:
    """Name the formula that gives these logits; try the right formula first."""
    shapes = [tuple(gradient.shape) for gradient in gradients]
    layers = _layers(starting_values(shapes, 0, erm.PROBE_SCALE, erm.PROBE_SCALE))
    right = logits_of(layers, X.double())
    candidates = {
        "of an MLP": right,
        "with ReLU at the end": torch.relu(right),
        "with softmax at the end": torch.softmax(right, 1),
        "with log_softmax at the end": torch.log_softmax(right, 1),
        "with ReLU at the beginning": logits_of(layers, torch.relu(X.double())),
        "without ReLU": _logits_with(lambda z: z, layers, X),
        "with a sigmoid": _logits_with(torch.sigmoid, layers, X),
        "with tanh": _logits_with(torch.tanh, layers, X),
        "with leaky ReLU": _logits_with(functional.leaky_relu, layers, X),
        "with a GELU": _logits_with(functional.gelu, layers, X),
        "with a SiLU": _logits_with(functional.silu, layers, X),
        "with an ELU": _logits_with(functional.elu, layers, X),
        "with softplus": _logits_with(functional.softplus, layers, X),
        "with ReLU6": _logits_with(functional.relu6, layers, X),
        "with absolute values": _logits_with(torch.abs, layers, X),
        "with the negative part": _logits_with(lambda z: torch.relu(-z), layers, X),
        "with ReLU after the first layer alone": _logits_with_relu_after(0, layers, X),
        "with ReLU after the last hidden layer alone": _logits_with_relu_after(len(layers) - 2, layers, X),
        "with batch statistics": _logits_with(lambda z: torch.relu(_standardised(z)), layers, X),
        "with batch statistics after ReLU": _logits_with(lambda z: _standardised(torch.relu(z)), layers, X),
        "with normalised layers": _logits_with(lambda z: torch.relu(functional.layer_norm(z, z.shape[1:])), layers, X),
    }
    for name, candidate in candidates.items():
        if logits.shape == candidate.shape and torch.allclose(logits.double(), candidate, rtol=1e-3, atol=1e-4):
            return name
    return _OTHER


def _standardised(z: Tensor) -> Tensor:
    """Each unit with mean 0 and variance 1 over the examples, as batch normalisation does."""
    return functional.batch_norm(z, None, None, training=True)


def _logits_with(activation: Callable[[Tensor], Tensor], layers: list[Layer], X: Tensor) -> Tensor:
    """The logits of a network with another activation function."""
    activations = X.double()
    for weight, bias in layers[:-1]:
        activations = activation(activations @ weight.T + bias)
    weight, bias = layers[-1]
    return activations @ weight.T + bias


def _logits_with_relu_after(place: int, layers: list[Layer], X: Tensor) -> Tensor:
    """The logits of a network with a ReLU after one of its layers alone."""
    activations = X.double()
    for number, (weight, bias) in enumerate(layers):
        activations = activations @ weight.T + bias
        activations = torch.relu(activations) if number == place else activations
    return activations


PROBES = {"MLP": behaviour_of_mlp}
