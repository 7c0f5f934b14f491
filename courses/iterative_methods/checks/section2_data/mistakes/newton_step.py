"""Mistakes in newton_step."""

import numpy as np

from grader.toolkit.mistakes import mistake


def _expect_problem(y, ridge):
    if not np.isin(y, (0.0, 1.0)).all():
        raise ValueError("y must hold only 0 and 1")
    if not ridge > 0:
        raise ValueError("ridge must be positive")


def _step(X, y, w, gradient_ridge, hessian_ridge, curvature=lambda p: p * (1 - p), gradient_n=0, hessian_n=0):
    n, d = X.shape
    p = 0.5 * (1 + np.tanh(0.5 * (X @ w)))
    gradient = X.T @ (p - y) / (gradient_n or n) + gradient_ridge * w
    hessian = (X.T * curvature(p)) @ X / (hessian_n or n) + hessian_ridge * np.eye(d)
    return w - np.linalg.solve(hessian, gradient)


@mistake(
    "newton_step",
    hints=(
        "Make X ten times as large. By how much does your step change?",
        "The gradient says where to go, the curvature says how far.",
        "Divide by the Hessian: solve H s = g.",
    ),
)
def gradient_descent(X, y, w, ridge):
    """You subtract the gradient itself: this is gradient descent with learning rate 1. A Newton step solves a system
    with the Hessian first."""
    _expect_problem(y, ridge)
    p = 0.5 * (1 + np.tanh(0.5 * (X @ w)))
    return w - (X.T @ (p - y) / len(X) + ridge * w)


@mistake(
    "newton_step",
    hints=(
        "Start at w = 0, then at another w. From which of them is the step right?",
        "The derivative of `ridge / 2 * |w|^2` is `ridge * w`.",
        "Add it to the gradient.",
    ),
)
def ridge_only_in_the_hessian(X, y, w, ridge):
    """Your gradient misses the penalty, `ridge * w`, so that your steps end at the minimum without it. At w = 0 both are
    the same; look at the gradient."""
    _expect_problem(y, ridge)
    return _step(X, y, w, 0.0, ridge)


@mistake(
    "newton_step",
    hints=(
        "Take a very large ridge. To which weights should the step lead?",
        "The second derivative of `ridge / 2 * |w|^2` is `ridge` in every direction.",
        "Add ridge times the identity to the Hessian.",
    ),
)
def ridge_only_in_the_gradient(X, y, w, ridge):
    """Your Hessian misses the penalty, `ridge * I`. The steps are too long, and with few examples the matrix is
    singular."""
    _expect_problem(y, ridge)
    n = len(X)
    p = 0.5 * (1 + np.tanh(0.5 * (X @ w)))
    gradient = X.T @ (p - y) / n + ridge * w
    return w - np.linalg.lstsq((X.T * (p * (1 - p))) @ X / n, gradient, rcond=None)[0]


@mistake(
    "newton_step",
    hints=(
        "Write every example twice. The loss does not change. Does your step?",
        "The loss is a mean over the examples, and the penalty is not.",
        "Divide both sums by n.",
    ),
)
def sums_instead_of_means(X, y, w, ridge):
    """You sum over the examples, so that the penalty counts 1 / n of what it should. Divide the first terms of gradient
    and Hessian by n."""
    _expect_problem(y, ridge)
    return _step(X, y, w, ridge, ridge, gradient_n=1, hessian_n=1)


@mistake(
    "newton_step",
    hints=(
        "Write every example twice. The loss does not change. Does your step?",
        "Gradient and Hessian belong to the same loss. Are both a mean?",
        "Divide the first term of the Hessian by n.",
    ),
)
def hessian_is_a_sum(X, y, w, ridge):
    """Your gradient is a mean over the examples, and your Hessian a sum. They do not belong to the same loss, and the
    steps are too short."""
    _expect_problem(y, ridge)
    return _step(X, y, w, ridge, ridge, hessian_n=1)


@mistake(
    "newton_step",
    hints=(
        "Take one example with class 1, and w = 0. Does your step raise its probability?",
        "The step goes against the gradient.",
        "Subtract the solution of H s = g.",
    ),
)
def uphill(X, y, w, ridge):
    """You add the step, so that the loss grows. Newton's method subtracts H^-1 g."""
    _expect_problem(y, ridge)
    return 2 * w - _step(X, y, w, ridge, ridge)


@mistake(
    "newton_step",
    hints=(
        "What is the derivative of the probability with respect to the score?",
        "At a probability near 1, the loss is nearly flat. What does your weight say there?",
        "The weight of an example in the Hessian is p (1 - p).",
    ),
)
def weights_p_only(X, y, w, ridge):
    """Your Hessian weighs each example by p instead of p (1 - p). It is too large, most of all where the model is sure
    of class 1."""
    _expect_problem(y, ridge)
    return _step(X, y, w, ridge, ridge, curvature=lambda p: p)


@mistake(
    "newton_step",
    hints=(
        "Which classes does y hold: 0 and 1, or -1 and 1?",
        "With 0 and 1, the derivative of the loss with respect to a score is p - y.",
        "Do not transform y.",
    ),
)
def classes_minus_one_and_one(X, y, w, ridge):
    """Your gradient treats the classes as -1 and 1: it holds p - (2 y - 1). With the classes 0 and 1 it is p - y."""
    _expect_problem(y, ridge)
    return _step(X, 2 * y - 1, w, ridge, ridge)


@mistake(
    "newton_step",
    hints=(
        "Compute the probability of the scores 1000 and -1000.",
        "exp(1000) is infinite, and infinity / infinity is NaN.",
        "Use exp only where it cannot overflow, or tanh.",
    ),
)
def exponential_overflows(X, y, w, ridge):
    """For a large score, you divide infinity by infinity and get NaN. Write the probability so that a large score gives
    1."""
    _expect_problem(y, ridge)
    n, d = X.shape
    with np.errstate(all="ignore"):
        p = np.exp(X @ w) / (1 + np.exp(X @ w))
    gradient = X.T @ (p - y) / n + ridge * w
    return w - np.linalg.solve((X.T * (p * (1 - p))) @ X / n + ridge * np.eye(d), gradient)


@mistake(
    "newton_step",
    hints=(
        "Print w before and after a call.",
        "`w -= ...` changes the array of the caller.",
        "Return a new array.",
    ),
)
def weights_changed(X, y, w, ridge):
    """Your result is right, but you change the caller's `w` in place. Look at the operator of your last line."""
    _expect_problem(y, ridge)
    w[:] = _step(X, y, w, ridge, ridge)
    return w.copy()


@mistake(
    "newton_step",
    hints=(
        "Call it with the classes -1 and 1, and with ridge = 0.",
        "The formulas give numbers for these, but they mean nothing.",
        "Raise a ValueError that names `y` or `ridge`.",
    ),
)
def nothing_refused(X, y, w, ridge):
    """You accept classes other than 0 and 1, or a ridge that is not positive. The docstring lists the arguments that must
    raise a ValueError."""
    return _step(X, y, w, ridge, ridge)
