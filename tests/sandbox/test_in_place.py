"""What a submission changes in place arrives in the caller's own objects, and what does not fit is refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from grader.sandbox.values import Unpacker
from grader.toolkit.verdicts import WrongAnswerError

IN_PLACE = {
    "add_": "x.add_(1)",
    "data": "x.data = x.data + 1",
    "a numpy view": "y = x.numpy(); y += 1",
    "copy_": "x.copy_(x + 1)",
    "a slice": "x[...] = x + 1",
}


@pytest.mark.parametrize("change", IN_PLACE.values(), ids=IN_PLACE.keys())
def test_a_change_in_place_arrives_in_the_callers_tensor(trial: Any, change: str) -> None:
    tensor = torch.arange(3.0)
    with trial(f"def f(x):\n    {change}") as met:
        assert met.student.f(tensor) is None
    assert tensor.tolist() == [1, 2, 3]


def test_a_change_in_place_arrives_in_every_kind_of_argument(trial: Any) -> None:
    wide = torch.zeros(2, 4)
    parameter, view, array, nested = torch.nn.Parameter(torch.zeros(2)), wide[:, ::2], np.zeros(2), torch.zeros(1)
    source = """
        def f(parameter, view, array, *, nested):
            for value in (parameter.data, view, nested["a"][0][0]):
                value.add_(1)
            array += 1
    """
    with trial(source) as met:
        met.student.f(parameter, view, array, nested={"a": [(nested,)]})
    assert parameter.requires_grad
    assert parameter.tolist() == array.tolist() == [1, 1]
    assert nested.tolist() == [1]
    assert wide.tolist() == [[1, 0, 1, 0]] * 2


@pytest.mark.parametrize("kind", [torch.zeros, lambda shape: torch.nn.Parameter(torch.zeros(shape)).mul(1)])
def test_autograd_knows_of_a_change_in_place(trial: Any, kind: Callable[..., torch.Tensor]) -> None:
    tensor, weight = kind(3), torch.ones(3, requires_grad=True)
    product = (tensor * weight).sum()  # whose gradient is what the tensor holds
    with trial("def f(x):\n    x.data += 1") as met:
        met.student.f(tensor)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        product.backward()


@pytest.mark.parametrize("dtype", [torch.bool, torch.int16, torch.float16, torch.float64, torch.complex64], ids=str)
@pytest.mark.parametrize("shape", [(), (0, 2), (2, 3)], ids=str)
def test_a_change_in_place_arrives_for_every_shape_and_dtype(trial: Any, dtype: torch.dtype, shape: Any) -> None:
    tensor = torch.zeros(shape, dtype=dtype)
    with trial("import torch\ndef f(x):\n    x.copy_(torch.ones_like(x))") as met:
        met.student.f(tensor)
    assert torch.equal(tensor, torch.ones(shape, dtype=dtype))


MOVED = {
    "data": lambda x: setattr(x, "data", torch.zeros(2)),
    "set_": lambda x: x.set_(torch.zeros(2)),
    "shared": lambda x: x.share_memory_(),  # its former memory is free then: writing there would corrupt the grader
}


@pytest.mark.parametrize("move", MOVED.values(), ids=MOVED.keys())
def test_a_change_in_place_arrives_where_a_function_called_back_has_moved_the_tensor(trial: Any, move: Any) -> None:
    tensor = torch.zeros(2)

    def called_back() -> None:
        move(tensor)

    with trial("def f(x, g):\n    g()\n    x += 1") as met:
        met.student.f(tensor, called_back)
    assert tensor.tolist() == [1, 1]


def test_a_change_in_place_of_another_form_than_the_callers_is_refused(trial: Any) -> None:
    """Here the caller's own tensor has got another one meanwhile."""
    tensor = torch.zeros(2)
    with trial("def f(x, g):\n    g()\n    x += 1") as met, pytest.raises(WrongAnswerError, match="shape was changed"):
        met.student.f(tensor, lambda: setattr(tensor, "data", torch.zeros(3)))
    assert tensor.tolist() == [0, 0, 0]


def test_what_was_answered_is_kept_whatever_the_check_does_with_it(trial: Any) -> None:
    changed = torch.zeros(2)
    with trial("def f(x): return x + 1\ndef g(x): x.add_(2)") as met:
        met.student.f(changed).fill_(7)
        met.student.g(changed)
        changed.fill_(7)
        returned, written = list(met.student.transcript)
    assert Unpacker(returned.answer.arrays, bytearray(returned.data)).unpack(returned.answer.value).tolist() == [1, 1]
    assert Unpacker(written.answer.arrays, bytearray(written.data)).array(0).tolist() == [2, 2]


def test_a_change_of_one_alias_arrives_in_the_tensor_behind_both(trial: Any) -> None:
    tensor = torch.zeros(2)
    with trial("def f(x, y):\n    x.add_(1)\n    return (y + 0).tolist()") as met:
        assert met.student.f(tensor, tensor) == [1, 1]
    assert tensor.tolist() == [1, 1]


def test_a_rebound_name_changes_nothing_for_the_caller(trial: Any) -> None:
    tensor, items = torch.zeros(2), [torch.zeros(2)]
    with trial("def f(x, items):\n    x = x + 1\n    items[0] = x\n    return x") as met:
        assert met.student.f(tensor, items).tolist() == [1, 1]
    assert tensor.tolist() == items[0].tolist() == [0, 0]


DEFORMED = {
    "shape": ("x.data = torch.ones(4)", "shape was changed in place, from (3,) to (4,)"),
    "dtype": ("x.data = x.data.double()", "dtype was changed in place, from float32 to float64"),
    "nothing to send": ("x.data = x.data.bfloat16()", "changed in place to something that is no longer numbers"),
}


@pytest.mark.parametrize(("change", "text"), DEFORMED.values(), ids=DEFORMED.keys())
def test_an_argument_that_loses_its_form_is_a_wrong_answer(trial: Any, change: str, text: str) -> None:
    tensor = torch.zeros(3)
    with trial(f"import torch\ndef f(x):\n    {change}") as met, pytest.raises(WrongAnswerError) as caught:
        met.student.f(tensor)
    assert text in caught.value.message
    assert tensor.tolist() == [0, 0, 0]
