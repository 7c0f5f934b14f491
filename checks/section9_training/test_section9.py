"""Section 9: putting it all together with PyTorch."""

import itertools
import math
import os
from collections import Counter
from dataclasses import dataclass

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from grader.toolkit import thresholds
from grader.toolkit.check import check
from grader.toolkit.closeness import (
    EXACT,
    expect,
    expect_close,
    expect_share,
    expect_value_error,
)
from grader.toolkit.secret import expect_global_state_kept, secret
from grader.toolkit.show import kind_of
from grader.toolkit.tensors import SharedTensor
from grader.toolkit.verdicts import EndedError, StudentError, WrongAnswerError

from ..shared import mnist
from ..shared.kept_models import all_same, expect_grads_as_before, expect_modes_as_before
from ..shared.softmax_regression import CLASSES, normalised_pixels
from ..shared.strategies import LEARNING_RATES, updates
from . import programs
from .fresh_digits import fresh_digits
from .oracles import (
    OPTIMIZERS,
    Trainer,
    TrainingProblem,
    expect_epoch,
    loss_and_accuracy,
    optimizer_oracle,
    training_problem,
    training_problems,
)
from .problems import SmallClassifier

PRELOAD = ("torch._dynamo",)  # every optimizer of torch.optim imports it
UNCHANGED = {"train_epoch": 0.1, "evaluate": 0.1}

RATES = st.sampled_from([lr for lr in LEARNING_RATES if lr > 0])
MEAN = (1e-6, 1e-6)  # a mean over examples may be taken in float32, as `.float().mean()` does


# -- make_optimizer


def expect_path(student, name, problem, lr, once=False):
    """Compare the weights after each step with torch's own rule."""
    weights, gradients = problem.params, problem.gradients
    expected = optimizer_oracle(name, weights, gradients, lr)
    path = student.run(programs.optimizer_path, name, weights, gradients, lr, once)
    expect(len(path) > 0, f'make_optimizer("{name}", ...) should return an optimizer of torch.optim.')
    expect_close({"number of steps": (len(path), len(expected))})
    for step, (got, right) in enumerate(zip(path, expected, strict=True), 1):
        expect_close({f"{name}: weights after step {step}": (got, right)})


@check("make_optimizer", points=0.5)
@given(name=st.sampled_from(OPTIMIZERS[:2]), problem=updates(steps=3), lr=RATES)
def test_plain_and_momentum_follow_their_rules(student, name, problem, lr):
    """Three steps of "sgd" and "momentum" go where gradient descent and the heavy ball with 0.9 go."""
    expect_path(student, name, problem, lr)


@check("make_optimizer", points=0.5)
@given(name=st.sampled_from(OPTIMIZERS[2:]), problem=updates(steps=3), lr=RATES)
def test_adaptive_optimizers_follow_their_rules(student, name, problem, lr):
    """Three steps of "adagrad", "rmsprop" and "adam" go where these rules go with PyTorch's default settings."""
    expect_path(student, name, problem, lr)


@check(
    "make_optimizer",
    points=0.25,
    needs=["plain_and_momentum_follow_their_rules", "adaptive_optimizers_follow_their_rules"],
)
@given(problem=updates(steps=2, dtype=torch.float32))
@settings(max_examples=5)
def test_optimizers_take_an_iterator(student, problem):
    """Parameters may come as an iterator, as from model.parameters(), and in float32."""
    for name in OPTIMIZERS:
        expect_path(student, name, problem, 0.1, once=True)


@check(
    "make_optimizer",
    points=0.25,
    needs=["plain_and_momentum_follow_their_rules", "adaptive_optimizers_follow_their_rules"],
)
def test_make_optimizer_rejects(student):
    """Another name raises ValueError, whose message lists the five that there are."""
    for name in ("newton", "ada", "adamax", "rmsprop2", ""):  # "SGD" is left open: capitals may be forgiven
        try:
            student.run(programs.unknown_optimizer, name)
        except StudentError as error:
            if "ValueError" not in error.bases:
                raise
            missing = [known for known in OPTIMIZERS if known not in error.message.lower()]
            expect(not missing, f"The message for {name!r} does not list {missing[:1]}; it says: {error.message!r}")
        else:
            raise WrongAnswerError(f"A ValueError should be raised for {name!r}, but nothing was raised.")


