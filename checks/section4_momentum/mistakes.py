"""Section 4, wrong on purpose."""

import math

import torch

from grader.toolkit.mistakes import mistake
from solutions.section4_momentum import momentum_step, nesterov_step


def _symmetric(hessian):
    """The matrix itself; refuses one that is not square or not symmetric."""
    if hessian.ndim != 2 or hessian.shape[0] != hessian.shape[1]:
        raise ValueError("hessian must be a square matrix")
    if not (hessian - hessian.mT).abs().max() <= 1e-6 * hessian.abs().max():
        raise ValueError("hessian must be symmetric")
    return hessian


def _eigenvalues(hessian):
    """The eigenvalues in ascending order; refuses what is not symmetric positive definite."""
    eigenvalues = torch.linalg.eigvalsh(_symmetric(hessian))
    if eigenvalues[0] <= 0:
        raise ValueError("hessian must be positive definite")
    return eigenvalues


def _expect_lr(lr):
    if not lr >= 0:
        raise ValueError("lr must be at least 0")


def _expect_beta(beta):
    if not 0 <= beta < 1:
        raise ValueError("beta must be in [0, 1)")


def _expect_step(lr, beta):
    _expect_lr(lr)
    _expect_beta(beta)


def _expect_run(lr, beta, num_steps):
    _expect_step(lr, beta)
    if num_steps < 0:
        raise ValueError("num_steps must be at least 0")


def _expect_curvatures(mu, L):
    if not mu > 0:
        raise ValueError("mu must be greater than 0")
    if not mu <= L:
        raise ValueError("L must be at least mu")


def _heavy_ball(params, grads, velocities, lr, beta):
    """The right step, without checks of the arguments."""
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * v)


def _nesterov(params, grads, velocities, lr, beta):
    """The right step, without checks of the arguments."""
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * (g + beta * v))


def _roll(step, objective, w, velocity, lr, beta, num_steps):
    """The rows of a trajectory by one of the rules; moves `w` and `velocity`."""
    rows = [w.detach().clone()]
    for _ in range(num_steps):
        (grad,) = torch.autograd.grad(objective(w), w)
        step([w], [grad], [velocity], lr, beta)
        rows.append(w.detach().clone())
    return rows


def _leaf(w0):
    """A copy of the starting point that autograd follows."""
    return w0.detach().clone().requires_grad_()


# -- condition_number


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


# -- max_stable_lr


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


# -- momentum_step


@mistake(
    "momentum_step",
    hints=(
        "Start from a zero velocity and push twice with the same gradient. How large should the velocity be?",
        "Heavy ball *adds*: many equal gradients give a velocity of 1 / (1 - beta) times one. How large is yours?",
        "The gradient enters the velocity with weight 1; only the old velocity is multiplied by beta.",
    ),
)
def exponential_average(params, grads, velocities, lr, beta):
    """Your velocity averages: it weighs the new gradient by 1 - beta. Heavy ball adds the whole gradient, so that the
    velocity can grow up to 1 / (1 - beta) times the gradient. Compare the first line of the formula with yours."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_((1 - beta) * g)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Print the velocity after one step from zero. Is it the gradient, or the gradient times the learning rate?",
        "Halve lr after ten steps. In which convention does that slow the ball down at once?",
        "Leave lr out of the velocity, and multiply the velocity by it where the weights move.",
    ),
)
def lr_in_velocity(params, grads, velocities, lr, beta):
    """Your velocity already contains the learning rate. Some textbooks write it so, and with a constant lr the weights
    take the same way; but the velocities are lr times ours, and when lr changes, old gradients keep the old one. Here
    lr stays outside."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(lr * g)
            w.sub_(v)


@mistake(
    "momentum_step",
    hints=(
        "Print the velocity after one step from zero. Which sign and which size has it, next to the gradient?",
        "Your velocity is a *step* of the weights. In the convention of this course it is a sum of gradients.",
        "Add the gradient as it is to the faded velocity; bring in lr and the minus sign where the weights move.",
    ),
)
def velocity_is_the_step(params, grads, velocities, lr, beta):
    """Your velocity is the step itself: it contains the learning rate and points downhill. That is the other textbook
    convention. With a constant lr the weights take the same way, but your velocities are -lr times ours, and the two
    part when lr changes."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).sub_(lr * g)
            w.add_(v)


@mistake(
    "momentum_step",
    slug="ascent",
    hints=(
        "Take w = 1 on the bowl w^2, with velocity zero. Where is your weight after one step?",
        "The velocity is a sum of gradients, and a gradient points uphill. Which way should the weights go?",
        "Change the sign in the line for the weights; the line for the velocity is right.",
    ),
)
def momentum_ascent(params, grads, velocities, lr, beta):
    """Your weights climb: they move along the velocity, which is a sum of gradients and points uphill. To make the loss
    smaller they must move against it. Look at the sign in the second line of the formula."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.add_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Start from a zero velocity. After one step, has the velocity the sign of the gradient?",
        "How many minus signs are there in the two lines of the formula, and in which line?",
        "Add the gradient to the faded velocity. The only minus sign is in the line for the weights.",
    ),
)
def gradient_subtracted(params, grads, velocities, lr, beta):
    """Your velocity subtracts the gradient, and then the weights subtract the velocity. Two minus signs make a plus, so
    the new gradient pushes the weights uphill. Compare the sign in the first line of the formula with yours."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).sub_(g)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Start from a zero velocity. After one step, has the velocity the sign of the gradient?",
        "Your weights would go the right way from a zero velocity. What if the caller hands you one that is not zero?",
        "Add the gradient in the first line and subtract in the second: both signs are the other way round in yours.",
    ),
)
def downhill_velocity(params, grads, velocities, lr, beta):
    """Your velocity points downhill: it subtracts gradients, and the weights add it. From a zero velocity the weights
    go the right way, but the velocity that you leave behind, or are given, has the opposite sign. Compare both signs
    with the formula."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).sub_(g)
            w.add_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "From a zero velocity, does your first step move the weights at all?",
        "Which velocity does the second line of the formula use, the one before the first line or after it?",
        "Swap the order: first the velocity takes in the gradient, then the weights move by it.",
    ),
)
def weights_first(params, grads, velocities, lr, beta):
    """Your weights move by the old velocity, and the new gradient comes too late: it counts only from the next step on,
    and the first step from rest goes nowhere. The order of the two lines matters."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            w.sub_(lr * v)
            v.mul_(beta).add_(g)


@mistake(
    "momentum_step",
    hints=(
        "Keep the tensor `v = velocities[0]` before a step, and print it afterwards. Did it change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Write the new velocity into the tensor that you were given, with an operation that ends in an underscore.",
    ),
)
def velocity_rebound(params, grads, velocities, lr, beta):
    """Your new velocity is a new tensor: the weights move by it, but the tensor that you were given keeps the old one.
    Whoever goes on from that tensor has the old velocity again, and nothing adds up. See which of your operations change
    a tensor, and which make a new one."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v = beta * v + g
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Take two steps with the same gradient. Is the second longer than the first?",
        "What would beta = 0.9 and beta = 0 do differently in your code?",
        "Keep the old velocity: multiply it by beta instead of emptying it, and then add the gradient.",
    ),
)
def velocity_reset(params, grads, velocities, lr, beta):
    """Your velocity forgets: after each step it is the newest gradient alone, whatever it was before and whatever beta
    is. That is plain gradient descent. The old velocity should fade by the factor beta and stay in the sum."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.zero_().add_(g)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Set lr = 0. Do the weights stay where they are?",
        "Which of the two numbers makes old gradients fade, and which makes the step long?",
        "beta belongs to the velocity and lr to the weights. In yours they stand in each other's place.",
    ),
)
def swapped_lr_and_beta(params, grads, velocities, lr, beta):
    """lr and beta stand in each other's place: your velocity fades by lr, and your weights move by beta times the
    velocity. So a smaller learning rate does not shorten the newest step. Look at which of the two belongs to which
    line."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(lr).add_(g)
            w.sub_(beta * v)


