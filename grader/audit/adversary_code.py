"""The code of adversaries. The audit puts this text into submissions; it runs only in workers."""

import copy
import functools
import inspect
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import ModuleType
from typing import Any

import numpy as np

from grader.toolkit.lazy_torch import torch

REACH = 2000  # objects
HUGE_LABEL = 2**44
_TRUSTED = ("grader.toolkit", "course_")  # modules of problems and programs


def frames() -> Iterator[dict[str, Any]]:
    """The local variables of every caller, the nearest first."""
    frame = sys._getframe(1)
    while frame is not None:
        yield frame.f_locals
        frame = frame.f_back  # type: ignore[assignment]


def within(*values: Any) -> Iterator[Any]:
    """Some values and all objects that they reach, the nearest first, each once."""
    seen: set[int] = set()
    todo = deque(values)
    while todo and len(seen) < REACH:
        value = todo.popleft()
        if id(value) not in seen and not isinstance(value, str | int | float | type | ModuleType | None.__class__):
            seen.add(id(value))
            yield value
            todo.extend(_inside(value))


def _inside(value: Any) -> list[Any]:
    if isinstance(value, list | tuple | set):
        return list(value)
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, torch.nn.Module):
        return [*value.parameters(), *value.buffers()]
    if isinstance(value, torch.Tensor | np.ndarray) or not hasattr(value, "__dict__"):
        return []
    return list(vars(value).values())


def overwrite(number: float, *places: Any) -> None:
    """Fill every reachable array, and its gradient."""
    for value in within(*places):
        with suppress(Exception):
            if isinstance(value, torch.Tensor):
                with torch.no_grad():
                    value.data.fill_(number if value.is_floating_point() else _whole(number))
                    if value.grad is not None:
                        value.grad.data.fill_(number)
            elif isinstance(value, np.ndarray):
                value.fill(number if value.dtype.kind == "f" else _whole(number))


def _whole(number: float) -> int:
    return HUGE_LABEL if number > 1 else 0


def spoilt(value: Any, number: float) -> Any:
    """The result with every number in it replaced."""
    if isinstance(value, Iterator):
        return iter([spoilt(item, number) for item in value])
    if isinstance(value, list | tuple):
        return type(value)([spoilt(item, number) for item in value])
    if isinstance(value, dict):
        return {key: spoilt(item, number) for key, item in value.items()}
    if isinstance(value, torch.Tensor):
        return torch.full_like(value, number if value.is_floating_point() else _whole(number))
    if isinstance(value, np.ndarray):
        return np.full_like(value, number if value.dtype.kind in "fc" else _whole(number))
    if isinstance(value, str):
        return ""
    if isinstance(value, bool):
        return not value
    if not isinstance(value, int | float):
        return value
    return _whole(number) if isinstance(value, int) else number


def vandal(right: Callable[..., Any], number: float) -> Callable[..., Any]:
    """Calls `right`, then replaces every number within reach: in the result, the arguments and the variables of all callers."""

    @functools.wraps(right)
    def called(*args: Any, **kwargs: Any) -> Any:
        result = spoilt(right(*args, **kwargs), number)
        overwrite(number, result, args, kwargs, *frames())
        return result

    return called


def starved(right: Callable[..., Any], error: type[Exception]) -> Callable[..., Any]:
    """Overwrites all that it can reach, then claims that the machine has no memory, to get a retry."""

    @functools.wraps(right)
    def called(*args: Any, **kwargs: Any) -> Any:
        overwrite(float("nan"), args, kwargs, *frames())
        raise error("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory")

    return called


def reader(right: Callable[..., Any]) -> Callable[..., Any]:
    """Answers only with values in reach: variables of the callers, fields of its arguments and results of their methods.

    It takes the value that equals the right answer; without such a value, it returns zeros.
    """

    @functools.wraps(right)
    def called(*args: Any, **kwargs: Any) -> Any:
        given = [*args, *kwargs.values()]
        found = [value for place in frames() for value in _lying_about(place, given)]
        answer = right(*_copied(args), **_copied(kwargs))
        if isinstance(answer, Iterator):
            return iter(())
        plain = isinstance(answer, torch.Tensor | np.ndarray | list | tuple | dict | int | float | str)
        return next((value for value in found if _is(value, answer)), spoilt(answer, 0.0) if plain else None)

    return called


