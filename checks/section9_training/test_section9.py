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
from grader.toolkit.steps import Steps
from grader.toolkit.strategies import clones
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
    AdamOracle,
    Trainer,
    TrainingProblem,
    adam_by_weighted_means,
    expect_epoch,
    loss_and_accuracy,
    optimizer_oracle,
    training_problem,
    training_problems,
)
from .problems import SmallClassifier

PRELOAD = ("torch._dynamo",)  # every optimizer of torch.optim imports it
UNCHANGED = {"train_epoch": 0.05, "evaluate": 0.1}

FORBIDDEN = {
    (
        "torch.optim.Adam", "torch.optim.AdamW", "torch.optim.SparseAdam",
        "torch.optim.adam", "torch.optim.adamw", "torch.optim.sparse_adam",
        "torch.optim._functional.adam", "torch.optim._functional.adamw", "torch._fused_adam_", "torch._fused_adamw_",
    ): (("OwnAdam",), "the update rule is what you are asked to write, with arithmetic on tensors"),
}  # fmt: skip

RATES = st.sampled_from([lr for lr in LEARNING_RATES if lr > 0])
MEAN = (1e-6, 1e-6)  # a mean over examples may be computed in float32, as `.float().mean()` does


# -- make_optimizer


def expect_path(student, name, problem, lr, once=False):
    """Compare the weights after each step with torch's own rule."""
    weights, gradients = problem.params, problem.gradients
    expected = optimizer_oracle(name, weights, gradients, lr)
    path = student.run(programs.optimizer_path, name, weights, gradients, lr, once)
    expect(len(path) > 0, f'make_optimizer("{name}", ...) should return an optimizer of torch.optim.')
    expect_close({"number of steps": (len(path), len(expected))})
    label = f"{name}: weights"
    steps = Steps({label: weights})
    for got, right in zip(path, expected, strict=True):
        steps.expect_close({label: (got, right)})


@check("make_optimizer", points=0.5)
@given(name=st.sampled_from(OPTIMIZERS[:2]), problem=updates(steps=3), lr=RATES)
def test_plain_and_momentum_follow_their_rules(student, name, problem, lr):
    """Three steps of "sgd" and "momentum" follow gradient descent and the heavy ball (0.9)."""
    expect_path(student, name, problem, lr)


@check("make_optimizer", points=0.5)
@given(name=st.sampled_from(OPTIMIZERS[2:]), problem=updates(steps=3), lr=RATES)
def test_adaptive_optimizers_follow_their_rules(student, name, problem, lr):
    """Three steps of "adagrad", "rmsprop" and "adam" follow these rules with PyTorch's defaults."""
    expect_path(student, name, problem, lr)


@check(
    "make_optimizer",
    points=0.15,
    needs=["plain_and_momentum_follow_their_rules", "adaptive_optimizers_follow_their_rules"],
)
@given(problem=updates(steps=2, dtype=torch.float32))
@settings(max_examples=5)
def test_optimizers_take_an_iterator(student, problem):
    """Accepts parameters as an iterator, like model.parameters(), and in float32."""
    for name in OPTIMIZERS:
        expect_path(student, name, problem, 0.1, once=True)


@check(
    "make_optimizer",
    points=0.1,
    needs=["plain_and_momentum_follow_their_rules", "adaptive_optimizers_follow_their_rules"],
)
def test_make_optimizer_rejects(student):
    """An unknown name raises ValueError, and the message lists the five known names; an lr of 0 is allowed."""
    for name in ("newton", "ada", "adamax", "rmsprop2", ""):  # "SGD" is not tested: a function may ignore case
        try:
            student.run(programs.unknown_optimizer, name)
        except StudentError as error:
            if "ValueError" not in error.bases:
                raise
            missing = [known for known in OPTIMIZERS if known not in error.message.lower()]
            expect(not missing, f"The message for {name!r} does not list {missing[:1]}; it says: {error.message!r}")
        else:
            raise WrongAnswerError(f"A ValueError should be raised for {name!r}, but nothing was raised.")
    path = student.run(programs.optimizer_path, "sgd", [torch.ones(1)], [[torch.ones(1)]], 0.0, False)
    expect_close({"weights after a step of sgd with lr 0": (path, [[torch.ones(1)]])})


# -- train_epoch


