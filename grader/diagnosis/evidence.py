"""The evidence in the calls of a failing exercise: each outcome beside the reference's, by names that a student knows."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from types import ModuleType
from typing import Any

import numpy as np

from grader.diagnosis.replay import CallResult, agree, same
from grader.sandbox.calls.changed_arguments import bind
from grader.sandbox.calls.student import bind_program
from grader.sandbox.calls.transcript import Exchange
from grader.toolkit.generators import is_generator
from grader.toolkit.lazy_torch import as_array, torch
from grader.toolkit.roles import NO_ROLES, ArgumentRoles


@dataclass(frozen=True, eq=False)
class Leaf:
    """One number or tensor that a call should give. `before` is the earlier value of an argument that is changed in place."""

    name: str
    before: Any
    got: Any
    expected: Any
    single: bool = False  # computed in float32

    @cached_property
    def right(self) -> bool:
        return same(self.got, self.expected, self.single)

    @cached_property
    def arrays(self) -> tuple[np.ndarray, np.ndarray] | None:
        """The answer and the right value as arrays, if both are tensors, or both arrays."""
        kinds = [kind for kind in (torch.Tensor, np.ndarray) if isinstance(self.expected, kind)]
        if not kinds or not isinstance(self.got, kinds[0]):
            return None
        return as_array(self.got), as_array(self.expected)

    @cached_property
    def rounding(self) -> np.ndarray | None:
        """The relative error of each entry, if a float64 answer consists of float32 numbers near the right ones."""
        got = as_double(self.got)
        with np.errstate(all="ignore"):
            consists = got is not None and np.array_equal(got.astype(np.float32).astype(np.float64), got)
        return self.small_errors if consists else None

    @cached_property
    def small_errors(self) -> np.ndarray | None:
        """The relative error of each entry, if a float64 answer is near the right one."""
        got, expected = (as_double(value) for value in (self.got, self.expected))
        if self.single or got is None or expected is None or got.shape != expected.shape or not near(got, expected):
            return None
        with np.errstate(all="ignore"):
            relative: np.ndarray = ((got - expected) / np.where(expected == 0, 1e-30, expected)).reshape(-1)
        return relative


@dataclass(frozen=True, eq=False)
class Case:
    """One call of a check, with the results of the submission and of the reference."""

    exchange: Exchange
    got: CallResult
    expected: CallResult
    solution: ModuleType
    roles: ArgumentRoles = NO_ROLES

    @cached_property
    def wrong(self) -> bool:
        return not agree(self.got, self.expected, self.exchange.single)

    @cached_property
    def told(self) -> frozenset[str]:
        """A few different numbers or words that came."""
        found: set[str] = set()
        for text in islice(_digits([self.got.value, *_numbers_changed(self)]), 4 * _MOST_TEXTS):
            found.add(text)
            if len(found) >= _DIFFERENT:
                break
        return frozenset(found)

    @cached_property
    def breaks_down(self) -> bool:
        """Whether the call raises or gives a number that is not finite, where neither is right."""
        if self.expected.raised:
            return False
        return bool(self.got.raised) or any(_finite(leaf.expected) and not _finite(leaf.got) for leaf in self.leaves)

    @cached_property
    def graph_differs(self) -> bool:
        """Whether all is right but that results carry gradients, or do not."""
        return not self.wrong and not agree(self.got, self.expected, self.exchange.single, graphs=True)

    @cached_property
    def _unpacked(self) -> tuple[Mapping[int, Any], dict[str, Any]]:
        unpacker = self.exchange.unpacker()
        args, kwargs = self.exchange.arguments(unpacker)
        if self.is_program:
            bound = bind_program(
                self.exchange.program, self.exchange.name, args, kwargs, lambda name: getattr(self.solution, name, None)
            )
            named = bound.pop("arguments", {})  # which a program passes on as they are
            return unpacker.built, bound | named
        return unpacker.built, bind(getattr(self.solution, self.exchange.name, None), args, kwargs)

    @property
    def is_program(self) -> bool:
        """Whether one of our programs ran the submission's functions."""
        return bool(self.exchange.program)

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments by name, as they were before the call."""
        return self._unpacked[1]

    @property
    def step(self) -> Any:
        """The number of the step that the call takes; None if it is given none."""
        return self.arguments.get(self.roles.step)

    @property
    def is_path(self) -> bool:
        """Whether the right result has an entry for the start and one for each step."""
        steps, value = self.arguments.get(self.roles.steps), self.expected.value
        is_array = isinstance(value, torch.Tensor | np.ndarray)
        return isinstance(steps, int) and is_array and value.ndim > 0 and len(value) == steps + 1

    @cached_property
    def leaves(self) -> list[Leaf]:
        """All values that the call should give or change, and other values that it changed. Empty if either side raised."""
        if self.got.raised or self.expected.raised:
            return []
        single = self.exchange.single
        found = _results("result", self.got.value, self.expected.value, single)
        built = self._unpacked[0]
        for index in sorted({*self.got.changes, *self.expected.changes}):
            if not is_generator(built[index]):
                before = as_array(built[index])
                got, expected = (side.changes.get(index, before) for side in (self.got, self.expected))
                found.append(Leaf(self._name_of(built[index]), before, got, expected, single))
        return found

    @property
    def changed(self) -> list[str]:
        """Names of arguments that were changed in place. A generator moves on with every draw, and does not count."""
        return self._names(self.got.changes)

    @property
    def asked(self) -> list[str]:
        """Names of arguments that should be changed in place."""
        return self._names(self.expected.changes)

    @property
    def unasked(self) -> list[str]:
        """Names of arguments that were changed and should not have been."""
        return self._names([index for index in self.got.changes if index not in self.expected.changes])

    def _names(self, changed: Iterable[int]) -> list[str]:
        built = self._unpacked[0]
        tensors = [built[index] for index in changed if not is_generator(built[index])]
        return [self._name_of(tensor) for tensor in tensors]

    def _name_of(self, array: Any) -> str:
        """The argument that holds an array."""
        return self._holders.get(id(array), "an argument")

    @cached_property
    def _holders(self) -> dict[int, str]:
        """By the id of each object in the arguments, the name of the first argument with it."""
        named = reversed(self.arguments.items())
        return {id(item): name for name, value in named for item in _flat(value)}


def _results(name: str, got: Any, expected: Any, single: bool) -> list[Leaf]:
    """The leaves of a returned value; a list or tuple of the right length is compared entry by entry."""
    if expected is None and got is None:
        return []
    if isinstance(expected, list | tuple) and type(got) is type(expected) and len(got) == len(expected):
        return [leaf for one, other in zip(got, expected, strict=True) for leaf in _results(name, one, other, single)]
    return [Leaf(name, None, got, expected, single)]


def speaks_of_arrays(cases: Sequence[Case]) -> bool:
    """Whether the calls are about arrays of numpy, and not about tensors."""
    values = [_flat([case.arguments, case.expected.value]) for case in cases]
    found = [item for items in values for item in items if isinstance(item, torch.Tensor | np.ndarray)]
    return bool(found) and all(isinstance(item, np.ndarray) for item in found)


def _flat(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return _flat(list(value.values()))
    if isinstance(value, list | tuple):
        return [item for entry in value for item in _flat(entry)]
    fields = getattr(value, "__dataclass_fields__", None)
    return [value] if fields is None else _flat([getattr(value, name) for name in fields])


def wrong_leaves(cases: Sequence[Case]) -> list[Leaf]:
    """The wrong values of all calls that return."""
    return [leaf for case in cases for leaf in case.leaves if not leaf.right]


def tells_enough(cases: Sequence[Case]) -> bool:
    """Whether enough calls return different wrong values, so that a pattern of them is no accident."""
    wrong = [case for case in cases if case.wrong and not case.got.raised]
    return len(wrong) >= 3 and len(frozenset[str]().union(*(case.told for case in wrong))) >= _DIFFERENT


def where_unbroken(cases: Sequence[Case]) -> list[Case]:
    """The calls that do not break down, if some do and the others tell enough: two mistakes may lie in one answer."""
    unbroken = [case for case in cases if not case.breaks_down]
    return unbroken if len(unbroken) < len(cases) and tells_enough(unbroken) else []


_DIFFERENT = 4  # values
_MOST_NUMBERS = 4096  # of an array that are looked at
_MOST_TEXTS = 64  # of an array that are written


def _numbers_changed(case: Case) -> list[Any]:
    """What a call has changed, without the states of generators, which say nothing of its result."""
    return [one for one in case.got.changes.values() if not (isinstance(one, np.ndarray) and one.dtype == np.uint8)]


def _finite(value: Any) -> bool:
    """Whether all numbers of a value are finite."""
    if isinstance(value, float):
        return math.isfinite(value)
    return all(bool(np.isfinite(array).all()) for array in tensors(value) if array.dtype.kind == "f")


def _digits(value: Any) -> Iterator[str]:
    """The numbers and words of a value, rounded; the first ones of a large array."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple):
        for entry in value:
            yield from _digits(entry)
    elif isinstance(value, torch.Tensor | np.ndarray) and as_array(value).dtype.kind in "fiub":
        different = np.unique(as_array(value).ravel()[:_MOST_NUMBERS].astype(np.float64))
        yield from (f"{number:.6g}" for number in different[:_MOST_TEXTS].tolist())
    else:
        yield f"{value:.6g}" if isinstance(value, float) else repr(value)


