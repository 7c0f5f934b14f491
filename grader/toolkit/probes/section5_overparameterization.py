"""How the functions of section 5 behave that build or train networks or draw directions, whatever the random numbers."""

import math
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor

from grader.toolkit.oracles.networks import FAR
from grader.toolkit.programs.landscapes import anatomy_of_mlp, default_mlp, losses_from_two_global_states
from grader.toolkit.programs.randomness import global_random_state
from grader.toolkit.secret import keeps_global_state
from grader.toolkit.verdicts import StudentError, WrongAnswerError

Features = dict[str, bool | int | str | float]
Activation = Callable[[Tensor], Tensor]
LR = 0.1  # also where no step is made: right answers may refuse a learning rate of 0


def answer_to(call: Callable[[], Any]) -> str:
    """What a call with a bad argument meets: another error than a ValueError is no acceptance."""
    try:
        call()
    except StudentError as error:
        return "refused" if "ValueError" in error.bases else error.type
    return "accepted"


# -- make_mlp


def behaviour_of_make_mlp(student: Any) -> Iterator[Features]:
    """Shapes by depth, what happens to numbers on their way through, and which arguments are refused."""
    X = 30 * torch.randn(40, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for depth in (0, 1, 2, 3):
        yield {f"depth {depth}": anatomy(student, depth, X)}
    yield {"default sizes": shapes_of(student.run(default_mlp, 5, 1))}
    with warnings.catch_warnings(action="ignore"):  # torch warns of tensors without entries
        accepted: Features = {
            f"width {width}, depth {depth}": answer_to(partial(student.run, default_mlp, width, depth))
            for width, depth in ((0, 1), (0, 0), (3, -1))
        }
    yield accepted


def anatomy(student: Any, depth: int, X: Tensor) -> str:
    """Kind, shapes and manner of a network, or what it raises. So many outputs are never all positive by chance."""
    try:
        params, outputs, stepwise = student.run(anatomy_of_mlp, 16, depth, 3, 40, X)
    except StudentError as error:
        return error.type
    kind = "nn.Sequential" if stepwise.numel() else "another module"
    return f"{kind}, {shapes_of(params)}, {manner_of(params, X, outputs)}"


def shapes_of(params: list[Tensor]) -> str:
    return " ".join(str(tuple(p.shape)) for p in params)


def manner_of(params: list[Tensor], X: Tensor, outputs: Tensor) -> str:
    """Which activations between and after the layers explain the outputs; several names where several do."""
    shapes = [p.dim() for p in params]
    if shapes != [2, 1] * (len(params) // 2):
        return "layers of another form"
    between: dict[str, Activation] = {"ReLU": torch.relu, "nothing": torch.clone, "tanh": torch.tanh}
    after: dict[str, Activation] = {
        "nothing": torch.clone,
        "ReLU": torch.relu,
        "softmax": partial(torch.softmax, dim=1),
    }
    names = [
        f"{inner} between, {last} after"
        for inner, activation in between.items()
        for last, ending in after.items()
        if agrees(ending, chain(params, X, activation), outputs)
    ]
    return " or ".join(names) or "other activations"


def chain(params: list[Tensor], X: Tensor, activation: Activation) -> Tensor | None:
    """Linear layers with an activation between them; None if they do not fit together."""
    layers = list(zip(params[::2], params[1::2], strict=True))
    for place, (weight, bias) in enumerate(layers):
        X = activation(X) if place else X
        if X.shape[1] != weight.shape[1]:
            return None
        X = X @ weight.T + bias
    return X


def agrees(ending: Activation, logits: Tensor | None, outputs: Tensor) -> bool:
    return logits is not None and logits.shape == outputs.shape and torch.allclose(ending(logits), outputs, 1e-6, 1e-6)


# -- filter_normalized_direction


def behaviour_of_filter_normalized_direction(student: Any) -> Iterator[Features]:
    """Norms along each axis, what does not move, the distribution of angles, and what the generator has to do with it."""
    scales = torch.tensor([1.0, 10.0, 0.1], dtype=torch.float64)[:, None]
    weights, bias = scales * normal(3, 4), normal(3)
    params = [weights, bias, normal(2, 3, 2, 2), weights.clone(), torch.tensor([[0.0, 0.0], [0.0, 2.0]]).double()]
    d = draw(student, params, 1)
    if [(t.shape, t.dtype) for t in d] != [(p.shape, p.dtype) for p in params]:
        yield {"form": " ".join(f"{tuple(t.shape)} {t.dtype}" for t in d)}
        return
    narrow = draw(student, [p.float() for p in params], 1)
    yield {
        "float32 stays": all(t.dtype == torch.float32 for t in narrow),
        "norms of a matrix": norms_of(d[0], weights),
        "norms of a filter": norms_of(d[2], params[2]),
        "norms of other shapes": odd_shapes_of(student),
        "bias": "still" if not d[1].any() else "moves",
        "row of zeros": "still" if not d[4][0].any() else "not finite" if not d[4][0].isfinite().all() else "moves",
        "single zero moves": bool(d[4][1, 0] != 0),
        "equal tensors alike": torch.allclose(d[0], d[3]),
        "rows": angles_of(draw(student, [torch.ones(4000, 2, dtype=torch.float64)], 3)[0]),
    }
    yield stream_of(student, params)


def normal(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1000 + sum(shape)), dtype=torch.float64)


def draw(student: Any, params: list[Tensor], seed: int) -> list[Tensor]:
    drawn: list[Tensor] = student.filter_normalized_direction(params, torch.Generator().manual_seed(seed))
    if not isinstance(drawn, list | tuple) or not all(isinstance(t, Tensor) for t in drawn):
        raise WrongAnswerError("not tensors")
    return drawn


def norms_of(direction: Tensor, weights: Tensor) -> str:
    """Along which axes, or over how much, the norms of a direction are those of the weights."""
    rows = range(1, weights.dim())
    kinds: list[tuple[str, tuple[int, ...]]] = [(f"axis {axis}", (axis,)) for axis in range(weights.dim())]
    kinds += [("whole rows", tuple(rows)), ("whole tensor", tuple(range(weights.dim())))]
    names = [
        name
        for name, axes in kinds
        if torch.allclose(
            torch.linalg.vector_norm(direction, dim=axes), torch.linalg.vector_norm(weights, dim=axes), 1e-6
        )
    ]
    lengths = torch.linalg.vector_norm(direction, dim=tuple(rows))
    if torch.allclose(lengths, torch.ones_like(lengths)):
        names.append("rows of norm 1")
    return ", ".join(names) or "none"


def odd_shapes_of(student: Any) -> str:
    """For which shapes other than those of a common layer the norms of rows are those of the weights."""
    weights = [normal(*shape) * (1 + place) for place, shape in enumerate(((4, 4), (3, 5, 2), (4, 1), (1, 4)))]
    drawn = draw(student, weights, 2)
    pairs = [(d.flatten(1).norm(dim=1), w.flatten(1).norm(dim=1)) for d, w in zip(drawn, weights, strict=True)]
    return ", ".join("still" if not d.any() else "right" if torch.allclose(d, w, 1e-6) else "wrong" for d, w in pairs)


def angles_of(direction: Tensor) -> str:
    """How 4000 rows of two numbers lie. By Hoeffding, a mean of cos(k t) is off by 0.1 with probability below 1e-8."""
    angles = torch.atan2(direction[:, 1], direction[:, 0])
    if float(angles.std()) < 1e-6:
        return "all parallel"
    if bool((direction >= 0).all()):
        return "never negative"
    means = [float(wave(k * angles).mean()) for k in (1, 2, 4) for wave in (torch.cos, torch.sin)]
    return "uniform" if max(map(abs, means)) < 0.1 else "uneven"


def stream_of(student: Any, params: list[Tensor]) -> Features:
    """What the generator's state, the next draw and the global random state have to do with a direction."""
    generator = torch.Generator().manual_seed(7)
    one, two = (student.filter_normalized_direction(params, generator)[0] for _ in range(2))
    first, again, other = (draw(student, params, seed)[0] for seed in (7, 7, 8))
    return {
        "same from the same state": torch.equal(first, again),
        "same from another seed": torch.allclose(first, other),
        "same at the next draw": torch.allclose(one, two),
        "global state kept": keeps_global_state(student, "filter_normalized_direction", params, generator),
    }


# -- train_from_seeds


def behaviour_of_train_from_seeds(student: Any) -> Iterator[Features]:
    """What the losses say about seeds, network, steps and result; the same for every initialisation."""
    X, y = blobs()
    train = partial(train_with, student)
    given = X.clone(), y.clone()
    losses = train(3, (5, 1, 8), *given, 0.1, 2)
    is_read_only = torch.equal(given[0], X) and torch.equal(given[1], y)  # a second call may change nothing more
    if losses.shape != (3,) or losses.dtype != X.dtype:
        yield {"result": f"{tuple(losses.shape)}, {losses.dtype}"}
        return
    other = train(3, (8, 1, 5), X, y, 0.1, 2)
    bad = {"width": (0, 0.1, 1), "lr": (2, -0.1, 1), "lr without steps": (2, -0.1, 0), "num_steps": (2, 0.1, -1)}
    twice = train(3, (5, 5, 1), X, y, 0.1, 2)
    yield {
        "float32": str(train(3, (5,), X.float(), y, 0.1, 2).dtype),
        "requires grad": student.train_from_seeds(3, [5], X, y, 0.1, 2).requires_grad,
        "same again": torch.equal(losses, train(3, (5, 1, 8), X, y, 0.1, 2)),
        "same alone": torch.allclose(losses[2:], train(3, (8,), X, y, 0.1, 2)),
        "same in another order": torch.allclose(losses.flip(0), other),
        "same whatever the seeds": torch.allclose(losses, other),
        "all different": len(set(losses.tolist())) == 3,
        "all different before training": len(set(train(3, (5, 1, 8), X, y, 0.1, 0).tolist())) == 3,
        "same from another global state": torch.equal(*student.run(losses_from_two_global_states, 3, [5, 1], X, y)),
        "global state kept": student.run(global_random_state, "train_from_seeds", 3, [1, 2], X, y, 0.1, 2),
        "inputs untouched": is_read_only,
        "one loss per seed": twice.shape == (3,) and torch.allclose(twice[0], twice[1]),
        **{f"a bad {name}": answer_to_run(student, *values) for name, values in bad.items()},
    }
    yield steps_of(train)
    outputs = train(2, (0,), torch.ones(1, 1, dtype=torch.float64), torch.tensor([0]), LR, 0)
    yield {"loss of one class 0": bool((outputs == 0).all()), "far out": far_out(train), "inputs matter": varies(train)}
    yield {"hidden layer learns": learns(train), "output bias learns": bias_learns(train)}
    yield {"settles above 0": bool(train(1, (0,), X[:1] * 0, y[:1], 20.0, 150).max() > 2e-3)}


def train_with(student: Any, width: int, seeds: Any, X: Tensor, y: Tensor, lr: float, num_steps: int) -> Tensor:
    losses = student.train_from_seeds(width, list(seeds), X, y, lr, num_steps)
    if not isinstance(losses, Tensor):
        raise WrongAnswerError("not a tensor")
    return losses.detach()


def answer_to_run(student: Any, width: int, lr: float, num_steps: int) -> str:
    return answer_to(partial(student.train_from_seeds, width, [0], *blobs(), lr, num_steps))


def blobs() -> tuple[Tensor, Tensor]:
    """Three classes in four dimensions."""
    y = torch.arange(6) % 3
    return torch.eye(4, dtype=torch.float64)[y] * 2 + 0.3 * normal(6, 4), y


def steps_of(train: Callable[..., Tensor]) -> Features:
    """How much some tiny steps lower the loss; all steps together count three times the first, or more with momentum."""
    X, y = blobs()
    lr, seeds = 1e-6, (0, 1, 2)
    zero, one, three = (train(4, seeds, X, y, lr, steps) for steps in (0, 1, 3))
    long = zero - train(4, seeds, X, y, 3 * lr, 1)
    twice = zero - train(4, seeds, torch.cat([X, X]), torch.cat([y, y]), 3 * lr, 1)
    alike = torch.zeros(4, 3, dtype=torch.float64), torch.tensor([1, 1, 1, 4])
    untrained, far = (train(4, range(5), *alike, 1000.0, steps) for steps in (0, 1))
    return {
        "the first step counts": bool((zero != one).all()),
        "three steps count": ratio(zero - three, long, {"3": 1.0, "6": 2.0, "as with momentum of 0.9": 1.87}),
        "every example twice": ratio(twice, long, {"the same": 1.0, "double": 2.0}),
        "a huge step": "raises the loss" if bool((far > untrained).any()) else "does not raise it",
    }


def ratio(one: Tensor, other: Tensor, names: dict[str, float]) -> str:
    """The name of a quotient that all entries share, if it has one."""
    quotient = one / other
    for name, value in names.items():
        if bool(((quotient - value).abs() < 0.01).all()):
            return name
    return "another" if bool(quotient.isfinite().all()) else "nothing"


def far_out(train: Callable[..., Tensor]) -> str:
    """On how many sides a network of one hidden unit is constant, over ten seeds: on one, where the unit is a ReLU."""
    return "constant on " + ", ".join(sorted(set(patterns_of(train, range(10)))))


def patterns_of(train: Callable[..., Tensor], seeds: Any) -> list[str]:
    """On how many sides the outputs of one hidden unit are constant far out, for each seed; or that they bend, as leaky units."""

    def difference(x: float) -> Tensor:
        X = torch.tensor([[x]], dtype=torch.float64)
        zero, one = (train(1, seeds, X, torch.tensor([label]), LR, 0) for label in (0, 1))
        return one - zero

    slopes = [(difference(2 * far) - difference(far)) / FAR for far in (-FAR, FAR)]
    constant = (torch.stack(slopes).abs() < 1e-8).sum(0)
    bent = ~torch.isclose(slopes[0], -slopes[1], 1e-6) & (constant == 0)
    return ["none, and bent" if bends else str(count) for count, bends in zip(constant.tolist(), bent, strict=True)]


def varies(train: Callable[..., Tensor]) -> bool:
    """Whether an untrained network's loss of a single example depends on it; not if inputs are centred before, for example."""
    inputs = [torch.tensor([[x]], dtype=torch.float64) for x in (-1.0, 1.0)]
    one, other = (train(3, range(5), X, torch.tensor([0]), LR, 0) for X in inputs)
    return not torch.allclose(one, other)


def bias_learns(train: Callable[..., Tensor]) -> bool:
    """Whether the biases of the outputs are trained: with inputs of zero, some networks of one unit have nothing else to train.

    A small step lowers the loss by `lr |p - e|^2` for the biases alone, for label e and probabilities p.
    """
    X, seeds, lr = torch.zeros(1, 2, dtype=torch.float64), range(10), 1e-6
    before = torch.stack([train(1, seeds, X, torch.tensor([label]), lr, 0) for label in range(10)])
    p = (-before).exp()
    fall = before[0] - train(1, seeds, X, torch.tensor([0]), lr, 1)
    return bool((fall / (lr * ((p * p).sum(0) - 2 * p[0] + 1)) > 0.5).all())


def learns(train: Callable[..., Tensor]) -> bool:
    """Whether the gradient has parts beside that of the last layer.

    That part is `|p - e|^2 (1 + |h|^2)` for label e and probabilities p: over the squared length of p - e, the fall of the
    loss in a small step is then the same for every label.
    """
    X, seeds, lr = torch.tensor([[1.0, -2.0, 3.0]], dtype=torch.float64), (0, 1, 2), 1e-6
    before = torch.stack([train(4, seeds, X, torch.tensor([label]), lr, 0) for label in range(10)])
    after = torch.stack([train(4, seeds, X, torch.tensor([label]), lr, 1) for label in range(4)])
    p = (-before).exp()
    lengths = (p * p).sum(0) - 2 * p[:4] + 1
    quotients = (before[:4] - after) / lengths
    spread = (quotients.max(0).values - quotients.min(0).values) / quotients.abs().max(0).values
    return not math.isclose(float(spread.max()), 0, abs_tol=1e-3)


PROBES = {
    "make_mlp": behaviour_of_make_mlp,
    "filter_normalized_direction": behaviour_of_filter_normalized_direction,
    "train_from_seeds": behaviour_of_train_from_seeds,
}
