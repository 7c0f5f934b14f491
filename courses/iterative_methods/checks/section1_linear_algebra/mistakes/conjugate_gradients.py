"""Mistakes in conjugate_gradients."""

import numpy as np
from solutions.section1_linear_algebra import _expect_square

from grader.toolkit.mistakes import mistake


def _expect_system(A, b, num_steps):
    _expect_square(A)
    if b.shape != (len(A),):
        raise ValueError("b must have an entry for each row of A")
    if num_steps < 0:
        raise ValueError("num_steps must be at least 0")


def _roll(A, b, num_steps, beta, alpha=lambda squared, r, p, product: squared / (p @ product)):
    """Steps with other rules for beta and alpha."""
    rows = np.zeros((num_steps + 1, len(b)))
    r = p = b
    for k in range(num_steps):
        squared = r @ r
        if squared == 0:
            rows[k + 1 :] = rows[k]
            break
        product = A @ p
        length = alpha(squared, r, p, product)
        rows[k + 1] = rows[k] + length * p
        r = r - length * product
        p = r + beta(r, squared) * p
    return rows


@mistake(
    "conjugate_gradients",
    hints=(
        "Take A = diag(1, 10) and b = (1, 1). Is the system solved after two steps?",
        "Is your second direction conjugate to the first, p . A q = 0?",
        "The new direction is the residual plus beta times the old direction.",
    ),
)
def steepest_descent(A, b, num_steps):
    """Your directions are the residuals alone: this is steepest descent, which zigzags. Each new direction also needs a
    part of the old one. Look at beta."""
    _expect_system(A, b, num_steps)
    return _roll(A, b, num_steps, lambda r, squared: 0.0)


@mistake(
    "conjugate_gradients",
    hints=(
        "The residuals become smaller. Should beta be above or below 1?",
        "Which of the two squared lengths is the new one?",
        "Divide the new squared length by the old one.",
    ),
)
def beta_upside_down(A, b, num_steps):
    """Your beta is the old squared residual over the new one, so that the old direction gets the larger part. It is the
    other way round."""
    _expect_system(A, b, num_steps)
    return _roll(A, b, num_steps, lambda r, squared: squared / (r @ r) if r.any() else 0.0)


@mistake(
    "conjugate_gradients",
    hints=(
        "Compute beta in the first step by hand, for A = diag(1, 2) and b = (2, 2). It is 1/9.",
        "r . r is already the squared length. What do you divide?",
        "Use the squared lengths, not the lengths.",
    ),
)
def beta_of_lengths(A, b, num_steps):
    """Your beta is the quotient of the lengths of the residuals, the root of what it should be. It takes squared
    lengths. Look at beta."""
    _expect_system(A, b, num_steps)
    return _roll(A, b, num_steps, lambda r, squared: np.sqrt((r @ r) / squared))


@mistake(
    "conjugate_gradients",
    hints=(
        "Your first step is right and your second is not. What is different in the second?",
        "From the second step on, direction and residual differ. Which of them do you multiply by A in alpha?",
        "Divide by p . A p, with the direction p.",
    ),
)
def alpha_with_the_residual(A, b, num_steps):
    """Your alpha divides by r . A r. It is the way along the direction p, so it needs p . A p. In the first step both
    are the same; look at the second."""
    _expect_system(A, b, num_steps)
    return _roll(
        A, b, num_steps, lambda r, squared: (r @ r) / squared, lambda squared, r, p, product: squared / (r @ A @ r)
    )


@mistake(
    "conjugate_gradients",
    hints=(
        "Compute b - A x after each step. Is it your residual?",
        "When x moves by alpha p, A x grows by alpha A p. What does b - A x do?",
        "Subtract alpha A p from the residual.",
    ),
)
def residual_added(A, b, num_steps):
    """You add alpha A p to the residual, so it grows and is not b - A x any more. Look at the sign in its line."""
    _expect_system(A, b, num_steps)
    rows = np.zeros((num_steps + 1, len(b)))
    r = p = b
    for k in range(num_steps):
        squared = r @ r
        if squared == 0:
            rows[k + 1 :] = rows[k]
            break
        product = A @ p
        alpha = squared / (p @ product)
        rows[k + 1] = rows[k] + alpha * p
        r = r + alpha * product
        p = r + (r @ r) / squared * p
    return rows


@mistake(
    "conjugate_gradients",
    hints=(
        "Print your rows. Are they different?",
        "An array in a list is not a copy. What happens to it when you change x in place?",
        "Store a copy of x in each step.",
    ),
)
def rows_share_memory(A, b, num_steps):
    """All your rows are the same: each is the array x itself, which later steps change in place. Store a copy. Check the
    line with `append`."""
    _expect_system(A, b, num_steps)
    rows = _roll(A, b, num_steps, lambda r, squared: (r @ r) / squared)
    return np.stack([rows[-1]] * len(rows))


@mistake(
    "conjugate_gradients",
    hints=(
        "How many rows do you return for num_steps = 0?",
        "The start is a row, too.",
        "Store zero as the first row, before the first step.",
    ),
)
def start_missing(A, b, num_steps):
    """Your rows begin after the first step: the start, x = 0, is missing. Check the entry that you store before the loop."""
    _expect_system(A, b, num_steps)
    return _roll(A, b, num_steps, lambda r, squared: (r @ r) / squared)[1:]


@mistake(
    "conjugate_gradients",
    hints=(
        "Call it with b = (0, 0), and with the identity and two steps.",
        "If the residual is zero, alpha is 0 / 0.",
        "Stop the steps if r . r is 0, and fill the rest of the rows with the last point.",
    ),
)
def divides_zero_by_zero(A, b, num_steps):
    """You go on when the residual is zero, divide 0 by 0 and return NaN. The system is solved: all further rows are the
    same. Check the lines before you compute alpha."""
    _expect_system(A, b, num_steps)
    rows = np.zeros((num_steps + 1, len(b)))
    r = p = b
    squared = b @ b
    for k in range(num_steps):
        product = A @ p
        alpha = squared / (p @ product)
        rows[k + 1] = rows[k] + alpha * p
        r = r - alpha * product
        before, squared = squared, r @ r
        p = r + squared / before * p
    return rows


@mistake(
    "conjugate_gradients",
    hints=(
        "Print b before and after a call.",
        "`r = b` is a second name for the same array. What does `r -= ...` change?",
        "Start from a copy of b.",
    ),
)
def right_hand_side_changed(A, b, num_steps):
    """Your result is right, but your residual is the caller's `b` itself, and you change it in place. Start from a
    copy."""
    _expect_system(A, b, num_steps)
    rows = _roll(A, b, num_steps, lambda r, squared: (r @ r) / squared)
    b -= A @ rows[-1]
    return rows


@mistake(
    "conjugate_gradients",
    hints=(
        "Call it with num_steps = -1, and with a b that has an entry too many.",
        "The docstring lists three cases.",
        "Check A, b and num_steps before the first step.",
    ),
)
def nothing_refused(A, b, num_steps):
    """You accept bad arguments, or let numpy complain about them without their name. The docstring lists the arguments that
    must raise a ValueError."""
    b = b[: len(A)]
    return _roll(A[:, : len(b)], b, max(num_steps, 0), lambda r, squared: (r @ r) / squared)
