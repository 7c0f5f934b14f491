"""Section 5: non-convexity and overparameterisation."""

import math
from contextlib import contextmanager
from functools import cache
from itertools import pairwise

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.toolkit.check import check
from grader.toolkit.closeness import expect, expect_close, expect_unchanged, expect_value_error
from grader.toolkit.convergence.section5_overparameterization import SEEDS
from grader.toolkit.layout import with_gaps
from grader.toolkit.oracles.networks import FAR, find_unit
from grader.toolkit.problems.networks import Explosive, MixedNetwork, NetworkPlan
from grader.toolkit.programs import landscapes, randomness
from grader.toolkit.secret import expect_global_state_kept
from grader.toolkit.thresholds import threshold
from grader.toolkit.verdicts import StudentError, WrongAnswerError

UNCHANGED = {"interpolate": 0.25, "filter_normalized_direction": 0.1, "loss_surface": 0.1}


def numbers(*shape, seed=0, dtype=torch.float64):
    """Random numbers of a shape, the same every time, from no seed that a submission is given: it might draw the very same."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(5000 + seed), dtype=dtype)


# -- make_mlp


def expected_shapes(width, depth, in_dim, out_dim):
    """Shapes of weights and biases of an MLP, layer by layer."""
    sizes = [in_dim, *[width] * depth, out_dim]
    return [shape for a, b in pairwise(sizes) for shape in ((b, a), (b,))]


def mlp_outputs(params, X):
    """The outputs of an MLP with these weights and biases, computed without it."""
    layers = list(zip(params[::2], params[1::2], strict=True))
    for weight, bias in layers[:-1]:
        X = torch.clamp(X @ weight.T + bias, min=0)
    return X @ layers[-1][0].T + layers[-1][1]


@check("make_mlp", points=1)
@given(width=st.integers(1, 5), depth=st.integers(0, 4))
@settings(max_examples=10)
def test_mlp_has_the_right_layers(student, width, depth):
    """Weights and biases have the shapes of `depth` hidden layers of `width` units and an output layer, and start different."""
    params, outputs, _ = student.run(landscapes.anatomy_of_mlp, width, depth, 3, 2, numbers(4, 3))
    shapes = [tuple(p.shape) for p in params]
    expect_close({"shapes of weights and biases": (shapes, expected_shapes(width, depth, 3, 2))})
    expect_close({"shape of the outputs": (tuple(outputs.shape), (4, 2))})
    for weight in student.run(landscapes.fresh_mlp, width, depth, 3, 2)[::2]:
        alike = weight.numel() > 1 and not bool((weight != weight.flatten()[0]).any())
        expect(bool(weight.isfinite().all()), "A new network has weights that are not finite.")
        expect(not alike, "All weights of a layer start with the same number: its units would stay alike in training.")


@check("make_mlp", points=0.75, needs=["mlp_has_the_right_layers"])
@given(width=st.integers(1, 8), depth=st.integers(0, 3))
@settings(max_examples=10)
def test_mlp_computes_what_its_weights_say(student, width, depth):
    """ReLU stands between the layers, and nowhere else: outputs can be negative."""
    X = 30 * numbers(20, 3, seed=width)
    params, outputs, stepwise = student.run(landscapes.anatomy_of_mlp, width, depth, 3, 2, X)
    shapes = [tuple(p.shape) for p in params]
    expect_close({"shapes of weights and biases": (shapes, expected_shapes(width, depth, 3, 2))})
    expected = mlp_outputs(params, X)
    expect_close({"outputs": (outputs, expected)}, (1e-6, 1e-6))
    expect(stepwise.numel() > 0, "make_mlp should return an nn.Sequential.")
    expect_close({"outputs, one item after the other": (stepwise, expected)}, (1e-6, 1e-6))


@check("make_mlp", points=0.25, needs=["mlp_has_the_right_layers"])
def test_mlp_is_made_for_mnist(student):
    """Maps 784 pixels to 10 classes where no other sizes are given."""
    shapes = [tuple(p.shape) for p in student.run(landscapes.default_mlp, 10, 1)]
    expect_close({"shapes of weights and biases": (shapes, expected_shapes(10, 1, 784, 10))})


@check("make_mlp", points=0.5, needs=["mlp_has_the_right_layers"])
def test_mlp_rejects(student):
    """A width below 1, or a negative depth, raises ValueError."""
    for name, width, depth in (("width", 0, 1), ("width", -3, 2), ("width", 0, 0), ("depth", 3, -1)):
        with expect_value_error(name):
            student.make_mlp(width, depth)


# -- count_parameters


def trainable_in(plan):
    """The number of trainable numbers of a plan, from its sizes."""
    if isinstance(plan, MixedNetwork):
        sizes = {"convolution": 3 * 2 * 2 * 2, "linear.weight": 4 * 5, "linear.bias": 4, "scale": 7}
        return sum(size for name, size in sizes.items() if name not in plan.frozen)
    layers = enumerate(pairwise(plan.sizes))
    linear = sum(outputs * (inputs + 1) for place, (inputs, outputs) in layers if place not in plan.frozen)
    return linear + (2 * sum(plan.sizes[1:-1]) if plan.normalised else 0)


def expect_count(student, plan):
    expect_close({"number of parameters": (student.run(landscapes.parameter_count, plan), trainable_in(plan))})


@check("count_parameters", points=1)
@given(sizes=st.lists(st.integers(1, 9), min_size=2, max_size=4))
def test_count_of_linear_layers(student, sizes):
    """Linear layers from m to k units have m * k weights and k biases."""
    expect_count(student, NetworkPlan(sizes, frozen=[]))


@check("count_parameters", points=0.5, needs=["count_of_linear_layers"])
def test_count_leaves_out_frozen_parameters(student):
    """Parameters that do not require grad are not counted, each by itself, whatever layer it belongs to."""
    for frozen in ([0], [1], [0, 1]):
        expect_count(student, NetworkPlan([4, 3, 2], frozen))
    for names in ([], ["linear.bias"], ["linear.weight", "scale"]):
        expect_count(student, MixedNetwork(names))


@check("count_parameters", points=0.5, needs=["count_of_linear_layers"])
def test_count_takes_shared_parameters_once(student):
    """A tensor that two layers share is counted once, two that only hold the same numbers twice."""
    expect_count(student, NetworkPlan([3, 3, 2], frozen=[], tied=True))
    expect_count(student, NetworkPlan([5, 4, 4, 1], frozen=[0], tied=True))
    expect_count(student, NetworkPlan([4, 6, 6, 2], frozen=[], normalised=True))  # fresh normalisations are all alike


@check("count_parameters", points=0.5, needs=["count_of_linear_layers"])
def test_count_leaves_out_buffers(student):
    """Batch normalisation has two trainable numbers per unit; its running averages are not trained."""
    expect_count(student, NetworkPlan([4, 6, 2], frozen=[], normalised=True))


# -- interpolate


def states(dtype=torch.float64):
    """Two state dicts as nn.Module.state_dict() gives them; two entries are not floating-point.

    The counts are so far apart that no mixture of them rounds to the first.
    """
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
    """Each number is (1 - alpha) * a + alpha * b of the same name, between the states and beyond."""
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
    """An integer or boolean entry, whatever its name, is that of the first state; the dtype of the others is kept."""
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
    """The result shares no memory with the states: it stays what it was when the states are written over later."""
    state_a, state_b = states()
    for alpha in (0.0, 1.0, 0.5):
        got = student.run(landscapes.interpolated_apart, state_a, state_b, alpha)
        expect_close({"names": (sorted(got), sorted(state_a))})
        for name, a in state_a.items():
            expected = torch.lerp(a, state_b[name], alpha) if a.is_floating_point() else a
            label = f"{name}, read after the states were written over with zeros"
            expect_close({label: (got[name], expected)})


@contextmanager
def expect_key_error():
    """The block must raise a KeyError."""
    try:
        yield
    except StudentError as error:
        if "KeyError" not in error.bases:
            raise
    else:
        raise WrongAnswerError("A KeyError should be raised here: the two states have different names.")


@check("interpolate", points=0.5, needs=["interpolate_mixes"])
def test_interpolate_rejects_different_names(student):
    """A name that only one of the two has raises KeyError, whichever it is."""
    state_a, state_b = states()
    for first, second in (
        ({**state_a, "more": state_a["bias"]}, state_b),
        (state_a, {**state_b, "more": state_b["bias"]}),
        ({**state_a, "more": state_a["bias"]}, {**state_b, "less": state_b["bias"]}),
    ):
        with expect_key_error():
            student.interpolate(first, second, 0.5)


# -- filter_normalized_direction


def weights_and_biases(dtype=torch.float64):
    """Weights whose rows have very different norms, a bias, and a convolution."""
    scales = torch.tensor([1.0, 10.0, 0.1], dtype=dtype)
    return [
        numbers(3, 4, dtype=dtype) * scales[:, None],
        numbers(3, seed=1, dtype=dtype),
        numbers(2, 3, 2, 2, dtype=dtype),
    ]


def direction_for(student, params, seed=0):
    """Draw a direction, and make sure that it has the form of the parameters."""
    directions = student.filter_normalized_direction(params, torch.Generator().manual_seed(seed))
    expect_close({"number of tensors": (len(directions), len(params))})
    for place, (d, p) in enumerate(zip(directions, params, strict=True), 1):
        expect_close({f"shape of direction {place}": (tuple(d.shape), tuple(p.shape))})
        expect_close({f"dtype of direction {place}": (str(d.dtype), str(p.dtype))})
        expect(bool(d.isfinite().all()), f"Not finite: direction {place}.")
    return directions


def expect_different(one, other, message):
    """The two must differ; NaN does not."""
    expect(bool(((one - other).abs() > 1e-8 + 1e-5 * other.abs()).any()), message)


# One mutant lives: a draw in float32 that is scaled in float64 is as random, to seven digits.
# filter_normalized_direction: `torch.randn(weights.shape, generator=generator, dtype=weigh…` -> `(torch.randn(weights.shape, generator=generator))`  # noqa: E501
@check("filter_normalized_direction", points=1)
@given(seed=st.integers(0, 1000))
@settings(max_examples=10)
def test_direction_has_the_norms_of_the_rows(student, seed):
    """Each row of a direction, and each filter of a convolution, has the norm of that row of the weights."""
    params = weights_and_biases()
    directions, others = direction_for(student, params, seed), direction_for(student, params, seed + 1)
    for place, (d, p) in enumerate(zip(directions, params, strict=True), 1):
        if p.dim() > 1:
            norms = d.flatten(1).norm(dim=1), p.flatten(1).norm(dim=1)
            # Whoever divides by norm + 1e-8, to be safe from a row of zeros, is a little short.
            expect_close({f"norms of the rows of direction[{place}]": norms}, (1e-6, 1e-9))
    expect_different(directions[0], others[0], "Two different generators give the same direction.")
    for axis in (1, 2, 3):
        lines = [tensor.norm(dim=axis) for tensor in (directions[2], params[2])]
        expect_different(*lines, "A filter of a convolution is scaled as a whole, not line by line.")


@check("filter_normalized_direction", points=0.4, needs=["direction_has_the_norms_of_the_rows"])
def test_direction_leaves_biases(student):
    """Biases and rows of zeros do not move, weights of any shape do; keeps float32, and accepts requires_grad."""
    for dtype in (torch.float64, torch.float32):
        directions = direction_for(student, [p.requires_grad_() for p in weights_and_biases(dtype)])
        expect_close({"direction of the bias": (directions[1], torch.zeros(3, dtype=dtype))})
    (direction,) = direction_for(student, [torch.tensor([[0.0, 0.0, 0.0], [2.0, 0.0, 1.0]], dtype=torch.float64)])
    expect_close({"direction of a row of zeros": (direction[0], torch.zeros_like(direction[0]))}, (0.0, 1e-6))
    expect(bool(direction[1, 1] != 0), "A single weight that is zero should move like the others of its row.")
    shapes = ((4, 4), (3, 5, 2), (4, 1), (1, 4))  # a row is a slice along the first axis, whatever else there is
    odd = [numbers(*shape, seed=20 + place) * (1 + place) for place, shape in enumerate(shapes)]
    for d, p in zip(direction_for(student, odd), odd, strict=True):
        norms = d.flatten(1).norm(dim=1), p.flatten(1).norm(dim=1)
        expect_close({f"norms of the rows of a direction of shape {tuple(p.shape)}": norms}, (1e-6, 1e-9))


@check("filter_normalized_direction", points=0.5, needs=["direction_has_the_norms_of_the_rows"])
def test_direction_comes_from_the_generator(student):
    """Draws from `generator` alone: the same state gives the same direction, and torch's global random state stays."""
    params = weights_and_biases()
    first, again, other = (direction_for(student, params, seed)[0] for seed in (7, 7, 8))
    expect_close({"direction from the same seed": (again, first)})
    expect_different(first, other, "Two different seeds give the same direction.")
    generator = torch.Generator().manual_seed(7)
    one, two = (student.filter_normalized_direction(params, generator)[0] for _ in range(2))
    expect_different(one, two, "Two draws from one generator give the same direction.")
    three = direction_for(student, [params[0], params[1], params[0].clone()])
    expect_different(three[0], three[2], "Two weights of the same shape get the same direction.")
    narrow = [p.float() for p in params]
    first, again = (direction_for(student, narrow, 7)[0] for _ in range(2))
    expect_close({"direction in float32 from the same seed": (again, first)})
    for tensors in (params, narrow):
        expect_global_state_kept(student, "filter_normalized_direction", tensors, generator)


