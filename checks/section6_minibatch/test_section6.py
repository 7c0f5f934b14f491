"""Section 6: mini-batches and stochastic gradient descent."""

from dataclasses import replace
from itertools import combinations, combinations_with_replacement, permutations

import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.toolkit.check import check
from grader.toolkit.closeness import EXACT, expect, expect_close, expect_value_error
from grader.toolkit.secret import expect_global_state_kept, expect_state_of, secret
from grader.toolkit.statistics.uniformity import expect_chances, expect_equally_likely, expect_fair_shares
from grader.toolkit.strategies import tensors
from grader.toolkit.thresholds import threshold

from . import programs
from .convergence import STOCHASTIC
from .noise import batch_distances, expected_noise, general_gradients, likely_deviation
from .oracles import ROUNDING, descend, expect_losses, loss_and_gradient, random_data, random_weights
from .problems import BatchCrossEntropy, BatchSquaredError
from .strategies import (
    FIRST_LABEL,
    RETURNED_LOSS,
    Training,
    batchings,
    expect_epochs,
    expect_rows_of,
    expect_shape,
    numbered,
)

UNCHANGED = {
    "sample_minibatch": 0.05,
    "minibatches": 0.05,
    "minibatch_gradient": 0.05,
    "gradient_noise": 0.05,
    "sgd": 0.05,
}
BAD_SIZES_OF_3 = (0, -1, 4)


def generator(seed=0):
    """A new generator: a submission may take randomness from it only."""
    return torch.Generator().manual_seed(seed)


# -- sample_minibatch


@check("sample_minibatch", points=0.9)
@given(data=batchings())
def test_sample_has_distinct_rows_with_their_labels(student, data):
    """Draws batch_size different examples, each with its own label."""
    X_batch, y_batch = student.sample_minibatch(data.X, data.y, data.batch_size, data.generator)
    expect_rows_of(data, X_batch, y_batch, data.batch_size, "the batch")


@check("sample_minibatch", points=0.9)
def test_sample_is_uniform(student):
    """Draws every set of examples with equal probability

    Sets of 2 of 5, 3 of 4, 1 of 4, and 20 of 60. In 2000 draws each, a right sampler fails with a probability below
    3e-10 (Chernoff's bound on the count of every subset). In 800 draws of 20 of 60, it fails with a probability below
    1e-10 (the same bound on the share of each third of the examples).
    """
    for n, size in ((5, 2), (4, 3), (4, 1)):
        data = numbered(n, size)
        drawn = student.run(programs.sample_many_times, data.X, data.y, size, generator(n), 2000)
        expect_shape("the labels of 2000 batches", drawn, (2000, size), torch.int64)
        subsets = [tuple(labels) for labels in drawn.sort(1).values.tolist()]
        expect_equally_likely(f"set of {size} of {n} examples", subsets, combinations(data.y.tolist(), size))
    data = numbered(60, 20)
    drawn = student.run(programs.sample_many_times, data.X, data.y, 20, generator(60), 800)
    expect_shape("the labels of 800 batches", drawn, (800, 20), torch.int64)
    expect_fair_shares({"the batch": drawn - FIRST_LABEL}, 60, parts=3)


@check("sample_minibatch", points=0.1, needs=["sample_has_distinct_rows_with_their_labels"])
def test_sample_is_a_copy(student):
    """Returns copies, also for a batch of one example and of all examples."""
    for size in (1, 2, 4):
        data = numbered(4, size, row=(2,))
        batch = student.run(programs.sample_then_overwrite, data.X, data.y, size, generator())
        expect_rows_of(data, *batch, size, f"a batch of {size} of 4, read after X and y were overwritten")


@check("sample_minibatch", points=0.35, needs=["sample_has_distinct_rows_with_their_labels"])
def test_sample_draws_from_its_generator(student):
    """Draws from `generator` only, and keeps float32

    Two batches of 20 of 40 are the same set with a probability of 1 / C(40, 20) < 1e-11.
    """
    data = numbered(40, 20, dtype=torch.float32)

    def draw(source):
        X_batch, y_batch = student.sample_minibatch(data.X, data.y, data.batch_size, source)
        return sorted(expect_rows_of(data, X_batch, y_batch, data.batch_size, "the batch"))

    expect_random(draw)
    expect_global_state_kept(student, "sample_minibatch", data.X, data.y, data.batch_size, generator())