def _copied(value: Any) -> Any:
    """A copy of arguments, for functions that work in place."""
    if isinstance(value, list | tuple):
        return type(value)([_copied(item) for item in value])
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, torch.Generator):
        return torch.Generator().set_state(value.get_state())
    if isinstance(value, np.random.Generator):
        return copy.deepcopy(value)
    if isinstance(value, torch.Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    own = torch.nn.Module | torch.optim.Optimizer | np.ndarray
    return copy.deepcopy(value) if isinstance(value, own) else value


def _lying_about(place: dict[str, Any], given: list[Any]) -> Iterator[Any]:
    tensors = [value for value in given if isinstance(value, torch.Tensor)]
    for name, value in list(place.items()):
        if name in ("given", "args", "kwargs", "found", "place"):
            continue
        for thing in [value, *_inside(value)][:REACH]:
            if not any(thing is one for one in given):
                yield thing
        for attribute in () if isinstance(value, torch.Tensor | torch.nn.Module) else dir(value):
            method = None if attribute.startswith("_") else getattr(value, attribute, None)
            if inspect.ismethod(method) and type(value).__module__.startswith(_TRUSTED):
                for arguments in ((), *((tensor,) for tensor in tensors)):
                    with suppress(Exception):
                        yield method(*arguments)


def _is(value: Any, answer: Any) -> bool:
    if type(value) is not type(answer) or isinstance(answer, bool | None.__class__ | str):
        return False
    if isinstance(answer, torch.Tensor):
        return bool(value.shape == answer.shape and torch.allclose(value.double(), answer.double()))
    if isinstance(answer, np.ndarray):
        return bool(value.shape == answer.shape and np.array_equal(value, answer))
    if isinstance(answer, float):
        return bool(abs(value - answer) <= 1e-9 * abs(answer))
    return isinstance(answer, int | list | tuple) and str(value) == str(answer)


def forgetful(right: Callable[..., Any]) -> Callable[..., Any]:
    """Answers each call with an argument of the call before."""
    remembered: list[Any] = []

    @functools.wraps(right)
    def called(*args: Any, **kwargs: Any) -> Any:
        remembered.append([*args, *kwargs.values()])
        return remembered[-2][0] if len(remembered) > 1 else 0.0

    return called


def claim_success() -> None:
    """Replace the programs of the worker, and its search for changed arguments, by functions that claim success."""
    for name, module in list(sys.modules.items()):
        if name.startswith(_TRUSTED) and name.endswith(".programs"):
            for entry, value in list(vars(module).items()):
                if inspect.isfunction(value) and value.__module__ == name:
                    setattr(module, entry, _claiming(value))
        for word in ("effects", "changes"):
            if name.startswith("grader.") and hasattr(module, word):
                setattr(module, word, lambda *args, **kwargs: [])
    with suppress(Exception):
        watch = sys.modules["grader.sandbox.calls.side_effects"]
        quiet = watch.SideEffects([], [], True)
        watch.ArgumentSnapshot.effects = lambda self: quiet
    libraries: list[Any] = [np, *([sys.modules["torch"]] if "torch" in sys.modules else [])]
    for library in libraries:
        library.equal = library.allclose = lambda *args, **kwargs: True


def _claiming(program: Callable[..., Any]) -> Callable[..., Any]:
    """A program that runs nothing, and returns its first argument of the promised type, or True."""
    wanted = str(inspect.signature(program).return_annotation)

    @functools.wraps(program)
    def claimed(submission: Any, *args: Any, **kwargs: Any) -> Any:
        given = [*args, *kwargs.values()]
        tensors: list[Any] = [value for value in given if isinstance(value, torch.Tensor)]
        lists: list[Any] = [value for value in given if isinstance(value, list)]
        if "bool" in wanted and "tuple" not in wanted:
            return True
        if "float" in wanted and "list" not in wanted:
            return 1.0
        if "tuple" in wanted:
            return (*lists, *tensors, True)
        return (lists or [[]])[0] if "list" in wanted else (tensors or [None])[0]

    return claimed
