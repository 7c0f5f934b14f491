"""The numbers of section 6's pictures, against closed forms and a plain loop; what they say of a stub and of wrong answers."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from tests.course_parts import from_course
from tests.figures.fixtures import source_of

digits, fresh_network = from_course("shared.digits", "digits", "fresh_network")
CostOfGradient, ExamplesProcessed, GradientNoise = from_course(
    "section6_minibatch.figures", "CostOfGradient", "ExamplesProcessed", "GradientNoise"
)

pytestmark = pytest.mark.slow

STEM = "section6_minibatch"
SOLVED = source_of(STEM)


def test_the_noise_is_that_of_all_subsets(pictures):
    """Of one row, and of all rows but two, whose complements are pairs, the expectation needs no formula."""
    figure, arrays = GradientNoise(), pictures["gradient-noise"].arrays
    grads = figure.gradients()
    rest = grads - grads.mean(0)
    one = rest.square().sum(1).mean()
    pairs = (rest[:, None] + rest[None, :]).square().sum(2)
    n = len(grads)
    without_two = (pairs.sum() - pairs.diagonal().sum()) / (n * (n - 1)) / (n - 2) ** 2
    np.testing.assert_allclose(figure.expected(np.array([1, n - 2])), [one, without_two], rtol=1e-9)
    np.testing.assert_allclose(arrays["noise"], arrays["expected"], rtol=0.2)


def test_the_gradients_are_those_of_cross_entropy():
    X, y = digits(0, GradientNoise.examples)
    pixels = torch.nn.functional.avg_pool2d(X.reshape(-1, 1, 28, 28), 4).flatten(1)
    weights = torch.zeros(10, pixels.shape[1], dtype=X.dtype, requires_grad=True)
    cross_entropy(pixels[7:8] @ weights.T, y[7:8]).backward()
    np.testing.assert_allclose(GradientNoise().gradients()[7], weights.grad.flatten(), atol=1e-12)


def test_the_full_batch_is_gradient_descent(pictures):
    X, y = digits(0, ExamplesProcessed.examples, torch.float32)
    weight, bias = (torch.nn.Parameter(one) for one in fresh_network(dtype=torch.float32))
    optimizer, losses = torch.optim.SGD([weight, bias], lr=ExamplesProcessed.lr), []
    for _ in range(ExamplesProcessed.epochs):
        optimizer.zero_grad()
        loss = cross_entropy(X @ weight.T + bias, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    np.testing.assert_allclose(pictures["examples-processed"].arrays["losses_1000"], losses, rtol=1e-5)


def test_small_batches_get_further(pictures):
    ends = [pictures["examples-processed"].arrays[f"held_out_{size}"] for size in ExamplesProcessed.sizes]
    assert max(ends[:2]) < ends[2] < ends[3]
    assert pictures["examples-processed"].title.startswith("Held-out loss: 0.77 at B = 1, 0.64 at 20")


def test_losses_are_averaged_over_the_same_number_of_examples():
    x, y = ExamplesProcessed().averaged(np.arange(150.0), size=20)
    assert (x[0], y[0]) == (220, 5.5)  # the mean of the first twelve, the last of which has seen eleven batches
    assert (x[-1], y[-1]) == (2980, 143.5)


def test_a_gradient_of_many_examples_takes_longer_but_less_each(pictures):
    """Loosely, since it is measured: 1,000 examples are a thousand times the arithmetic."""
    seconds = pictures["cost-of-gradient"].arrays["seconds"]
    assert (seconds > 0).all()
    assert 2 < seconds[-1] / seconds[0] < CostOfGradient.sizes[-1] / 2


def test_wrong_answers_are_drawn_and_called_wrong(draw_of):
    source = SOLVED.replace(
        "loss = loss_fn(model(X_batch), y_batch)", "loss = loss_fn(model(X_batch), y_batch) * len(X_batch)"
    )
    source = source.replace("rows = torch.randperm(n, generator=generator)[:batch_size]\n        total",
                            "rows = torch.randint(n, (batch_size,), generator=generator)\n        total")  # fmt: skip
    source = source.replace("loss_fn(model(X), y), list", "-loss_fn(model(X), y), list")
    pictures = draw_of(STEM, source)
    assert pictures["gradient-noise"].missing == ("gradient_noise is far from its expectation.",)
    assert pictures["examples-processed"].missing == ("sgd does not agree with the reference.",)
    assert pictures["cost-of-gradient"].missing == ("minibatch_gradient does not agree with the reference.",)
    assert pictures["cost-of-gradient"].title.startswith("A gradient of 1,000 examples takes")
