"""As few loops as possible: normalised rows, bincount, Cholesky by Woodbury's neighbour."""

import numpy as np


def kaczmarz(A, b, x, order):
    if b.shape[0] != A.shape[0]:
        raise ValueError(f"b has {b.shape[0]} entries, A has {A.shape[0]} rows")
    lengths = np.linalg.norm(A, axis=1)
    if any(lengths[i] == 0 for i in order):
        raise ValueError("A has a zero row in this order")
    safe = np.where(lengths > 0, lengths, 1.0)
    U, c = A / safe[:, None], b / safe
    for i in order:
        x = x + (c[i] - U[i].dot(x)) * U[i]
    return np.array(x)


def kmeans_step(X, centres):
    k, d = centres.shape
    if k == 0 or d != X.shape[1]:
        raise ValueError(f"centres of shape {k, d} do not fit points with {X.shape[1]} coordinates")
    labels = np.linalg.norm(X[:, np.newaxis] - centres[np.newaxis], axis=-1).argmin(-1)
    counts = np.bincount(labels, minlength=k)
    sums = np.zeros((k, d))
    np.add.at(sums, labels, X)
    means = sums / np.maximum(counts, 1)[:, None]
    return labels, np.where(counts[:, None] > 0, means, centres)


def newton_step(X, y, w, ridge):
    if set(np.unique(y)) - {0.0, 1.0}:
        raise ValueError("y: only 0 and 1 are classes")
    if not ridge > 0.0:
        raise ValueError("ridge has to be positive")
    with np.errstate(over="ignore"):
        p = 1 / (1 + np.exp(-X @ w))
    root = np.sqrt(p * (1 - p) / len(X))[:, None] * X
    L = np.linalg.cholesky(root.T @ root + ridge * np.eye(len(w)))
    g = np.mean((p - y)[:, None] * X, axis=0) + ridge * w
    return w - np.linalg.solve(L.T, np.linalg.solve(L, g))
