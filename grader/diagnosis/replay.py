"""The outcome of a call: in the submission, and in one of our modules with the same arguments."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from types import ModuleType
from typing import Any

import numpy as np

from grader.sandbox.calls import wire
from grader.sandbox.calls.local_calls import LocalCalls, LocalReference
from grader.sandbox.calls.packing import Packer
from grader.sandbox.calls.side_effects import ArgumentSnapshot, SideEffects
from grader.sandbox.calls.student import Contract
from grader.sandbox.calls.transcript import LARGEST, Exchange
from grader.sandbox.calls.unpacking import Unpacker
from grader.toolkit.lazy_torch import as_array, is_imported, torch
from grader.toolkit.programs import Program
from grader.toolkit.travelling import find_travelling
from grader.toolkit.verdicts import StudentError

# Looser than a check's: a program of many steps multiplies rounding, and two mistakes are never as near as this.
TOLERANCES = {np.dtype("float64"): (1e-7, 1e-10), np.dtype("float32"): (1e-4, 1e-6)}
TELLING = frozenset({"ValueError", "KeyError", "AssertionError"})
_LARGEST_KEPT = 1 << 14  # bytes of arguments


@dataclass(frozen=True)
class CallResult:
    """The result of a call: its value or an exception, the new content of changed arguments by the number of their array, and
    their other differences, as in `SideEffects.switches`.
    """

    value: Any = None
    changes: Mapping[int, Any] = field(default_factory=dict)
    raised: str = ""
    message: str = ""
    switches: tuple[tuple[str, int], ...] = ()


def answered(exchange: Exchange) -> CallResult | None:
    """The submission's response; None if it is missing or cannot be read."""
    answer = exchange.answer
    if answer is None or answer.missing:
        return None
    raised, message = (answer.failure.type, answer.failure.message) if answer.failure is not None else ("", "")
    try:
        unpacker = Unpacker(answer.arrays, bytearray(exchange.data))
        value = unpacker.unpack(answer.value)
        changed = {source: as_array(unpacker.array(array)) for source, array in answer.changed}
        return CallResult(value, changed, raised, message, _switches(answer))
    except (ValueError, TypeError, RuntimeError, OverflowError, wire.ProtocolError):
        return None


def _switches(seen: wire.Response | SideEffects) -> tuple[tuple[str, int], ...]:
    """All that differs besides numbers, also whether gradients are recorded."""
    return (*seen.switches, *(() if seen.recording else (("recording", 0),)))


def replayed(exchange: Exchange, module: ModuleType, seed: int = 0) -> CallResult:
    """The outcome of the same call in one of our modules; `seed` sets the global random state.

    Checks call every submission in the same way, so the process keeps the outcome for the next submission; but not for large
    arguments, nor if the call used a function of the check, which may remember its calls.
    """
    if exchange.callbacks or exchange.shared is not None or len(exchange.blob) > _LARGEST_KEPT:
        return called(exchange, module, seed)
    return _kept(_Arguments(exchange), module, seed)


