"""Probe of `train_from_seeds`, for every initialisation: what the weights show about seeds, network, steps and
memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import combinations
from typing import Any

import torch
from torch import Tensor

from grader.toolkit.secret import keeps_global_state, secret
from grader.toolkit.verdicts import StudentError

from .programs import distinct_values, examples_after_training, overwritten, starts_from_two_global_states

Features = dict[str, bool | int | str | float]
Activation = Callable[[Tensor], Tensor]
LR = 0.1  # also for training without steps: right answers may refuse a learning rate of 0


def answer_to(call: Callable[[], Any]) -> str:
    """What a call with a bad argument gives. An error other than ValueError is not an acceptance."""
    try:
        call()
    except StudentError as error:
        return "refused" if "ValueError" in error.bases else error.type
    return "accepted"


def shapes_of(params: list[Tensor]) -> str:
    return " ".join(str(tuple(p.shape)) for p in params)


def normal(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1000 + sum(shape)), dtype=torch.float64)


def behaviour_of_train_from_seeds(student: Any) -> Iterator[Features]:
    """What the weights show about form, seeds, network, steps and memory. Equal for every initialisation."""
    X, y = regression()
    result = student.train_from_seeds(3, [5, 1, 8], X, y, LR, 2)
    left = student.run(examples_after_training, 3, [5, 1, 8], X, y, LR, 2)
    is_read_only = len(left) == 2 and all(torch.equal(one, other) for one, other in zip(left, (X, y), strict=True))
    yield {"form": form_of(result), "inputs untouched": is_read_only, "an empty list": form_of(trained(student, 3, []))}
    if form_of(result) != form_of([dict(enumerate(zeros_of(3, X)))] * 3):
        return
    yield starts_of(student, entries_of(result))
    bad = {"width": (0, LR, 1), "lr": (2, -LR, 1), "lr without steps": (2, -LR, 0), "num_steps": (2, LR, -1)}
    yield {f"a bad {name}": answer_to_run(student, *values) for name, values in bad.items()}
    yield steps_of(student)
    narrow = student.train_from_seeds(3, [5], X.float(), y.float(), LR, 2)
    seed = secret()
    program = (overwritten, seed, "train_from_seeds", 3, [5, 1, 5], X, y, LR, 1)
    entries = flat(student.run(*program))
    own = [bool((entry == value).all()) for entry, value in zip(entries, distinct_values(seed, 12), strict=False)]
    yield {"float32": dtypes_of(flat(narrow)), "own memory": own == [True] * 12}


def regression() -> tuple[Tensor, Tensor]:
    """Six inputs in four dimensions, and targets that are not linear in them."""
    X = normal(6, 4)
    return X, X[:, 0].abs() + X.sum(1) / 2


def zeros_of(width: int, X: Tensor) -> list[Tensor]:
    return [X.new_zeros(shape) for shape in ((width, X.shape[1]), (width,), (1, width), (1,))]


def trained(student: Any, width: int, seeds: list[int], steps: int = 0, lr: float = LR) -> Any:
    return student.train_from_seeds(width, seeds, *regression(), lr, steps)


def entries_of(states: Any) -> list[list[Tensor]]:
    """The entries of each state dict, in their order."""
    return [[entry.detach() for entry in state.values()] for state in states]


def flat(states: Any) -> list[Tensor]:
    return [entry for entries in entries_of(states) for entry in entries]


def form_of(result: Any) -> str:
    """Kind, number, shapes and dtype of a result. A loss for each network counts the same as a tensor and as a list."""
    if isinstance(result, Tensor) and result.dim() == 1:
        return f"{len(result)} numbers"
    if not isinstance(result, list):
        return "something else"
    if result and all(isinstance(one, float) or (isinstance(one, Tensor) and one.dim() == 0) for one in result):
        return f"{len(result)} numbers"
    if not all(isinstance(state, dict) and all(isinstance(t, Tensor) for t in state.values()) for state in result):
        return f"a list of {len(result)} others"
    forms = {f"{shapes_of(list(state.values()))} {dtypes_of(state.values())}" for state in result}
    return f"{len(result)}: " + ", ".join(sorted(forms))


def dtypes_of(tensors: Iterable[Tensor]) -> str:
    return ", ".join(sorted({str(tensor.dtype) for tensor in tensors}))


def answer_to_run(student: Any, width: int, lr: float, num_steps: int) -> str:
    return answer_to(partial(student.train_from_seeds, width, [0], *regression(), lr, num_steps))


def alike(one: Any, other: Any) -> bool:
    """Whether networks have the same weights, up to rounding."""
    return all(
        torch.allclose(a, b, 1e-7, 1e-9)
        for entries, others in zip(one, other, strict=True)
        for a, b in zip(entries, others, strict=True)
    )


def starts_of(student: Any, result: list[list[Tensor]]) -> Features:
    """How the networks after two steps depend on seeds, their order, lr, num_steps and the global random state."""
    other = entries_of(trained(student, 3, [8, 1, 5], 2))
    starts, with_lr = (entries_of(trained(student, 3, [5, 1, 8], 0, lr)) for lr in (LR, 3 * LR))
    twice = entries_of(trained(student, 3, [5, 5, 1], 2))
    one, two = (entries_of(states) for states in student.run(starts_from_two_global_states, 3, [5, 1], *regression()))
    return {
        "same again": alike(result, entries_of(trained(student, 3, [5, 1, 8], 2))),
        "same alone": alike(result[2:], entries_of(trained(student, 3, [8], 2))),
        "same in another order": alike(result[::-1], other),
        "same for other seeds": alike(result, other),
        "all different": not any(alike([a], [b]) for a, b in combinations(result, 2)),
        "all different before training": not any(alike([a], [b]) for a, b in combinations(starts, 2)),
        "same with another lr": alike(starts, with_lr),
        "same from another global state": alike(one, two),
        "global state kept": keeps_global_state(student, "train_from_seeds", 3, [1, 2], *regression(), LR, 2),
        "same seed, same run": len(twice) == 3 and alike(twice[:1], twice[1:2]),
    }


def steps_of(student: Any) -> Features:
    """Which rule one step and three steps follow from the starts, and whether training follows it to the end."""
    lr, seeds = 1e-3, [0, 1, 2]
    start, one, three, seven = (entries_of(trained(student, 6, seeds, steps, lr)) for steps in (0, 1, 3, 7))
    names = [name for name, rule in RULES.items() if alike(one, after(rule, start, 1, lr))]
    found: Features = {"one step": " or ".join(names) or pull_of(start, one, lr) or scale_of(start, one, lr)}
    rule = RULES[names[0]] if names else RULES["mean"]
    memories = {"plain": 0.0, "momentum of 0.9": 0.9, "gradients that add up": 1.0}
    found["three steps"] = " or ".join(
        n for n, beta in memories.items() if alike(three, after(rule, start, 3, lr, beta))
    )
    found["rates"] = rates_of(rule, start, three, lr)
    found["steps at 0"] = steps_at_0(student)
    found["a step is missing"] = alike(three, after(RULES["mean"], start, 2, lr))
    found["seven steps"] = alike(seven, after(rule, start, 7, lr))
    easy = torch.zeros(8, 2, dtype=torch.float64), torch.full((8,), 0.5, dtype=torch.float64)
    ends = [entries_of(student.train_from_seeds(4, seeds, *easy, LR, steps)) for steps in (0, 80)]
    still = entries_of(trained(student, 6, seeds, 3, 1e-13))
    found["same start for more steps"] = alike(start, still)
    found["examples in a step"] = examples_in_a_step(student, one, lr)
    found["continues to the end"] = alike(ends[1], after(rule, ends[0], 80, LR, data=easy))
    return found


def examples_in_a_step(student: Any, one: list[list[Tensor]], lr: float) -> str:
    """Whether the first step of each network depends on the target of every example."""
    X, y = regression()
    matters = []
    for place in range(len(y)):
        other = y.clone()
        other[place] += 3.0
        moved = entries_of(student.train_from_seeds(6, [0, 1, 2], X, other, lr, 1))
        matters += [not alike([a], [b]) for a, b in zip(one, moved, strict=True)]
    return "all" if all(matters) else "some" if any(matters) else "none"


def output_of(entries: Sequence[Tensor], X: Tensor, activation: Activation = torch.relu) -> Tensor:
    hidden, hidden_bias, output, bias = entries
    return activation(X @ hidden.T + hidden_bias) @ output[0] + bias


Risk = Callable[[Sequence[Tensor], Tensor, Tensor], Tensor]
RULES: dict[str, Risk] = {
    "mean": lambda w, X, y: (output_of(w, X) - y).square().mean(),
    "half of the mean": lambda w, X, y: (output_of(w, X) - y).square().mean() / 2,
    "sum": lambda w, X, y: (output_of(w, X) - y).square().sum(),
    "half of the sum": lambda w, X, y: (output_of(w, X) - y).square().sum() / 2,
    "all pairs": lambda w, X, y: (output_of(w, X)[:, None] - y).square().mean(),
    "absolute": lambda w, X, y: (output_of(w, X) - y).abs().mean(),
    "tanh": lambda w, X, y: (output_of(w, X, torch.tanh) - y).square().mean(),
    "linear": lambda w, X, y: (output_of(w, X, torch.clone) - y).square().mean(),
    "output layer": lambda w, X, y: (output_of([t.detach() for t in w[:2]] + list(w[2:]), X) - y).square().mean(),
    "no step": lambda w, X, y: 0 * w[3].sum(),
    "standardised": lambda w, X, y: (output_of(w, (X - X.mean(0)) / X.std(0)) - y).square().mean(),
    "standardised by n": lambda w, X, y: (output_of(w, (X - X.mean(0)) / X.std(0, correction=0)) - y).square().mean(),
    "centred inputs": lambda w, X, y: (output_of(w, X - X.mean(0)) - y).square().mean(),
    "inputs of length 1": lambda w, X, y: (output_of(w, X / X.norm(dim=1, keepdim=True)) - y).square().mean(),
    "centred targets": lambda w, X, y: (output_of(w, X) - y + y.mean()).square().mean(),
    "root": lambda w, X, y: (output_of(w, X) - y).square().mean().sqrt(),
    "fixed biases": lambda w, X, y: (output_of([t.detach() if t.dim() == 1 else t for t in w], X) - y).square().mean(),
    "hidden layer": lambda w, X, y: (output_of([*w[:2], *(t.detach() for t in w[2:])], X) - y).square().mean(),
    "sigmoid": lambda w, X, y: (output_of(w, X, torch.sigmoid) - y).square().mean(),
    "ReLU of the output": lambda w, X, y: (output_of(w, X).relu() - y).square().mean(),
    "ascent": lambda w, X, y: -(output_of(w, X) - y).square().mean(),
}


def after(
    risk: Risk,
    starts: list[list[Tensor]],
    steps: int,
    lr: float,
    beta: float = 0.0,
    data: tuple[Tensor, Tensor] | None = None,
) -> list[list[Tensor]]:
    """The weights after some steps along the gradient of a risk, each step plus beta times the step before."""
    X, y = data or regression()
    return [descent_of(risk, start, steps, lr, beta, X, y) for start in starts]


def descent_of(
    risk: Risk, start: list[Tensor], steps: int, lr: float, beta: float, X: Tensor, y: Tensor
) -> list[Tensor]:
    weights, velocities = start, [torch.zeros_like(entry) for entry in start]
    for _ in range(steps):
        leaves = [entry.detach().requires_grad_() for entry in weights]
        slopes = torch.autograd.grad(risk(leaves, X, y), leaves, allow_unused=True, materialize_grads=True)
        velocities = [beta * v + slope for v, slope in zip(velocities, slopes, strict=True)]
        weights = [entry.detach() - lr * v for entry, v in zip(leaves, velocities, strict=True)]
    return weights


def pull_of(starts: list[list[Tensor]], got: list[list[Tensor]], lr: float) -> str:
    """Whether each step also pulls the weights towards zero, all by the same fraction."""
    expected = after(RULES["mean"], starts, 1, lr)
    start, rest = (
        torch.cat([t.flatten() for entries in networks for t in entries])
        for networks in (
            starts,
            [[b - a for a, b in zip(*pair, strict=True)] for pair in zip(expected, got, strict=True)],
        )
    )
    share = float(rest @ start / (start @ start))
    return "a pull to zero" if share < 0 and torch.allclose(rest, share * start, 1e-3, 1e-12) else ""


def scale_of(starts: list[list[Tensor]], got: list[list[Tensor]], lr: float) -> str:
    """How the lengths of the entries of a step were changed, if its direction is right for each tensor."""
    expected = after(RULES["mean"], starts, 1, lr)
    pairs = [
        ((b - a).flatten() / lr, (c - a).flatten() / lr)
        for entries in zip(starts, got, expected, strict=True)
        for a, b, c in zip(*entries, strict=True)
    ]
    whole = [torch.cat([pair[side] for pair in pairs[k : k + 4]]) for side in (0, 1) for k in range(0, len(pairs), 4)]
    networks = list(zip(whole[: len(starts)], whole[len(starts) :], strict=True))
    scaled: dict[str, Callable[[Tensor], Tensor]] = {"sign": torch.sign, "clamped to 1": lambda g: g.clamp(-1, 1)}
    for name, change in scaled.items():
        if all(torch.allclose(one, change(right), 1e-4, 1e-6) for one, right in networks):
            return name
    if all(torch.allclose(one, right / right.norm(), 1e-4, 1e-6) for one, right in pairs if right.norm()):
        return "each tensor of length 1"
    limited = [torch.allclose(one, right / max(1.0, float(right.norm())), 1e-4, 1e-6) for one, right in networks]
    return "clipped to length 1" if all(limited) else "another"


RATES: dict[str, Callable[[int], float]] = {
    "lr": lambda step: 1.0,
    "lr / step": lambda step: 1 / step,
    "lr / root of step": lambda step: step**-0.5,
    "lr * 0.5^step": lambda step: 0.5 ** (step - 1),
    "lr * 0.9^step": lambda step: 0.9 ** (step - 1),
    "lr * 0.99^step": lambda step: 0.99 ** (step - 1),
}


def rates_of(rule: Risk, start: list[list[Tensor]], three: list[list[Tensor]], lr: float) -> str:
    """Which learning rates lead to the weights after three steps, up to a thousandth of the way."""
    way = [b - a for entries in zip(start, three, strict=True) for a, b in zip(*entries, strict=True)]
    for name, factor in RATES.items():
        now = start
        for step in (1, 2, 3):
            now = after(rule, now, 1, lr * factor(step))
        right = [b - a for entries in zip(start, now, strict=True) for a, b in zip(*entries, strict=True)]
        if all(torch.allclose(one, other, 1e-3, 1e-3 * lr) for one, other in zip(way, right, strict=True)):
            return name
    return "others"


def steps_at_0(student: Any) -> str:
    """How many steps a training of no steps takes."""
    start, still = (entries_of(trained(student, 3, [5], 0, lr)) for lr in (LR, 1e-13))
    return "none" if alike(start, still) else "one" if alike(start, after(RULES["mean"], still, 1, LR)) else "others"
