"""The numbers of section 2's pictures, by torch's own functions; what they say of a stub and of wrong answers."""

import numpy as np
import pytest
import torch
from torch import nn

from grader.figures.canvas import Canvas
from grader.figures.gather import Gathered
from grader.figures.style import LIGHT, styled
from grader.sandbox.calls.local_calls import load_module
from grader.toolkit.verdicts import WrongAnswerError
from tests.course_parts import course_module, from_course
from tests.figures.fixtures import source_of, with_body
from tests.paths import ROOT

small_images = from_course("shared.digits", "small_images")
Digits, Gap, Units, by_role, trained = from_course(
    "section2_erm.figures", "Digits", "Gap", "Units", "by_role", "trained"
)
nonlinearity = course_module("section2_erm.nonlinearity")
share_read_correctly, train_units = from_course("section2_erm.programs", "share_read_correctly", "train_units")
DoHiddenUnitsHelp, RiskOnNewImages, ShareOfOneImage = from_course(
    "section2_erm.predictions", "DoHiddenUnitsHelp", "RiskOnNewImages", "ShareOfOneImage"
)
mnist = course_module("shared.mnist")
examples = from_course("shared.digits", "examples")

pytestmark = pytest.mark.slow

STEM = "section2_erm"
SOLVED = source_of(STEM)


def network(*params):
    """A network of torch's own layers with these weights and biases."""
    hidden, inputs = params[0].shape
    model = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, 10)).double()
    model.load_state_dict(dict(zip(model.state_dict(), params, strict=True)))
    return model


def units_of(weights):
    pieces = torch.from_numpy(weights).split([7840, 10, 100, 10])
    return [piece.reshape(shape) for piece, shape in zip(pieces, ((10, 784), (10,), (10, 10), (10,)), strict=True)]


def test_digits_are_those_of_mnist(pictures):
    arrays, split = pictures["digits"].arrays, mnist.train()
    np.testing.assert_array_equal(arrays["image"], split.images[: Digits.shown])
    np.testing.assert_array_equal(arrays["label"], split.labels[: Digits.shown])
    expected = (split.images[: Digits.count].reshape(-1, 784) / 255 - 0.1307) / 0.3081
    np.testing.assert_allclose(arrays["pixels"], expected, atol=1e-6)


def test_the_image_comes_out_as_the_probabilities_of_softmax(pictures):
    arrays = pictures["model"].arrays
    logits, label = torch.from_numpy(arrays["logit"])[None], torch.from_numpy(arrays["label"])[None]
    np.testing.assert_allclose(arrays["probability"], torch.softmax(logits, 1)[0], rtol=1e-9)
    np.testing.assert_allclose(arrays["loss"], nn.functional.cross_entropy(logits, label), rtol=1e-9)
    np.testing.assert_array_equal(arrays["sizes"], [7840, 100, 10, 10])


