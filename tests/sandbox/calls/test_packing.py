from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from msgspec.msgpack import Ext

from grader.sandbox.calls import wire
from grader.sandbox.calls.packing import DEPTH_LIMIT, Packer
from grader.sandbox.calls.side_effects import changes
from grader.sandbox.calls.unpacking import Unpacker
from grader.sandbox.calls.wire import TUPLE
from grader.toolkit.verdicts import Opaque
from tests.course_parts import from_course

Quadratic, Quartic = from_course("shared.problems", "Quadratic", "Quartic")


def sent(value: Any) -> tuple[Any, Packer, Unpacker]:
    """Pack, send, receive and unpack a value, as an argument of a call."""
    packer = Packer(functions=True)
    call = wire.Call(1, "f", args=[packer.pack(value)], arrays=packer.arrays)
    packer.arrays = call.arrays
    frame = b"".join(wire.encode(call, packer.chunks))
    header, _ = wire.lengths(frame[: wire.PREFIX.size])
    blob = bytearray(frame[wire.PREFIX.size + header :])
    message = wire.decode(frame[wire.PREFIX.size :][:header], blob, wire.ToWorker)
    unpacker = Unpacker(message.arrays, blob, callback=lambda handle: packer.callbacks[handle])
    return unpacker.unpack(message.args[0]), packer, unpacker


def arrived(value: Any) -> Any:
    return sent(value)[0]


def same(got: Any, expected: Any) -> bool:
    """Tell whether two values agree in type, form and every bit."""
    if type(got) is not type(expected):
        return False
    if isinstance(expected, torch.Tensor):
        return got.requires_grad == expected.requires_grad and same(got.detach().numpy(), expected.detach().numpy())
    if isinstance(expected, np.ndarray):
        return (got.dtype, got.shape, got.tobytes()) == (expected.dtype, expected.shape, expected.tobytes())
    if isinstance(expected, list | tuple):
        return len(got) == len(expected) and all(map(same, got, expected))
    if isinstance(expected, dict):
        return list(got) == list(expected) and all(same(got[key], expected[key]) for key in expected)
    if isinstance(expected, float):
        return np.float64(got).tobytes() == np.float64(expected).tobytes()
    return bool(got == expected)


arrays = hnp.arrays(
    st.sampled_from([np.dtype(name) for name in wire.ITEM_SIZE]), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0)
)
tensors = st.builds(torch.from_numpy, arrays.map(np.copy))
texts = st.text(st.characters(codec="utf-8"), max_size=20)
leaves = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | texts | arrays | tensors
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(texts | st.floats(allow_nan=False), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(values)
def test_a_value_arrives_bit_by_bit(value: Any) -> None:
    assert same(arrived(value), value)


@pytest.mark.parametrize("dtype", wire.ITEM_SIZE)
@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (5,), (2, 3, 4)])
def test_a_tensor_of_every_dtype_and_shape_arrives(dtype: str, shape: tuple[int, ...]) -> None:
    tensor = torch.arange(int(np.prod(shape))).reshape(shape).to(getattr(torch, dtype))
    assert same(arrived(tensor), tensor)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.0, 5e-324, 2**63 - 1, -(2**63), "", "ε∇\0"])
def test_an_odd_number_or_text_arrives(value: Any) -> None:
    assert same(arrived(value), value)


def test_a_tensor_in_two_places_stays_one_tensor() -> None:
    tensor = torch.ones(3)
    first, (second, third) = arrived([tensor, (tensor, torch.ones(3))])
    assert first is second
    assert first is not third


def test_equal_tensors_share_no_memory() -> None:
    first, second = arrived([torch.ones(3), torch.ones(3)])
    first.add_(1)
    assert second.tolist() == [1, 1, 1]


def test_a_parameter_arrives_as_a_parameter() -> None:
    trainable, frozen = torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.ones(2), requires_grad=False)
    assert same(arrived([trainable, frozen]), [trainable, frozen])


