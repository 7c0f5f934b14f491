"""Trusted loops that run in the worker, around a submission's own functions: `student.run(program, ...)`; a module per subject.

A program takes the submission's namespace first; what it returns is plain data, judged by the trusted process, and of the kind
that its annotation promises. It runs where student code runs, so nothing that it says is believed without being checked.
Every function defined in a module of this package is one.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any, TypeVar

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


# All are imported at once: the worker cannot read a file later.
_MODULES = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]


def find(name: str) -> Program:
    """Return the program called `name`."""
    for module in _MODULES:
        program = vars(module).get(name)
        if inspect.isfunction(program) and program.__module__ == module.__name__:
            return program
    raise LookupError(f"there is no program {name}")
