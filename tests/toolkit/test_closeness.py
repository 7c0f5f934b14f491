"""Right answers pass, wrong ones say in what they are wrong, in the order that helps most."""

import math

import numpy as np
import pytest
import torch

from grader.toolkit.closeness import expect, expect_close, expect_raises, expect_unchanged, expect_value_error
from grader.toolkit.verdicts import Opaque, StudentError, WrongAnswerError


def doubles(*numbers):
    return torch.tensor(numbers, dtype=torch.float64)


def refusal(got, expected, tolerance=None):
    with pytest.raises(WrongAnswerError) as error:
        expect_close({"w": (got, expected)}, tolerance)
    return error.value


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (doubles(1.0, 2.0), doubles(1.0, 2.0)),
        (doubles(1e300 * (1 + 1e-10)), doubles(1e300)),
        (doubles(float("-inf"), float("inf")), doubles(float("-inf"), float("inf"))),
        (torch.tensor([1.00001]), torch.tensor([1.0])),
        (torch.nn.Parameter(doubles(1.0)), doubles(1.0)),
        (doubles(1.0, 0.0, 2.0)[::2], doubles(1.0, 2.0)),
        (torch.tensor([True]), torch.tensor([True])),
        (torch.empty(0, 3), torch.empty(0, 3)),
        (doubles(1.0).sum(), torch.tensor(1.0, dtype=torch.float64)),
        (2.0 * (1 + 1e-12), 2.0),
        (3, 3),
        ([], []),
        ([doubles(1.0), 2.0], [doubles(1.0), 2.0]),
        ((1.0, (2, 3)), (1.0, (2, 3))),
    ],
)
def test_what_is_right_up_to_rounding_passes(got, expected):
    expect_close({"w": (got, expected)})


@pytest.mark.parametrize(
    ("got", "expected", "message"),
    [
        (None, doubles(1.0), "w should be a tensor; yours is None."),
        (1.0, doubles(1.0), "w should be a tensor; yours is a float."),
        (Opaque("a module"), doubles(1.0), "w should be a tensor; yours is a module."),
        (doubles(1.0), 1.0, "w should be a float; yours is a tensor of shape (1,) and dtype float64."),
        (1, 1.0, "w should be a float; yours is an int."),
        (True, 1, "w should be an int; yours is a bool."),
        (doubles(1.0).float(), doubles(1.0, 2.0), "w should have shape (2,); yours has (1,)."),
        (doubles(1.0).float(), doubles(1.0), "w should have dtype float64; yours has float32."),
        (doubles(float("nan")), doubles(1.0), "Not finite: w."),
        (doubles(float("nan")), doubles(float("inf")), "Wrong: w."),
        (doubles(float("nan")), doubles(float("nan")), "Wrong: w."),
        (float("nan"), float("nan"), "Wrong: w."),
        (doubles(float("-inf")), doubles(float("inf")), "Wrong: w."),
        (doubles(1.0 + 1e-8), doubles(1.0), "Wrong: w."),
        (1.0 + 1e-8, 1.0, "Wrong: w."),
        (1e39, 2e39, "Wrong: w."),
        (torch.tensor([2**53 + 1]), torch.tensor([2**53]), "Wrong: w."),
        ([doubles(1.0)], (doubles(1.0),), "w should be a tuple of 1; yours is a list of 1."),
        ([], [doubles(1.0)], "w should be a list of 1; yours is a list of 0."),
        (doubles(1.0, 2.0), [1.0, 2.0], "w should be a list of 2; yours is a tensor of shape (2,) and dtype float64."),
        ([1.0, 3.0, 4.0], [1.0, 2.0, 3.0], "Wrong: w[1]."),
    ],
)
def test_what_is_wrong_is_said_kind_first_then_shape_dtype_and_values(got, expected, message):
    assert refusal(got, expected).message == message


def test_a_wider_tolerance_is_relative_and_absolute():
    expect_close({"w": (doubles(1.0 + 0.9e-3, 0.9e-6), doubles(1.0, 0.0))}, (1e-3, 1e-6))
    refusal(doubles(1.0 + 1.1e-3), doubles(1.0), (1e-3, 1e-6))
    refusal(doubles(1.1e-6), doubles(0.0), (1e-3, 1e-6))


