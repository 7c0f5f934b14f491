"""Section 5: non-convexity and overparameterisation."""

from contextlib import contextmanager
from itertools import combinations, pairwise

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.toolkit.check import check
from grader.toolkit.closeness import (
    are_different,
    expect,
    expect_close,
    expect_different,
    expect_unchanged,
    expect_value_error,
)
from grader.toolkit.secret import expect_global_state_kept, secret
from grader.toolkit.tensors import with_gaps
from grader.toolkit.thresholds import threshold
from grader.toolkit.verdicts import StudentError, WrongAnswerError

from ..shared.problems import starting_values
from . import programs as landscapes
from .convergence import TEACHER, teacher_examples
from .oracles import ShallowNetworks, expect_networks, expect_states
from .problems import FailingQuadratic, MixedNetwork, NetworkPlan

UNCHANGED = {
    "interpolate": 0.1,
    "permute_hidden_units": 0.1,
    "filter_normalized_direction": 0.05,
    "loss_surface": 0.05,
    "train_from_seeds": 0.05,
}


def numbers(*shape, seed=0, dtype=torch.float64):
    """Random numbers of a shape, always the same. No seed that a submission gets gives these numbers."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(5000 + seed), dtype=dtype)


# -- make_mlp


def expected_shapes(width, depth, in_dim, out_dim):
    """Shapes of weights and biases of an MLP, layer by layer."""
    sizes = [in_dim, *[width] * depth, out_dim]
    return [shape for a, b in pairwise(sizes) for shape in ((b, a), (b,))]


def mlp_outputs(params, X):
    """The outputs of an MLP with these weights and biases, computed without the student's network."""
    layers = list(zip(params[::2], params[1::2], strict=True))
    for weight, bias in layers[:-1]:
        X = torch.clamp(X @ weight.T + bias, min=0)
    return X @ layers[-1][0].T + layers[-1][1]


@check("make_mlp", points=0.75)
@given(width=st.integers(1, 8), depth=st.integers(0, 3))
@settings(max_examples=10)
def test_mlp_computes_what_its_weights_say(student, width, depth):
    """Applies ReLU between the layers, and not after the last."""
    X = 30 * numbers(20, 3, seed=width)
    params, outputs, stepwise = student.run(landscapes.anatomy_of_mlp, width, depth, 3, 2, X)
    shapes = expected_shapes(width, depth, 3, 2)
    expect_close({"shapes of weights and biases": ([tuple(p.shape) for p in params], shapes)})
    expected = mlp_outputs(starting_values(shapes, depth, 0.5, 0.5), X)  # from our own numbers, not from the response
    expect_close({"outputs": (outputs, expected)}, (1e-6, 1e-6))
    expect(stepwise.numel() > 0, "make_mlp should return an nn.Sequential.")
    expect_close({"outputs, layer by layer": (stepwise, expected)}, (1e-6, 1e-6))


@check("make_mlp", points=0.9, needs=["mlp_computes_what_its_weights_say"])
@given(width=st.integers(1, 5), depth=st.integers(0, 4))
@settings(max_examples=10)
def test_mlp_has_the_right_layers(student, width, depth):
    """Builds `depth` hidden layers of `width` units and an output layer, with different weights."""
    params, outputs, _ = student.run(landscapes.anatomy_of_mlp, width, depth, 3, 2, numbers(4, 3))
    shapes = [tuple(p.shape) for p in params]
    expect_close({"shapes of weights and biases": (shapes, expected_shapes(width, depth, 3, 2))})
    expect_close({"shape of the outputs": (tuple(outputs.shape), (4, 2))})
    for weight in student.run(landscapes.fresh_mlp, width, depth, 3, 2)[::2]:
        alike = weight.numel() > 1 and not bool((weight != weight.flatten()[0]).any())
        expect(bool(weight.isfinite().all()), "A new network has weights that are infinite or NaN.")
        expect(not alike, "All weights of a layer start with the same value: its units stay equal during training.")


@check("make_mlp", points=0.2, needs=["mlp_has_the_right_layers"])
def test_mlp_is_made_for_mnist(student):
    """Maps 784 inputs to 10 outputs by default."""
    shapes = [tuple(p.shape) for p in student.run(landscapes.default_mlp, 10, 1)]
    expect_close({"shapes of weights and biases": (shapes, expected_shapes(10, 1, 784, 10))})