@mistake(
    "momentum_step",
    slug="nesterov",
    hints=(
        "Your velocities are right. By what do your weights move?",
        "How often does the gradient of this step enter the step of the weights?",
        "Move the weights by lr times the new velocity, and by nothing else. Looking ahead is the next exercise.",
    ),
)
def momentum_is_nesterov(params, grads, velocities, lr, beta):
    """Your weights take Nesterov's step, which looks ahead by one more beta. The heavy ball moves by the new velocity
    alone. The formula that you used belongs to the next exercise."""
    _expect_step(lr, beta)
    _nesterov(params, grads, velocities, lr, beta)


@mistake(
    "momentum_step",
    hints=(
        "Set beta = 0. Do you get gradient descent?",
        "How long does your velocity remember the very first gradient?",
        "Multiply the old velocity by beta before you add the gradient.",
    ),
)
def velocity_never_fades(params, grads, velocities, lr, beta):
    """Your velocity never fades: it is the plain sum of all gradients, and beta has no influence. A ball without
    friction swings for ever. Look at what happens to the old velocity before the gradient is added."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.add_(g)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Set beta = 0. Do you get gradient descent, or no movement at all?",
        "What is multiplied by beta: the old velocity, or the sum of it and the new gradient?",
        "First multiply the velocity by beta, then add the gradient. In yours it is the other way round.",
    ),
)
def gradient_fades_too(params, grads, velocities, lr, beta):
    """Your new gradient fades as soon as it arrives: it is multiplied by beta together with the old velocity. With beta
    = 0 nothing moves at all. Look at the order of the two operations in the first line."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.add_(g).mul_(beta)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Print the caller's weights before and after a step. Did they change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Change the weights by an operation that ends in an underscore, with autograd switched off.",
    ),
)
def weights_rebound(params, grads, velocities, lr, beta):
    """Your velocities are right, but the caller's weights stay where they were: the new values go into tensors of your
    own. A step must write into the tensors that it was given. See which of your operations change a tensor."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w = w - lr * v


@mistake(
    "momentum_step",
    slug="nothing_in_place",
    hints=(
        "Print the caller's weights and velocities before and after a step. Did anything change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Write both results into the given tensors, with operations that end in an underscore.",
    ),
)
def momentum_out_of_place(params, grads, velocities, lr, beta):
    """The tensors that you were given hold the same weights and velocities after your step as before. A step works in
    place, so the new values must end up in the tensors that were handed over, not in new ones."""
    _expect_step(lr, beta)
    for w, g, v in zip(params, grads, velocities, strict=True):
        v = beta * v + g
        w = w - lr * v


@mistake(
    "momentum_step",
    hints=(
        "Give it two weight tensors. What happens to the second?",
        "When does your loop end?",
        "Let the loop run through all tensors: nothing in its body may leave the function.",
    ),
)
def first_tensor_only(params, grads, velocities, lr, beta):
    """Only the first weight tensor moves, all others stay. A network has many of them, and each needs its step. Look at
    what ends your loop, or at which index you use in it."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * v)
            break


