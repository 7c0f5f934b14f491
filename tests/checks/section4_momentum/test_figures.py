"""The numbers of section 4's pictures, against closed forms and torch.optim."""

import numpy as np
import pytest
import torch

from tests.course_parts import from_course

BEST_BETA, BEST_LR, FLAT, GD_LR, START, STEEP, Plane, Ravine, steps_to_arrive = from_course(
    "section4_momentum.figures",
    "BEST_BETA",
    "BEST_LR",
    "FLAT",
    "GD_LR",
    "START",
    "STEEP",
    "Plane",
    "Ravine",
    "steps_to_arrive",
)


CURVATURES = np.array([FLAT, STEEP])


def recurrence(start, lr, beta, steps):
    """Heavy ball in closed form: powers of the matrix of one step, for each axis by itself."""
    path = np.empty((steps + 1, len(CURVATURES)))
    for axis, curvature in enumerate(CURVATURES):
        matrix = np.array([[1 - lr * curvature, -lr * beta], [curvature, beta]])
        for step in range(steps + 1):
            path[step, axis] = (np.linalg.matrix_power(matrix, step) @ [start[axis], 0.0])[0]
    return path


def radius(lr, beta):
    """The larger root of z^2 - (1 + beta - lr * curvature) z + beta, over both axes."""
    return max(np.abs(np.roots([1, -(1 + beta - lr * curvature), beta])).max() for curvature in CURVATURES)


@pytest.mark.parametrize(("name", "lr", "beta"), [("gradient_descent", GD_LR, 0.0), ("momentum", BEST_LR, BEST_BETA)])
def test_the_ravine_shows_the_closed_form(solved, name, lr, beta):
    path = solved["ravine"].arrays[name]
    np.testing.assert_allclose(path, recurrence(START, lr, beta, Ravine.steps), rtol=1e-9, atol=1e-12)


def test_the_best_pair_is_that_of_the_exercise(solved):
    np.testing.assert_allclose(solved["plane"].arrays["optimum"], [BEST_LR, BEST_BETA])


def test_the_plane_is_coloured_by_the_spectral_radius(solved):
    rate = solved["plane"].arrays["rate"]
    for row in range(0, len(Plane.betas), 7):
        for column in range(0, len(Plane.lrs), 9):
            expected = radius(Plane.lrs[column], Plane.betas[row])
            np.testing.assert_allclose(rate[row, column], expected, rtol=1e-6)  # a double root is no more exact


@pytest.mark.parametrize(("name", "nesterov"), [("gradient_descent", False), ("momentum", False), ("nesterov", True)])
def test_the_distances_are_those_of_torch(solved, name, nesterov):
    _, _, lr, beta, _, _ = next(run for run in type(solved["distance"].figure).runs if run[0] == name)
    w = torch.ones(2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=lr, momentum=beta, nesterov=nesterov)
    path = [w.detach().clone()]
    for _ in range(solved["distance"].figure.steps):
        w.grad = torch.tensor(CURVATURES) * w.detach()
        optimizer.step()
        path.append(w.detach().clone())
    np.testing.assert_allclose(solved["distance"].arrays[name], torch.stack(path).numpy(), rtol=1e-9, atol=1e-12)


def test_stable_steps_are_below_two_over_the_curvature(solved):
    arrays = solved["stable-steps"].arrays
    np.testing.assert_allclose(arrays["limit"], 2 / arrays["curvature"])
    factor = np.abs(1 - arrays["lr_tried"][:, None] * arrays["curvature_tried"])
    np.testing.assert_allclose(arrays["distance_after_30_steps"], factor**30, rtol=1e-6)


def test_the_titles_say_what_the_numbers_are(solved):
    assert solved["stable-steps"].title == "The steepest axis limits the learning rate: here to less than 0.08"
    assert solved["ravine"].title == "In a ravine gradient descent arrives after 62 steps, momentum after 17"
    assert solved["distance"].title == "Steps to 1 % of the distance: gradient descent 57, momentum 20, Nesterov 31"
    assert solved["plane"].title == "A step leaves 67 % of the distance at best, 92 % without momentum"


def test_arriving_means_to_stay():
    path = np.array([[100.0], [0.5], [2.0], [0.5], [0.1]])
    assert steps_to_arrive(path) == 3
    assert steps_to_arrive(path[:3]) is None
    assert steps_to_arrive(np.zeros((3, 1))) == 0
