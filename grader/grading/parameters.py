"""`@pytest.mark.parametrize` above a check: one check, with its points, that must hold for every set of values."""

import inspect
from collections.abc import Callable, Iterator
from itertools import product
from types import ModuleType
from typing import Any

import pytest

from grader.toolkit.check import MARK
from grader.toolkit.text import one_line
from grader.toolkit.verdicts import CourseModuleError

_PARAMETRIZE = "parametrize"


def join_parameters(module: ModuleType) -> None:
    """Replace each check of a file that has parameters by one that goes through all of them.

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
