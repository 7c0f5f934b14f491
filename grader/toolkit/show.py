"""Format values for students: short, and with at most a few numbers."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.toolkit.generators import code_of, is_generator
from grader.toolkit.lambdas import text_of
from grader.toolkit.lazy_torch import torch
from grader.toolkit.text import number_text, one_line, plural
from grader.toolkit.verdicts import Opaque

ENTRIES_SHOWN = 8
ENTRIES_OF_AN_ARGUMENT = 24  # if they fit
_DTYPES_SHOWN = frozenset({"float32", "float16", "bool", "complex64", "uint8"})


class Said(str):
    """Words to show instead of an argument."""


def kind_of(value: Any) -> str:
    """The type and size of a value: "a tensor of shape (2, 3)", "a list of 4"."""
    if isinstance(value, Opaque):
        return one_line(value.description)
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)} and dtype {str(value.dtype).removeprefix('torch.')}"
    if isinstance(value, np.ndarray):
        return f"a numpy array of shape {value.shape} and dtype {value.dtype}"
    if value is None:
        return "None"
    if isinstance(value, list | tuple | dict | set | frozenset):
        return f"a {type(value).__name__} of {len(value)}"
    return f"{'an' if type(value) is int else 'a'} {type(value).__name__}"


def entry(value: Any, digits: int = 4) -> str:
    """Format one element of a tensor."""
    if isinstance(value, bool | int | np.integer | np.bool_):
        return str(value)
    if isinstance(value, complex):
        return (
            f"{number_text(value.real, digits)}{'+' if value.imag >= 0 else '-'}{number_text(abs(value.imag), digits)}j"
        )
    return number_text(float(value), digits)


def value(item: Any, digits: int | None = None) -> str:
    """Format a value; tensors as nested lists of at most `ENTRIES_SHOWN` numbers."""
    if isinstance(item, torch.Tensor):
        return _tensor(item.detach(), digits)
    if isinstance(item, np.ndarray):
        return _array(item, digits) if item.size <= ENTRIES_SHOWN else kind_of(item)
    if isinstance(item, bool | int | None.__class__):
        return str(item)
    if isinstance(item, float):
        return _brief(item) if digits is None else number_text(item, digits)
    if isinstance(item, str):
        return one_line(repr(item), 80)
    if isinstance(item, Opaque):
        return one_line(item.description)
    if isinstance(item, list | tuple):
        return _sequence(item, digits)
    if isinstance(item, complex):
        return entry(item, 4 if digits is None else digits)
    if isinstance(item, set | frozenset):
        return _set(item, digits)
    if isinstance(item, dict):
        more = ", …" if len(item) > 4 else ""
        return "{" + ", ".join(f"{value(k)}: {value(v, digits)}" for k, v in list(item.items())[:4]) + more + "}"
    if is_generator(item):
        return code_of(item)
    return _named(item, digits)


def brief(item: Any, limit: int) -> str:
    """Format an argument; if that takes more than `limit` characters, show only the shapes of its tensors."""
    if isinstance(item, torch.Tensor) and 0 < item.numel() <= ENTRIES_OF_AN_ARGUMENT:
        text = _nested(item.detach().tolist(), None) + _suffix(item)
    elif isinstance(item, np.ndarray) and 0 < item.size <= ENTRIES_OF_AN_ARGUMENT:
        text = _array(item, None)
    else:
        text = value(item)
    return text if len(text) <= limit else one_line(_outlined(item), 2 * limit)


def _array(array: np.ndarray, digits: int | None) -> str:
    """An array as numpy writes it, with its dtype if that is unusual; in a comparison, both dtypes are the same."""
    name = str(array.dtype)
    dtype = f", dtype={name}" if name in _DTYPES_SHOWN and name != "bool" and not digits else ""
    return f"array({_nested(array.tolist(), digits)}{dtype})"


def _outlined(item: Any) -> str:
    """A value with shapes in place of tensors and arrays."""
    if isinstance(item, np.ndarray) and item.ndim:
        return kind_of(item).removeprefix("a ")
    if isinstance(item, torch.Tensor) and item.dim():
        return f"tensor of shape {tuple(item.shape)}{_suffix(item)}"
    if isinstance(item, list | tuple) and item:
        shown = ", ".join(_outlined(one) for one in item[:ENTRIES_SHOWN]) + (", …" if len(item) > ENTRIES_SHOWN else "")
        return f"({shown})" if isinstance(item, tuple) else f"[{shown}]"
    if isinstance(item, dict):
        return "{" + ", ".join(f"{value(k)}: {_outlined(v)}" for k, v in list(item.items())[:ENTRIES_SHOWN]) + "}"
    return value(item)


def _named(item: Any, digits: int | None) -> str:
    """A problem by its `str` or its fields; a function by its docstring or name."""
    if any("__str__" in vars(kind) for kind in type(item).__mro__[:-1]):
        return one_line(str(item))
    fields = getattr(item, "__dataclass_fields__", None)
    if fields is None:
        return _function(item)
    inside = ", ".join(f"{name}={value(getattr(item, name), digits)}" for name in fields)
    return f"{type(item).__name__}({inside})"


def _function(item: Any) -> str:
    """The first line of the docstring of a check's function, the text of its lambda; the name of any other."""
    module = getattr(item, "__module__", None) or ""
    if "test_section" in module and getattr(item, "__name__", "") == "<lambda>" and (text := text_of(item)):
        return one_line(text, 80)
    if "test_section" in module and item.__doc__:
        return one_line(item.__doc__.strip().splitlines()[0].rstrip("."))
    return one_line(str(getattr(item, "__name__", type(item).__name__)), 60)