def test_requires_grad_arrives_as_a_leaf() -> None:
    weights = torch.ones(2, requires_grad=True)
    leaf, result = arrived([weights, weights * 2])
    assert leaf.requires_grad
    assert leaf.is_leaf
    assert result.requires_grad
    assert result.is_leaf


@pytest.mark.parametrize(
    "view", [torch.arange(12.0).reshape(3, 4).T, torch.arange(12.0)[::3], torch.ones(2).expand(3, 2)]
)
def test_a_view_arrives_with_its_values_and_still_not_contiguous(view: torch.Tensor) -> None:
    assert not view.is_contiguous()
    got = arrived(view)
    assert same(got, view)
    assert not got.is_contiguous()


def test_a_conjugate_arrives_as_what_it_shows() -> None:
    assert same(arrived(torch.tensor([1 + 2j]).conj()), torch.tensor([1 - 2j]))


def test_a_numpy_view_of_the_other_byte_order_arrives_as_numbers() -> None:
    got = arrived(np.arange(6).astype(">i4").reshape(2, 3).T)
    assert same(got, np.arange(6, dtype=np.int32).reshape(2, 3).T.copy())


def test_a_number_of_numpy_arrives_as_one_of_python() -> None:
    arrived_ones = arrived([np.int32(3), np.float32(0.5), np.bool_(True), np.uint64(2**63 - 1)])
    assert arrived_ones == [3, 0.5, True, 2**63 - 1]
    assert [type(one) for one in arrived_ones] == [int, float, bool, int]


def test_what_arrives_can_be_written_to() -> None:
    tensor, array = arrived([torch.zeros(2), np.zeros(2)])
    tensor.add_(1)
    array += 1
    assert tensor.tolist() == array.tolist() == [1, 1]


def test_a_bool_is_true_or_false_whatever_byte_arrives() -> None:
    got = Unpacker([wire.Array("bool", (3,), 0)], bytearray([0, 1, 77])).array(0)
    assert got.view(torch.uint8).tolist() == [0, 1, 1]


def test_a_generator_goes_on_where_it_was() -> None:
    generator = torch.Generator().manual_seed(5)
    torch.rand(3, generator=generator)
    state = generator.get_state()
    got = arrived([generator, generator])
    assert got[0] is got[1]
    assert torch.equal(torch.rand(4, generator=got[0]), torch.rand(4, generator=generator))
    assert not torch.equal(state, generator.get_state())


@pytest.mark.parametrize(
    "problem", [Quadratic(torch.eye(2, dtype=torch.float64), torch.ones(2)), Quartic(torch.ones(3))]
)
def test_a_problem_is_rebuilt(problem: Any) -> None:
    got = arrived(problem)
    assert type(got) is type(problem)
    assert same(vars(got), vars(problem))


def test_a_problem_and_its_caller_share_a_tensor() -> None:
    slope = torch.ones(2)
    problem, same_slope = arrived((Quartic(slope), slope))
    assert problem.slope is same_slope


def test_a_function_travels_as_a_handle() -> None:
    value, packer, _ = sent([len, max])
    assert packer.callbacks == value == [len, max]


@pytest.mark.parametrize("value", [object(), {object()}, {(object(),): 2}, b"x"])
def test_the_trusted_process_is_told_of_what_it_cannot_send(value: Any) -> None:
    with pytest.raises(TypeError, match="cannot be passed to a submission"):
        Packer(functions=True).pack(value)


OPAQUE = {
    "a bytes": b"x",
    "a module": wire,
    "a function": lambda: None,
    "a Generator": torch.Generator(),
    "a Quartic (return a tuple or a dict of its fields)": Quartic(torch.ones(1)),
    "an integer of 64 bits": 2**63,
    "a tensor of dtype torch.bfloat16": torch.ones(2, dtype=torch.bfloat16),
    "a torch.sparse_coo tensor on device cpu": torch.ones(2).to_sparse(),
    "a torch.strided tensor on device meta": torch.ones(2, device="meta"),
    "a numpy array of dtype object (a list can hold these: .tolist())": np.array([None]),
    "a numpy array of dtype <U1 (a list can hold these: .tolist())": np.array(["a"]),
    "a tensor of shape (1099511627776,), which is far too large": torch.ones(1).expand(1 << 40),
}