@mistake(
    "momentum_step",
    slug="changes_gradients",
    hints=(
        "Print the gradients before and after a step.",
        "An operation that ends in an underscore changes the tensor before the dot. Which one is that in yours?",
        "Write only into the velocity and the weights. What you compute from the gradient needs a tensor of its own.",
    ),
)
def momentum_in_gradients(params, grads, velocities, lr, beta):
    """Your step is right, but it changes the gradients on the way: the velocity is built up in the gradient's own
    tensor. The caller may still need them, to log their size or for a second optimizer. Look at which tensor you write
    into."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.copy_(g.add_(beta * v))
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    slug="velocity_is_the_gradient",
    hints=(
        "Take a step from a zero velocity, then write other numbers into the gradient's tensor. What does the velocity hold?",
        "The next backward pass may write into the same tensor. To which tensors do the numbers of your velocity belong?",
        "Copy the gradient's numbers into the velocity's own tensor, as `copy_` does, also in the first step.",
    ),
)
def velocity_is_the_gradient(params, grads, velocities, lr, beta):
    """After a step from a zero velocity, your velocity shares its memory with the gradient. As soon as the next backward pass
    writes into that, your velocity has changed, too, and your next step changes the gradient. Each needs its own memory."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            if v.any():
                v.mul_(beta).add_(g)
            else:
                v.data = g.data
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    slug="flattened_copies",
    hints=(
        "Try it on `torch.ones(3, 2).T`. Does that hold new numbers after the step?",
        "Does `reshape(-1)` give a view of the same numbers, or a copy? For a transposed matrix, look it up.",
        "The rule works element by element, in any shape. There is nothing to flatten.",
    ),
)
def momentum_of_flat_copies(params, grads, velocities, lr, beta):
    """On a transposed tensor your step is lost: it changes a copy. Whether flattening, `contiguous` or the like gives a view
    or a copy depends on how the numbers lie in memory. Write into the caller's tensors themselves, in the shape they have."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for tensors in zip(params, grads, velocities, strict=True):
            w, g, v = (tensor.detach().reshape(-1) for tensor in tensors)
            v.mul_(beta).add_(g)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    slug="tracked_by_autograd",
    hints=(
        "Try it on a parameter of a real network, or on `torch.ones(1, requires_grad=True)`.",
        "Autograd refuses what it could not follow: to change a leaf in place, or to hand its numbers to numpy.",
        "Make the update inside a block in which autograd records nothing.",
    ),
)
def momentum_with_autograd(params, grads, velocities, lr, beta):
    """Your update fails on parameters that require grad, as those of a network always do: autograd would have to follow
    it, and refuses. An update is not part of what is differentiated: nothing of it should be recorded."""
    _expect_step(lr, beta)
    for w, g, v in zip(params, grads, velocities, strict=True):
        v.mul_(beta).add_(g)
        w.sub_(lr * v)


@mistake(
    "momentum_step",
    slug="negative_lr_accepted",
    hints=(
        "What does a step with lr = -0.1 do?",
        "Which values of lr must be refused, according to the docstring?",
        "Before anything is changed, raise a ValueError that names `lr` if it is below 0.",
    ),
)
def momentum_with_negative_lr(params, grads, velocities, lr, beta):
    """You accept a negative learning rate. It turns every step uphill, and a slip in a schedule would go unnoticed. See
    in the docstring which values must be refused, and how."""
    _expect_beta(beta)
    _heavy_ball(params, grads, velocities, lr, beta)


@mistake(
    "momentum_step",
    slug="beta_one_accepted",
    hints=(
        "What does the velocity do under a constant gradient with beta = 1?",
        "The interval is [0, 1): which of its ends belongs to it?",
        "Refuse beta = 1, too, with a ValueError that names `beta`.",
    ),
)
def momentum_without_friction(params, grads, velocities, lr, beta):
    """You accept beta = 1. Then nothing ever fades, and under a constant gradient the velocity grows without bound. The
    allowed interval is open at this end: compare your check with the docstring."""
    _expect_lr(lr)
    if not 0 <= beta <= 1:
        raise ValueError("beta must be in [0, 1)")
    _heavy_ball(params, grads, velocities, lr, beta)


@mistake(
    "momentum_step",
    hints=(
        "What should beta = 0 give? Is there anything wrong with it?",
        "The interval is [0, 1): which of its ends belongs to it?",
        "Allow beta = 0; it is gradient descent.",
    ),
)
def zero_beta_refused(params, grads, velocities, lr, beta):
    """You refuse beta = 0. That is a valid choice: without memory the heavy ball is plain gradient descent. The allowed
    interval is closed at this end: compare your check with the docstring."""
    _expect_lr(lr)
    if not 0 < beta < 1:
        raise ValueError("beta must be between 0 and 1")
    _heavy_ball(params, grads, velocities, lr, beta)


@mistake(
    "momentum_step",
    slug="nothing_refused",
    hints=(
        "What does a step with lr = -0.1 do, and what one with beta = 1.5?",
        "Which values must be refused, according to the docstring?",
        "Before anything is changed, check lr and beta, and raise a ValueError that names the one that is wrong.",
    ),
)
def momentum_unchecked(params, grads, velocities, lr, beta):
    """You refuse nothing: a negative lr and a beta outside [0, 1) get through. They turn steps uphill or let the
    velocity grow for ever, and the caller is not told. See in the docstring what must be raised, and when."""
    _heavy_ball(params, grads, velocities, lr, beta)


# -- nesterov_step


@mistake(
    "nesterov_step",
    hints=(
        "Give the same input to your momentum_step and to your nesterov_step. Do the weights differ?",
        "Is the velocity in your second line the old one or the new one? Work out by hand what the old one gives.",
        "The weights move by the gradient plus beta times the velocity that already contains this gradient.",
    ),
)
def plain_momentum(params, grads, velocities, lr, beta):
    """Your weights take the step of plain momentum. Either they move by the velocity alone, or you add beta times the
    *old* velocity to the gradient, which is the new velocity again. Nesterov goes one beta further ahead: see which
    velocity the formula uses."""
    _expect_step(lr, beta)
    _heavy_ball(params, grads, velocities, lr, beta)


@mistake(
    "nesterov_step",
    hints=(
        "Set beta = 0. Do you get gradient descent, or twice its step?",
        "Three symbols stand in the bracket of the second line. Do you have all of them?",
        "Multiply the velocity by beta before you add the gradient to it.",
    ),
)
def beta_forgotten(params, grads, velocities, lr, beta):
    """Your weights move by the gradient plus the whole velocity: the beta in the second line is missing. With beta = 0
    you should get gradient descent, and you get twice its step. Look at what stands in front of the velocity."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * (g + v))


@mistake(
    "nesterov_step",
    hints=(
        "Set beta = 0. Do you get gradient descent, or no movement at all?",
        "Three symbols stand in the bracket of the second line. Do you have all of them?",
        "Add the gradient itself to beta times the velocity before you move the weights.",
    ),
)
def gradient_forgotten(params, grads, velocities, lr, beta):
    """Your weights move by beta times the velocity, without the gradient itself. With beta = 0 you should get gradient
    descent, and nothing moves. Look at the bracket in the second line of the formula."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * beta * v)


@mistake(
    "nesterov_step",
    hints=(
        "How often does the old velocity enter the step of your weights, and with which powers of beta?",
        "The formula is for weights that are at the point ahead already. Who went there, you or the caller?",
        "Do not move the weights ahead yourself: update the velocity, then make the one step of the formula.",
    ),
)
def looks_ahead_by_itself(params, grads, velocities, lr, beta):
    """You move the weights ahead by the old velocity, and then make a heavy-ball step from there. But the gradient that
    you were given belongs to where the weights are: they are the point ahead already. The formula makes one step, with
    the new velocity."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            w.sub_(lr * beta * v)
            v.mul_(beta).add_(g)
            w.sub_(lr * v)