def expect_random(draw):
    """Two calls must agree if and only if their generators start in the same state."""
    first_generator = generator(1)
    first = draw(first_generator)
    expect(draw(generator(1)) == first, "Two generators in the same state gave different results.")
    expect(draw(generator(2)) != first, "Generators with different seeds chose the same rows.")
    expect(draw(first_generator) != first, "A second call with the same generator gave the same result again.")


@check("sample_minibatch", points=0.1, needs=["sample_has_distinct_rows_with_their_labels"])
def test_sample_rejects(student):
    """Raises ValueError for a batch_size outside [1, n]."""
    data = numbered(3, 1)
    for bad in BAD_SIZES_OF_3:
        with expect_value_error("batch_size"):
            student.sample_minibatch(data.X, data.y, bad, generator())


# -- minibatches


def sizes_of(n, batch_size):
    """How many examples each batch of an epoch has."""
    return [min(batch_size, n - start) for start in range(0, n, batch_size)]


# In place of an iterator, a list of batches or another iterable is accepted, too.
@check("minibatches", points=0.9)
@given(data=batchings())
def test_an_epoch_has_every_example_once(student, data):
    """Returns every example exactly once, with its label, in batches of the right sizes."""
    epochs = student.run(programs.iterate_minibatches, data.X, data.y, data.batch_size, data.generator)
    expect_epochs(data, epochs, 1, sizes_of(data.n, data.batch_size))


@check("minibatches", points=0.9)
def test_epochs_are_shuffled_uniformly(student):
    """Shuffles each epoch again, and every division into batches is equally likely

    3 x 2400 epochs of a right shuffle fail with a probability below 3e-10 (Chernoff's bound on the count of every
    outcome), and 800 epochs of 60 examples with a probability below 1e-10 (the same bound on the share of each third of
    the examples in each batch).
    """
    for n, size in ((4, 2), (5, 2), (3, 1)):
        data = numbered(n, size)
        orders = student.run(programs.shuffle_many_times, data.X, data.y, size, generator(n), 2400)
        expect_shape("the labels of 2400 epochs", orders, (2400, n), torch.int64)
        dealt = [deal(order, size) for order in orders.tolist()]
        possible = {deal(order, size) for order in permutations(data.y.tolist())}
        expect_equally_likely(f"order of {n} examples in batches of {size}", dealt, sorted(possible))
    data = numbered(60, 20)
    orders = student.run(programs.shuffle_many_times, data.X, data.y, 20, generator(60), 800)
    expect_shape("the labels of 800 epochs", orders, (800, 60), torch.int64)
    again = int((orders[1:] == orders[:-1]).all(1).sum())
    expect(not again, f"{again} of 800 epochs have the same order as the epoch before. Shuffle again in every call.")
    batches = (orders - FIRST_LABEL).split(20, dim=1)
    expect_fair_shares({f"batch {place}": rows for place, rows in enumerate(batches, 1)}, 60, parts=3)


def deal(order, size):
    """Cut an order into batches. The order within a batch does not matter."""
    return tuple(tuple(sorted(order[start : start + size])) for start in range(0, len(order), size))


