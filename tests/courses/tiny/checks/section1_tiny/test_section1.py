"""Section 1: checks of the tiny course."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.toolkit.check import check
from grader.toolkit.closeness import expect_close, expect_value_error
from grader.toolkit.strategies import tensors

CHANGES = {"shift_in_place": ("params",)}
UNCHANGED = {"scale": 0.25}

# Two decimals at most, and no number that is its own image under the usual slips.
NUMBERS = (1.0, 2.0, -0.5, 4.0)
SHAPES = ((2,), (), (2, 2))


def tensor_of_some_shape():
    return st.sampled_from(SHAPES).flatmap(lambda shape: tensors(shape, NUMBERS, torch.float64))


# -- scale


@check("scale", points=1)
@given(x=tensor_of_some_shape(), factor=st.sampled_from((3.0, 0.5, -2.0)))
def test_scale_by_definition(student, x, factor):
    """Every entry is multiplied by the factor."""
    expected = factor * x
    expect_close({"scaled": (student.scale(x, factor), expected)})


@check("scale", points=0.5, needs=["scale_by_definition"])
def test_scale_keeps_dtype(student):
    """float32 comes back as float32."""
    x = torch.tensor([1.0, 2.0], dtype=torch.float32)
    expected = 3 * x
    expect_close({"scaled": (student.scale(x, 3.0), expected)})


# -- shift_in_place


@check("shift_in_place", points=1)
@given(params=st.lists(tensor_of_some_shape(), min_size=1, max_size=2), amount=st.sampled_from((3.0, 0.25)))
def test_shift_adds_the_amount(student, params, amount):
    """The amount is added to every entry of every tensor."""
    expected = [w + amount for w in params]
    _, after = student.shift_in_place(params, amount)
    expect_close({"params": (after.params, expected)})


@check("shift_in_place", points=0.5, needs=["shift_adds_the_amount"])
def test_shift_rejects_a_negative_amount(student):
    """A negative amount raises ValueError."""
    with expect_value_error("amount"):
        student.shift_in_place([torch.ones(2, dtype=torch.float64)], -1.0)


# -- mean


@check("mean", points=1)
def test_mean_by_hand(student, note):
    """The mean of 1, 2 and 6 is 3."""
    result = student.mean(torch.tensor([1.0, 2.0, 6.0], dtype=torch.float64))
    expect_close({"mean": (result, 3.0)})
    note(f"the mean of 1, 2 and 6 came out as {result:.1f}")


@check("mean", points=0.25, needs=["mean_by_hand"])
def test_mean_of_a_matrix(student):
    """A matrix has one mean, over all entries."""
    expect_close({"mean": (student.mean(torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)), 2.5)})


# -- centre


@check("centre", points=0.5, needs=["mean"], hidden=True)
def test_centre_by_hand(student):
    """1, 2 and 6 become -2, -1 and 3."""
    result = student.centre(torch.tensor([1.0, 2.0, 6.0], dtype=torch.float64))
    expect_close({"centred": (result, torch.tensor([-2.0, -1.0, 3.0], dtype=torch.float64))})
