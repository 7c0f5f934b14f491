"""Plain loops over Python floats."""

import math

import numpy as np


def kaczmarz(A, b, x, order):
    if len(b) != len(A) or b.ndim != 1:
        raise ValueError("b has the wrong length")
    point = [float(v) for v in x]
    for i in order:
        row = [float(a) for a in A[i]]
        squared = math.fsum(a * a for a in row)
        if not squared:
            raise ValueError(f"A[{i}] is a row of zeros")
        missing = (float(b[i]) - math.fsum(a * v for a, v in zip(row, point))) / squared
        point = [v + missing * a for a, v in zip(row, point)]
    return np.array(point)


def kmeans_step(X, centres):
    if len(centres) < 1:
        raise ValueError("there are no centres")
    if len(centres[0]) != X.shape[1]:
        raise ValueError("centres and X differ in columns")
    labels = []
    for point in X:
        best, label = math.inf, 0
        for j, centre in enumerate(centres):
            distance = math.dist(point, centre)
            if distance < best:
                best, label = distance, j
        labels.append(label)
    new = []
    for j, centre in enumerate(centres):
        members = [point for point, label in zip(X, labels) if label == j]
        new.append(sum(members) / len(members) if members else centre.copy())
    return np.array(labels, dtype=np.int64), np.stack(new)


def _sigmoid(score):
    if score >= 0:
        return 1 / (1 + math.exp(-score))
    return math.exp(score) / (1 + math.exp(score))


def newton_step(X, y, w, ridge):
    for label in y:
        if label not in (0, 1):
            raise ValueError(f"y holds {label}")
    if ridge <= 0:
        raise ValueError("ridge must be > 0")
    n, d = X.shape
    g, H = [ridge * float(v) for v in w], [[ridge * (i == j) for j in range(d)] for i in range(d)]
    for row, label in zip(X, y):
        p = _sigmoid(float(row @ w))
        for i in range(d):
            g[i] += (p - label) * row[i] / n
            for j in range(d):
                H[i][j] += p * (1 - p) * row[i] * row[j] / n
    return w - np.linalg.inv(np.array(H)) @ np.array(g)