def expect_training(student, problem, losses, training=True, mode=False):
    """Train for two consecutive epochs with the same optimizer, and compare after each.

    With `mode` also compare the logits of the first batch, which show the final mode of the model.
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
        expect_close({"logits of the model afterwards, in train mode": (logits, expected)}, (1e-8, 1e-10))


# An old `.grad` before the first step is not tested: many right loops clear gradients after each step, not before.
@check("train_epoch", points=0.5)
@given(problem=training_problems())
def test_an_epoch_steps_after_every_batch(student, problem):
    """Makes a step for each batch, along the gradient of its mean loss, in every epoch."""
    expect_training(student, problem, losses=False)


@check("train_epoch", points=0.5)
@given(problem=training_problems())
def test_an_epoch_returns_the_mean_loss_per_example(student, problem):
    """Returns the mean loss over all examples, each measured before the step of its batch."""
    expect_training(student, problem, losses=True)


@check("train_epoch", points=0.2, needs=["an_epoch_steps_after_every_batch"])
def test_an_epoch_trains_in_train_mode(student):
    """Trains in train mode, from either mode, and leaves the model in train mode."""
    for training in (False, True):
        problem = training_problem((4, 3, 2), hidden=4, lr=0.1, normalised=True)
        expect_training(student, problem, losses=False, training=training, mode=True)


@check(
    "train_epoch", points=0.1, needs=["an_epoch_steps_after_every_batch", "an_epoch_returns_the_mean_loss_per_example"]
)
def test_an_epoch_takes_any_iterable(student):
    """Accepts a loader that is an iterator, float32 models, and batch normalisation."""
    for dtype in (torch.float64, torch.float32):
        problem = training_problem((3, 3, 1), lr=0.1, dtype=dtype)
        trainer = Trainer(problem.model.build(), 0.1, 0.9)
        arguments = (problem.model, problem.epochs[:1], 0.1, 0.9)
        results, states, _ = student.run(programs.train_small_classifier, *arguments, once=True)
        loss = trainer.epoch(problem.epochs[0])
        tolerance = MEAN if dtype == torch.float64 else (1e-4, 1e-6)
        expect_close({"mean training loss": (results, [loss]), "parameters": (states, [trainer.state])}, tolerance)
    # With batch normalisation, a loss in eval mode differs from the loss of the step.
    expect_training(student, training_problem((4, 3, 2), hidden=4, lr=0.1, normalised=True), losses=True)


# -- evaluate


def measure(student, problem, training=True, once=False):
    """Ask for loss and accuracy on the batches of the first epoch."""
    result = student.run(programs.evaluate_small_classifier, problem.model, problem.epochs[0], training, once)
    kind = type(result).__name__
    expect(
        isinstance(result, tuple) and len(result) == 2, f"evaluate should return (loss, accuracy), but gave a {kind}."
    )
    return result


@check("evaluate", points=0.5)
@given(problem=training_problems())
def test_evaluate_gives_the_mean_loss(student, problem):
    """The loss is the mean cross-entropy over all examples, for any batches."""
    loss, _ = loss_and_accuracy(problem.model, problem.epochs[0])
    expect_close({"loss": (measure(student, problem)[0], loss)}, MEAN)


@check("evaluate", points=0.25)
@given(problem=training_problems())
def test_evaluate_gives_the_accuracy(student, problem):
    """The accuracy is the fraction of examples in which the right class has the largest logit."""
    _, accuracy = loss_and_accuracy(problem.model, problem.epochs[0])
    expect_close({"accuracy": (measure(student, problem)[1], accuracy)}, MEAN)


LOGITS = {  # of examples, with their classes
    "equal": ([[0.0, 0.0, 0.0], [2.0, 2.0, 1.0], [1.0, 3.0, 3.0]], [0, 1, 1]),
    "large": ([[500.0, -400.0, 0.0], [400.0, 500.0, 0.0], [-900.0, 0.0, 900.0]], [1, 1, 2]),
    "close": ([[1.00001, 1.00002, 0.0], [0.00001, 0.0, 0.00002]], [1, 2]),
}


@check("evaluate", points=0.2, needs=["evaluate_gives_the_mean_loss", "evaluate_gives_the_accuracy"])
def test_evaluate_of_any_logits(student):
    """Of equal logits the first wins; close logits count as different; large logits give an exact loss."""
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
    """Evaluate classifiers with a secret state; return the secret and the state afterwards."""
    chosen = secret()
    return chosen, *student.run(programs.classifiers_after_evaluations, chosen, problem.model, problem.epochs[0])


@check("evaluate", points=0.2, needs=["evaluate_gives_the_mean_loss", "evaluate_gives_the_accuracy"])
def test_evaluate_in_eval_mode(student):
    """Measures in eval mode, with dropout and batch normalisation, and restores the old mode."""
    problem = training_problem((4, 3, 2), hidden=6, normalised=True, dropout=0.5)
    loss, accuracy = loss_and_accuracy(problem.model, problem.epochs[0])
    for training in (True, False):
        result = measure(student, problem, training)
        expect_close({"loss": (result[0], loss), "accuracy": (result[1], accuracy)}, MEAN)
    chosen, modes, *_ = classifiers_after(student, problem)
    expect_modes_as_before([found for found, _ in modes], chosen, problem.model.build())


@check("evaluate", points=0.1, needs=["evaluate_gives_the_mean_loss", "evaluate_gives_the_accuracy"])
def test_evaluate_changes_nothing(student):
    """Leaves parameters, buffers, .grad and requires_grad unchanged, and accepts an iterator as loader."""
    problem = training_problem((3, 3, 1), hidden=4, normalised=True)
    loss, accuracy = loss_and_accuracy(problem.model, problem.epochs[0])
    result = measure(student, problem, once=True)
    expect_close({"loss": (result[0], loss), "accuracy": (result[1], accuracy)}, MEAN)
    chosen, modes, states, rest = classifiers_after(student, problem)
    expect_close({"number of models": (len(rest), len(programs.modes_before(chosen)))})
    for place, (trainable, gradient) in enumerate(rest):
        before, state = programs.state_before(chosen + place, problem.model), [values[place] for values in states]
        expect(all_same(state, before), "Your function changes a parameter or a buffer of the model.")
        kept = trainable == programs.trainable_before(chosen, place, problem.model)
        expect(kept, "Your function changes requires_grad of a parameter. Leave it unchanged.")
        recorded = all_same([gradient], [2 * before[0]])
        expect(
            recorded,
            "Afterwards torch no longer records gradients. Put your lines below `with torch.no_grad():`.",
        )
    expect_grads_as_before([grads for _, grads in modes], chosen, problem.model.build())


# -- search_hyperparameters

# One mutant survives: a float32 draw is as random, to seven digits.
# search_hyperparameters: `torch.rand((), generator=generator, dtype=torch.float64)` -> `(torch.rand((), generator=generator))`


MOST_CALLS = 5000  # of train_and_score in one search: far more than any check needs


def remember(asked, lr):
    """Record a learning rate, and stop a search that never ends."""
    if len(asked) >= MOST_CALLS:
        raise RuntimeError(f"train_and_score was called more than {MOST_CALLS} times in one search")
    asked.append(lr)


class Trials:
    """Returns scores in order, and records the learning rates. The last score is repeated."""

    def __init__(self, scores):
        self.scores, self.asked = list(scores), []

    def __call__(self, lr):
        remember(self.asked, float(lr))
        return self.scores[min(len(self.asked), len(self.scores)) - 1]

    def __str__(self):
        return f"returns {', '.join(map(str, self.scores))}, in this order"


def expect_search(student, scores, best, low=0.001, high=1.0, source=None):
    """Search with these scores; trial number `best` must win. Return the tried learning rates."""
    trials = Trials(scores)
    source = source or torch.Generator().manual_seed(len(scores))
    best_lr, reported = student.search_hyperparameters(trials, low, high, len(scores), source)
    expect_close({"number of trials": (len(trials.asked), len(scores))})
    outside = [lr for lr in trials.asked if not low * (1 - 1e-6) <= lr <= high * (1 + 1e-6)]
    expect(not outside, f"The learning rate {outside[:1]} is outside [{low}, {high}].")
    expected = list(zip(trials.asked, scores, strict=True))
    winner = None if best is None else trials.asked[best]
    pairs = {"trials": (with_nan_as_word(reported), with_nan_as_word(expected)), "best_lr": (best_lr, winner)}
    expect_close(pairs, EXACT)
    return trials.asked


def with_nan_as_word(trials):
    """The trials with each NaN score as a word, because NaN does not equal itself."""
    return [(lr, "NaN" if math.isnan(score) else score) for lr, score in trials]


@check("search_hyperparameters", points=0.5)
@given(scores=st.lists(st.sampled_from((0.5, 0.9, -1.0, 0.0, 2.0, -3.5)), min_size=1, max_size=5, unique=True))
def test_search_returns_the_best(student, scores):
    """Scores each trial once, lists all in order, and returns the highest score's learning rate."""
    expect_search(student, scores, scores.index(max(scores)))