@check("make_mlp", points=0.15, needs=["mlp_has_the_right_layers"])
def test_mlp_rejects(student):
    """Raises ValueError for width < 1 and for depth < 0."""
    for name, width, depth in (("width", 0, 1), ("width", -3, 2), ("width", 0, 0), ("depth", 3, -1)):
        with expect_value_error(name):
            student.make_mlp(width, depth)


# -- count_parameters


def trainable_in(plan):
    """How many trainable numbers a plan has, from its sizes."""
    if isinstance(plan, MixedNetwork):
        sizes = {"convolution": 3 * 2 * 2 * 2, "linear.weight": 4 * 5, "linear.bias": 4, "scale": 7}
        return sum(size for name, size in sizes.items() if name not in plan.frozen)
    layers = enumerate(pairwise(plan.sizes))
    linear = sum(outputs * (inputs + 1) for place, (inputs, outputs) in layers if place not in plan.frozen)
    return linear + (2 * sum(plan.sizes[1:-1]) if plan.normalised else 0)


def expect_count(student, plan):
    expect_close({"number of parameters": (student.run(landscapes.parameter_count, plan), trainable_in(plan))})


@check("count_parameters", points=0.4)
@given(sizes=st.lists(st.integers(1, 9), min_size=2, max_size=4))
def test_count_of_linear_layers(student, sizes):
    """Counts m * k weights and k biases for a linear layer from m to k units."""
    expect_count(student, NetworkPlan(sizes, frozen=[]))


@check("count_parameters", points=0.2, needs=["count_of_linear_layers"])
def test_count_leaves_out_frozen_parameters(student):
    """Skips each frozen parameter, in every kind of layer."""
    for frozen in ([0], [1], [0, 1]):
        expect_count(student, NetworkPlan([4, 3, 2], frozen))
    for names in ([], ["linear.bias"], ["linear.weight", "scale"]):
        expect_count(student, MixedNetwork(names))


@check("count_parameters", points=0.2, needs=["count_of_linear_layers"])
def test_count_takes_shared_parameters_once(student):
    """Counts a shared tensor once, and two tensors with equal values twice."""
    expect_count(student, NetworkPlan([3, 3, 2], frozen=[], tied=True))
    expect_count(student, NetworkPlan([5, 4, 4, 1], frozen=[0], tied=True))
    normalised = NetworkPlan([4, 6, 6, 2], frozen=[], normalised=True)  # new batch normalisations hold equal values
    expect_count(student, normalised)


@check("count_parameters", points=0.2, needs=["count_of_linear_layers"])
def test_count_leaves_out_buffers(student):
    """Counts two trainable numbers per unit of a batch normalisation, and no running averages."""
    expect_count(student, NetworkPlan([4, 6, 2], frozen=[], normalised=True))


# -- interpolate


def states(dtype=torch.float64):
    """Two state dicts, as nn.Module.state_dict() gives them. Two entries are not floating-point. The counts are so far
    apart that no mixture of them rounds to the first count."""
    return [
        {
            "weight": numbers(2, 3, seed=seed, dtype=dtype),
            "bias": numbers(2, seed=seed + 10, dtype=dtype),
            "num_batches_tracked": torch.tensor(100 * seed),
            "kept": torch.tensor([seed == 1, True, False]),
        }
        for seed in (1, 2)
    ]


@check("interpolate", points=1)
@given(alpha=st.sampled_from((0.25, 0.5, 0.0, 1.0, -1.5, 2.0)), a=st.integers(-4, 4), b=st.integers(5, 9))
def test_interpolate_mixes(student, alpha, a, b):
    """Returns (1 - alpha) * a + alpha * b for each name, also for alpha outside [0, 1]."""
    state_a, state_b = (
        {name: torch.tensor(entries, dtype=torch.float64) for name, entries in (("w", [n, 2, -n]), ("v", [1, n, 0.5]))}
        for n in (a, b)
    )
    state_b = dict(reversed(state_b.items()))
    expected = {name: (1 - alpha) * state_a[name] + alpha * state_b[name] for name in state_a}
    got = student.interpolate(state_a, state_b, alpha)
    expect_close({"names": (sorted(got), ["v", "w"])})
    expect_close({name: (got[name], expected[name]) for name in expected})


