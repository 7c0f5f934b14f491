"""Programs about networks of different sizes, and about the landscape of their loss."""

from typing import Any

import torch
from torch import Tensor, nn

from grader.toolkit.tensors import with_gaps

from ..shared.problems import starting_values
from .problems import FailingQuadratic, MixedNetwork, NetworkPlan


def anatomy_of_mlp(
    submission: Any, width: int, depth: int, in_dim: int, out_dim: int, X: Tensor
) -> tuple[list[Tensor], Tensor, Tensor]:
    """Build a network and set its parameters, so that no answer is right or wrong by a lucky first draw.

    Returns its parameters in order, its outputs for `X`, and the outputs when `X` goes through its layers one at a
    time: empty if the network is no nn.Sequential.
    """
    model = submission.make_mlp(width, depth, in_dim=in_dim, out_dim=out_dim)
    model = model.to(X.dtype)
    if type(model).forward is nn.Module.forward:  # torch would raise NotImplementedError, like a stub
        raise TypeError(f"make_mlp returned an nn.{type(model).__name__}, which cannot be called: it has no `forward`.")
    params = [parameter.detach() for parameter in model.parameters()]
    for param, value in zip(params, starting_values([p.shape for p in params], depth, 0.5, 0.5), strict=True):
        param.copy_(value)
    outputs = model(X).detach()
    if not isinstance(model, nn.Sequential):
        return params, outputs, torch.empty(0)
    for item in model:
        X = item(X)
    return params, outputs, X.detach()


def fresh_mlp(submission: Any, width: int, depth: int, in_dim: int, out_dim: int) -> list[Tensor]:
    """The initial parameters of a new network."""
    return [parameter.detach() for parameter in submission.make_mlp(width, depth, in_dim, out_dim).parameters()]


def default_mlp(submission: Any, width: int, depth: int) -> list[Tensor]:
    """The parameters of a network with the default numbers of inputs and outputs."""
    return [parameter.detach() for parameter in submission.make_mlp(width, depth).parameters()]


def parameter_count(submission: Any, plan: NetworkPlan | MixedNetwork) -> int:
    """Count the parameters of a planned network."""
    count: int = submission.count_parameters(plan.build())
    return count


def interpolated_then_overwritten(
    submission: Any, state_a: dict[str, Tensor], state_b: dict[str, Tensor], alpha: float, fill: int
) -> dict[str, Tensor]:
    """Interpolate between copies, then overwrite the copies: a result that shares memory with them holds `fill`."""
    copies = [{name: tensor.clone() for name, tensor in state.items()} for state in (state_a, state_b)]
    result: dict[str, Tensor] = submission.interpolate(*copies, alpha)
    for state in copies:
        for tensor in state.values():
            tensor.fill_(fill)
    return result


def names_of_network(submission: Any, width: int, in_dim: int, out_dim: int) -> list[str]:
    """The names in the state dict of a network with one hidden layer."""
    return list(submission.make_mlp(width, 1, in_dim, out_dim).state_dict())


def permuted_then_overwritten(submission: Any, state: dict[str, Tensor], order: list[int]) -> dict[str, Tensor]:
    """Permute the units of a copy, then overwrite the copy: a result that shares memory with it holds zeros."""
    copy = {name: tensor.clone() for name, tensor in state.items()}
    result: dict[str, Tensor] = submission.permute_hidden_units(copy, list(order))
    for tensor in copy.values():
        tensor.fill_(0)
    return result


def surface_of(
    submission: Any,
    loss: FailingQuadratic,
    params: list[Tensor],
    directions: tuple[list[Tensor], list[Tensor]],
    xs: Tensor,
    ys: Tensor,
) -> tuple[Tensor, list[Tensor], list[Tensor], bool]:
    """The loss on a plane around copies of `params`; the copies afterwards; and the gradient of the loss there.

    The surface is empty if the loss raised and the function let the exception pass. The gradients are empty if the
    copies can no longer be trained: torch records no gradients, or the copies do not require grad.

    The last value tells whether the copies are restored to the last bit. It is for a diagnosis, which rounds; a check
    compares the numbers.
    """
    moved = [(torch.clone if param.is_contiguous() else with_gaps)(param.detach()) for param in params]
    for copy, param in zip(moved, params, strict=True):
        copy.requires_grad_(param.requires_grad)
    try:
        surface = submission.loss_surface(loss.bind(moved), list(moved), *directions, xs, ys)
    except ArithmeticError:
        surface = torch.empty(0)
    value = loss.value(moved)
    trains = value.requires_grad and all(copy.requires_grad for copy in moved)
    slopes = list(torch.autograd.grad(value, moved)) if trains else []
    home = all(torch.equal(copy, param) for copy, param in zip(moved, params, strict=True))
    return surface, [copy.detach() for copy in moved], slopes, home


