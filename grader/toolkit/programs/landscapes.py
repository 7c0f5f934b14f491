"""Programs about networks of different sizes and the landscape of their loss."""

from typing import Any

import torch
from torch import Tensor, nn

from grader.toolkit.problems.networks import Explosive, MixedNetwork, NetworkPlan


def anatomy_of_mlp(
    submission: Any, width: int, depth: int, in_dim: int, out_dim: int, X: Tensor
) -> tuple[bool, list[Tensor], Tensor]:
    """Build a network; tell whether it is an nn.Sequential, its parameters in order, and its outputs for `X`."""
    model = submission.make_mlp(width, depth, in_dim=in_dim, out_dim=out_dim)
    model = model.to(X.dtype)
    params = [parameter.detach() for parameter in model.parameters()]
    return isinstance(model, nn.Sequential), params, model(X).detach()


def default_mlp(submission: Any, width: int, depth: int) -> list[Tensor]:
    """The parameters of a network built without naming the dimensions of its inputs and outputs."""
    return [parameter.detach() for parameter in submission.make_mlp(width, depth).parameters()]


def parameter_count(submission: Any, plan: NetworkPlan | MixedNetwork) -> int:
    """Count the parameters of a planned network."""
    count: int = submission.count_parameters(plan.build())
    return count


def interpolate_and_scribble(submission: Any, state_a: dict[str, Tensor], state_b: dict[str, Tensor]) -> None:
    """Interpolate at both ends, then write over the results: the inputs must not notice."""
    for alpha in (0.0, 1.0, 0.5):
        for tensor in submission.interpolate(state_a, state_b, alpha).values():
            tensor.fill_(0)


def surface_of(
    submission: Any,
    loss: Explosive,
    params: list[Tensor],
    directions: tuple[list[Tensor], list[Tensor]],
    xs: Tensor,
    ys: Tensor,
) -> Tensor:
    """The loss on a plane; a tensor of no entries if the loss raised and the function let it out."""
    try:
        surface: Tensor = submission.loss_surface(loss.lit(params), params, *directions, xs, ys)
    except ArithmeticError:
        return torch.empty(0)
    return surface


def surface_has_graph(
    submission: Any,
    loss: Explosive,
    params: list[Tensor],
    directions: tuple[list[Tensor], list[Tensor]],
    xs: Tensor,
    ys: Tensor,
) -> bool:
    """Whether the surface requires grad when the parameters do."""
    surface: Tensor = submission.loss_surface(loss.lit(params), params, *directions, xs, ys)
    return surface.requires_grad


def records_after_surface(
    submission: Any,
    loss: Explosive,
    params: list[Tensor],
    directions: tuple[list[Tensor], list[Tensor]],
    xs: Tensor,
    ys: Tensor,
) -> bool:
    """Whether torch still records gradients once the surface is there."""
    torch.set_grad_enabled(True)
    submission.loss_surface(loss.lit(params), params, *directions, xs, ys)
    recording = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    return recording


def losses_from_two_global_states(
    submission: Any, width: int, seeds: list[int], X: Tensor, y: Tensor
) -> tuple[Tensor, Tensor]:
    """The losses of untrained networks, from two states of torch's global generator."""
    found = []
    with torch.random.fork_rng(devices=[]):
        for state in (1, 2):
            torch.manual_seed(state)
            found.append(submission.train_from_seeds(width, list(seeds), X, y, 0.1, 0).detach())
    return found[0], found[1]
