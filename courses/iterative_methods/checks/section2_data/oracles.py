"""Expected values by other formulas than those of the exercises."""

import numpy as np


def projections(A, b, x, order):
    """The points after each projection, by the pseudoinverse of one row."""
    points = [x]
    for i in order:
        row = A[i : i + 1]
        points.append(points[-1] + np.linalg.pinv(row) @ (b[i : i + 1] - row @ points[-1]))
    return points


def clusters(X, centres):
    """Labels and new centres, by loops over points and centres."""
    labels = []
    for point in X:
        distances = [sum((a - c) ** 2 for a, c in zip(point, centre, strict=True)) for centre in centres]
        labels.append(distances.index(min(distances)))
    moved = [
        np.array([point for point, label in zip(X, labels, strict=True) if label == j]).mean(axis=0)
        if j in labels
        else centre
        for j, centre in enumerate(centres)
    ]
    return np.array(labels, dtype=np.int64), np.array(moved)


def sum_of_squares(X, centres):
    """The sum of the squared distances of the points from their nearest centres."""
    return float(((X[:, None, :] - centres) ** 2).sum(axis=2).min(axis=1).sum())


def reweighted_least_squares(X, y, w, ridge):
    """A Newton step as a problem of least squares, with weights p (1 - p) and moved targets."""
    scores = X @ w
    p = 1 / (1 + np.exp(-scores))
    weights = p * (1 - p)
    targets = scores + (y - p) / weights
    n, d = X.shape
    rows = np.concatenate([np.sqrt(weights / n)[:, None] * X, np.sqrt(ridge) * np.eye(d)])
    sides = np.concatenate([np.sqrt(weights / n) * targets, np.zeros(d)])
    return np.linalg.lstsq(rows, sides, rcond=None)[0]


def loss(X, y, w, ridge):
    """The loss of logistic regression, without overflow."""
    scores = X @ w
    return float(np.mean(np.logaddexp(0, scores) - y * scores) + ridge / 2 * w @ w)
