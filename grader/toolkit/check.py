"""The `@check` decorator: what makes a pytest function earn points.

A check passes and earns its points, or raises and earns none; `closeness.expect_share` awards a part of them. A check file may
name modules for the sandbox to import before any worker starts: `PRELOAD = ("torch._dynamo",)` where all submissions use
`torch.optim`, whose first use costs a second.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pytest

MARK = "check"
SCRATCH_LIMIT = 256  # MiB
Function = TypeVar("Function", bound=Callable[..., object])


@dataclass(frozen=True)
class CheckMark:
    """What a check declares: the exercise that it is about, and what it is worth.

    `needs` names checks (without `test_`) of the same section, or exercises: unless they pass, this check is not run and
    earns nothing. An exercise passes for this purpose when those of its checks pass that need none of their own exercise.
    `call_cpu_seconds` is for calls that take longer than most, `scratch_mib` the size (MiB) of a folder, empty and in memory, for
    functions that write files: it is where their process stands, and where its temporary files go. Without, it can write none.
    """

    exercise: str
    points: float
    needs: tuple[str, ...]
    hidden: bool
    call_cpu_seconds: float | None
    scratch_mib: int


def check(
    exercise: str,
    *,
    points: float,
    needs: Sequence[str] = (),
    hidden: bool = False,
    call_cpu_seconds: float | None = None,
    scratch_mib: int = 0,
) -> Callable[[Function], Function]:
    """Declare a check of `exercise`, worth `points`; the first line of its docstring is the title that a student sees.

    The function takes the fixtures `student` and `reference`, `note` to add a line to the report, and `once` for what several
    checks judge and only one should compute. Put `@given` below.
    """
    if points <= 0:
        raise ValueError(f"a check of {exercise} must be worth more than {points} points")
    if scratch_mib not in range(SCRATCH_LIMIT + 1):
        raise ValueError(
            f"a check of {exercise} may ask for a folder of 0 to {SCRATCH_LIMIT} MiB, in whole MiB, not {scratch_mib}"
        )
    if isinstance(needs, str):
        raise TypeError(f"needs={needs!r}: write a tuple of names")
    mark = CheckMark(exercise, float(points), tuple(needs), hidden, call_cpu_seconds, scratch_mib)

    def decorate(function: Function) -> Function:
        if not function.__doc__:
            raise ValueError(f"{function.__name__} needs a docstring: its first line is what the student sees")
        decorated: Function = pytest.mark.check(mark)(function)
        return decorated

    return decorate
