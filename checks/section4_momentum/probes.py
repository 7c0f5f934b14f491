"""Probes of the answers of section 4 that depend on chance or on choice: the sharpness, and the pair of constants."""

import math
import re
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from grader.toolkit.secret import is_state_of, secret
from grader.toolkit.verdicts import StudentError

from ..shared.problems import starting_values
from ..shared.strategies import reflect
from . import programs, two_weights
from .convergence import CHOICE
from .oracles import hessian_of
from .problems import BowlLoss, NetworkLoss

Features = dict[str, Any]


# -- sharpness

# Of a bowl, the numbers that a wrong answer may be; no two are equal.
SPECTRUM = torch.tensor([8.0, 3.0, 1.0], dtype=torch.float64)
MANY = 100  # iterations


def behaviour_of_sharpness(student: Any) -> Iterator[Features]:
    """Which number of a bowl it is, how it depends on iterations and start, and what it leaves behind."""
    bowl = BowlLoss(reflect(torch.diag(SPECTRUM), torch.tensor([1.0, 2.0, -1.0], dtype=torch.float64)))
    one = _asked(student, bowl, [(3,)])
    yield {"of one tensor": _named(one, _of_slopes(bowl))}
    yield {"settles": _is_near(one, _asked(student, bowl, [(3,)], MANY + 1))}
    yield {"of three tensors": _named(_asked(student, bowl, [(1,), (), (1, 1)]), _of_tensors_apart(bowl.hessian))}
    negative = _asked(student, BowlLoss(-4 * torch.eye(2, dtype=torch.float64)), [(2,)])
    yield {"of a hill": _rounded(negative)}
    steep = _asked(student, BowlLoss(1e3 * torch.eye(1, dtype=torch.float64)), [(1,)])
    yield {"of a steep bowl": _rounded(steep)}
    yield _starts(student)
    yield {"of a network": _of_network(student)}
    yield _left(student)
    yield {"without iterations": _refused(student)}


def _is_near(one: float | str, other: float | str) -> bool:
    """Whether two answers are the same exception or nearly the same number."""
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return math.isclose(one, other, rel_tol=1e-3)


def _asked(student: Any, loss: Any, shapes: list[tuple[int, ...]], num_iters: int = MANY) -> float | str:
    """The answer after many iterations, or the exception."""
    params = _start(shapes)
    try:
        return float(student.run(programs.sharpness_of, loss, params, num_iters, torch.Generator().manual_seed(1)))
    except StudentError as error:
        return _told(error)


def _start(shapes: list[tuple[int, ...]]) -> list[Tensor]:
    return [param + 1 for param in starting_values(shapes, 5, 0.5, 0.5)]


def _of_slopes(bowl: BowlLoss) -> dict[str, float]:
    """What a function finds if it measures the slope of a bowl, and not its curvature."""
    slope = bowl.hessian @ _start([(3,)])[0]
    return {"squared slope": float(slope @ slope), "slope": float(slope.norm())}


def _told(error: StudentError) -> str:
    """An exception and how its message begins: torch raises a RuntimeError for most of what it refuses."""
    return f"{error.type}: {re.sub(r'[^A-Za-z]+', ' ', error.message)[:40]}"


def _of_tensors_apart(hessian: Tensor) -> dict[str, float]:
    """Rayleigh quotients that a function finds if it does not treat three parameters as one vector."""
    signs = torch.tensor([[1.0, 1.0, 1.0], [-1.0, 1.0, 1.0], [1.0, -1.0, 1.0], [1.0, 1.0, -1.0]], dtype=hessian.dtype)
    blocks = hessian.diagonal().tolist()
    apart = {f"each of length 1, {place}": float(sign @ hessian @ sign) / 3 for place, sign in enumerate(signs)}
    apart["one quotient for each tensor"] = float(SPECTRUM[0]) * len(blocks)
    return {"largest block": max(blocks), **{f"block {place}": block for place, block in enumerate(blocks)}, **apart}


def _named(answer: float | str, more: dict[str, float]) -> str:
    """The number of the bowl, or of `more`, that an answer is."""
    if isinstance(answer, str):
        return answer
    largest, total = float(SPECTRUM[0]), float(SPECTRUM.sum())
    known = {
        "largest": largest,
        "smallest": float(SPECTRUM[-1]),
        "trace": total,
        "mean": total / len(SPECTRUM),
        "square": largest**2,
        "root": math.sqrt(largest),
        "cube": largest**3,
        "double": 2 * largest,
        "half": largest / 2,
        "2 / largest": 2 / largest,
        "1 / largest": 1 / largest,
        "norm of all": float(SPECTRUM.norm()),
    }
    near = [name for name, number in (known | more).items() if math.isclose(answer, number, rel_tol=1e-6)]
    return near[0].partition(",")[0] if near else "not finite" if not math.isfinite(answer) else "another number"


def _rounded(answer: float | str) -> str:
    return answer if isinstance(answer, str) else f"{answer:.4g}"


