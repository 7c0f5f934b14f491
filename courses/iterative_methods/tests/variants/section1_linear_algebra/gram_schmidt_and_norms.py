"""By hand: Gram and Schmidt instead of a library, lists that grow, residuals computed anew."""

import math

import numpy as np


def square(A):
    if len(A.shape) != 2 or len(set(A.shape)) != 1:
        raise ValueError("A is not square")
    return A.shape[0]


def power_iteration(A, start, num_iters):
    n = square(A)
    if num_iters < 0:
        raise ValueError("num_iters < 0")
    if start.shape != (n,) or math.sqrt(sum(s * s for s in start)) == 0:
        raise ValueError(f"bad start {start}")
    v = [s / math.sqrt(sum(t * t for t in start)) for s in start]
    estimates = []
    while True:
        w = [sum(a * b for a, b in zip(row, v)) for row in A]
        estimates.append(sum(a * b for a, b in zip(v, w)))
        if len(estimates) == num_iters + 1:
            return np.array(estimates), np.array(v)
        length = math.hypot(*w)
        v = [x / length for x in w] if length else v


def qr_step(A, shift):
    n = square(A)
    B = A - np.diag([shift] * n)
    Q = np.zeros((n, n))
    for k in range(n):
        q = B[:, k].copy()
        for _ in range(2):  # again, since rounding leaves a rest
            q -= Q[:, :k] @ (Q[:, :k].T @ q)
        Q[:, k] = q / np.sqrt(q @ q)
    return Q.T @ A @ Q


def conjugate_gradients(A, b, num_steps):
    n = square(A)
    if b.shape != (n,):
        raise ValueError("b does not fit")
    if num_steps < 0:
        raise ValueError("num_steps")
    xs, p = [np.zeros(n)], b.copy()
    while len(xs) <= num_steps:
        x = xs[-1]
        r = b - A @ x
        if np.linalg.norm(r) <= 1e-14 * np.linalg.norm(b):
            xs.append(x.copy())
            continue
        xs.append(x + (p @ r) / (p @ A @ p) * p)
        new = b - A @ xs[-1]
        p = new - (new @ A @ p) / (p @ A @ p) * p
    return np.array(xs)