class _Arguments:
    """An exchange as a key: equal to others with the same arguments. Without the answer, which may be large."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = Exchange(exchange.name, exchange.request, exchange.blob)
        self._key = exchange.key
        self._hash = hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Arguments) and self._key == other._key

    def __hash__(self) -> int:
        return self._hash


@lru_cache(maxsize=4096)
def _kept(arguments: _Arguments, module: ModuleType, seed: int) -> CallResult:
    return called(arguments.exchange, module, seed)


def _plainly(function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    return function(*args, **kwargs)


def called(exchange: Exchange, module: ModuleType, seed: int = 0, run: Callable[..., Any] = _plainly) -> CallResult:
    """The outcome of the same call in one of our modules, which is not kept. `run` makes the call itself."""
    assert exchange.request is not None
    unpacker = exchange.unpacker()
    unpacker.callback = lambda handle: _called_back(exchange.callbacks[handle])
    args, kwargs = exchange.arguments(unpacker)
    value, raised, message = None, "", ""
    with own_state_of_torch(seed):  # a mistake may change the random state
        watch = ArgumentSnapshot(exchange.blob, exchange.request.arrays, unpacker)
        try:
            if exchange.program:
                result = run(find_travelling(exchange.program, exchange.name), (module, *args), kwargs)
            else:
                result = run(getattr(module, exchange.name), args, kwargs)
            value = as_sent(result)
        except Exception as error:
            raised, message = type(error).__name__, str(error)
        effects = watch.effects()
    changed = {index: np.empty(0) if isinstance(d, str) else d.copy() for index, _, d in effects.arrays}
    return CallResult(value, changed, raised, message, _switches(effects))


def _called_back(function: Callable[..., Any]) -> Callable[..., Any]:
    """A check's own function as a worker calls it: over the wire, without gradients."""

    def call(*args: Any) -> Any:
        try:
            return as_sent(function(*map(as_sent, args)))
        except Exception as error:
            raise RuntimeError(str(error)) from None

    return call


def as_sent(value: Any) -> Any:
    """A value as it would have come from a worker."""
    packer = Packer()
    tree = packer.pack(value)
    return Unpacker(packer.arrays, bytearray(b"".join(packer.chunks))).unpack(tree)


@contextmanager
def own_state_of_torch(seed: int = 0) -> Iterator[None]:
    """Random numbers from `seed`, and gradients; afterwards those of before."""
    if not is_imported():
        yield
        return
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.default_generator.manual_seed(seed)  # torch.manual_seed formats the stack three times
        yield


def agree(one: CallResult, other: CallResult, single: bool = False, graphs: bool = False) -> bool:
    """Whether two calls did the same, up to rounding: that of float32 if they computed with it (`single`).

    Two exceptions are the same if their types are, or if neither is the ValueError that bad arguments should raise, the
    KeyError of a dictionary or the AssertionError of an `assert`: which other one comes depends on the library. `graphs` asks
    besides that both results, or neither, carry gradients.
    """
    if one.raised or other.raised:
        if one.raised and other.raised and TELLING.isdisjoint((one.raised, other.raised)):
            return True  # what a crash has left half done says nothing
        return one.raised == other.raised and _same_effects(one, other, single)
    alike = same(one.value, other.value, single) and _same_effects(one, other, single)
    return alike and (not graphs or graphs_in(one.value) == graphs_in(other.value))


def _same_effects(one: CallResult, other: CallResult, single: bool) -> bool:
    return one.switches == other.switches and same(dict(one.changes), dict(other.changes), single)


def graphs_in(value: Any) -> list[bool]:
    """For every tensor of a value, whether it requires grad."""
    if isinstance(value, list | tuple):
        return [flag for item in value for flag in graphs_in(item)]
    return [value.requires_grad] if isinstance(value, torch.Tensor) else []


def same(one: Any, other: Any, single: bool = False) -> bool:
    """Whether two values are equal in kind, shape, dtype and, up to rounding, in content; NaN equals NaN."""
    if isinstance(one, torch.Tensor):
        return type(one) in (type(other), torch.nn.Parameter) and isinstance(other, torch.Tensor) and close(one, other)
    if isinstance(one, np.ndarray):
        return type(one) is type(other) and close(one, other)
    if isinstance(one, float | complex) and type(one) is type(other):
        return one == other or _near(one, other, *TOLERANCES[np.dtype("float32" if single else "float64")])
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(same(a, b, single) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(item, other[key], single) for key, item in one.items())
    return bool(one == other)


def close(one: "torch.Tensor | np.ndarray", other: "torch.Tensor | np.ndarray") -> bool:
    """Whether two tensors or arrays are equal in shape, dtype and, up to rounding, in content."""
    first, second = as_array(one), as_array(other)
    if first.shape != second.shape or first.dtype != second.dtype:
        return False
    if np.array_equal(first, second):  # a tenth of the time, and the rule where the answer is right
        return True
    if first.dtype.kind != "f":
        return False
    return _near(first, second, *TOLERANCES.get(first.dtype, (1e-2, 1e-2)))


