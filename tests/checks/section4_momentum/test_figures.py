"""The numbers of section 4's pictures, against closed forms and torch.optim, and what their titles claim."""

import numpy as np
import pytest
import torch

from tests.course_parts import course_module, from_course

RAVINE = course_module("section4_momentum.ravine")
FLAT, STEEP, GD_LR, START, RUNS, steps_to_arrive, way_across = (
    getattr(RAVINE, name) for name in ("FLAT", "STEEP", "GD_LR", "START", "RUNS", "steps_to_arrive", "way_across")
)
Plane = from_course("section4_momentum.figures", "Plane")
networks, at_the_end = (
    course_module("section4_momentum.networks"),
    from_course("section4_momentum.network_figures", "at_the_end"),
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


def path_of_torch(lr, beta, nesterov, steps):
    """The path of torch.optim.SGD from the start of the ravine."""
    w = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=lr, momentum=beta, nesterov=nesterov)
    path = [w.detach().clone()]
    for _ in range(steps):
        w.grad = torch.tensor(CURVATURES) * w.detach()
        optimizer.step()
        path.append(w.detach().clone())
    return torch.stack(path).numpy()


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run[0])
def test_the_ravine_shows_the_paths_of_torch(solved, run):
    name, _, lr, beta, _ = run
    path = solved["ravine"].arrays[name]
    np.testing.assert_allclose(path, path_of_torch(lr, beta, name == "nesterov", RAVINE.STEPS), rtol=1e-8, atol=1e-12)
    if name != "nesterov":
        np.testing.assert_allclose(path, recurrence(START, lr, beta, RAVINE.STEPS), rtol=1e-8, atol=1e-12)
    np.testing.assert_array_equal(solved["distance"].arrays[name], path)


def test_the_text_of_the_section_is_true_of_the_ravine(solved):
    """62 and 25 steps, less swing; the best pair swings from 1.5 out to 2.9 and arrives first."""
    paths = solved["ravine"].arrays
    steps = {name: steps_to_arrive(paths[name]) for name, *_ in RUNS}
    assert (steps["gradient_descent"], steps["same_lr"]) == (62, 25)
    assert min(steps, key=steps.get) == "polyak"
    assert way_across(paths["same_lr"]) < way_across(paths["gradient_descent"]) < way_across(paths["polyak"])
    assert abs(paths["polyak"][:, 1]).max() == pytest.approx(2.9, abs=0.05)
    assert abs(paths["same_lr"][:, 1]).max() == 1.5


@pytest.mark.parametrize("start", [(-10.0, 1.5), (-10.0, -1.0), (5.0, 1.0), (-8.0, 0.8), (7.0, -1.4)])
def test_the_same_rate_with_momentum_is_faster_and_swings_less_from_other_starts(start):
    plain, ball = (recurrence(start, GD_LR, beta, 100) for beta in (0.0, 0.5))
    assert steps_to_arrive(ball) < steps_to_arrive(plain) / 2
    assert way_across(ball) < way_across(plain)
    assert abs(ball[:, 1]).max() == abs(plain[:, 1]).max()


def test_gradients_cancel_across_the_ravine_and_add_up_along_it(solved):
    path = solved["velocity"].arrays["path"]
    torchs = path_of_torch(GD_LR, RAVINE.SAME_BETA, False, len(path) - 1)
    np.testing.assert_allclose(path, torchs, rtol=1e-8, atol=1e-12)
    flat, steep = RAVINE.kept_in_velocity(path)
    assert flat == pytest.approx(1)
    assert steep < 0.5
    sums = np.zeros(2)
    for gradient, velocity in zip(RAVINE.gradients(path), RAVINE.velocities(path), strict=True):
        sums = RAVINE.SAME_BETA * sums + gradient
        np.testing.assert_allclose(velocity, sums, rtol=1e-6, atol=1e-9)


def test_the_best_pair_is_that_of_the_exercise(solved):
    np.testing.assert_allclose(solved["plane"].arrays["optimum"], [RAVINE.BEST_LR, RAVINE.BEST_BETA])


def test_the_plane_is_coloured_by_the_spectral_radius(solved):
    """Between the pairs that were asked for, too."""
    rate = solved["plane"].arrays["rate"]
    assert rate.shape == (len(Plane.betas), len(Plane.lrs))
    for row in range(0, len(Plane.betas), 7):
        for column in range(0, len(Plane.lrs), 9):
            expected = radius(Plane.lrs[column], Plane.betas[row])
            np.testing.assert_allclose(rate[row, column], expected, rtol=1e-6)  # a double root is no more exact


def test_stable_steps_are_below_two_over_the_curvature(solved):
    arrays = solved["stable-steps"].arrays
    np.testing.assert_allclose(arrays["limit"], 2 / arrays["curvature"])
    factor = np.abs(1 - arrays["lr_tried"][:, None] * arrays["curvature_tried"])
    np.testing.assert_allclose(arrays["distance_after_30_steps"], factor**30, rtol=1e-6)


def largest_eigenvalue(loss, params):
    hessian = from_course("section4_momentum.oracles", "hessian_of")(loss, params)
    return float(torch.linalg.eigvalsh(hessian)[-1])


def test_the_sharpness_is_the_largest_eigenvalue_of_the_whole_hessian(solved):
    run = networks.training(networks.LR)
    for place in (0, 8, 20):
        measured = solved["edge-of-stability"].arrays[f"sharpness_{networks.LR:g}"][place]
        assert measured == pytest.approx(
            largest_eigenvalue(run.loss, run.path[place]), rel=0.04
        )  # not converged in 40 products


@pytest.mark.slow
@pytest.mark.parametrize("lr", [0.6, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_sharpness_rises_to_two_over_the_learning_rate_from_any_start(lr, seed):
    run = networks.training(lr, seed)
    ends = np.array([largest_eigenvalue(run.loss, params) for params in run.path[-5:]])
    assert at_the_end(ends) * lr / 2 == pytest.approx(1, abs=0.1)
    assert run.losses[-1] < run.losses[0] / 5
    if lr == networks.LR:
        assert largest_eigenvalue(run.loss, run.path[0]) < 0.8 * 2 / lr


def test_the_titles_say_what_the_numbers_are(solved):
    assert solved["stable-steps"].title == "The steepest axis limits the learning rate: here to less than 0.08"
    assert solved["ravine"].title == "With the same η, momentum needs 25 steps instead of 62, and swings less"
    assert solved["velocity"].title == "In the velocity, 100 % of the gradients along the floor add up, 40 % across"
    assert solved["distance"].title == (
        "To 1 %: steep axis 21 steps, flat axis 62; with momentum, same η, flat axis 25"
    )
    assert solved["plane"].title == "A step leaves 67 % of the distance at best, 92 % without momentum"
    assert solved["edge-of-stability"].title.startswith(
        "Sharpness rises to about 2/η and stays there: 3.4 for η = 0.6, 2"
    )
    assert solved["two-weights"].title.endswith("of the smallest risk; gradient descent, 0.046")


def test_arriving_means_to_stay():
    path = np.array([[100.0], [0.5], [2.0], [0.5], [0.1]])
    assert steps_to_arrive(path) == 3
    assert steps_to_arrive(path[:3]) is None
    assert steps_to_arrive(np.zeros((3, 1))) == 0
