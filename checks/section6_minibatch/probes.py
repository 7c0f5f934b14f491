"""Probes of a submission's samplers and its SGD, independent of its random numbers.

No feature depends on chance: for a right answer, each has another value with a probability below 1e-8.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations_with_replacement
from typing import Any

import torch
from torch import Tensor

from grader.toolkit.secret import expect_global_state_kept, expect_state_of, secret
from grader.toolkit.statistics.uniformity import expect_fair_shares
from grader.toolkit.verdicts import StudentError, WrongAnswerError

from . import programs
from .noise import batch_distances, general_gradients
from .oracles import outputs, random_data, random_weights
from .problems import BatchCrossEntropy, BatchSquaredError
from .sgd_rules import rule_of_losses, rule_of_weights
from .strategies import FIRST_LABEL, RETURNED_LOSS, Training, numbered

Features = dict[str, Any]

_UNCLEAR = "unknown"


def _generator(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _outcome(feature: Callable[[], Any]) -> Any:
    """The feature, or the exception that prevents it."""
    try:
        return feature()
    except StudentError as error:
        return "ValueError" if "ValueError" in error.bases else error.type
    except (WrongAnswerError, AttributeError, TypeError, ValueError, RuntimeError, IndexError):
        return _UNCLEAR  # the response has another kind than expected


def _repeats(draw: Callable[[torch.Generator], Any]) -> Features:
    """Which calls give the same result as a first one."""
    source = _generator()
    first = draw(source)
    return {
        "the same again": bool(draw(source) == first),
        "the same for the same seed": bool(draw(_generator()) == first),
        "the same for another seed": bool(draw(_generator(2)) == first),
    }


def _are_neighbours(rows: list[int]) -> bool:
    return sorted(rows) == list(range(min(rows), min(rows) + len(rows)))


def _gaps_of(rows: Tensor, n: int) -> str:
    """Whether the sorted rows of each batch, counted on from the first after the last, lie evenly but for one gap."""
    ordered = rows.sort(1).values
    gaps = torch.cat([ordered.diff(dim=1), ordered[:, :1] + n - ordered[:, -1:]], dim=1).sort(1).values
    usual = gaps[:, :1]
    if bool((gaps[:, :-1] != usual).any()):
        return "uneven"
    return "neighbours, also across the end" if bool((usual == 1).all()) else "even"


def _never_drawn(rows: Tensor, n: int) -> str:
    """Which examples no batch holds."""
    left = sorted(set(range(n)) - set(rows.flatten().tolist()))
    return {(): "none", (0,): "the first", (n - 1,): "the last"}.get(tuple(left), "several")


def _are_fair(batches: dict[str, Tensor], n: int) -> bool:
    try:
        expect_fair_shares(batches, n, parts=3)
    except WrongAnswerError:
        return False
    return True


def _keeps_global_state(student: Any, function: str, *args: Any) -> bool:
    try:
        expect_global_state_kept(student, function, *args)
    except WrongAnswerError:
        return False
    return True


def _keeps_data(student: Any, function: str) -> bool:
    data = numbered(40, 20)
    after = student.run(programs.data_afterwards, function, data.X, data.y, 20, _generator())
    return all(map(torch.equal, after, (data.X, data.y)))


def behaviour_of_sample_minibatch(student: Any) -> Iterator[Features]:
    """The rows of a batch, pairs of X and y, refused arguments, randomness and shared memory."""

    def batch(n: int, size: int, source: torch.Generator) -> tuple[Tensor, Tensor]:
        data = numbered(n, size)
        X_batch, y_batch = student.sample_minibatch(data.X, data.y, size, source)
        return X_batch[:, 0], y_batch - FIRST_LABEL

    def rows_of_3(size: int) -> int:
        return len(batch(3, size, _generator())[1])

    def is_copy(size: int) -> bool:
        data = numbered(3, size)
        _, y_batch = student.run(programs.sample_then_overwrite, data.X, data.y, size, _generator())
        return bool((y_batch >= FIRST_LABEL).all())

    data = numbered(60, 20)

    def rows_of_20() -> str:
        counts = {len(batch(40, 20, _generator(seed))[1]) for seed in range(8)}
        return "20" if counts == {20} else "varies" if len(counts) > 1 else "another number"

    repeats = _repeats(lambda source: sorted(batch(40, 20, source)[1].tolist()))
    yield {"rows of a batch of 20": _outcome(rows_of_20)}
    yield repeats | {
        "arguments kept": _keeps_data(student, "sample_minibatch"),
        "paired": torch.equal(*(part.double() for part in batch(40, 20, _generator()))),
        "a copy of some": _outcome(lambda: is_copy(2)),
        "a copy of all": _outcome(lambda: is_copy(3)),
        "global state kept": _keeps_global_state(student, "sample_minibatch", data.X, data.y, 20, _generator()),
        **{f"{size} of 3": _outcome(partial(rows_of_3, size)) for size in (0, 3, 4)},
    }
    rows = student.run(programs.sample_many_times, data.X, data.y, 20, _generator(), 800) - FIRST_LABEL
    random = not any(repeats[f"the same {which}"] for which in ("again", "for another seed"))
    neighbours = all(_are_neighbours(batch) for batch in rows.tolist())
    yield {
        "an example comes twice": any(len(set(batch)) < len(batch) for batch in rows.tolist()),
        "neighbours": neighbours,
        "gaps": _gaps_of(rows, 60),
        "never drawn": _never_drawn(rows, 60),
        "fair": _are_fair({"the batch": rows}, 60) if random and not neighbours else _UNCLEAR,
    }


def _kind_of_sizes(nine: Any, seven: Any) -> str:
    """What the sizes of batches of 2 of 9 examples, and of 3 of 7, have in common."""
    if not isinstance(nine, list) or not isinstance(seven, list):
        return _UNCLEAR
    if (nine, seven) == ([2, 2, 2, 2, 1], [3, 3, 1]):
        return "right"
    if (sorted(nine), sorted(seven)) == ([1, 2, 2, 2, 2], [1, 3, 3]):
        return "the smaller batch is not the last"
    if len(nine) == 2 and len(seven) in (3, 4):
        return "batch_size is their number"
    if sum(nine) == 9 and sum(seven) == 7:
        return "nearly equal" if max(nine) <= 2 and max(seven) <= 3 else "too large"
    return "examples missing" if sum(nine) < 9 or sum(seven) < 7 else "examples twice"


def _kind_of_dropped(six: Any, seven: Any) -> str:
    return {"[3, 3] [3, 3]": "right", "[3, 3] [3, 3, 1]": "kept", "[3] [3, 3]": "full dropped"}.get(
        f"{six} {seven}", _UNCLEAR
    )


def _kept_by(order: Callable[[torch.Generator], list[list[int]]]) -> str:
    """What stays the same in the batches of eight epochs from other seeds."""
    epochs = [order(_generator(seed)) for seed in range(8)]
    sets = [[sorted(rows) for rows in epoch] for epoch in epochs]
    if all(one == sets[0] for one in sets):
        return "each batch holds the same" if any(epoch != epochs[0] for epoch in epochs) else "everything"
    return "the batches, in another order" if all(sorted(one) == sorted(sets[0]) for one in sets) else "nothing"


def behaviour_of_minibatches(student: Any) -> Iterator[Features]:
    """Sizes, orders and pairs of an epoch's batches, refused arguments, and randomness."""

    def epoch(n: int, size: int, source: torch.Generator, drop_last: bool = False) -> list[tuple[Tensor, Tensor]]:
        data = numbered(n, size)
        (batches,) = student.run(programs.iterate_minibatches, data.X, data.y, size, source, drop_last)
        return [(X_batch[:, 0], y_batch - FIRST_LABEL) for X_batch, y_batch in batches]

    def dealt(source: torch.Generator) -> list[list[int]]:
        return [sorted(rows.tolist()) for _, rows in epoch(30, 10, source)]

    def sizes(n: int, size: int, drop_last: bool = False) -> Any:
        return _outcome(lambda: [len(rows) for _, rows in epoch(n, size, _generator(), drop_last)])

    data = numbered(60, 20)
    kept = _keeps_global_state(student, "minibatches", data.X, data.y, 20, _generator())
    repeats = _repeats(dealt)
    yield repeats | {
        "arguments kept": _keeps_data(student, "minibatches"),
        "paired": all(torch.equal(X_rows, rows.double()) for X_rows, rows in epoch(30, 10, _generator())),
        "global state kept": kept,
        "7 by 3": sizes(7, 3),
        "8 by 3": sizes(8, 3),
        "7 by 3, dropping": sizes(7, 3, drop_last=True),
        "6 by 3, dropping": sizes(6, 3, drop_last=True),
        "3 by 0": sizes(3, 0),
        "3 by 4": sizes(3, 4),
    }
    yield {
        "sizes": _kind_of_sizes(sizes(9, 2), sizes(7, 3)),
        "sizes, dropping": _kind_of_dropped(sizes(6, 3, drop_last=True), sizes(7, 3, drop_last=True)),
        "examples at their places": _kept_by(lambda source: [rows.tolist() for _, rows in epoch(30, 10, source)]),
        "labels in stored order": [row for _, rows in epoch(30, 10, _generator()) for row in rows.tolist()]
        == [*range(30)],
    }
    shuffled = not any(repeats[f"the same {which}"] for which in ("again", "for another seed"))
    orders = student.run(programs.shuffle_many_times, data.X, data.y, 20, _generator(), 800) - FIRST_LABEL
    if orders.shape != (800, 60):
        yield {"examples of an epoch": "too few" if orders.shape[1] < 60 else "too many"}
        return
    neighbours = all(_are_neighbours(rows) for order in orders[:60] for rows in order.view(-1, 20).tolist())
    in_turn = bool((orders.diff(dim=1) % 60 == 1).all())
    once = orders.sort(1).values.tolist() == [list(range(60))] * 800
    batches = {f"batch {place}": rows for place, rows in enumerate(orders.split(20, dim=1), 1)}
    yield {
        "neighbours": neighbours,
        "in turn": in_turn,
        "each once": once,
        "fair": _are_fair(batches, 60) if once and shuffled and not (neighbours or in_turn) else _UNCLEAR,
    }


