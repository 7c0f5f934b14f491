"""What checks hand to a submission besides numbers: objectives, losses, models; a module per kind.

Problems are frozen data classes of tensors, numbers and other problems, so that the worker can rebuild them from plain data.
They know no answer beyond their own definition. Every data class defined in a module of this package is one.
"""

import dataclasses
import importlib
import pkgutil
from typing import Any

# All are imported at once: the worker cannot read a file later.
_MODULES = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]


def is_problem(value: Any) -> bool:
    """Tell whether `value` is an instance of one of this package's classes."""
    return dataclasses.is_dataclass(value) and type(value).__module__.startswith(f"{__name__}.")


def make(name: str, fields: dict[str, Any]) -> Any:
    """Rebuild a problem from its class's name and its fields."""
    for module in _MODULES:
        kind = vars(module).get(name)
        if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind.__module__ == module.__name__:
            return kind(**fields)
    raise LookupError(f"there is no problem {name}")