@mistake(
    "nesterov_step",
    slug="exponential_average",
    hints=(
        "Start from a zero velocity. After one step, is your velocity the gradient?",
        "The line for the velocity is the same as that of the heavy ball. Is yours?",
        "The gradient enters the velocity with weight 1; only the old velocity is multiplied by beta.",
    ),
)
def nesterov_with_average(params, grads, velocities, lr, beta):
    """Your velocity averages: it weighs the new gradient by 1 - beta. As in the heavy ball, the whole gradient is
    added, so that the velocity can grow up to 1 / (1 - beta) times the gradient. Compare the first line of the formula
    with yours."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_((1 - beta) * g)
            w.sub_(lr * (g + beta * v))


@mistake(
    "nesterov_step",
    slug="lr_in_velocity",
    hints=(
        "Print the velocity after one step from zero. Is it the gradient, or the gradient times the learning rate?",
        "Halve lr after ten steps. In which convention does that slow the weights down at once?",
        "Leave lr out of the velocity, and multiply by it only where the weights move.",
    ),
)
def nesterov_with_lr_inside(params, grads, velocities, lr, beta):
    """Your velocity already contains the learning rate. Some textbooks write it so, and with a constant lr the weights
    take the same way; but the velocities are lr times ours, and when lr changes, old gradients keep the old one. Here
    lr stays outside."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(lr * g)
            w.sub_(lr * g + beta * v)


@mistake(
    "nesterov_step",
    slug="velocity_is_the_step",
    hints=(
        "Print the velocity after one step from zero. Which sign and which size has it, next to the gradient?",
        "Your velocity is a *step* of the weights. In the convention of this course it is a sum of gradients.",
        "Add the gradient as it is to the faded velocity; bring in lr and the minus sign where the weights move.",
    ),
)
def nesterov_with_steps(params, grads, velocities, lr, beta):
    """Your velocity is a step of the weights: it contains the learning rate and points downhill. Other textbooks write
    it so. With a constant lr the weights take the same way, but your velocities are -lr times ours, and the two part
    when lr changes."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).sub_(lr * g)
            w.add_(beta * v - lr * g)


@mistake(
    "nesterov_step",
    slug="ascent",
    hints=(
        "Take w = 1 on the bowl w^2, with velocity zero. Where is your weight after one step?",
        "Gradient and velocity both point uphill. Which way should the weights go?",
        "Change the sign in the line for the weights; the line for the velocity is right.",
    ),
)
def nesterov_ascent(params, grads, velocities, lr, beta):
    """Your weights climb: they move along gradient and velocity, which both point uphill. To make the loss smaller they
    must move against them. Look at the sign in the second line of the formula."""
    _expect_step(lr, beta)
    _nesterov(params, grads, velocities, -lr, beta)


@mistake(
    "nesterov_step",
    slug="velocity_rebound",
    hints=(
        "Keep the tensor `v = velocities[0]` before a step, and print it afterwards. Did it change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Write the new velocity into the tensor that you were given, with an operation that ends in an underscore.",
    ),
)
def nesterov_loses_velocity(params, grads, velocities, lr, beta):
    """Your new velocity is a new tensor: the weights move by it, but the tensor that you were given keeps the old one.
    Whoever goes on from that tensor has the old velocity again, and nothing adds up. See which of your operations change
    a tensor, and which make a new one."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v = beta * v + g
            w.sub_(lr * (g + beta * v))


@mistake(
    "nesterov_step",
    slug="nothing_in_place",
    hints=(
        "Print the caller's weights and velocities before and after a step. Did anything change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Write both results into the given tensors, with operations that end in an underscore.",
    ),
)
def nesterov_out_of_place(params, grads, velocities, lr, beta):
    """The tensors that you were given hold the same weights and velocities after your step as before. A step works in
    place, so the new values must end up in the tensors that were handed over, not in new ones."""
    _expect_step(lr, beta)
    for w, g, v in zip(params, grads, velocities, strict=True):
        v = beta * v + g
        w = w - lr * (g + beta * v)


@mistake(
    "nesterov_step",
    slug="changes_gradients",
    hints=(
        "Print the gradients before and after a step.",
        "An operation that ends in an underscore changes the tensor before the dot. Which one is that in yours?",
        "Add gradient and velocity in a tensor of their own before you move the weights.",
    ),
)
def nesterov_in_gradients(params, grads, velocities, lr, beta):
    """Your step is right, but it changes the gradients on the way: the sum with the velocity is built up in the
    gradient's own tensor. The caller may still need them, to log their size or for a second optimizer. Look at which
    tensor you write into."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * g.add_(beta * v))


@mistake(
    "nesterov_step",
    slug="velocity_is_the_gradient",
    hints=(
        "Take a step from a zero velocity, then write other numbers into the gradient's tensor. What does the velocity hold?",
        "The next backward pass may write into the same tensor. To which tensors do the numbers of your velocity belong?",
        "Copy the gradient's numbers into the velocity's own tensor, as `copy_` does, also in the first step.",
    ),
)
def nesterov_velocity_is_the_gradient(params, grads, velocities, lr, beta):
    """After a step from a zero velocity, your velocity shares its memory with the gradient. As soon as the next backward pass
    writes into that, your velocity has changed, too, and your next step changes the gradient. Each needs its own memory."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            if v.any():
                v.mul_(beta).add_(g)
            else:
                v.data = g.data
            w.sub_(lr * (g + beta * v))