@pytest.mark.parametrize(("description", "value"), OPAQUE.items(), ids=OPAQUE.keys())
def test_what_cannot_leave_a_worker_is_described(description: str, value: Any) -> None:
    tree = Packer().pack([value, 1])
    assert Unpacker([], bytearray()).unpack(tree) == [Opaque(description), 1]


def test_a_list_that_holds_itself_ends_in_a_description() -> None:
    endless: list[Any] = []
    endless.append(endless)
    got = Unpacker([], bytearray()).unpack(Packer().pack(endless))
    for _ in range(DEPTH_LIMIT):
        (got,) = got
    assert got == Opaque("something nested too deeply")


@pytest.mark.parametrize("depth", [1, 9, 15, 40])
def test_tuples_may_be_as_deep_as_lists_and_deeper_ones_end_in_a_description(depth: int) -> None:
    value: Any = ()
    for _ in range(depth):
        value = (value,)
    got, levels = Unpacker([], bytearray()).unpack(Packer().pack(value)), 0
    while got != () and isinstance(got, tuple):
        (got,), levels = got, levels + 1
    assert (got, levels) == (
        ((), depth) if depth < DEPTH_LIMIT else (Opaque("something nested too deeply"), DEPTH_LIMIT)
    )


def test_a_worker_cannot_make_the_trusted_process_build_anything_but_data() -> None:
    for value in (len, torch.Generator(), Quartic(torch.ones(1))):
        packer = Packer(functions=True)
        tree = packer.pack(value)
        with pytest.raises(wire.ProtocolError, match="extension type"):
            Unpacker(packer.arrays, bytearray(b"".join(packer.chunks))).unpack(tree)


@pytest.mark.parametrize(
    "tree",
    [{1: 2}, {b"k": 1}, b"bytes", datetime.now(), object(), Ext(99, b""), Ext(TUPLE, b"\xc1"), Ext(TUPLE, b"\x01")],
)
def test_a_tree_that_no_packer_makes_is_refused(tree: Any) -> None:
    with pytest.raises(wire.ProtocolError):
        Unpacker([], bytearray()).unpack([tree])


def in_place(value: Any, change: Callable[[Any], Any]) -> list[int]:
    """Indices of the arrays that `changes` lists after `change` had the unpacked value."""
    got, packer, unpacker = sent(value)
    original = bytes(unpacker.blob)
    change(got)
    return [index for index, _, _ in changes(original, packer.arrays, unpacker.built)]


IN_PLACE: dict[str, Callable[[Any], Any]] = {
    "an operator": lambda values: values[0].add_(1),
    ".data": lambda values: values[0].data.mul_(2),
    "new .data": lambda values: setattr(values[0], "data", torch.zeros(5)),
    "a numpy view": lambda values: values[0].numpy().fill(9),
    "a slice": lambda values: values[0][1:].zero_(),
    "copy_": lambda values: values[0].copy_(torch.zeros(3)),
    "the sign of a zero": lambda values: values[0][0].neg_(),
}


@pytest.mark.parametrize("change", IN_PLACE.values(), ids=IN_PLACE.keys())
def test_every_way_to_change_a_tensor_in_place_is_noticed(change: Callable[[Any], Any]) -> None:
    assert in_place([torch.arange(3.0), torch.ones(3)], change) == [0]


def test_what_was_only_read_or_rebound_has_not_changed() -> None:
    def rebind(values: list[Any]) -> None:
        values[0] = values[0] + 1
        values.append(values[1].sum())

    nan = torch.tensor([float("nan"), -0.0, 1.0])
    assert in_place([nan, np.ones(2), torch.tensor([True]), torch.zeros(0), torch.ones(2, 2).T], rebind) == []


def test_a_generator_that_was_drawn_from_has_changed() -> None:
    assert in_place([torch.Generator()], lambda values: torch.rand(1, generator=values[0])) == [0]
