"""Mistakes in power_iteration."""

import numpy as np
from solutions.section1_linear_algebra import _expect_square

from grader.toolkit.mistakes import mistake


def _expect_power(A, start, num_iters):
    _expect_square(A)
    if start.shape != (len(A),) or not start.any():
        raise ValueError("start must be a vector and not zero")
    if num_iters < 0:
        raise ValueError("num_iters must be at least 0")


@mistake(
    "power_iteration",
    slug="length_as_estimate",
    hints=(
        "Take the matrix with the only entry -4. What is its eigenvalue, and what do you return?",
        "A length is never negative, and it is only right at an eigenvector. Which quotient keeps the sign?",
        "With v of length 1, the estimate is the dot product of v and A v.",
    ),
)
def length_as_estimate(A, start, num_iters):
    """Your estimate is the length of A v. It loses the sign of a negative eigenvalue, and before convergence it is
    another number. Use the Rayleigh quotient: look at where you compute the estimate."""
    _expect_power(A, start, num_iters)
    v = start / np.linalg.norm(start)
    estimates = np.empty(num_iters + 1)
    for k in range(num_iters + 1):
        product = A @ v
        estimates[k] = length = np.linalg.norm(product)
        if k < num_iters and length > 0:
            v = product / length
    return estimates, v


@mistake(
    "power_iteration",
    hints=(
        "Print the largest entry of your vector after 10, 100 and 1000 products.",
        "The Rayleigh quotient does not depend on the length of v, but the numbers grow in each product.",
        "Divide the vector by its length after each product, not only at the end.",
    ),
)
def normalises_only_at_the_end(A, start, num_iters):
    """The first estimates are right, but your vector grows with every product until its numbers overflow. Normalise
    after each product: look at the vector that the next product starts from."""
    _expect_power(A, start, num_iters)
    w = start / np.linalg.norm(start)
    estimates = []
    for k in range(num_iters + 1):
        product = A @ w
        estimates.append((w @ product) / (w @ w))
        if k < num_iters and product.any():
            w = product
    return np.array(estimates), w / np.linalg.norm(w)


@mistake(
    "power_iteration",
    hints=(
        "How many estimates do you return for num_iters = 0? Which vector has an estimate, even before a product?",
        "The estimate of the start is the first entry.",
        "Compute the quotient before the loop too, and keep num_iters + 1 numbers.",
    ),
)
def first_estimate_missing(A, start, num_iters):
    """You return num_iters estimates: the estimate of the normalised start, before any product, is missing. Check your list
    before the loop."""
    _expect_power(A, start, num_iters)
    v = start / np.linalg.norm(start)
    estimates = []
    for _ in range(num_iters):
        product = A @ v
        if product.any():
            v = product / np.linalg.norm(product)
        estimates.append(v @ A @ v)
    return np.array(estimates), v


@mistake(
    "power_iteration",
    hints=(
        "Call it with num_iters = 0 and the start (4, 0). What is the length of the vector that you return?",
        "The formula v . A v is the Rayleigh quotient only if v has length 1.",
        "Divide `start` by its length before anything else.",
    ),
)
def start_not_normalised(A, start, num_iters):
    """You do not normalise the start, so that its estimate, v . A v, grows with its length. After the first product all
    is right. Look at the first vector."""
    _expect_power(A, start, num_iters)
    v = start.copy()
    estimates = np.empty(num_iters + 1)
    for k in range(num_iters + 1):
        product = A @ v
        estimates[k] = v @ product
        if k < num_iters and product.any():
            v = product / np.linalg.norm(product)
    return estimates, v


@mistake(
    "power_iteration",
    hints=(
        "Print the estimates and the vectors side by side. Which vector does each estimate belong to?",
        "Your first two estimates are equal. Which vector do they use?",
        "After each product, compute the quotient with the new vector.",
    ),
)
def estimate_one_product_late(A, start, num_iters):
    """Each estimate after the first belongs to the vector before the product, so you notice a change one product too
    late. Look at the order of the product, the division and the estimate."""
    _expect_power(A, start, num_iters)
    v = start / np.linalg.norm(start)
    estimates = [v @ A @ v]
    for _ in range(num_iters):
        product = A @ v
        estimates.append(v @ product)
        if product.any():
            v = product / np.linalg.norm(product)
    return np.array(estimates), v


@mistake(
    "power_iteration",
    hints=(
        "Compute np.linalg.norm of the vector that you return. Is it 1?",
        "Which norm do you divide by? The docstring asks for the Euclidean length.",
        "Divide by the square root of the sum of the squares.",
    ),
)
def divides_by_the_largest_entry(A, start, num_iters):
    """Your vector has largest entry 1 instead of length 1. The estimates are right, but the returned vector is too long.
    Divide by the Euclidean length: look at your normalisation."""
    _expect_power(A, start, num_iters)
    v = start / np.abs(start).max()
    estimates = np.empty(num_iters + 1)
    for k in range(num_iters + 1):
        product = A @ v
        estimates[k] = (v @ product) / (v @ v)
        if k < num_iters and product.any():
            v = product / np.abs(product).max()
    return estimates, v


@mistake(
    "power_iteration",
    hints=(
        "Take the matrix with four ones, and the start (1, -1). What is A v?",
        "The length of a zero vector is 0. What happens when you divide by it?",
        "If the product is zero, keep the vector.",
    ),
)
def divides_by_zero(A, start, num_iters):
    """If A v is zero, you divide by its length and get NaN. Such a v is an eigenvector of the eigenvalue 0, and it
    stays. Look at the division."""
    _expect_power(A, start, num_iters)
    v = start / np.linalg.norm(start)
    estimates = np.empty(num_iters + 1)
    for k in range(num_iters + 1):
        product = A @ v
        estimates[k] = v @ product
        if k < num_iters:
            v = product / np.linalg.norm(product)
    return estimates, v


@mistake(
    "power_iteration",
    hints=(
        "Print `start` before and after a call.",
        "`a /= b` changes the array itself; `a = a / b` makes a new one.",
        "Divide into a new array.",
    ),
)
def start_changed(A, start, num_iters):
    """Your result is right, but you normalise the caller's `start` in place. A second call then gets another start. Look
    at the operator of your first division."""
    _expect_power(A, start, num_iters)
    start /= np.linalg.norm(start)
    v = start
    estimates = np.empty(num_iters + 1)
    for k in range(num_iters + 1):
        product = A @ v
        estimates[k] = v @ product
        if k < num_iters and product.any():
            v = product / np.linalg.norm(product)
    return estimates, v


@mistake(
    "power_iteration",
    hints=(
        "Call it with num_iters = -1, and with a start of zeros. Does it raise an error?",
        "Numpy divides 0 by 0 without an error, and a loop over a negative range does not run.",
        "Raise a ValueError that names the argument for each case that the docstring lists.",
    ),
)
def nothing_refused(A, start, num_iters):
    """You accept bad arguments, such as a start of zeros or a negative num_iters. Then the caller gets NaN, or an error
    that does not say why. The docstring lists the arguments that must raise a ValueError."""
    v = start / np.linalg.norm(start)
    estimates = []
    for k in range(max(num_iters, 0) + 1):
        product = A @ v
        estimates.append(v @ product)
        if k < num_iters and product.any():
            v = product / np.linalg.norm(product)
    return np.array(estimates), v
