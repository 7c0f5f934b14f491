"""The traces of code in a process: removed where that is simple and sure; otherwise the process serves no more."""

import builtins
import decimal
import gc
import linecache
import math
import os
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import numpy as np

from grader.toolkit.lazy_torch import is_imported, torch
from grader.toolkit.private_names import changes_of

_MEMORY = 512 << 20  # bytes: how much more than at the start a process may have held
_LIBRARIES = (builtins, math, os, random, time, np, np.random)


def _watched() -> tuple[Any, ...]:
    """The modules and classes whose functions a submission could replace."""
    if not is_imported():
        return _LIBRARIES
    modules = ("torch", "torch.nn", "torch.nn.functional", "torch.optim", "torch.linalg")
    classes = (torch.Tensor, torch.nn.Module, torch.nn.Parameter, torch.Generator)
    return (*_LIBRARIES, *(sys.modules[name] for name in modules), *classes)


class ProcessState:
    """The state of this process before any submission; `course` are the names of the course's modules."""

    def __init__(self, course: Iterable[str]) -> None:
        self._modules = dict(sys.modules)
        self._course = [sys.modules[name] for name in course]
        self._meta_path, self._path = list(sys.meta_path), list(sys.path)
        self._lines = set(linecache.cache)
        self._filters = list(warnings.filters)
        self._settings = _settings()
        self._functions = {owner: _functions_of(owner) for owner in _watched()}
        self._values = [_values_of(module) for module in self._course]
        self._memory = _most_memory() + _MEMORY

    def restore(self) -> str:
        """Remove the traces of a submission. What cannot be removed, in words; "" if all was."""
        self._set_back()
        if left := self._changed():
            return left
        self._remove_modules()
        sys.meta_path[:], sys.path[:] = self._meta_path, self._path
        for name in [name for name in linecache.cache if name not in self._lines]:
            del linecache.cache[name]
        self._show_warnings_again()
        for value in [value for module in self._course for value in vars(module).values()]:
            if hasattr(value, "cache_clear"):
                value.cache_clear()
        gc.collect()
        return "" if _most_memory() < self._memory else "it has held much memory"

    def _set_back(self) -> None:
        """A line at the top of a file sets these for every check: a fresh process for each would take minutes."""
        now = _settings()
        for name, set_back in _setters().items():
            if now[name] != self._settings[name]:
                set_back(self._settings[name])

    def _changed(self) -> str:
        for name, value in _settings().items():
            if value != self._settings[name]:
                return f"a setting is changed: {name}"
        for name, module in self._modules.items():
            if sys.modules.get(name) is not module:
                return f"a module is replaced: {name}"
        for owner, kept in self._functions.items():
            for name, value in kept.items():
                if vars(owner).get(name) is not value:
                    return f"a function is replaced: {owner.__name__}.{name}"
        for module, values in zip(self._course, self._values, strict=True):
            if _values_of(module) != values:
                return f"a value is changed in {module.__name__}"
        return ""

    def _remove_modules(self) -> None:
        """Forget the submission's module and those that it made itself; libraries that it has imported may stay."""
        for name, module in list(sys.modules.items()):
            if name not in self._modules and getattr(module, "__spec__", None) is None:
                del sys.modules[name]

    def _show_warnings_again(self) -> None:
        """Python shows a warning once for each place in a file. Entering and leaving this block makes it forget where it has."""
        with warnings.catch_warnings():
            pass
        warnings.filters[:] = self._filters  # type: ignore[index]


def _settings() -> dict[str, Any]:
    """All that can be set for the whole process, as far as functions of a course depend on it."""
    return {
        **(_settings_of_torch() if is_imported() else {}),
        "errors of numpy": np.geterr(),
        "how numpy prints": np.get_printoptions(),
        "precision of decimals": decimal.getcontext().prec,
        "garbage collection": (gc.isenabled(), gc.get_threshold()),
        "recursion limit": sys.getrecursionlimit(),
        "tracing": (sys.gettrace(), sys.getprofile()),
        "threads": threading.active_count(),
        "signal handlers": [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGABRT)],
        "working directory": os.getcwd(),
        "environment": dict(os.environ),
    }


def _settings_of_torch() -> dict[str, Any]:
    return {
        "grad mode": torch.is_grad_enabled(),
        "inference mode": torch.is_inference_mode_enabled(),
        "anomaly detection": torch.is_anomaly_enabled(),
        "deterministic algorithms": torch.are_deterministic_algorithms_enabled(),
        "warnings of torch": torch.is_warn_always_enabled(),
        "default dtype": torch.get_default_dtype(),
        "default device": torch.get_default_device(),
        "threads of torch": torch.get_num_threads(),
        "how torch prints": str(torch.tensor([1 / 3, 12345.0])),
    }


def _setters() -> dict[str, Callable[[Any], Any]]:
    """How to set some of these settings."""
    return {
        **(_setters_of_torch() if is_imported() else {}),
        "errors of numpy": lambda errors: np.seterr(**errors),
        "how numpy prints": lambda options: np.set_printoptions(**options),
        "recursion limit": sys.setrecursionlimit,
    }


def _setters_of_torch() -> dict[str, Callable[[Any], Any]]:
    return {
        "default dtype": torch.set_default_dtype,
        "threads of torch": torch.set_num_threads,
        "how torch prints": lambda _: torch.set_printoptions(profile="default"),  # type: ignore[no-untyped-call]
    }


def _functions_of(owner: ModuleType | type) -> dict[str, Any]:
    return {name: value for name, value in vars(owner).items() if callable(value)}


def _values_of(module: ModuleType) -> list[Any]:
    """The parts that change if a value of a course's module is replaced, or changed in place."""
    return [(name, id(value), _content(value)) for name, value in vars(module).items() if not name.startswith("__")]


def _content(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return changes_of(value), value.requires_grad
    if isinstance(value, list | dict | set):
        return repr(value)
    return value.tobytes() if isinstance(value, np.ndarray) else None


def _most_memory() -> int:
    """The most memory that this process has held so far, in bytes; 0 where the platform does not tell."""
    if sys.platform == "win32":
        return 0
    if sys.platform == "linux":  # the other count starts with the peak of the parent
        with open("/proc/self/status", "rb") as file:
            return int(file.read().partition(b"VmHWM:")[2].split(maxsplit=1)[0]) << 10
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most << 10