def behaviour_of_gradient_noise(student: Any) -> Iterator[Features]:
    """The noise of equally distant gradients, dependence of draws, refused arguments, and randomness."""

    def value(batch_size: int, num_draws: int, scale: float = 1.0) -> str:
        """The result for six unit vectors, if it is the same for every draw. For 5 of 6 with replacement, it always
        differs."""
        grads = scale * torch.eye(6, dtype=torch.float64)
        got = student.run(programs.measure_noise_many_times, grads, batch_size, num_draws, _generator(), 30)
        if not torch.allclose(got, got[0].expand(30), rtol=1e-6, atol=1e-12):
            return "varies"
        return "0" if abs(got[0]) < 1e-12 else f"{got[0]:.4g}"

    def attempt(batch_size: int, num_draws: int) -> str:
        return type(student.gradient_noise(torch.eye(3), batch_size, num_draws, _generator())).__name__

    grads = general_gradients(16, 3)
    yield _repeats(lambda source: student.gradient_noise(grads, 8, 3, source)) | {
        "global state kept": _keeps_global_state(student, "gradient_noise", grads, 8, 3, _generator()),
        **{f"{size} of 3": _outcome(partial(attempt, size, 2)) for size in (0, 2, 4)},
        **{f"{draws} draws": _outcome(partial(attempt, 2, draws)) for draws in (0, -1)},
    }
    alone, three = (_outcome(partial(value, 5, draws)) for draws in (1, 3))
    yield {"5 of 6": alone, "5 of 6, 3 draws": three}
    yield {
        "noise of 5 of 6 and of 6": f"{alone}, {_outcome(lambda: value(6, 1))}",
        "1 draw and 3 draws": f"{alone}, {three}",
        "factor for doubled gradients": _outcome(lambda: f"{float(value(5, 1, 2.0)) / (float(alone) or 1.0):.3g}"),
    }
    yield {
        "6 of 6": _outcome(lambda: value(6, 2)),
        "shared by 2 draws": _outcome(lambda: _shared_by_two_draws(student)),
    }