def test_everything_is_compared_and_the_first_problem_is_the_message():
    with pytest.raises(WrongAnswerError) as error:
        expect_close({"a": (1.0, 1.0), "b": (2.0, 3.0), "c": (doubles(1.0), doubles(0.0))})
    assert error.value.message == "Wrong: b."
    assert [(row.label, row.differs) for row in error.value.rows] == [("a", False), ("b", True), ("c", True)]


def test_a_difference_in_late_digits_is_shown():
    row = refusal(doubles(1.0 + 1e-6), doubles(1.0)).rows[0]
    assert (row.expected, row.got) == ("1.00000000", "1.00000100")
    row = refusal(math.nextafter(1e-3, 1) * (1 + 3e-9), 1e-3).rows[0]
    assert row.expected != row.got


def test_a_large_tensor_is_shown_by_its_first_wrong_entries():
    expected = torch.zeros(3, 4, dtype=torch.float64)
    got = expected.clone()
    got[1:] = 1.0
    rows = refusal(got, expected).rows
    assert [row.label for row in rows] == ["w[1, 0]", "w[1, 1]", "w[1, 2]", "w[1, 3]", "… 4 more"]
    assert {(row.expected, row.got, row.differs) for row in rows[:4]} == {("0.0000", "1.0000", True)}


def test_a_small_tensor_is_shown_entry_by_entry_and_only_wrong_ones_are_marked():
    rows = refusal(doubles(1.0, 3.0), doubles(1.0, 2.0)).rows
    assert [(row.label, row.expected, row.got, row.differs) for row in rows] == [
        ("w[0]", "1.0000", "1.0000", False),
        ("w[1]", "2.0000", "3.0000", True),
    ]


def test_of_many_rows_the_right_ones_give_way_and_then_the_last():
    got = [doubles(float(number)) for number in range(20)]
    rows = refusal(got, [doubles(0.0) for _ in got]).rows
    assert [row.label for row in rows] == [*(f"w[{index}]" for index in range(1, 13)), "… 7 more"]
    rows = refusal([*got[:1] * 19, doubles(1.0)], [doubles(0.0)] * 20).rows
    assert [row.label for row in rows] == ["w[19]"]


def test_a_label_of_several_words_keeps_clear_of_its_index():
    with pytest.raises(WrongAnswerError) as error:
        expect_close({"weights after step 1": ([doubles(1.0), doubles(1.0, 1.0)], [doubles(1.0), doubles(1.0, 2.0)])})
    assert [row.label for row in error.value.rows][1:] == ["weights after step 1 [1][0]", "weights after step 1 [1][1]"]


def test_a_wrong_form_is_shown_by_what_differs():
    row = refusal(doubles(1.0), doubles(1.0, 2.0)).rows[0]
    assert (row.label, row.expected, row.got) == ("shape of w", "(2,)", "(1,)")
    row = refusal(doubles(1.0).float(), doubles(1.0)).rows[0]
    assert (row.label, row.expected, row.got) == ("dtype of w", "float64", "float32")
    row = refusal([(1, 2)], [(1, 2), (2,)]).rows[0]
    assert (row.expected, row.got) == ("[(1, 2), (2,)]", "[(1, 2)]")


def test_an_input_must_stay_exactly_as_it_was():
    expect_unchanged("x", [doubles(1.0)], [doubles(1.0)])
    with pytest.raises(WrongAnswerError, match="x was modified, but is only an input"):
        expect_unchanged("x", [doubles(math.nextafter(1.0, 2.0))], [doubles(1.0)])


def raising(type_, bases, message, argument="lr"):
    with expect_value_error(argument):
        raise StudentError(type_, bases, message)


def test_a_value_error_that_names_the_argument_is_accepted():
    raising("ValueError", ("ValueError", "Exception"), "LR must not be negative")
    raising("MyError", ("ValueError", "Exception"), "lr")


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("mu", "mu=0"),
        ("L", "need mu <= L"),
        ("lr", "`lr`: -1"),
        ("hessian", "Hessian_is bad"),
        ("beta", "Betas, please"),
    ],
)
def test_an_argument_is_named_by_a_word_of_its_own(argument, message):
    raising("ValueError", ("ValueError",), message, argument)


@pytest.mark.parametrize(
    ("argument", "message"),
    [("mu", "must be positive"), ("L", "too small"), ("lr", "already negative"), ("low", "below"), ("beta", "beta1")],
)
def test_a_part_of_another_word_names_no_argument(argument, message):
    with pytest.raises(WrongAnswerError, match=f"should name `{argument}`"):
        raising("ValueError", ("ValueError",), message, argument)


