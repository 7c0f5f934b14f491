"""The values that a check is tried on: its parameters, and the examples of its strategies, kept for the next submission.

Hypothesis draws the same examples for every submission until one of them fails, and drawing takes longer than all else that a
check does. So once a check has passed, the next submissions get copies of the same examples, in the same order. Hypothesis
draws again only if one fails, to find the smallest failing example.
"""

import copy
import inspect
import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache, wraps
from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.errors import HypothesisDeprecationWarning, HypothesisException

from grader.sandbox.limits.causes import OutOfMemoryError, is_out_of_memory
from grader.toolkit.check import MARK
from grader.toolkit.generators import is_generator
from grader.toolkit.lazy_torch import torch
from grader.toolkit.private_names import ignore_local_constants
from grader.toolkit.text import one_line
from grader.toolkit.verdicts import CourseModuleError

PROFILE = "grade"
DEFAULT_EXAMPLES = 20
_PARAMETRIZE = "parametrize"
_ATOMS = (bool, int, float, complex, str, bytes, type(None))


def load_profile() -> None:
    """Set up hypothesis: the same examples every time, nothing stored, no deadline, no words of its own.

    Even without a database it would read and write a folder of constants below the present one, and draw examples from it.
    """
    set_hypothesis_home_dir(os.devnull)
    ignore_local_constants()
    settings.register_profile(
        PROFILE,
        settings.get_profile("default"),  # or the new profile would keep the present one, and that the one before
        max_examples=DEFAULT_EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile(PROFILE)


def join_parameters(module: ModuleType) -> None:
    """Replace each check below `@pytest.mark.parametrize` by one, with its points, that must hold for every set of values.

    Raises:
        CourseModuleError: a check has no values, or some that do not fit their names.
    """
    for name, value in list(vars(module).items()):
        marks = getattr(value, "pytestmark", None)
        if isinstance(marks, list) and {MARK, _PARAMETRIZE} <= {mark.name for mark in marks}:
            place = f"{module.__file__}:{inspect.unwrap(value).__code__.co_firstlineno}"
            setattr(module, name, _for_each(value, marks, place))


def _for_each(check: Callable[..., Any], marks: list[pytest.Mark], place: str) -> Callable[..., Any]:
    choices = [list(_sets(mark, place)) for mark in marks if mark.name == _PARAMETRIZE]
    if not all(choices):
        raise CourseModuleError(f"{place}: parametrize has no values, so that the check would try nothing. Write some.")
    cases = [{name: value for part in parts for name, value in part.items()} for parts in product(*choices)]
    given = {name for case in cases for name in case}

    def for_each(**fixtures: Any) -> None:
        for case in cases:
            check(**fixtures, **case)

    for_each.__name__, for_each.__doc__, for_each.__module__ = check.__name__, check.__doc__, check.__module__
    signature = inspect.signature(check)
    left = [parameter for name, parameter in signature.parameters.items() if name not in given]
    setattr(for_each, "__signature__", signature.replace(parameters=left))  # noqa: B010  # what pytest reads
    setattr(for_each, "pytestmark", [mark for mark in marks if mark.name != _PARAMETRIZE])  # noqa: B010
    return for_each


def _sets(mark: pytest.Mark, place: str) -> Iterator[dict[str, Any]]:
    """The values of a mark, by name. Raises CourseModuleError for a value that does not fit the names."""
    names, values = mark.args
    names = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    for value in values:
        if isinstance(value, type(pytest.param())):
            value = value.values
        elif len(names) == 1:
            value = (value,)
        if not isinstance(value, tuple | list) or len(value) != len(names):
            text = f"parametrize has {len(names)} names, and {one_line(repr(value))} is not {len(names)} values."
            raise CourseModuleError(f"{place}: {text} Write a tuple for {', '.join(names)}.")
        yield dict(zip(names, value, strict=True))


class Examples:
    """Those of one check, which is a function below `@given`. `known` says whether they are kept."""

    def __init__(self, check: Callable[..., Any]) -> None:
        handle = getattr(check, "hypothesis")  # noqa: B009  # set by @given
        self._check = check
        self._fixtures = [*inspect.signature(check).parameters]
        self._tried: Callable[..., Any] = handle.inner_test
        self._kept: list[dict[str, Any]] = []
        self._drawing: list[dict[str, Any] | None] | None = None
        self.known = self._is_drawn_anew = False
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
        self._drawing = None if self.known or self._is_drawn_anew else []
        try:
            self._check(**{name: offered[name] for name in self._fixtures})
            if self._drawing is not None:
                self._kept = [example for example in self._drawing if example is not None]
                self.known, self._process = len(self._kept) == len(self._drawing), os.getpid()
        finally:
            self._drawing = None

    def try_known(self, offered: dict[str, Any]) -> bool:
        """Try the check on the kept examples. Raise the exception of the first that fails.

        False if the check calls `assume`, `note` or the like, which works only while hypothesis draws: draw instead.
        """
        fixtures = {name: offered[name] for name in self._fixtures}
        if (
            os.getpid() != self._process
        ):  # a process that is forked for one submission has copies of its own, for one use
            kept, self._kept, self.known = self._kept, [], False
        else:
            kept = self._kept
        with warnings.catch_warnings():
            warnings.simplefilter("error", HypothesisDeprecationWarning)
            try:
                for example in kept:
                    self._tried(**fixtures, **(copy.deepcopy(example) if self.known else example))
            except (HypothesisException, HypothesisDeprecationWarning):
                self.known, self._is_drawn_anew = False, True
                return False
        return True


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
