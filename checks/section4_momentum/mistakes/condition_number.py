"""Mistakes in condition_number."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import _eigenvalues, _symmetric


@mistake(
    "condition_number",
    hints=(
        "What should the condition number of two times the identity be? What is yours?",
        "A round bowl has condition number 1, however steep it is. Which number makes the steepness cancel?",
        "Divide the largest eigenvalue by the smallest.",
    ),
)
def largest_eigenvalue(hessian):
    """Your condition number is the largest eigenvalue alone. That is how steep the bowl is, and it changes with the
    unit of the loss; the condition number says how much steeper one axis is than another. Look at what it is divided
    by."""
    return float(_eigenvalues(hessian)[-1])


@mistake(
    "condition_number",
    hints=(
        "Can a condition number be smaller than 1?",
        "Print the eigenvalues that you divide. In which order do they come?",
        "The largest eigenvalue belongs above the fraction line, the smallest below.",
    ),
)
def inverted_ratio(hessian):
    """Your ratio is upside down: it divides the smallest eigenvalue by the largest, and so never exceeds 1. A narrow
    ravine has a large condition number. Check in which order the eigenvalues come out of the solver that you call."""
    eigenvalues = _eigenvalues(hessian)
    return float(eigenvalues[0] / eigenvalues[-1])


@mistake(
    "condition_number",
    hints=(
        "Try [[2, 1], [1, 2]]: both diagonal entries are the same, but is this bowl round?",
        "The diagonal holds the curvatures along the coordinate axes. The axes of the bowl may be turned against them.",
        "Compute the eigenvalues of the matrix, and divide the largest of them by the smallest.",
    ),
)
def diagonal_entries(hessian):
    """You divide the largest diagonal entry by the smallest. These are the eigenvalues only if the matrix is diagonal;
    as soon as the axes of the bowl are turned, the condition number comes out too small. Look for the curvatures along
    its own axes."""
    _eigenvalues(hessian)
    return float(hessian.diagonal().max() / hessian.diagonal().min())


@mistake(
    "condition_number",
    hints=(
        "Compute it by hand for a diagonal matrix with 1 and 4 on the diagonal. What is yours?",
        "Did you take the eigenvalues of the matrix, or of its product with itself?",
        "Divide the largest eigenvalue of the matrix itself by its smallest, with nothing squared.",
    ),
)
def squared_ratio(hessian):
    """Your result is the square of the condition number. So it comes out when the eigenvalues of the matrix times its
    transpose are divided, which are the squares of those that are meant. Check whose eigenvalues you take."""
    eigenvalues = _eigenvalues(hessian)
    return float((eigenvalues[-1] / eigenvalues[0]) ** 2)


@mistake(
    "condition_number",
    hints=(
        "What do you get for the identity of size 2? It is a round bowl.",
        "The norm of a matrix times the norm of its inverse is a condition number, but of which norm?",
        "Only the spectral norm gives the ratio of the largest eigenvalue to the smallest. Divide these two directly.",
    ),
)
def frobenius_norms(hessian):
    """You multiply the Frobenius norms of the matrix and of its inverse. That mixes all eigenvalues, so that even the
    identity of size d gets d instead of 1. Here only the largest eigenvalue and the smallest count."""
    _eigenvalues(hessian)
    return float(torch.linalg.matrix_norm(hessian) * torch.linalg.matrix_norm(torch.linalg.inv(hessian)))


@mistake(
    "condition_number",
    hints=(
        "Swap the two numbers on the diagonal of a 2 x 2 matrix. Does your result change?",
        "Which of the library's eigenvalue functions promises an order, and which does not?",
        "Take the maximum and the minimum of the eigenvalues, or the solver for symmetric matrices, which sorts them.",
    ),
)
def unsorted_eigenvalues(hessian):
    """You divide the last eigenvalue by the first as if they came sorted. A solver for general matrices returns them in
    any order, so the result depends on how the bowl is turned. Look for the largest and the smallest, wherever they
    stand."""
    _eigenvalues(hessian)
    eigenvalues = torch.linalg.eigvals(hessian).real
    return float(eigenvalues[-1] / eigenvalues[0])


@mistake(
    "condition_number",
    hints=(
        "Call it with a matrix of shape (2, 3). Who complains, you or the library?",
        "An error of the library is no ValueError, and it does not name your argument.",
        "First of all, compare the two sizes of `hessian`, and raise a ValueError that names it if they differ.",
    ),
)
def square_not_checked(hessian):
    """A matrix that is not square gets as far as the library, which raises an error of its own. A caller should learn
    from a ValueError that `hessian` is what is wrong. Look at what is checked before the eigenvalues are computed."""
    if not torch.allclose(hessian, hessian.mT, rtol=0, atol=float(1e-6 * hessian.abs().max())):
        raise ValueError("hessian must be symmetric")
    eigenvalues = _eigenvalues(hessian)
    return float(eigenvalues[-1] / eigenvalues[0])


@mistake(
    "condition_number",
    hints=(
        "What does your function say about [[2, 1], [0, 2]]?",
        "A solver for symmetric matrices reads one triangle only. It does not notice that the other is different.",
        "Compare the matrix with its transpose, up to rounding, and raise a ValueError that names `hessian`.",
    ),
)
def asymmetric_accepted(hessian):
    """You accept a matrix that is not symmetric. No Hessian looks like that, and a solver for symmetric matrices
    quietly reads only half of it, so the number means nothing. Check for symmetry, up to rounding, before you
    compute."""
    if hessian.ndim != 2 or hessian.shape[0] != hessian.shape[1]:
        raise ValueError("hessian must be a square matrix")
    eigenvalues = torch.linalg.eigvalsh(hessian)
    if eigenvalues[0] <= 0:
        raise ValueError("hessian must be positive definite")
    return float(eigenvalues[-1] / eigenvalues[0])


@mistake(
    "condition_number",
    hints=(
        "What does your function return for a matrix with the eigenvalues 1 and -2?",
        "Along an axis of negative curvature there is no minimum to go to, so there is no ravine to measure.",
        "If the smallest eigenvalue is not above 0, raise a ValueError that names `hessian`.",
    ),
)
def indefinite_accepted(hessian):
    """You accept a matrix with a negative eigenvalue. That is a saddle, not a bowl, and a ratio of curvatures says
    nothing about it. Look at the sign of the smallest eigenvalue before you divide."""
    eigenvalues = torch.linalg.eigvalsh(_symmetric(hessian))
    return float(eigenvalues[-1] / eigenvalues[0])


@mistake(
    "condition_number",
    hints=(
        "What does your function return if *both* eigenvalues are negative?",
        "The ratio of two negative numbers is positive, so its sign does not tell a bowl from a hill.",
        "Ask whether the smallest eigenvalue is above 0, not whether the ratio is.",
    ),
)
def negative_definite_accepted(hessian):
    """You refuse a saddle, but accept a matrix whose eigenvalues are all negative: that is a hill, with no minimum at
    all. The ratio of two negative numbers is positive. Ask the eigenvalues themselves for their sign."""
    eigenvalues = torch.linalg.eigvalsh(_symmetric(hessian))
    if eigenvalues[0] * eigenvalues[-1] <= 0:
        raise ValueError("hessian must be positive definite")
    return float(eigenvalues[-1] / eigenvalues[0])


@mistake(
    "condition_number",
    hints=(
        "Change one entry of a symmetric matrix by a billionth. Does your function still take it?",
        "A Hessian that was computed in floating point is symmetric only up to rounding. How much is allowed here?",
        "Compare the matrix with its transpose up to 1e-6 times the largest absolute entry, not for equality.",
    ),
)
def exact_symmetry(hessian):
    """You refuse a matrix that is symmetric up to rounding. Real Hessians are computed in floating point, and hardly
    one of them equals its transpose to the last digit. See in the docstring how large a difference is allowed."""
    if hessian.ndim != 2 or not torch.equal(hessian, hessian.mT):
        raise ValueError("hessian must be square and symmetric")
    eigenvalues = _eigenvalues(hessian)
    return float(eigenvalues[-1] / eigenvalues[0])


@mistake(
    "condition_number",
    hints=(
        "Multiply a matrix that is symmetric up to rounding by a million. Does your function still take it?",
        "Rounding errors grow with the entries. Does your tolerance?",
        "Allow a difference of 1e-6 times the largest absolute entry.",
    ),
)
def symmetry_on_a_fixed_scale(hessian):
    """You allow the same difference between a matrix and its transpose, however large the entries are. Rounding errors grow
    with the entries, so a large Hessian is refused for nothing. See in the docstring what the tolerance is relative to."""
    if hessian.ndim != 2 or len(hessian) != len(hessian.mT) or float((hessian - hessian.mT).abs().max()) > 1e-6:
        raise ValueError("hessian must be square and symmetric")
    eigenvalues = _eigenvalues(hessian)
    return float(eigenvalues[-1] / eigenvalues[0])


@mistake(
    "condition_number",
    hints=(
        "What does your function say about [[2, 1], [0, 2]], multiplied by a thousandth?",
        "A tolerance of a hundredth is little for entries of a million, and everything for entries of a thousandth.",
        "Allow a difference of 1e-6 times the largest absolute entry.",
    ),
)
def loose_symmetry(hessian):
    """You allow a fixed difference between a matrix and its transpose, and a large one: a small matrix that is not at all
    symmetric gets through. Rounding errors go with the size of the entries. See in the docstring what the tolerance is
    relative to."""
    if hessian.ndim != 2 or hessian.shape[0] != hessian.shape[1]:
        raise ValueError("hessian must be a square matrix")
    if not torch.allclose(hessian, hessian.mT, atol=1e-2):
        raise ValueError("hessian must be symmetric")
    eigenvalues = torch.linalg.eigvalsh(hessian)
    if eigenvalues[0] <= 0:
        raise ValueError("hessian must be positive definite")
    return float(eigenvalues[-1] / eigenvalues[0])


@mistake(
    "condition_number",
    hints=(
        "Multiply a matrix that works by a millionth. What changes about its condition number?",
        "A bowl may be as flat as it likes. What makes a matrix positive definite?",
        "Refuse it only if the smallest eigenvalue is not above 0.",
    ),
)
def flat_bowl_refused(hessian):
    """You refuse a matrix whose smallest eigenvalue is positive, but small. How small it is depends on the unit of the loss,
    and the condition number does not. Look at what you compare the smallest eigenvalue with."""
    eigenvalues = _eigenvalues(hessian)
    if eigenvalues[0] < 1e-5:
        raise ValueError("hessian must be positive definite")
    return float(eigenvalues[-1] / eigenvalues[0])


@mistake(
    "condition_number",
    slug="nothing_refused",
    hints=(
        "What does your function say about a matrix of shape (2, 3), and what about [[1, 0], [0, -2]]?",
        "Which three properties must the matrix have, according to the docstring?",
        "Raise a ValueError unless it is square, symmetric up to rounding, and has only positive eigenvalues.",
    ),
)
def any_matrix_accepted(hessian):
    """You refuse nothing: a matrix that is not symmetric or not positive definite gets a number that means nothing, and
    one that is not square an error of the library. See in the docstring what must be raised, and when."""
    eigenvalues = torch.linalg.eigvalsh(hessian)
    return float(eigenvalues[-1] / eigenvalues[0])
