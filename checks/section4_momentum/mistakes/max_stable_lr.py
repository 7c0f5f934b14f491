"""Mistakes in max_stable_lr."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import eigenvalues_of, symmetric_matrix


@mistake(
    "max_stable_lr",
    hints=(
        "At your learning rate, by which factor does a step multiply the distance along the steepest axis?",
        "A step of your size lands exactly in the valley. How much farther may it go and still come closer?",
        "The distance may change its sign, as long as it does not grow: twice your step is just stable.",
    ),
)
def one_over_largest(hessian):
    """Your limit is 1 / lambda_max, half of the right one. At that learning rate, one step solves the steepest axis;
    beyond it, the iterates jump over the minimum, but still come closer. Look for the learning rate at which they stop
    coming closer."""
    return 1 / float(eigenvalues_of(hessian)[-1])


@mistake(
    "max_stable_lr",
    hints=(
        "Take curvatures 1 and 4 and make a step with your learning rate. What happens along the steep axis?",
        "Each axis has its own limit. All limits must hold together: which is the smallest?",
        "Use the largest eigenvalue, not the smallest. Check the order in which the solver returns them.",
    ),
)
def smallest_eigenvalue(hessian):
    """You divide by the smallest eigenvalue: your limit is the limit of the flattest axis. With it, gradient descent
    diverges along every steeper axis. The steepest axis diverges first, so use its curvature."""
    return 2 / float(eigenvalues_of(hessian)[0])


@mistake(
    "max_stable_lr",
    hints=(
        "By which factor does your step multiply the distance along the steepest axis? Is this the limit of stability?",
        "One learning rate is the *fastest*, another is just *stable*. Which do you compute?",
        "Remove the smallest eigenvalue: only the largest decides stability.",
    ),
)
def best_instead_of_largest(hessian):
    """You compute 2 / (lambda_min + lambda_max), the learning rate at which gradient descent is fastest. The question
    is when it starts to diverge, and this does not depend on the flattest axis. Look at the denominator."""
    eigenvalues = eigenvalues_of(hessian)
    return 2 / float(eigenvalues[0] + eigenvalues[-1])


@mistake(
    "max_stable_lr",
    hints=(
        "Try [[2, 1], [1, 2]]. Along which direction is this bowl steepest, and how steep is it there?",
        "The largest entry describes directions along the coordinate axes. Is the steepest direction among them?",
        "Compute the eigenvalues, and divide by the largest.",
    ),
)
def largest_entry(hessian):
    """You divide by the largest entry of the matrix instead of its largest eigenvalue. If the axes of the bowl are
    rotated, the bowl is steeper than any entry shows, and your learning rate diverges. Look for the steepest
    direction."""
    eigenvalues_of(hessian)
    return 2 / float(hessian.max())


@mistake(
    "max_stable_lr",
    hints=(
        "What do you get for the identity of size 2, and of size 100? Should they differ?",
        "Which norm does the library compute by default?",
        "You need the spectral norm, which is the largest eigenvalue, not the root of the sum of squares.",
    ),
)
def frobenius_norm(hessian):
    """You divide by the Frobenius norm, the root of the sum of all squared eigenvalues. In two or more dimensions it is
    larger than the largest eigenvalue, so your limit is too small. Look at which norm you use."""
    eigenvalues_of(hessian)
    return 2 / float(torch.linalg.matrix_norm(hessian))


@mistake(
    "max_stable_lr",
    hints=(
        "If a bowl is twice as steep, may your steps be longer or shorter?",
        "Which unit does a learning rate have, and which does a curvature?",
        "The curvature belongs in the denominator.",
    ),
)
def inverted_limit(hessian):
    """Your fraction is upside down: your limit grows with the curvature. On a steeper bowl the steps must be shorter,
    or they jump across the valley and up the other side. Compare the unit of your result with the unit of a learning
    rate."""
    return float(eigenvalues_of(hessian)[-1]) / 2


@mistake(
    "max_stable_lr",
    slug="square_not_checked",
    hints=(
        "Call it with a matrix of shape (2, 3). Which code raises the error, yours or the library's?",
        "The errors are the same as in `condition_number`. May you call it here?",
        "Check that `hessian` is square, and raise a ValueError that names it if it is not.",
    ),
)
def limit_of_any_shape(hessian):
    """You do not check that the matrix is square, so the library raises its own error. A ValueError must tell the
    caller that `hessian` is wrong. Accept the same matrices as condition_number."""
    if not torch.allclose(hessian, hessian.mT, rtol=0, atol=float(1e-6 * hessian.abs().max())):
        raise ValueError("hessian must be symmetric")
    return 2 / float(eigenvalues_of(hessian)[-1])


@mistake(
    "max_stable_lr",
    slug="asymmetric_accepted",
    hints=(
        "What does your function return for [[2, 1], [0, 2]]?",
        "The errors are the same as in `condition_number`. May you call it here?",
        "Compare the matrix with its transpose, up to rounding, and raise a ValueError that names `hessian`.",
    ),
)
def limit_of_asymmetric(hessian):
    """You accept a matrix that is not symmetric. It cannot be a Hessian, so your result is not a limit of gradient
    descent. Accept the same matrices as condition_number, and raise the same errors."""
    if hessian.ndim != 2 or hessian.shape[0] != hessian.shape[1]:
        raise ValueError("hessian must be a square matrix")
    eigenvalues = torch.linalg.eigvalsh(hessian)
    if eigenvalues[0] <= 0:
        raise ValueError("hessian must be positive definite")
    return 2 / float(eigenvalues[-1])


@mistake(
    "max_stable_lr",
    slug="indefinite_accepted",
    hints=(
        "What does your function return for a matrix with the eigenvalues 1 and -2?",
        "Along an axis of negative curvature, does any positive learning rate bring you closer to the minimum?",
        "If the smallest eigenvalue is not above 0, raise a ValueError that names `hessian`.",
    ),
)
def limit_of_saddle(hessian):
    """You accept a matrix with a negative eigenvalue. Along that axis gradient descent diverges with every learning
    rate, so no limit exists. Check the smallest eigenvalue too, not only the largest."""
    return 2 / float(torch.linalg.eigvalsh(symmetric_matrix(hessian))[-1])


@mistake(
    "max_stable_lr",
    slug="nothing_refused",
    hints=(
        "What does your function do for a matrix of shape (2, 3), and for [[1, 0], [0, -2]]?",
        "The errors are the same as in `condition_number`. May you call it here?",
        "Raise a ValueError unless it is square, symmetric up to rounding, and has only positive eigenvalues.",
    ),
)
def limit_of_anything(hessian):
    """You check nothing: a matrix that is not symmetric or not positive definite gives a meaningless number, and a
    matrix that is not square gives an error of the library. Accept the same matrices as condition_number."""
    return 2 / float(torch.linalg.eigvalsh(hessian)[-1])


@mistake(
    "max_stable_lr",
    hints=(
        "For the matrix [[3, 0], [0, 1]], along which axis does gradient descent diverge first?",
        "The trace is the sum of all eigenvalues. Which of them sets the limit?",
        "Divide 2 by the largest eigenvalue only.",
    ),
)
def two_over_trace(hessian):
    """You divide 2 by the trace, which is the sum of all eigenvalues. Your learning rate is safe, but not the largest one: the
    steepest axis alone sets the limit. Which eigenvalue belongs to it?"""
    eigenvalues_of(hessian)
    return 2 / float(hessian.trace())


@mistake(
    "max_stable_lr",
    hints=(
        "Make the bowl twice as steep in each direction. What should happen to the limit?",
        "The condition number of a bowl does not change with its scale. May the limit depend on it alone?",
        "The limit is 2 divided by the largest curvature itself.",
    ),
)
def two_over_condition_number(hessian):
    """You divide by the condition number. It says how different the curvatures are, not how steep the bowl is: twice the
    matrix has the same condition number, and half of the limit. Which curvature sets the limit?"""
    eigenvalues = eigenvalues_of(hessian)
    return 2 / float(eigenvalues[-1] / eigenvalues[0])


@mistake(
    "max_stable_lr",
    hints=(
        "Rotate a bowl with curvatures 1 and 4. Does your limit stay?",
        "The largest sum of a row is never below the largest eigenvalue. When is it larger?",
        "Use the largest eigenvalue, which is the norm of order 2.",
    ),
)
def largest_row_sum(hessian):
    """You divide by the largest sum of absolute values in a row. That is only an upper bound of the largest eigenvalue, so
    your limit is often too small. Look for the steepest direction, which need not be along an axis."""
    eigenvalues_of(hessian)
    return 2 / float(hessian.abs().sum(1).max())
