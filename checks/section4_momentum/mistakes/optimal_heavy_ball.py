"""Mistakes in optimal_heavy_ball."""

import math

from grader.toolkit.mistakes import mistake


def _expect_curvatures(mu, L):
    if not mu > 0:
        raise ValueError("mu must be greater than 0")
    if not mu <= L:
        raise ValueError("L must be at least mu")


@mistake(
    "optimal_heavy_ball",
    hints=(
        "Take mu = 1 and L = 9. Compute beta by hand. What do you get from your function?",
        "Momentum helps because only the root of the condition number counts. Where is the root in your beta?",
        "Use the square root of kappa in both places.",
    ),
)
def kappa_not_rooted(mu, L):
    """Your beta uses kappa instead of its square root. Then beta is far too close to 1: the ball rolls on, and
    converges no faster than gradient descent. Compare the second formula with yours, symbol by symbol."""
    _expect_curvatures(mu, L)
    kappa = L / mu
    return (2 / (math.sqrt(L) + math.sqrt(mu))) ** 2, ((kappa - 1) / (kappa + 1)) ** 2


@mistake(
    "optimal_heavy_ball",
    hints=(
        "Take mu = 1 and L = 9. Compute beta by hand. What do you get from your function?",
        "The root of beta is the factor by which the distance shrinks per step. Which of the two do you return?",
        "Square the fraction.",
    ),
)
def beta_not_squared(mu, L):
    """Your beta is the square root of the best beta: you do not square the fraction. You return the factor by which
    each distance would shrink per step (and the momentum of Nesterov's method). Look at the end of the formula."""
    _expect_curvatures(mu, L)
    root = math.sqrt(L / mu)
    return (2 / (math.sqrt(L) + math.sqrt(mu))) ** 2, (root - 1) / (root + 1)


@mistake(
    "optimal_heavy_ball",
    hints=(
        "If curvatures are in metres, what is the unit of a learning rate, and of your result?",
        "Take mu = L = 4. The bowl is round, and one step of 1 / L solves it. What is your lr?",
        "Square the whole fraction.",
    ),
)
def lr_not_squared(mu, L):
    """Your lr is the square root of the best lr: you do not square the fraction. The unit of a learning rate is one
    over a curvature; the unit of your result is one over its root. Look at the end of the first formula."""
    _expect_curvatures(mu, L)
    root = math.sqrt(L / mu)
    return 2 / (math.sqrt(L) + math.sqrt(mu)), ((root - 1) / (root + 1)) ** 2


@mistake(
    "optimal_heavy_ball",
    hints=(
        "Take mu = L = 4. The bowl is round, and one step of 1 / L solves it. What is your lr?",
        "Is the square of a sum the sum of the squares?",
        "Add the two roots first, then divide 2 by the sum, and square at the end.",
    ),
)
def square_of_each_root(mu, L):
    """Your lr is 4 / (L + mu), as if the square of a sum were the sum of the squares. The square of a sum also has a
    mixed term; without it the learning rate is up to twice too large. Take each root, add them, then square."""
    _expect_curvatures(mu, L)
    root = math.sqrt(L / mu)
    return 4 / (L + mu), ((root - 1) / (root + 1)) ** 2


@mistake(
    "optimal_heavy_ball",
    hints=(
        "For a large kappa, the best lr of the heavy ball is almost 4 / L. What is yours?",
        "Without momentum a learning rate must stay below 2 / L. Momentum allows a larger one. Is yours larger?",
        "The formula adds the roots of L and mu, and squares the whole fraction.",
    ),
)
def gradient_descent_lr(mu, L):
    """Your lr is 2 / (L + mu), the best learning rate of gradient descent without momentum. The heavy ball allows steps
    up to twice as long, and your beta is the best only with the right lr. Compare the first formula with yours."""
    _expect_curvatures(mu, L)
    root = math.sqrt(L / mu)
    return 2 / (L + mu), ((root - 1) / (root + 1)) ** 2


@mistake(
    "optimal_heavy_ball",
    hints=(
        "If curvatures are in metres, what is the unit of a learning rate, and of your result?",
        "Take mu = L = 4. The bowl is round, and one step of 1 / L solves it. What is your lr?",
        "Take the square roots of L and of mu before you add them.",
    ),
)
def lr_without_roots(mu, L):
    """Your lr adds the curvatures themselves, not their square roots, so its unit is one over a curvature squared. It
    is far too small on a steep bowl, and far too large on a flat bowl. Look at the sum in the first formula."""
    _expect_curvatures(mu, L)
    root = math.sqrt(L / mu)
    return (2 / (L + mu)) ** 2, ((root - 1) / (root + 1)) ** 2


@mistake(
    "optimal_heavy_ball",
    hints=(
        "For a large kappa, the best lr of the heavy ball is almost 4 / L. What is yours?",
        "Two well-known pairs exist, for two methods. To which method does yours belong?",
        "Use both formulas of this exercise: lr and beta are both squares of fractions.",
    ),
)
def nesterov_constants(mu, L):
    """You return 1 / L and an unsquared fraction: the usual constants of Nesterov's method. For the heavy ball, a
    longer step and less momentum are faster. Compare both formulas with yours."""
    _expect_curvatures(mu, L)
    root = math.sqrt(L / mu)
    return 1 / L, (root - 1) / (root + 1)


