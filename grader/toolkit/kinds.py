"""Does an answer have the kind that the function's annotation promises? Asked before anything looks inside it."""

import types
import typing
from collections.abc import Iterator
from typing import Any

import numpy as np

from grader.toolkit.lazy_torch import torch
from grader.toolkit.show import kind_of
from grader.toolkit.verdicts import Opaque, WrongKindError

_ALIAS = getattr(typing, "TypeAliasType", ())  # `type Name = ...`, since Python 3.12


def expect_kind(value: Any, annotation: Any, what: str) -> None:
    """Raise WrongKindError unless `value`, which `what` returned, is of the annotated kind.

    Known annotations: None, bool, int, float, complex, str, Tensor, numpy's ndarray, set, frozenset, and tuple, list, dict and
    unions of these; no others.
    """
    expect_kind_around(value, annotation, what, annotation)


def expect_kind_around(value: Any, annotation: Any, what: str, result: Any) -> None:
    """The same for the value of a program that calls `what`, a function with the annotation `result`.

    The parts that the program annotates as `result` are what `what` returned, and the message is about the first wrong one.
    """
    problem = _problem(value, annotation)
    if problem is None:
        return
    messages = (_message(part, result, what) for part in _parts(value, annotation, result))
    message = next(filter(None, messages), None)
    raise WrongKindError(
        message or f"After calls of {what}, the grader has {problem[1]} in place of {problem[0]}.",
        problem[1],
        problem[0],
    )


def _message(value: Any, annotation: Any, what: str) -> str | None:
    problem = _problem(value, annotation)
    if problem is None:
        return None
    expected, got = problem
    if annotation in (None, types.NoneType):
        return f"{what} returned {got}. It changes its arguments in place and returns None."
    message = f"{what} returned {got}, but {expected} was expected."
    if value is None:
        message += " Does every way through the function end with a `return` and a value?"
    elif _is_one_for_a_float(value, annotation) and value.ndim:
        message += " Which entry of your tensor is asked for? `x[i].item()` makes a float of entry i."
    elif _is_one_for_a_float(value, annotation) or ("a tensor of shape ()" in got and "a float in it" in expected):
        message += " `.item()` makes a float of a tensor with one element."
    elif isinstance(value, bool) and annotation in (float, int):
        message += " A comparison, such as `a < b`, gives a bool."
    elif isinstance(value, Opaque) and got.endswith(f" {what}"):
        message += f" `class {what}` makes such an object: write a function, `def {what}(...):`, and return the value."
    elif annotation in (float, int, bool) and isinstance(value, np.ndarray) and value.size == 1:
        message += f" `{annotation.__name__}(x)` makes one of an array with one element."
    return message


def _is_one_for_a_float(value: Any, annotation: Any) -> bool:
    return annotation is float and isinstance(value, torch.Tensor) and value.numel() == 1


def _parts(value: Any, annotation: Any, result: Any) -> Iterator[Any]:
    """The parts of a value that are annotated as `result`."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation == result:
        yield value
    elif origin in (list, tuple, dict) and args and isinstance(value, origin):
        items = list(value.values()) if isinstance(value, dict) else list(value)
        same = origin is not tuple or args[-1] is Ellipsis
        kinds = [args[origin is dict]] * len(items) if same else args
        for item, kind in zip(items, kinds, strict=False):
            yield from _parts(item, kind, result)


def _problem(value: Any, annotation: Any) -> tuple[str, str] | None:
    """Return (expected, got) in words when they differ."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if isinstance(alias := origin or annotation, _ALIAS):  # as NDArray[...] is since numpy 2.5
        return _problem(value, alias.__value__[args] if args else alias.__value__)
    if annotation in (None, types.NoneType):
        return None if value is None else ("None", kind_of(value))
    if annotation in (bool, int, float, complex, str):
        return None if type(value) is annotation else (_NAMES[annotation], kind_of(value))
    if annotation is torch.Tensor:
        return None if isinstance(value, torch.Tensor) else ("a tensor", kind_of(value))
    if annotation is np.ndarray or origin is np.ndarray:
        return None if isinstance(value, np.ndarray) else ("a numpy array", kind_of(value))
    if origin in (typing.Union, types.UnionType):
        problems = [_problem(value, arg) for arg in args]
        if None in problems:
            return None
        return " or ".join(problem[0] for problem in problems if problem), kind_of(value)
    for kind in (set, frozenset):
        if kind in (annotation, origin):
            return None if type(value) is kind else (f"a {kind.__name__}", kind_of(value))
    if origin is tuple and args[-1] is not Ellipsis:
        if not isinstance(value, tuple) or len(value) != len(args):
            return f"a tuple of {len(args)}", kind_of(value)
        return _first_problem(value, args, "a tuple with {} in it")
    for container in (list, tuple, dict):
        if container in (annotation, origin):
            if not isinstance(value, container):
                return f"a {container.__name__}", kind_of(value)
            inner, each = (value.values(), args[1:2]) if isinstance(value, dict) else (value, args[:1])
            return (
                _first_problem(inner, [*each] * len(value), f"a {container.__name__} with {{}} in it") if each else None
            )
    return None


def _first_problem(values: Any, annotations: Any, frame: str) -> tuple[str, str] | None:
    for value, annotation in zip(values, annotations, strict=True):
        problem = _problem(value, annotation)
        if problem is not None:
            return frame.format(problem[0]), frame.format(problem[1])
    return None


_NAMES = {bool: "a bool", int: "an int", float: "a float", complex: "a complex", str: "a str"}