def all_return(cases: Sequence[Case]) -> bool:
    """Whether no call that should have returned raised, and none that should have raised returned."""
    return all(bool(case.got.raised) == bool(case.expected.raised) for case in cases)


def names(leaves: Sequence[Leaf]) -> str:
    """Leaves by name, as in a sentence."""
    return " and ".join(
        f"`{name}`" if name != "result" else "the result" for name in dict.fromkeys(leaf.name for leaf in leaves)
    )


def tensors(value: Any) -> list[np.ndarray]:
    """The tensors and arrays of a value, also in lists, as arrays."""
    if isinstance(value, torch.Tensor | np.ndarray):
        return [as_array(value)]
    return [item for entry in value for item in tensors(entry)] if isinstance(value, list | tuple) else []


def as_double(value: Any) -> np.ndarray | None:
    """A float, or a tensor or array of float64, as an array; None for anything else."""
    if type(value) is float:
        return np.array(value)
    array = as_array(value) if isinstance(value, torch.Tensor | np.ndarray) else None
    return array if array is not None and array.dtype == np.float64 else None


def near(one: np.ndarray, other: np.ndarray, tolerance: float = 1e-6) -> bool:
    """Whether two arrays of one shape are equal up to a fraction of the largest entry."""
    with np.errstate(all="ignore"):
        scale = float(abs(other).max(initial=0.0))
        return bool(np.isclose(one, other, tolerance, tolerance * scale).all())


def apart(got: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Where two arrays differ by more than rounding; numbers that are all float32 are rounded more."""
    tolerance, least = (3e-5, 1e-1) if _are_single(got, expected) else (1e-7, 1e-3)
    differs: np.ndarray = abs(got - expected) > tolerance * np.maximum(abs(expected), least)
    return differs


def rounding(got: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """How far rounding may move the difference of each entry."""
    largest: np.ndarray = np.maximum(abs(got), abs(expected))
    return (1e-6 if _are_single(got, expected) else 1e-14) * largest


def _are_single(*arrays: np.ndarray) -> bool:
    """Whether all numbers are those of float32."""
    return all(np.array_equal(one, one.astype(np.float32).astype(np.float64)) for one in arrays)
