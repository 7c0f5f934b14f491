"""Calls of modules in this process, with the interface of a worker: those of the reference."""

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from grader.sandbox.calls.callee import ExerciseCall, GeneratorStates
from grader.sandbox.calls.changed_arguments import (
    ArgumentsAfter,
    ChangedInput,
    ValueAndAfter,
    after_call,
    bind,
    changed_input,
)
from grader.sandbox.calls.packing import Packer
from grader.sandbox.calls.side_effects import ArgumentSnapshot
from grader.sandbox.calls.student import Contract
from grader.sandbox.calls.unpacking import Unpacker
from grader.toolkit.generators import is_generator, state_of
from grader.toolkit.lazy_torch import torch
from grader.toolkit.programs import Program


def load_module(path: Path, name: str) -> ModuleType:
    """Execute a trusted file as a module called `name`."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class CallOutcome:
    """How a call ended, its changed arguments, and the first input that it should not have changed."""

    error: Exception | None
    after: ArgumentsAfter | None
    disturbance: ChangedInput | None

    def answer(self, value: Any) -> Any:
        """The value that the caller receives."""
        if self.error is not None:
            raise self.error
        return value if self.after is None else ValueAndAfter((value, self.after))


class LocalCalls:
    """Calls a module of this process as a worker would call it: on copies, with `after` for what works in place."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._generator_states = GeneratorStates()

    def _called(self, function: Callable[..., Any], name: str, args: Any, kwargs: Any) -> tuple[Any, CallOutcome]:
        """The value that a function returned, and its outcome. `name` is "" for a program."""
        packer = Packer(functions=True, generator_states=self._generator_states)
        trees = packer.pack(list(args)), packer.pack(kwargs)
        blob = b"".join(packer.chunks)
        shared = packer.shared.tensor if packer.shared else None
        unpacker = Unpacker(packer.arrays, bytearray(blob), packer.callbacks.__getitem__, shared=shared)
        own_args, own_kwargs = unpacker.unpack(trees[0]), unpacker.unpack(trees[1])
        watch = ArgumentSnapshot(blob, packer.arrays, unpacker)
        value, error = None, None
        try:
            value = function(*own_args, **own_kwargs)
        except Exception as raised:
            error = raised
        effects = watch.effects()
        changed: dict[int, Any] = {}
        for index, source, data in effects.arrays:
            if is_generator(source):
                self._generator_states.keep(packer.sources[index], state_of(source))
            else:
                changed[index] = _sent_back(source, data)
        names = self._contract.changes(name) if error is None else ()  # a call that raises changes nothing
        bound = bind(self._contract.function(name), args, kwargs) if name else {}
        disturbed = changed_input(bound, names, packer, changed, effects.switches, effects.recording)
        return value, CallOutcome(error, after_call(bound, names, packer, changed) if names else None, disturbed)


def _sent_back(source: Any, data: np.ndarray | str) -> Any:
    """The content of a changed array as a worker sends it: of the kind of its object, or empty if it cannot be sent."""
    if isinstance(data, str):
        return np.empty(0, np.uint8)
    return torch.from_numpy(data.copy()) if isinstance(source, torch.Tensor) else data.copy()


class LocalReference(LocalCalls):
    """The reference solution as a check sees it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        self._contract.expect(name)
        found = self._contract.function(name)
        assert found is not None

        def called(*args: Any, **kwargs: Any) -> Any:
            value, left = self._called(found, name, args, kwargs)
            return left.answer(value)

        return ExerciseCall("reference", name, called)

    def __repr__(self) -> str:
        return "reference"

    def run(self, program: Program, *args: Any, **kwargs: Any) -> Any:
        """Run a program of `programs.py` around the reference's functions."""
        value, left = self._called(partial(program, self._contract.module), "", args, kwargs)
        return left.answer(value)