def learning_rates(student, low, high, count, source):
    """The tried learning rates, when a higher learning rate scores higher."""
    asked, kinds = [], set()

    def score(lr):
        """Returns the learning rate itself"""
        kinds.add(type(lr))
        remember(asked, float(lr))
        return float(lr)

    student.search_hyperparameters(score, low, high, count, source)
    expect_close({"number of trials": (len(asked), count)})
    expect(all(lr > 0 for lr in asked), "A learning rate is not positive.")
    plain = "Call train_and_score with a Python float: `.item()` converts a tensor."
    expect(all(issubclass(kind, float) for kind in kinds), plain)
    return asked


@check("search_hyperparameters", points=0.25, needs=["search_returns_the_best"])
def test_search_is_log_uniform(student):
    """The log of the learning rate is uniform; trials are independent of each other and of scores.

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
            f"{high:g}] on a log axis. They should be uniform on that axis.",
        )
        # No draw lies in 3 % at an end with a probability of 6e-14.
        lowest, highest = (low * (high / low) ** places[end] for end in (0, -1))
        expect(
            places[0] < 0.03 and places[-1] > 0.97,
            f"The learning rates cover only {lowest:.3g} to {highest:.3g} of the range [{low:g}, {high:g}].",
        )
        # Among 1000 draws of 24 random bits, 0.03 repetitions are expected.
        different = len(set(asked))
        expect(
            different > 900,
            f"Only {different} of 1000 learning rates are different: draw them from a continuous range.",
        )
    expect_independent_trials(student)


def expect_independent_trials(student):
    """Search for two learning rates 200 times, and test whether they are independent.

    Each lies in the lower or the upper half of the range. For independent trials, each of the four cases has a
    probability of 1/4, and occurs fewer than 13 or more than 95 times in 200 with a probability below 4e-12: any of the
    four, below 2e-11.
    """
    low, high, source = 0.01, 1.0, torch.Generator().manual_seed(2)
    pairs = [learning_rates(student, low, high, 2, source) for _ in range(200)]
    halves = Counter(tuple("lower" if lr < math.sqrt(low * high) else "upper" for lr in pair) for pair in pairs)
    for first, second in itertools.product(("lower", "upper"), repeat=2):
        count = halves[first, second]
        expect(
            13 <= count <= 95,
            f"In {count} of 200 searches with two trials, the first lies in the {first} half of the range on a log axis and "
            f"the second in the {second} half. With independent trials about 50 would.",
        )


@check("search_hyperparameters", points=0.2, needs=["search_returns_the_best"])
def test_search_draws_from_its_generator(student):
    """Draws only from `generator`: equal states give equal trials, other states give others."""
    first_source = torch.Generator().manual_seed(1)
    scores = [1.0, 2.0, 3.0]
    first = expect_search(student, scores, 2, source=first_source)
    again = expect_search(student, scores, 2, source=torch.Generator().manual_seed(1))
    expect(first == again, "Two generators in the same state give different learning rates.")
    scored = Trials([math.nan, -math.inf, 3.0])
    student.search_hyperparameters(scored, 0.001, 1.0, 3, torch.Generator().manual_seed(1))
    expect(first == scored.asked, "With other scores, a generator in the same state gives other learning rates.")
    for source in (first_source, torch.Generator().manual_seed(2)):
        other = expect_search(student, scores, 2, source=source)
        expect(not set(first) & set(other), "A generator in another state gives the same learning rate again.")
    expect_global_state_kept(student, "search_hyperparameters", Trials(scores), 0.1, 1.0, 3, torch.Generator())


@check("search_hyperparameters", points=0.25, needs=["search_returns_the_best"])
def test_search_survives_nan(student):
    """A NaN score never wins, any other score can; if all are NaN, best_lr is None."""
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


@check("search_hyperparameters", points=0.1, needs=["search_returns_the_best"])
def test_search_rejects(student):
    """low <= 0, high < low or num_trials < 1 raises ValueError; low = high is allowed."""
    for name, low, high, num_trials in (
        ("low", 0.0, 1.0, 2),
        ("low", -0.5, 1.0, 2),
        ("high", 0.5, 0.25, 2),
        ("num_trials", 0.1, 1.0, 0),
        ("num_trials", 0.1, 1.0, -1),
    ):
        with expect_value_error(name):
            student.search_hyperparameters(Trials([1.0]), low, high, num_trials, torch.Generator())
    best, _ = student.search_hyperparameters(Trials([1.0]), 0.5, 0.5, 1, torch.Generator())
    expect_close({"best lr, where low = high": (best, 0.5)})


# -- OwnAdam

BETAS = st.sampled_from(((0.9, 0.999), (0.5, 0.75), (0.75, 0.25)))  # another check tests 0


def expect_adam_path(label, path, expected, start):
    """Compare the weights after each step from `start`."""
    expect_close({"number of steps": (len(path), len(expected))})
    steps = Steps({label: start})
    for got, right in zip(path, expected, strict=True):
        steps.expect_close({label: (got, right)})


@check("OwnAdam", points=0.6)
@given(problem=updates(steps=3), lr=RATES, betas=BETAS, eps=st.sampled_from((1e-8, 0.5)))
def test_own_adam_follows_adam(student, problem, lr, betas, eps):
    """Three steps follow the update rule of Adam, and each `step()` returns None."""
    weights, gradients = problem.params, problem.gradients
    path, returned, _ = student.run(programs.adam_path, weights, gradients, lr, betas, eps)
    expect_adam_path("weights", path, AdamOracle(weights).path(gradients, lr=lr, betas=betas, eps=eps), weights)
    expect_adam_path("weights", path, adam_by_weighted_means(weights, gradients, lr, betas, eps), weights)
    for step, result in enumerate(returned, 1):
        expect_close({f"result of step(), step {step}": (result, None)})


@check("OwnAdam", points=0.3, needs=["own_adam_follows_adam"])
@given(problem=updates(steps=4))
@settings(max_examples=10)
def test_own_adam_reads_its_groups(student, problem):
    """Each group has its own lr, betas and eps, and a change of them holds from the next step on."""
    weights, gradients = problem.params, problem.gradients
    others = [{"lr": 0.1, "betas": (0.5, 0.75)}, {"eps": 0.5}]
    groups = [{"params": [weight], **others[place % 2]} for place, weight in enumerate([*weights, *weights])]
    twice = [[*grads, *grads] for grads in gradients]
    changes = [{}, {"lr": 0.05}, {"betas": (0.25, 0.5)}, {"eps": 2.0, "lr": 0.5}]
    oracle, now, expected = AdamOracle([*weights, *weights]), [dict(group) for group in groups], []
    for grads, change in zip(twice, changes, strict=True):
        now[-1].update(change)
        expected.append(oracle.step(grads, now))
    expect_adam_path(
        "weights", student.run(programs.adam_in_groups, groups, twice, changes), expected, [*weights, *weights]
    )


@check("OwnAdam", points=0.2, needs=["own_adam_follows_adam"])
@given(problem=updates(steps=4))
@settings(max_examples=10)
def test_own_adam_follows_a_schedule(student, problem):
    """A schedule of PyTorch changes the learning rate, and `add_param_group` adds parameters in mid-run."""
    weights, gradients, lr = problem.params, problem.gradients, 0.1
    oracle = AdamOracle(weights)
    rates = [lr * 0.5**step for step in range(len(gradients))]
    expected = [oracle.step(grads, [{"lr": rate}] * len(weights)) for grads, rate in zip(gradients, rates, strict=True)]
    path = student.run(programs.adam_on_schedule, weights, gradients, lr, 0.5)
    expect_adam_path("with ExponentialLR, weights", path, expected, weights)
    late, joins = {"params": weights, "lr": 0.5}, 2
    twice = [[*grads, *(grads if step >= joins else [None] * len(grads))] for step, grads in enumerate(gradients)]
    now = [{"lr": lr}] * len(weights) + [{"lr": 0.5}] * len(weights)
    oracle = AdamOracle([*weights, *weights])
    expected = [oracle.step(grads, now) for grads in twice]
    path = student.run(programs.adam_with_a_late_group, weights, twice, lr, late, joins)
    expect_adam_path("with add_param_group, weights", path, expected, [*weights, *weights])


@check("OwnAdam", points=0.25, needs=["own_adam_follows_adam"])
@given(problem=updates(steps=5), absent=st.sampled_from(((1, 2), (0,), (0, 1, 3), (2, 4))))
@settings(max_examples=15)
def test_own_adam_counts_each_parameter(student, problem, absent):
    """A parameter without gradient keeps its value, its averages and its count of steps."""
    weights = [torch.ones(2, dtype=torch.float64), *problem.params]
    gradients = [
        [None if step in absent else torch.tensor([1.0, -2.0], dtype=torch.float64), *grads]
        for step, grads in enumerate(problem.gradients)
    ]
    path, _, _ = student.run(programs.adam_path, weights, gradients, 0.1, (0.5, 0.75), 1e-8)
    expected = AdamOracle(weights).path(gradients, lr=0.1, betas=(0.5, 0.75))
    expect_adam_path("weights", path, expected, weights)


@check("OwnAdam", points=0.25, needs=["own_adam_follows_adam"])
@given(problem=updates(steps=1))
@settings(max_examples=10)
def test_own_adam_calls_its_closure(student, problem):
    """`step(closure)` calls the closure once, before the update and with autograd on, and returns its loss."""
    weights, steps = problem.params, 3
    minima = [torch.tensor(number, dtype=torch.float64) for number in (3.0, -4.0, 0.5, 7.0, -1.5, 6.0, 2.5)]
    oracle, losses, expected = AdamOracle(weights), [], []
    for minimum in minima[:steps]:
        losses.append(sum(((w - minimum) ** 2).sum() for w in oracle.weights))
        expected.append(oracle.step([2 * (w - minimum) for w in oracle.weights], [{"lr": 0.1}] * len(weights)))
    returned, path = student.run(programs.adam_with_closure, weights, minima, steps, 0.1)
    expect_adam_path("weights", path, expected, weights)
    for step, (result, loss) in enumerate(zip(returned, losses, strict=True), 1):
        got = result if isinstance(result, Tensor) or result is None else torch.as_tensor(result, dtype=torch.float64)
        expect_close({f"result of step(closure), step {step}": (got, loss)})


@check("OwnAdam", points=0.25, needs=["own_adam_follows_adam"])
@given(problem=updates(steps=4), absent=st.sampled_from((0, 1)))
@settings(max_examples=10)
def test_own_adam_continues_from_a_state_dict(student, problem, absent):
    """A `state_dict()`, loaded into another OwnAdam, continues the run exactly."""
    weights, saved, lr, betas = [*problem.params, *problem.params], 2, 0.1, (0.5, 0.75)
    gradients = [[*grads, *grads] for grads in problem.gradients]
    gradients[absent][-1] = None
    new, old = AdamOracle(weights), AdamOracle(weights)
    settings_of_all = [{"lr": lr, "betas": betas}] * len(weights)
    for grads in gradients[:saved]:
        for oracle in (new, old):
            oracle.step(grads, settings_of_all)
    start = clones(new.weights)
    expected = [new.step(grads, settings_of_all) for grads in gradients[saved:]]
    doubled = [old.step([2 * grad for grad in grads], settings_of_all) for grads in gradients[saved:]]
    resumed, going_on = student.run(programs.adam_resumed, weights, gradients, lr, betas, saved)
    expect_adam_path("weights of the loaded run", resumed, expected, start)
    expect_adam_path("weights of the old run", going_on, doubled, start)


@check("OwnAdam", points=0.05, needs=["own_adam_follows_adam"])
@given(problem=updates(steps=3, dtype=torch.float32))
@settings(max_examples=10)
def test_own_adam_leaves_gradients_alone(student, problem):
    """Leaves every `.grad` unchanged, in float32 too, with parameters from an iterator."""
    weights, gradients = problem.params, problem.gradients
    path, _, after = student.run(programs.adam_path, weights, gradients, 0.1, (0.9, 0.999), 1e-8, True)
    expect_adam_path("weights", path, AdamOracle(weights).path(gradients, lr=0.1), weights)
    for step, (grads, before) in enumerate(zip(after, gradients, strict=True), 1):
        expect_close({f".grad after step {step}": (grads, before)}, EXACT)


@check("OwnAdam", points=0.1, needs=["own_adam_follows_adam"])
def test_own_adam_rejects(student):
    """lr < 0, one of betas outside [0, 1) or eps < 0 raises ValueError; 0 is allowed for each."""
    refused = [("lr", -0.1, (0.9, 0.999), 1e-8), ("eps", 0.1, (0.9, 0.999), -1e-8)]
    refused += [
        ("betas", 0.1, betas, 1e-8) for betas in ((1.0, 0.999), (0.9, 1.0), (-0.1, 0.999), (0.9, -0.1), (2.0, 0.5))
    ]
    for name, *arguments in refused:
        with expect_value_error(name):
            student.run(programs.make_own_adam, *arguments)
    weights, gradients = (
        [torch.tensor([1.0, -3.0], dtype=torch.float64)],
        [[torch.tensor([2.0, -0.5], dtype=torch.float64)]],
    )
    for arguments in ((0.0, (0.9, 0.999), 1e-8), (0.1, (0.0, 0.0), 0.0)):
        path, _, _ = student.run(programs.adam_path, weights, gradients, *arguments)
        expect_adam_path("weights", path, adam_by_weighted_means(weights, gradients, *arguments), weights)


# -- train_classifier

SCALE = "classifier"  # of error rates, in thresholds.toml
ACCURACY_POINTS = 3  # of the check that measures the accuracy
MOST_NUMBERS = 200_000  # in parameters and buffers
MOST_TENSORS = 10_000
NOTHING_LISTED = (
    "The model lists no parameters and no buffers, so its numbers cannot be counted. Store its numbers in layers, in "
    "nn.Parameter or in buffers: other attributes of the model, and variables of a function, are not listed."
)
PROBABILITIES = (
    " The outputs for an image sum to 1, as after a softmax. `cross_entropy` computes the softmax itself: a model that "
    "ends with one learns slowly. Return the logits."
)
LINEAR = (
    " The logits are a linear function of the pixels: the model has no hidden layer, or no activation function between its "
    "layers. A hidden layer with an activation function can read more digits."
)
SOME = 1000  # test images that tell whether the logits are linear: more than an image has pixels
ALONE = 100  # test images that are also classified one at a time
TOO_SLOW = (
    f"The trained model took more than {programs.CLASSIFY_SECONDS:g} seconds of computing to classify the test images. "
    "Does it train while it classifies? Train before train_classifier returns: training may take 60 seconds. A network "
    "that only classifies needs less: make it smaller."
)


def train(student, code_seed):
    """Train a classifier and judge the result. This takes up to a minute: the checks below share one training by
    `once`.

    The code determines the seed of the global random state, so that a training that draws from it is repeatable.
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
    secret = os.urandom(16).hex()  # only code that kept the data can compute a digest with this key
    images = normalised_pixels(test.images)
    *outputs, digests = classify(student, images, secret)
    kept = digests == [programs.keyed_digest(tensor, secret) for tensor in (X, y)]
    seconds = student.cpu_seconds
    labels = torch.from_numpy(test.labels.copy())
    return Trained(*outputs, images[:SOME], labels, count, seconds, state_kept, kept)


