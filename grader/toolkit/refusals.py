"""A function that works in place refuses a bad argument before it changes anything."""

from typing import Any

from torch import Tensor

from grader.toolkit.closeness import expect_unchanged, expect_value_error
from grader.toolkit.programs.refusals import refuse
from grader.toolkit.strategies.updates import clones


def expect_refusal(student: Any, function: str, bad: str, tensors: dict[str, list[Tensor]], **numbers: Any) -> None:
    """The call must raise a ValueError that names the argument `bad`, and change none of its lists of `tensors`."""
    before = {name: clones(values) for name, values in tensors.items()}
    with expect_value_error(bad):
        getattr(student, function)(*tensors.values(), **numbers)
    student.run(refuse, function, *tensors.values(), **numbers)
    for name, values in tensors.items():
        expect_unchanged(name, values, before[name], f"should stay as they were where {bad} is refused, but changed")
