"""The matrices of section 1's pictures and questions."""

from typing import Any

import numpy as np

from grader.figures.gather import Array, Work

from ..shared.strategies import Spectrum, matrix_with

PRODUCTS = 100
AXES, _ = np.linalg.qr(np.random.default_rng(12).standard_normal((20, 20)))  # the columns are eigenvectors
VALUES = np.array([3.0, 1.0] + [0.5] * 18)
STARTS = {"wrong_axis": AXES[:, 1], "between": AXES.sum(1)}
CG_STEPS = 40
SOLVED = 1e-8  # of the first residual


def twenty_rows() -> Array:
    """The matrix with the eigenvalues 3, 1 and, 18 times, 0.5."""
    return Spectrum(VALUES, AXES).matrix


def gather_estimates(work: Work, name: str) -> None:
    """The estimates of power iteration from one of the `STARTS`."""

    def call(functions: Any) -> Any:
        return functions.power_iteration(twenty_rows(), STARTS[name].copy(), PRODUCTS)[0]

    # Rounding decides when the estimate leaves a wrong axis, so two right answers differ.
    work.ask(name, "power_iteration", call, (PRODUCTS + 1,), exact=name != "wrong_axis")


def leaves_at(estimates: Array) -> int | None:
    """The number of products after which the estimate is closer to 3 than to 1, or None."""
    near = np.flatnonzero(estimates > 2)
    return int(near[0]) if len(near) else None


def three_eigenvalues() -> tuple[Array, Array]:
    """A matrix with 40 rows and three different eigenvalues, and a right-hand side."""
    return matrix_with([1.0] * 15 + [10.0] * 15 + [100.0] * 10, 9), np.random.default_rng(10).standard_normal(40)