def starts_from_two_global_states(
    submission: Any, width: int, seeds: list[int], X: Tensor, y: Tensor
) -> list[list[dict[str, Tensor]]]:
    """The untrained networks, from two states of torch's global generator."""
    found = []
    with torch.random.fork_rng(devices=[]):
        for state in (1, 2):
            torch.manual_seed(state)
            found.append(submission.train_from_seeds(width, list(seeds), X, y, 0.1, 0))
    return found


def examples_after_training(
    submission: Any, width: int, seeds: list[int], X: Tensor, y: Tensor, lr: float, num_steps: int
) -> list[Tensor]:
    """Copies of inputs and targets after a training, for a diagnosis. A generated check fails if they changed."""
    own = [X.clone(), y.clone()]
    submission.train_from_seeds(width, list(seeds), *own, lr, num_steps)
    return own


def distinct_values(secret: int, count: int) -> list[float]:
    """`count` different numbers."""
    order = torch.randperm(max(1000, count), generator=torch.Generator().manual_seed(secret))
    return [float(value) for value in order[:count]]


def overwritten(submission: Any, secret: int, function: str, *args: Any, **kwargs: Any) -> list[dict[str, Tensor]]:
    """The state dicts that a function returns, after a secret value was written into each tensor in turn."""
    states: list[dict[str, Tensor]] = getattr(submission, function)(*args, **kwargs)
    tensors = [tensor for state in states for tensor in state.values()]
    with torch.inference_mode():  # here leaves of a graph and inference tensors may be overwritten, too
        for tensor, value in zip(tensors, distinct_values(secret, len(tensors)), strict=True):
            tensor.fill_(value)
    return states


def loss_of(params: list[Tensor], X: Tensor, y: Tensor) -> Tensor:
    """The mean cross-entropy of a network with one hidden ReLU layer and the weights and biases `params`."""
    first, first_bias, second, second_bias = params
    return nn.functional.cross_entropy(torch.relu(X @ first.T + first_bias) @ second.T + second_bias, y)


def surface_of_network(
    submission: Any,
    params: list[Tensor],
    directions: tuple[list[Tensor], list[Tensor]],
    X: Tensor,
    y: Tensor,
    xs: Tensor,
    ys: Tensor,
) -> Tensor:
    """The loss of this network on a plane."""
    surface: Tensor = submission.loss_surface(lambda: loss_of(params, X, y), params, *directions, xs, ys)
    return surface


def surface_on_teacher(
    submission: Any,
    params: list[Tensor],
    directions: tuple[list[Tensor], list[Tensor]],
    X: Tensor,
    y: Tensor,
    xs: Tensor,
    ys: Tensor,
) -> Tensor:
    """The mean squared error of a network with one hidden ReLU layer and one output, on a plane."""
    first, first_bias, second, second_bias = params

    def risk() -> Tensor:
        return ((torch.relu(X @ first.T + first_bias) @ second.T + second_bias)[:, 0] - y).square().mean()

    surface: Tensor = submission.loss_surface(risk, params, *directions, xs, ys)
    return surface


def flat_directions(submission: Any, params: list[Tensor], count: int, generator: torch.Generator) -> Tensor:
    """`count` filter-normalised directions, each as one long vector: (count, numbers in `params`)."""
    draws = (submission.filter_normalized_direction(params, generator) for _ in range(count))
    return torch.stack([torch.cat([part.flatten() for part in draw]) for draw in draws])


def states_between(
    submission: Any, state_a: dict[str, Tensor], state_b: dict[str, Tensor], alphas: list[float]
) -> Tensor:
    """The state at each alpha, as one long vector: (alphas, numbers in a state), entries in the order of `state_a`."""
    found = (submission.interpolate(state_a, state_b, alpha) for alpha in alphas)
    return torch.stack([torch.cat([state[name].flatten() for name in state_a]) for state in found])


def parameter_counts(submission: Any, widths: list[int], in_dim: int) -> list[int]:
    """How many trainable numbers a network with one hidden layer and one output has, for each of these widths."""
    plans = [NetworkPlan([in_dim, width, 1], []) for width in widths]
    return [submission.count_parameters(plan.build()) for plan in plans]
