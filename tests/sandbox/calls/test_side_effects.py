"""Calls work on copies: what a submission changes in place comes back beside the value, and the caller keeps what it sent."""

import hashlib
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from grader.sandbox.calls.in_process import LocalStudent
from grader.sandbox.calls.local_calls import LocalReference
from grader.sandbox.calls.student import Contract
from grader.sandbox.calls.unpacking import Unpacker
from grader.toolkit.programs import random_state_after
from grader.toolkit.verdicts import StudentError, WrongAnswerError
from tests.course_parts import from_course

Quadratic = from_course("shared.problems", "Quadratic")

IN_PLACE = {
    "add_": "x.add_(1)",
    "data": "x.data = x.data + 1",
    "a numpy view": "y = x.numpy(); y += 1",
    "copy_": "x.copy_(x + 1)",
    "a slice": "x[...] = x + 1",
}
REFERENCE = "def f(x): ..."


@pytest.mark.parametrize("change", IN_PLACE.values(), ids=IN_PLACE.keys())
def test_a_change_in_place_comes_back_and_the_caller_keeps_what_it_sent(trial: Any, change: str) -> None:
    tensor = torch.arange(3.0)
    with trial(f"def f(x):\n    {change}", REFERENCE, changes={"f": ("x",)}) as met:
        value, after = met.student.f(tensor)
        assert met.student.disturbance is None
    assert value is None
    assert after.x.tolist() == [1, 2, 3]
    assert tensor.tolist() == [0, 1, 2]


def test_every_kind_of_argument_comes_back_as_the_kind_that_was_sent(trial: Any) -> None:
    wide = torch.zeros(2, 4)
    parameter, view, array, nested = torch.nn.Parameter(torch.zeros(2)), wide[:, ::2], np.zeros(2), torch.zeros(1)
    source = """
        def f(parameter, view, array, *, nested):
            for value in (parameter.data, view, nested["a"][0][0]):
                value.add_(1)
            array += 1
    """
    names = ("parameter", "view", "array", "nested")
    with trial(source, "def f(parameter, view, array, *, nested): ...", changes={"f": names}) as met:
        _, after = met.student.f(parameter, view, array, nested={"a": [(nested,)]})
    assert isinstance(after.parameter, torch.nn.Parameter)
    assert after.parameter.requires_grad
    assert not after.view.is_contiguous()
    assert after.parameter.tolist() == after.array.tolist() == [1, 1]
    assert after.view.tolist() == [[1, 1]] * 2
    assert after.nested["a"][0][0].tolist() == [1]
    assert [*parameter.tolist(), *array.tolist(), *nested.tolist(), float(wide.sum())] == [0] * 6


@pytest.mark.parametrize("dtype", [torch.bool, torch.int16, torch.float16, torch.float64, torch.complex64], ids=str)
@pytest.mark.parametrize("shape", [(), (0, 2), (2, 3)], ids=str)
def test_a_change_in_place_comes_back_for_every_shape_and_dtype(trial: Any, dtype: torch.dtype, shape: Any) -> None:
    tensor = torch.zeros(shape, dtype=dtype)
    with trial("import torch\ndef f(x):\n    x.copy_(torch.ones_like(x))", REFERENCE, changes={"f": ("x",)}) as met:
        _, after = met.student.f(tensor)
    assert torch.equal(after.x, torch.ones(shape, dtype=dtype))
    assert not tensor.any()


def test_what_was_answered_is_kept_whatever_the_check_does_with_it(trial: Any) -> None:
    with trial("def f(x): return x + 1\ndef g(x): x.add_(2)", "def g(x): ...", changes={"g": ("x",)}) as met:
        met.student.f(torch.zeros(2)).fill_(7)
        met.student.g(torch.zeros(2))[1].x.fill_(7)
        returned, written = list(met.student.transcript)
    assert Unpacker(returned.answer.arrays, bytearray(returned.data)).unpack(returned.answer.value).tolist() == [1, 1]
    assert Unpacker(written.answer.arrays, bytearray(written.data)).array(0).tolist() == [2, 2]