# -- train_epoch


def expect_training(student, problem, losses, training=True, mode=False):
    """Train for two epochs, one after another with the same optimizer, and compare after each.

    With `mode` also compare the logits of the first batch, which tell the mode in which the model is left.
    """
    momentum = 0.9
    trainer = Trainer(problem.model.build(), problem.lr, momentum)
    arguments = (problem.model, problem.epochs, problem.lr, momentum, training)
    results, states, logits = student.run(programs.train_small_classifier, *arguments)
    expect_close({"number of epochs": ([len(results), len(states)], [2, 2])})
    for number, batches in enumerate(problem.epochs, 1):
        loss = trainer.epoch(batches)
        expect_epoch(number, results[number - 1], loss if losses else None, states[number - 1], trainer.state)
    if mode:
        expected = trainer.model(problem.epochs[0][0][0]).detach()
        expect_close({"logits of the model as it is left, in train mode": (logits, expected)}, (1e-8, 1e-10))


# Whether a `.grad` from before enters the first step is left open: many right loops clear it after each step, not before.
@check("train_epoch", points=0.5)
@given(problem=training_problems())
def test_an_epoch_steps_after_every_batch(student, problem):
    """Each batch makes one step along the gradient of its own mean loss, and the next epoch goes on from there."""
    expect_training(student, problem, losses=False)


@check("train_epoch", points=0.5)
@given(problem=training_problems())
def test_an_epoch_returns_the_mean_loss_per_example(student, problem):
    """The result is the mean of the losses before each step, in which every example counts the same."""
    expect_training(student, problem, losses=True)


@check("train_epoch", points=0.25, needs=["an_epoch_steps_after_every_batch"])
def test_an_epoch_trains_in_train_mode(student):
    """Trains a model with batch normalisation in train mode, whichever mode it comes in, and leaves it in train mode."""
    for training in (False, True):
        problem = training_problem((4, 3, 2), hidden=4, lr=0.1, normalised=True)
        expect_training(student, problem, losses=False, training=training, mode=True)


@check(
    "train_epoch", points=0.15, needs=["an_epoch_steps_after_every_batch", "an_epoch_returns_the_mean_loss_per_example"]
)
def test_an_epoch_takes_any_iterable(student):
    """Accepts a loader that is an iterator, a model in float32, and one with batch normalisation."""
    for dtype in (torch.float64, torch.float32):
        problem = training_problem((3, 3, 1), lr=0.1, dtype=dtype)
        trainer = Trainer(problem.model.build(), 0.1, 0.9)
        arguments = (problem.model, problem.epochs[:1], 0.1, 0.9)
        results, states, _ = student.run(programs.train_small_classifier, *arguments, once=True)
        loss = trainer.epoch(problem.epochs[0])
        tolerance = MEAN if dtype == torch.float64 else (1e-4, 1e-6)
        expect_close({"mean training loss": (results, [loss]), "parameters": (states, [trainer.state])}, tolerance)
    # Where a loss in eval mode is another than that of the step.
    expect_training(student, training_problem((4, 3, 2), hidden=4, lr=0.1, normalised=True), losses=True)


# -- evaluate


def measure(student, problem, training=True, once=False):
    """Ask for loss and accuracy of the first epoch's batches."""
    result = student.run(programs.evaluate_small_classifier, problem.model, problem.epochs[0], training, once)
    kind = type(result).__name__
    expect(
        isinstance(result, tuple) and len(result) == 2, f"evaluate should return (loss, accuracy), but gave a {kind}."
    )
    return result


@check("evaluate", points=0.5)
@given(problem=training_problems())
def test_evaluate_gives_the_mean_loss(student, problem):
    """The loss is the mean cross-entropy over all examples, whatever batches they come in."""
    loss, _ = loss_and_accuracy(problem.model, problem.epochs[0])
    expect_close({"loss": (measure(student, problem)[0], loss)}, MEAN)


@check("evaluate", points=0.25)
@given(problem=training_problems())
def test_evaluate_gives_the_accuracy(student, problem):
    """The accuracy is the fraction of all examples whose largest logit is that of their class."""
    _, accuracy = loss_and_accuracy(problem.model, problem.epochs[0])
    expect_close({"accuracy": (measure(student, problem)[1], accuracy)}, MEAN)


