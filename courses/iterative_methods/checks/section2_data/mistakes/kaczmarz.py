"""Mistakes in kaczmarz."""

import numpy as np

from grader.toolkit.mistakes import mistake


def _expect_equations(A, b, order):
    if b.shape != (len(A),):
        raise ValueError("b must have an entry for each row of A")
    if any(not A[i].any() for i in order):
        raise ValueError("a row of A is zero")


@mistake(
    "kaczmarz",
    hints=(
        "Take the row (2,), b = 4 and x = 0. Where does the equation hold, and where does your step end?",
        "The residual grows with the length of the row, and the step along the row grows with it again.",
        "Divide by the squared length of the row.",
    ),
)
def length_not_squared(A, b, x, order):
    """You divide by the length of the row instead of its square. Where the length is not 1, the point does not end on
    the equation. Check that a . x = b after a step."""
    _expect_equations(A, b, order)
    x = x.copy()
    for i in order:
        x += (b[i] - A[i] @ x) / np.linalg.norm(A[i]) * A[i]
    return x


@mistake(
    "kaczmarz",
    hints=(
        "Take two steps. Which point does the second step start from?",
        "The first step changes x, and with it the residual of every other equation.",
        "Compute the residual of a row inside the loop, with the current x.",
    ),
)
def residuals_of_the_start(A, b, x, order):
    """You compute all residuals at the start, and not at the current point. This is Cimmino's idea; in Kaczmarz's method
    the second projection starts where the first ended. Look at the x in the residual."""
    _expect_equations(A, b, order)
    moved = x.copy()
    for i in order:
        moved += (b[i] - A[i] @ x) / (A[i] @ A[i]) * A[i]
    return moved


@mistake(
    "kaczmarz",
    hints=(
        "Start where a . x is below b. Does your step make it larger?",
        "After a step, the distance from the equation should be 0. Yours has doubled.",
        "Add the projection, or change the sign of the residual.",
    ),
)
def moves_away(A, b, x, order):
    """You move away from the equation: the sign of the step is wrong. Look at the sign of the residual and of the update
    together."""
    _expect_equations(A, b, order)
    x = x.copy()
    for i in order:
        x -= (b[i] - A[i] @ x) / (A[i] @ A[i]) * A[i]
    return x


@mistake(
    "kaczmarz",
    hints=(
        "Call it with the order [1, 0]. Which equation holds at the end?",
        "The last equation of the order holds exactly, and an empty order changes nothing.",
        "Loop over `order`, not over the rows.",
    ),
)
def order_ignored(A, b, x, order):
    """You go through all rows from first to last, and ignore `order`. Check the list of your loop."""
    _expect_equations(A, b, order)
    x = x.copy()
    for i in range(len(A)):
        x += (b[i] - A[i] @ x) / (A[i] @ A[i]) * A[i]
    return x


@mistake(
    "kaczmarz",
    hints=(
        "Call it with the order [0, 1, 0]. How many steps do you make?",
        "A row may come again, after others have moved the point.",
        "Keep repeated indices, in their order.",
    ),
)
def repeated_rows_skipped(A, b, x, order):
    """You use each row only once, although `order` may repeat it. After other rows have moved the point, its equation
    does not hold any more. Check the list of your loop."""
    _expect_equations(A, b, order)
    x = x.copy()
    for i in dict.fromkeys(order):
        x += (b[i] - A[i] @ x) / (A[i] @ A[i]) * A[i]
    return x


@mistake(
    "kaczmarz",
    hints=(
        "Print x before and after a call.",
        "`x += ...` changes the array of the caller.",
        "Start from a copy.",
    ),
)
def start_changed(A, b, x, order):
    """Your result is right, but you change the caller's `x` in place. A second call then starts somewhere else. Look at
    the array that you add to."""
    _expect_equations(A, b, order)
    for i in order:
        x += (b[i] - A[i] @ x) / (A[i] @ A[i]) * A[i]
    return x.copy()


@mistake(
    "kaczmarz",
    hints=(
        "Call it with a row of zeros, and with a b that has an entry too many.",
        "Numpy divides by zero with a warning, and returns NaN.",
        "Raise a ValueError that names `A` or `b`.",
    ),
)
def nothing_refused(A, b, x, order):
    """You accept a row of zeros or a b of the wrong length. The first gives NaN, the second hides an error of the
    caller. The docstring lists the arguments that must raise a ValueError."""
    x = x.copy()
    for i in order:
        x += (b[i] - A[i] @ x) / (A[i] @ A[i]) * A[i]
    return x
