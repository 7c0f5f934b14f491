"""A check that takes one step at a time shows the path to the first wrong step."""

import pytest
import torch

from grader.render.path_plot import text_plot
from grader.toolkit.steps import Steps
from grader.toolkit.verdicts import WrongAnswerError


def state(*numbers):
    return [torch.tensor(numbers, dtype=torch.float64)]


def test_right_steps_pass():
    steps = Steps({"weights": state(1.0)})
    for number in (2.0, 3.0):
        steps.expect_close({"weights": (state(number), state(number))})


def test_a_wrong_step_is_shown_below_the_one_before_it_and_as_a_path():
    steps = Steps({"velocity": state(0.0), "weights": state(1.0)})
    for number in (2.0, 4.0):
        steps.expect_close({"velocity": (state(0.0), state(0.0)), "weights": (state(number), state(number))})
    with pytest.raises(WrongAnswerError, match="Wrong: weights after step 3") as caught:
        steps.expect_close({"velocity": (state(0.0), state(0.0)), "weights": (state(6.0), state(8.0))})
    rows = [(row.label, row.expected, row.got, row.differs) for row in caught.value.rows]
    assert rows == [
        ("weights after step 2", "4.0000", "4.0000", False),
        ("velocity after step 3", "0.0000", "0.0000", False),
        ("weights after step 3", "8.0000", "6.0000", True),
    ]
    path = caught.value.trajectory
    assert (path.label, path.first, path.count) == ("weights", 3, 4)
    assert [one.expected for one in path.steps] == [[1.0], [2.0], [4.0], [8.0]]
    assert text_plot(path)


def test_a_wrong_first_step_is_shown_alone():
    with pytest.raises(WrongAnswerError) as caught:
        Steps({"weights": state(1.0)}).expect_close({"weights": (state(0.0), state(2.0))})
    assert [row.label for row in caught.value.rows] == ["weights after step 1"]
    assert caught.value.trajectory is None


@pytest.mark.parametrize("got", [state(1.0, 2.0), [*state(2.0), *state(2.0)], None, 2.0, [2.0], [torch.ones(1)]])
def test_another_kind_of_state_is_told_as_such(got):
    steps = Steps({"weights": state(1.0)})
    steps.expect_close({"weights": (state(1.0), state(1.0))})
    with pytest.raises(WrongAnswerError) as caught:
        steps.expect_close({"weights": (got, state(2.0))})
    assert caught.value.rows[-1].label.endswith("weights after step 2")
    assert caught.value.trajectory is None


def test_several_tensors_have_rows_of_their_own():
    two = [*state(1.0), *state(2.0)]
    steps = Steps({"weights": two})
    steps.expect_close({"weights": (two, two)})
    with pytest.raises(WrongAnswerError) as caught:
        steps.expect_close({"weights": (two, [*state(1.0), *state(3.0)])})
    assert [row.label for row in caught.value.rows] == ["weights after step 2 [0]", "weights after step 2 [1]"]
