"""Probes of the functions of section 5 that build networks or draw directions, independent of the random numbers."""

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product
from typing import Any

import torch
from torch import Tensor

from grader.toolkit.secret import keeps_global_state
from grader.toolkit.verdicts import StudentError, WrongAnswerError

from .programs import anatomy_of_mlp, default_mlp
from .training_from_seeds import answer_to, behaviour_of_train_from_seeds, normal, shapes_of

Features = dict[str, bool | int | str | float]
Activation = Callable[[Tensor], Tensor]


# -- make_mlp


def behaviour_of_make_mlp(student: Any) -> Iterator[Features]:
    """Shapes for each depth, how the network changes its inputs, and which arguments it refuses."""
    X = 30 * torch.randn(40, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    seen = [anatomy(student, depth, X) for depth in (0, 1, 2, 3)]
    for depth, found in enumerate(seen):
        yield {f"depth {depth}": found}
    yield {
        f"activations, depth {depth}": found.rpartition(", (")[2].partition("), ")[2]
        for depth, found in enumerate(seen)
    }
    yield {
        "widths": widths_of(seen[3]),
        "layers": kinds_of_layers(student, X),
        "fails": ", ".join(str(depth) for depth, one in enumerate(seen) if "Error" in one),
    }
    yield {"default sizes": shapes_of(student.run(default_mlp, 5, 1))}
    with warnings.catch_warnings(action="ignore"):  # torch warns about tensors without entries
        accepted: Features = {
            f"width {width}, depth {depth}": answer_to(partial(student.run, default_mlp, width, depth))
            for width, depth in ((0, 1), (0, 0), (3, -1))
        }
    yield accepted


def widths_of(found: str) -> str:
    """What the hidden layers of a network of depth 3 with 16 units each have in common."""
    sizes = [int(out) for out, _ in re.findall(r"\((\d+), (\d+)\)", found)]
    if len(sizes) != 4:
        return f"{len(sizes)} layers"
    return "equal" if len({*sizes[:-1]}) == 1 else "falling" if sizes[0] > sizes[1] > sizes[2] else "others"


def kinds_of_layers(student: Any, X: Tensor) -> str:
    """Whether a network has more than linear layers with a weight and a bias, or changes its outputs at random."""
    try:
        (params, one, _), (_, other, _) = (student.run(anatomy_of_mlp, 16, 2, 3, 40, X) for _ in range(2))
    except StudentError:
        return "none"
    dims = [p.dim() for p in params]
    if dims == [2, 1] * 3:
        return "linear" if torch.equal(one, other) else "random"
    return "normalisation" if dims == [2, 1, 1, 1, 2, 1, 1, 1, 2, 1] else "others"


def anatomy(student: Any, depth: int, X: Tensor) -> str:
    """Kind, shapes and activations of a network, or its exception. With this many outputs, some are negative."""
    try:
        params, outputs, stepwise = student.run(anatomy_of_mlp, 16, depth, 3, 40, X)
    except StudentError as error:
        return error.type
    kind = "nn.Sequential" if stepwise.numel() else "another module"
    return f"{kind}, {shapes_of(params)}, {activations_of(params, X, outputs)}"


def activations_of(params: list[Tensor], X: Tensor, outputs: Tensor) -> str:
    """Which activations between and after the layers explain the outputs; all names that do."""
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
        if agrees(ending, chain(params, X, all_alike(params, activation)), outputs)
    ]
    return " or ".join(names) or unusual_activations_of(params, X, outputs)


