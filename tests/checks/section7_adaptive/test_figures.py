"""The numbers of section 7's pictures, against closed forms and torch.optim; what they say of a stub and of wrong answers."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from tests.course_parts import from_course
from tests.figures.fixtures import source_of, with_body

digits, fresh_network = from_course("shared.digits", "digits", "fresh_network")
EXAMPLES, HIDDEN, AllOptimizers, FirstLayer, LearningRates, RatesThatAdapt, StepOfEachWeight, neighbours = from_course(
    "section7_adaptive.figures",
    "EXAMPLES",
    "HIDDEN",
    "AllOptimizers",
    "FirstLayer",
    "LearningRates",
    "RatesThatAdapt",
    "StepOfEachWeight",
    "neighbours",
)

pytestmark = pytest.mark.slow

STEM = "section7_adaptive"
SOLVED = source_of(STEM)


def losses_of(make, steps):
    """The losses of the pictures' network under an optimizer of torch.optim."""
    X, y = digits(0, EXAMPLES)
    w1, b1, w2, b2 = params = [torch.nn.Parameter(weight) for weight in fresh_network(HIDDEN)]
    optimizer, losses = make(params), []
    for _ in range(steps + 1):
        optimizer.zero_grad()
        loss = cross_entropy(torch.relu(X @ w1.T + b1) @ w2.T + b2, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return np.array(losses)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("gradient_descent", lambda params: torch.optim.SGD(params, lr=0.3)),
        ("momentum", lambda params: torch.optim.SGD(params, lr=0.1, momentum=0.9)),
        ("adagrad_step", lambda params: torch.optim.Adagrad(params, lr=AllOptimizers.rates["adagrad_step"])),
        ("rmsprop_step", lambda params: torch.optim.RMSprop(params, lr=AllOptimizers.rates["rmsprop_step"])),
        ("adam_step", lambda params: torch.optim.Adam(params, lr=AllOptimizers.rates["adam_step"])),
    ],
)
def test_the_losses_are_those_of_torch(pictures, name, make):
    expected = losses_of(make, AllOptimizers.steps)
    np.testing.assert_allclose(pictures["all-optimizers"].arrays[name], expected, rtol=1e-6)


def test_the_title_ranks_the_optimizers(pictures):
    assert pictures["all-optimizers"].title.startswith("After 60 steps Adam has the lowest loss, 0.00034")


def test_steps_follow_the_closed_forms(pictures):
    """Of a weight whose gradient is always g, whatever g is."""
    arrays, steps = pictures["step-of-each-weight"].arrays, np.arange(1, StepOfEachWeight.steps + 1)
    expected = {
        "adagrad_step": 1 / np.sqrt(steps),
        "rmsprop_step": 1 / np.sqrt(1 - 0.99**steps),
        "adam_step": np.ones(len(steps)),
    }
    for rule, size in expected.items():
        for weight in (0, 1):
            np.testing.assert_allclose(arrays[rule][:, weight] / StepOfEachWeight.lr, size, rtol=1e-5)
    rare = arrays["adagrad_step"][StepOfEachWeight.every - 1 :: StepOfEachWeight.every, 2] / StepOfEachWeight.lr
    np.testing.assert_allclose(rare, 1 / np.sqrt(np.arange(1, len(rare) + 1)))
    assert pictures["step-of-each-weight"].title == (
        "Gradients 100 times as large: steps of Adagrad, RMSprop, Adam no larger"
    )


def test_rates_follow_their_rules(pictures):
    arrays, steps = pictures["rates-that-adapt"].arrays, np.arange(RatesThatAdapt.steps)
    np.testing.assert_allclose(arrays["inverse_rate"], RatesThatAdapt.lr / (1 + RatesThatAdapt.decay * steps))
    for name in ("bold", "bold_low"):
        fell = np.diff(arrays[f"{name}_loss"])[:-1] < 0
        ratios = arrays[f"{name}_rate"][1:] / arrays[f"{name}_rate"][:-1]
        np.testing.assert_allclose(ratios, np.where(fell, 1.05, 0.5))
        assert {True, False} == set(fell.tolist())
    assert arrays["bold_loss"][-1] < arrays["constant_loss"][-1]


def test_the_four_rates_are_what_the_picture_calls_them(pictures):
    losses = pictures["learning-rates"].arrays["losses"]
    assert losses[0, -1] > losses[0, 0]
    assert losses[2, -1] < 0.05 < losses[1, -1]
    assert losses[3, -1] > 0.9 * losses[3, 0]
    assert (
        pictures["learning-rates"].title == "Judged by loss curves: η = 100 too high, 1 good, 0.3 good, 0.005 too low"
    )
    np.testing.assert_allclose(
        losses[2], losses_of(lambda params: torch.optim.SGD(params, lr=0.3), LearningRates.steps)
    )


def test_a_trained_net_is_smooth_and_reads(pictures):
    picture = pictures["first-layer"]
    images = {
        name: picture.arrays[name][: 784 * FirstLayer.hidden].reshape(-1, 28, 28) for name in ("noisy", "trained")
    }
    assert abs(neighbours(images["noisy"])) < 0.05
    assert neighbours(images["trained"]) > 0.6
    accuracies = [picture.figure.accuracy(picture.arrays[name]) for name in ("noisy", "trained")]
    assert accuracies[0] < 0.3
    assert accuracies[1] > 0.8


def test_wrong_rules_are_drawn_and_called_wrong(draw_of):
    source = with_body("bold_driver", "    return lr", SOLVED)
    source = with_body("rmsprop_step", "    for w, g in zip(params, grads):\n        w.sub_(lr * g)", source)
    pictures = draw_of(STEM, source, "bold_driver", "rmsprop_step")
    assert pictures["step-of-each-weight"].title == (
        "Gradients 100 times as large: steps of Adagrad, Adam no larger, RMSprop's 100 times"
    )
    assert pictures["step-of-each-weight"].missing == ("rmsprop_step does not agree with the reference.",)
    assert pictures["rates-that-adapt"].missing == ("bold_driver does not agree with the reference.",)
    assert (
        pictures["rates-that-adapt"].title
        == "Loss after 80 steps from η = 1: constant 1.6, bold driver 1.6, decay 0.54"
    )
