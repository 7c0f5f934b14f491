"""The arguments of a call as it changed them, by the names of the parameters. The originals stay the same."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from grader.sandbox.calls.packing import Packer
from grader.toolkit.closeness import expect_unchanged
from grader.toolkit.lazy_torch import as_array, torch
from grader.toolkit.tensors import with_gaps
from grader.toolkit.verdicts import Row, WrongAnswerError


class ArgumentsAfter:
    """The arguments after a call that works in place: `after.params`."""

    def __init__(self, arguments: Mapping[str, Any]) -> None:
        vars(self).update(arguments)

    def __getattr__(self, name: str) -> Any:
        """An argument that is not there. Raises AttributeError, for the author of the check."""
        raise AttributeError(f"after has no {name}. It has the arguments in CHANGES: {', '.join(vars(self)) or 'none'}")


class ValueAndAfter(tuple[Any, ArgumentsAfter]):
    """The result of a call that works in place: `(value, after)`."""

    def __getattr__(self, name: str) -> Any:
        """What only `after` has. Raises AttributeError, for the author of the check."""
        said = "a call of an exercise in CHANGES returns (value, after)"
        raise AttributeError(f"{said}: write _, after = ..., and then after.{name}")


@dataclass(frozen=True)
class ChangedInput:
    """An input that a call changed but should not: a sentence for the student, and the numbers before and after."""

    message: str
    rows: tuple[Row, ...] = ()


def bind(function: Callable[..., Any] | None, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Pair the arguments of a call with the names of the parameters."""
    try:
        return dict(_signature(function).bind(*args, **kwargs).arguments)
    except TypeError:
        return {f"argument {place + 1}": arg for place, arg in enumerate(args)} | kwargs


@cache
def _signature(function: Callable[..., Any] | None) -> inspect.Signature:
    return inspect.signature(function)  # type: ignore[arg-type]


def after_call(
    bound: Mapping[str, Any], names: Sequence[str], packer: Packer, changed: Mapping[int, Any]
) -> ArgumentsAfter:
    """Copies of the arguments called `names`, with the `changed` arrays, which are keyed by their numbers.

    Raises WrongAnswerError if a tensor came back with another form.
    """

    def left(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return type(value)(map(left, value))
        if isinstance(value, dict):
            return {key: left(item) for key, item in value.items()}
        index = packer.index_of(value)
        if index is None:
            return value
        return _in_its_form(value, changed[index] if index in changed else _copy(value))

    return ArgumentsAfter({name: left(bound[name]) for name in names if name in bound})


def _copy(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, torch.Tensor) else np.array(value)


def _in_its_form(before: Any, new: Any) -> Any:
    """The returned array, as the same kind of object as the sent one."""
    problem = _other_form(before, new)
    if problem is not None:
        raise WrongAnswerError(f"An argument{problem}")
    if not isinstance(before, torch.Tensor):
        return np.asarray(as_array(new))
    tensor = torch.as_tensor(new).detach()
    if not before.is_contiguous():
        tensor = with_gaps(tensor)
    if isinstance(before, torch.nn.Parameter):
        return torch.nn.Parameter(tensor, before.requires_grad)
    return tensor.requires_grad_(before.requires_grad)


def _other_form(before: Any, new: Any) -> str | None:
    """Words to follow an array's name if its form changed, else None."""
    if isinstance(new, np.ndarray) and isinstance(before, torch.Tensor):
        return " was changed in place to a value that is not numeric."
    for name in ("shape", "dtype"):
        was, now = (_form(item, name) for item in (before, new))
        if was != now:
            return f"'s {name} was changed in place, from {was} to {now}."
    return None


def _form(array: Any, name: str) -> str:
    """A shape or dtype, in the same words for torch and numpy."""
    value = getattr(array, name)
    return str(tuple(value)) if name == "shape" else str(value).removeprefix("torch.")


def changed_input(
    bound: Mapping[str, Any],
    names: Sequence[str],
    packer: Packer,
    changed: Mapping[int, Any],
    switches: Sequence[tuple[str, int]],
    recording: bool,
    raised: bool = False,
) -> ChangedInput | None:
    """The first changed input. The inputs called `names` may hold other numbers, unless the call `raised` an exception."""
    own = _numbers([bound[name] for name in names if name in bound], packer)
    for index, new in changed.items():
        before = packer.sources[index]
        if raised or index not in own:
            return _of_numbers(_place(bound, before), before, new, _HALF_DONE if index in own else _ONLY_AN_INPUT)
    for kind, number in switches:
        owner = packer.containers[number] if kind == "items" else packer.sources[number]
        what = next((one.__name__ for one in (set, dict, list) if isinstance(owner, one)), kind)
        return ChangedInput(f"{_place(bound, owner)}{_SWITCHES[what]}")
    if not recording:
        return ChangedInput(
            "After the call, torch no longer records gradients. Put your own lines below `with torch.no_grad():`, which "
            "switches them on again."
        )
    return None


_SWITCHES = {
    "list": " holds other items, or another order, after the call. Do not change the list.",
    "dict": " holds other entries, or another order, after the call. Do not change the dictionary: make a new one.",
    "set": " holds other items after the call. Do not change the set.",
    "requires_grad": ".requires_grad is different after the call. Leave it unchanged.",
    "grad": ".grad holds a gradient after the call. Leave it unchanged.",
}


_ONLY_AN_INPUT = "was modified, but is only an input"
_HALF_DONE = "was modified, and then the call raised an exception: such a call should change nothing"


def _of_numbers(place: str, before: Any, new: Any, message: str) -> ChangedInput:
    problem = _other_form(before, new)
    if problem is not None:
        return ChangedInput(f"{place}{problem}")
    try:
        if isinstance(before, np.ndarray):
            new = np.asarray(as_array(new))
        expect_unchanged(place, new, before.detach() if isinstance(before, torch.Tensor) else before, message)
    except WrongAnswerError as error:
        return ChangedInput(error.message, error.rows)
    return ChangedInput(f"{place} {message}.")


def _numbers(values: Sequence[Any], packer: Packer) -> set[int]:
    """The numbers of all arrays in these arguments."""
    found: set[int] = set()
    for value in values:
        if isinstance(value, list | tuple | dict):
            found |= _numbers(list(value.values()) if isinstance(value, dict) else value, packer)
        elif (index := packer.index_of(value)) is not None:
            found.add(index)
    return found


def _place(bound: Mapping[str, Any], target: Any) -> str:
    """Where an object lies among the arguments, such as "grads[1]". An argument may also be a part of another one."""
    if own := [name for name, value in bound.items() if value is target]:
        return own[0]
    return next((place for name, value in bound.items() if (place := _within(name, value, target))), "An argument")


def _within(name: str, value: Any, target: Any) -> str | None:
    if value is target:
        return name
    if isinstance(value, dict):
        entries = [(f"{name}[{key!r}]", item) for key, item in value.items()]
    elif isinstance(value, list | tuple):
        entries = [(f"{name}[{place}]", item) for place, item in enumerate(value)]
    else:
        entries = [(f"{name}.{field}", getattr(value, field)) for field in getattr(value, "__dataclass_fields__", ())]
    return next((found for place, item in entries if (found := _within(place, item, target))), None)