@check("interpolate", points=0.5, needs=["interpolate_mixes"])
def test_interpolate_keeps_integers(student):
    """Takes integer and boolean entries from `state_a`, and keeps the dtype of the others."""
    for dtype in (torch.float64, torch.float32):
        state_a, state_b = states(dtype)
        for seed, state in enumerate((state_a, state_b), 1):
            state["order"] = torch.tensor([3, 1, 2]) * seed
            state["half"] = torch.tensor([0.5, 2.0], dtype=torch.float16) * seed
            state["scale"] = torch.tensor(2.0 * seed, dtype=dtype)
        got = student.interpolate(state_a, state_b, 0.75)
        expect_close({"names": (sorted(got), sorted(state_a))})
        copied = {name: (got[name], state_a[name]) for name in ("num_batches_tracked", "kept", "order")}
        mixed = ("weight", "scale")
        mixed = {name: (got[name], torch.lerp(state_a[name], state_b[name], 0.75)) for name in mixed}
        expect_close({**copied, **mixed})
        half = torch.tensor([0.875, 3.5], dtype=torch.float16)
        expect_close({"half, in float16": (got["half"], half)}, (1e-2, 0.0))


@check("interpolate", points=0.25, needs=["interpolate_mixes"])
def test_interpolate_shares_nothing(student):
    """Shares no memory with the two states."""
    state_a, state_b = states()
    for alpha in (0.0, 1.0, 0.5):
        got, again = (
            student.run(landscapes.interpolated_then_overwritten, state_a, state_b, alpha, fill) for fill in (0, 1)
        )
        expect_close({"names": (sorted(got), sorted(state_a))})
        for name in state_a:  # what the right numbers are is asked elsewhere
            own = torch.equal(got[name], again[name])
            expect(own, f"{name} of your result changes when both states are overwritten: it shares their memory.")


@contextmanager
def expect_key_error():
    """The block must raise a KeyError."""
    try:
        yield
    except StudentError as error:
        if "KeyError" not in error.bases:
            raise
    else:
        raise WrongAnswerError("Raise KeyError: the two states have different names.")


@check("interpolate", points=0.15, needs=["interpolate_mixes"])
def test_interpolate_rejects_different_names(student):
    """Raises KeyError for a name that only one of the two states has."""
    state_a, state_b = states()
    for first, second in (
        ({**state_a, "more": state_a["bias"]}, state_b),
        (state_a, {**state_b, "more": state_b["bias"]}),
        ({**state_a, "more": state_a["bias"]}, {**state_b, "less": state_b["bias"]}),
    ):
        with expect_key_error():
            student.interpolate(first, second, 0.5)


# -- permute_hidden_units

NAMES = ["0.weight", "0.bias", "2.weight", "2.bias"]
LETTERS = 60  # of a name


def network_with(student, hidden, biases, output, bias):
    """A state dict with these entries, under the names that the submission's own `make_mlp` gives."""
    try:
        names = student.run(landscapes.names_of_network, len(biases), hidden.shape[1], len(bias))
    except StudentError:
        names = NAMES
    if not isinstance(names, list) or len(names) != len(NAMES) or len(set(names)) != len(names):
        names = NAMES
    if not all(isinstance(name, str) and len(name) <= LETTERS for name in names):
        names = NAMES
    return dict(zip(names, (hidden, biases, output, bias), strict=True))


def random_network(student, width, in_dim, out_dim, seed=0, dtype=torch.float64):
    shapes = ((width, in_dim), (width,), (out_dim, width), (out_dim,))
    return network_with(student, *(numbers(*shape, seed=seed + n, dtype=dtype) for n, shape in enumerate(shapes)))


def permuted(state, order):
    """The entries by the definition, unit by unit."""
    hidden, biases, output, bias = state.values()
    rows = [hidden[unit] for unit in order], [biases[unit] for unit in order]
    columns = [output[:, unit] for unit in order]
    entries = (*map(torch.stack, rows), torch.stack(columns, 1), bias)
    return dict(zip(state, entries, strict=True))


def expect_permuted(got, state, order, label=""):
    """The result has the names of the state, in its order, and the entries of the definition."""
    expect_close({"names": (list(got), list(state))})
    for name, entry in permuted(state, order).items():
        expect_close({f"shape of {name}{label}": (tuple(got[name].shape), tuple(entry.shape))})
        expect_close({f"{name}{label}": (got[name], entry)})


@check("permute_hidden_units", points=0.9)
@given(order=st.sampled_from(([1, 2, 0], [1, 0], [0, 2, 1], [2, 3, 1, 0], [3, 0, 4, 1, 2], [0])))
@settings(max_examples=12)
def test_units_are_in_the_new_order(student, order):
    """Hidden unit j of the result is unit order[j], with its bias and its weights on both sides."""
    width = len(order)
    units = torch.arange(1, width + 1, dtype=torch.float64)
    hidden = torch.stack([units, 10 * units], 1)
    state = network_with(
        student, hidden, -units, torch.stack([100 * units, units / 2]), torch.tensor([7.0, 8.0]).double()
    )
    expect_permuted(student.permute_hidden_units(state, order), state, order)