@check("minibatches", points=0.25, needs=["an_epoch_has_every_example_once"])
def test_drop_last_leaves_out_the_smaller_batch(student):
    """Leaves out the smaller last batch if drop_last=True, and only then."""
    for n, size in ((3, 2), (4, 2), (5, 5), (8, 3), (4, 1)):
        full, all_sizes = [size] * (n // size), sizes_of(n, size)
        for drop_last, sizes in ((True, full), (False, all_sizes)):
            data = numbered(n, size)
            epochs = student.run(programs.iterate_minibatches, data.X, data.y, size, generator(n), drop_last)
            expect_epochs(data, epochs, 1, sizes)


@check("minibatches", points=0.25, needs=["drop_last_leaves_out_the_smaller_batch"])
def test_drop_last_leaves_out_any_example(student):
    """With drop_last=True, leaves out other examples from epoch to epoch

    In 60 epochs, the same of 3 examples is left out each time with a probability of 3 / 3^60 < 1e-27.
    """
    data = numbered(3, 2)
    epochs = student.run(programs.iterate_minibatches, data.X, data.y, 2, generator(), True, num_epochs=60)
    used = {row for batches in expect_epochs(data, epochs, 60, [2]) for rows in batches for row in rows}
    expect(len(used) == 3, f"60 epochs with drop_last=True use only {len(used)} of the 3 examples.")


@check("minibatches", points=0.45, needs=["an_epoch_has_every_example_once"])
def test_minibatches_draw_from_their_generator(student):
    """Draws from `generator` only: equal states give equal epochs, others give other epochs

    Two epochs of 30 examples in 3 batches are equal with a probability of (10!)^3 / 30! < 1e-12.
    """
    data = numbered(30, 10)

    def draw(source):
        epochs = student.run(programs.iterate_minibatches, data.X, data.y, data.batch_size, source)
        (batches,) = expect_epochs(data, epochs, 1, [10, 10, 10])
        return [sorted(rows) for rows in batches]

    expect_random(draw)
    expect_global_state_kept(student, "minibatches", data.X, data.y, data.batch_size, generator())


@check("minibatches", points=0.1, needs=["an_epoch_has_every_example_once"])
def test_minibatches_respect_their_arguments(student):
    """Accepts images in several epochs, and keeps float32."""
    data = numbered(7, 3, row=(4, 4), dtype=torch.float32)
    epochs = student.run(programs.iterate_minibatches, data.X, data.y, 3, generator(), num_epochs=3)
    expect_epochs(data, epochs, 3, [3, 3, 1])


@check("minibatches", points=0.1, needs=["an_epoch_has_every_example_once"])
def test_minibatches_reject(student):
    """Raises ValueError for a batch_size outside [1, n], at the latest at the first batch."""
    data = numbered(3, 1)
    for bad in BAD_SIZES_OF_3:
        with expect_value_error("batch_size"):
            student.run(programs.iterate_minibatches, data.X, data.y, bad, generator())


# -- minibatch_gradient

SQUARED_ERROR, CROSS_ENTROPY = BatchSquaredError(), BatchCrossEntropy()


@st.composite
def regressions(draw):
    """A linear model (matrix and bias), and a batch of examples X (B, d) with integer targets y."""
    dim, size = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    X = draw(tensors((size, dim), (1.0, 2.0, -1.0, 0.5, 0.0), torch.float64))
    weights = [draw(tensors(shape, (2.0, -1.0, 0.5), torch.float64)) for shape in ((1, dim), (1,))]
    return weights, X, torch.tensor(draw(st.lists(st.integers(0, 3), min_size=size, max_size=size)))


@check("minibatch_gradient", points=0.9)
@given(problem=regressions())
def test_gradient_of_a_linear_model(student, problem):
    """For a linear model with squared error, returns the mean of error times input."""
    (matrix, bias), X, y = problem
    errors = X @ matrix[0] + bias - y
    expected = [(errors[:, None] * X).mean(0, keepdim=True), errors.mean(0, keepdim=True)]
    (got,), _, _ = student.run(programs.batch_gradients, [matrix, bias], SQUARED_ERROR, [(X, y)])
    expect_close({"gradients (matrix, bias)": (got, expected)})


@check("minibatch_gradient", points=0.7)
@given(
    size=st.sampled_from((1, 2, 5)), layers=st.sampled_from(((6, 3), (6, 4, 3), (6, 2, 5, 3))), seed=st.integers(0, 9)
)
@settings(max_examples=10)
def test_gradient_follows_autograd(student, size, layers, seed):
    """Returns the gradient of autograd for each parameter of networks with cross-entropy."""
    weights = random_weights(layers, seed)
    X, y = random_data(size, 6, 3, seed)
    X = X.reshape(size, 2, 3)
    _, expected = loss_and_gradient(weights, CROSS_ENTROPY, X, y)
    (got,), _, _ = student.run(programs.batch_gradients, weights, CROSS_ENTROPY, [(X, y)])
    expect_close({f"gradients of a network with {layers} units on a batch of {size}": (got, expected)})


@check("minibatch_gradient", points=0.5, needs=["gradient_of_a_linear_model"])
@given(n=st.sampled_from((3, 5, 7)), batch_size=st.sampled_from((2, 1, 3)), seed=st.integers(0, 9))
@settings(max_examples=10)
def test_batch_gradients_average_to_the_full_gradient(student, n, batch_size, seed):
    """The gradients of an epoch's batches, weighted by batch size, average to the full gradient."""
    weights = random_weights((4, 3, 3), seed)
    X, y = random_data(n, 4, 3, seed)
    batches = list(zip(X.split(batch_size), y.split(batch_size), strict=True))
    each = [loss_and_gradient(weights, CROSS_ENTROPY, *batch)[1] for batch in batches]
    got, _, _ = student.run(programs.batch_gradients, weights, CROSS_ENTROPY, batches)
    for place, (gradient, expected) in enumerate(zip(got, each, strict=True), 1):
        expect_close({f"gradients of batch {place} of {len(batches)}": (gradient, expected)})
    means = [
        sum(len(batch[1]) * g for batch, g in zip(batches, grads, strict=True)) / n for grads in zip(*got, strict=True)
    ]
    expect_close({"weighted mean of the batch gradients": (means, loss_and_gradient(weights, CROSS_ENTROPY, X, y)[1])})


@check("minibatch_gradient", points=0.15, needs=["gradient_of_a_linear_model"])
def test_gradient_leaves_the_model_alone(student):
    """Leaves the parameters and each .grad unchanged, also a .grad of None."""
    weights, (X, y) = random_weights((3, 2, 3)), random_data(4, 3, 3)
    expected = loss_and_gradient(weights, CROSS_ENTROPY, X, y)[1]
    for number in (None, 1, secret()):  # 1: what a wrong function adds to its gradients is the same in each grading
        (got,), grads, after = student.run(programs.batch_gradients, weights, CROSS_ENTROPY, [(X, y)], number)
        before = "" if number is None else " of a model whose .grad fields held gradients before the call"
        expect_close({f"gradients{before}": (got, expected)})
        expect_close({"parameters after the call": (after, weights)}, EXACT)
        expect(len(grads) == len(weights), "Some of the model's parameters are missing after the call.")
        if number is None:
            filled = [grad for grad in grads if grad is not None]
            expect(not filled, "The .grad of a parameter was None before the call, and is not None after it.")
        else:
            pairs = zip(grads, programs.planted_gradients(weights, number), strict=True)
            kept = all(isinstance(got, torch.Tensor) and torch.equal(got, grad) for got, grad in pairs)
            expect(kept, "The .grad of a parameter held a gradient before the call, and holds another after it.")


@check("minibatch_gradient", points=0.1, needs=["gradient_of_a_linear_model"])
def test_gradient_respects_its_arguments(student):
    """Keeps float32, and returns gradients without an autograd graph."""
    weights, (X, y) = random_weights((3, 3), dtype=torch.float32), random_data(4, 3, 3, dtype=torch.float32)
    expected = loss_and_gradient(weights, CROSS_ENTROPY, X, y)[1]
    (got,), _, _ = student.run(programs.batch_gradients, weights, CROSS_ENTROPY, [(X, y)])
    expect_close({"gradients in float32": (got, expected)})
    on_a_graph = any(gradient.requires_grad for gradient in got)
    expect(not on_a_graph, "The gradients require grad, so they still belong to an autograd graph.")


# -- gradient_noise


@check("gradient_noise", points=0.65)
@given(
    n=st.sampled_from((2, 3, 5, 8)), data=st.data(), scale=st.sampled_from((1.0, 2.0, 0.5)), num_draws=st.integers(1, 4)
)
def test_noise_of_equally_distant_gradients(student, n, data, scale, num_draws):
    """Gives exactly the formula if all gradients are equally far from each other."""
    batch_size = data.draw(st.integers(1, n - 1))
    grads = scale * torch.eye(n, dtype=torch.float64) + torch.arange(n)
    got = student.gradient_noise(grads, batch_size, num_draws, generator(n))
    expect_close({"noise": (got, expected_noise(grads, batch_size))})


@check("gradient_noise", points=0.45, needs=["noise_of_equally_distant_gradients"])
def test_noise_follows_the_formula(student, note):
    """Follows the formula over 2000 draws, and falls as 1 / B

    A right answer fails with a probability below 6e-10 (Bernstein's bound, with the exact variance over all batches).
    """
    draws, results = 2000, {}
    for n, batch_size in ((8, 1), (8, 2), (8, 4), (8, 7), (5, 2), (5, 3)):
        # The distances vary most in two dimensions, so the mean of squares is far from the square of the mean.
        grads = general_gradients(n, 2)
        exact = torch.tensor(list(batch_distances(grads, batch_size).values()), dtype=torch.float64)
        got = student.gradient_noise(grads, batch_size, draws, generator(batch_size))
        expected, allowed = expected_noise(grads, batch_size), likely_deviation(exact, draws)
        expect_close({f"noise over {draws} draws, tolerance {allowed:.2f}": (got, expected)}, (0.0, allowed))
        results[n, batch_size] = got
    note(f"noise of a batch of 1, 2, 4 of 8 gradients: {', '.join(f'{results[8, size]:.1f}' for size in (1, 2, 4))}")


@check("gradient_noise", points=0.2, needs=["noise_of_equally_distant_gradients"])
def test_one_draw_is_one_batch(student):
    """With one draw, gives the distance of one batch, and every batch is equally likely

    2000 calls. A right sampler fails with a probability below 1e-10 (Chernoff's bound on the count of every batch).
    """
    grads = general_gradients(5, 2)
    distances = batch_distances(grads, 2)
    got = student.run(programs.measure_noise_many_times, grads, 2, 1, generator(), 2000)
    values = torch.tensor(list(distances.values()), dtype=torch.float64)
    drawn = [
        list(distances)[place] for place in nearest(got, values, "of one draw, next to the nearest distance of a batch")
    ]
    expect_equally_likely("set of 2 of 5 gradients", drawn, distances)


def nearest(got, values, what):
    """Which of the possible values each result of 2000 calls is. WrongAnswerError if a result is not a possible
    value."""
    expect_shape("the results of 2000 calls", got, (2000,), torch.float64)
    gaps, places = (got[:, None] - values).abs().min(1)
    worst = int(gaps.argmax())
    expect_close({f"noise {what},": (float(got[worst]), float(values[places[worst]]))})
    return places.tolist()


@check("gradient_noise", points=0.2, needs=["one_draw_is_one_batch"])
def test_draws_are_independent(student):
    """With two draws, draws the second batch independently of the first

    2000 calls with batches of 2 of 5 gradients, which share 0, 1 or 2 gradients. Each result shows which two batches it
    is the mean of. A right sampler fails with a probability below 1e-10 (Chernoff's bound on how often they share 0, 1
    and 2 gradients).
    """
    grads = general_gradients(5, 2)
    distances = batch_distances(grads, 2)
    got = student.run(programs.measure_noise_many_times, grads, 2, 2, generator(), 2000)
    pairs = list(combinations_with_replacement(distances, 2))
    means = torch.tensor([(distances[one] + distances[other]) / 2 for one, other in pairs], dtype=torch.float64)
    places = nearest(got, means, "of two draws, next to the nearest value of two batches")
    shared = [len({*pairs[place][0]} & {*pairs[place][1]}) for place in places]
    message = "Two draws of one call depend on each other: their batches share gradients too often or too rarely."
    expect_chances("number of shared gradients", shared, {0: 0.3, 1: 0.6, 2: 0.1}, message)


@check("gradient_noise", points=0.15, needs=["noise_of_equally_distant_gradients"])
def test_noise_of_a_full_batch(student):
    """Gives 0 for a batch of all examples and for a single example; accepts float32."""
    for dtype, n, batch_size in (
        (torch.float64, 4, 4),
        (torch.float64, 1, 1),
        (torch.float32, 4, 4),
        (torch.float32, 4, 1),
    ):
        grads = (2 * torch.eye(n) + torch.arange(n)).to(dtype)
        expected = 0.0 if n == batch_size else expected_noise(grads, batch_size)
        got = student.gradient_noise(grads, batch_size, 3, generator())
        expect_close({f"noise, for n = {n}, batch_size = {batch_size}": (got, expected)}, (1e-4, 1e-10))


@check("gradient_noise", points=0.3, needs=["noise_of_equally_distant_gradients"])
def test_noise_draws_from_its_generator(student):
    """Draws from `generator` only: equal states give equal noise, others give other noise

    Three batches of 8 of 16 are the same again with a probability below 3! / C(16, 8)^3 < 1e-11.
    """
    grads = general_gradients(16, 3)
    expect_random(lambda source: round(student.gradient_noise(grads, 8, 3, source), 6))
    expect_global_state_kept(student, "gradient_noise", grads, 8, 3, generator())


@check("gradient_noise", points=0.1, needs=["noise_of_equally_distant_gradients"])
def test_noise_rejects(student):
    """Raises ValueError for a batch_size outside [1, n] and for num_draws < 1."""
    grads = torch.eye(3)
    for name, bad in (*(("batch_size", size) for size in BAD_SIZES_OF_3), ("num_draws", 0), ("num_draws", -1)):
        arguments = {"batch_size": 2, "num_draws": 2} | {name: bad}
        with expect_value_error(name):
            student.gradient_noise(grads, **arguments, generator=generator())


# -- sgd


def training(n, batch_size, lr=0.2, num_epochs=3, layers=(3, 4, 3), dtype=torch.float64, scale=1):
    """A network of these layers and n examples for its training. A network without hidden layer has squared error.

    For examples of another scale, the learning rate is divided by the scale squared, because the curvature grows with
    it.
    """
    X, y = random_data(n, layers[0], 3, seed=n, dtype=dtype)
    loss_fn = CROSS_ENTROPY if len(layers) > 2 else SQUARED_ERROR
    return Training(random_weights(layers, n, dtype), loss_fn, scale * X, y, lr / scale**2, batch_size, num_epochs)


def batches_of(student, problem, source):
    """Train, and return the batches of each epoch. Losses and parameters must agree on the batches."""
    losses, weights = student.run(programs.train_by_sgd, *problem.arguments(0)[:-1], source)
    expected, epochs = problem.replay(losses)
    expect_close({f"parameters after {len(losses)} steps": (weights, expected)}, ROUNDING)
    return epochs


@check("sgd", points=0.65, needs=["minibatches"], call_cpu_seconds=6)
@given(
    n=st.sampled_from((1, 2, 5)),
    lr=st.sampled_from((0.1, 0.5, 0.01)),
    layers=st.sampled_from(((2, 1), (3, 4, 3))),
    scale=st.sampled_from((1, 1000)),
)
@settings(max_examples=10)
@example(n=5, lr=0.1, layers=(2, 1), scale=1000)
def test_sgd_with_full_batches_is_gradient_descent(student, n, lr, layers, scale):
    """With batch_size = n, follows gradient descent, also for large gradients."""
    problem = training(n, n, lr, num_epochs=4, layers=layers, scale=scale)
    losses, weights = student.run(programs.train_by_sgd, *problem.arguments(0))
    expect_losses(losses, 4)
    expected, before = problem.weights, list[float]()
    for _ in losses:
        loss, gradient = loss_and_gradient(expected, problem.loss_fn, problem.X, problem.y)
        before.append(loss)
        expected = descend(expected, gradient, problem.lr)
    path = "losses, each before its step"
    expect_close({path: (losses, before)}, RETURNED_LOSS, path)
    expect_close({"parameters after 4 steps": (weights, expected)}, ROUNDING)


@check("sgd", points=0.65, needs=["minibatches"], call_cpu_seconds=6)
def test_sgd_takes_a_step_per_batch(student):
    """Each step follows the gradient of one batch, and its loss is computed before the update

    The loss shows which batch a step used: of all possible batches, only one has this loss.
    """
    for n, batch_size, lr, layers in (
        (4, 2, 0.2, (2, 1)),
        (5, 2, 0.3, (3, 4, 3)),
        (6, 4, 0.1, (3, 3)),
        (3, 1, 0.5, (3, 4, 3)),
    ):
        problem = training(n, batch_size, lr, layers=layers)
        batches_of(student, problem, generator(n))


@check("sgd", points=0.2, needs=["sgd_takes_a_step_per_batch"], call_cpu_seconds=6)
def test_sgd_shuffles_every_epoch(student):
    """Shuffles the examples again in every epoch

    16 examples have the same order in two of three epochs with a probability below 3 / 16! < 1e-12.
    """
    problem = training(16, 1, lr=0.05)
    orders = {tuple(batches) for batches in batches_of(student, problem, generator())}
    expect(len(orders) == 3, "Two of three epochs use the 16 examples in the same order.")


@check(
    "sgd",
    points=0.25,
    needs=["sgd_takes_a_step_per_batch", "minibatches_draw_from_their_generator"],
    call_cpu_seconds=6,
)
def test_sgd_draws_from_its_generator(student):
    """Draws from `generator` only: equal states give equal training, others give another

    An epoch of 16 examples in batches of one has the same order as another epoch with a probability of 1 / 16! < 1e-13.
    """
    problem = training(16, 1, num_epochs=1)
    expect_random(lambda source: batches_of(student, problem, source))
    seed = secret()
    left = student.run(programs.random_state_after_sgd, seed, *problem.arguments(0))
    expect_state_of(seed, left, "sgd")


@check("sgd", points=0.1, needs=["sgd_takes_a_step_per_batch"], call_cpu_seconds=6)
def test_sgd_respects_its_arguments(student):
    """Keeps float32, ignores an old .grad, and takes num_epochs epochs, also 0

    Also when the loss is 0 from the start.
    """
    problem = training(4, 4, dtype=torch.float32, num_epochs=1)
    loss, gradient = loss_and_gradient(problem.weights, problem.loss_fn, problem.X, problem.y)
    losses, weights = student.run(programs.train_by_sgd, *problem.arguments(0))
    expect_losses(losses, 1)
    expect_close({"loss in float32": (losses[0], loss)}, (1e-4, 1e-6))
    expect_close({"parameters in float32": (weights, descend(problem.weights, gradient, problem.lr))})
    _, weights = student.run(programs.train_by_sgd, *problem.arguments(0), planted=True)
    expected = descend(problem.weights, gradient, problem.lr)
    expect_close({"parameters, where .grad held a gradient before": (weights, expected)})
    none = training(4, 2, num_epochs=0)
    losses, weights = student.run(programs.train_by_sgd, *none.arguments(0))
    expect_losses(losses, 0)
    expect_close({"parameters after 0 epochs": (weights, none.weights)}, EXACT)
    done = training(5, 2, layers=(2, 1), num_epochs=12)
    done = replace(done, weights=[torch.zeros_like(w) for w in done.weights], y=torch.zeros_like(done.y))
    losses, weights = student.run(programs.train_by_sgd, *done.arguments(0))
    expect_losses(losses, 36)
    expect_close({"losses, where the first loss is 0": (losses, [0.0] * 36)}, RETURNED_LOSS)
    expect_close({"parameters, where the first loss is 0": (weights, done.weights)}, EXACT)


# For 0 epochs, a submission may leave the test of batch_size to `minibatches`. So two mutants survive:
# sgd: `if not 1 <= batch_size <= len(X): raise ValueError(f"batch_…` -> `pass`
# sgd: `1` -> `0`
@check("sgd", points=0.1, needs=["sgd_takes_a_step_per_batch", "minibatches_reject"], call_cpu_seconds=6)
def test_sgd_rejects(student):
    """Raises ValueError for lr < 0 and for a batch_size outside [1, n]; accepts lr = 0."""
    for name, bad in (("lr", -0.1), *(("batch_size", size) for size in BAD_SIZES_OF_3)):
        problem = replace(training(3, 2), **{name: bad})
        with expect_value_error(name):
            student.run(programs.train_by_sgd, *problem.arguments(0))
    student.run(programs.train_by_sgd, *training(3, 2, lr=0.0).arguments(0))


@check(
    "sgd",
    points=0.6,
    needs=["sgd_with_full_batches_is_gradient_descent", "sgd_takes_a_step_per_batch"],
    call_cpu_seconds=6,
)
def test_sgd_trains_mnist(student, note):
    """On MNIST, reaches a loss and an accuracy that full-batch gradient descent misses

    Both may compute the same number of gradients of single images. The thresholds are measured: docs/thresholds.md. The
    check judges images that the submission never gets, and repeats the run step by step from the batches that it used.
    """
    loss, error = threshold(__file__, "mnist"), threshold(__file__, "mnist_error")
    outcome = STOCHASTIC.train(student, seed=0)
    note(
        f"on MNIST, for {STOCHASTIC.budget} gradients of single images: loss {outcome.loss:.2f}, "
        f"accuracy {1 - outcome.error:.1%}; "
        f"gradient descent at its best lr: {loss.contrast:.2f}, {1 - error.contrast:.1%}"
    )
    expect(outcome.problem is None, str(outcome.problem))
    reached = outcome.loss <= loss.threshold and outcome.error <= error.threshold
    expect(
        reached,
        f"On held-out images of MNIST, the loss is {outcome.loss:.3f} and the accuracy {1 - outcome.error:.1%}; "
        f"SGD reaches {loss.threshold:.3f} and {1 - error.threshold:.1%}.",
    )


# -- noise_floor

CURVATURES, NOISES, SIZES = (1.0, 2.0, 0.5, 10.0), (8.0, 1.0, 100.0, 0.25), (4, 1, 20, 1000)


@st.composite
def bowls(draw):
    """A bowl, a learning rate that is a part of the largest, and a batch size."""
    curvature = draw(st.sampled_from(CURVATURES))
    lr = draw(st.sampled_from((0.25, 0.05, 0.5, 0.9, 0.001))) * 2 / curvature
    return lr, curvature, draw(st.sampled_from(NOISES)), draw(st.sampled_from(SIZES))


@check("noise_floor", points=0.6)
@given(bowl=bowls())
@settings(max_examples=30)
def test_floor_is_kept_by_a_step(student, bowl):
    """Returns the mean squared distance that a step leaves as it is."""
    lr, curvature, noise, batch_size = bowl
    shrink = 1 - lr * curvature
    expected = lr**2 * (noise / batch_size) / (1 - shrink**2)  # from floor = shrink^2 * floor + lr^2 * noise / B
    got = student.noise_floor(lr, curvature=curvature, noise=noise, batch_size=batch_size)
    expect_close({"noise floor": (got, expected)})


# 20,000 runs of 60 steps; by then less than 1e-5 of the start is left. The seed is fixed, so the outcome is, too.
@check("noise_floor", points=0.3, needs=["floor_is_kept_by_a_step"])
def test_floor_agrees_with_a_simulation(student, note):
    """Agrees with a simulation of many runs that draw every batch independently."""
    examples = general_gradients(20, 2)
    examples -= examples.mean(0)
    variance = float(examples.square().sum(1).mean())
    for lr, curvature, batch_size in ((0.25, 1.0, 1), (0.25, 1.0, 4), (0.4, 2.0, 4), (0.8, 2.0, 1)):
        source = generator(batch_size)
        w = torch.zeros(20_000, 2, dtype=torch.float64)
        for _ in range(60):
            rows = torch.randint(20, (20_000, batch_size), generator=source)
            w -= lr * curvature * (w - examples[rows].mean(1))
        measured = float(w.square().sum(1).mean())
        got = student.noise_floor(lr, curvature, curvature**2 * variance, batch_size)
        expect_close({f"noise floor at lr {lr:g} and B = {batch_size}, simulated to 5 %": (got, measured)}, (0.05, 0.0))


@check("noise_floor", points=0.25, needs=["floor_is_kept_by_a_step"])
def test_floor_in_other_units(student):
    """Is proportional to the noise and to 1 / B, and falls with the square of the curvature at one lr * curvature."""
    base = student.noise_floor(0.1, 2.0, 8.0, 4)
    cases = {"noise times 3": (0.1, 2.0, 24.0, 4, 3.0), "B times 5": (0.1, 2.0, 8.0, 20, 0.2)}
    cases["curvature times 10, lr divided by 10"] = (0.01, 20.0, 8.0, 4, 0.01)
    for what, (*bowl, factor) in cases.items():
        expect_close({f"noise floor, {what}": (student.noise_floor(*bowl), factor * base)})


@check("noise_floor", points=0.2, needs=["floor_is_kept_by_a_step"])
def test_floor_follows_the_linear_scaling_rule(student):
    """Depends on lr / B alone while lr is small; at lr = 1 / curvature it is twice as high as that."""
    for curvature in (1.0, 4.0):
        small = 1e-6 / curvature
        base = student.noise_floor(small, curvature, 8.0, 1)
        for times in (2, 16):
            got = student.noise_floor(times * small, curvature, 8.0, times)
            expect_close({f"noise floor at {times} times lr and B": (got, base)}, (1e-4, 0.0))
        got = student.noise_floor(1 / curvature, curvature, 8.0, 1_000_000)
        expect_close({"noise floor at lr = 1 / curvature, B = 1,000,000": (got, 2 * base)}, (1e-4, 0.0))


@check("noise_floor", points=0.15, needs=["floor_is_kept_by_a_step"])
def test_floor_of_nothing(student):
    """Is 0.0 for lr 0 and for noise 0; accepts integers and any batch size."""
    for bowl in ((0.0, 2.0, 8.0, 4), (0.5, 2.0, 0.0, 4), (0, 1, 1, 1), (1, 1, 0, 10**9)):
        expect_close({"noise floor": (student.noise_floor(*bowl), 0.0)}, EXACT)
    expect_close({"noise floor": (student.noise_floor(1, 1, 8, 4), 2.0)})


@check("noise_floor", points=0.25, needs=["floor_is_kept_by_a_step"])
def test_floor_rejects(student):
    """Raises ValueError for a bad argument, and names the first in the order curvature, lr, noise, batch_size."""
    good = {"lr": 0.5, "curvature": 2.0, "noise": 8.0, "batch_size": 4}
    worst = {"curvature": -1.0, "lr": -0.5, "noise": -1.0, "batch_size": 0}
    single = [("curvature", 0.0), ("curvature", -1.0), ("lr", -0.1), ("lr", 1.0), ("lr", 1.5), ("noise", -1.0)]
    for name, bad in [*single, ("batch_size", 0), ("batch_size", -3)]:
        with expect_value_error(name):
            student.noise_floor(**good | {name: bad})
    for place, name in enumerate(worst):
        with expect_value_error(name):
            student.noise_floor(**good | dict(list(worst.items())[place:]))
    for name in ("lr", "noise"):
        expect_close({f"noise floor for {name} = 0": (student.noise_floor(**good | {name: 0.0}), 0.0)})
