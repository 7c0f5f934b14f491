"""Values of a check as Python text, for a script that a student runs without the grader."""

import dataclasses
import math
from collections.abc import Iterable, Mapping
from types import FunctionType
from typing import Any

import numpy as np

from grader.diagnosis.function_text import NotAloneError, imported_as, is_of_checks, maker, text_of
from grader.toolkit.generators import code_of, is_generator, state_of
from grader.toolkit.lazy_torch import torch
from grader.toolkit.travelling import travels

WRITTEN_OUT = 64
"""Numbers of an array that are written out; a larger one goes to a file beside the script."""
LARGEST_NUMBER = 10**6
"""A larger whole number around a function may be a secret of the check."""
_DEFAULT = ("torch.float32", "torch.int64", "torch.bool")


class NotWritableError(Exception):
    """A call cannot be written as Python text: the message says why."""


class PythonText:
    """Writes values as expressions. Large arrays are gathered in `stored`, and classes of problems in `classes`.

    `functions` are the texts that make functions of the check, by name, and `imports` what these need. `names` are variables for
    objects that several arguments share, by id.
    """

    def __init__(self) -> None:
        self.stored: dict[str, np.ndarray] = {}
        self.classes: set[tuple[str, str]] = set()
        self.functions: dict[str, str] = {}
        self.imports: set[str] = set()
        self.names: dict[int, str] = {}
        self._open: set[int] = set()  # functions that are being written

    def of(self, value: Any) -> str:
        """The expression of a value. Raises NotWritableError if there is none."""
        if id(value) in self.names:
            return self.names[id(value)]
        if isinstance(value, torch.Tensor):
            return self._tensor(value)
        if isinstance(value, np.ndarray):
            return self._array(value)
        if is_generator(value):
            return self._generator(value)
        if isinstance(value, list):
            return f"[{self._items(value)}]"
        if isinstance(value, tuple):
            return f"({self._items(value)}{',' if len(value) == 1 else ''})"
        if isinstance(value, set | frozenset):
            inside = f"{{{', '.join(sorted(map(self.of, value)))}}}" if value else ""
            return inside if inside and isinstance(value, set) else f"{type(value).__name__}({inside})"
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.of(key)}: {self.of(item)}" for key, item in value.items()) + "}"
        if dataclasses.is_dataclass(value) and travels(type(value).__module__):
            return self._problem(value)
        if isinstance(value, float):
            return repr(value) if math.isfinite(value) else f'float("{value}")'
        if isinstance(value, complex):
            return f"complex({self.of(value.real)}, {self.of(value.imag)})"
        if value is None or isinstance(value, bool | int | str):
            return repr(value)
        if callable(value) and hasattr(value, "__wrapped__"):  # it only writes down its calls
            return self.of(value.__wrapped__)
        if is_of_checks(value):
            return self._function(value)
        if callable(value):
            raise NotWritableError("it gets a function of the grader")
        raise NotWritableError(f"it gets a {type(value).__name__} of the grader")

    def _items(self, values: Iterable[Any]) -> str:
        return ", ".join(map(self.of, values))

    def _problem(self, value: Any) -> str:
        kind = type(value)
        self.classes.add((kind.__module__, kind.__name__))
        fields = (f"{one.name}={self.of(getattr(value, one.name))}" for one in dataclasses.fields(value))
        return f"{kind.__name__}({', '.join(fields)})"

    def _function(self, value: FunctionType) -> str:
        if id(value) in self._open:
            raise NotWritableError("it gets functions of the check that call each other")
        self._open.add(id(value))
        try:
            body, around = text_of(value)
        except NotAloneError as error:
            raise NotWritableError(str(error)) from None
        given = self._given(around)
        self._open.discard(id(value))
        name = f"make_{'function' if value.__name__ == '<lambda>' else value.__name__}"
        while self.functions.setdefault(name, text := maker(name, given, body)) != text:
            name += "_"
        return f"{name}({', '.join(f'{key}={item}' for key, item in given.items())})"

    def _given(self, around: Mapping[str, Any]) -> dict[str, str]:
        """The arguments of the function that makes another; what can be imported needs none."""
        given = {}
        for name, value in around.items():
            if isinstance(value, type) and dataclasses.is_dataclass(value) and travels(value.__module__):
                self.classes.add((value.__module__, value.__name__))
            elif statement := imported_as(name, value):
                self.imports.add(statement)
            elif is_generator(value) or (isinstance(value, int) and abs(value) >= LARGEST_NUMBER):
                raise NotWritableError("it gets a function of the check that draws random numbers")
            else:
                given[name] = self.of(value)
        return given

    def _tensor(self, value: "torch.Tensor") -> str:
        plain = value.detach()
        if 0 in plain.shape:
            text = f"torch.empty({tuple(plain.shape)}, dtype={plain.dtype})"
        elif plain.numel() > WRITTEN_OUT:
            text = f"torch.from_numpy({self._store(plain.contiguous().numpy())})"
        else:
            dtype = "" if str(plain.dtype) in _DEFAULT else f", dtype={plain.dtype}"
            text = f"torch.tensor({_nested(_numbers(plain))}{dtype})"
        if not plain.is_contiguous():
            turned = ".transpose(0, -1)" if plain.dim() > 1 else ""
            text = f"torch.stack([{text}{turned}] * 2, -1)[..., 0]{turned}"  # a copy if it is flattened
        if isinstance(value, torch.nn.Parameter):
            return f"torch.nn.Parameter({text}{'' if value.requires_grad else ', requires_grad=False'})"
        return f"{text}.requires_grad_()" if value.requires_grad else text

    def _array(self, value: np.ndarray) -> str:
        if 0 in value.shape:
            return f"np.empty({value.shape}, np.{value.dtype})"
        if value.size > WRITTEN_OUT:
            return self._store(value)
        usual = value.dtype.name in ("float64", "int64", "bool")
        return f"np.array({_nested(value)}{'' if usual else f', np.{value.dtype}'})"

    def _store(self, value: np.ndarray) -> str:
        name = f"array_{len(self.stored) + 1}"
        self.stored[name] = np.array(value)
        return f'stored["{name}"]'

    def _generator(self, value: "torch.Generator | np.random.Generator") -> str:
        code = code_of(value)
        if code.endswith(")"):
            return code
        if isinstance(value, torch.Generator):
            return f"generator_in({self._store(state_of(value))})"
        return f"generator_in({value.bit_generator.state!r})"