@check("permute_hidden_units", points=0.6, needs=["units_are_in_the_new_order"])
@given(width=st.integers(1, 9), out_dim=st.sampled_from((1, 3, 10)), seed=st.integers(0, 99))
@settings(max_examples=10)
def test_twin_computes_the_same_function(student, width, out_dim, seed):
    """The new network computes the same outputs, whether `order` is a list or a tensor."""
    state, X = random_network(student, width, width, out_dim, seed), 3 * numbers(6, width, seed=seed)
    order = torch.randperm(width, generator=torch.Generator().manual_seed(seed))
    expected = mlp_outputs(list(state.values()), X)
    for given_order in (order, order.tolist()):
        got = student.permute_hidden_units(state, given_order)
        expect_permuted(got, state, order.tolist())
        expect_close({"outputs of the new network": (mlp_outputs(list(got.values()), X), expected)}, (1e-9, 1e-9))
    back = student.permute_hidden_units(got, order.argsort())
    expect_permuted(back, state, range(width), ", put back into the old order")
    narrow = random_network(student, 4, 3, 2, seed, torch.float32)
    got = student.permute_hidden_units(narrow, [2, 0, 3, 1])
    expect_permuted(got, narrow, [2, 0, 3, 1], " of a float32 network")


@check("permute_hidden_units", points=0.3, needs=["units_are_in_the_new_order"])
def test_twin_shares_nothing(student):
    """Shares no memory with `state`, also for the order in which the units are already."""
    state = random_network(student, 3, 2, 2)
    for order in ([0, 1, 2], [1, 2, 0]):
        got = student.run(landscapes.permuted_then_overwritten, state, order)
        expect_permuted(got, state, order, ", read after the state was overwritten with zeros")


@check("permute_hidden_units", points=0.35, needs=["units_are_in_the_new_order"])
def test_twin_rejects(student):
    """Raises ValueError unless `order` holds each of 0, ..., width - 1 exactly once."""
    state = random_network(student, 3, 2, 1)
    wrong = ([0, 1], [0, 1, 2, 0], [0, 1, 1], [1, 2, 3], [0, -1, 1], [-3, -2, -1], [0, 1, 2, 3], [])
    for order in wrong:
        for given_order in (order, torch.tensor(order, dtype=torch.int64)):
            with expect_value_error("order"):
                student.permute_hidden_units(state, given_order)


# -- filter_normalized_direction


def weights_and_biases(dtype=torch.float64):
    """Weights whose rows have very different norms, a bias, and the weights of a convolution."""
    scales = torch.tensor([1.0, 10.0, 0.1], dtype=dtype)
    return [
        numbers(3, 4, dtype=dtype) * scales[:, None],
        numbers(3, seed=1, dtype=dtype),
        numbers(2, 3, 2, 2, dtype=dtype),
    ]


def direction_for(student, params, seed=0):
    """Ask for a direction, and check that it has the form of the parameters."""
    directions = student.filter_normalized_direction(params, torch.Generator().manual_seed(seed))
    expect_close({"number of tensors": (len(directions), len(params))})
    for place, (d, p) in enumerate(zip(directions, params, strict=True), 1):
        expect_close({f"shape of direction {place}": (tuple(d.shape), tuple(p.shape))})
        expect_close({f"dtype of direction {place}": (str(d.dtype), str(p.dtype))})
        expect(bool(d.isfinite().all()), f"Not finite: direction {place}.")
    return directions


# One mutant survives: a draw in float32, scaled in float64, is as random, to seven digits.
# filter_normalized_direction: `torch.randn(weights.shape, generator=generator, dtype=weigh…` -> `(torch.randn(weights.shape, generator=generator))`  # noqa: E501
@check("filter_normalized_direction", points=1)
@given(seed=st.integers(0, 1000))
@settings(max_examples=10)
def test_direction_has_the_norms_of_the_rows(student, seed):
    """Gives each row or filter the norm of the same row or filter of the weights."""
    params = weights_and_biases()
    directions, others = direction_for(student, params, seed), direction_for(student, params, seed + 1)
    for place, (d, p) in enumerate(zip(directions, params, strict=True), 1):
        if p.dim() > 1:
            norms = d.flatten(1).norm(dim=1), p.flatten(1).norm(dim=1)
            # Code that divides by norm + 1e-8, as a guard against a row of zeros, gives slightly smaller norms.
            expect_close({f"norms of the rows of direction[{place}]": norms}, (1e-6, 1e-9))
    expect_different(directions[0], others[0], "Two different generators give the same direction.")
    for axis in (1, 2, 3):
        lines = [tensor.norm(dim=axis) for tensor in (directions[2], params[2])]
        expect_different(*lines, "Scale each filter of a convolution as a whole, not line by line.")


