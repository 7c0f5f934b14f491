"""Trainings on the teacher, from the starts of the student's `train_from_seeds`: their losses, by width, seed and step."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from grader.figures.gather import Array, Work
from grader.toolkit.verdicts import WrongAnswerError

from .convergence import SOLVED, TEACHER, teacher_examples
from .oracles import ShallowNetworks, expect_states

WIDTHS = (2, 3, 4, 6, 12)
GROWN, ADDED = 3, 9  # hidden units of the networks that grow, and how many they get
TINY = 0.01  # standard deviation of the new units' weights
EVERY = 100  # steps from a loss to the next
_TRIED = 25  # steps that the student's function takes itself
_CLOSE = (1e-6, 1e-8)  # relative, absolute


def starts(functions: Any, width: int, seeds: Sequence[int] = TEACHER.seeds) -> ShallowNetworks:
    """The untrained networks. Raises WrongAnswerError if some steps of the student's do not follow the gradient.

    All further steps are known then, and this process takes them for all networks at once, in a tenth of the time.
    """
    X, y = teacher_examples()
    before, after = (
        ShallowNetworks.of(
            expect_states(functions.train_from_seeds(width, list(seeds), X, y, TEACHER.lr, steps), len(seeds), width, X)
        )
        for steps in (0, _TRIED)
    )
    expected = before.descended(X, y, TEACHER.lr, _TRIED)
    pairs = zip(vars(after).values(), vars(expected).values(), strict=True)
    if not all(torch.allclose(one, other, *_CLOSE) for one, other in pairs):
        raise WrongAnswerError(
            "train_from_seeds does not follow the gradient of the mean squared error from its start."
        )
    return before


def losses(networks: ShallowNetworks, steps: int = TEACHER.steps) -> tuple[Tensor, ShallowNetworks]:
    """The losses (networks, steps / EVERY + 1) of a training, and the networks at its end."""
    X, y = teacher_examples()
    found = [networks.losses(X, y)]
    for _ in range(steps // EVERY):
        networks = networks.descended(X, y, TEACHER.lr, EVERY)
        found.append(networks.losses(X, y))
    return torch.stack(found, 1), networks


def padded(networks: ShallowNetworks, width: int) -> ShallowNetworks:
    """The same functions with more hidden units, all of whose weights are zero: gradient descent leaves them zero."""
    return with_units(networks, width - networks.hidden.shape[1], 0.0)


def with_units(networks: ShallowNetworks, count: int, scale: float, seed: int = 0) -> ShallowNetworks:
    """The networks with `count` more hidden units, whose weights are normal numbers times `scale`."""
    number, _, dim = networks.hidden.shape
    generator = torch.Generator().manual_seed(seed)
    new = scale * torch.randn(number, count, dim + 2, generator=generator, dtype=networks.hidden.dtype)
    return ShallowNetworks(
        torch.cat([networks.hidden, new[:, :, :dim]], 1),
        torch.cat([networks.hidden_bias, new[:, :, dim]], 1),
        torch.cat([networks.output, new[:, :, dim + 1]], 1),
        networks.output_bias,
    )


def joined(several: Sequence[ShallowNetworks]) -> ShallowNetworks:
    """All networks of equal width in one, in their order."""
    return ShallowNetworks(*(torch.cat(parts) for parts in zip(*(vars(one).values() for one in several), strict=True)))


def part(networks: ShallowNetworks, places: slice) -> ShallowNetworks:
    """Some of the networks."""
    return ShallowNetworks(*(entries[places] for entries in vars(networks).values()))


def curves_of(functions: Any) -> list[Tensor]:
    """For each width the losses (seeds, steps / EVERY + 1); last, those of the grown networks, from the end of their first
    training.

    Networks of the smaller widths are trained together.
    """
    own = {width: starts(functions, width) for width in WIDTHS}
    narrow = [width for width in WIDTHS if width < WIDTHS[-1]]
    together, ends = losses(joined([padded(own[width], narrow[-1]) for width in narrow]))
    count = len(TEACHER.seeds)
    place = narrow.index(GROWN) * count
    small = part(ends, slice(place, place + count))
    kept = ShallowNetworks(
        small.hidden[:, :GROWN], small.hidden_bias[:, :GROWN], small.output[:, :GROWN], small.output_bias
    )
    wide, _ = losses(joined([own[WIDTHS[-1]], with_units(kept, ADDED, TINY)]))
    return [*together.split(count), *wide.split(count)]


def ask_for(work: Work) -> None:
    """Gather `loss_WIDTH` for each width, and `loss_grown`, once for all pictures and predictions."""

    def gather(work: Work) -> None:
        shape = (len(TEACHER.seeds), TEACHER.steps // EVERY + 1)
        names = [*(f"loss_{width}" for width in WIDTHS), "loss_grown"]
        work.ask_several(dict.fromkeys(names, shape), "train_from_seeds", partial(curves_of), exact=False, beside=False)

    work.share("teacher", gather)


def solved(curves: Array) -> int:
    """How many runs end below the loss at which a network has found the teacher."""
    return int((curves[:, -1] < SOLVED).sum())


def smallest_sure_width(curves: dict[int, Array]) -> int | None:
    """The smallest width at which every run finds the teacher."""
    return next((width for width in WIDTHS if solved(curves[width]) == len(curves[width])), None)
