"""The log of an objective says where it was evaluated, and how often."""

import pytest
import torch

from tests.course_parts import from_course

MOST, Evaluations = from_course("section3_search.evaluations", "MOST", "Evaluations")


def vector(*entries):
    return torch.tensor(entries, dtype=torch.float64)


@pytest.fixture
def objective():
    return Evaluations(lambda w: (w**2).sum(), 2)


def test_every_evaluation_counts_and_every_new_point_is_a_proposal(objective):
    for point in (vector(1.0, 2.0), vector(3.0, 0.0), vector(1.0, 2.0), vector(0.0, 1.0), vector(3.0, 0.0) + 1e-13):
        objective(point)
    assert [float(value) for value in objective.values[:3]] == [5.0, 9.0, 5.0]
    assert len(objective.points) == 5
    assert [point.tolist() for point in objective.proposals(vector(1.0, 2.0))] == [[3.0, 0.0], [0.0, 1.0]]


def test_what_happens_to_a_tensor_later_does_not_change_the_log(objective):
    w = vector(1.0, 2.0)
    objective(w)
    w.zero_()
    assert objective.points[0].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("args", [(), (1.0,), (torch.zeros(3),), (torch.zeros(2), torch.zeros(2))])
def test_anything_but_one_point_is_refused_and_not_counted(objective, args):
    with pytest.raises(TypeError, match=r"one tensor of shape \(2,\)"):
        objective(*args)
    assert objective.points == []


def test_thousands_of_points_are_compared_with_each_other_and_more_are_refused(objective):
    """A submission chooses how many: compared one by one they would keep the grader busy for an hour."""
    for number in range(MOST):
        objective(vector(number, 1.0))
    assert len(objective.proposals(vector(0.0, 1.0))) == MOST - 1
    with pytest.raises(RuntimeError, match="no search here needs more"):
        objective(vector(0.0, 0.0))