@check("filter_normalized_direction", points=0.35, needs=["direction_has_the_norms_of_the_rows"])
def test_direction_leaves_biases(student):
    """Moves all weights except biases and rows of zeros; keeps float32, accepts requires_grad."""
    for dtype in (torch.float64, torch.float32):
        directions = direction_for(student, [p.requires_grad_() for p in weights_and_biases(dtype)])
        expect_close({"direction of the bias": (directions[1], torch.zeros(3, dtype=dtype))})
    (direction,) = direction_for(student, [torch.tensor([[0.0, 0.0, 0.0], [2.0, 0.0, 1.0]], dtype=torch.float64)])
    expect_close({"direction of a row of zeros": (direction[0], torch.zeros_like(direction[0]))}, (0.0, 1e-6))
    expect(bool(direction[1, 1] != 0), "A single weight of zero should move like the other weights of its row.")
    shapes = ((4, 4), (3, 5, 2), (4, 1), (1, 4))  # a row is a slice along the first axis, for any number of axes
    odd = [numbers(*shape, seed=20 + place) * (1 + place) for place, shape in enumerate(shapes)]
    for d, p in zip(direction_for(student, odd), odd, strict=True):
        norms = d.flatten(1).norm(dim=1), p.flatten(1).norm(dim=1)
        expect_close({f"norms of the rows of a direction of shape {tuple(p.shape)}": norms}, (1e-6, 1e-9))


@check("filter_normalized_direction", points=0.4, needs=["direction_has_the_norms_of_the_rows"])
def test_direction_comes_from_the_generator(student):
    """Draws from `generator` only, and leaves torch's global random state unchanged."""
    params = weights_and_biases()
    first, again, other = (direction_for(student, params, seed)[0] for seed in (7, 7, 8))
    expect_close({"direction from the same seed": (again, first)})
    expect_different(first, other, "Two different seeds give the same direction.")
    generator = torch.Generator().manual_seed(7)
    one, two = (student.filter_normalized_direction(params, generator)[0] for _ in range(2))
    expect_different(one, two, "Two calls with the same generator object give the same direction.")
    three = direction_for(student, [params[0], params[1], params[0].clone()])
    expect_different(three[0], three[2], "Two weights of the same shape get the same direction.")
    narrow = [p.float() for p in params]
    first, again = (direction_for(student, narrow, 7)[0] for _ in range(2))
    expect_close({"direction in float32 from the same seed": (again, first)})
    for tensors in (params, narrow):
        expect_global_state_kept(student, "filter_normalized_direction", tensors, generator)


@check("filter_normalized_direction", points=0.45, needs=["direction_has_the_norms_of_the_rows"])
def test_direction_is_gaussian(student):
    """Draws directions uniformly, unlike numbers from a cube.

    For a direction at angle t, the means of cos(k t) and sin(k t), k = 1 to 4, are 0; over n = 12000 rows, Hoeffding's
    inequality puts each within 0.075 with probability 1 - 2 exp(-n 0.075^2 / 2) > 1 - 5e-15: a false fail is below 1e-13.
    (Numbers from a cube give -0.14 for cos(4 t).)
    """
    weights = torch.tensor([1.0, 3.0], dtype=torch.float64).repeat(12000, 1)
    (direction,) = direction_for(student, [weights])
    angles = torch.atan2(direction[:, 1], direction[:, 0])
    for k in (1, 2, 3, 4):
        for name, wave in (("cos", torch.cos), ("sin", torch.sin)):
            mean = float(wave(k * angles).mean())
            expect(
                abs(mean) < 0.075, f"The mean of {name}({k} * angle) is {mean:.3f}; for a uniform direction it is 0."
            )


# -- loss_surface