@check("filter_normalized_direction", points=0.5, needs=["direction_has_the_norms_of_the_rows"])
def test_direction_is_gaussian(student):
    """Directions are uniform, whatever the weights: no quadrant or diagonal is preferred, as with numbers drawn from a cube.

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
NOT_RESTORED = "hold something else after your function than before"
NO_TRAINING = (
    "Afterwards the parameters could not be trained on: torch no longer records gradients, or they do not require grad."
)


def plane():
    """Parameters and two directions; the numbers do not survive adding and subtracting."""
    shapes = ((2, 3), (3,), ())
    return tuple(
        [numbers(*shape, seed=10 * which + place) / 3 for place, shape in enumerate(shapes)] for which in range(3)
    )


def expected_surface(loss, params, dx, dy, xs, ys):
    rows = []
    for y in ys:
        moved = [[p + x * a + y * b for p, a, b in zip(params, dx, dy, strict=True)] for x in xs]
        rows.append(torch.stack([loss.value(point) for point in moved]))
    return torch.stack(rows)


@check("loss_surface", points=1)
@given(scale=st.sampled_from((1.0, 0.0, 2.5, -1.0)), size=st.integers(1, 4))
@settings(max_examples=10)
def test_surface_of_a_quadratic(student, scale, size):
    """Entry [j, i] is the loss at params + xs[i] * direction_x + ys[j] * direction_y."""
    params, dx, dy = plane()
    loss, xs = Explosive(scale), XS[:size]
    expected = expected_surface(loss, params, dx, dy, xs, YS)
    surface, *_ = student.run(landscapes.surface_of, loss, params, (dx, dy), xs, YS)
    expect_close({"shape of the surface": (tuple(surface.shape), (3, size))})
    for j in range(3):
        for i in range(size):
            expect_close({f"surface[{j}, {i}]": (surface[j, i], expected[j, i])}, (1e-9, 1e-9))


@check("loss_surface", points=0.5, needs=["surface_of_a_quadratic"])
def test_surface_restores_bit_for_bit(student):
    """Afterwards the parameters hold what they held before, to the last bit."""
    params, dx, dy = plane()
    _, left, *_ = student.run(landscapes.surface_of, Explosive(1.0), params, (dx, dy), XS, YS)
    expect_unchanged("params", left, params, NOT_RESTORED)


@check("loss_surface", points=0.5, needs=["surface_of_a_quadratic"])
def test_surface_restores_when_the_loss_raises(student):
    """When the loss raises, the exception comes out, and the parameters hold what they held before."""
    params, dx, dy = plane()
    for fuse in (1, 6):
        surface, left, *_ = student.run(landscapes.surface_of, Explosive(1.0, fuse), params, (dx, dy), XS, YS)
        expect(
            surface.numel() == 0, "An exception of loss_fn was swallowed: let it out, after restoring the parameters."
        )
        expect_unchanged("params", left, params, NOT_RESTORED)


@check("loss_surface", points=0.4, needs=["surface_of_a_quadratic"])
def test_surface_of_parameters_that_train(student):
    """Keeps the dtype of params, which may require grad or be transposed, leaves no graph, and params can be trained on."""
    params, dx, dy = ([t.float() for t in group] for group in plane())
    expected = expected_surface(Explosive(1.0), params, dx, dy, XS.float(), YS.float())
    training = [p.clone().requires_grad_() for p in params]
    surface, left, slopes, _ = student.run(
        landscapes.surface_of, Explosive(1.0), training, (dx, dy), XS.float(), YS.float()
    )
    expect_close({"surface": (surface, expected)})
    expect(not surface.requires_grad, "The surface should not require grad.")
    expect_unchanged("params", left, params, NOT_RESTORED)
    expect(len(slopes) == len(params), NO_TRAINING)
    expect_close({"gradient of the loss afterwards": (slopes, [2 * p + 1 for p in params])})
    some = [group[:2] for group in (params, dx, dy)]  # a number without axes would take the dtype of xs in arithmetic
    expected = expected_surface(Explosive(1.0), *some, XS.float(), YS.float())
    surface, *_ = student.run(landscapes.surface_of, Explosive(1.0), some[0], (some[1], some[2]), XS, YS)
    expect_close({"surface of float32 parameters, with xs and ys in float64": (surface, expected)})
    params, dx, dy = plane()
    expected = expected_surface(Explosive(1.0), params, dx, dy, XS, YS)
    turned = [with_gaps(p) for p in params]
    surface, *_ = student.run(landscapes.surface_of, Explosive(1.0), turned, (dx, dy), XS, YS)
    expect_close({"surface of parameters that lie transposed in memory": (surface, expected)}, (1e-9, 1e-9))


# -- train_from_seeds


def blobs(dtype=torch.float64, n=24):
    """Three classes, well apart, in four dimensions."""
    y = torch.arange(n) % 3
    return (torch.eye(4, dtype=dtype)[y] * 4 + 0.3 * numbers(n, 4, dtype=dtype)), y


def train(student, width, seeds, X, y, lr, steps):
    """Train, and make sure that the result is one loss per seed."""
    losses = student.train_from_seeds(width, list(seeds), X, y, lr, steps)
    expect_close({"shape of the losses": (tuple(losses.shape), (len(seeds),))})
    expect_close({"dtype of the losses": (str(losses.dtype), str(X.dtype))})
    return losses


def one_example(x, label):
    """Inputs (1, 1) and labels (1,) of a single example."""
    return torch.tensor([[x]], dtype=torch.float64), torch.tensor([label])


@check("train_from_seeds", points=0.5)
def test_training_descends_to_the_entropy(student):
    """Where inputs tell nothing, the loss falls to the entropy of the labels, and not below."""
    X, y = torch.zeros(8, 3, dtype=torch.float64), torch.tensor([1, 1, 1, 1, 1, 1, 4, 4])
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    losses = train(student, 4, range(2), X, y, 0.5, 600)
    for seed, loss in enumerate(losses.tolist()):
        expect_close({f"loss after 600 steps, seed {seed}": (loss, entropy)}, (0.0, 0.03))
        expect(
            loss >= entropy - 1e-9, f"A loss of {loss:.4f} is below the entropy {entropy:.4f}: no network reaches that."
        )


@check("train_from_seeds", points=0.5, needs=["training_descends_to_the_entropy"])
def test_training_is_determined_by_the_seed(student):
    """The same seeds give the same losses, in their order; different ones differ; the global random state is kept."""
    X, y = blobs()
    first = train(student, 3, (5, 1, 8), X, y, 0.1, 5)
    again = train(student, 3, (8, 5, 1), X, y, 0.1, 5)
    expect_close({"losses of seeds 5, 1, 8 in another order": (again[[1, 2, 0]], first)})
    expect_close({"losses of seeds 5, 1, 5": (train(student, 3, (5, 1, 5), X, y, 0.1, 5), first[[0, 1, 0]])})
    expect(
        len({round(loss, 9) for loss in first.tolist()}) == 3, "Different seeds give the same loss: is the seed used?"
    )
    kept = student.run(randomness.global_random_state, "train_from_seeds", 3, [1, 2], X, y, 0.1, 2)
    expect(kept, "The global random state was not put back.")


def expect_one_hidden_layer(student):
    """Far out, f(u) - f(-u) is linear in u, up to the biases: relu(z) - relu(-z) is z. With two hidden layers it is not."""

    def odd_part(*u):
        X = FAR * torch.tensor([u, [-c for c in u]], dtype=torch.float64)
        losses = [
            [train(student, 3, range(5), X[row : row + 1], torch.tensor([k]), 0.1, 0) for k in (0, 1)] for row in (0, 1)
        ]
        return (losses[0][0] - losses[0][1] - losses[1][0] + losses[1][1]) / FAR

    both, one, other = odd_part(1.0, 1.0), odd_part(1.0, 0.0), odd_part(0.0, 1.0)
    message = "The untrained network does not behave like one with a single hidden ReLU layer for large inputs."
    expect(torch.allclose(both, one + other, 1e-3, 1e-3), message)


@check("train_from_seeds", points=0.25, needs=["training_descends_to_the_entropy"])
def test_training_is_gradient_descent_in_one_hidden_layer(student):
    """With one input and one hidden unit, 30 and 150 steps end where gradient descent in both layers of this network ends.

    Losses before and after one step tell which network a seed gives, whatever the initialisation. Its kink is out of reach
    if |bias / weight| > 1e5: below 1e-5 for a weight with a density like the usual ones, below 1e-15 for all three seeds.
    An output that never changes is that of output weights that start at zero, and tells nothing.
    """
    expect_one_hidden_layer(student)
    units, constant, seeds = [], True, (0, 1, 2)

    @cache
    def untrained(x, label):
        return train(student, 1, seeds, *one_example(x, label), 0.0, 1).tolist()

    for place, seed in enumerate(seeds):

        def loss(x, label, lr, place=place, seed=seed):
            if lr == 0:
                return untrained(x, label)[place]
            return float(train(student, 1, [seed], *one_example(x, label), lr, 1))

        unit = find_unit(loss)
        constant = constant and all(math.isclose(loss(-FAR, k, 0.0), loss(FAR, k, 0.0)) for k in range(2))
        if unit is not None:
            units.append((seed, unit))
    message = "With one hidden ReLU unit, the outputs are constant on one side of some input, and change on the other."
    expect(bool(units) or constant, f"{message} No seed gives such a network.")
    for seed, unit in units:
        # The second has gradients that somebody might clip; its steps are small enough for them.
        for far, steps, damping in ((2.0, 30, 1.0), (40.0, 150, 1600.0)):
            X, y, lr = unit.inputs(-1.0, 0.5, 1.0, far), torch.tensor([3, 3, 7, 1]), 0.1 / (damping + unit.kink**2)
            expected = unit.losses(X, y, lr, steps)[-1]
            got = float(train(student, 1, [seed], X, y, lr, steps))
            label = f"loss after {steps} steps, seed {seed}"
            expect_close({label: (got, expected)}, (1e-4, 1e-6))  # the scale is measured


@check("train_from_seeds", points=0.25, needs=["training_descends_to_the_entropy"])
def test_training_follows_the_gradient_of_the_mean_loss(student):
    """Two tiny steps lower the loss as one of twice the length does; and examples given twice change nothing."""
    X, y = blobs()
    zero, two, long = (train(student, 6, range(3), X, y, *run) for run in ((1e-5, 0), (1e-5, 2), (2e-5, 1)))
    # Equal up to the curvature times lr. With momentum 0.9 the fall is 1.45 times as large.
    expect_close({"fall of the loss in two steps": (zero - two, zero - long)}, (0.1, 1e-12))
    twice = train(student, 6, range(3), torch.cat([X, X]), torch.cat([y, y]), 2e-5, 1)
    expect_close({"fall of the loss with every example twice": (zero - twice, zero - long)}, (1e-3, 1e-12))


@check("train_from_seeds", points=0.25, needs=["training_descends_to_the_entropy"])
def test_training_reports_the_loss_after_the_last_step(student):
    """Each step counts, the last one too, whether the loss falls or rises; plain numbers come back."""
    X, y = blobs(torch.float32)
    old = X.clone()
    zero, one, two = (train(student, 6, range(3), X, y, 0.02, steps) for steps in (0, 1, 2))
    expect(bool((one < zero).all()), f"After one step the loss is {one.tolist()}, without any {zero.tolist()}.")
    expect(bool((two < one).all()), f"After two steps the loss is {two.tolist()}, after one {one.tolist()}.")
    expect(not (zero.requires_grad or two.requires_grad), "The losses should not require grad.")
    expect_unchanged("X", X, old)
    # Where inputs tell nothing, a huge step makes the network sure of the more frequent label, for any initialisation.
    X, y = torch.zeros(4, 3, dtype=torch.float64), torch.tensor([1, 1, 1, 4])
    zero, far = (train(student, 4, range(3), X, y, 1000.0, steps) for steps in (0, 1))
    expect(
        bool((far > zero).all()), f"A step of lr 1000 should raise the losses from {zero.tolist()}; got {far.tolist()}."
    )


@check("train_from_seeds", points=0.25, needs=["training_descends_to_the_entropy"])
def test_training_rejects(student):
    """A width below 1, or a negative lr or num_steps, raises ValueError, also when no step is to be taken."""
    X, y = blobs()
    for name, width, lr, steps in (
        ("width", 0, 0.1, 1),
        ("lr", 2, -0.1, 1),
        ("lr", 2, -0.1, 0),
        ("num_steps", 2, 0.1, -1),
    ):
        with expect_value_error(name):
            student.train_from_seeds(width, [0], X, y, lr, steps)


@check("train_from_seeds", points=0.5, needs=["training_descends_to_the_entropy"])
def test_wide_networks_are_not_unlucky(student, note):
    """On MNIST, the worst of five runs with 100 units is better than the best with 2, and the runs differ less."""
    bound, outcome = threshold("section5.mnist"), SEEDS.train(student)
    narrow, wide = outcome.narrow, outcome.wide
    expect_close(
        {"shape of the losses": (tuple(narrow.shape), (5,)), "shape of the wide losses": (tuple(wide.shape), (5,))}
    )
    ranges = [f"{float(losses.min()):.3f} to {float(losses.max()):.3f}" for losses in (narrow, wide)]
    note(f"final losses on MNIST over five seeds: {ranges[0]} with 2 hidden units, {ranges[1]} with 100")
    expect(outcome.ratio <= bound.threshold, f"With 2 units the losses are {ranges[0]}, with 100 units {ranges[1]}.")
    spread = [float(losses.max() - losses.min()) for losses in (narrow, wide)]
    expect(
        spread[1] < spread[0], f"The losses spread over {spread[0]:.3f} with 2 units, over {spread[1]:.3f} with 100."
    )
