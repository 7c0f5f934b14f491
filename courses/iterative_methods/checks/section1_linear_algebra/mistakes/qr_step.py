"""Mistakes in qr_step."""

import numpy as np
from solutions.section1_linear_algebra import _expect_square

from grader.toolkit.mistakes import mistake


def _factors(A):
    """Q and R with a positive diagonal of R."""
    Q, R = np.linalg.qr(A)
    signs = np.where(np.diag(R) < 0, -1.0, 1.0)
    return Q * signs, signs[:, None] * R


@mistake(
    "qr_step",
    hints=(
        "Compute the trace of your result, and the trace of A. How much do they differ?",
        "R Q has the eigenvalues of A - shift I.",
        "Add the shift to the diagonal after the multiplication.",
    ),
)
def shift_not_added_back(A, shift):
    """You do not add the shift back: your result has the eigenvalues of A minus the shift. Look at the last term of the
    formula."""
    _expect_square(A)
    Q, R = _factors(A - shift * np.eye(len(A)))
    return R @ Q


@mistake(
    "qr_step",
    hints=(
        "Compare your result with A.",
        "Q R is A - shift I itself. In which order does the step multiply?",
        "Multiply R by Q, with R on the left.",
    ),
)
def multiplies_in_the_same_order(A, shift):
    """You multiply Q R, which gives A back: the step does nothing. Multiply in the other order."""
    _expect_square(A)
    Q, R = _factors(A - shift * np.eye(len(A)))
    return Q @ R + shift * np.eye(len(A))


@mistake(
    "qr_step",
    hints=(
        "Print the diagonal of the R that np.linalg.qr returns. Is it positive?",
        "If you change the sign of a column of Q and of the same row of R, Q R stays, but R Q changes.",
        "Find the signs of the diagonal of R. Multiply the rows of R and the columns of Q by them.",
    ),
)
def signs_of_numpy(A, shift):
    """You use the factors of np.linalg.qr as they are. Their R may have negative diagonal entries, and then some entries
    of R Q have the wrong sign. Check the rule of the docstring for the diagonal of R."""
    _expect_square(A)
    Q, R = np.linalg.qr(A - shift * np.eye(len(A)))
    return R @ Q + shift * np.eye(len(A))


@mistake(
    "qr_step",
    hints=(
        "Change the signs, then multiply Q R. Do you get A - shift I?",
        "A row of R and the same column of Q change their signs together.",
        "Multiply the columns of Q by the signs, too.",
    ),
)
def signs_of_one_factor_only(A, shift):
    """You make the diagonal of R positive, but leave Q as it is. Then Q R is not A - shift I any more. Change the
    columns of Q, too."""
    _expect_square(A)
    Q, R = np.linalg.qr(A - shift * np.eye(len(A)))
    return np.where(np.diag(R) < 0, -1.0, 1.0)[:, None] * R @ Q + shift * np.eye(len(A))


@mistake(
    "qr_step",
    hints=(
        "Call it with the shifts 0 and 2.5. Are the results different?",
        "The shift makes the last row fade faster. Where does it enter your formula?",
        "Subtract it from the diagonal before you factor, and add it to the diagonal after you multiply.",
    ),
)
def shift_ignored(A, shift):
    """You factor A itself, without the shift. The eigenvalues are right, but the last row fades slowly. Look at the
    matrix that you factor."""
    _expect_square(A)
    Q, R = _factors(A)
    return R @ Q


@mistake(
    "qr_step",
    hints=(
        "Print `A - shift` for the identity and shift 1. Is it the zero matrix?",
        "Numpy subtracts a number from every entry. Which entries does `shift I` have?",
        "Multiply the shift by np.eye(n).",
    ),
)
def shift_of_every_entry(A, shift):
    """You subtract the shift from every entry of A. `shift I` has it on the diagonal only. Look at the subtraction and
    the addition."""
    _expect_square(A)
    Q, R = _factors(A - shift)
    return R @ Q + shift


@mistake(
    "qr_step",
    hints=(
        "Print A before and after a call.",
        "`A -= ...` changes the caller's matrix.",
        "Make a new matrix for A - shift I.",
    ),
)
def matrix_changed(A, shift):
    """Your result is right, but you subtract the shift from the caller's matrix in place. Look at the first line that
    uses the shift."""
    _expect_square(A)
    A -= shift * np.eye(len(A))
    Q, R = _factors(A)
    return R @ Q + shift * np.eye(len(A))


@mistake(
    "qr_step",
    hints=(
        "Call it with a matrix of shape (2, 3). What does the error say?",
        "The error comes from deep inside, and does not name your argument.",
        "Raise a ValueError that names `A` before you compute anything.",
    ),
)
def accepts_any_shape(A, shift):
    """You do not check the shape of A, so that the caller gets no error, or one that does not name A. Raise a ValueError
    that names it."""
    Q, R = _factors(A - shift * np.eye(*A.shape))
    size = len(Q)
    return R[:size, :size] @ Q + shift * np.eye(size)