def test_a_change_of_one_alias_is_seen_through_the_other(trial: Any) -> None:
    tensor, names = torch.zeros(2), {"f": ("x", "y")}
    with trial("def f(x, y):\n    x.add_(1)\n    return (y + 0).tolist()", "def f(x, y): ...", changes=names) as met:
        value, after = met.student.f(tensor, tensor)
    assert value == after.x.tolist() == after.y.tolist() == [1, 1]


def test_a_rebound_name_changes_nothing_for_the_caller(trial: Any) -> None:
    source = "def f(x, items):\n    x = x + 1\n    items[0] = x\n    return x"
    with trial(source, "def f(x, items): ...", changes={"f": ("x", "items")}) as met:
        value, after = met.student.f(torch.zeros(2), [torch.zeros(2)])
    assert value.tolist() == [1, 1]
    assert after.x.tolist() == after.items[0].tolist() == [0, 0]


DEFORMED = {
    "shape": ("x.data = torch.ones(4)", "shape was changed in place, from (3,) to (4,)"),
    "dtype": ("x.data = x.data.double()", "dtype was changed in place, from float32 to float64"),
    "nothing to send": ("x.data = x.data.bfloat16()", "changed in place to a value that is not numeric"),
}


@pytest.mark.parametrize(("change", "text"), DEFORMED.values(), ids=DEFORMED.keys())
def test_an_argument_that_loses_its_form_is_a_wrong_answer(trial: Any, change: str, text: str) -> None:
    source = f"import torch\ndef f(x):\n    {change}"
    with trial(source, REFERENCE, changes={"f": ("x",)}) as met, pytest.raises(WrongAnswerError) as caught:
        met.student.f(torch.zeros(3))
    assert text in caught.value.message


# What a function that only reads its input may do to it, and what the report says of it.
DISTURBED = {
    "numbers": ("items[1].add_(1)", "items[1] was modified"),
    "numbers of a field": ("object.minimum.add_(1)", "object.minimum was modified"),
    "an item more": ("items.append(1)", "items holds other items"),
    "another order": ("items.reverse()", "items holds other items"),
    "a replaced item": ("items[0] = items[0].clone()", "items holds other items"),
    "a key more": ("named['b'] = 1", "named holds other entries"),
    "requires_grad": ("w.requires_grad_()", "w.requires_grad is different"),
    ".grad": ("w.requires_grad_(); w.sum().backward(); w.requires_grad_(False)", "w.grad holds a gradient"),
    "another shape": ("w.data = torch.ones(5)", "w's shape was changed in place, from (2,) to (5,)"),
    "recording": ("torch.set_grad_enabled(False)", "After the call, torch no longer records gradients"),
    "before it raises": ("w.add_(1); raise ValueError('w')", "w was modified"),
    "nothing": ("w + 1; items[0].sum(); object(w)", None),
    "a generator, which is drawn from": ("torch.rand(1, generator=generator)", None),
}


@pytest.mark.parametrize(("body", "text"), DISTURBED.values(), ids=DISTURBED.keys())
@pytest.mark.parametrize("here", [False, True], ids=["in a worker", "in this process"])
def test_an_input_that_does_not_come_back_as_it_was_is_noticed(trial: Any, body: str, text: str, here: bool) -> None:
    names = "w, items, named, object, generator"
    source = f"import torch\ndef f({names}):\n    {body}"
    bowl = Quadratic(torch.eye(2), torch.zeros(2))
    arguments = (torch.zeros(2), [torch.zeros(1), torch.ones(1)], {"a": torch.ones(1)}, bowl, torch.Generator())
    with trial(source, f"def f({names}): ...", exercise="f") as met:
        student = _in_this_process(source) if here else met.student
        for _ in range(2):  # it is the first call that is told
            try:
                student.f(*arguments)
            except StudentError:
                assert "raise" in body
    message = student.disturbance.message if student.disturbance else None
    assert (message is None) == (text is None)
    assert text is None or text in message
    assert torch.is_grad_enabled()