LOGITS = {  # of examples, with their classes
    "equal": ([[0.0, 0.0, 0.0], [2.0, 2.0, 1.0], [1.0, 3.0, 3.0]], [0, 1, 1]),
    "large": ([[500.0, -400.0, 0.0], [400.0, 500.0, 0.0], [-900.0, 0.0, 900.0]], [1, 1, 2]),
    "close": ([[1.00001, 1.00002, 0.0], [0.00001, 0.0, 0.00002]], [1, 2]),
}


@check("evaluate", points=0.25, needs=["evaluate_gives_the_mean_loss", "evaluate_gives_the_accuracy"])
def test_evaluate_of_any_logits(student):
    """Of equal logits the first wins, close ones are told apart, and the loss stays exact where they are hundreds apart."""
    weights = [
        torch.eye(3, dtype=torch.float64),
        torch.zeros(3, dtype=torch.float64),
    ]  # so that the inputs are the logits
    for kind, (logits, classes) in LOGITS.items():
        batches = [(torch.tensor(logits, dtype=torch.float64), torch.tensor(classes))]
        problem = TrainingProblem(SmallClassifier(weights), [batches], lr=0.1)
        loss, accuracy = loss_and_accuracy(problem.model, batches)
        result = measure(student, problem)
        expect_close({f"loss, of {kind} logits": (result[0], loss)}, MEAN)
        expect_close({f"accuracy, of {kind} logits": (result[1], accuracy)}, MEAN)


def classifiers_after(student, problem):
    """Evaluate classifiers whose state only a secret tells; the secret, modes and gradients that are left, and the rest."""
    chosen = secret()
    return chosen, *student.run(programs.classifiers_after_evaluations, chosen, problem.model, problem.epochs[0])


@check("evaluate", points=0.25, needs=["evaluate_gives_the_mean_loss", "evaluate_gives_the_accuracy"])
def test_evaluate_in_eval_mode(student):
    """Measures in eval mode, with dropout and batch normalisation, and puts the model back into the mode in which it came."""
    problem = training_problem((4, 3, 2), hidden=6, normalised=True, dropout=0.5)
    loss, accuracy = loss_and_accuracy(problem.model, problem.epochs[0])
    for training in (True, False):
        result = measure(student, problem, training)
        expect_close({"loss": (result[0], loss), "accuracy": (result[1], accuracy)}, MEAN)
    chosen, modes, _ = classifiers_after(student, problem)
    expect_modes_as_before([found for found, _ in modes], chosen, problem.model.build())


@check("evaluate", points=0.15, needs=["evaluate_gives_the_mean_loss", "evaluate_gives_the_accuracy"])
def test_evaluate_changes_nothing(student):
    """Leaves parameters, buffers, .grad and requires_grad as they were, and accepts a loader that is an iterator."""
    problem = training_problem((3, 3, 1), hidden=4, normalised=True)
    loss, accuracy = loss_and_accuracy(problem.model, problem.epochs[0])
    result = measure(student, problem, once=True)
    expect_close({"loss": (result[0], loss), "accuracy": (result[1], accuracy)}, MEAN)
    chosen, modes, rest = classifiers_after(student, problem)
    expect_close({"number of models": (len(rest), len(programs.modes_before(chosen)))})
    for place, (state, trainable, gradient) in enumerate(rest):
        before = programs.state_before(chosen + place, problem.model)
        expect(all_same(state, before), "A parameter or a buffer of the model has other numbers afterwards.")
        kept = trainable == programs.trainable_before(chosen, place, problem.model)
        expect(kept, "requires_grad of a parameter is another afterwards. Leave it as it was.")
        recorded = all_same([gradient], [2 * before[0]])
        expect(recorded, "Afterwards torch records no gradients any more: switch them off for your own lines only.")
    expect_grads_as_before([grads for _, grads in modes], chosen, problem.model.build())


# -- search_hyperparameters

# One mutant lives: a draw in float32 is as random, to seven digits.
# search_hyperparameters: `torch.rand((), generator=generator, dtype=torch.float64)` -> `(torch.rand((), generator=generator))`


