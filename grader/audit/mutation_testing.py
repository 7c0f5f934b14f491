"""Find the mutants of the solutions that survive the checks, and compare their behaviour with the solution."""

import multiprocessing
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from grader.audit.mutants import Mutant, mutants_of
from grader.check_files.check_outline import Origin
from grader.diagnosis.hints import ALTERED, hint_key
from grader.diagnosis.known_mistakes import executed
from grader.diagnosis.replay import agree, inputs_of, replayed
from grader.diagnosis.structure import PLACES
from grader.grading.examples import load_profile
from grader.grading.report import Report, Status
from grader.grading.request import Progress, Selection, Task
from grader.grading.section_run import contract_of
from grader.sandbox.calls import wire
from grader.sandbox.calls.packing import Packer
from grader.sandbox.calls.student import Contract
from grader.sandbox.calls.transcript import Exchange
from grader.sandbox.process.resources import usable_cores
from grader.section import Section
from grader.service import Service
from grader.submission.submission import Submission
from grader.toolkit.lazy_torch import torch
from grader.toolkit.private_names import cpu_only
from grader.toolkit.show import value

INPUTS = 10_000  # a mutant that agrees with the solution on all of them counts as equal
PARTS = 16  # several processes share the inputs
INPUTS_PER_CHECK = 40
LONG_CALL_SECONDS = 30  # exercises with such calls have no mutants: each would take a minute


@dataclass(frozen=True)
class Survivor:
    """A mutant that passes every check but behaves differently; `example` is a call that shows it."""

    section: Section
    mutant: Mutant
    example: str
    explained: bool  # a comment in the check file names it


@dataclass(frozen=True)
class MutationResult:
    """The results of all mutants."""

    made: int
    killed: int
    equivalent: int
    survivors: list[Survivor]
    unnamed: list[tuple[Section, Mutant]]  # that checks fail and no diagnosis names, if they were asked for


def try_mutants(
    service: Service, sections: Sequence[Section], progress: Progress | None = None, diagnosed: bool = False
) -> MutationResult:
    """Grade every mutant of every exercise, and compare the survivors with the solution."""
    pairs = [(section, mutant) for section in sections for mutant in _mutants(section)]
    tasks = [_task(section, mutant, diagnosed) for section, mutant in pairs]
    reports = service.grade(tasks, progress)
    unnamed = [pair for pair, report in zip(pairs, reports, strict=True) if diagnosed and is_unnamed(report)]
    alive = [
        pair for pair, report in zip(pairs, reports, strict=True)
        if all(check.status is Status.PASSED for check in report.checks)
    ]  # fmt: skip
    survivors = [
        Survivor(section, mutant, example, _is_explained(section, mutant))
        for section, mutant, example in _differing(alive, usable_cores())
    ]
    return MutationResult(len(pairs), len(pairs) - len(alive), len(alive) - len(survivors), survivors, unnamed)


def is_unnamed(report: Report) -> bool:
    """Whether some check fails with a wrong answer, and no diagnosis says more than which kind of change or where."""
    wrong = [check for check in report.checks if check.status is Status.FAILED and not check.raised]
    said = {hint_key(check.diagnosis.mistake) for check in report.checks if check.diagnosis}
    return bool(wrong) and said <= {ALTERED, *PLACES}


def _mutants(section: Section) -> Iterator[Mutant]:
    long = {check.exercise for check in section.check_list if check.call_cpu_seconds >= LONG_CALL_SECONDS}
    for exercise in section.functions:
        if exercise not in long:
            yield from mutants_of(section, exercise)


def _task(section: Section, mutant: Mutant, diagnosed: bool) -> Task:
    submission = Submission(mutant.filename, Path(mutant.filename), mutant.source.encode())
    return Task(section, submission, Selection(exercises=(mutant.exercise,), alone=True, diagnosed=diagnosed))


def _is_explained(section: Section, mutant: Mutant) -> bool:
    return mutant.key in section.checks.read_text(encoding="utf-8")


# -- comparison with the solution


@dataclass(frozen=True)
class _Trials:
    """Some mutants of one exercise, to be compared with the solution on every `PARTS`-th input from number `part` on."""

    section: Section
    mutants: tuple[Mutant, ...]
    part: int


def _differing(alive: Sequence[tuple[Section, Mutant]], lanes: int) -> Iterator[tuple[Section, Mutant, str]]:
    """The mutants that behave differently from the solution, each with the first call that shows it."""
    groups: dict[tuple[Section, str], list[Mutant]] = {}
    for section, mutant in alive:
        groups.setdefault((section, mutant.exercise), []).append(mutant)
    trials = [_Trials(section, tuple(group), part) for (section, _), group in groups.items() for part in range(PARTS)]
    found: dict[Mutant, list[tuple[int, str]]] = {}
    with ProcessPoolExecutor(lanes, multiprocessing.get_context("fork")) as pool:
        for trial, differences in zip(trials, pool.map(_differences, trials), strict=True):
            for place, (number, example) in differences.items():
                found.setdefault(trial.mutants[place], []).append((number, example))
    for section, mutant in alive:
        if mutant in found:
            yield section, mutant, min(found[mutant])[1]


def _differences(trials: _Trials) -> dict[int, tuple[int, str]]:
    """By the place of each mutant that behaves differently: the number of the first such input, and the call."""
    section, exercise = trials.section, trials.mutants[0].exercise
    contract = contract_of(section)
    solution = contract.module
    others = {place: executed(one.source, f"mutant_{one.filename}") for place, one in enumerate(trials.mutants)}
    inputs = calls_of_checks(section, exercise, contract)
    if not inputs:
        unknown = "no input of the checks can be repeated: whether it differs is not known"
        return dict.fromkeys(others, (0, unknown))
    found: dict[int, tuple[int, str]] = {}
    with cpu_only():
        for number in range(trials.part, INPUTS, PARTS):
            chance = random.Random(number)
            exchange = inputs[number] if number < len(inputs) else _varied(chance.choice(inputs), chance)
            if exchange is None:
                continue
            expected = replayed(exchange, solution)
            for place in others.keys() - found.keys():
                if not agree(expected, replayed(exchange, others[place])):
                    found[place] = number, _shown(exchange)
            if len(found) == len(others):
                break
    return found


def calls_of_checks(section: Section, exercise: str, contract: Contract) -> list[Exchange]:
    """The calls that the checks of an exercise make."""
    load_profile()
    checks = section.module(f"test_{section.id}")
    written = [one for one in section.check_list if one.exercise == exercise and one.origin is Origin.WRITTEN]
    functions = [getattr(checks, f"test_{one.id}") for one in written]
    found = [exchange for check in functions for exchange in inputs_of(check, contract, INPUTS_PER_CHECK)]
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
    request = wire.Call(0, exchange.name, exchange.program, trees[0], trees[1], packer.arrays)
    return Exchange(exchange.name, request, b"".join(packer.chunks), packer.callbacks)


def _vary(item: Any, chance: random.Random) -> Any:
    """Another value of the same kind, often near the borders of the allowed range."""
    if isinstance(item, torch.Generator):
        return torch.Generator().manual_seed(chance.randrange(1 << 30))
    if isinstance(item, np.random.Generator):
        return np.random.default_rng(chance.randrange(1 << 30))
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
