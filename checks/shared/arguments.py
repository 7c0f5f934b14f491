"""Arguments of a program in the words of the exercise, as the student's function gets them."""

from collections.abc import Callable
from typing import Any

from torch import nn

from grader.toolkit.roles import ArgumentRoles
from grader.toolkit.show import Said

ROLES = ArgumentRoles(
    states=("velocities", "square_sums", "square_averages", "first_moments", "second_moments"),
    gradients="grads",
    step="step",
    steps="num_steps",
    examples=frozenset(
        {"X", "y", "X_train", "y_train", "images", "labels", "logits", "targets", "per_example_grads"},
    ),
)

# Arguments whose names differ between programs and exercises.
_RENAMED = {
    "loss": "loss_fn",
    "plan": "model",
    "grad": "w.grad before",
    "planted": ".grad before",
    "count": "number of calls",
    "num_calls": "number of calls",
    "steps": "training steps",
    "points": "w, row after row",
    "changes": "changes of the last group, step by step",
    "gamma": "gamma of ExponentialLR",
    "late": "group that joins",
    "joins": "joins after step",
    "saved": "saved after step",
    "minima": "minimum of the loss, call by call",
}
_OF_PROGRAM = {("sample_many_times", "num_draws"): "number of calls"}
_HIDDEN = {"alone", "rule", "secret"}


def in_words(program: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a program, with the names of the exercise."""
    found: dict[str, Any] = {}
    for name, value in arguments.items():
        translate = _TRANSLATED.get(name)
        if translate is not None:
            found |= translate(value, arguments)
        elif name not in _HIDDEN:
            found[_OF_PROGRAM.get((program, name)) or _RENAMED.get(name, name)] = value
    return found


def _model(value: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """The layers and weights of a network that is described by its weights; other models describe themselves."""
    if not isinstance(getattr(value, "weights", None), list):
        return {"model": value}
    return {"model": Said(_layers(value.build())), "its weights": value.weights}


def _layers(module: nn.Sequential) -> str:
    return ", ".join(_layer(layer) for layer in module)


def _layer(layer: nn.Module) -> str:
    if isinstance(layer, nn.Linear):
        return f"Linear({layer.in_features}, {layer.out_features})"
    if isinstance(layer, nn.BatchNorm1d):
        return f"BatchNorm1d({layer.num_features})"
    return f"Dropout({layer.p:g})" if isinstance(layer, nn.Dropout) else type(layer).__name__


def _weights(value: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """Parameters for an optimizer, or the weights of a network of linear layers with tanh between them."""
    if "gradients" in arguments:
        return {"params": value}
    shapes = [tuple(weight.shape) for weight in value[::2]]
    layers = ", Tanh, ".join(f"Linear({inputs}, {outputs})" for outputs, inputs in shapes)
    return {"model": Said(layers), "its weights": value}


def _batches(value: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """A single batch is X and y; several form a loader, or belong to consecutive calls."""
    if "model" in arguments:
        return {"loader": value}
    if len(value) == 1:
        return {"X": value[0][0], "y": value[0][1]}
    return {"(X, y) of the calls": value}


def _epochs(value: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    optimizer = f"torch.optim.SGD(params, lr={arguments['lr']:g}, momentum={arguments['momentum']:g})"
    loaders = {"loader" + (f", epoch {n}" if len(value) > 1 else ""): batches for n, batches in enumerate(value, 1)}
    return {**loaders, "optimizer": Said(optimizer)}


def _once(arguments: dict[str, Any]) -> str:
    return "params is" if "gradients" in arguments else "loader is"


def _sizes(value: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    return dict(zip(("in_dim", "hidden_dims", "out_dim"), value, strict=False))


_TRANSLATED: dict[str, Callable[[Any, dict[str, Any]], dict[str, Any]]] = {
    "model": _model,
    "weights": _weights,
    "batches": _batches,
    "epochs": _epochs,
    "sizes": _sizes,
    "lr": lambda value, arguments: {} if "epochs" in arguments else {"lr": value},
    "arguments": lambda value, arguments: value,
    "momentum": lambda value, arguments: {},
    "directions": lambda value, arguments: {"direction_x": value[0], "direction_y": value[1]},
    "gradients": lambda value, arguments: {f".grad in step {n}": grads for n, grads in enumerate(value, 1)},
    "labels": lambda value, arguments: {"loss_fn": Said("torch.nn.functional.cross_entropy"), "y": value},
    "training": lambda value, arguments: {"model.training": value},
    "once": lambda value, arguments: {_once(arguments): Said("an iterator, which works only once")} if value else {},
    "seed": lambda value, arguments: {"its weights": Said(f"random, from seed {value}")},
}