MOST_CALLS = 5000  # of train_and_score in one search: far more than any check asks for


def remember(asked, lr):
    """Note a learning rate that was asked for, unless a search never ends."""
    if len(asked) >= MOST_CALLS:
        raise RuntimeError(f"train_and_score was called more than {MOST_CALLS} times in one search")
    asked.append(lr)


class Trials:
    """Gives out scores, and remembers the learning rates that it was asked for. The last score is repeated."""

    def __init__(self, scores):
        self.scores, self.asked = list(scores), []

    def __call__(self, lr):
        remember(self.asked, float(lr))
        return self.scores[min(len(self.asked), len(self.scores)) - 1]

    def __str__(self):
        return f"returns {', '.join(map(str, self.scores))}, one after the other"


def expect_search(student, scores, best, low=0.001, high=1.0, source=None):
    """Search with these scores; the trial numbered `best` must win. Returns the learning rates that were tried."""
    trials = Trials(scores)
    source = source or torch.Generator().manual_seed(len(scores))
    best_lr, reported = student.search_hyperparameters(trials, low, high, len(scores), source)
    expect_close({"number of trials": (len(trials.asked), len(scores))})
    outside = [lr for lr in trials.asked if not low * (1 - 1e-6) <= lr <= high * (1 + 1e-6)]
    expect(not outside, f"The learning rate {outside[:1]} is outside [{low}, {high}].")
    expected = list(zip(trials.asked, scores, strict=True))
    winner = None if best is None else trials.asked[best]
    pairs = {"trials": (with_nan_in_words(reported), with_nan_in_words(expected)), "best_lr": (best_lr, winner)}
    expect_close(pairs, EXACT)
    return trials.asked


def with_nan_in_words(trials):
    """The trials with each score that is NaN as a word, which equals itself."""
    return [(lr, "NaN" if math.isnan(score) else score) for lr, score in trials]


@check("search_hyperparameters", points=0.5)
@given(scores=st.lists(st.sampled_from((0.5, 0.9, -1.0, 0.0, 2.0, -3.5)), min_size=1, max_size=5, unique=True))
def test_search_returns_the_best(student, scores):
    """Every trial is scored once and listed in order, and the highest score wins, also below zero."""
    expect_search(student, scores, scores.index(max(scores)))


def learning_rates(student, low, high, count, source):
    """The learning rates that are tried when a higher one scores higher."""
    asked, kinds = [], set()

    def score(lr):
        """Returns the learning rate itself"""
        kinds.add(type(lr))
        remember(asked, float(lr))
        return float(lr)

    student.search_hyperparameters(score, low, high, count, source)
    expect_close({"number of trials": (len(asked), count)})
    expect(all(lr > 0 for lr in asked), "A learning rate is not positive.")
    plain = "train_and_score should be called with a Python float: `.item()` makes one of a tensor."
    expect(all(issubclass(kind, float) for kind in kinds), plain)
    return asked


@check("search_hyperparameters", points=0.25, needs=["search_returns_the_best"])
def test_search_is_log_uniform(student):
    """The log of the learning rate, a float, is uniform between those of low and high, whatever other trials drew and scored.

    1000 trials in each of two ranges, then many searches of two trials. A right sampler fails the first part with a
    probability below 2.1e-10: by the inequality of Dvoretzky, Kiefer, Wolfowitz and Massart the distribution of n draws is
    off by more than sqrt(log(2 / p) / (2 n)) with probability at most p = 1e-10.
    """
    count = 1000
    allowed = math.sqrt(math.log(2 / 1e-10) / (2 * count))
    for low, high in ((1e-4, 1.0), (0.5, 4.0)):
        asked = learning_rates(student, low, high, count, torch.Generator().manual_seed(1))
        places = sorted(math.log(lr / low) / math.log(high / low) for lr in asked)
        gap = max(max(abs(u - k / count), abs(u - (k + 1) / count)) for k, u in enumerate(places))
        half = sum(u < 0.5 for u in places) / count
        expect(
            gap <= allowed,
            f"{100 * half:.0f} % of the learning rates are below {math.sqrt(low * high):.3g}, the middle of [{low:g}, "
            f"{high:g}] on a log axis. They should be spread evenly on that axis.",
        )
        # That none lies in an end of 3 % has a probability of 6e-14.
        lowest, highest = (low * (high / low) ** places[end] for end in (0, -1))
        expect(
            places[0] < 0.03 and places[-1] > 0.97,
            f"The learning rates reach from {lowest:.3g} to {highest:.3g} only, of [{low:g}, {high:g}].",
        )
        # Of 1000 draws of 24 random bits each, 0.03 are expected to come twice.
        different = len(set(asked))
        expect(
            different > 900, f"Only {different} of 1000 learning rates are different: they should be from a continuum."
        )
    expect_independent_trials(student)