def expect_form(kind, shapes):
    """Judge the result of train_classifier, and count its numbers. No counterexample is reported: it would not help."""
    kind = {"": "", "NoneType": "None", "type": "a class"}.get(kind, f"an object of type {kind}")
    right = float(not kind)
    expect_share(right, f"train_classifier should return the trained model, an nn.Module, but returned {kind}.")
    known = len(shapes) <= MOST_TENSORS and all(length >= 0 for shape in shapes for length in shape)
    expect_share(
        float(known), "The shapes of the model's parameters and buffers are not possible for a model of this size."
    )
    count = sum(math.prod(shape) for shape in shapes)
    expect_share(float(count > 0), NOTHING_LISTED)
    few = float(count <= MOST_NUMBERS)
    expect_share(few, f"The model's parameters and buffers hold {count:,} numbers; {MOST_NUMBERS:,} are allowed.")
    return count


def classify(student, X, secret):
    """The logits of test images, of the first batch again, and of single images; an error of the last; digests of the
    data."""
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
    problem = f"raises {raised}" if raised else form_problem(alone, [1] * ALONE)
    single = outputs[0][:0].double() if problem else torch.cat(alone).double()
    return torch.cat(outputs).double(), again.double(), single, problem, digests


def form_problem(outputs, lengths):
    """Describe an error in the form of logits of batches of these lengths, or return "". Nothing is computed from a
    wrong form."""
    if len(outputs) != len(lengths):
        return f"returns logits for {len(outputs)} batches of {len(lengths)}"
    for output, length in zip(outputs, lengths, strict=True):
        if not (isinstance(output, Tensor) and output.shape == (length, CLASSES) and output.is_floating_point()):
            return f"returns {kind_of(output)}; expected floats of shape ({length}, {CLASSES}), a logit per image and class"
        if not output.isfinite().all():
            return "returns logits that are infinite or NaN"
    return ""