def _draws_for_each(student: Any) -> bool:
    """Whether two draws change the generator's state more than a single draw."""
    ends = []
    for num_draws in (1, 2):
        source = _generator()
        student.gradient_noise(general_gradients(5, 2), 2, num_draws, source)
        ends.append(source.get_state())
    return not torch.equal(*ends)


def _shared_by_two_draws(student: Any) -> str:
    """How many gradients two batches of 2 of 5 share: 0 or 1 in nine of ten calls, and each of them in 60 calls."""
    grads = general_gradients(5, 2)
    distances = batch_distances(grads, 2)
    got = student.run(programs.measure_noise_many_times, grads, 2, 2, _generator(), 60)
    pairs = list(combinations_with_replacement(distances, 2))
    means = torch.tensor([(distances[one] + distances[other]) / 2 for one, other in pairs], dtype=torch.float64)
    gaps, places = (got[:, None] - means).abs().min(1)
    if bool((gaps > 1e-9).any()):
        return "no distances of two batches"
    shared = {len({*pairs[place][0]} & {*pairs[place][1]}) for place in places.tolist()}
    if shared >= {0, 1}:
        return "by chance"
    return f"always {sorted(shared)}" + (", though two are drawn" if _draws_for_each(student) else "")


def behaviour_of_sgd(student: Any) -> Iterator[Features]:
    """Losses and weights with full batches, the examples in their order, and refused arguments."""

    def train(problem: Training, source: torch.Generator) -> tuple[list[float], list[Tensor]]:
        losses, trained = student.run(programs.train_by_sgd, *problem.arguments(0)[:-1], source)
        return losses, trained

    def keeps_global_state() -> bool:
        seed = secret()
        left = student.run(programs.random_state_after_sgd, seed, *still.arguments(1))
        try:
            expect_state_of(seed, left, "sgd")
        except WrongAnswerError:
            return False
        return True

    def counts_older_gradients() -> bool:
        problem = _training(4, 4, num_epochs=1)
        arguments = problem.arguments(0)
        fresh, stale = (student.run(programs.train_by_sgd, *arguments, planted=planted)[1] for planted in (False, True))
        return not all(map(torch.allclose, fresh, stale))

    def with_full_batches(problem: Training) -> list[str]:
        losses, weights = train(problem, _generator())
        length = torch.cat([weight.flatten() for weight in weights]).norm()
        return [*(f"{loss:.4g}" for loss in losses), f"{length:.4g}"]

    def steps(problem: Training) -> int:
        return len(train(problem, _generator())[0])

    def order(source: torch.Generator) -> list[int]:
        losses, _ = train(still, source)
        return _examples_of(still, losses[:100])

    def weights_of(seed: int) -> Tensor:
        _, weights = train(_training(16, 1, lr=0.05, num_epochs=1), _generator(seed))
        return torch.cat([weight.flatten() for weight in weights])

    def length_with_a_short_batch() -> str:
        """How far batches of 2 and 1 go together, as a share of two right steps: with equal examples, all are alike."""
        one = _training(1, 1, lr=1e-6, num_epochs=2)
        equal = Training(one.weights, one.loss_fn, one.X.repeat(3, 1), one.y.repeat(3), one.lr, 2, 1)
        moved = [
            sum(float((w - v).norm()) for w, v in zip(train(each, _generator())[1], each.weights, strict=True))
            for each in (equal, one)
        ]
        return f"{moved[0] / moved[1]:.3g}" if moved[1] else "no step"

    def rules() -> Features:
        """With full batches: which rule the weights follow, and which one the losses."""
        problem = _training(4, 4)
        losses, weights = train(problem, _generator())
        return {"rule": rule_of_weights(problem, weights), "losses follow": rule_of_losses(problem, losses)}

    yield {"full batches": _outcome(lambda: with_full_batches(_training(4, 4)))}
    followed = _outcome(rules)
    yield followed if isinstance(followed, dict) else {"rule": _UNCLEAR}
    # Steps that change nothing, so that a loss identifies its example. Right answers may refuse a learning rate of 0.
    still = _training(16, 1, lr=1e-30, num_epochs=2)
    used = _outcome(lambda: order(_generator()))
    told = isinstance(used, list) and len(used) == 32 and -1 not in used
    epochs = [used[:16], used[16:]] if told else []
    yield {
        "full batches of large gradients": _outcome(lambda: with_full_batches(_training(4, 4, scale=1000.0))),
        "older gradients count": _outcome(counts_older_gradients),
        "length with a short batch": _outcome(length_with_a_short_batch),
        "losses of 2 epochs of 5 by 2": _outcome(partial(steps, _training(5, 2, num_epochs=2))),
        "losses are": _outcome(lambda: type(train(still, _generator())[0][0]).__name__),
        "losses of examples": told,
        "losses in an epoch": _outcome(
            lambda: (
                "one number"
                if {*map(type, losses := train(still, _generator())[0][:16])} == {float} and len({*losses}) == 1
                else "several"
            )
        ),
        "each once": bool(epochs) and all(sorted(rows) == list(range(16)) for rows in epochs),
        "second epoch as first": bool(epochs) and epochs[0] == epochs[1],
        "in stored order": bool(epochs) and epochs[0] == list(range(16)),
        "the same for the same seed": _outcome(lambda: order(_generator()) == used),
        "the same for another seed": told and _outcome(lambda: order(_generator(2)) == used),
        "weights depend on the seed": _outcome(lambda: not torch.allclose(weights_of(1), weights_of(2), 1e-9, 1e-9)),
        "global state kept": _outcome(keeps_global_state),
        "lr below 0": _outcome(partial(steps, _training(4, 2, lr=-0.1))),
        **{f"3 by {size}": _outcome(partial(steps, _training(3, size))) for size in (0, 4)},
    }


