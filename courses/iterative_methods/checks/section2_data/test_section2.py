"""Section 2: equations, clusters and classes."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.toolkit.check import check
from grader.toolkit.closeness import expect, expect_close, expect_value_error
from grader.toolkit.thresholds import threshold

from ..shared.strategies import arrays
from .convergence import KACZMARZ
from .oracles import clusters, loss, projections, reweighted_least_squares, sum_of_squares

UNCHANGED = {"kaczmarz": 0.25, "kmeans_step": 0.25, "newton_step": 0.25}

NOT_ORTHOGONAL = (1.0, 2.0, -1.0, 3.0)  # entries of rows


@st.composite
def equations(draw):
    """A matrix, right-hand sides, a point, and an order of some rows that may repeat."""
    m, n = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    order = draw(st.lists(st.integers(0, m - 1), max_size=4))
    return draw(arrays(m, n, numbers=NOT_ORTHOGONAL)), draw(arrays(m)), draw(arrays(n)), order


@st.composite
def groups(draw):
    """Points and centres in a plane, such that no point is equally far from two centres, and each centre has a point."""
    k = draw(st.integers(1, 3))
    centres = np.array([[0.0, 0.0], [8.0, 1.0], [1.0, 9.0]])[:k] + draw(arrays(k, 2, numbers=(0.0, 0.5, -0.75)))
    near = [centre + draw(arrays(draw(st.integers(1, 3)), 2, numbers=(0.25, -1.0, 2.0))) for centre in centres]
    return np.concatenate(near), centres


@st.composite
def regressions(draw):
    """Examples, classes, weights and a ridge. The scores are moderate."""
    n, d = draw(st.integers(1, 4)), draw(st.integers(1, 2))
    y = draw(arrays(n, numbers=(0.0, 1.0)))
    return (
        draw(arrays(n, d)),
        y,
        draw(arrays(d, numbers=(0.0, 0.5, -1.0, 0.25))),
        draw(st.sampled_from((1.0, 0.5, 0.1))),
    )


def blobs(seed, n=200):
    """Points around three places of a plane."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, 2)) + np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]])[rng.integers(3, size=n)]


# -- kaczmarz


@check("kaczmarz", points=1.5)
@given(problem=equations())
def test_kaczmarz_projects(student, problem):
    """Each step moves the point straight to the nearest point where the equation holds."""
    A, b, x, order = problem
    for count, expected in enumerate(projections(A, b, x, order)):
        expect_close({f"x after {count} steps": (student.kaczmarz(A, b, x, order[:count]), expected)})


@check("kaczmarz", points=0.25, needs=["kaczmarz_projects"])
@given(seed=st.integers(0, 50))
@settings(max_examples=10)
def test_kaczmarz_comes_closer(student, seed):
    """If the equations have a solution, no step moves away from it."""
    rng = np.random.default_rng(seed)
    A, solution, x = rng.standard_normal((4, 3)), rng.standard_normal(3), rng.standard_normal(3)
    for i in range(4):
        moved = student.kaczmarz(A, A @ solution, x, [i])
        before, after = np.linalg.norm(x - solution), np.linalg.norm(moved - solution)
        expect(after <= before + 1e-12, f"Step {i} moves from distance {before:.4g} to {after:.4g}.")
        x = moved


@check("kaczmarz", points=1, needs=["kaczmarz_projects"])
def test_kaczmarz_in_random_order(student, note):
    """Two sweeps in random order fit 150 samples, where two sweeps from first to last do not."""
    bound = threshold(__file__, "kaczmarz")
    found = KACZMARZ.measure(student, seed=1000)
    note(f"relative error 10^{found.value:.1f}; with rows from first to last about 10^{bound.contrast:.1f}")
    expect(found.by_the_rule, "Small examples are right, but 300 steps do not end where 300 projections end.")
    expect(
        found.value <= bound.threshold,
        f"The relative error is 10^{found.value:.1f}; random order reaches 10^{bound.threshold:.1f}.",
    )


@check("kaczmarz", points=0.25, needs=["kaczmarz_projects"])
def test_kaczmarz_rejects(student):
    """A row of zeros in the order and a b of another length raise ValueError; a row of zeros that is not used does not."""
    A = np.array([[1.0, 1.0], [0.0, 0.0]])
    with expect_value_error("A"):
        student.kaczmarz(A, np.array([1.0, 0.0]), np.ones(2), [0, 1])
    with expect_value_error("b"):
        student.kaczmarz(A, np.ones(3), np.ones(2), [0])
    expect_close({"x": (student.kaczmarz(A, np.array([4.0, 0.0]), np.zeros(2), [0]), np.array([2.0, 2.0]))})


# -- kmeans_step


@check("kmeans_step", points=1.25)
@given(problem=groups())
@example(problem=(np.array([[-4.0], [3.0], [4.0]]), np.array([[0.0], [7.5]])))  # the new centres give 3 another label
@example(problem=(np.array([[0.0, 0.0], [0.0, 6.0]]), np.array([[3.0, 3.0], [0.0, 5.0]])))  # 3 + 3 > 5
def test_kmeans_step_by_loops(student, problem):
    """Points choose the nearest old centre, then each centre moves to the mean of its points."""
    X, centres = problem
    expected_labels, expected_centres = clusters(X, centres)
    labels, moved = student.kmeans_step(X, centres)
    expect_close({"labels": (labels, expected_labels), "new centres": (moved, expected_centres)})


