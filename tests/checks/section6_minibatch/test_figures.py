"""The numbers of section 6's pictures, against closed forms and a plain loop; what they say of a stub and of wrong answers."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from grader.figures.gather import Gathered
from grader.find_course import find_course
from grader.sandbox.calls.local_calls import load_module
from tests.course_parts import from_course
from tests.figures.fixtures import source_of

digits, fresh_network = from_course("shared.digits", "digits", "fresh_network")
CostOfGradient, ExamplesProcessed, GradientNoise, NoiseFloor = from_course(
    "section6_minibatch.figures", "CostOfGradient", "ExamplesProcessed", "GradientNoise", "NoiseFloor"
)
EPOCHS, EXAMPLES, RATES, train = from_course("section6_minibatch.budget", "EPOCHS", "EXAMPLES", "RATES", "train")
RUNS, floor, independent, epochs = from_course("section6_minibatch.hovering", "RUNS", "floor", "independent", "epochs")
OneOrTwenty, DoubleLrAndBatch, EpochsOrDraws = from_course(
    "section6_minibatch.predictions", "OneOrTwenty", "DoubleLrAndBatch", "EpochsOrDraws"
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


class Reference:
    """The reference as programs get it."""

    module = load_module(find_course().find(STEM).solution, "reference_of_section6")

    def run(self, program, *arguments):
        return program(self.module, *arguments)


def test_the_full_batch_is_gradient_descent(pictures):
    X, y = digits(0, EXAMPLES, torch.float32)
    weight, bias = (torch.nn.Parameter(one) for one in fresh_network(dtype=torch.float32))
    optimizer, losses = torch.optim.SGD([weight, bias], lr=RATES[EXAMPLES][1]), []
    for _ in range(EPOCHS):
        optimizer.zero_grad()
        loss = cross_entropy(X @ weight.T + bias, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    np.testing.assert_allclose(pictures["examples-processed"].arrays[f"losses_{EXAMPLES}_1"], losses, rtol=1e-5)


def test_the_title_names_the_loss_of_each_batch_size(pictures):
    assert pictures["examples-processed"].title == (
        "Loss on new images: 0.50 at B = 1, 0.50 at 20, 0.57 at 250, 1.17 at 1000"
    )


@pytest.mark.parametrize("seed", range(5))
def test_tuned_small_batches_get_equally_far_and_large_ones_fall_behind(seed):
    """What the text says, and the answer to a question. The best rate is never at the edge of the sweep."""
    found = {size: [train(Reference(), size, lr, seed)[1] for lr in rates] for size, rates in RATES.items()}
    for losses in found.values():
        assert 0 < np.argmin(losses) < len(losses) - 1
    best = {size: min(losses) for size, losses in found.items()}
    assert 1.05 * best[20] < best[250] < 0.7 * best[EXAMPLES]
    assert abs(best[1] - best[20]) < 0.05 * best[20]
    data = {f"held_out_{size}_{place}": np.array(loss) for size in (1, 20) for place, loss in enumerate(found[size])}
    assert OneOrTwenty().outcome(Gathered(data)).answer == "about the same"


@pytest.mark.parametrize("seed", range(5))
def test_independent_draws_hover_at_the_floor_and_epochs_below(seed):
    for lr, size in RUNS:
        assert abs(independent(lr, size, seed) / floor(lr, size, seed) - 1) < 0.08
    shares = epochs(Reference(), RUNS[:3:2], seed).numpy() / [floor(*run, seed) for run in RUNS[:3:2]]
    assert 0.3 < shares[0] < 0.65
    assert 0.08 < shares[1] < 0.2


def test_the_title_says_how_low_epochs_hover(pictures):
    picture = pictures["noise-floor"]
    shares = [found / floor(*run) for found, run in zip(picture.arrays["epochs"], RUNS, strict=True)]
    expected = f"Of the floor at η = 0.1, shuffled epochs keep {shares[0]:.2f} at B = 1 and {shares[2]:.2f} at B = 5"
    assert picture.title == expected
    assert EpochsOrDraws().outcome(picture.data).answer == "closer to the minimum"


def test_only_the_quotient_matters_while_lr_is_small():
    data = {"floors": np.array([floor(0.01, 10), floor(0.02, 20)])}
    assert DoubleLrAndBatch().outcome(Gathered(data)).answer == "it stays about the same"
    assert DoubleLrAndBatch().outcome(Gathered({"floors": np.array([1.0, 2.0])})).answer == "it doubles"


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