def all_alike(params: list[Tensor], activation: Activation) -> list[Activation]:
    """The same activation in front of each layer but the first."""
    return [torch.clone, *[activation] * (len(params) // 2 - 1)]


def unusual_activations_of(params: list[Tensor], X: Tensor, outputs: Tensor) -> str:
    """As `activations_of`, for what few students do."""
    layers, last = len(params) // 2, partial(torch.log_softmax, dim=1)
    between: dict[str, Activation] = {
        "sigmoid": torch.sigmoid,
        "leaky ReLU": torch.nn.functional.leaky_relu,
        "GELU": torch.nn.functional.gelu,
        "softmax": partial(torch.softmax, dim=1),
    }
    for name, activation in between.items():
        if agrees(torch.clone, chain(params, X, all_alike(params, activation)), outputs):
            return f"{name} between"
    plain = chain(params, X, all_alike(params, torch.relu))
    if agrees(last, plain, outputs):
        return "log-softmax after"
    if agrees(torch.sigmoid, plain, outputs):
        return "sigmoid after"
    for before in product((False, True), repeat=layers):  # which layers have a ReLU in front of them
        if agrees(torch.clone, chain(params, X, [torch.relu if one else torch.clone for one in before]), outputs):
            missing = [place for place in range(1, layers) if not before[place]]
            return ("ReLU before the first, " if before[0] else "") + f"no ReLU before {missing or 'none'}"
    for name, activation in ({"tanh": torch.tanh} | between).items():
        if agrees(torch.clone, chain(params, X, [torch.clone, torch.relu, *[activation] * (layers - 2)]), outputs):
            return f"ReLU first, {name} later"
    return "other activations"


def chain(params: list[Tensor], X: Tensor, before: Sequence[Activation]) -> Tensor | None:
    """Linear layers, each with an activation in front of it; None if their shapes do not fit."""
    for weight, bias, activation in zip(params[::2], params[1::2], before, strict=True):
        X = activation(X)
        if X.shape[1] != weight.shape[1]:
            return None
        X = X @ weight.T + bias
    return X


def agrees(ending: Activation, logits: Tensor | None, outputs: Tensor) -> bool:
    return logits is not None and logits.shape == outputs.shape and torch.allclose(ending(logits), outputs, 1e-6, 1e-6)


# -- filter_normalized_direction


def behaviour_of_filter_normalized_direction(student: Any) -> Iterator[Features]:
    """Norms along each axis, entries that do not move, the distribution of angles, and the use of the generator."""
    scales = torch.tensor([1.0, 10.0, 0.1], dtype=torch.float64)[:, None]
    weights, bias = scales * normal(3, 4), normal(3)
    params = [weights, bias, normal(2, 3, 2, 2), weights.clone(), torch.tensor([[0.0, 0.0], [0.0, 2.0]]).double()]
    d = draw(student, params, 1)
    if [(t.shape, t.dtype) for t in d] != [(p.shape, p.dtype) for p in params]:
        yield {"form": " ".join(f"{tuple(t.shape)} {t.dtype}" for t in d)}
        return
    narrow = draw(student, [p.float() for p in params], 1)
    tenfold = draw(student, [10 * p for p in params], 1)
    yield {
        "factor for tenfold weights": next(
            (f"{k}" for k in (1, 10, 100) if torch.allclose(tenfold[0], k * d[0])), "another"
        )
    }
    many = draw(student, [torch.ones(4000, 2, dtype=torch.float64)], 3)[0]
    yield {
        "float32 stays": all(t.dtype == torch.float32 for t in narrow),
        "norms of a matrix": norms_of(d[0], weights),
        "norms of a filter": norms_of(d[2], params[2]),
        "norms of other shapes": odd_shapes_of(student),
        "bias": "still" if not d[1].any() else "moves",
        "row of zeros": "still" if not d[4][0].any() else "not finite" if not d[4][0].isfinite().all() else "moves",
        "single zero moves": bool(d[4][1, 0] != 0),
        "equal tensors alike": torch.allclose(d[0], d[3]),
        "norms of many rows": typical_norm_of(many),
        "rows": angles_of(many),
    }
    yield stream_of(student, params)


def draw(student: Any, params: list[Tensor], seed: int) -> list[Tensor]:
    drawn: list[Tensor] = student.filter_normalized_direction(params, torch.Generator().manual_seed(seed))
    if not isinstance(drawn, list | tuple) or not all(isinstance(t, Tensor) for t in drawn):
        raise WrongAnswerError("not tensors")
    return drawn


def norms_of(direction: Tensor, weights: Tensor) -> str:
    """Along which axes, or over how many entries, the norms of a direction match those of the weights."""
    if not direction.any():
        return "zero"
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
    if torch.allclose(lengths, torch.linalg.vector_norm(weights, dim=tuple(rows)).square()):
        names.append("squared norms of rows")
    d, w = direction.flatten(1), weights.flatten(1)
    pairs = {
        "sums of absolute values": (d.abs().sum(1), w.abs().sum(1)),
        "largest entries": (d.abs().amax(1), w.abs().amax(1)),
        "lengths of all entries by their number": (d.norm(dim=1), w.norm(dim=1) / w.shape[1]),
        "roots of mean squares": (d.norm(dim=1), w.norm(dim=1) / w.shape[1] ** 0.5),
        "root of the norm": (d.norm(dim=1), w.norm(dim=1).sqrt()),
        "standard deviations": (d.std(1), w.std(1)),
        "norm 1 of the tensor": (d.norm(), torch.ones((), dtype=d.dtype)),
    }
    names += [name for name, pair in pairs.items() if torch.allclose(*pair, 1e-6)]
    return ", ".join(names) or "none"


def odd_shapes_of(student: Any) -> str:
    """For which unusual shapes the norms of rows match those of the weights."""
    weights = [normal(*shape) * (1 + place) for place, shape in enumerate(((4, 4), (3, 5, 2), (4, 1), (1, 4)))]
    drawn = draw(student, weights, 2)
    pairs = [(d.flatten(1).norm(dim=1), w.flatten(1).norm(dim=1)) for d, w in zip(drawn, weights, strict=True)]
    return ", ".join("still" if not d.any() else "right" if torch.allclose(d, w, 1e-6) else "wrong" for d, w in pairs)


def typical_norm_of(direction: Tensor) -> str:
    """Whether the norms of 4000 rows are those of rows of two ones. A mean of squares, each of which has variance 1, is off by
    0.1 with a probability below 1e-9."""
    squares = direction.square().sum(1) / 2
    if torch.allclose(squares, torch.ones_like(squares), 1e-6):
        return "right"
    return "right on average" if abs(float(squares.mean()) - 1) < 0.1 else "wrong"


def angles_of(direction: Tensor) -> str:
    """The distribution of 4000 rows of two numbers. By Hoeffding, a mean of cos(k t) is off by 0.1 with probability
    below 1e-8."""
    angles = torch.atan2(direction[:, 1], direction[:, 0])
    if float(angles.std()) < 1e-6:
        return "all parallel"
    if bool((direction >= 0).all()):
        return "never negative"
    means = [float(wave(k * angles).mean()) for k in (1, 2, 4) for wave in (torch.cos, torch.sin)]
    return "uniform" if max(map(abs, means)) < 0.1 else "uneven"


def stream_of(student: Any, params: list[Tensor]) -> Features:
    """How a direction depends on the generator's state, on the draw number and on the global random state."""
    generator = torch.Generator().manual_seed(7)
    one, two = (student.filter_normalized_direction(params, generator)[0] for _ in range(2))
    first, again, other = (draw(student, params, seed)[0] for seed in (7, 7, 8))
    return {
        "same from the same state": torch.equal(first, again),
        "same from another seed": torch.allclose(first, other),
        "same at the next draw": torch.allclose(one, two),
        "global state kept": keeps_global_state(student, "filter_normalized_direction", params, generator),
    }


PROBES = {
    "make_mlp": behaviour_of_make_mlp,
    "filter_normalized_direction": behaviour_of_filter_normalized_direction,
    "train_from_seeds": behaviour_of_train_from_seeds,
}