def is_linear(images, logits):
    """Whether logits that vary are a linear function of the pixels plus a constant, up to the rounding of float32."""
    pixels = torch.cat([images.double(), torch.ones(len(images), 1, dtype=torch.float64)], 1)
    fitted = pixels @ torch.linalg.lstsq(pixels, logits, driver="gelsd").solution
    spread = float((logits - logits.mean(0)).abs().max())
    return spread > 0 and float((logits - fitted).abs().max()) <= 1e-4 * spread


@dataclass(frozen=True)
class Trained:
    """The result of a training: logits of the test images, of the first batch again, of single images, and other facts
    to judge."""

    logits: Tensor
    again: Tensor
    alone: Tensor
    problem_alone: str
    images: Tensor  # the first ones
    labels: Tensor
    numbers: int  # in its parameters and buffers
    seconds: float | None
    state_kept: bool
    data_kept: bool

    @property
    def accuracy(self):
        """The fraction of test images whose digit has the largest logit."""
        return float((self.logits.argmax(1) == self.labels).double().mean())

    @property
    def share(self):
        """The share of the points for the accuracy: between 0 and 1 on the scale, or outside."""
        return thresholds.scale(__file__, SCALE).share(1 - self.accuracy)

    def __str__(self):
        return f"{100 * self.accuracy:.2f} % test accuracy, {self.numbers:,} numbers in parameters and buffers"

    @property
    def remark(self):
        """A sentence about outputs that are probabilities, or linear in the pixels. Else empty, as when all points are earned."""
        if self.share >= 1:
            return ""
        sums = bool(((self.logits.sum(1) - 1).abs() <= 0.02).all())
        if sums and self.logits.min() >= 0:
            return PROBABILITIES
        return LINEAR if is_linear(self.images, self.logits[: len(self.images)]) else ""

    def agrees(self, others):
        """Whether the first images have these logits, up to the rounding of bfloat16."""
        first = self.logits[: len(others)]
        # Relative to the image's own largest logit: one image must not widen the tolerance of another.
        return bool(((others - first).abs() <= 0.02 * first.abs().amax(1, keepdim=True)).all())


