"""The examples that a check's strategies give, kept for the next submission in this process.

Hypothesis draws the same examples for every submission until one of them fails, and drawing takes longer than all else that a
check does. So once a check has passed, the next submissions get copies of the same examples, in the same order. Hypothesis
draws again only if one fails, to find the smallest failing example.
"""

import copy
import inspect
import os
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache, wraps
from typing import Any

import numpy as np

from grader.sandbox.limits.causes import OutOfMemoryError, is_out_of_memory
from grader.toolkit.generators import is_generator
from grader.toolkit.lazy_torch import torch

_ATOMS = (bool, int, float, complex, str, bytes, type(None))


class Examples:
    """Those of one check, which is a function below `@given`. `known` says whether they are kept."""

    def __init__(self, check: Callable[..., Any]) -> None:
        handle = getattr(check, "hypothesis")  # noqa: B009  # set by @given
        self._check = check
        self._fixtures = [*inspect.signature(check).parameters]
        self._tried: Callable[..., Any] = handle.inner_test
        self._kept: list[dict[str, Any]] = []
        self._drawing: list[dict[str, Any] | None] | None = None
        self.known = False
        self._process = os.getpid()

        @wraps(self._tried)  # hypothesis derives its seed from the source, which it finds by what is wrapped
        def tried(**arguments: Any) -> None:
            if self._drawing is not None:
                self._drawing.append(_kept_copy(arguments, self._fixtures))
            try:
                self._tried(**arguments)
            except (MemoryError, RuntimeError) as error:
                if is_out_of_memory(error):
                    raise OutOfMemoryError(str(error)) from None  # without what the frames hold
                raise

        handle.inner_test = tried

    def draw(self, offered: dict[str, Any]) -> None:
        """Let hypothesis try the check, with the fixtures it wants of those `offered`; keep the examples if it passes."""
        self._drawing = None if self.known else []
        try:
            self._check(**{name: offered[name] for name in self._fixtures})
            if self._drawing is not None:
                self._kept = [example for example in self._drawing if example is not None]
                self.known, self._process = len(self._kept) == len(self._drawing), os.getpid()
        finally:
            self._drawing = None

    def try_known(self, offered: dict[str, Any]) -> None:
        """Try the check on the kept examples. Raise the exception of the first that fails."""
        fixtures = {name: offered[name] for name in self._fixtures}
        if (
            os.getpid() != self._process
        ):  # a process that is forked for one submission has copies of its own, for one use
            kept, self._kept, self.known = self._kept, [], False
        else:
            kept = self._kept
        for example in kept:
            self._tried(**fixtures, **(copy.deepcopy(example) if self.known else example))


def examples_of(check: Callable[..., Any]) -> Examples | None:
    """The examples of a check; None if it has no strategies."""
    return _examples_of(check) if getattr(check, "is_hypothesis_test", False) else None


@cache  # only for functions of a file: the cache would keep each grading alive, since each makes its own generated checks
def _examples_of(check: Callable[..., Any]) -> Examples:
    return Examples(check)


def _kept_copy(arguments: dict[str, Any], fixtures: list[str]) -> dict[str, Any] | None:
    """A copy of an example as it is before the check changes it; None if a copy may share something with it."""
    example = {name: value for name, value in arguments.items() if name not in fixtures}
    return copy.deepcopy(example) if _is_plain(example) else None


def _is_plain(value: Any) -> bool:
    """Whether a value is made of numbers, tensors, arrays and records of them alone."""
    if isinstance(value, torch.Tensor):
        return type(value) is torch.Tensor and value.is_leaf
    if isinstance(value, np.ndarray):
        return type(value) is np.ndarray and not value.dtype.hasobject
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    if is_dataclass(value) and not isinstance(value, type):
        return all(_is_plain(getattr(value, field.name)) for field in fields(value))
    return isinstance(value, (*_ATOMS, torch.dtype)) or is_generator(value)
