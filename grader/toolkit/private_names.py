"""Private names of other libraries. No other module uses one, and a test for each fails when a library drops the name.

Every worker and every command may import this module, so each library is imported where a function needs it.
"""

import atexit
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from grader.toolkit.lazy_torch import is_imported

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from importlib.machinery import FileFinder
    from multiprocessing.process import BaseProcess

    from torch import Tensor

COMPILER = "torch._dynamo"
"""torch imports its compiler at the first use of torch.optim or torch.func, which takes a second: the zygote preloads it."""


def finish_threads_and_exit_handlers() -> None:
    """Do these parts of Python's own exit. The rest frees all that torch has made, which takes 0.15 s."""
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads, and wakes idle threads of pools
    atexit._run_exitfuncs()


def processes_of(pool: "ProcessPoolExecutor") -> "list[BaseProcess]":
    """The processes of a pool, to be killed: the pool itself can only wait for them."""
    return list((pool._processes or {}).values())  # None after shutdown


def stop_fork_server() -> None:
    """Kill the fork server: `multiprocessing` has no other way to stop it before all its imports are done."""
    if sys.platform != "linux":
        raise NotImplementedError("on Linux only")
    import os
    import signal
    from multiprocessing import forkserver

    server: Any = forkserver._forkserver  # type: ignore[attr-defined,unused-ignore]
    os.kill(server._forkserver_pid, signal.SIGKILL)
    server._stop()


def ignore_local_constants() -> None:
    """Keep hypothesis from trying constants of the modules that are loaded: another process would try other examples."""
    from hypothesis.internal.conjecture import providers

    if hasattr(providers, "_get_local_constants"):  # older versions have none
        providers._get_local_constants = type(providers.GLOBAL_CONSTANTS)


def folder_entries(finder: "FileFinder") -> set[str]:
    """The names of files that Python's import system remembers for a folder; the caller may remove some."""
    entries: set[str] = finder._path_cache  # type: ignore[attr-defined]
    return entries


def compile_as(function: Callable[..., Any], original: Callable[..., Any]) -> None:
    """Have torch.jit.script compile `original` wherever it meets `function`, which wraps it."""
    if not is_imported():
        return
    from torch.jit import _builtins

    function.__prepare_scriptable__ = lambda: original  # type: ignore[attr-defined]
    operator = _builtins._find_builtin(original)  # type: ignore[no-untyped-call]
    if operator is not None:
        _builtins._register_builtin(function, operator)


def changes_of(tensor: "Tensor") -> int:
    """How often a tensor was changed in place: a comparison of its content would take long. torch has no public count."""
    return int(tensor._version)


def _accelerators() -> tuple[Any, ...]:
    """Modules of torch whose `_lazy_call` stores a call for a device, until there is one; none without torch."""
    if not is_imported():
        return ()
    import torch.cuda.random
    import torch.mtia
    import torch.xpu.random

    return torch.cuda.random, torch.xpu.random, torch.mtia


def _ignore(*_: Any, **__: Any) -> None:
    return None


def seed_cpu_only() -> None:
    """Let `torch.manual_seed` seed the CPU only, in this process and its forks.

    Otherwise each call stores a traceback for each kind of accelerator. That takes 0.2 ms and some kilobytes, and more in a
    worker, which cannot read the files that the traceback names.
    """
    for module in _accelerators():
        module._lazy_call = _ignore


@contextmanager
def cpu_only() -> Iterator[None]:
    """As `seed_cpu_only`, inside the block."""
    modules = _accelerators()
    real = [module._lazy_call for module in modules]
    seed_cpu_only()
    try:
        yield
    finally:
        for module, call in zip(modules, real, strict=True):
            module._lazy_call = call
