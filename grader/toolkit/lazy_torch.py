"""torch, for an engine that works without it: `from grader.toolkit.lazy_torch import torch`, in place of `import torch`.

A course in numpy imports no torch, and pays nothing for it. So no module of the engine imports torch at its top. `torch` here
stands for the module: `isinstance(value, torch.Tensor)` asks the real class if torch is imported, and is false if it is not,
since nothing can be a tensor then. Only what makes a tensor imports torch.
"""

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

NAME = "torch"


class _NoTensor:
    """Every class of torch while torch is not imported: nothing is an instance of it."""


_CLASSES: dict[str, Any] = {
    **dict.fromkeys(("Tensor", "Generator", "dtype"), _NoTensor),
    "nn": SimpleNamespace(Parameter=_NoTensor, Module=_NoTensor),
    "optim": SimpleNamespace(Optimizer=_NoTensor),
}


class _Torch:
    """Looks names up in torch when they are used."""

    def __getattr__(self, name: str) -> Any:
        if name in _CLASSES and not is_imported():
            return _CLASSES[name]
        import torch as real

        value = getattr(real, name)
        vars(self)[name] = value  # so that the next look takes no longer than one into the module
        return value


def is_imported() -> bool:
    """Whether this process has imported torch, so that there may be tensors."""
    return sys.modules.get(NAME) is not None


def import_it() -> None:
    """Import torch, for a process whose course uses it, and use one thread."""
    import numpy  # noqa: F401  # before torch, which imports it where an interrupt is lost
    import torch as real

    real.set_num_threads(1)


if TYPE_CHECKING:
    import numpy as np
    import torch as torch
else:
    torch = _Torch()


def as_array(value: Any) -> "np.ndarray":
    """The numbers of a tensor or array as an array of numpy, without a copy where that is possible; an array as it is."""
    plain: np.ndarray = value
    if isinstance(value, torch.Tensor):
        plain = value.detach().resolve_conj().resolve_neg().numpy()
    return plain
