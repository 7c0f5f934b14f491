"""An answer's kind is held against the annotation, strictly where Python itself would be lax."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from grader.toolkit.kinds import expect_kind, expect_kind_around
from grader.toolkit.verdicts import Opaque, WrongAnswerError, WrongKindError

ONE = torch.ones(1)


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        (None, None),
        (True, bool),
        (1, int),
        (1.0, float),
        ("a", str),
        (ONE, Tensor),
        (torch.nn.Parameter(ONE), Tensor),
        (np.ones(1), np.ndarray),
        (np.ones(1), npt.NDArray[np.float64]),
        ([], list[Tensor]),
        ([ONE, ONE], list[Tensor]),
        ((ONE, 1.0), tuple[Tensor, float]),
        ({"a": 1.0}, dict[str, float]),
        ({"a": [ONE]}, dict[str, list[Tensor]]),
        (Opaque("anything"), Any),
        (1, int | None),
        (None, int | None),
        ((1, 2), tuple[int, ...]),
        ((1, None), tuple),
        (iter([1]), Iterator[int]),
    ],
)
def test_what_is_promised_passes_and_what_is_not_known_is_not_judged(value, annotation):
    expect_kind(value, annotation, "f")


@pytest.mark.parametrize(
    ("value", "annotation", "message"),
    [
        (ONE, np.ndarray, "f returned a tensor of shape (1,) and dtype float32, but a numpy array was expected."),
        ([1.0], npt.NDArray[np.float64], "f returned a list of 1, but a numpy array was expected."),
        (
            ONE,
            None,
            "f returned a tensor of shape (1,) and dtype float32. It changes its arguments in place and returns None.",
        ),
        (None, Tensor, "f returned None, but a tensor was expected. Does every way through"),
        (1, float, "f returned an int, but a float was expected."),
        (True, int, "f returned a bool, but an int was expected. A comparison, such as `a < b`, gives a bool."),
        (
            Opaque("an f"),
            float,
            "but a float was expected. `class f` makes such an object: write a function, `def f(...):`",
        ),
        (1, bool, "f returned an int, but a bool was expected."),
        (ONE.sum(), float, "`.item()` makes a float of a tensor with one element."),
        (ONE[:1], float, "Which entry of your tensor is asked for?"),
        ([ONE.sum()], list[float], "`.item()` makes a float of a tensor with one element."),
        (torch.ones(2), float, "f returned a tensor of shape (2,) and dtype float32, but a float was expected."),
        ((ONE,), list[Tensor], "f returned a tuple of 1, but a list was expected."),
        (
            [ONE, 1.0],
            list[Tensor],
            "f returned a list with a float in it, but a list with a tensor in it was expected.",
        ),
        ([ONE, 1.0], tuple[Tensor, float], "f returned a list of 2, but a tuple of 2 was expected."),
        ((ONE,), tuple[Tensor, float], "f returned a tuple of 1, but a tuple of 2 was expected."),
        ((ONE, 1), tuple[Tensor, float], "a tuple with an int in it, but a tuple with a float in it was expected."),
        (
            {"a": 1},
            dict[str, float],
            "f returned a dict with an int in it, but a dict with a float in it was expected.",
        ),
        ([1.0], dict[str, float], "f returned a list of 1, but a dict was expected."),
        ([[1.0]], list[list[Tensor]], "a list with a list with a float in it in it"),
        ("a", int | None, "f returned a str, but an int or None was expected."),
        ((1, "a"), tuple[int, ...], "f returned a tuple with a str in it, but a tuple with an int in it was expected."),
        (1, list, "f returned an int, but a list was expected."),
        (Opaque("a module"), Tensor, "f returned a module, but a tensor was expected."),
    ],
)
def test_another_kind_is_named_beside_the_one_that_was_expected(value, annotation, message):
    with pytest.raises(WrongAnswerError) as error:
        expect_kind(value, annotation, "f")
    assert message in error.value.message


@pytest.mark.parametrize(
    ("value", "annotation", "result", "message"),
    [
        ((None, ONE), tuple[Tensor, Tensor | None], Tensor, "f returned None, but a tensor was expected. Does every"),
        ([[1.0], [1.0, ONE[0]]], list[list[float]], float, "f returned a tensor of shape () and dtype float32, but a"),
        ([{"a": 1}], list[dict[str, float]], dict[str, float], "f returned a dict with an int in it, but a dict with"),
        ({"a": "b"}, dict[str, Tensor], Tensor, "f returned a str, but a tensor was expected."),
        ((1, 2.0), tuple[int, ...], int, "f returned a float, but an int was expected."),
        ([ONE, "a"], list[Tensor], None, "After calls of f, the grader has a list with a str in it in place of a list"),
    ],
)
def test_in_the_value_of_a_program_the_part_that_the_function_returned_is_named(value, annotation, result, message):
    with pytest.raises(WrongKindError) as error:
        expect_kind_around(value, annotation, "f", result)
    assert error.value.message.startswith(message)
    assert error.value.got.endswith("in it")  # of the whole, for the author
