"""Mistakes in condition_number."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import eigenvalues_of, symmetric_matrix


@mistake(
    "condition_number",
    hints=(
        "What should the condition number of two times the identity be? What do you get?",
        "A round bowl has condition number 1, however steep it is. Which number cancels the steepness?",
        "Divide the largest eigenvalue by the smallest.",
    ),
)
def largest_eigenvalue(hessian):
    """You return the largest eigenvalue alone. It is the steepness of the bowl, and it changes with the unit of the
    loss; the condition number says how much steeper one axis is than another. Look for the missing division."""
    return float(eigenvalues_of(hessian)[-1])


@mistake(
    "condition_number",
    hints=(
        "Can a condition number be smaller than 1?",
        "Print the eigenvalues that you divide. In which order are they?",
        "Divide the largest eigenvalue by the smallest.",
    ),
)
def inverted_ratio(hessian):
    """Your ratio is upside down: you divide the smallest eigenvalue by the largest, so your result is never above 1. A
    narrow ravine has a large condition number. Look at the order of the eigenvalues that your solver returns."""
    eigenvalues = eigenvalues_of(hessian)
    return float(eigenvalues[0] / eigenvalues[-1])


@mistake(
    "condition_number",
    hints=(
        "Try [[2, 1], [1, 2]]: both diagonal entries are equal, but is this bowl round?",
        "The diagonal holds the curvatures along the coordinate axes. The axes of the bowl may be rotated.",
        "Compute the eigenvalues of the matrix, and divide the largest by the smallest.",
    ),
)
def diagonal_entries(hessian):
    """You divide the largest diagonal entry by the smallest. These are the eigenvalues only if the matrix is diagonal;
    if the axes of the bowl are rotated, your condition number is too small. Look for the curvatures along the axes of
    the bowl."""
    eigenvalues_of(hessian)
    return float(hessian.diagonal().max() / hessian.diagonal().min())


@mistake(
    "condition_number",
    hints=(
        "Compute it by hand for a diagonal matrix with 1 and 4 on the diagonal. What do you get?",
        "Do you use the eigenvalues of the matrix, or of its product with itself?",
        "Divide the largest eigenvalue of the matrix itself by its smallest, and square nothing.",
    ),
)
def squared_ratio(hessian):
    """Your result is the square of the condition number. This happens if you use the eigenvalues of the matrix times
    its transpose, which are the squares of the right ones. Look at the matrix whose eigenvalues you compute."""
    eigenvalues = eigenvalues_of(hessian)
    return float((eigenvalues[-1] / eigenvalues[0]) ** 2)


@mistake(
    "condition_number",
    hints=(
        "What do you get for the identity of size 2? It is a round bowl.",
        "The norm of a matrix times the norm of its inverse is a condition number, but of which norm?",
        "Only the spectral norm gives the ratio of the largest to the smallest eigenvalue. Divide these two directly.",
    ),
)
def frobenius_norms(hessian):
    """You multiply the Frobenius norms of the matrix and of its inverse. They mix all eigenvalues, so the identity of
    size d gives d instead of 1. Only the largest and the smallest eigenvalue count: look at which norm you use."""
    eigenvalues_of(hessian)
    return float(torch.linalg.matrix_norm(hessian) * torch.linalg.matrix_norm(torch.linalg.inv(hessian)))


@mistake(
    "condition_number",
    hints=(
        "Swap the two numbers on the diagonal of a 2 x 2 matrix. Does your result change?",
        "Which eigenvalue function of the library promises an order, and which does not?",
        "Take the maximum and the minimum of the eigenvalues, or use the solver for symmetric matrices, which sorts them.",
    ),
)
def unsorted_eigenvalues(hessian):
    """You divide the last eigenvalue by the first, as if they were sorted. A solver for general matrices returns them
    in any order, so your result depends on the rotation of the bowl. Look for the largest and the smallest eigenvalue
    at any position."""
    eigenvalues_of(hessian)
    eigenvalues = torch.linalg.eigvals(hessian).real
    return float(eigenvalues[-1] / eigenvalues[0])


@mistake(
    "condition_number",
    hints=(
        "Call it with a matrix of shape (2, 3). Which code raises the error, yours or the library's?",
        "The library's error is not a ValueError, and it does not name your argument.",
        "First, compare the two sizes of `hessian`, and raise a ValueError that names it if they differ.",
    ),
)
def square_not_checked(hessian):
    """You do not check that the matrix is square, so the library raises its own error. A ValueError must tell the
    caller that `hessian` is wrong. Check the shape before you compute the eigenvalues."""
    if not torch.allclose(hessian, hessian.mT, rtol=0, atol=float(1e-6 * hessian.abs().max())):
        raise ValueError("hessian must be symmetric")
    eigenvalues = eigenvalues_of(hessian)
    return float(eigenvalues[-1] / eigenvalues[0])


@mistake(
    "condition_number",
    hints=(
        "What does your function return for [[2, 1], [0, 2]]?",
        "A solver for symmetric matrices reads only one triangle. It does not see that the other is different.",
        "Compare the matrix with its transpose, up to rounding, and raise a ValueError that names `hessian`.",
    ),
)
def asymmetric_accepted(hessian):
    """You accept a matrix that is not symmetric. It cannot be a Hessian, and a solver for symmetric matrices reads only
    half of it, so the result is meaningless. Check the symmetry, up to rounding, before you compute."""
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
        "Along an axis of negative curvature there is no minimum, so there is no ravine to measure.",
        "If the smallest eigenvalue is not above 0, raise a ValueError that names `hessian`.",
    ),
)
def indefinite_accepted(hessian):
    """You accept a matrix with a negative eigenvalue. This is a saddle, not a bowl, so a ratio of curvatures is
    meaningless. Look at the sign of the smallest eigenvalue before you divide."""
    eigenvalues = torch.linalg.eigvalsh(symmetric_matrix(hessian))
    return float(eigenvalues[-1] / eigenvalues[0])


@mistake(
    "condition_number",
    hints=(
        "What does your function return if *both* eigenvalues are negative?",
        "The ratio of two negative numbers is positive, so its sign does not distinguish a bowl from a hill.",
        "Check that the smallest eigenvalue is above 0, not that the ratio is.",
    ),
)
def negative_definite_accepted(hessian):
    """You refuse some matrices with a negative eigenvalue, but accept others, such as minus the identity of size 2. The product
    and the ratio of two negative numbers are positive. Check the sign of the smallest eigenvalue."""
    eigenvalues = torch.linalg.eigvalsh(symmetric_matrix(hessian))
    if eigenvalues[0] * eigenvalues[-1] <= 0:
        raise ValueError("hessian must be positive definite")
    return float(eigenvalues[-1] / eigenvalues[0])


@mistake(
    "condition_number",
    hints=(
        "Change an entry of a symmetric matrix by a billionth. Does your function still accept it?",
        "A Hessian from floating-point arithmetic is symmetric only up to rounding. How large may the difference be?",
        "Compare the matrix with its transpose up to 1e-6 times the largest absolute entry, not for equality.",
    ),
)
def exact_symmetry(hessian):
    """You refuse a matrix that is symmetric up to rounding. Hessians are computed in floating point, and many differ from
    their transpose in the last digits. The docstring says how large a difference is allowed."""
    if hessian.ndim != 2 or not torch.equal(hessian, hessian.mT):
        raise ValueError("hessian must be square and symmetric")
    eigenvalues = eigenvalues_of(hessian)
    return float(eigenvalues[-1] / eigenvalues[0])


@mistake(
    "condition_number",
    hints=(
        "Multiply a matrix that is symmetric up to rounding by a million. Does your function still accept it?",
        "Rounding errors grow with the entries. Does your tolerance?",
        "Allow a difference of 1e-6 times the largest absolute entry.",
    ),
)
def symmetry_on_a_fixed_scale(hessian):
    """You allow the same difference between a matrix and its transpose for entries of any size. Rounding errors grow
    with the entries, so you refuse large Hessians that are right. The docstring says what the tolerance is relative
    to."""
    if hessian.ndim != 2 or len(hessian) != len(hessian.mT) or float((hessian - hessian.mT).abs().max()) > 1e-6:
        raise ValueError("hessian must be square and symmetric")
    eigenvalues = eigenvalues_of(hessian)
    return float(eigenvalues[-1] / eigenvalues[0])


@mistake(
    "condition_number",
    hints=(
        "What does your function return for [[2, 1], [0, 2]], multiplied by a thousandth?",
        "A tolerance of a hundredth is small for entries of a million, but large for entries of a thousandth.",
        "Allow a difference of 1e-6 times the largest absolute entry.",
    ),
)
def loose_symmetry(hessian):
    """You allow a fixed and large difference between a matrix and its transpose, so you accept small matrices that are
    far from symmetric. Rounding errors grow with the entries. The docstring says to which number the tolerance is relative."""
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
        "Multiply a matrix that works by a millionth. Does its condition number change?",
        "A bowl may be very flat. When is a matrix positive definite?",
        "Refuse it only if the smallest eigenvalue is not above 0.",
    ),
)
def flat_bowl_refused(hessian):
    """You refuse a matrix whose smallest eigenvalue is positive but small. Its size depends on the unit of the loss;
    the condition number does not. Look at the number that you compare the smallest eigenvalue with."""
    eigenvalues = eigenvalues_of(hessian)
    if eigenvalues[0] < 1e-5:
        raise ValueError("hessian must be positive definite")
    return float(eigenvalues[-1] / eigenvalues[0])


@mistake(
    "condition_number",
    slug="nothing_refused",
    hints=(
        "What does your function do for a matrix of shape (2, 3), and for [[1, 0], [0, -2]]?",
        "Which three properties must the matrix have, according to the docstring?",
        "Raise a ValueError unless it is square, symmetric up to rounding, and has only positive eigenvalues.",
    ),
)
def any_matrix_accepted(hessian):
    """You check nothing: a matrix that is not symmetric or not positive definite gives a meaningless number, and a
    matrix that is not square gives an error of the library. The docstring says which errors to raise, and when."""
    eigenvalues = torch.linalg.eigvalsh(hessian)
    return float(eigenvalues[-1] / eigenvalues[0])


@mistake(
    "condition_number",
    hints=(
        "For curvatures 1 and 4, is your number above or below 1?",
        "The condition number is a ratio, not a difference from 1.",
        "Divide the largest eigenvalue by the smallest one; there is nothing to subtract.",
    ),
)
def one_minus_the_inverse(hessian):
    """You return 1 - lambda_min / lambda_max. That is how slowly gradient descent comes closer, and it is always below 1.
    The condition number itself is a ratio of at least 1. Compare with the formula."""
    eigenvalues = eigenvalues_of(hessian)
    return 1 - float(eigenvalues[0] / eigenvalues[-1])


@mistake(
    "condition_number",
    hints=(
        "Turn the axes of a bowl. Does your number change?",
        "Which norm of a matrix is its largest eigenvalue?",
        "Use the eigenvalues themselves, or the norm of order 2.",
    ),
)
def norms_of_columns(hessian):
    """You multiply the norms of order 1 of the matrix and of its inverse: the largest sums of a column. They agree with the
    condition number only if the matrix is diagonal. If the axes of the bowl are rotated, use the eigenvalues."""
    eigenvalues_of(hessian)
    return float(torch.linalg.cond(hessian, 1))


@mistake(
    "condition_number",
    hints=(
        "Rotate the axes of a round bowl. Are all entries of its matrix equal?",
        "The entries of a matrix change when the axes turn. What does not change?",
        "Ask torch.linalg for the eigenvalues of a symmetric matrix.",
    ),
)
def ratio_of_entries(hessian):
    """You divide the largest absolute entry of the matrix by the smallest that is not 0. Entries are not curvatures: they
    change when the axes turn. Look for the curvatures along the axes of the bowl, the eigenvalues."""
    eigenvalues_of(hessian)
    sizes = hessian.abs()
    return float(sizes.max() / sizes[sizes != 0].min())


@mistake(
    "condition_number",
    hints=(
        "Take curvatures 1, 2 and 4. Which two does your ratio use?",
        "How far apart are the steepest and the flattest axis?",
        "The last and the first of the sorted eigenvalues, not their neighbours.",
    ),
)
def second_smallest_eigenvalue(hessian):
    """You divide by the second smallest eigenvalue. The flattest axis is the slowest one, so it counts most: divide by the
    smallest. Check your index."""
    eigenvalues = eigenvalues_of(hessian)
    return float(eigenvalues[-1] / eigenvalues[min(1, len(eigenvalues) - 1)])


@mistake(
    "condition_number",
    hints=(
        "What does your function return for [[2, 1], [0, 2]], and for minus the identity of size 2?",
        "Two negative numbers have a positive product. Which matrices does the sign of a determinant let through?",
        "Test first whether the matrix equals its transpose, up to rounding. Then test the smallest eigenvalue.",
    ),
)
def sign_of_the_determinant(hessian):
    """You accept a matrix that is not symmetric, and also minus the identity of size 2. As with a test of the determinant, two
    negative eigenvalues cancel each other. Test the symmetry, and then the smallest eigenvalue."""
    if hessian.ndim != 2 or hessian.shape[0] != hessian.shape[1] or torch.det(hessian) <= 0:
        raise ValueError("hessian must be a square matrix, and positive definite")
    sizes = torch.linalg.eigvals(hessian).abs()
    return float(sizes.max() / sizes.min())
