"""Programs of every course: trusted loops that run in the worker, around a submission's functions: `student.run(program, ...)`.

A program takes the submission's namespace first. What it returns is plain data of the kind that its annotation promises; the
trusted process judges it. It runs beside student code, so nothing that it says is believed without a check. A course has
programs of its own in `checks/<room>/programs.py`.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from grader.toolkit.lazy_torch import torch

Program = Callable[..., Any]
_Program = TypeVar("_Program", bound=Program)
_LIMIT = "cpu_seconds"


def computes_for(seconds: float) -> Callable[[_Program], _Program]:
    """Give a program a limit of its own on computing time, below that of the calls of its check."""

    def limited(program: _Program) -> _Program:
        vars(program)[_LIMIT] = seconds
        return program

    return limited


def cpu_seconds_of(program: Program) -> float | None:
    """What a program may compute; None if as long as any call."""
    limit = getattr(program, _LIMIT, None)
    return None if limit is None else float(limit)


@contextmanager
def seeded(secret: int) -> Iterator[None]:
    """Inside the block, a secret sets torch's global random state; afterwards the old state is back."""
    before = torch.get_rng_state()
    torch.manual_seed(secret)
    try:
        yield
    finally:
        torch.set_rng_state(before)


def random_state_after(submission: Any, secret: int, function: str, *args: Any, **kwargs: Any) -> "torch.Tensor":
    """Seed torch's global generator with a secret, call a function, and return the state that it leaves."""
    with seeded(secret):
        result = getattr(submission, function)(*args, **kwargs)
        # A generator may draw only when it is asked for its items.
        if isinstance(result, Iterable) and not isinstance(result, torch.Tensor):
            for _, _item in zip(range(1000), result, strict=False):
                pass
        return torch.get_rng_state()