def expect_independent_trials(student):
    """Search for two learning rates 200 times: do the second go with the first?

    Each lies in the lower or the upper half of the range. Of independent trials each of the four cases has a probability of
    1/4, and comes fewer than 13 or more than 95 times in 200 with a probability below 4e-12: any of the four, below 2e-11.
    """
    low, high, source = 0.01, 1.0, torch.Generator().manual_seed(2)
    pairs = [learning_rates(student, low, high, 2, source) for _ in range(200)]
    halves = Counter(tuple("lower" if lr < math.sqrt(low * high) else "upper" for lr in pair) for pair in pairs)
    for first, second in itertools.product(("lower", "upper"), repeat=2):
        count = halves[first, second]
        expect(
            13 <= count <= 95,
            f"In {count} of 200 searches with two trials, the first lies in the {first} half of the range on a log axis and "
            f"the second in the {second}. Of independent trials about 50 would.",
        )


@check("search_hyperparameters", points=0.25, needs=["search_returns_the_best"])
def test_search_draws_from_its_generator(student):
    """The generator alone decides: the same state gives the same trials, another state others."""
    first_source = torch.Generator().manual_seed(1)
    scores = [1.0, 2.0, 3.0]
    first = expect_search(student, scores, 2, source=first_source)
    again = expect_search(student, scores, 2, source=torch.Generator().manual_seed(1))
    expect(first == again, "Two generators in the same state gave different learning rates.")
    scored = Trials([math.nan, -math.inf, 3.0])
    student.search_hyperparameters(scored, 0.001, 1.0, 3, torch.Generator().manual_seed(1))
    expect(first == scored.asked, "With other scores, a generator in the same state gave other learning rates.")
    for source in (first_source, torch.Generator().manual_seed(2)):
        other = expect_search(student, scores, 2, source=source)
        expect(not set(first) & set(other), "A generator in another state gave the same learning rate again.")
    expect_global_state_kept(student, "search_hyperparameters", Trials(scores), 0.1, 1.0, 3, torch.Generator())


@check("search_hyperparameters", points=0.25, needs=["search_returns_the_best"])
def test_search_survives_nan(student):
    """A score that is NaN never wins, wherever it comes; if all are NaN, there is no best. Any other score can win."""
    nan = math.nan
    for scores, best in (
        ([nan, 1.0, 2.0], 2),
        ([2.0, nan, 1.0], 0),
        ([-1.0, -2.0, nan], 0),
        ([nan], None),
        ([nan] * 3, None),
        ([-math.inf], 0),
        ([1.0, math.inf, 2.0], 1),
    ):
        expect_search(student, scores, best)


# Whether bounds that are equal are refused, too, is left open. So a mutant lives:
# search_hyperparameters: `high >= low` -> `(high > low)`
@check("search_hyperparameters", points=0.25, needs=["search_returns_the_best"])
def test_search_rejects(student):
    """low <= 0, high < low or num_trials < 1 raises ValueError."""
    for name, low, high, num_trials in (
        ("low", 0.0, 1.0, 2),
        ("low", -0.5, 1.0, 2),
        ("high", 0.5, 0.25, 2),
        ("num_trials", 0.1, 1.0, 0),
        ("num_trials", 0.1, 1.0, -1),
    ):
        with expect_value_error(name):
            student.search_hyperparameters(Trials([1.0]), low, high, num_trials, torch.Generator())


# -- train_classifier