def _numbers(tensor: "torch.Tensor") -> np.ndarray:
    return (tensor.float() if tensor.dtype is torch.bfloat16 else tensor).contiguous().numpy()


def _nested(array: np.ndarray) -> str:
    """Nested lists, each number with as few digits as give it back."""
    if array.ndim:
        return "[" + ", ".join(map(_nested, array)) + "]"
    if array.dtype.kind == "c":
        return f"complex({_nested(np.asarray(array.real))}, {_nested(np.asarray(array.imag))})"
    if array.dtype.kind != "f":
        return str(array.item())
    number = array.item()
    return str(array) if math.isfinite(number) else f'float("{number}")'


def assigned(names: Iterable[str], values: Iterable[Any], text: PythonText) -> list[str]:
    """Lines that give values to variables; an object that two of them share is made once."""
    pairs = list(zip(names, values, strict=True))
    seen: dict[int, int] = {}
    _count([value for _, value in pairs], seen)
    lines = []
    for place, (key, times) in enumerate(seen.items(), 1):
        if times > 1:
            shared = next(found for found in _objects([value for _, value in pairs]) if id(found) == key)
            lines.append(f"shared_{place} = {text.of(shared)}")
            text.names[key] = f"shared_{place}"
    return [*lines, *(f"{name} = {text.of(value)}" for name, value in pairs)]


def _objects(value: Any) -> Iterable[Any]:
    """The arrays and generators in a value, each as often as it is mentioned."""
    if isinstance(value, torch.Tensor | np.ndarray | torch.Generator | np.random.Generator):
        yield value
    elif isinstance(value, dict):
        yield from _objects(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _objects(item)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from _objects([getattr(value, field.name) for field in dataclasses.fields(value)])


def _count(values: list[Any], seen: dict[int, int]) -> None:
    for one in _objects(values):
        seen[id(one)] = seen.get(id(one), 0) + 1


GENERATOR_IN = '''
def generator_in(state):
    """A random generator in a state that some draws have left."""
    if isinstance(state, dict):
        generator = np.random.default_rng(0)
        generator.bit_generator.state = state
        return generator
    generator = torch.Generator()
    generator.set_state(torch.from_numpy(state))
    return generator
'''
