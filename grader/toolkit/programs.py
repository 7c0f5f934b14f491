"""Trusted loops that run in the worker, around a submission's own functions: `student.run(program, ...)`.

A program takes the submission's namespace first; what it returns is plain data, judged by the trusted process. It runs
where student code runs, so nothing that it says is believed without being checked.
"""

import sys
from collections.abc import Callable
from typing import Any

import torch

Program = Callable[..., Any]


def find(name: str) -> Program:
    """Return the program called `name`."""
    program = getattr(sys.modules[__name__], name, None)
    if not callable(program) or getattr(program, "__module__", None) != __name__:
        raise LookupError(f"there is no program {name}")
    return program  # type: ignore[no-any-return]


def global_random_state(submission: Any, function: str, *args: Any, **kwargs: Any) -> bool:
    """Call a function and tell whether it left torch's global random state as it found it."""
    before = torch.get_rng_state()
    getattr(submission, function)(*args, **kwargs)
    return torch.equal(before, torch.get_rng_state())