def _training(n: int, batch_size: int, lr: float = 0.2, num_epochs: int = 3, scale: float = 1.0) -> Training:
    """A small network with cross-entropy. For examples of another scale, a linear model with squared error."""
    layers, loss_fn = ((3, 4, 3), BatchCrossEntropy()) if scale == 1 else ((3, 1), BatchSquaredError())
    X, y = random_data(n, 3, 3, seed=n)
    return Training(random_weights(layers, n), loss_fn, scale * X, y, lr / scale**2, batch_size, num_epochs)


def _examples_of(problem: Training, losses: list[float]) -> list[int]:
    """For each loss, the number of the example that has this loss at the first weights; -1 if no example has."""
    losses_of = [
        problem.loss_fn(outputs(problem.weights, X[None]), y[None]) for X, y in zip(problem.X, problem.y, strict=True)
    ]
    single = torch.stack(losses_of)
    gaps, nearest = (torch.tensor(losses, dtype=torch.float64)[:, None] - single).abs().min(1)
    relative, absolute = RETURNED_LOSS
    return torch.where(gaps <= absolute + relative * single[nearest], nearest, -1).tolist()


PROBES = {
    "sample_minibatch": behaviour_of_sample_minibatch,
    "minibatches": behaviour_of_minibatches,
    "gradient_noise": behaviour_of_gradient_noise,
    "sgd": behaviour_of_sgd,
}
