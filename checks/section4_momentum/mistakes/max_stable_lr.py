"""Mistakes in max_stable_lr."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import _eigenvalues, _symmetric


@mistake(
    "max_stable_lr",
    hints=(
        "At your learning rate, by what is the distance along the steepest axis multiplied in one step?",
        "One step of your size lands right in the valley. How much further may it go and still come closer?",
        "The distance may flip its sign, as long as it does not grow: twice your step is still just stable.",
    ),
)
def one_over_largest(hessian):
    """Your limit is 1 / lambda_max, half of what is stable. At that step the steepest axis is solved at once; beyond it
    the iterates jump over the minimum, but still come closer. Look for the step at which they stop coming closer."""
    return 1 / float(_eigenvalues(hessian)[-1])


@mistake(
    "max_stable_lr",
    hints=(
        "Take curvatures 1 and 4 and go one step with your learning rate. What happens along the steep axis?",
        "Each axis has a limit of its own. All of them must hold at once: which one is the tightest?",
        "Use the largest eigenvalue, not the smallest. Check in which order the solver returns them.",
    ),
)
def smallest_eigenvalue(hessian):
    """Your limit is that of the flattest axis: you divide by the smallest eigenvalue. At this step gradient descent
    diverges along every steeper axis. The steepest one gives way first, so look for its curvature."""
    return 2 / float(_eigenvalues(hessian)[0])


@mistake(
    "max_stable_lr",
    hints=(
        "By what does your step multiply the distance along the steepest axis? Is that on the border of stability?",
        "There is a step that is *best*, and one that is just *stable*. Which of them do you compute?",
        "Leave the smallest eigenvalue out: stability is decided by the largest one alone.",
    ),
)
def best_instead_of_largest(hessian):
    """You compute 2 / (lambda_min + lambda_max): the learning rate at which gradient descent is fastest. The question
    here is how large it may become before the iterates diverge, and that does not depend on the flattest axis."""
    eigenvalues = _eigenvalues(hessian)
    return 2 / float(eigenvalues[0] + eigenvalues[-1])


@mistake(
    "max_stable_lr",
    hints=(
        "Try [[2, 1], [1, 2]]. Along which direction is this bowl steepest, and how steep is it there?",
        "The largest entry tells of directions along the coordinate axes. Is the steepest one among them?",
        "Compute the eigenvalues, and divide by the largest of them.",
    ),
)
def largest_entry(hessian):
    """You divide by the largest entry of the matrix instead of its largest eigenvalue. Where the axes of the bowl are
    turned, it is steeper than any entry says, and your learning rate diverges. Look for the steepest of all
    directions."""
    _eigenvalues(hessian)
    return 2 / float(hessian.max())


@mistake(
    "max_stable_lr",
    hints=(
        "What do you get for the identity of size 2, and what for size 100? Should they differ?",
        "Which norm does the library take when you do not say which?",
        "You want the spectral norm, which is the largest eigenvalue, not the root of the sum of squares.",
    ),
)
def frobenius_norm(hessian):
    """You divide by the Frobenius norm, the root of the sum of all squared eigenvalues. That is never less than the
    largest of them, so your limit is safe, but too small. Look at which norm of the matrix you ask for."""
    _eigenvalues(hessian)
    return 2 / float(torch.linalg.matrix_norm(hessian))


@mistake(
    "max_stable_lr",
    hints=(
        "A bowl that is twice as steep: may your steps be longer or shorter?",
        "Which unit does a learning rate have, and which does a curvature?",
        "The curvature belongs below the fraction line.",
    ),
)
def inverted_limit(hessian):
    """Your fraction is upside down: the limit grows with the curvature. On a steeper bowl the steps must be shorter, or
    they jump across the valley and up the other wall. Compare the units of your result and of a learning rate."""
    return float(_eigenvalues(hessian)[-1]) / 2


@mistake(
    "max_stable_lr",
    slug="square_not_checked",
    hints=(
        "Call it with a matrix of shape (2, 3). Who complains, you or the library?",
        "The domain is that of `condition_number`, and so are the errors. May one exercise call another?",
        "Make sure that `hessian` is square, and raise a ValueError that names it if it is not.",
    ),
)
def limit_of_any_shape(hessian):
    """A matrix that is not square gets as far as the library, which raises an error of its own. A caller should learn
    from a ValueError that `hessian` is what is wrong. The domain is the same as that of condition_number."""
    if not torch.allclose(hessian, hessian.mT, rtol=0, atol=float(1e-6 * hessian.abs().max())):
        raise ValueError("hessian must be symmetric")
    return 2 / float(_eigenvalues(hessian)[-1])


@mistake(
    "max_stable_lr",
    slug="asymmetric_accepted",
    hints=(
        "What does your function say about [[2, 1], [0, 2]]?",
        "The domain is that of `condition_number`, and so are the errors. May one exercise call another?",
        "Compare the matrix with its transpose, up to rounding, and raise a ValueError that names `hessian`.",
    ),
)
def limit_of_asymmetric(hessian):
    """You accept a matrix that is not symmetric. No Hessian looks like that, and what comes out is no limit of any
    gradient descent. The domain is the same as that of condition_number, and so are the errors."""
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
        "Along an axis of negative curvature, does any positive learning rate bring you closer to rest?",
        "If the smallest eigenvalue is not above 0, raise a ValueError that names `hessian`.",
    ),
)
def limit_of_saddle(hessian):
    """You accept a matrix with a negative eigenvalue. Along that axis gradient descent runs away with every learning
    rate, so there is none to return. Look at the smallest eigenvalue, too, and not only at the largest."""
    return 2 / float(torch.linalg.eigvalsh(_symmetric(hessian))[-1])


@mistake(
    "max_stable_lr",
    slug="nothing_refused",
    hints=(
        "What does your function say about a matrix of shape (2, 3), and what about [[1, 0], [0, -2]]?",
        "The domain is that of `condition_number`, and so are the errors. May one exercise call another?",
        "Raise a ValueError unless it is square, symmetric up to rounding, and has only positive eigenvalues.",
    ),
)
def limit_of_anything(hessian):
    """You refuse nothing: a matrix that is not symmetric or not positive definite gets a number that means nothing, and
    one that is not square an error of the library. The domain is the same as that of condition_number."""
    return 2 / float(torch.linalg.eigvalsh(hessian)[-1])
