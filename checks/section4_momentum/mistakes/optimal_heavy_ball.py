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