SCALE = "classifier"  # of error rates, in thresholds.toml
ACCURACY_POINTS = 3  # of the check that measures the accuracy
MOST_NUMBERS = 200_000  # in parameters and buffers
MOST_TENSORS = 10_000
NOTHING_LISTED = (
    "The model lists no parameters and no buffers, so that its numbers cannot be counted. Keep what it has learnt in layers, in "
    "nn.Parameter or in buffers: an attribute of the model, or a variable of a function, is not listed."
)
ALONE = 100  # test images that are also classified one by one
TOO_SLOW = (
    f"The trained model may compute for {programs.CLASSIFY_SECONDS:g} seconds to classify the test images, and took longer. "
    "Does it train while it classifies? Train before train_classifier returns: that may take 60 seconds. A network "
    "that is only evaluated needs less: make it smaller."
)


def train(student, code_seed):
    """Train a classifier and judge what arrives. This takes up to a minute: the checks below share one by `once`.

    The global random state is that of a seed which the code decides: a training that draws from it gets the same again.
    """
    split, test = mnist.train(), fresh_digits(code_seed.part("test set"))
    X, y = normalised_pixels(split.images), torch.from_numpy(split.labels.copy()).long()
    seed = int.from_bytes(code_seed.part("global random state")[:7], "little")
    with SharedTensor(X) as images:
        source = torch.Generator().manual_seed(9)
        kind, shapes, state = student.run(programs.train_and_keep, images, y.clone(), source, seed)
    count = expect_form(kind, shapes)
    expected = torch.Generator().manual_seed(seed).get_state()
    state_kept = state.dtype == expected.dtype and torch.equal(state, expected)
    secret = os.urandom(16).hex()  # to know a digest that it keys, one must have kept the data
    *outputs, digests = classify(student, normalised_pixels(test.images), secret)
    kept = digests == [programs.keyed_digest(tensor, secret) for tensor in (X, y)]
    seconds = student.cpu_seconds
    return Trained(*outputs, torch.from_numpy(test.labels.copy()), count, seconds, state_kept, kept)


def expect_form(kind, shapes):
    """Judge what train_classifier returned, and count its numbers. No example shows what is wrong, so none is reported."""
    kind = {"": "", "NoneType": "None", "type": "a class"}.get(kind, f"an object of type {kind}")
    right = float(not kind)
    expect_share(right, f"train_classifier should return the trained model, an nn.Module, but returned {kind}.")
    known = len(shapes) <= MOST_TENSORS and all(length >= 0 for shape in shapes for length in shape)
    expect_share(float(known), "The parameters and buffers of the model have shapes that no model of this size has.")
    count = sum(math.prod(shape) for shape in shapes)
    expect_share(float(count > 0), NOTHING_LISTED)
    few = float(count <= MOST_NUMBERS)
    expect_share(few, f"The model's parameters and buffers hold {count:,} numbers; {MOST_NUMBERS:,} are allowed.")
    return count


def classify(student, X, secret):
    """The logits of test images, of the first again, and of a few alone; what is wrong with the last; digests of the data."""
    try:
        outputs, again, alone, raised, digests = student.run(programs.classify_with_kept, X, ALONE, secret)
    except EndedError as error:
        if error.status != "timed_out":
            raise
        raise EndedError(error.status, TOO_SLOW, error.lines) from None
    except StudentError as error:
        place = "(in the trained model, for test images in eval mode)"
        raise StudentError(error.type, error.bases, f"{error.message} {place}", error.lines) from None
    lengths = [len(batch) for batch in X.split(programs.CLASSIFIED_AT_ONCE)]
    problem = form_problem([*outputs, again], [*lengths, lengths[0]])
    expect_share(float(not problem), f"For a batch of test images the model {problem}.")
    problem = f"raised {raised}" if raised else form_problem(alone, [1] * ALONE)
    single = outputs[0][:0].double() if problem else torch.cat(alone).double()
    return torch.cat(outputs).double(), again.double(), single, problem, digests


def form_problem(outputs, lengths):
    """Say what is wrong with logits of batches of these lengths, or nothing. Nothing is computed of what has another form."""
    if len(outputs) != len(lengths):
        return f"gave logits for {len(outputs)} batches of {len(lengths)}"
    for output, length in zip(outputs, lengths, strict=True):
        if not (isinstance(output, Tensor) and output.shape == (length, CLASSES) and output.is_floating_point()):
            return f"gave {kind_of(output)}, but floats of shape ({length}, {CLASSES}) were expected, a logit per image and class"
        if not output.isfinite().all():
            return "gave logits that are not finite (infinite, or NaN)"
    return ""


