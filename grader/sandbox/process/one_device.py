"""Let `torch.manual_seed` seed the CPU only, which is all that there is here.

For each kind of accelerator it would keep the call, and a traceback of it, until the day that there is one: a fifth of a
millisecond and some kilobytes every time, and more in a worker, where the files that the traceback names cannot be looked at.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch.cuda.random
import torch.mtia
import torch.xpu.random

_MODULES: tuple[Any, ...] = (torch.cuda.random, torch.xpu.random, torch.mtia)  # each has its own `_lazy_call`


def _forget(*_: Any, **__: Any) -> None:
    return None


def keep_to_one_device() -> None:
    """From now on, as long as this process and its forks live."""
    for module in _MODULES:
        module._lazy_call = _forget


@contextmanager
def one_device() -> Iterator[None]:
    """For a time, as in a process that others use too."""
    real = [getattr(module, "_lazy_call", _forget) for module in _MODULES]
    keep_to_one_device()
    try:
        yield
    finally:
        for module, call in zip(_MODULES, real, strict=True):
            module._lazy_call = call