@mistake(
    "nesterov_step",
    slug="flattened_copies",
    hints=(
        "Try it on `torch.ones(3, 2).T`. Does that hold new numbers after the step?",
        "Does `reshape(-1)` give a view of the same numbers, or a copy? For a transposed matrix, look it up.",
        "The rule works element by element, in any shape. There is nothing to flatten.",
    ),
)
def nesterov_of_flat_copies(params, grads, velocities, lr, beta):
    """On a transposed tensor your step is lost: it changes a copy. Whether flattening, `contiguous` or the like gives a view
    or a copy depends on how the numbers lie in memory. Write into the caller's tensors themselves, in the shape they have."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for tensors in zip(params, grads, velocities, strict=True):
            w, g, v = (tensor.detach().reshape(-1) for tensor in tensors)
            v.mul_(beta).add_(g)
            w.sub_(lr * (g + beta * v))


@mistake(
    "nesterov_step",
    slug="tracked_by_autograd",
    hints=(
        "Try it on a parameter of a real network, or on `torch.ones(1, requires_grad=True)`.",
        "Autograd refuses what it could not follow: to change a leaf in place, or to hand its numbers to numpy.",
        "Make the update inside a block in which autograd records nothing.",
    ),
)
def nesterov_with_autograd(params, grads, velocities, lr, beta):
    """Your update fails on parameters that require grad, as those of a network always do: autograd would have to follow
    it, and refuses. An update is not part of what is differentiated: nothing of it should be recorded."""
    _expect_step(lr, beta)
    for w, g, v in zip(params, grads, velocities, strict=True):
        v.mul_(beta).add_(g)
        w.sub_(lr * (g + beta * v))


@mistake(
    "nesterov_step",
    slug="negative_lr_accepted",
    hints=(
        "What does a step with lr = -0.1 do?",
        "Which values of lr must be refused, according to the docstring?",
        "Before anything is changed, raise a ValueError that names `lr` if it is below 0.",
    ),
)
def nesterov_with_negative_lr(params, grads, velocities, lr, beta):
    """You accept a negative learning rate. It turns every step uphill, and a slip in a schedule would go unnoticed. See
    in the docstring which values must be refused, and how."""
    _expect_beta(beta)
    _nesterov(params, grads, velocities, lr, beta)


@mistake(
    "nesterov_step",
    slug="beta_one_accepted",
    hints=(
        "What does the velocity do under a constant gradient with beta = 1?",
        "The interval is [0, 1): which of its ends belongs to it?",
        "Refuse beta = 1, too, with a ValueError that names `beta`.",
    ),
)
def nesterov_without_friction(params, grads, velocities, lr, beta):
    """You accept beta = 1. Then nothing ever fades, and under a constant gradient the velocity grows without bound. The
    allowed interval is open at this end: compare your check with the docstring."""
    _expect_lr(lr)
    if not 0 <= beta <= 1:
        raise ValueError("beta must be in [0, 1)")
    _nesterov(params, grads, velocities, lr, beta)


@mistake(
    "nesterov_step",
    slug="nothing_refused",
    hints=(
        "What does a step with lr = -0.1 do, and what one with beta = 1.5?",
        "Which values must be refused, according to the docstring?",
        "Before anything is changed, check lr and beta, and raise a ValueError that names the one that is wrong.",
    ),
)
def nesterov_unchecked(params, grads, velocities, lr, beta):
    """You refuse nothing: a negative lr and a beta outside [0, 1) get through. They turn steps uphill or let the
    velocity grow for ever, and the caller is not told. See in the docstring what must be raised, and when."""
    _nesterov(params, grads, velocities, lr, beta)


# -- optimal_heavy_ball


@mistake(
    "optimal_heavy_ball",
    hints=(
        "Take mu = 1 and L = 9. What is beta by hand, and what is yours?",
        "Momentum pays because only the root of the condition number counts. Where is the root in your beta?",
        "Put the square root of kappa in both places where you have kappa.",
    ),
)
def kappa_not_rooted(mu, L):
    """Your beta contains kappa where its square root belongs. That makes it far too close to 1: the ball rolls on and
    on, and converges no faster than gradient descent. Compare the second formula with yours, symbol by symbol."""
    _expect_curvatures(mu, L)
    kappa = L / mu
    return (2 / (math.sqrt(L) + math.sqrt(mu))) ** 2, ((kappa - 1) / (kappa + 1)) ** 2


@mistake(
    "optimal_heavy_ball",
    hints=(
        "Take mu = 1 and L = 9. What is beta by hand, and what is yours?",
        "The root of beta is the factor by which the distance shrinks per step. Which of the two do you return?",
        "Square the fraction.",
    ),
)
def beta_not_squared(mu, L):
    """Your beta is the square root of the best one: the fraction is not squared. What you return is the factor by which
    every distance would shrink per step (and the momentum that Nesterov's method takes). Look at the end of the
    formula."""
    _expect_curvatures(mu, L)
    root = math.sqrt(L / mu)
    return (2 / (math.sqrt(L) + math.sqrt(mu))) ** 2, (root - 1) / (root + 1)


@mistake(
    "optimal_heavy_ball",
    hints=(
        "Which unit has a learning rate, and which has your result, if curvatures are measured in metres?",
        "Take mu = L = 4. The bowl is round, and one step of 1 / L solves it. What is yours?",
        "Square the whole fraction.",
    ),
)
def lr_not_squared(mu, L):
    """Your lr is the square root of the best one: the fraction is not squared. A learning rate has the unit of one over
    a curvature, and yours has that of one over its root. Look at the end of the first formula."""
    _expect_curvatures(mu, L)
    root = math.sqrt(L / mu)
    return 2 / (math.sqrt(L) + math.sqrt(mu)), ((root - 1) / (root + 1)) ** 2


@mistake(
    "optimal_heavy_ball",
    hints=(
        "Take mu = L = 4. The bowl is round, and one step of 1 / L solves it. What is yours?",
        "Is the square of a sum the sum of the squares?",
        "Add the two roots first, then divide 2 by the sum, and square last of all.",
    ),
)
def square_of_each_root(mu, L):
    """Your lr is 4 / (L + mu), as if the square of the sum of the roots were the sum of their squares. The square of a
    sum has a mixed term, too, and without it the learning rate comes out up to twice too large. Take each root first, then
    their sum, and square that."""
    _expect_curvatures(mu, L)
    root = math.sqrt(L / mu)
    return 4 / (L + mu), ((root - 1) / (root + 1)) ** 2


@mistake(
    "optimal_heavy_ball",
    hints=(
        "For a large kappa, the best lr of the heavy ball is almost 4 / L. What does yours come to?",
        "Without momentum a learning rate must stay below 2 / L. With momentum, more is stable. Is yours more?",
        "The formula has the roots of L and mu in the sum, and the whole fraction squared.",
    ),
)
def gradient_descent_lr(mu, L):
    """Your lr is 2 / (L + mu), the best one of gradient descent without momentum. The heavy ball stands steps up to
    twice as long, and the beta that you return is best only together with them. Compare the first formula with
    yours."""
    _expect_curvatures(mu, L)
    root = math.sqrt(L / mu)
    return 2 / (L + mu), ((root - 1) / (root + 1)) ** 2


@mistake(
    "optimal_heavy_ball",
    hints=(
        "Which unit has a learning rate, and which has your result, if curvatures are measured in metres?",
        "Take mu = L = 4. The bowl is round, and one step of 1 / L solves it. What is yours?",
        "Take the square roots of L and of mu before you add them.",
    ),
)
def lr_without_roots(mu, L):
    """Your lr adds the curvatures themselves, not their square roots, and so has the unit of one over a curvature
    squared. On a steep bowl it is far too short, on a flat one far too long. Look at the sum in the first formula."""
    _expect_curvatures(mu, L)
    root = math.sqrt(L / mu)
    return (2 / (L + mu)) ** 2, ((root - 1) / (root + 1)) ** 2


@mistake(
    "optimal_heavy_ball",
    hints=(
        "For a large kappa, the best lr of the heavy ball is almost 4 / L. What does yours come to?",
        "There are two famous pairs of this kind, and they belong to two methods. Whose pair is yours?",
        "Take both formulas of this exercise: lr and beta are both squares of fractions.",
    ),
)
def nesterov_constants(mu, L):
    """You return 1 / L and an unsquared fraction: these are the constants that are commonly taken for Nesterov's
    method. For the heavy ball, a pair with a longer step and less momentum is faster. Compare both formulas with
    yours."""
    _expect_curvatures(mu, L)
    root = math.sqrt(L / mu)
    return 1 / L, (root - 1) / (root + 1)


@mistake(
    "optimal_heavy_ball",
    hints=(
        "Take mu = 4 and L = 36, as in the example. In which order do your numbers come?",
        "What does the docstring say that is returned first?",
        "Return the learning rate first and the momentum second.",
    ),
)
def swapped_results(mu, L):
    """Both numbers are right, but they come in the wrong order: you return the momentum first. A caller who unpacks
    them uses one in place of the other, and notices nothing. See what the docstring says about the order."""
    _expect_curvatures(mu, L)
    root = math.sqrt(L / mu)
    return ((root - 1) / (root + 1)) ** 2, (2 / (math.sqrt(L) + math.sqrt(mu))) ** 2


@mistake(
    "optimal_heavy_ball",
    hints=(
        "What happens when you call it with mu = 0?",
        "0 is not a valid curvature: along a flat axis the ball would never arrive. Who says so, you or Python?",
        "Before you divide, raise a ValueError that names `mu` unless it is greater than 0.",
    ),
)
def zero_mu_divides(mu, L):
    """With mu = 0 you divide by zero, and Python's own error comes out. The condition number is infinite there, and a
    caller should learn from a ValueError that `mu` is what is wrong. Look at what you check, and when."""
    if mu < 0:
        raise ValueError("mu must be greater than 0")
    if mu > L:
        raise ValueError("L must be at least mu")
    root = math.sqrt(L / mu)
    return (2 / (math.sqrt(L) + math.sqrt(mu))) ** 2, ((root - 1) / (root + 1)) ** 2


@mistake(
    "optimal_heavy_ball",
    hints=(
        "What do you return for mu = 0? Is that a momentum that `momentum_step` accepts?",
        "Along a flat axis there is no slope: how long would the ball take?",
        "Raise a ValueError that names `mu` unless it is greater than 0; 0 itself is refused, too.",
    ),
)
def zero_mu_accepted(mu, L):
    """You accept mu = 0 and return a momentum of 1, with which no ball ever comes to rest. The condition number is
    infinite there, and no pair is best. Compare your check of `mu` with the docstring."""
    if mu < 0:
        raise ValueError("mu must be greater than 0")
    if mu > L:
        raise ValueError("L must be at least mu")
    root_mu, root_L = math.sqrt(mu), math.sqrt(L)
    return (2 / (root_L + root_mu)) ** 2, ((root_L - root_mu) / (root_L + root_mu)) ** 2


@mistake(
    "optimal_heavy_ball",
    hints=(
        "What happens when you call it with mu = 2 and L = 1?",
        "The smallest curvature cannot be larger than the largest. Does anybody notice if a caller swaps them?",
        "Raise a ValueError that names `L` if it is smaller than `mu`.",
    ),
)
def swapped_curvatures_accepted(mu, L):
    """You accept an L that is smaller than mu. Then the caller has swapped the two, and should be told so. See in the
    docstring which arguments must be refused."""
    if not mu > 0:
        raise ValueError("mu must be greater than 0")
    root = math.sqrt(L / mu)
    return (2 / (math.sqrt(L) + math.sqrt(mu))) ** 2, ((root - 1) / (root + 1)) ** 2


@mistake(
    "optimal_heavy_ball",
    hints=(
        "What happens when you call it with mu = L = 1?",
        "A round bowl is a good bowl. What do the formulas give for kappa = 1?",
        "Refuse L only if it is smaller than mu, not if both are equal.",
    ),
)
def round_bowl_refused(mu, L):
    """You refuse mu = L. That is a round bowl, the best case of all: no momentum is needed, and one step is enough.
    Compare your check of `L` with the docstring."""
    if not 0 < mu < L:
        raise ValueError("mu must be greater than 0, and L greater than mu")
    root = math.sqrt(L / mu)
    return (2 / (math.sqrt(L) + math.sqrt(mu))) ** 2, ((root - 1) / (root + 1)) ** 2


@mistake(
    "optimal_heavy_ball",
    slug="nothing_refused",
    hints=(
        "What happens when you call it with mu = 0, and what with mu = 2 and L = 1?",
        "Which values must be refused, according to the docstring?",
        "Before you compute, check mu and L, and raise a ValueError that names the one that is wrong.",
    ),
)
def curvatures_unchecked(mu, L):
    """You check nothing: mu = 0 ends in a division by zero, and an L that is smaller than mu gets through. A caller who
    has mixed something up should be told what. See in the docstring what must be raised, and when."""
    root = math.sqrt(L / mu)
    return (2 / (math.sqrt(L) + math.sqrt(mu))) ** 2, ((root - 1) / (root + 1)) ** 2


# -- minimize_with_momentum


@mistake(
    "minimize_with_momentum",
    slug="velocity_reset",
    hints=(
        "Compare your trajectory for beta = 0.9 with that for beta = 0.",
        "How often is the velocity set to zero: once, or in every step?",
        "Make the velocity before the loop, and hand the same tensor to every step.",
    ),
)
def minimize_without_memory(objective, w0, lr, beta, num_steps):
    """Your trajectory is that of gradient descent: beta has no influence, because every step starts from a velocity of
    zero. The ball must keep its velocity from one step to the next. Look at where the velocity is made."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    rows = [w.detach().clone()]
    for _ in range(num_steps):
        (grad,) = torch.autograd.grad(objective(w), w)
        momentum_step([w], [grad], [torch.zeros_like(w)], lr, beta)
        rows.append(w.detach().clone())
    return torch.stack(rows)


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print the whole trajectory. Do its rows differ?",
        "The steps work in place. What happens to a row that shares its memory with the weights?",
        "Put a copy into the list, not the tensor that the next step changes.",
    ),
)
def aliased_rows(objective, w0, lr, beta, num_steps):
    """All rows of your trajectory are the same: the last weights. You have kept one tensor many times, and every step
    changes it in place. A trajectory needs a copy of the weights from each step."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    velocity = torch.zeros_like(w)
    rows = [w.detach()]
    for _ in range(num_steps):
        (grad,) = torch.autograd.grad(objective(w), w)
        momentum_step([w], [grad], [velocity], lr, beta)
        rows.append(w.detach())
    return torch.stack(rows)


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print the whole trajectory. Which of its rows differ?",
        "The steps work in place. What happens to a row that shares its memory with the weights?",
        "After each step, put a copy into the list, as you did with the start.",
    ),
)
def aliased_rows_after_start(objective, w0, lr, beta, num_steps):
    """All rows of your trajectory but the first are the same: the last weights. After each step you keep the tensor
    itself, and the next step changes it in place. A trajectory needs a copy of the weights from each step."""
    _expect_run(lr, beta, num_steps)
    rows = _roll(momentum_step, objective, _leaf(w0), torch.zeros_like(w0), lr, beta, num_steps)
    return torch.stack(rows[:1] + rows[-1:] * num_steps)


@mistake(
    "minimize_with_momentum",
    hints=(
        "How many rows has your trajectory for num_steps = 3? And what is in row 0?",
        "Between four points there are three steps.",
        "Put the starting point into the list before the loop.",
    ),
)
def start_missing(objective, w0, lr, beta, num_steps):
    """Your trajectory begins after the first step: the starting point is missing, and with it one row. Row 0 is `w0`,
    and row t holds the weights after t steps. Look at what you keep before the loop."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    return torch.stack(_roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps)[1:])