def test_pixels_of_units_are_square_and_stand_above_their_bars(pictures):
    with styled(LIGHT):
        canvas = Canvas(LIGHT, Units.size)
        Units().draw(canvas, pictures["units"].data)
        canvas.figure.draw_without_rendering()
        panels = canvas.figure.axes[:4]
        boxes = [axes.get_window_extent() for axes in panels]
    for axes, box in zip(panels[::2], boxes[::2], strict=True):
        (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
        assert box.width / (right - left) == pytest.approx(box.height / abs(top - bottom), rel=1e-3)
    assert boxes[0].x0 == pytest.approx(boxes[1].x0, abs=1)
    assert boxes[0].x1 == pytest.approx(boxes[1].x1, abs=1)


def test_units_are_those_of_a_trained_network(pictures):
    data, arrays = examples(False, Units.examples), pictures["units"].arrays
    model = network(*units_of(arrays["weights"]))
    loss = nn.functional.cross_entropy(model(data.X.double()), data.y)
    loss.backward()
    assert float(loss.detach()) < 0.2
    assert float(model[0].weight.grad.norm()) < 0.1 * float(model[0].weight.detach().norm())
    assert pictures["units"].title == "Hidden units that speak for some digits and against others: 10 of 10"


@pytest.mark.parametrize("seed", range(1, 6))
def test_units_speak_for_some_digits_and_against_others_from_other_starts(seed):
    data = examples(False, Units.examples)
    reference = load_module(ROOT / "solutions" / f"{STEM}.py", "reference_of_section2")
    _, *params = train_units(reference, data.X.double(), data.y, Units.lr, Units.steps, seed)
    assert (params[2].amax(0) > 0.05).all()
    assert (params[2].amin(0) < -0.05).all()


def test_the_risks_are_mean_losses(pictures):
    arrays = pictures["gap"].arrays
    X, y = small_images(Gap.counts[-1] + Gap.held_out)
    for row, params in enumerate(Gap().networks()):
        model, n = network(*params), Gap.counts[row]
        for column, part in enumerate((slice(0, n), slice(-Gap.held_out, None))):
            logits = model(X[part].double()).detach()
            np.testing.assert_allclose(
                arrays["risk"][row, column], nn.functional.cross_entropy(logits, y[part]), rtol=1e-9
            )
            right = (logits.argmax(1) == y[part]).double().mean()
            np.testing.assert_allclose(arrays["accuracy"][row, column], right, rtol=1e-9)


def test_the_gap_shrinks_as_images_are_added(pictures):
    own, others = pictures["gap"].arrays["risk"].T
    assert (own > 0.09).all()
    assert (own <= Gap.enough).all()
    assert (np.diff(others) < 0).all()
    assert others[-1] - Gap.enough < 0.3 * (others[0] - Gap.enough)
    assert pictures["gap"].title == "Trained to risk 0.1, the risk on others is 1.8 at n = 20, 0.58 at n = 1000"
    answer = RiskOnNewImages().outcome(pictures["gap"].data).answer
    assert answer == pytest.approx(float(others[0]), abs=0.01)


@pytest.mark.parametrize("start", [0, 20, 40, 60, 80])
def test_twenty_other_images_leave_a_large_gap_too(start):
    """The first question, for other images: the risk on new ones is many times that on its own."""
    X, y = small_images(Gap.counts[-1] + Gap.held_out)
    params = trained(X[start : start + 20].double(), y[start : start + 20], Gap.lr, Gap.steps, Gap.enough)
    logits = network(*params)(X[-Gap.held_out :].double())
    assert nn.functional.cross_entropy(logits, y[-Gap.held_out :]) > 10 * Gap.enough


@pytest.mark.parametrize("seed", range(5))
def test_hidden_units_help_to_tell_even_from_odd_and_not_to_tell_digits(seed):
    """The text of the section, and the answer to a question."""
    reference = load_module(ROOT / "solutions" / f"{STEM}.py", "reference_of_section2")
    X, y = small_images(nonlinearity.EXAMPLES + nonlinearity.HELD_OUT)
    shares = {
        task: [
            share_read_correctly(
                reference, hidden, X, nonlinearity.labels_of(task, y), nonlinearity.HELD_OUT, nonlinearity.LR,
                nonlinearity.STEPS, seed,
            )
            for hidden in nonlinearity.MODELS.values()
        ]
        for task in nonlinearity.TASKS
    }  # fmt: skip
    without, with_units = shares["which digit"]
    assert with_units <= without + DoHiddenUnitsHelp.few
    data = {f"which digit_{place}": np.array(share) for place, share in enumerate(shares["which digit"])}
    assert DoHiddenUnitsHelp().outcome(Gathered(data)).answer == "no"
    without, with_units = shares["even or odd"]
    assert with_units > without + 0.01


def test_one_confident_mistake_outweighs_99_good_answers():
    good, bad = -np.log(0.9), -np.log(1e-6)
    data = {"one": np.array(bad), "all": np.array((99 * good + bad) / 100)}
    assert ShareOfOneImage().outcome(Gathered(data)).answer == "more than half"
    linear = {"one": np.array(1.0), "all": np.array(0.11)}
    assert ShareOfOneImage().outcome(Gathered(linear)).answer == "about a tenth"


def test_layers_are_found_in_any_order_and_orientation():
    generator = torch.Generator().manual_seed(0)
    params = [
        torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((10, 784), (10,), (10, 10), (10,))
    ]
    X = torch.randn(20, 784, generator=generator, dtype=torch.float64)
    logits = network(*params)(X).detach()
    for way in (params, params[::-1], [params[2].T, params[3][None], params[0].T, params[1]]):
        for found, expected in zip(by_role(way, logits, X), params, strict=True):
            torch.testing.assert_close(found, expected)
    with pytest.raises(WrongAnswerError, match="a weight and a bias"):
        by_role(params[:3], logits, X)


ORIENTED = """
class MLP(nn.Module):
    def __init__(self, in_dim=784, hidden_dims=(10,), out_dim=10):
        super().__init__()
        sizes = [in_dim, *hidden_dims, out_dim]
        self.biases = nn.ParameterList([nn.Parameter(torch.zeros(1, size)) for size in sizes[1:]])
        self.weights = nn.ParameterList([nn.Parameter(torch.randn(a, b) / a**0.5) for a, b in pairwise(sizes)])

    def forward(self, X):
        X = X.flatten(1)
        for weight, bias in list(zip(self.weights, self.biases))[:-1]:
            X = torch.relu(X @ weight + bias)
        return X @ self.weights[-1] + self.biases[-1]
"""


def test_parameters_of_another_order_and_orientation_are_as_good(draw_of, pictures):
    picture = draw_of(STEM, SOLVED + ORIENTED, "MLP")["units"]
    assert not picture.missing
    np.testing.assert_allclose(picture.arrays["weights"], pictures["units"].arrays["weights"], atol=1e-9)


def test_wrong_answers_are_drawn_and_called_wrong(draw_of):
    source = (
        SOLVED.replace("images.to(torch.float32) / 255 - mean", "images.to(torch.float32) - mean")
        .replace(
            "logits: Tensor = self.layers[-1](activations)", "logits: Tensor = torch.relu(self.layers[-1](activations))"
        )
        .replace("dim=1, keepdim=True", "dim=0, keepdim=True")
        .replace("total += len(labels)", "total += size")
    )
    pictures = draw_of(STEM, source)
    assert pictures["digits"].title == "The data: after normalisation pixels have mean 105.12 and spread 251.90"
    assert pictures["model"].title == "7,960 weights turn 784 pixels into ten numbers of sum 10; loss 0"
    assert pictures["units"].missing == ("MLP does not agree with the reference.",)
    assert pictures["gap"].missing == ("empirical_risk does not agree with the reference.",)
    assert pictures["gap"].title.startswith("Trained to risk 0.1, the risk on others is ")


def test_without_the_risk_there_is_the_accuracy(draw_of):
    picture = draw_of(STEM, with_body("empirical_risk", "    raise NotImplementedError", SOLVED), "accuracy")["gap"]
    assert picture.missing == ("empirical_risk is not written yet.",)
    assert picture.title.startswith("Right on other images: ")