def test_another_error_stays_the_students_own():
    with pytest.raises(StudentError):
        raising("TypeError", ("TypeError", "Exception"), "lr")


def test_a_value_error_without_the_name_and_no_error_are_wrong():
    with pytest.raises(WrongAnswerError, match="should name `lr`"):
        raising("ValueError", ("ValueError",), "must not be negative")
    with pytest.raises(WrongAnswerError, match="nothing was raised"), expect_value_error("lr"):
        pass


def test_a_condition_that_does_not_hold_is_a_wrong_answer():
    expect(True, "never said")
    with pytest.raises(WrongAnswerError, match="it diverges"):
        expect(False, "it diverges")


# -- numpy


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (np.array([1.0, 2.0]) * (1 + 1e-12), np.array([1.0, 2.0])),
        (np.array([1.00001], np.float32), np.array([1.0], np.float32)),
        (np.array([60000.0], np.float16), np.array([60032.0], np.float16)),
        (torch.tensor([1.001], dtype=torch.float16), torch.tensor([1.0], dtype=torch.float16)),
        (np.array([1 + 1e-12j]), np.array([1 + 0j])),
        (np.array([np.inf, -np.inf]), np.array([np.inf, -np.inf])),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        (np.arange(4)[::-2], np.array([3, 1])),
        (2.0, np.float64(2.0)),
        (np.float32(0.5), 0.5),
        ([3, True], [np.int64(3), np.bool_(True)]),
        (2**70, 2**70),
    ],
)
def test_arrays_that_are_right_up_to_rounding_pass(got, expected):
    expect_close({"w": (got, expected)})


@pytest.mark.parametrize(
    ("got", "expected", "message"),
    [
        (np.zeros((3, 1)), np.zeros(3), "w should have shape (3,); yours has (3, 1)."),
        (np.zeros(3, np.int32), np.zeros(3, np.int64), "w should have dtype int64; yours has int32."),
        (
            np.zeros(3, bool),
            np.zeros(3, np.int64),
            "w should have dtype int64; yours has bool. A comparison, such as `a < b`, gives bool; `(x := a) < b` "
            "needs its parentheses.",
        ),
        (np.zeros(3), np.zeros(3, np.float32), "w should have dtype float32; yours has float64."),
        (np.zeros(3), np.zeros(3, np.float16), "w should have dtype float16; yours has float64."),
        (doubles(0.0), np.zeros(1), "w should be a numpy array; yours is a tensor of shape (1,) and dtype float64."),
        (np.zeros(1), doubles(0.0), "w should be a tensor; yours is a numpy array of shape (1,) and dtype float64."),
        (3.0, np.int64(3), "w should be an int; yours is a float."),
        (np.array([np.nan]), np.array([1.0]), "Not finite: w."),
        (np.array([np.nan]), np.array([np.nan]), "Wrong: w."),
        (np.array([1 + 1e-3j]), np.array([1 + 0j]), "Wrong: w."),
        (1 + 1e-3j, 1 + 0j, "Wrong: w."),
        (np.array([65504.0], np.float16), np.array([60000.0], np.float16), "Wrong: w."),
        (2**70, 2**70 + 1, "Wrong: w."),
    ],
)
def test_an_array_of_another_kind_shape_or_dtype_is_wrong(got, expected, message):
    assert str(refusal(got, expected)) == message


def test_wrong_entries_of_an_array_are_shown_as_those_of_a_tensor():
    values = [[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    arrays, tensors = (refusal(*(make(value) for value in values)).rows for make in (np.array, torch.tensor))
    assert arrays == tensors
    assert [(row.label, row.expected, row.got) for row in arrays] == [("w[1, 2]", "6.0000", "7.0000")]


def test_an_exception_that_a_library_defines_is_expected_by_its_class():
    def raised(*names, message="A must be regular"):
        with expect_raises(np.linalg.LinAlgError, "A"):
            raise StudentError(names[0], names, message)

    raised("LinAlgError", "ValueError", "Exception")
    with pytest.raises(WrongAnswerError, match="The LinAlgError should name `A` in its message"):
        raised("LinAlgError", "ValueError", message="singular")
    with pytest.raises(StudentError):
        raised("ValueError", "Exception")
    message = "A LinAlgError should be raised here, but nothing was raised"
    with pytest.raises(WrongAnswerError, match=message), expect_raises(np.linalg.LinAlgError):
        pass
