"""The numbers of section 7's pictures, against closed forms and torch.optim; what they say of a stub and of wrong answers."""

from functools import partial

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from grader.figures.gather import Gathered
from grader.find_course import find_course
from grader.sandbox.calls.local_calls import load_module
from tests.course_parts import from_course
from tests.figures.fixtures import source_of, with_body

digits, fresh_network = from_course("shared.digits", "digits", "fresh_network")
EXAMPLES, HIDDEN, FirstLayer, LearningRates, RatesThatAdapt, StepOfEachWeight, descent_losses, neighbours = from_course(
    "section7_adaptive.figures",
    "EXAMPLES",
    "HIDDEN",
    "FirstLayer",
    "LearningRates",
    "RatesThatAdapt",
    "StepOfEachWeight",
    "descent_losses",
    "neighbours",
)
DECADE, PLAIN, RATES, RULES, STEPS, plain_losses, problem = from_course(
    "section7_adaptive.race", "DECADE", "PLAIN", "RATES", "RULES", "STEPS", "plain_losses", "problem"
)
LowestInTheRace, WrongRateForAdam, FirstStepOfRmsprop = from_course(
    "section7_adaptive.predictions", "LowestInTheRace", "WrongRateForAdam", "FirstStepOfRmsprop"
)
losses_at_the_end, train_adaptively, train_at_rates = from_course(
    "section7_adaptive.programs", "losses_at_the_end", "train_adaptively", "train_at_rates"
)

pytestmark = pytest.mark.slow

STEM = "section7_adaptive"
SOLVED = source_of(STEM)


def losses_of(make, steps, start, X, y):
    """The losses of a network with one hidden layer under an optimizer of torch.optim."""
    w1, b1, w2, b2 = params = [torch.nn.Parameter(weight) for weight in start]
    optimizer, losses = make(params), []
    for _ in range(steps + 1):
        optimizer.zero_grad()
        loss = cross_entropy(torch.relu(X @ w1.T + b1) @ w2.T + b2, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return np.array(losses)


TORCH = {
    "gradient descent": torch.optim.SGD,
    "momentum": partial(torch.optim.SGD, momentum=0.9),
    "adagrad_step": torch.optim.Adagrad,
    "rmsprop_step": torch.optim.RMSprop,
    "adam_step": torch.optim.Adam,
}


@pytest.mark.parametrize("name", TORCH)
def test_the_race_is_that_of_torch(pictures, name):
    got = pictures["all-optimizers"].arrays[name]
    for place in (1, int(np.argmin(got))):
        expected = losses_of(lambda params, lr=RATES[place]: TORCH[name](params, lr=lr), STEPS, *problem())[-1]
        np.testing.assert_allclose(got[place], expected, rtol=1e-4)


def races(seed):
    """The losses of each optimizer in the race from another start, by the reference."""
    found = {name: plain_losses(name, seed) for name in PLAIN}
    functions = load_module(find_course().find(STEM).solution, "reference_of_section7")
    return found | {rule: losses_at_the_end(functions, rule, *problem(seed), RATES, STEPS).numpy() for rule in RULES}


@pytest.mark.parametrize("seed", range(5))
def test_the_race_ends_the_same_from_every_start(seed):
    """What the title, the text and the answers to two questions say."""
    losses = races(seed)
    ranked = sorted(losses, key=lambda name: losses[name].min())
    assert ranked[:2] == ["momentum", "adam_step"]
    data = Gathered(losses)
    if seed == 0:  # the other numbers are those of this seed
        assert LowestInTheRace().outcome(data).answer == "momentum"
    assert WrongRateForAdam().outcome(data).answer == "ten times higher"
    for found in losses.values():  # the best rate is not at the edge of the sweep
        assert 0 < np.argmin(found) < len(found) - 1
    best = {name: int(np.argmin(found)) for name, found in losses.items()}
    assert min(best["gradient descent"], best["momentum"]) - max(best["adam_step"], best["rmsprop_step"]) >= DECADE


@pytest.mark.parametrize("seed", range(5))
def test_the_four_rates_get_the_four_verdicts_from_every_start(seed):
    functions = load_module(find_course().find(STEM).solution, "reference_of_section7")
    curves = {lr: descent_losses(lr, LearningRates.steps, seed) for lr in LearningRates.rates}
    verdicts = functions.diagnose_learning_rates(curves)
    assert list(verdicts.values()) == ["diverges", "too high", "good", "too low"]


def test_the_title_names_the_first_two_of_the_race(pictures):
    title = pictures["all-optimizers"].title
    assert title == "At its best rate, momentum ends lowest: 0.00013; Adam is next: 0.00031"


def test_the_first_step_of_rmsprop_is_ten_times_as_long():
    move = {"move": np.array([[0.1]])}
    assert FirstStepOfRmsprop().outcome(Gathered(move)).answer == 10


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
    assert (
        pictures["learning-rates"].title
        == "Judged by loss curves: η = 100 diverges, 1 too high, 0.3 good, 0.005 too low"
    )
    start = fresh_network(HIDDEN), *digits(0, EXAMPLES)
    expected = losses_of(lambda params: torch.optim.SGD(params, lr=0.3), LearningRates.steps, *start)
    np.testing.assert_allclose(losses[2], expected)


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


@pytest.mark.parametrize("seed", range(5))
def test_a_trained_net_is_smooth_from_every_start(seed):
    functions, data = (
        load_module(find_course().find(STEM).solution, "reference_of_section7"),
        digits(0, 2000, torch.float32),
    )
    likeness = {}
    for name, lr in FirstLayer.runs:
        start = fresh_network(FirstLayer.hidden, dtype=torch.float32, seed=seed)
        settings = (FirstLayer.steps, FirstLayer.batch_size, FirstLayer.decay)
        _, weights = train_adaptively(functions, "adam_step", start, *data, lr, *settings)
        likeness[name] = neighbours(weights[0].reshape(-1, 28, 28).numpy())
    assert abs(likeness["noisy"]) < 0.1
    assert likeness["trained"] > 0.5


@pytest.mark.parametrize("seed", range(5))
def test_rates_that_adapt_end_lower_than_the_constant_one_from_every_start(seed):
    functions = load_module(find_course().find(STEM).solution, "reference_of_section7")
    settings = (RatesThatAdapt.lr, RatesThatAdapt.steps, RatesThatAdapt.decay)
    constant = descent_losses(RatesThatAdapt.lr, RatesThatAdapt.steps, seed)[-1]
    for rule in RatesThatAdapt.exercises:
        losses, _ = train_at_rates(functions, rule, fresh_network(HIDDEN, seed=seed), *digits(0, EXAMPLES), *settings)
        assert losses[-1] < constant


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