def _starts(student: Any) -> Features:
    """Of 120 starts with one product each: whether they cover all directions, and whether they come from the generator.

    A Gaussian start is missed as in the check of starts. A start with positive entries never lies near (1, -1). Equal results
    for one iteration that differ for two come from a loop that makes its first product in the second iteration.
    """
    loss, seeds = BowlLoss(torch.tensor([[2.0, -1.0], [-1.0, 2.0]], dtype=torch.float64)), list(range(120))
    params = [torch.ones(2, dtype=torch.float64)]
    found, again, of_two = (student.run(programs.sharpness_of_starts, loss, params, n, seeds) for n in (1, 1, 2))
    spread = "near (1, 1)" if max(found) <= 2.8 else "all"
    if _are_one(found):
        is_largest = math.isclose(found[0], 3.0, rel_tol=1e-6)
        spread = (
            "converged at once" if is_largest else "one" if _are_one(of_two) else "one, and several after two products"
        )
    return {"directions": spread, "the same again": found == again}


def _are_one(numbers: list[float]) -> bool:
    return max(numbers) - min(numbers) < 1e-9


def _of_network(student: Any) -> bool | str:
    """Whether the answers from two starts are the largest eigenvalue of a network's Hessian."""
    loss, params = NetworkLoss.small(7)
    try:
        one, two = (
            float(student.run(programs.sharpness_of, loss, params, MANY, torch.Generator().manual_seed(seed)))
            for seed in (1, 2)
        )
    except StudentError as error:
        return _told(error)
    largest = float(torch.linalg.eigvalsh(hessian_of(loss, params))[-1])
    return math.isclose(one, two, rel_tol=1e-6) and math.isclose(one, largest, rel_tol=1e-6)


def _left(student: Any) -> Features:
    """What a call leaves unchanged."""
    loss, params = NetworkLoss.small(0)
    seed = secret()
    try:
        left, grads, state = student.run(programs.left_by_sharpness, seed, loss, params, torch.Generator())
    except StudentError as error:
        return {"with .grad": _told(error)}
    planted = starting_values([param.shape for param in params], seed, 1.0, 1.0)
    return {
        "parameters kept": _same(left, params),
        ".grad kept": _same(grads, planted),
        "global state kept": is_state_of(seed, state),
    }


def _same(one: list[Tensor], other: list[Tensor]) -> bool:
    return len(one) == len(other) and all(map(torch.equal, one, other))


def _refused(student: Any) -> str:
    loss, params = BowlLoss(torch.eye(1, dtype=torch.float64)), [torch.ones(1, dtype=torch.float64)]
    try:
        student.run(programs.sharpness_of, loss, params, 0, torch.Generator())
    except StudentError as error:
        return "ValueError" if "ValueError" in error.bases else error.type
    return "accepted"


# -- choose_momentum


def behaviour_of_choose_momentum(student: Any) -> Iterator[Features]:
    """What the heavy ball does with the pair; where it does not arrive, the first change of the pair that helps."""
    lr, beta = student.choose_momentum()
    yield {"pair": _verdict(float(lr), float(beta))}


def _verdict(lr: float, beta: float) -> str:
    if 0 <= beta < 1 and lr >= 0 and _arrives(lr, beta):
        return "arrives"
    if 0 <= lr < 1 and beta >= 0 and _arrives(beta, lr):
        return "swapped"
    if not lr >= 0:
        return "lr out of range"
    if not 0 <= beta < 1:
        return "beta out of range"
    if lr == 0:
        return "stands still"
    if beta == 0:
        return "no momentum"
    lrs = _those_that_arrive(_RATES, torch.full_like(_RATES, beta), _RATES)
    if any(lr / 3 <= other < lr for other in lrs):
        return "lr too large"
    if _arrives(lr, beta, average=True):
        return "an average would arrive"
    if betas := _those_that_arrive(torch.full_like(_BETAS, lr), _BETAS, _BETAS):
        return "beta too large" if min(betas) < beta else "beta too small"
    if not lrs:
        return "lr and beta"
    return "lr too small" if max(lrs) > lr else "lr too large"


_BETAS = torch.tensor([0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.88, 0.9, 0.92, 0.94], dtype=torch.float64)
_RATES = torch.logspace(-1.2, 0.4, 17, dtype=torch.float64)  # no pair with another rate arrives


def _arrives(lr: float, beta: float, average: bool = False) -> bool:
    pair = torch.tensor([lr], dtype=torch.float64), torch.tensor([beta], dtype=torch.float64)
    return bool(CHOICE.slowest(*pair, _STARTS, average) <= _BOUND)


def _those_that_arrive(lrs: Tensor, betas: Tensor, numbers: Tensor) -> list[float]:
    found: list[float] = numbers[CHOICE.slowest(lrs, betas, _STARTS) <= _BOUND].tolist()
    return found


_BOUND = CHOICE.limit or 0.0
_STARTS = torch.cat([two_weights.starts(0), two_weights.CORNERS])  # those of the checks


PROBES = {"sharpness": behaviour_of_sharpness, "choose_momentum": behaviour_of_choose_momentum}
