"""Values as a student reads them: short, aligned, and never more than a few numbers."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.toolkit.text import one_line, plural
from grader.toolkit.verdicts import Opaque

ENTRIES_SHOWN = 8
_DTYPE_SHOWN = {torch.float32: "float32", torch.float16: "float16", torch.bool: "bool", torch.complex64: "complex64"}


def kind_of(value: Any) -> str:
    """Say what a value is, not what it holds: "a tensor of shape (2, 3)", "a list of 4"."""
    if isinstance(value, Opaque):
        return one_line(value.description)
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)} and dtype {str(value.dtype).removeprefix('torch.')}"
    if isinstance(value, np.ndarray):
        return f"a numpy array of shape {value.shape} and dtype {value.dtype}"
    if value is None:
        return "None"
    if isinstance(value, list | tuple | dict):
        return f"a {type(value).__name__} of {len(value)}"
    return f"{'an' if type(value) is int else 'a'} {type(value).__name__}"


def number(value: float, digits: int = 4) -> str:
    """Format a number with `digits` decimals, or in scientific notation where these would hide it."""
    if math.isnan(value) or math.isinf(value):
        return str(value)
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.{digits}f}"
    return f"{value:.{digits}g}" if digits > 6 else f"{value:.{digits}e}"


def entry(value: Any, digits: int = 4) -> str:
    """Format one element of a tensor."""
    if isinstance(value, bool | int | np.integer | np.bool_):
        return str(value)
    if isinstance(value, complex):
        return f"{number(value.real, digits)}{'+' if value.imag >= 0 else '-'}{number(abs(value.imag), digits)}j"
    return number(float(value), digits)


def value(item: Any, digits: int | None = None) -> str:
    """Format a value; tensors as nested lists of at most `ENTRIES_SHOWN` numbers."""
    if isinstance(item, Tensor):
        return _tensor(item.detach(), digits)
    if isinstance(item, np.ndarray):
        return f"array({_nested(item.tolist(), digits)})" if item.size <= ENTRIES_SHOWN else kind_of(item)
    if isinstance(item, bool | int | None.__class__):
        return str(item)
    if isinstance(item, float):
        return repr(item) if digits is None else number(item, digits)
    if isinstance(item, str):
        return one_line(repr(item), 80)
    if isinstance(item, Opaque):
        return one_line(item.description)
    if isinstance(item, list | tuple):
        return _sequence(item, digits)
    if isinstance(item, dict):
        return "{" + ", ".join(f"{one_line(k, 40)}: {value(v, digits)}" for k, v in list(item.items())[:4]) + "}"
    if isinstance(item, torch.Generator):
        return f"generator with seed {item.initial_seed()}"
    return _named(item, digits)


def _named(item: Any, digits: int | None) -> str:
    """A problem with its fields, or a function."""
    fields = getattr(item, "__dataclass_fields__", None)
    if fields is None:
        return one_line(str(getattr(item, "__name__", type(item).__name__)), 60)
    inside = ", ".join(f"{name}={value(getattr(item, name), digits)}" for name in fields)
    return f"{type(item).__name__}({inside})"


def _sequence(items: Sequence[Any], digits: int | None) -> str:
    if len(items) == 1 and isinstance(items[0], Tensor):
        return value(items[0], digits)  # a list of one tensor: its brackets would only be noise
    shown = ", ".join(value(item, digits) for item in items[:ENTRIES_SHOWN])
    more = f", … ({plural(len(items), 'item')})" if len(items) > ENTRIES_SHOWN else ""
    return f"({shown}{more})" if isinstance(items, tuple) else f"[{shown}{more}]"


def _tensor(tensor: Tensor, digits: int | None) -> str:
    suffix = f" {_DTYPE_SHOWN[tensor.dtype]}" if tensor.dtype in _DTYPE_SHOWN else ""
    if tensor.numel() == 0 or (tensor.numel() > ENTRIES_SHOWN and tensor.dim() > 1):
        return f"tensor of shape {tuple(tensor.shape)}{suffix}"
    if tensor.numel() > ENTRIES_SHOWN:
        return f"{_nested(tensor[:ENTRIES_SHOWN].tolist(), digits)[:-1]}, … ({tensor.numel()} numbers)]{suffix}"
    return _nested(tensor.tolist(), digits) + suffix


def _nested(items: Any, digits: int | None) -> str:
    if isinstance(items, list):
        return "[" + ", ".join(_nested(item, digits) for item in items) + "]"
    if digits is None and isinstance(items, float):
        return f"{items:.6g}" if items != int_or_nan(items) else f"{items:.1f}"
    return entry(items, 4 if digits is None else digits)


def int_or_nan(number_: float) -> float:
    """The nearest whole number, or NaN for what has none or is too long to write out."""
    return float(round(number_)) if math.isfinite(number_) and abs(number_) < 1e6 else math.nan
