"""Behaviour of the random functions of section 3 that does not depend on the stream of random numbers."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor

from grader.toolkit.closeness import expect
from grader.toolkit.secret import keeps_global_state
from grader.toolkit.verdicts import StudentError

from .evaluations import MOST
from .programs import draw_directions, start_after

Features = dict[str, bool | int | str | float]

SMALL_DIFFERENCES = (1e-3, 1e-6, 1e-9)
STEPS = 40
STEP_SIZE = 0.7  # no simple multiple, root or power of it is 1


class Ladder:
    """An objective that is 1 at the start; the k-th other evaluated point has the value `1 + k * change`.

    Each new point is better than all before if `change` is negative, and worse if it is positive: the right decision
    does not depend on the direction. Points that differ by rounding are equal. `calls` counts evaluations.
    """

    def __init__(self, change: float, start: Tensor) -> None:
        self.calls = 0
        self.points = start.clone()[None]  # (k + 1, d): the start and the other points, in order
        self._change = change

    def __call__(self, w: Tensor) -> Tensor:
        if w.shape != self.points.shape[1:] or self.calls >= MOST:  # a submission chooses both
            raise ValueError(f"the objective takes a single point, at most {MOST} times")
        self.calls += 1
        point = w.detach().to(self.points.dtype)
        known = same_point(self.points, point).nonzero()
        if len(known) == 0:
            self.points = torch.cat([self.points, point[None]])
        number = int(known[0]) if len(known) else len(self.points) - 1
        return torch.tensor(self.value(number), dtype=w.dtype)

    def value(self, number: int) -> float:
        """The value at point `number`; 0 is the start."""
        return 1 + number * self._change if number else 1.0


def same_point(points: Tensor, point: Tensor) -> Tensor:
    """Which rows of `points` are `point`, up to rounding."""
    tolerance = 1e-4 if point.dtype == torch.float32 else 1e-9
    return torch.isclose(points, point, tolerance, tolerance).all(-1)


def generator_of(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def is_accepted(call: Callable[[], Any]) -> bool:
    """Whether a call with a bad argument raises nothing."""
    try:
        call()
    except StudentError:
        return False
    return True


def is_real(value: Any, dim: int) -> bool:
    """Whether a value is a tensor of real numbers with `dim` dimensions."""
    return isinstance(value, Tensor) and value.is_floating_point() and value.dim() == dim


def pair(result: Any, dims: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """The result of a step or a search; raise WrongAnswerError unless it is a pair of tensors."""
    expect(isinstance(result, tuple) and len(result) == 2 and all(map(is_real, result, dims)), "not a pair of tensors")
    return result[0], result[1]


def dtypes_of(result: tuple[Tensor, Tensor]) -> str:
    return ", ".join(str(tensor.dtype) for tensor in result)


def where(point: Tensor, points: Tensor) -> str:
    """Which evaluated point this is."""
    if point.shape != points[0].shape or point.dtype != points.dtype:
        return "not an evaluated point"
    places = (("start", points[0]), ("last proposal", points[-1]))
    return next((name for name, place in places if same_point(place, point)), "another point")


# -- random_direction


def behaviour_of_random_direction(student: Any) -> Iterator[Features]:
    """Yield length, dtype and distribution in many dimensions, and the role of the generator."""
    draw = student.random_direction(50, generator_of(0))
    expect(is_real(draw, 1) and draw.shape == (50,), "not a vector")
    first, again, other = (student.run(draw_directions, 50, 40, generator_of(seed)) for seed in (1, 1, 2))
    found: Features = {
        "dtype": str(draw.dtype),
        "same each time": bool(torch.equal(first, first[:1].expand_as(first))),
        "sometimes negative": bool((first < 0).any()),
        "a few entries larger on average": bool((first**2).mean(0).topk(3)[0].sum() > 0.6 * (first**2).mean(0).sum()),
    }
    yield found
    yield {"global generator untouched": keeps_global_state(student, "random_direction", 3, generator_of(1))}
    if not found["same each time"]:
        yield {
            "same from the same state": torch.equal(first, again),
            "same from another seed": torch.equal(first, other),
        }
        if found["sometimes negative"]:
            yield distribution_of(student.run(draw_directions, 2500, 100, generator_of(3)).double())


def _same_number(numbers: Tensor) -> str:
    """Whether all numbers are equal, and to how many digits; "" if not."""
    spread = float((numbers - numbers.mean()).abs().max())
    scale = max(1.0, float(numbers.abs().mean()))
    return "the length" if spread < 1e-12 * scale else "the length, to seven digits" if spread < 1e-6 * scale else ""


def _variation(share: float) -> str:
    """How much lengths vary, as a share of their mean: those of normal vectors by 1 / sqrt(2 d) = 0.014, of others by 0.007."""
    return "no" if share < 1e-5 else "hardly" if share < 4e-3 else "yes"


def _measures(draws: Tensor) -> dict[str, Tensor]:
    """What a wrong divisor makes equal in all draws."""
    return {
        "the sum of absolute values": draws.abs().sum(1),
        "the largest entry": draws.abs().amax(1),
    }


def distribution_of(draws: Tensor) -> Features:
    """Features of the distribution of independent draws (n, d) in many dimensions.

    The kurtosis, mean of fourth powers over squared mean of squares, is 3 for normal entries, with a standard deviation
    of sqrt(24 / (n d)) = 0.01; 1.8 for uniform entries; 3 - 1.2 / k for sums of k uniform numbers; 1.6 for normal
    entries clipped at one standard deviation. The sum of the entries of a direction has the standard deviation 1.
    """
    dim, lengths_found = draws.shape[1], draws.norm(dim=1)
    length = float(lengths_found.mean())
    lengths = {"1": 1.0, "sqrt(d)": math.sqrt(dim), "1 / sqrt(d)": 1 / math.sqrt(dim)}
    fourth = float(((draws**4).mean(1) / (draws**2).mean(1) ** 2).mean())
    shapes = (
        (1.5, "all alike"),
        (1.75, "alike"),
        (1.85, "as in a cube"),
        (2.2, "rather alike"),
        (2.95, "nearly normal"),
        (3.05, "normal"),
        (math.inf, "uneven"),
    )
    nonzero = float((draws != 0).sum(1).double().mean())
    return {
        "length": next(
            (name for name, known in lengths.items() if math.isclose(length, known, rel_tol=0.05)), "another"
        ),
        "always the same": _same_number(lengths_found)
        or next((name for name, sizes in _measures(draws).items() if _same_number(sizes)), "nothing"),
        "lengths vary": _variation(float(lengths_found.std()) / max(length, 1e-12)),
        "entries sum to zero": bool((draws.sum(1).abs() < 1e-6 * length).all()),
        "entries not zero": "one" if nonzero == 1 else "most" if nonzero > 0.9 * dim else "some",
        "leans to one side": abs(float(draws.sum(1).mean())) > 0.02 * length * math.sqrt(dim),
        "sizes of the entries": next((name for limit, name in shapes if fourth < limit), "not finite"),
    }


# -- random_search_step

RIGHT_STEP: Features = {
    "dtypes": "torch.float64, torch.float64",
    "dtypes in float32": "torch.float32, torch.float32",
    "if much better": "last proposal, right value",
    "if much worse": "start, right value",
    "evaluations": "2 if better, 2 if worse",
    "if NaN": "start, right value",
    "takes what is slightly worse": False,
    "refuses what is slightly better": False,
    "length": "step_size",
    "proposals": 1,
    "w": "untouched",
    "same from the same state": True,
    "same from the same state in float32": True,
    "same from another seed": False,
    "global generator untouched": True,
}
SEVERAL = range(8)  # seeds: random behaviour differs between them


def behaviour_of_random_search_step(student: Any) -> Iterator[Features]:
    """Yield which proposals are taken and which results are returned; test bad arguments only if all else is right."""
    better, result = step(student, -1000.0)
    found: Features = {
        "dtypes": dtypes_of(result),
        "dtypes in float32": dtypes_of(step(student, -1000.0, dtype=torch.float32)[1]),
        "if much better": ending(better, *result),
    }
    refusals = [step(student, 1000.0, seed=seed) for seed in SEVERAL]
    endings = {ending(ladder, *result) for ladder, result in refusals}
    found["if much worse"] = endings.pop() if len(endings) == 1 else "varies"
    if all(found[name] == RIGHT_STEP[name] for name in ("if much better", "if much worse")):
        worse = {str(min(ladder.calls, 10)) for ladder, _ in refusals}
        found["evaluations"] = f"{better.calls} if better, {worse.pop() if len(worse) == 1 else 'more'} if worse"
        nan, result = step(student, math.nan)
        found["if NaN"] = ending(nan, *result)
        found["takes what is slightly worse"] = any(is_taken(student, change) for change in SMALL_DIFFERENCES)
        found["refuses what is slightly better"] = not all(is_taken(student, -change) for change in SMALL_DIFFERENCES)
    found["length"] = length_of(torch.cat([better.points, *(ladder.points[1:2] for ladder, _ in refusals)]))
    found["proposals"] = len(better.points) - 1
    changes = (-1000.0, *(1000.0 for _ in SEVERAL))
    found["w"] = kept(
        [start_of(student, "random_search_step", change, generator_of(seed)) for seed, change in enumerate(changes)]
    )
    again, other = (step(student, -1000.0, seed=seed)[0] for seed in (0, 1))
    narrow = [step(student, -1000.0, dtype=torch.float32)[0].points for _ in range(2)]
    found["same from the same state in float32"] = torch.equal(*narrow)
    found["same from the same state"] = torch.equal(better.points, again.points)
    found["same from another seed"] = torch.equal(better.points, other.points)
    arguments = Ladder(1.0, start()), start(), STEP_SIZE, generator_of(1)
    found["global generator untouched"] = keeps_global_state(student, "random_search_step", *arguments)
    yield found
    if found == RIGHT_STEP:
        yield {"accepts a negative step_size": is_accepted(partial(step, student, 1.0, -0.5))}


def kept(points: list[Tensor]) -> str:
    """Whether points that were at the start stayed there: exactly, up to rounding, or not."""
    if all(torch.equal(point, start()) for point in points):
        return "untouched"
    return "rounded" if all(bool(same_point(start(), point)) for point in points) else "moved"


def start_of(student: Any, function: str, change: float, *rest: Any) -> Tensor:
    """The starting point after a step or a search."""
    left: Tensor = student.run(start_after, function, Ladder(change, start()), start(), STEP_SIZE, *rest)
    return left


def start(dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.tensor([0.1, -2.3, 0.7, 3.1, -0.9], dtype=dtype)


def step(
    student: Any, change: float, step_size: float = STEP_SIZE, seed: int = 0, dtype: torch.dtype = torch.float64
) -> tuple[Ladder, tuple[Tensor, Tensor]]:
    """One step from `start()`; all other points are better or worse by `change`."""
    w = start(dtype)
    ladder = Ladder(change, w)
    result = student.random_search_step(ladder, w, step_size, generator_of(seed))
    return ladder, pair(result, (1, 0))


def ending(ladder: Ladder, w_new: Tensor, J_new: Tensor) -> str:
    """The final point of a step, and whether the returned value belongs to it."""
    place = where(w_new, ladder.points)
    here = {"start": ladder.value(0), "last proposal": ladder.value(len(ladder.points) - 1)}.get(place, math.nan)
    values = (("right", here), ("the start's", ladder.value(0)))
    value = next((name for name, known in values if math.isclose(float(J_new), known)), "another")
    value = "NaN" if math.isnan(float(J_new)) and value == "another" else value
    return f"{place}, {value} value"


def is_taken(student: Any, change: float) -> bool:
    """Whether a step leaves the start."""
    ladder, (w_new, _) = step(student, change)
    return where(w_new, ladder.points) != "start"


def length_of(points: Tensor) -> str:
    """The distance of the proposals from the start."""
    lengths = (points[1:] - points[0]).norm(dim=1).tolist()
    names = (("step_size", STEP_SIZE), ("1", 1.0), ("step_size / sqrt(d)", STEP_SIZE / math.sqrt(points.shape[1])))
    for name, known in names:
        for precision, digits in ((1e-9, ""), (1e-6, ", to seven digits")):
            if lengths and all(math.isclose(one, known, rel_tol=precision) for one in lengths):
                return name + digits
    return "another" if all(math.isclose(one, lengths[0]) for one in lengths) else "random"


# -- random_search

RIGHT_SEARCH: Features = {
    "dtypes": "torch.float64, torch.float64",
    "dtypes in float32": "torch.float32, torch.float32",
    "downhill: w": "last proposal",
    "downhill: history": "n + 1 entries, right",
    "downhill: steps": "all, from the last proposal",
    "downhill: evaluations": "as many as allowed",
    "uphill: w": "start",
    "uphill: history": "n + 1 entries, right",
    "uphill: steps": "all, from the start",
    "uphill: evaluations": "as many as allowed",
    "goes where it is slightly worse": False,
    "goes to NaN": False,
    "history of NaN": "as before",
    "w0 untouched": True,
    "same from the same state": True,
    "same from another seed": False,
    "global generator untouched": True,
}


def behaviour_of_random_search(student: Any) -> Iterator[Features]:
    """Yield the behaviour of a search if every proposal is better, and if every proposal is worse.

    Bad arguments are tested only if all else is right.
    """
    searches = {name: search(student, change) for name, change in (("downhill", -1.0), ("uphill", 1.0))}
    found: Features = {
        "dtypes": dtypes_of(searches["downhill"][1]),
        "dtypes in float32": dtypes_of(search(student, -1.0, 2, dtype=torch.float32)[1]),
    }
    for name, (ladder, (w, history)) in searches.items():
        found[f"{name}: w"] = where(w, ladder.points)
        found[f"{name}: history"] = history_of(history, -1.0 if name == "downhill" else 0.0)
        found[f"{name}: steps"] = f"{how_many(len(ladder.points) - 1, STEPS)}, from {starts_of(ladder.points)}"
        allowed = STEPS + 1 <= ladder.calls <= 2 * STEPS + 1
        found[f"{name}: evaluations"] = "as many as allowed" if allowed else how_many(ladder.calls, 2 * STEPS + 1)
    if found["uphill: w"] == RIGHT_SEARCH["uphill: w"]:
        found["goes where it is slightly worse"] = any(leaves(student, change) for change in SMALL_DIFFERENCES)
        found["goes to NaN"] = leaves(student, math.nan)
        if not found["goes to NaN"]:
            ladder, (_, history) = search(student, math.nan, 4)
            found["history of NaN"] = "as before" if bool((history == 1).all()) else "another"
    starts = [start_of(student, "random_search", change, STEPS, generator_of(0)) for change in (-1.0, 1.0)]
    found["w0 untouched"] = all(bool(torch.equal(w0, start())) for w0 in starts)
    first, again, other = (search(student, -1.0, 3, seed=seed)[0].points for seed in (1, 1, 2))
    found["same from the same state"] = torch.equal(first, again)
    found["same from another seed"] = torch.equal(first, other)
    arguments = Ladder(-1.0, start()), start(), STEP_SIZE, 3, generator_of(1)
    found["global generator untouched"] = keeps_global_state(student, "random_search", *arguments)
    yield found
    if found == RIGHT_SEARCH:
        bad = [(2, -0.5), (0, -0.5), (-1, 0.5)]
        yield {"accepts bad arguments": any(is_accepted(partial(search, student, 1.0, *each)) for each in bad)}


def search(
    student: Any,
    change: float,
    num_steps: int = STEPS,
    step_size: float = STEP_SIZE,
    seed: int = 0,
    dtype: torch.dtype = torch.float64,
) -> tuple[Ladder, tuple[Tensor, Tensor]]:
    """A search from `start()`; each new point is better or worse than all before by `change`."""
    w0 = start(dtype)
    ladder = Ladder(change, w0)
    result = student.random_search(ladder, w0, step_size, num_steps, generator_of(seed))
    return ladder, pair(result, (1, 1))


def history_of(history: Tensor, slope: float) -> str:
    """Length and content; the right history starts at 1 and changes by `slope` per step."""
    right = 1 + slope * torch.arange(len(history), dtype=history.dtype)
    content = "right" if torch.allclose(history, right) else "rising" if bool((history.diff() > 0).any()) else "wrong"
    lengths = {STEPS + 1: "n + 1", STEPS: "n"}
    return f"{lengths.get(len(history), 'fewer' if len(history) < STEPS else 'more')} entries, {content}"


def how_many(count: int, all_of_them: int) -> str:
    """A count in words; exact only if it does not depend on a submission's own numbers."""
    names = {0: "none", 1: "one", all_of_them - 1: "all but one", all_of_them: "all"}
    return names.get(count, "fewer" if count < all_of_them else "more")


def starts_of(points: Tensor) -> str:
    """The points from which the steps to new points were made."""
    for name, lengths in (("the start", points[1:] - points[0]), ("the last proposal", points.diff(dim=0))):
        if torch.allclose(lengths.norm(dim=1), torch.tensor(STEP_SIZE, dtype=points.dtype)):
            return name
    return "another point"


def leaves(student: Any, change: float) -> bool:
    """Whether a search leaves the start; the values of all other points differ by `change`."""
    ladder, (w, _) = search(student, change, 4)
    return where(w, ladder.points) != "start"


PROBES = {
    "random_direction": behaviour_of_random_direction,
    "random_search_step": behaviour_of_random_search_step,
    "random_search": behaviour_of_random_search,
}