@mistake(
    "minimize_with_momentum",
    hints=(
        "How many rows has your trajectory for num_steps = 3? And how many steps did you make?",
        "Between four points there are three steps.",
        "Make num_steps steps, and keep the weights after each of them, also after the last.",
    ),
)
def last_step_missing(objective, w0, lr, beta, num_steps):
    """Your trajectory ends one step too early: it has num_steps rows, and the weights after the last step are not among
    them. Row 0 is `w0`, so there is one more row than there are steps. Look at how often your loop runs, and when a row
    is kept."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    return torch.stack(_roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps - 1))


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print the gradient in each step. Does it change?",
        "Where is the slope measured: where the ball is now, or where it began?",
        "In each step, take the gradient anew, at the current weights.",
    ),
)
def gradient_at_start(objective, w0, lr, beta, num_steps):
    """Every step of yours uses the gradient at the starting point. So the ball rolls on and on in one direction, past
    the minimum, as on a slope without end. The gradient must be taken where the weights are now."""
    _expect_run(lr, beta, num_steps)
    w, start = _leaf(w0), _leaf(w0)
    velocity = torch.zeros_like(w)
    rows = [w.detach().clone()]
    for _ in range(num_steps):
        (grad,) = torch.autograd.grad(objective(start), start)
        momentum_step([w], [grad], [velocity], lr, beta)
        rows.append(w.detach().clone())
    return torch.stack(rows)


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print the gradient in the second step, and compute it by hand. Which number is too much?",
        "What does autograd do with a `.grad` that is already there?",
        "Empty the gradient before each backward pass, or ask autograd for a new one in each step.",
    ),
)
def gradient_accumulates(objective, w0, lr, beta, num_steps):
    """Your gradients pile up: each backward pass adds to the `.grad` of the one before, so that the velocity sums sums
    of gradients. Only the gradient at the current weights should enter. Look at what `.grad` holds when a step
    begins."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    velocity = torch.zeros_like(w)
    rows = [w.detach().clone()]
    for _ in range(num_steps):
        objective(w).backward()
        momentum_step([w], [w.grad], [velocity], lr, beta)
        rows.append(w.detach().clone())
    return torch.stack(rows)


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print w0 before and after the call.",
        "The steps work in place. On whose tensor do they work?",
        "Start from a copy of `w0`.",
    ),
)
def start_modified(objective, w0, lr, beta, num_steps):
    """Your trajectory is right, but the caller's `w0` is not where it was: your steps have moved it in place. Whoever
    starts a second run from the same point starts somewhere else. Look at which tensor your steps change."""
    _expect_run(lr, beta, num_steps)
    w = w0.detach().requires_grad_()
    return torch.stack(_roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps))


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print `w0.requires_grad` before and after the call.",
        "Which tensor do you ask autograd to follow: the caller's, or one of your own?",
        "Take a detached copy of `w0`, and let autograd follow that one.",
    ),
)
def start_left_requiring_grad(objective, w0, lr, beta, num_steps):
    """Your trajectory is right, but the caller's `w0` requires grad afterwards, which it did not before. Whoever goes on
    computing with it builds a graph without knowing. Not to change a tensor includes its switches; look at which tensor
    you set requires_grad of."""
    _expect_run(lr, beta, num_steps)
    w0.requires_grad_()
    return torch.stack(_roll(momentum_step, objective, _leaf(w0), torch.zeros_like(w0), lr, beta, num_steps))


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print `requires_grad` of the trajectory that you return.",
        "What does a row remember, besides its numbers, if the weights that it is made from require grad?",
        "Detach each row from the graph before you keep it.",
    ),
)
def graph_kept(objective, w0, lr, beta, num_steps):
    """The numbers are right, but your trajectory still hangs on autograd's graph: it requires grad. That keeps memory
    alive for nothing, and the next `.numpy()` fails. The rows are a record, and no part of a computation to be
    differentiated."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    velocity = torch.zeros_like(w)
    rows = [w.clone()]
    for _ in range(num_steps):
        (grad,) = torch.autograd.grad(objective(w), w)
        momentum_step([w], [grad], [velocity], lr, beta)
        rows.append(w.clone())
    return torch.stack(rows)


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print the dtype of your trajectory for a `w0` in float64.",
        "Which dtype does the library take when you make a tensor without saying which?",
        "Make every new tensor in the dtype of `w0`.",
    ),
)
def float32_forced(objective, w0, lr, beta, num_steps):
    """Your trajectory is float32 whatever `w0` is. Half of the digits of a float64 start are lost, and whatever is
    computed with it may fail for want of one dtype. Look at where you make new tensors, and in which dtype."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    velocity = torch.zeros_like(w)
    rows = torch.zeros(num_steps + 1, len(w0))
    rows[0] = w.detach()
    for step in range(num_steps):
        (grad,) = torch.autograd.grad(objective(w), w)
        momentum_step([w], [grad], [velocity], lr, beta)
        rows[step + 1] = w.detach()
    return rows


