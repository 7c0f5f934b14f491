"""Section 2: empirical risk minimisation."""

import math

import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.toolkit.check import check
from grader.toolkit.closeness import expect, expect_close, expect_value_error
from grader.toolkit.secret import secret
from grader.toolkit.tensors import with_gaps
from grader.toolkit.thresholds import threshold
from grader.toolkit.verdicts import StudentError, WrongAnswerError

from ..shared import mnist
from ..shared.kept_models import expect_grads_as_before, expect_modes_as_before
from ..shared.problems import starting_values
from . import programs as erm
from .convergence import CLOSE, ERM
from .oracles import layers_of, logits_of, parameter_count
from .problems import (
    DropoutBatchNormModel,
    PlainLinearModel,
    RaisingLoss,
    SmallImageModel,
    SmallMemoryModel,
    SquaredDistanceLoss,
)
from .strategies import LabelledLogits, grey_images, labelled_logits, risk_data

UNCHANGED = {
    "normalize_images": 0.1,
    "log_softmax": 0.05,
    "cross_entropy": 0.05,
    "empirical_risk": 0.1,
    "accuracy": 0.05,
}
FORBIDDEN = {
    (
        "torch.softmax", "torch.log_softmax", "torch._softmax", "torch._log_softmax",
        "torch.Tensor.softmax", "torch.Tensor.log_softmax",
        "torch.special.softmax", "torch.special.log_softmax",
        "torch.nn.functional.softmax", "torch.nn.functional.log_softmax", "torch.nn.functional.cross_entropy",
        "torch.nn.Softmax", "torch.nn.LogSoftmax", "torch.nn.CrossEntropyLoss",
        "torch.nn.modules.activation.Softmax", "torch.nn.modules.activation.LogSoftmax",
        "torch.nn.modules.loss.CrossEntropyLoss",
        "torch.distributions.Categorical", "torch.distributions.OneHotCategorical",
        "torch.ops.aten.softmax", "torch.ops.aten.log_softmax", "torch.ops.aten.cross_entropy_loss",
        "scipy.special.softmax", "scipy.special.log_softmax",
    ): (
        ("log_softmax", "cross_entropy"),
        "you are asked to write the formula yourself; torch.logsumexp, exp, log and nll_loss are allowed",
    )
}  # fmt: skip
SINGLE = (1e-4, 1e-5)  # relative and absolute: float32 sums of a few terms of size 1, in any order
GRADIENT = (1e-3, 1e-4)  # float32 sums over 50 examples: positive and negative terms cancel
MEAN = (1e-6, 1e-6)  # a mean may be computed in float32, as `torch.tensor(losses).mean()` does

# -- normalize_images


def normalised(images, mean, std):
    """The definition, in numpy and float64, rounded once at the end."""
    pixels = images.numpy().reshape(len(images), -1).astype("float64")
    return torch.from_numpy((pixels / 255 - mean) / std).to(torch.float32)


@check("normalize_images", points=0.75)
@given(images=grey_images())
def test_normalize_images_by_definition(student, images):
    """Each pixel becomes (pixel / 255 - mean) / std; each image becomes a row of 784 float32 numbers."""
    expected = normalised(images, 0.1307, 0.3081)
    expect_close({"normalised": (student.normalize_images(images), expected)}, SINGLE)


@check("normalize_images", points=0.5)
@given(images=grey_images(), mean=st.sampled_from((0.5, 0.0, 0.1307)), std=st.sampled_from((0.5, 0.25, 2.0)))
@settings(max_examples=10)
def test_normalize_images_with_another_mean_and_std(student, images, mean, std):
    """Uses the arguments `mean` and `std`, not only the default values."""
    expected = normalised(images, mean, std)
    expect_close({"normalised": (student.normalize_images(images, mean=mean, std=std), expected)}, SINGLE)


@check("normalize_images", points=0.15, needs=["normalize_images_by_definition"])
def test_normalize_images_rejects(student):
    """A `std` of zero or below raises ValueError."""
    for std in (-0.5, 0.0):
        with expect_value_error("std"):
            student.normalize_images(torch.zeros(1, 28, 28, dtype=torch.uint8), std=std)