@check("train_classifier", points=0.25, call_cpu_seconds=60)
def test_classifier_is_trained(student, once, note, code_seed):
    """Trains a model of at most 200,000 parameters that reads more than 82.5 % of new digits.

    60 seconds of computing are allowed, and 15 more to classify. The worker gets the test images after training, and
    never their labels.
    """
    trained = once("trained", lambda: train(student, code_seed))
    note(compute_seconds=trained.seconds)
    begin = 100 * (1 - thresholds.scale(__file__, SCALE).nothing)
    expect_share(float(trained.share > 0), f"{trained}: points start above {begin:.1f} %.{trained.remark}")


@check("train_classifier", points=3, needs=["classifier_is_trained"], call_cpu_seconds=60)
def test_classifier_reads_new_digits(student, once, note, code_seed):
    """Reads 97.7 % of 10,000 new digits, shifted and rotated; points rise linearly from 82.5 %."""
    trained = once("trained", lambda: train(student, code_seed))
    ranks = {"accuracy": "highest", "parameters": "lowest"}
    measured = {"accuracy": trained.accuracy, "parameters": trained.numbers}
    note(str(trained), compute_seconds=trained.seconds, ranks=ranks, **measured)
    if code_seed.is_public:
        note("This is an estimate: the digits that grade your class are shifted and rotated differently.")
    scale = thresholds.scale(__file__, SCALE)
    points = round(min(1.0, trained.share) * ACCURACY_POINTS, 2)
    ends = [f"{100 * (1 - error):.1f} %" for error in (scale.nothing, scale.everything)]
    accuracy = f"{100 * trained.accuracy:.2f} % test accuracy; points start at {ends[0]}, and {ends[1]} earns all."
    expect_share(trained.share, f"{points:g} of {ACCURACY_POINTS} points: {accuracy}{trained.remark}")


@check("train_classifier", points=0.5, needs=["classifier_is_trained"], call_cpu_seconds=60)
def test_classifier_judges_each_image_by_itself(student, once, code_seed):
    """In eval mode, an image gets the same logits every time, alone and in a batch."""
    trained = once("trained", lambda: train(student, code_seed))
    same = trained.agrees(trained.again)
    expect(
        same,
        "The same test images get other logits the second time. Do you use dropout that eval() does not switch off?",
    )
    expect(not trained.problem_alone, f"For a single image the model {trained.problem_alone}.")
    same = trained.agrees(trained.alone)
    expect(same, "A single image gets other logits than in a batch. Does the model use means over the batch?")


@check("train_classifier", points=0.25, needs=["classifier_is_trained"], call_cpu_seconds=60)
def test_classifier_training_changes_nothing_else(student, once, code_seed):
    """Training leaves torch's global random state, `X_train` and `y_train` unchanged."""
    trained = once("trained", lambda: train(student, code_seed))
    expect(trained.state_kept, "Training changes torch's global random state: restore the state from before.")
    expect(
        trained.data_kept,
        "Training changes X_train or y_train: they are only inputs. Write changed images into new tensors.",
    )