@check("kmeans_step", points=0.25, needs=["kmeans_step_by_loops"])
def test_kmeans_step_breaks_ties(student):
    """A point that is equally far from two centres takes the first."""
    X = np.array([[0.0], [1.0], [2.0]])
    labels, moved = student.kmeans_step(X, np.array([[2.0], [0.0]]))
    expect_close({"labels": (labels, np.array([1, 0, 0])), "new centres": (moved, np.array([[1.5], [0.0]]))})


@check("kmeans_step", points=0.25, needs=["kmeans_step_by_loops"])
def test_kmeans_step_keeps_empty_clusters(student):
    """A centre without points stays where it is."""
    X, centres = np.array([[1.0, 1.0], [2.0, 1.0]]), np.array([[9.0, 9.0], [1.0, 2.0]])
    labels, moved = student.kmeans_step(X, centres)
    expect_close({"labels": (labels, np.array([1, 1]))})
    expect_close({"new centres": (moved, np.array([[9.0, 9.0], [1.5, 1.0]]))})


@check("kmeans_step", points=0.25, needs=["kmeans_step_by_loops"])
@given(seed=st.integers(0, 50))
@settings(max_examples=5)
def test_kmeans_steps_descend(student, seed):
    """Step by step, the sum of squared distances falls, and after the last step it stays."""
    X = blobs(seed)
    centres, before = X[:4], np.inf
    for step in range(1, 5):
        _, centres = student.kmeans_step(X, centres)
        expect_close({"shape of the new centres": (centres.shape, (4, 2))})
        after = sum_of_squares(X, centres)
        expect(
            after <= before * (1 + 1e-12), f"Step {step} raises the sum of squares from {before:.4g} to {after:.4g}."
        )
        before = after


@check("kmeans_step", points=0.5, needs=["kmeans_step_by_loops"], hidden=True)
def test_kmeans_step_far_from_the_origin(student):
    """Near 1e8, points still choose the nearest centre."""
    X, centres = np.array([[0.0], [1.0], [3.0], [4.0]]) + 1e8, np.array([[1.0], [2.75]]) + 1e8
    labels, _ = student.kmeans_step(X, centres)
    expect_close({"labels": (labels, np.array([0, 0, 1, 1]))})


@check("kmeans_step", points=0.25, needs=["kmeans_step_by_loops"])
def test_kmeans_step_rejects(student):
    """No centre, and centres with another number of columns than the points, raise ValueError."""
    for centres in (np.ones((0, 2)), np.ones((2, 3)), np.ones((2, 1))):
        with expect_value_error("centres"):
            student.kmeans_step(np.ones((3, 2)), centres)


# -- newton_step


@check("newton_step", points=1.75)
@given(problem=regressions())
def test_newton_step_by_least_squares(student, problem):
    """A step is the solution of a weighted problem of least squares."""
    X, y, w, ridge = problem
    expected = reweighted_least_squares(X, y, w, ridge)
    expect_close({"weights": (student.newton_step(X, y, w, ridge), expected)}, (1e-8, 1e-9))


@check("newton_step", points=0.5, needs=["newton_step_by_least_squares"])
def test_newton_steps_reach_the_minimum(student):
    """After eight steps, the loss is smallest: it grows in every direction."""
    X = np.concatenate([blobs(1), np.ones((200, 1))], axis=1)
    y, w = (X[:, 0] + 0.5 * X[:, 1] > 2.5).astype(float), np.zeros(3)
    for _ in range(8):
        w = student.newton_step(X, y, w, 0.1)
    expect_close({"shape": (w.shape, (3,))})
    for direction in np.eye(3):
        slope = (loss(X, y, w + 1e-4 * direction, 0.1) - loss(X, y, w - 1e-4 * direction, 0.1)) / 2e-4
        expect(abs(slope) < 1e-7, f"After eight steps, the loss still has the slope {slope:.2g}.")


@check("newton_step", points=0.5, needs=["newton_step_by_least_squares"], hidden=True)
def test_newton_step_of_large_scores(student):
    """Scores of 1000 and -1000 are probabilities 1 and 0, and the result is finite."""
    X, y = np.array([[1.0], [-1.0], [1.0]]), np.array([1.0, 0.0, 0.0])
    # p is (1, 0, 1) and p (1 - p) is 0: the gradient is 1/3 + w, the Hessian 1.
    expect_close({"weights": (student.newton_step(X, y, np.array([1000.0]), 1.0), np.array([-1 / 3]))}, (0.0, 1e-9))


@check("newton_step", points=0.25, needs=["newton_step_by_least_squares"])
def test_newton_step_rejects(student):
    """Classes that are not 0 and 1, and a ridge that is not positive, raise ValueError."""
    X, w = np.ones((2, 1)), np.zeros(1)
    for bad in ([1.0, -1.0], [1.0, 2.0], [0.5, 1.0]):
        with expect_value_error("y"):
            student.newton_step(X, np.array(bad), w, 1.0)
    for ridge in (0.0, -1.0):
        with expect_value_error("ridge"):
            student.newton_step(X, np.array([1.0, 0.0]), w, ridge)