@check("normalize_images", points=0.25, needs=["normalize_images_by_definition"])
def test_normalize_images_standardises_mnist(student, note):
    """On MNIST, the normalised pixels have mean 0 and standard deviation 1, approximately."""
    images = torch.from_numpy(mnist.train().images[:1000].copy())
    result = student.normalize_images(images)
    expect_close({"normalised": (result, normalised(images, 0.1307, 0.3081))}, SINGLE)
    mean, std = float(result.double().mean()), float(result.double().std())
    note(f"1000 images of MNIST: mean {mean:.3f} and standard deviation {std:.3f} after normalising")
    expect(
        abs(mean) < 0.05 and abs(std - 1) < 0.05,
        f"Mean {mean:.3f} and standard deviation {std:.3f} are not close to 0 and 1.",
    )


# -- MLP

# All numbers of units differ, so that the shape of a parameter shows its layer.
NETWORKS = st.sampled_from(((3, (4,), 2), (2, (), 3), (4, (6, 5), 3), (3, (7, 5, 4), 2)))


def inputs(n, in_dim, seed=0, dtype=torch.float32):
    """Normal random inputs (n, in_dim)."""
    return torch.randn(n, in_dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def probe(student, dims, X, seed=0, training=True):
    """Give the student's MLP known parameters. Return its logits and gradients, the parameters, and the parameters
    sorted into layers."""
    in_dim, hidden_dims, out_dim = dims
    logits, gradients = student.run(erm.mlp_probe, in_dim, hidden_dims, out_dim, X, seed, training)
    shapes = [tuple(gradient.shape) for gradient in gradients]
    parameters = [value.requires_grad_() for value in starting_values(shapes, seed, erm.PROBE_SCALE, erm.PROBE_SCALE)]
    return logits, gradients, parameters, layers_of(parameters, (in_dim, *hidden_dims, out_dim))


@check("MLP", points=1)
@given(dims=NETWORKS, n=st.integers(1, 4), seed=st.integers(0, 3))
@settings(max_examples=12)
def test_mlp_by_definition(student, dims, n, seed):
    """Applies linear layers with ReLU between them, and no ReLU after the last, in both modes."""
    X = inputs(n, dims[0], seed)
    title = "-".join(str(size) for size in (dims[0], *dims[1], dims[2]))
    for training, mode in ((True, ""), (False, ", in evaluation mode")):
        logits, _, _, layers = probe(student, dims, X, seed, training)
        expect_close({f"logits of {title}{mode}": (logits, logits_of(layers, X.double()).detach().float())}, SINGLE)


@check("MLP", points=0.75, needs=["mlp_by_definition"])
def test_mlp_has_its_parameters(student):
    """Each layer has a weight and a bias, 7960 numbers for 784-10-10, and each gets its gradient."""
    for sizes, dims in (
        ((), (784, 10, 10)),
        ((5, (), 3), (5, 3)),
        ((6, (16, 12), 3), (6, 16, 12, 3)),
        ((5, (4, 4, 4), 3), (5, 4, 4, 4, 3)),  # layers of the same shape do not share weights
    ):
        parameters = student.run(erm.mlp_parameters, *sizes)
        name = f"number of parameters of {'-'.join(map(str, dims))}"
        expect_close({name: (sum(p.numel() for p in parameters), parameter_count(dims))})
    for dims in ((5, (), 3), (6, (16, 12), 3)):
        X = inputs(50, dims[0])
        _, gradients, parameters, layers = probe(student, dims, X)
        for gradient in gradients:
            message = f"No gradient of the logits reaches the parameter of shape {tuple(gradient.shape)}."
            expect(bool(gradient.any()), message)
        slopes = torch.autograd.grad(erm.projection(logits_of(layers, X.double())), parameters, materialize_grads=True)
        expect_close({"gradient of parameter": (gradients, [slope.float() for slope in slopes])}, GRADIENT)


@check("MLP", points=0.5, needs=["mlp_by_definition"])
def test_mlp_flattens(student):
    """Flattens all axes but the first."""
    for shape in ((3, 2, 3), (1, 1, 2, 3), (2, 6)):
        X = inputs(shape[0], 6).reshape(shape)
        logits, _, _, layers = probe(student, (6, (5, 4), 3), X)
        label = f"logits of inputs of shape {shape}"
        expect_close({label: (logits, logits_of(layers, X.double()).detach().float())}, SINGLE)


@check("MLP", points=0.4, needs=["mlp_by_definition"])
def test_mlp_in_float64(student):
    """After `.double()`, logits and gradients are exact in float64, also if all layers have the same size."""
    for dims in ((6, (5, 4), 3), (3, (), 2)):
        X = 10 * inputs(4, dims[0], dtype=torch.float64)  # large, so that an activation function that saturates fails
        logits, gradients, parameters, layers = probe(student, dims, X)
        expected = logits_of(layers, X)
        expect_close({"logits": (logits, expected.detach())})
        slopes = torch.autograd.grad(erm.projection(expected), parameters, materialize_grads=True)
        expect_close({"gradient of parameter": (gradients, list(slopes))})
    _expect_nothing_besides_the_layers(student)


def _expect_nothing_besides_the_layers(student):
    """Test layers of equal sizes: there, a skip connection from input to output would be possible."""
    X, weight, bias = (inputs(n, 4, seed, torch.float64) for seed, n in enumerate((3, 4, 1)))
    weight = weight + weight.T  # symmetric, so that its orientation does not matter
    expected = X @ weight + bias
    for _ in range(2):
        expected = expected.relu() @ weight + bias
    logits = student.run(erm.logits_of_equal_layers, 2, weight, bias[0], X)
    expect_close({"logits of 4-4-4-4": (logits, expected)})


@check("MLP", points=0.25, needs=["mlp_has_its_parameters"])
def test_mlp_starts_with_different_units(student):
    """Hidden units start with different weights; `hidden_dims` may be a list."""
    X = inputs(4, 6)
    logits, parameters = student.run(erm.mlp_at_start, X, 6, [16, 12], 3)
    layers = layers_of(parameters, (6, 16, 12, 3))
    for weight, _ in layers[:-1]:
        units = {tuple(row) for row in weight.tolist()}
        expect(len(units) == len(weight), f"Some of the {len(weight)} hidden units start with the same weights.")
    expect_close({"logits of a new MLP": (logits, logits_of(layers, X).detach())}, SINGLE)


# -- log_softmax


@check("log_softmax", points=1)
@given(problem=labelled_logits())
def test_log_softmax_by_definition(student, problem):
    """Each entry is z_k - log(sum_j exp(z_j)), computed over its row."""
    rows = [[z - math.log(sum(map(math.exp, row))) for z in row] for row in problem.logits.tolist()]
    oracle = torch.nn.functional.log_softmax(problem.logits, 1)
    result = student.log_softmax(problem.logits)
    expect_close({"log-probabilities": (result, torch.tensor(rows, dtype=torch.float64))})
    expect_close({"log-probabilities": (result, oracle)})


@check("log_softmax", points=0.25, needs=["log_softmax_by_definition"])
@given(problem=labelled_logits())
@example(problem=LabelledLogits(torch.tensor([[2.0], [-1.0]], dtype=torch.float64), torch.tensor([0, 0])))
@settings(max_examples=10)
def test_log_softmax_gives_probabilities(student, problem):
    """Each row of exp(log_softmax) sums to 1; a second log_softmax changes nothing."""
    result = student.log_softmax(10 * problem.logits)
    expect_close({"shape of the result": (tuple(result.shape), tuple(problem.logits.shape))})
    expect_close({"sums of probabilities": (result.exp().sum(1), torch.ones(len(result), dtype=torch.float64))})
    expect_close({"log-probabilities once more": (student.log_softmax(result), result)})


@check("log_softmax", points=0.25, needs=["log_softmax_by_definition"])
@given(problem=labelled_logits(), shift=st.sampled_from((1.0, -20.0, 100.0)))
@settings(max_examples=10)
def test_log_softmax_ignores_a_shift(student, problem, shift):
    """Adding the same number to all logits of a row changes nothing."""
    shifts = shift * torch.arange(1, len(problem.logits) + 1, dtype=torch.float64)[:, None]
    expected = torch.nn.functional.log_softmax(problem.logits, 1)
    expect_close({"log-probabilities": (student.log_softmax(problem.logits + shifts), expected)})


@check("log_softmax", points=0.5, needs=["log_softmax_by_definition"])
def test_log_softmax_is_finite(student):
    """Logits of 1e4 and -1e4 give finite results, in float64 and in float32."""
    third = -math.log(3)
    for dtype in (torch.float64, torch.float32):
        logits = torch.tensor([[1e4, 0, -1e4], [1e4, 1e4, 1e4], [-1e4, -1e4, -1e4], [-1e4, 0, -1e4]], dtype=dtype)
        rows = [[0, -1e4, -2e4], [third] * 3, [third] * 3, [-1e4, 0, -1e4]]
        # exp(-1e4) is 0 in both dtypes; near 1e4, neighbouring float32 numbers are 1e-3 apart, so sums are no more
        # exact.
        tolerance = (1e-4, 2e-3) if dtype == torch.float32 else (1e-9, 1e-11)
        alone = student.log_softmax(logits[2:3])  # without other rows that could cause the error
        expect_close({"log-probabilities of a row alone": (alone, torch.tensor(rows[2:3], dtype=dtype))}, tolerance)
        result = student.log_softmax(logits)
        for number, row in enumerate(rows):
            expect_close({"shape of the result": (tuple(result.shape), (4, 3))})
            expect_close(
                {f"log-probabilities of row {number}": (result[number], torch.tensor(row, dtype=dtype))}, tolerance
            )


@check("log_softmax", points=0.1, needs=["log_softmax_by_definition"])
@given(problem=labelled_logits(dtype=torch.float32))
@settings(max_examples=10)
def test_log_softmax_respects_its_argument(student, problem):
    """Keeps float32, and accepts non-contiguous tensors."""
    expected = torch.nn.functional.log_softmax(problem.logits, 1)
    expect_close({"log-probabilities": (student.log_softmax(with_gaps(problem.logits)), expected)}, SINGLE)


CUT_OFF = "No gradient reaches the logits. Does .item(), numpy, .detach() or torch.tensor cut the result off from them?"


@check("log_softmax", points=0.25, needs=["log_softmax_by_definition"])
@given(problem=labelled_logits(max_examples=3))
@settings(max_examples=10)
def test_log_softmax_has_its_gradient(student, problem):
    """The gradient of the result equals that of torch.nn.functional.log_softmax."""
    gradient = student.run(erm.log_softmax_gradient, problem.logits)
    expect(bool(gradient.any()), CUT_OFF)
    logits = problem.logits.clone().requires_grad_()
    (expected,) = torch.autograd.grad(erm.projection(torch.nn.functional.log_softmax(logits, 1)), logits)
    expect_close({"gradient": (gradient, expected)})


# -- cross_entropy


def likelihood_loss(logits, targets):
    """The definition with Python's own numbers, 0-d float64."""
    pairs = zip(logits.tolist(), targets.tolist(), strict=True)
    losses = [math.log(sum(map(math.exp, row))) - row[target] for row, target in pairs]
    return torch.tensor(sum(losses) / len(losses), dtype=torch.float64)


def number(loss):
    """Convert a 0-d float64 loss to a Python float."""
    expect_close({"shape of the loss": (tuple(loss.shape), ())})
    expect_close({"dtype of the loss": (str(loss.dtype), "torch.float64")})
    return float(loss)


@check("cross_entropy", points=0.9, needs=["log_softmax"])
@given(problem=labelled_logits())
def test_cross_entropy_by_definition(student, problem):
    """Returns the mean of -log(probability of the target)."""
    expected = likelihood_loss(problem.logits, problem.targets)
    oracle = torch.nn.functional.cross_entropy(problem.logits, problem.targets)
    loss = student.cross_entropy(problem.logits, problem.targets)
    expect_close({"loss": (loss, expected)})
    expect_close({"loss": (loss, oracle)})


@check(
    "cross_entropy",
    points=0.5,
    needs=["cross_entropy_by_definition", "log_softmax_respects_its_argument", "log_softmax_has_its_gradient"],
)
@given(problem=labelled_logits(max_examples=3))
@settings(max_examples=10)
def test_cross_entropy_has_its_gradient(student, problem):
    """The gradient is (softmax - onehot) / n, and central differences of your loss agree with it."""
    logits, targets = problem.logits, problem.targets
    gradient = student.run(erm.cross_entropy_gradient, logits, targets)
    expect(bool(gradient.any()), CUT_OFF)
    expected = (torch.softmax(logits, 1) - torch.nn.functional.one_hot(targets, logits.shape[1])) / len(targets)
    expect_close({"gradient": (gradient, expected)})
    move = 1e-4 * torch.cos(torch.arange(logits.numel(), dtype=torch.float64)).reshape(logits.shape)
    ahead, behind = (number(student.cross_entropy(logits + sign * move, targets)) for sign in (1, -1))
    expect_close({"central difference": ((ahead - behind) / 2e-4, float((expected * move).sum()) / 1e-4)}, (1e-6, 1e-7))


@check("cross_entropy", points=0.25, needs=["cross_entropy_by_definition"])
@given(classes=st.integers(2, 10), n=st.integers(1, 5), level=st.sampled_from((0.0, 3.0, -7.0)))
@example(classes=1, n=3, level=3.0)
@settings(max_examples=10)
def test_cross_entropy_of_ignorance(student, classes, n, level):
    """Equal logits for K classes give log K, also 0 for a single class."""
    logits = torch.full((n, classes), level, dtype=torch.float64)
    expected = torch.tensor(math.log(classes), dtype=torch.float64)
    expect_close(
        {f"loss of {classes} equal logits": (student.cross_entropy(logits, torch.arange(n) % classes), expected)}
    )


@check("cross_entropy", points=0.25, needs=["cross_entropy_by_definition"])
@given(problem=labelled_logits(min_examples=2))
@settings(max_examples=10)
def test_cross_entropy_is_convex(student, problem):
    """Is convex in the logits, and does not depend on the order of the examples."""
    a, targets = problem.logits, problem.targets
    b = a.flip(1) * 2
    ends = [float(likelihood_loss(logits, targets)) for logits in (a, b)]
    middle = number(student.cross_entropy((a + b) / 2, targets))
    expect(
        middle <= sum(ends) / 2 + 1e-9,
        "The loss at the midpoint is above the mean of the losses at the ends.",
    )
    backwards = student.cross_entropy(a.flip(0), targets.flip(0))
    expect_close({"loss in reverse order": (backwards, likelihood_loss(a, targets))})


@check(
    "cross_entropy",
    points=0.1,
    needs=["cross_entropy_by_definition", "log_softmax_is_finite", "log_softmax_respects_its_argument"],
)
def test_cross_entropy_respects_its_arguments(student):
    """Keeps float32, and gives a finite loss for logits of 1e4."""
    for dtype, tolerance in ((torch.float32, SINGLE), (torch.float64, None)):
        logits, targets = torch.tensor([[1e4, -1e4], [2.0, 2.0]], dtype=dtype), torch.tensor([1, 0])
        expected = torch.tensor((2e4 + math.log(2)) / 2, dtype=dtype)
        expect_close({"loss": (student.cross_entropy(logits, targets), expected)}, tolerance)


# A loss that loops over its examples in Python is right, but the whole run takes a second or two.
@check(
    "cross_entropy",
    points=0.5,
    needs=["MLP", "mlp_in_float64", "cross_entropy_by_definition", "cross_entropy_has_its_gradient"],
    call_cpu_seconds=10,
)
def test_cross_entropy_trains_mnist(student, note):
    """Gradient descent with your MLP and your loss learns to read held-out MNIST digits.

    The threshold is measured: a right answer is above it with a probability of at most 1e-6 (docs/thresholds.md).
    """
    bound = threshold(__file__, "mnist")
    outcome = ERM.train(student, seed=0)
    note(
        f"on MNIST, {outcome.error_rate:.0%} of held-out images misread after {ERM.steps} steps, "
        f"{bound.contrast:.0%} before; risk {outcome.empirical_risk:.3f} in training, {outcome.held_out_risk:.3f} held out"
    )
    expect(
        outcome.error_rate <= bound.threshold,
        f"{outcome.error_rate:.1%} of held-out images are misread; {bound.threshold:.1%} or fewer were expected.",
    )
    expect(
        outcome.deviation <= CLOSE,
        "Small examples are right, but training does not end at the weights of gradient descent on the cross-entropy of an MLP.",
    )


# -- empirical_risk


@check("empirical_risk", points=0.75)
@given(data=risk_data())
def test_empirical_risk_of_all_examples(student, data):
    """Without a batch size, returns the mean loss over all examples."""
    model, losses = PlainLinearModel(data.weight), data.losses
    risk = student.empirical_risk(model, SquaredDistanceLoss(), data.X, data.y)
    expect_close({"empirical risk": (risk, sum(losses) / len(losses))}, MEAN)


@check("empirical_risk", points=0.65)
@given(data=risk_data(min_examples=2))
@settings(max_examples=10)
def test_empirical_risk_in_batches(student, data):
    """The result is the same for every batch size from 1 to n, also with a smaller last batch."""
    losses = data.losses
    for batch_size in range(1, len(losses) + 1):
        risk = student.empirical_risk(PlainLinearModel(data.weight), SquaredDistanceLoss(), data.X, data.y, batch_size)
        expect_close({f"empirical risk in batches of {batch_size}": (risk, sum(losses) / len(losses))}, MEAN)


@check("empirical_risk", points=0.25, needs=["empirical_risk_in_batches"])
def test_empirical_risk_takes_batch_size_at_a_time(student):
    """Passes at most batch_size examples to the model at a time."""
    X, y = torch.tensor([[1.0], [3.0], [8.0], [2.0], [0.0]]), torch.tensor([0, 1, 2, 2, 3])
    for batch_size in (1, 2, 3):
        model = SmallMemoryModel(torch.ones(1, 1), batch_size)
        risk = student.empirical_risk(model, SquaredDistanceLoss(), X, y, batch_size)
        expect_close({f"empirical risk in batches of {batch_size}": (risk, 50 / 5)}, SINGLE)


def layered_model():
    """A model with dropout and batch normalisation, data for it, and its risk in evaluation mode."""
    double = torch.float64
    X = torch.tensor([[1.0, 2.0], [3.0, -1.0], [0.0, 5.0], [2.0, 2.0], [-3.0, 1.0], [4.0, 0.5]], dtype=double)
    y = torch.tensor([0, 3, 1, 2, 1, 0])
    weight, mean, variance = (torch.tensor(v, dtype=double) for v in ([[1.0], [-2.0]], [2.0, 0.5], [4.0, 0.25]))
    logits = ((X - mean) / torch.sqrt(variance + 1e-5)) @ weight
    return DropoutBatchNormModel(weight, mean, variance), X, y, float(((logits[:, 0] - y) ** 2).mean())


@check("empirical_risk", points=0.4, needs=["empirical_risk_of_all_examples"])
def test_empirical_risk_in_evaluation_mode(student):
    """Measures in evaluation mode: no dropout, and batch normalisation with its running statistics."""
    for batch_size in (None, 6, 3):
        model, X, y, expected = layered_model()
        risk = student.empirical_risk(model, SquaredDistanceLoss(), X, y, batch_size)
        expect_close({"empirical risk": (risk, expected)}, MEAN)


def expect_models_as_before(student, model, loss_fn, X, y, batch_size, end=""):
    """Measure risks of copies of a model, and expect that modes and `.grad` stay as they were; a secret chooses both."""
    chosen = secret()
    left = student.run(erm.models_after_risks, chosen, model, loss_fn, X, y, batch_size)
    expect_modes_as_before([modes for modes, _ in left], chosen, model, end)
    expect_grads_as_before([grads for _, grads in left], chosen, model, end)


@check("empirical_risk", points=0.35, needs=["empirical_risk_of_all_examples"])
def test_empirical_risk_restores_the_mode(student):
    """Puts the model back into its mode, also when loss_fn raises; the exception reaches the caller."""
    model, X, y, _ = layered_model()
    expect_models_as_before(student, model, SquaredDistanceLoss(), X, y, 2)
    poisoned = RaisingLoss(poison=2)
    expect_models_as_before(student, model, poisoned, X, y, 2, ", and loss_fn raises")
    try:
        student.empirical_risk(model, poisoned, X, y, 2)
    except StudentError as error:
        if "ArithmeticError" not in error.bases:
            raise
    else:
        raise WrongAnswerError("The exception of loss_fn does not reach the caller. Restore the mode, and let it pass.")


@check("empirical_risk", points=0.1, needs=["empirical_risk_of_all_examples"])
def test_empirical_risk_only_looks(student):
    """Leaves the .grad of each weight unchanged; accepts float32 and images with several axes."""
    X, y = torch.arange(12, dtype=torch.float32).reshape(3, 4) / 4, torch.tensor([1, 0, 2])
    weight = torch.tensor([[1.0], [0.5], [-1.0], [2.0]])
    expected = float(((X @ weight)[:, 0] - y).square().mean())
    for batch_size in (None, 3):
        risk = student.empirical_risk(PlainLinearModel(weight), SquaredDistanceLoss(), X, y, batch_size=batch_size)
        expect_close({"empirical risk": (risk, expected)}, SINGLE)
        expect_models_as_before(student, PlainLinearModel(weight), SquaredDistanceLoss(), X, y, batch_size)
    weight, images = weight.repeat(2, 1)[:6], torch.arange(18.0).reshape(3, 1, 2, 3) / 8
    expected = float(((images.flatten(1) @ weight)[:, 0] - y).square().mean())
    for batch_size in (None, 1):
        risk = student.empirical_risk(SmallImageModel(weight), SquaredDistanceLoss(), images, y, batch_size)
        expect_close({"empirical risk of a model of images": (risk, expected)}, SINGLE)


@check("empirical_risk", points=0.15, needs=["empirical_risk_of_all_examples"])
def test_empirical_risk_rejects(student):
    """A batch_size below 1 or above n raises ValueError, and the model stays in its mode."""
    model, X, y = PlainLinearModel(torch.ones(1, 1)), torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([0, 1, 2])
    for batch_size in (-1, 0, 4):
        with expect_value_error("batch_size"):
            student.empirical_risk(model, SquaredDistanceLoss(), X, y, batch_size)
        expect_models_as_before(student, model, SquaredDistanceLoss(), X, y, batch_size, ", and batch_size was refused")


# -- accuracy


def fraction_correct(logits, targets):
    """Count the rows whose largest logit belongs to the target, in Python."""
    rows = logits.tolist()
    return sum(row.index(max(row)) == target for row, target in zip(rows, targets.tolist(), strict=True)) / len(rows)


@check("accuracy", points=1)
@given(problem=labelled_logits(max_examples=6))
def test_accuracy_by_counting(student, problem):
    """Returns the fraction of rows in which the target has the largest logit."""
    expected = fraction_correct(problem.logits, problem.targets)
    expect_close({"accuracy": (student.accuracy(problem.logits, problem.targets), expected)}, MEAN)


@check("accuracy", points=0.25, needs=["accuracy_by_counting"])
@given(problem=labelled_logits(max_examples=6))
@settings(max_examples=10)
def test_accuracy_between_its_ends(student, problem):
    """Returns 1 if all predictions are right, and 0 if all are wrong."""
    right = problem.logits.argmax(1)
    wrong = (right + 1) % problem.logits.shape[1]
    expect_close({"accuracy, all right": (student.accuracy(problem.logits, right), 1.0)}, MEAN)
    expect_close({"accuracy, all wrong": (student.accuracy(problem.logits, wrong), 0.0)}, MEAN)


@check("accuracy", points=0.25, needs=["accuracy_by_counting"])
@given(problem=labelled_logits(min_examples=2, max_examples=6))
@settings(max_examples=10)
def test_accuracy_depends_on_the_order_of_logits_only(student, problem):
    """Softmax, a shift of all logits and the order of the examples do not change the result."""
    expected = fraction_correct(problem.logits, problem.targets)
    for logits in (torch.softmax(problem.logits, 1), problem.logits - 100):
        expect_close({"accuracy": (student.accuracy(logits, problem.targets), expected)}, MEAN)
    double = torch.float64
    logits, targets = (
        torch.tensor([[1000.0, 1001.0], [1.0, 1 + 1e-9], [-901.0, -900.0]], dtype=double),
        torch.ones(3).long(),
    )
    expect_close(
        {"accuracy, with logits large, close or very negative": (student.accuracy(logits, targets), 1.0)}, MEAN
    )
    backwards = student.accuracy(problem.logits.flip(0), problem.targets.flip(0))
    expect_close({"accuracy in reverse order": (backwards, expected)}, MEAN)


@check("accuracy", points=0.25, needs=["accuracy_by_counting"])
def test_accuracy_of_many(student):
    """Gives the same result as numpy for a thousand examples of ten classes."""
    logits, targets = inputs(1000, 10, dtype=torch.float64), torch.arange(1000) % 10
    expected = float((logits.numpy().argmax(axis=1) == targets.numpy()).mean())
    expect_close({"accuracy": (student.accuracy(logits, targets), expected)}, MEAN)


@check("accuracy", points=0.1, needs=["accuracy_by_counting"])
def test_accuracy_respects_its_arguments(student):
    """Accepts float32 and non-contiguous tensors."""
    values, targets = torch.tensor([[0.5, -1.0, 2.0], [3.0, 0.0, 1.0], [0.0, 1.0, -1.0]]), torch.tensor([2, 1, 1])
    for logits in (values, with_gaps(values)):
        expect_close({"accuracy": (student.accuracy(logits, targets), 2 / 3)}, MEAN)