@mistake(
    "optimal_heavy_ball",
    hints=(
        "Take mu = 4 and L = 36, as in the example. In which order do you return the two numbers?",
        "Which number does the docstring return first?",
        "Return the learning rate first and the momentum second.",
    ),
)
def swapped_results(mu, L):
    """Both numbers are right, but in the wrong order: you return the momentum first. A caller who unpacks them swaps
    the two without noticing. Look at the order in the docstring."""
    _expect_curvatures(mu, L)
    root = math.sqrt(L / mu)
    return ((root - 1) / (root + 1)) ** 2, (2 / (math.sqrt(L) + math.sqrt(mu))) ** 2


@mistake(
    "optimal_heavy_ball",
    hints=(
        "What happens when you call it with mu = 0?",
        "0 is not a valid curvature: along a flat axis the ball would never arrive. Which error do you raise?",
        "Before you divide, raise a ValueError that names `mu` unless it is greater than 0.",
    ),
)
def zero_mu_divides(mu, L):
    """For mu = 0 you divide by zero, and Python raises its own error. The condition number is infinite there, and a
    ValueError must tell the caller that `mu` is wrong. Check `mu` before you divide."""
    if mu < 0:
        raise ValueError("mu must be greater than 0")
    if mu > L:
        raise ValueError("L must be at least mu")
    root = math.sqrt(L / mu)
    return (2 / (math.sqrt(L) + math.sqrt(mu))) ** 2, ((root - 1) / (root + 1)) ** 2


@mistake(
    "optimal_heavy_ball",
    hints=(
        "What do you return for mu = 0? Does `momentum_step` accept this momentum?",
        "A flat axis has no slope: how long would the ball take?",
        "Raise a ValueError that names `mu` unless it is greater than 0.",
    ),
)
def zero_mu_accepted(mu, L):
    """You accept mu = 0 and return a momentum of 1, with which the ball never comes to rest. The condition number is
    infinite there, so no pair is best. Compare your check of `mu` with the docstring."""
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
        "The smallest curvature cannot be larger than the largest. Does your function detect swapped arguments?",
        "Raise a ValueError that names `L` if it is smaller than `mu`.",
    ),
)
def swapped_curvatures_accepted(mu, L):
    """You accept an L that is smaller than mu. Then the caller has probably swapped the two, and needs an error. The
    docstring says which arguments raise an error."""
    if not mu > 0:
        raise ValueError("mu must be greater than 0")
    root = math.sqrt(L / mu)
    return (2 / (math.sqrt(L) + math.sqrt(mu))) ** 2, ((root - 1) / (root + 1)) ** 2


@mistake(
    "optimal_heavy_ball",
    hints=(
        "What happens when you call it with mu = L = 1?",
        "A round bowl is valid. What do the formulas give for kappa = 1?",
        "Raise the error for L only if it is smaller than mu, not if both are equal.",
    ),
)
def round_bowl_refused(mu, L):
    """You refuse mu = L. This is a round bowl, the best case: it needs no momentum, and one step is enough. Compare
    your check of `L` with the docstring."""
    if not 0 < mu < L:
        raise ValueError("mu must be greater than 0, and L greater than mu")
    root = math.sqrt(L / mu)
    return (2 / (math.sqrt(L) + math.sqrt(mu))) ** 2, ((root - 1) / (root + 1)) ** 2


@mistake(
    "optimal_heavy_ball",
    slug="nothing_refused",
    hints=(
        "What happens for mu = 0, and for mu = 2 and L = 1?",
        "Which values raise an error, according to the docstring?",
        "Before you compute, check mu and L, and raise a ValueError that names the wrong one.",
    ),
)
def curvatures_unchecked(mu, L):
    """You check nothing: mu = 0 ends in a division by zero, and you accept an L that is smaller than mu. The caller
    needs an error that names the wrong argument. The docstring says which errors to raise, and when."""
    root = math.sqrt(L / mu)
    return (2 / (math.sqrt(L) + math.sqrt(mu))) ** 2, ((root - 1) / (root + 1)) ** 2


@mistake(
    "optimal_heavy_ball",
    hints=(
        "What is beta for mu = 1 and L = 4? Compute it by hand from the formula of the text.",
        "How many roots of kappa are in the formula, and is the fraction squared?",
        "Compute the root of kappa once. The fraction has it minus 1 above the line and plus 1 below, and is squared.",
    ),
)
def one_minus_one_over_root(mu, L):
    """Your beta is 1 minus 1 over the root of kappa. It has the right order of magnitude for a narrow ravine, but it is not the
    best one, and for a round bowl it is right by chance. Compare with the formula: it is the square of a fraction."""
    _expect_curvatures(mu, L)
    return (2 / (math.sqrt(L) + math.sqrt(mu))) ** 2, 1 - math.sqrt(mu / L)


@mistake(
    "optimal_heavy_ball",
    hints=(
        "What is beta for mu = 1 and L = 4? Compute it by hand from the formula of the text.",
        "How many roots of kappa are in the formula, and is the fraction squared?",
        "Compute the root of kappa once. The fraction has it minus 1 above the line and plus 1 below, and is squared.",
    ),
)
def one_minus_two_over_root(mu, L):
    """Your lr is right. Your beta is 1 - 2 / sqrt(kappa), or 0 where this is negative. It is near the right beta for a narrow
    ravine only. Compare with the formula: it is the square of a fraction."""
    _expect_curvatures(mu, L)
    return (2 / (math.sqrt(L) + math.sqrt(mu))) ** 2, max(0.0, 1 - 2 * math.sqrt(mu / L))
