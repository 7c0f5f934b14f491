"""Which mutants of the solutions survive the checks, and whether they are wrong at all."""

import multiprocessing
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from grader.course import Course, Section
from grader.grading.mistakes import executed
from grader.grading.mutants import Mutant, mutants_of
from grader.grading.parallel import Task, grade_all
from grader.grading.plugin import load_profile
from grader.grading.replay import agree, inputs_of, replayed
from grader.grading.report import Status
from grader.grading.run import Progress
from grader.grading.session import Selection
from grader.sandbox import wire
from grader.sandbox.launch import Sandbox
from grader.sandbox.local import load_module, one_device
from grader.sandbox.submission import Submission
from grader.sandbox.transcript import Exchange
from grader.sandbox.values import Packer
from grader.toolkit.show import value

INPUTS = 10_000  # on which a mutant has to do the same as the solution, to count as the same
INPUTS_PER_CHECK = 40
LONG_CALL_SECONDS = 30  # exercises with such calls have no mutants: each would take a minute


@dataclass(frozen=True)
class Survivor:
    """A mutant that no check fails, though it does something else; `example` is a call that shows it."""

    section: Section
    mutant: Mutant
    example: str
    explained: bool  # a comment in the check file names it


@dataclass(frozen=True)
class MutationResult:
    """What came of all mutants."""

    made: int
    killed: int
    equivalent: int
    survivors: list[Survivor]


def try_mutants(
    course: Course, sections: Sequence[Section], sandbox: Sandbox, lanes: int, progress: Progress | None = None
) -> MutationResult:
    """Grade every mutant of every exercise; look at those that keep all points."""
    pairs = [(section, mutant) for section in sections for mutant in _mutants(section)]
    tasks = [_task(section, mutant) for section, mutant in pairs]
    reports = grade_all(course, tasks, sandbox, lanes, Selection(), progress)
    alive = [
        pair for pair, report in zip(pairs, reports, strict=True)
        if all(check.status is Status.PASSED for check in report.checks)
    ]  # fmt: skip
    with ProcessPoolExecutor(lanes, multiprocessing.get_context("fork")) as pool:
        examples = list(pool.map(_difference, *zip(*alive, strict=True))) if alive else []
    survivors = [
        Survivor(section, mutant, example, _is_explained(section, mutant))
        for (section, mutant), example in zip(alive, examples, strict=True)
        if example is not None
    ]
    return MutationResult(len(pairs), len(pairs) - len(alive), len(alive) - len(survivors), survivors)


def _mutants(section: Section) -> Iterator[Mutant]:
    long = {check.exercise for check in section.outline if check.call_cpu_seconds >= LONG_CALL_SECONDS}
    for exercise in section.exercises:
        if exercise not in long:
            yield from mutants_of(section, exercise)


def _task(section: Section, mutant: Mutant) -> Task:
    submission = Submission(mutant.filename, Path(mutant.filename), mutant.source.encode())
    return Task(section, submission, Selection(exercises=(mutant.exercise,), alone=True))


def _is_explained(section: Section, mutant: Mutant) -> bool:
    return mutant.key in section.checks.read_text(encoding="utf-8")


# -- is it another function at all?


def _difference(section: Section, mutant: Mutant) -> str | None:
    """A call on which a mutant does something else than the solution, or None if there is none among many."""
    solution = load_module(section.solution, section.stem)
    other = executed(mutant.source, f"mutant_{mutant.filename}")
    inputs = _inputs(section, mutant.exercise, solution)
    if not inputs:
        return "no input of the checks can be repeated: whether it differs is not known"
    chance = random.Random(0)
    with one_device():
        for number in range(INPUTS):
            exchange = inputs[number] if number < len(inputs) else _varied(chance.choice(inputs), chance)
            if exchange is not None and not agree(replayed(exchange, solution), replayed(exchange, other)):
                return _shown(exchange)
    return None


def _inputs(section: Section, exercise: str, solution: ModuleType) -> list[Exchange]:
    """The calls that the checks of an exercise make."""
    load_profile()
    checks = load_module(section.checks, f"test_{section.stem}")
    functions = [getattr(checks, f"test_{one.id}") for one in section.outline if one.exercise == exercise]
    found = [exchange for check in functions for exchange in inputs_of(check, solution, INPUTS_PER_CHECK)]
    return [one for one in found if one.request and (one.request.program or one.name == exercise)]


def _varied(exchange: Exchange, chance: random.Random) -> Exchange | None:
    """A call of the same form with other numbers; None if it cannot be sent."""
    args, kwargs = exchange.arguments()
    packer = Packer(functions=True)
    try:
        trees = (
            packer.pack([_vary(one, chance) for one in args]),
            packer.pack({k: _vary(v, chance) for k, v in kwargs.items()}),
        )
    except TypeError:
        return None
    program = exchange.request is not None and exchange.request.program
    request = wire.Call(0, exchange.name, program, trees[0], trees[1], packer.arrays)
    return Exchange(exchange.name, request, b"".join(packer.chunks), packer.callbacks)


def _vary(item: Any, chance: random.Random) -> Any:
    """Another value of the same kind, often near the borders of what is allowed."""
    if isinstance(item, torch.Generator):
        return torch.Generator().manual_seed(chance.randrange(1 << 30))
    if isinstance(item, list | tuple):
        return type(item)(_vary(one, chance) for one in item)
    if isinstance(item, torch.Tensor):
        return _vary_tensor(item, chance)
    if isinstance(item, bool | str | None.__class__) or chance.random() < 0.4:
        return item
    if isinstance(item, int):
        return max(-1, min(50, chance.choice((item - 1, item + 1, 0, 1, 2, 3))))
    if isinstance(item, float):
        return chance.choice((0.0, 1.0, -item, item * chance.random(), chance.random(), 10 * chance.random()))
    return item


def _vary_tensor(tensor: torch.Tensor, chance: random.Random) -> torch.Tensor:
    if chance.random() < 0.3 or not tensor.numel():
        return tensor
    source = torch.Generator().manual_seed(chance.randrange(1 << 30))
    if not tensor.is_floating_point():
        places = torch.randint(tensor.numel(), (tensor.numel(),), generator=source)
        return tensor.reshape(-1)[places].reshape(tensor.shape)
    numbers = torch.randn(tensor.shape, generator=source, dtype=torch.float64) * chance.choice(
        (0.0, 1e-3, 1.0, 1.0, 30.0)
    )
    if tensor.ndim == 2 and tensor.shape[0] == tensor.shape[1] and torch.equal(tensor, tensor.mT):
        numbers = numbers @ numbers.mT + chance.random() * torch.eye(len(tensor), dtype=torch.float64)
    fresh = numbers.to(tensor.dtype)
    return fresh.requires_grad_(tensor.requires_grad)


def _shown(exchange: Exchange) -> str:
    args, kwargs = exchange.arguments()
    items = [value(one) for one in args] + [f"{name}={value(one)}" for name, one in kwargs.items()]
    return f"{exchange.name}({', '.join(items)})"