def test_a_tensor_that_also_lies_in_another_argument_is_called_by_its_own_name(trial: Any) -> None:
    source = "def f(objective, w):\n    w.requires_grad_()"
    w = torch.zeros(2)
    with trial(source, "def f(objective, w): ...", exercise="f") as met:
        met.student.f(Quadratic(torch.eye(2), w), w)
    assert met.student.disturbance.message.startswith("w.requires_grad is different")


def test_a_function_that_works_in_place_may_change_nothing_where_it_raises(trial: Any) -> None:
    source = "def f(x):\n    x.add_(1)\n    raise ValueError('x')"
    with trial(source, REFERENCE, changes={"f": ("x",)}, exercise="f") as met, pytest.raises(StudentError):
        met.student.f(torch.zeros(2))
    words = "x was modified, and then the call raised an exception: such a call should change nothing."
    assert met.student.disturbance.message == words


def test_arguments_of_programs_count_as_inputs_of_the_exercise(trial: Any) -> None:
    X = torch.zeros(3)
    with trial("def f(X): X.add_(1)", exercise="f") as met:
        met.student.run(random_state_after, 0, "f", X)
    assert met.student.disturbance is not None
    assert not X.any()


HERE = """
import torch
def f(x): x.add_(1)
def g(generator): return torch.rand(1, generator=generator)
"""


def test_the_reference_works_on_copies_too() -> None:
    module = types.ModuleType("reference")
    exec(HERE, module.__dict__)
    reference, tensor, generator = LocalReference(Contract(module, {"f": ("x",)})), torch.zeros(2), torch.Generator()
    state = generator.get_state()
    result = reference.f(tensor)
    _, after = result
    with pytest.raises(AttributeError, match=r"after has no y\. It has the arguments in CHANGES: x"):
        _ = after.y
    with pytest.raises(AttributeError, match=r"returns \(value, after\): write _, after = ..., and then after.x"):
        _ = result.x
    first, second = reference.g(generator), reference.g(generator)
    assert after.x.tolist() == [1, 1]
    assert tensor.tolist() == [0, 0]
    assert not torch.equal(first, second)
    assert torch.equal(generator.get_state(), state)


def _in_this_process(source: str) -> LocalStudent:
    module = types.ModuleType("submission")
    exec(source, module.__dict__)
    return LocalStudent(lambda: module, Contract(module), "submission.py", exercise="f")


VANDAL = """
import gc, sys, torch
def vandalise(*given):
    frame, reached = sys._getframe(), list(given)
    while frame is not None:
        reached += list(frame.f_locals.values()) + list(frame.f_globals.values())
        frame = frame.f_back
    reached += gc.get_objects()
    with torch.no_grad():
        for thing in reached:
            if isinstance(thing, torch.Tensor):
                try:
                    thing.fill_({value})
                except Exception:
                    pass
    return float({value!r}) if given else None
"""


@pytest.mark.parametrize("value", ["float('nan')", "0.0", "1e30"])
def test_no_tensor_of_this_process_is_written_by_a_vandal(trial: Any, value: str) -> None:
    kept = [torch.arange(4.0), torch.ones(2, 2), torch.arange(3)]
    bowl = Quadratic(torch.eye(2) * 2, torch.ones(2))
    before = _digest([*kept, bowl.hessian, bowl.minimum])
    source = VANDAL.replace("{value!r}", value).replace("{value}", value) + "\ndef f(*given): return vandalise(*given)"
    with trial(source) as met:
        met.student.f(bowl, kept, kept[0], torch.Generator(), lambda w: w)
    assert _digest([*kept, bowl.hessian, bowl.minimum]) == before


def _digest(tensors: list[torch.Tensor]) -> str:
    return hashlib.sha256(b"".join(tensor.numpy().tobytes() for tensor in tensors)).hexdigest()


def test_a_callback_gets_a_copy_of_what_the_submission_hands_over(trial: Any) -> None:
    seen: list[torch.Tensor] = []
    keep: Callable[[torch.Tensor], None] = seen.append
    with trial("import torch\ndef f(g):\n    x = torch.zeros(2)\n    g(x)\n    x.add_(1)\n    g(x)") as met:
        met.student.f(keep)
    assert [tensor.tolist() for tensor in seen] == [[0, 0], [1, 1]]