def _sequence(items: Sequence[Any], digits: int | None) -> str:
    if len(items) == 1 and isinstance(items[0], torch.Tensor) and items[0].numel() == 1:
        return value(items[0], digits)  # a list of one number: brackets would distract
    shown = ", ".join(value(item, digits) for item in items[:ENTRIES_SHOWN])
    more = f", … ({plural(len(items), 'item')})" if len(items) > ENTRIES_SHOWN else ""
    if isinstance(items, tuple):
        return f"({shown},)" if len(items) == 1 else f"({shown}{more})"
    return f"[{shown}{more}]"


def _set(items: set[Any] | frozenset[Any], digits: int | None) -> str:
    """A set in an order that no hash decides."""
    shown = sorted(value(item, digits) for item in items)
    more = f", … ({plural(len(items), 'item')})" if len(items) > ENTRIES_SHOWN else ""
    inside = ", ".join(shown[:ENTRIES_SHOWN]) + more
    if not items:
        return f"{type(items).__name__}()"
    return f"{{{inside}}}" if isinstance(items, set) else f"frozenset({{{inside}}})"


def _suffix(tensor: torch.Tensor) -> str:
    """The dtype, if it is unusual, and whether the memory is not contiguous."""
    name = str(tensor.dtype).removeprefix("torch.")
    dtype = f" {name}" if name in _DTYPES_SHOWN else ""
    return dtype if tensor.is_contiguous() else f"{dtype} (not contiguous)"


def _tensor(tensor: torch.Tensor, digits: int | None) -> str:
    suffix = "" if digits else _suffix(tensor)  # in a comparison, both are the same
    if tensor.numel() == 0 or (tensor.numel() > ENTRIES_SHOWN and tensor.dim() > 1):
        return f"tensor of shape {tuple(tensor.shape)}{suffix}"
    if tensor.numel() > ENTRIES_SHOWN:
        return f"{_nested(tensor[:ENTRIES_SHOWN].tolist(), digits)[:-1]}, … ({tensor.numel()} numbers)]{suffix}"
    return _nested(tensor.tolist(), digits) + suffix


def _nested(items: Any, digits: int | None) -> str:
    if isinstance(items, list):
        return "[" + ", ".join(_nested(item, digits) for item in items) + "]"
    if digits is None and isinstance(items, float):
        return _brief(items)
    return entry(items, 4 if digits is None else digits)


def _brief(item: float) -> str:
    """A number in an argument: six digits, or ten if six would show a whole number that it is not."""
    text = f"{item:.6g}"
    if math.isfinite(item) and float(text) == round(item) != item:
        text = f"{item:.10g}"
    return f"{text}.0" if text.lstrip("-").isdigit() else text