XS = torch.tensor([-1.0, 0.0, 0.1, 2.0], dtype=torch.float64)
YS = torch.tensor([0.0, 3.0, -0.25], dtype=torch.float64)
NOT_RESTORED = "have other values after your function than before"
NO_TRAINING = (
    "After your function, the parameters cannot be trained: torch records no gradients, or they do not require grad."
)


def plane():
    """Parameters and two directions. Adding and subtracting these numbers leaves rounding errors.

    The first tensor is no matrix: a loop that ends after it, and one that moves matrices only, give different surfaces.
    """
    shapes = ((3,), (2, 3), (), (2, 2))
    return tuple(
        [numbers(*shape, seed=10 * which + place) / 3 for place, shape in enumerate(shapes)] for which in range(3)
    )


def expected_surface(loss, params, dx, dy, xs, ys):
    rows = []
    for y in ys:
        moved = [[p + x * a + y * b for p, a, b in zip(params, dx, dy, strict=True)] for x in xs]
        rows.append(torch.stack([loss.value(point) for point in moved]))
    return torch.stack(rows)


@check("loss_surface", points=0.9)
@given(scale=st.sampled_from((1.0, 0.0, 2.5, -1.0)), size=st.integers(1, 4))
@settings(max_examples=10)
def test_surface_of_a_quadratic(student, scale, size):
    """Entry [j, i] is the loss at params + xs[i] * direction_x + ys[j] * direction_y."""
    params, dx, dy = plane()
    loss, xs = FailingQuadratic(scale), XS[:size]
    expected = expected_surface(loss, params, dx, dy, xs, YS)
    surface, *_ = student.run(landscapes.surface_of, loss, params, (dx, dy), xs, YS)
    expect_close({"shape of the surface": (tuple(surface.shape), (3, size))})
    for j in range(3):
        for i in range(size):
            expect_close({f"surface[{j}, {i}]": (surface[j, i], expected[j, i])}, (1e-9, 1e-9))


@check("loss_surface", points=0.5, needs=["surface_of_a_quadratic"])
def test_surface_restores_bit_for_bit(student):
    """Restores the parameters to the last bit."""
    params, dx, dy = plane()
    _, left, *_ = student.run(landscapes.surface_of, FailingQuadratic(1.0), params, (dx, dy), XS, YS)
    expect_unchanged("params", left, params, NOT_RESTORED)


@check("loss_surface", points=0.5, needs=["surface_of_a_quadratic"])
def test_surface_restores_when_the_loss_raises(student):
    """Restores the parameters when loss_fn raises, and lets the exception pass."""
    params, dx, dy = plane()
    for fails_at in (1, 6):
        surface, left, *_ = student.run(
            landscapes.surface_of, FailingQuadratic(1.0, fails_at), params, (dx, dy), XS, YS
        )
        expect(
            surface.numel() == 0, "Your function hides an exception of loss_fn. Restore the parameters and let it pass."
        )
        expect_unchanged("params", left, params, NOT_RESTORED)


@check("loss_surface", points=0.3, needs=["surface_of_a_quadratic"])
def test_surface_of_parameters_that_train(student):
    """Keeps the dtype, returns no graph, accepts non-contiguous params, leaves them trainable."""
    params, dx, dy = ([t.float() for t in group] for group in plane())
    expected = expected_surface(FailingQuadratic(1.0), params, dx, dy, XS.float(), YS.float())
    training = [p.clone().requires_grad_() for p in params]
    surface, left, slopes, _ = student.run(
        landscapes.surface_of, FailingQuadratic(1.0), training, (dx, dy), XS.float(), YS.float()
    )
    expect_close({"surface": (surface, expected)})
    expect(not surface.requires_grad, "The surface should not require grad.")
    expect_unchanged("params", left, params, NOT_RESTORED)
    expect(len(slopes) == len(params), NO_TRAINING)
    expect_close({"gradient of the loss afterwards": (slopes, [2 * p + 1 for p in params])})
    some = [group[:2] for group in (params, dx, dy)]  # in arithmetic, a 0-d tensor would take the dtype of xs
    expected = expected_surface(FailingQuadratic(1.0), *some, XS.float(), YS.float())
    surface, *_ = student.run(landscapes.surface_of, FailingQuadratic(1.0), some[0], (some[1], some[2]), XS, YS)
    expect_close({"surface of float32 parameters, with xs and ys in float64": (surface, expected)})
    params, dx, dy = plane()
    expected = expected_surface(FailingQuadratic(1.0), params, dx, dy, XS, YS)
    turned = [with_gaps(p) for p in params]
    surface, *_ = student.run(landscapes.surface_of, FailingQuadratic(1.0), turned, (dx, dy), XS, YS)
    expect_close({"surface of non-contiguous parameters": (surface, expected)}, (1e-9, 1e-9))


