"""The data of section 2's pictures and questions."""

from typing import Any

import numpy as np

from grader.figures.gather import Array, Work

STEPS = 10  # of Newton's method
SMALL = 1e-10  # a length of the gradient
RIDGE = 0.01
RECTANGLE = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 1.0], [4.0, 1.0]])
MIDDLES = np.array([[2.0, 0.0], [2.0, 1.0]])


def examples() -> tuple[Array, Array]:
    """200 examples with 5 features, and noisy classes."""
    rng = np.random.default_rng(11)
    X = rng.standard_normal((200, 5))
    scores = X @ np.array([2.0, -1.0, 0.5, 0.0, 1.0]) + rng.standard_normal(200)
    return X, (scores > 0).astype(float)


def gradient(w: Array) -> Array:
    """The gradient of the loss at the weights (5,)."""
    X, y = examples()
    found: Array = X.T @ (1 / (1 + np.exp(-X @ w)) - y) / len(X) + RIDGE * w
    return found


def lengths(path: Array) -> Array:
    """The length of the gradient at each point of a path (steps, 5)."""
    return np.array([np.linalg.norm(gradient(w)) for w in path])


def path_of_descent() -> Array:
    """As many steps of gradient descent with learning rate 2, which is below its limit here."""
    path = [np.zeros(5)]
    for _ in range(STEPS):
        path.append(path[-1] - 2.0 * gradient(path[-1]))
    return np.stack(path)


def gather_newton(work: Work) -> None:
    """The path (STEPS + 1, 5) of Newton's method from zero, called `path`."""

    def call(functions: Any) -> Any:
        X, y = examples()
        path = [np.zeros(5)]
        for _ in range(STEPS):
            path.append(functions.newton_step(X, y, path[-1], RIDGE))
        return np.stack(path)

    work.ask("path", "newton_step", call, (STEPS + 1, 5))


def steps_until_small(path: Array) -> int | None:
    """The number of steps until the gradient is shorter than `SMALL`, or None."""
    small = np.flatnonzero(lengths(path) < SMALL)
    return int(small[0]) if len(small) else None