@mistake(
    "minimize_with_momentum",
    hints=(
        "How far does your very first step go? Compute it by hand for w^2.",
        "Before the first step the ball is at rest.",
        "Start with a velocity of zero; the first gradient comes in with the first step, and once only.",
    ),
)
def velocity_starts_at_gradient(objective, w0, lr, beta, num_steps):
    """Your ball does not start at rest: its velocity is already the first gradient before the first step, which then
    adds the same gradient once more. So the first step is 1 + beta times too long. Look at what the velocity is before
    the loop."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    (velocity,) = torch.autograd.grad(objective(w), w)
    return torch.stack(_roll(momentum_step, objective, w, velocity, lr, beta, num_steps))


@mistake(
    "minimize_with_momentum",
    slug="nesterov",
    hints=(
        "By how much does your first step move the weights, in multiples of lr times the gradient?",
        "Which of your two rules does the loop call?",
        "This exercise is about the heavy ball: make each step with the rule of 4.3.",
    ),
)
def minimize_with_nesterov(objective, w0, lr, beta, num_steps):
    """Your trajectory is that of Nesterov's method, which goes 1 + beta times as far in its first step. The heavy ball
    is asked for here. Look at which rule your loop applies."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    return torch.stack(_roll(nesterov_step, objective, w, torch.zeros_like(w), lr, beta, num_steps))