# -- train_from_seeds

# The least distance that weights of 8 hidden units move in 25 steps. Measured on 2,000 starts of each kind: weights of size 0.01
# move by 7.5e-4 or more, larger weights further. If weights hardly move, gradient descent is stuck at the start. They must move
# after the second step, too, and by much more than the tolerance of the comparison, or the start alone would pass.
LEAST_MOVE = 1e-5
TOLERANCE = (1e-7, 1e-9)
# The least loss at the start of a training on the teacher. The targets' variance is 1.06; no usual start has a lower loss.
LEAST_LOSS_AT_START = 0.5


def examples(n=24, dim=4, dtype=torch.float64):
    """Inputs (n, dim), and targets (n,) that are not linear in the inputs."""
    X = numbers(n, dim)
    return X.to(dtype), (X[:, 0].abs() + X.sum(1) / 2).to(dtype)


def train(student, width, seeds, X, y, lr, steps):
    """Train, and check the form of the result: four entries per seed."""
    return expect_states(student.train_from_seeds(width, list(seeds), X, y, lr, steps), len(seeds), width, X)


def expect_descent(student, width, seeds, X, y, lr, all_steps):
    """The trained networks must be those that gradient descent reaches from the submission's own starts. Returns the
    starts."""
    starts = ShallowNetworks.of(train(student, width, seeds, X, y, lr, 0))
    for steps in all_steps:
        got, expected = train(student, width, seeds, X, y, lr, steps), starts.descended(X, y, lr, steps)
        expect_networks(got, expected, seeds, steps, TOLERANCE)
    return starts


@check("train_from_seeds", points=0.6)
def test_training_follows_the_gradient(student):
    """Every step follows the gradient of the mean of (output - y)^2, in both layers

    The initialisation is free, but training must be possible: of eight units, some must react to the inputs. With a
    usual start, the probability that all are inactive, or all constant, is below 1e-12.
    """
    X, y = examples()
    seeds = (3, 11)
    starts = expect_descent(student, 8, seeds, X, y, 0.02, (1, 2, 25))
    early, late = (starts.descended(X, y, 0.02, steps).hidden for steps in (2, 25))
    least = (100 * (TOLERANCE[0] * late.abs() + TOLERANCE[1])).clamp(min=LEAST_MOVE)
    learns = ((late - early).abs() > least).flatten(1).any(1)
    for seed, enough in zip(seeds, learns.tolist(), strict=True):
        expect(enough, f"With seed {seed}, none of the 8 hidden units learns: all are inactive at the start.")
    far = 100 * X  # so large that a unit with small weights and a positive bias is active on only some of the inputs
    starts = expect_descent(student, 8, seeds, far, y, 1e-7, (2,))
    active = (far @ starts.hidden.mT + starts.hidden_bias[:, None]) > 0
    bent = (active.any(1) & ~active.all(1)).any(1)
    for seed, enough in zip(seeds, bent.tolist(), strict=True):
        message = f"With seed {seed}, each of 8 hidden units is active for all of 24 large inputs, or for none of them."
        expect(enough, f"{message} Check the initial weights and biases.")


@check("train_from_seeds", points=0.3, needs=["training_follows_the_gradient"])
def test_training_goes_on_by_the_same_rule(student):
    """Follows the rule for large targets, one hidden unit, one input, and up to step 90."""
    X, y = examples()
    expect_descent(student, 1, (4, 5, 6), X, y, 0.01, (30,))
    expect_descent(student, 3, (4, 5), X[:7, :1], y[:7], 0.02, (90,))
    expect_descent(student, 5, (4, 5), X, 200 * y, 1e-6, (20,))


