"""Values are shown short, to the digit that matters, and never as more than a few numbers."""

import numpy as np
import pytest
import torch

from grader.toolkit import show
from grader.toolkit.verdicts import Opaque


def double(numbers):
    return torch.tensor(numbers, dtype=torch.float64)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (double([1.0, 0.1, 1e-7, 1e20]), "[1.0, 0.1, 1e-07, 1e+20]"),
        (double([[1.0], [2.5]]), "[[1.0], [2.5]]"),
        (double(3.0), "3.0"),
        (double([float("nan"), float("inf")]), "[nan, inf]"),
        (torch.tensor([1.0]), "[1.0] float32"),
        (torch.tensor([True, False]), "[True, False] bool"),
        (torch.tensor([1, 2]), "[1, 2]"),
        (double([0.0] * 8), "[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]"),
        (double([0.0] * 9), "[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, … (9 numbers)]"),
        (torch.zeros(3, 3), "tensor of shape (3, 3) float32"),
        (torch.zeros(0), "tensor of shape (0,) float32"),
        (double([1.0]).requires_grad_(), "[1.0]"),
        ([double([1.0])], "[1.0]"),
        ([double([1.0]), double(2.0)], "[[1.0], 2.0]"),
        ((0.1, 2), "(0.1, 2)"),
        ([1] * 9, "[1, 1, 1, 1, 1, 1, 1, 1, … (9 items)]"),
        ({"a": 0.5}, "{'a': 0.5}"),
        (double([1.000000001, 2.0]), "[1.000000001, 2.0]"),
        ((4,), "(4,)"),
        (None, "None"),
        (True, "True"),
        (0.30000000000000004, "0.3"),
        ("a\x1bb", "'a\\x1bb'"),
        (np.array([1.0, 2.0]), "array([1.0, 2.0])"),
        (np.zeros(9), "a numpy array of shape (9,) and dtype float64"),
        (Opaque("a module\x1b"), "a module\\x1b"),
        (torch.Generator().manual_seed(7), "torch.Generator().manual_seed(7)"),
        (torch.relu, "relu"),
    ],
)
def test_a_value_is_shown_short(value, text):
    assert show.value(value) == text


def test_a_generator_that_has_drawn_says_so():
    generator = torch.Generator().manual_seed(7)
    torch.rand(1, generator=generator)
    assert show.value(generator) == "torch.Generator().manual_seed(7), after some draws"


def test_a_function_of_a_check_is_told_by_what_it_says_of_itself():
    def objective(w):
        """1 everywhere."""

    objective.__module__ = "course_1.section1_tiny.test_section1"
    assert show.value(objective) == "1 everywhere"


def functions(number):
    return (
        lambda x: x * x - number, lambda x: 1 if x else number, lambda: 3,
        lambda x: lambda y: x - y,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("place", "number", "text"),
    [
        (0, 4.0, "lambda x: x * x - 4.0"),
        (0, 10**9, "lambda x: x * x - number"),  # which may be a secret
        (1, 2, "lambda x: 1 if x else 2"),
        (2, 1, "lambda: 3"),
        (3, 1, "lambda x: lambda y: x - y"),
    ],
)
def test_a_lambda_of_a_check_is_shown_as_it_is_written_with_its_numbers(place, number, text):
    function = functions(number)[place]
    assert show.value(function) == "<lambda>"
    function.__module__ = "course_1.section1_tiny.test_section1"
    assert show.value(function) == text


def test_an_argument_is_written_out_where_it_fits_and_else_by_its_shapes():
    matrix = double([[1.0, 2.0, 3.0]] * 4)
    assert show.brief(matrix, 100) == "[[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]"
    assert show.brief(matrix, 20) == "tensor of shape (4, 3)"
    assert show.brief([double([1.0] * 8), 1], 20) == "[tensor of shape (8,), 1]"
    assert show.brief({"w": double([1.0] * 8)}, 20) == "{'w': tensor of shape (8,)}"


def test_digits_that_are_asked_for_are_given():
    assert show.value(double([1.0, 2.0]), 4) == "[1.0000, 2.0000]"
    assert show.value([0.5, double(0.5)], 2) == "[0.50, 0.50]"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (torch.zeros(2, 3), "a tensor of shape (2, 3) and dtype float32"),
        (np.zeros(2), "a numpy array of shape (2,) and dtype float64"),
        (None, "None"),
        ([1, 2], "a list of 2"),
        ((), "a tuple of 0"),
        ({}, "a dict of 0"),
        (1, "an int"),
        (True, "a bool"),
        (1.0, "a float"),
        (Opaque("a module"), "a module"),
    ],
)
def test_a_kind_is_named_without_its_content(value, text):
    assert show.kind_of(value) == text