@mistake(
    "minimize_with_momentum",
    hints=(
        "What shape has your result for a `w0` of shape (2,) and num_steps = 3?",
        "Where did the ball come through on its way?",
        "Keep a copy of the weights after each step, and stack all of them.",
    ),
)
def last_point_only(objective, w0, lr, beta, num_steps):
    """You return the weights after the last step only. The whole way is asked for, so that it can be drawn and its pace
    measured: one row for the start, and one for each step."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    return _roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps)[-1]


@mistake(
    "minimize_with_momentum",
    hints=(
        "Call it with beta = 1.5 and num_steps = 0. Who should complain, and does anyone?",
        "If the loop body never runs, what was checked?",
        "Check lr and beta before the loop, too, with ValueErrors that name them.",
    ),
)
def checked_only_in_steps(objective, w0, lr, beta, num_steps):
    """A bad lr goes unnoticed when no step is to be taken. If it is the step that refuses it, nothing is refused where
    the loop never runs, and an error in a configuration shows only later. See in the docstring when arguments must be
    refused."""
    if num_steps < 0:
        raise ValueError("num_steps must be at least 0")
    w = _leaf(w0)
    return torch.stack(_roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps))


@mistake(
    "minimize_with_momentum",
    hints=(
        "What do you return for num_steps = -1?",
        "A loop over a negative range runs not at all, and nobody complains.",
        "Raise a ValueError that names `num_steps` if it is below 0.",
    ),
)
def negative_steps_accepted(objective, w0, lr, beta, num_steps):
    """You accept a negative number of steps, and behave as if it were 0. A caller who asks for that has made a mistake,
    and should be told. See in the docstring which arguments must be refused."""
    _expect_step(lr, beta)
    w = _leaf(w0)
    return torch.stack(_roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps))


@mistake(
    "minimize_with_momentum",
    slug="nothing_refused",
    hints=(
        "Call it with beta = 1.5 and num_steps = 0, and then with num_steps = -1. Does anyone complain?",
        "If the loop body never runs, what was checked?",
        "Check lr, beta and num_steps before the loop, with ValueErrors that name them.",
    ),
)
def minimize_unchecked(objective, w0, lr, beta, num_steps):
    """When no step is to be taken, you refuse nothing: a bad lr or beta gets through, and a negative number of steps,
    too. A step that is never made checks nothing for you. See in the docstring when arguments must be refused."""
    w = _leaf(w0)
    return torch.stack(_roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps))