@check("train_from_seeds", points=0.5, needs=["training_follows_the_gradient"])
def test_training_is_determined_by_the_seed(student):
    """Starts each network from its seed alone, and restores torch's global random state."""
    X, y = examples()
    first = train(student, 3, (5, 1, 8), X, y, 0.1, 0)
    again = train(student, 3, (8, 5, 1), X, y, 0.1, 0)
    expect_close({f"start of seed {seed} in another order": (again[b], first[a]) for seed, a, b in ORDERS})
    twice = train(student, 3, (5, 1, 5), X, y, 0.1, 0)
    expect_close({"starts of the seeds 5, 1, 5": (twice, [first[0], first[1], first[0]])})
    expect_close({"starts with another lr": (train(student, 3, (5, 1, 8), X, y, 0.3, 0), first)})
    for one, other in combinations(first, 2):
        different = any(are_different(a, b) for a, b in zip(one, other, strict=True))
        expect(different, "Different seeds give the same start: is the seed used?")
    one, other = student.run(landscapes.starts_from_two_global_states, 3, [5, 1], X, y)
    starts = [[list(state.values()) for state in states] for states in (other, one)]
    expect_close({"starts from another global random state": tuple(starts)})
    expect_global_state_kept(student, "train_from_seeds", 3, [1, 2], X, y, 0.1, 2)


ORDERS = ((5, 0, 1), (1, 1, 2), (8, 2, 0))  # a seed, and its places in (5, 1, 8) and (8, 5, 1)


@check("train_from_seeds", points=0.2, needs=["training_follows_the_gradient"])
def test_training_gives_each_network_its_own_memory(student):
    """Gives each tensor its own memory, and returns an empty list for no seeds

    The program writes a secret value into each tensor. The tensor must hold this value at the end.
    """
    X, y = examples()
    width, seeds, seed = 2, [3, 4, 3], secret()
    states = student.run(landscapes.overwritten, seed, "train_from_seeds", width, seeds, X, y, 0.1, 1)
    entries = [entry for state in expect_states(states, len(seeds), width, X) for entry in state]
    values = landscapes.distinct_values(seed, len(entries))
    own = all(bool((entry == value).all()) for entry, value in zip(entries, values, strict=True))
    expect(own, "Two returned tensors share memory: overwriting one of them changes the other.")
    expect_close({"result for no seeds": (student.train_from_seeds(width, [], X, y, 0.1, 1), [])})


@check("train_from_seeds", points=0.1, needs=["training_follows_the_gradient"])
def test_training_keeps_the_dtype(student):
    """Trains float32 networks by the same rule for float32 inputs."""
    X, y = examples(dtype=torch.float32)
    starts = ShallowNetworks.of(train(student, 6, (3, 4), X, y, 0.02, 0))
    expect_networks(train(student, 6, (3, 4), X, y, 0.02, 4), starts.descended(X, y, 0.02, 4), (3, 4), 4, (1e-3, 1e-4))


@check("train_from_seeds", points=0.1, needs=["training_follows_the_gradient"])
def test_training_rejects(student):
    """Raises ValueError for width < 1, lr < 0 and num_steps < 0, also when no step is due; accepts lr = 0."""
    X, y = examples()
    for name, width, lr, steps in (
        ("width", 0, 0.1, 1),
        ("lr", 2, -0.1, 1),
        ("lr", 2, -0.1, 0),
        ("num_steps", 2, 0.1, -1),
    ):
        with expect_value_error(name):
            student.train_from_seeds(width, [0], X, y, lr, steps)
    student.train_from_seeds(2, [0], X, y, 0.0, 1)


@check("train_from_seeds", points=0.65, needs=["training_is_determined_by_the_seed"], call_cpu_seconds=60)
def test_wide_networks_are_not_unlucky(student, note):
    """Finds the teacher in 4,000 steps from most of 8 seeds, with 12 hidden units

    `grade calibrate` gives the false-fail bound, see docs/thresholds.md.
    """
    narrow, wide = (TEACHER.train(student, width) for width in (TEACHER.narrow, TEACHER.wide))
    for width, outcome in ((TEACHER.narrow, narrow), (TEACHER.wide, wide)):
        message = (
            f"With {width} hidden units, {TEACHER.steps:,} steps do not end where gradient descent from your start ends, "
            "or two seeds give the same network."
        )
        expect(outcome.is_by_the_rule, message)
    ranges = [f"{float(one.losses.min()):.1e} to {float(one.losses.max()):.1e}" for one in (narrow, wide)]
    note(f"final losses over eight seeds: {ranges[0]} with 2 hidden units, {ranges[1]} with 12")
    first_losses = wide.starts.losses(*teacher_examples())
    message = "Your networks start close to the solution. A start may depend on the seed and the sizes only."
    expect(float(first_losses.median()) >= LEAST_LOSS_AT_START, message)
    bound, median = threshold(__file__, "teacher").threshold, float(wide.losses.median())
    message = f"With 12 hidden units the median loss over 8 seeds is {median:.1e}; it should be {bound:.1e} or less."
    expect(median <= bound, f"{message} Check the initial weights and biases.")
