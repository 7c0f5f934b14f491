"""Einsum, a generator and a class; in place on copies; diagonals by index."""

import numpy as np


class Matrix:
    def __init__(self, A):
        if A.ndim != 2:
            raise ValueError("A needs two dimensions")
        rows, columns = A.shape
        if rows != columns:
            raise ValueError(f"A has {rows} rows and {columns} columns")
        self.A, self.n = np.array(A, dtype=float, copy=True), rows

    def times(self, v):
        return np.einsum("ij,j->i", self.A, v)


def _vectors(M, start):
    v = np.array(start, dtype=float)
    v *= 1 / np.linalg.norm(v)
    while True:
        yield v
        w = M.times(v)
        v = w / np.linalg.norm(w) if np.count_nonzero(w) else v


def power_iteration(A, start, num_iters):
    M = Matrix(A)
    if np.shape(start) != (M.n,) or np.abs(start).sum() == 0:
        raise ValueError("start must be a nonzero vector as long as A")
    if num_iters < 0:
        raise ValueError("num_iters must not be negative")
    vectors = [v for v, _ in zip(_vectors(M, start), range(num_iters + 1))]
    return np.array([np.einsum("i,i", v, M.times(v)) for v in vectors]), vectors[-1]


def qr_step(A, shift):
    M = Matrix(A)
    B = M.A.copy()
    B[np.diag_indices(M.n)] -= shift
    Q, R = np.linalg.qr(B, mode="complete")
    D = np.diag(np.sign(np.diagonal(R)))
    result = D @ R @ Q @ D
    result[np.diag_indices(M.n)] += shift
    return result


def conjugate_gradients(A, b, num_steps):
    M = Matrix(A)
    if np.shape(b) != (M.n,):
        raise ValueError("b must have one entry per row of A")
    if num_steps < 0:
        raise ValueError("num_steps must not be negative")
    out = np.empty((num_steps + 1, M.n))
    x, r = np.zeros(M.n), np.array(b, dtype=float)
    p, rr = r.copy(), float(np.vdot(r, r))
    out[0] = x
    for k in range(1, num_steps + 1):
        if rr > 0:
            Ap = M.times(p)
            a = rr / float(np.vdot(p, Ap))
            x += a * p
            r -= a * Ap
            new = float(np.vdot(r, r))
            p *= new / rr
            p += r
            rr = new
        out[k] = x
    return out