@dataclass(frozen=True)
class Trained:
    """What one training gave: logits of the test images, of the first of them again and alone, and what else is judged."""

    logits: Tensor
    again: Tensor
    alone: Tensor
    problem_alone: str
    labels: Tensor
    numbers: int  # in its parameters and buffers
    seconds: float | None
    state_kept: bool
    data_kept: bool

    @property
    def accuracy(self):
        """The fraction of test images whose largest logit is that of their digit."""
        return float((self.logits.argmax(1) == self.labels).double().mean())

    @property
    def share(self):
        """The share of the points for the accuracy: between 0 and 1 on the scale, or beyond."""
        return thresholds.scale(__file__, SCALE).share(1 - self.accuracy)

    def __str__(self):
        return f"{100 * self.accuracy:.2f} % test accuracy, {self.numbers:,} numbers in parameters and buffers"

    def agrees(self, others):
        """Whether the first images got these logits before, up to rounding, which may be that of bfloat16."""
        first = self.logits[: len(others)]
        # As a share of the image's own largest logit: one image must not make room for another.
        return bool(((others - first).abs() <= 0.02 * first.abs().amax(1, keepdim=True)).all())


@check("train_classifier", points=0.25, call_cpu_seconds=60)
def test_classifier_is_trained(student, once, note, code_seed):
    """It trains a module of at most 200,000 parameters that reads more than 82.5 % of new digits.

    60 seconds of computing are allowed, and 15 more to classify. The worker gets the test images once training is over, and never
    their labels.
    """
    trained = once("trained", lambda: train(student, code_seed))
    note(compute_seconds=trained.seconds)
    begin = 100 * (1 - thresholds.scale(__file__, SCALE).nothing)
    expect_share(float(trained.share > 0), f"{trained}: points begin above {begin:.1f} %.")


@check("train_classifier", points=3, needs=["classifier_is_trained"], call_cpu_seconds=60)
def test_classifier_reads_new_digits(student, once, note, code_seed):
    """It reads 97.7 % of 10,000 new digits, shifted and turned; points rise linearly from 82.5 %."""
    trained = once("trained", lambda: train(student, code_seed))
    note(str(trained), compute_seconds=trained.seconds, accuracy=trained.accuracy, parameters=trained.numbers)
    if code_seed.is_public:
        note("This is an estimate: where your class is graded, other digits are shifted and turned in other ways.")
    scale = thresholds.scale(__file__, SCALE)
    points = round(min(1.0, trained.share) * ACCURACY_POINTS, 2)
    ends = [f"{100 * (1 - error):.1f} %" for error in (scale.nothing, scale.everything)]
    accuracy = f"{100 * trained.accuracy:.2f} % test accuracy; points begin at {ends[0]}, and {ends[1]} earns all."
    expect_share(trained.share, f"{points:g} of {ACCURACY_POINTS} points: {accuracy}")


@check("train_classifier", points=0.5, needs=["classifier_is_trained"], call_cpu_seconds=60)
def test_classifier_judges_each_image_by_itself(student, once, code_seed):
    """In eval mode an image gets the same logits every time, alone and among others."""
    trained = once("trained", lambda: train(student, code_seed))
    same = trained.agrees(trained.again)
    expect(
        same, "The same test images got other logits the second time. Is there dropout that eval() does not switch off?"
    )
    expect(not trained.problem_alone, f"For a single image the model {trained.problem_alone}.")
    same = trained.agrees(trained.alone)
    expect(same, "Alone, an image gets other logits than among others. Does the model use means over the batch?")


@check("train_classifier", points=0.25, needs=["classifier_is_trained"], call_cpu_seconds=60)
def test_classifier_training_changes_nothing_else(student, once, code_seed):
    """Training leaves torch's global random state, `X_train` and `y_train` as they were."""
    trained = once("trained", lambda: train(student, code_seed))
    expect(
        trained.state_kept, "torch's global random state was changed: put it back into the state in which you found it."
    )
    expect(
        trained.data_kept,
        "X_train or y_train was modified: they are only inputs. Write what you change into new tensors.",
    )
