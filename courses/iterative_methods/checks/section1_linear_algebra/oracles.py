"""Expected values by other formulas than those of the exercises."""

import numpy as np


def powers(spectrum, start, num_iters):
    """The estimates and the last vector of power iteration, from the eigenvectors: part k of the start grows by values[k]."""
    parts = spectrum.axes.T @ start
    estimates = []
    for _ in range(num_iters + 1):
        parts = parts / np.linalg.norm(parts)
        estimates.append(float(spectrum.values @ parts**2))
        last, parts = parts, parts * spectrum.values
    return np.array(estimates), spectrum.axes @ last


def qr_by_cholesky(A, shift):
    """R A R^-1, where R^T R = (A - shift I)^2 by Cholesky: R Q + shift I without any Q."""
    shifted = A - shift * np.eye(len(A))
    R = np.linalg.cholesky(shifted.T @ shifted).T
    return R @ A @ np.linalg.inv(R)


def best_in_krylov_space(A, b, steps):
    """The point of the span of b, Ab, ..., A^(steps - 1) b with the smallest error, in the norm of A."""
    columns = [b]
    for _ in range(steps - 1):
        columns.append(A @ columns[-1] / np.linalg.norm(columns[-1]))
    space, sizes, _ = np.linalg.svd(np.stack(columns, axis=1), full_matrices=False)
    space = space[:, sizes > 1e-9 * sizes[0]]
    return space @ np.linalg.solve(space.T @ A @ space, space.T @ b)
