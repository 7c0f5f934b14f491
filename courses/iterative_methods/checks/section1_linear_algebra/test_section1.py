"""Section 1: eigenvalues and linear systems."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.toolkit.check import check
from grader.toolkit.closeness import expect, expect_close, expect_value_error

from ..shared.strategies import arrays, matrix_with, spectra
from .oracles import best_in_krylov_space, powers, qr_by_cholesky

UNCHANGED = {"power_iteration": 0.25, "qr_step": 0.25, "conjugate_gradients": 0.25}
FORBIDDEN = {
    ("numpy.linalg.eig", "numpy.linalg.eigh", "numpy.linalg.eigvals", "numpy.linalg.eigvalsh"): (
        ("qr_step",),
        "the step is a part of such a solver; use numpy.linalg.qr",
    ),
    ("numpy.linalg.solve", "numpy.linalg.inv", "numpy.linalg.pinv", "numpy.linalg.lstsq"): (
        ("conjugate_gradients",),
        "the steps need products with A only",
    ),
}

SYMMETRIC = ([2.0, 1.0], [3.0], [-4.0, 2.0], [5.0, -2.0, 1.0], [-3.0, 1.0, 2.0, 0.5])
DEFINITE = ([1.0, 2.0], [4.0], [1.0, 10.0], [1.0, 2.0, 4.0], [2.0, 2.0, 6.0], [1.0, 3.0, 5.0, 20.0])
SHIFTS = (0.0, 2.5, -1.5, 0.25)  # no eigenvalues
SMALL_SYSTEM = (1e-8, 1e-9)  # rounding of a few steps, times the condition of the matrix
NOT_SQUARE = np.ones((2, 3))


@st.composite
def starts(draw):
    """A spectrum, and a start with a part along each axis."""
    spectrum = draw(spectra(SYMMETRIC))
    parts = draw(arrays(len(spectrum.values)))
    return spectrum, spectrum.axes @ parts


@st.composite
def systems(draw):
    """A positive definite matrix, a right-hand side with a part along each axis, and no more steps than eigenvalues."""
    spectrum = draw(spectra(DEFINITE))
    parts = draw(arrays(len(spectrum.values)))
    return spectrum.matrix, spectrum.axes @ parts, draw(st.integers(0, len(set(spectrum.values))))


# -- power_iteration


@check("power_iteration", points=1.25)
@given(problem=starts(), num_iters=st.integers(0, 5))
def test_power_follows_the_eigenvectors(student, problem, num_iters):
    """Each product with A multiplies the part along each eigenvector by its eigenvalue."""
    spectrum, start = problem
    expected, last = powers(spectrum, start, num_iters)
    estimates, v = student.power_iteration(spectrum.matrix, start, num_iters)
    expect_close({"number of estimates": (len(estimates), num_iters + 1)})
    expect_close({"estimates": (estimates, expected), "v": (v, last)}, path="estimates")


@check("power_iteration", points=0.5, needs=["power_follows_the_eigenvectors"])
def test_power_survives_a_thousand_products(student):
    """A thousand products with a matrix of eigenvalue 100 do not overflow."""
    matrix = matrix_with([100.0, 50.0, -20.0], 1)
    estimates, v = student.power_iteration(matrix, np.ones(3), 1000)
    expect_close({"last estimate": (estimates[-1], 100.0), "length of v": (np.linalg.norm(v), 1.0)})


@check("power_iteration", points=0.25, needs=["power_follows_the_eigenvectors"])
def test_power_stays_at_eigenvalue_zero(student):
    """If A v is zero, v stays and its estimate is 0."""
    estimates, v = student.power_iteration(np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([2.0, -2.0]), 2)
    expect_close({"estimates": (estimates, np.zeros(3)), "v": (v, np.array([0.5, -0.5]) * np.sqrt(2))})


@check("power_iteration", points=0.75, needs=["power_follows_the_eigenvectors"], hidden=True)
def test_power_of_a_large_matrix(student):
    """The largest eigenvalue in absolute value of a matrix with 80 rows, which is negative."""
    matrix = matrix_with([*np.linspace(-0.5, 0.5, 79), -2.0], 2)
    start = np.random.default_rng(3).standard_normal(80)
    estimates, v = student.power_iteration(matrix, start, 60)
    oracle = np.linalg.eigvalsh(matrix)[0]
    expect_close({"last estimate": (estimates[-1], oracle), "A v": (matrix @ v, oracle * v)}, SMALL_SYSTEM)


@check("power_iteration", points=0.25, needs=["power_follows_the_eigenvectors"])
def test_power_rejects(student):
    """A matrix that is not square, a zero start, a start of another length and num_iters < 0 raise ValueError."""
    for name, arguments in (
        ("A", (NOT_SQUARE, np.ones(2), 1)),
        ("start", (np.eye(2), np.zeros(2), 1)),
        ("start", (np.eye(2), np.ones(3), 1)),
        ("num_iters", (np.eye(2), np.ones(2), -1)),
    ):
        with expect_value_error(name):
            student.power_iteration(*arguments)


# -- qr_step


@check("qr_step", points=1.25)
@given(spectrum=spectra(SYMMETRIC), shift=st.sampled_from(SHIFTS))
def test_qr_step_by_cholesky(student, spectrum, shift):
    """The step is R A R^-1, with the R of positive diagonal from the Cholesky factorisation of (A - shift I)^2."""
    expected = qr_by_cholesky(spectrum.matrix, shift)
    expect_close({"A'": (student.qr_step(spectrum.matrix, shift), expected)}, SMALL_SYSTEM)


@check("qr_step", points=0.5, needs=["qr_step_by_cholesky"])
@given(seed=st.integers(0, 20), shift=st.sampled_from(SHIFTS))
@settings(max_examples=10)
def test_qr_step_keeps_the_eigenvalues(student, seed, shift):
    """The result is symmetric and has the eigenvalues of A."""
    values = [-3.0, -1.0, 0.5, 1.0, 4.0, 7.0]
    result = student.qr_step(matrix_with(values, seed), shift)
    expect_close({"shape": (result.shape, (6, 6))})
    expect_close({"transpose": (result.T, result)}, SMALL_SYSTEM)
    expect_close({"eigenvalues": (np.linalg.eigvalsh(result), np.array(values))}, SMALL_SYSTEM)


@check("qr_step", points=0.5, needs=["qr_step_by_cholesky"], hidden=True)
def test_qr_steps_isolate_an_eigenvalue(student):
    """Six steps, each with the last diagonal entry as shift, isolate an eigenvalue in the last row."""
    values = np.array([-3.0, 0.5, 2.0, 7.0])
    matrix = matrix_with(values, 4)
    for _ in range(6):
        matrix = student.qr_step(matrix, float(matrix[-1, -1]) + 1e-9)  # not the eigenvalue itself
    off = float(np.abs(matrix[-1, :-1]).max())
    expect(off < 1e-6, f"After six steps, the last row still holds {off:.2g} beside the diagonal.")
    expect_close(
        {"nearest eigenvalue": (matrix[-1, -1], values[np.abs(values - matrix[-1, -1]).argmin()])}, (1e-6, 1e-6)
    )


@check("qr_step", points=0.25, needs=["qr_step_by_cholesky"])
def test_qr_step_rejects(student):
    """A matrix that is not square raises ValueError."""
    with expect_value_error("A"):
        student.qr_step(NOT_SQUARE, 0.5)


# -- conjugate_gradients


@check("conjugate_gradients", points=1.5)
@given(system=systems())
def test_cg_is_best_in_each_krylov_space(student, system):
    """After k steps, the error is the smallest that any combination of b, Ab, ..., A^(k-1) b can reach."""
    A, b, num_steps = system
    rows = student.conjugate_gradients(A, b, num_steps)
    best = [np.zeros(len(b)), *(best_in_krylov_space(A, b, k) for k in range(1, num_steps + 1))]
    expect_close({"rows": (rows, np.stack(best))}, SMALL_SYSTEM, path="rows")
    expect_close({"row 0": (rows[0], best[0])})


@check("conjugate_gradients", points=0.5, needs=["cg_is_best_in_each_krylov_space"])
def test_cg_stays_at_the_solution(student):
    """If the residual is zero, all further rows are the solution: with b = 0, and with the identity."""
    for A, b in ((np.diag([1.0, 3.0]), np.zeros(2)), (np.eye(2), np.array([2.0, -1.0]))):
        solution = np.linalg.solve(A, b)
        rows = student.conjugate_gradients(A, b, 3)
        expect_close({"shape": (rows.shape, (4, 2))})
        expect_close({"rows after step 1": (rows[1:], np.stack([solution] * 3))})


@check("conjugate_gradients", points=0.5, needs=["cg_is_best_in_each_krylov_space"])
def test_cg_solves_a_system(student):
    """60 steps solve a system of 60 equations."""
    A = matrix_with(np.geomspace(1.0, 50.0, 60), 5)
    b = np.random.default_rng(6).standard_normal(60)
    rows = student.conjugate_gradients(A, b, 60)
    expect_close({"solution": (rows[-1], np.linalg.solve(A, b))}, (1e-6, 1e-7))


@check("conjugate_gradients", points=0.5, needs=["cg_is_best_in_each_krylov_space"], hidden=True)
def test_cg_needs_a_step_per_eigenvalue(student):
    """A matrix of any size with three different eigenvalues needs three steps."""
    A = matrix_with([1.0] * 20 + [4.0] * 20 + [9.0] * 10, 7)
    b = np.random.default_rng(8).standard_normal(50)
    rows = student.conjugate_gradients(A, b, 3)
    expect_close({"solution": (rows[-1], np.linalg.solve(A, b))}, SMALL_SYSTEM)


@check("conjugate_gradients", points=0.25, needs=["cg_is_best_in_each_krylov_space"])
def test_cg_rejects(student):
    """A matrix that is not square, a b of another length and num_steps < 0 raise ValueError."""
    for name, arguments in (
        ("A", (NOT_SQUARE, np.ones(2), 1)),
        ("b", (np.eye(2), np.ones(3), 1)),
        ("num_steps", (np.eye(2), np.ones(2), -1)),
    ):
        with expect_value_error(name):
            student.conjugate_gradients(*arguments)