def _near(one: Any, other: Any, relative: float, absolute: float) -> bool:
    with np.errstate(all="ignore"):
        return bool(np.isclose(one, other, relative, absolute, equal_nan=True).all())


class Probed(LocalCalls):
    """One of our modules, for a probe: values look as if a worker sent them, an exception is a StudentError."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **kwargs: self._guarded(self._contract.function(name), name, args, kwargs)

    def run(self, program: Program, *args: Any, **kwargs: Any) -> Any:
        """Run a program around the module's functions."""
        return self._guarded(partial(program, self._contract.module), "", args, kwargs)

    def _guarded(self, function: Any, name: str, args: Any, kwargs: Any) -> Any:
        value, left = self._called(function, name, args, kwargs)
        try:
            return left.answer(as_sent(value))
        except Exception as error:
            raise _as_of_a_student(error) from error


def _as_of_a_student(error: Exception) -> StudentError:
    return StudentError(type(error).__name__, tuple(base.__name__ for base in type(error).__mro__), str(error))


class EnoughError(BaseException):
    """A check has shown all the inputs that are wanted. Not an `Exception`: hypothesis would go on with another example."""


class Recording(LocalCalls):
    """The reference as a check meets it, while the arguments of each call are kept as they would have been sent.

    `bare` keeps the function that a function of the check wraps in its place: that one may travel.
    """

    def __init__(self, contract: Contract, limit: int, bare: bool = False) -> None:
        super().__init__(contract)
        self._limit = limit
        self._bare = bare
        self.exchanges: list[Exchange] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **kwargs: self._recorded(self._contract.function(name), name, "", args, kwargs)

    def run(self, program: Program, *args: Any, **kwargs: Any) -> Any:
        """Run a program around the reference's functions."""
        around = partial(program, self._contract.module)
        return self._recorded(around, program.__name__, program.__module__, args, kwargs)

    def _recorded(self, function: Any, name: str, program: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        packer = Packer(functions=True, generator_states=self._generator_states)
        sent = [getattr(one, "__wrapped__", one) for one in args] if self._bare else list(args)
        trees = packer.pack(sent), packer.pack(kwargs)
        blob = b"".join(packer.chunks)
        if len(self.exchanges) >= self._limit or len(blob) > LARGEST or packer.shared is not None:
            raise EnoughError
        request = wire.Call(0, name, program, trees[0], trees[1], packer.arrays)
        self.exchanges.append(Exchange(name, request, blob, packer.callbacks))
        value, left = self._called(function, "" if program else name, args, kwargs)
        try:
            return left.answer(value)
        except Exception as error:
            raise _as_of_a_student(error) from error


def inputs_of(check: Callable[..., Any], contract: Contract, limit: int, bare: bool = False) -> list[Exchange]:
    """The first calls that a check makes, and would have made had it not stopped at a wrong answer; without answers.

    They are the same for every submission, so they are made once. A function of the check may remember its calls, so it is new.
    """
    if "student" not in inspect.signature(check).parameters:  # a generated check, which calls nothing
        return []
    found = _recorded(check, contract, limit, bare)
    return _recorded.__wrapped__(check, contract, limit, bare) if any(one.callbacks for one in found) else found


@cache
def _recorded(check: Callable[..., Any], contract: Contract, limit: int, bare: bool) -> list[Exchange]:
    recording = Recording(contract, limit, bare)
    offered = {
        "student": recording,
        "reference": LocalReference(contract),
        "note": lambda *_, **__: None,
        "once": lambda name, make: make(),
    }
    wanted = inspect.signature(check).parameters
    with suppress(EnoughError, Exception):  # what a check finds wrong is not asked here
        check(**{name: value for name, value in offered.items() if name in wanted})
    return recording.exchanges
