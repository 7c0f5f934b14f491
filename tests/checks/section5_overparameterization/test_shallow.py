"""Many networks of one hidden layer at once: against torch's own, and what is refused of their form."""

import pytest
import torch
from torch import nn

from grader.toolkit.verdicts import WrongAnswerError
from tests.course_parts import from_course

ShallowNetworks, expect_networks, expect_states = from_course(
    "section5_overparameterization.oracles", "ShallowNetworks", "expect_networks", "expect_states"
)

X = torch.randn(10, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
Y = X[:, 0].abs()


def networks(count=2, width=4):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return [nn.Sequential(nn.Linear(3, width), nn.ReLU(), nn.Linear(width, 1)).double() for _ in range(count)]


def test_descent_is_that_of_torch():
    models = networks()
    starts = ShallowNetworks.of([[p.detach().clone() for p in model.parameters()] for model in models])
    losses = []
    for model in models:
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(20):
            optimizer.zero_grad()
            nn.functional.mse_loss(model(X).squeeze(1), Y).backward()
            optimizer.step()
        losses.append(nn.functional.mse_loss(model(X).squeeze(1), Y).detach())
    found = starts.descended(X, Y, 0.1, 20)
    trained = [[p.detach() for p in model.parameters()] for model in models]
    expect_networks(trained, found, (0, 1), 20)
    torch.testing.assert_close(found.losses(X, Y), torch.stack(losses))
    with pytest.raises(WrongAnswerError, match="hidden weights of seed 0 after 21 steps"):
        expect_networks(trained, found.descended(X, Y, 0.1, 1), (0, 1), 21)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop("2.bias"), "number of entries of state dict 1"),
        (lambda state: state.update({"2.weight": state["2.weight"][0]}), "shape of the output weights of state dict 1"),
        (lambda state: state.update({"0.bias": state["0.bias"].float()}), "dtype of the hidden biases of state dict 1"),
        (lambda state: state["0.weight"].fill_(float("nan")), "Not finite: hidden weights of state dict 1"),
    ],
)
def test_another_form_is_refused(change, message):
    states = [dict(model.state_dict()) for model in networks()]
    assert len(expect_states(states, 2, 4, X)) == 2
    change(states[1])
    with pytest.raises(WrongAnswerError, match=message):
        expect_states(states, 2, 4, X)
    with pytest.raises(WrongAnswerError, match="number of state dicts"):
        expect_states(states, 3, 4, X)
