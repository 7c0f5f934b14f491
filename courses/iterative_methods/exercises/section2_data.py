# %% [markdown]
# # Section 2: Equations, clusters and classes
#
# Three ways to fit data, each by one small step that a loop repeats.
#
# **Time:** about 90 minutes.
#
# **Kaczmarz's method** solves equations one at a time: it moves the point to the nearest place where the equation holds. The next
# equation moves it again. If the equations have a solution, each step comes closer to it, or stays as far. A tomograph with
# millions of equations stores only one at a time.
#
# **$k$-means** gives each point to the nearest of $k$ centres, and moves each centre to the mean of its points. Neither half
# of the step can increase the sum of squared distances, so it ends. But where it ends depends on the start.
#
# **Newton's method** replaces a function by the quadratic with the same value, slope and curvature, and jumps to the minimum
# of the quadratic. Close to the minimum of the function, each step doubles the number of right digits.
#
# **Further reading.** S. Boyd and L. Vandenberghe, *Convex Optimization*, section 9.5.

# %% [markdown]
# ## Conventions
# - Matrices and vectors are numpy arrays of dtype float64, indices are int64. No function changes its arguments.
# - A bad argument raises `ValueError` with the argument's name in the message. Each docstring lists the cases under Raises.
#   You may refuse more.

# %%
import numpy as np

# %% [markdown]
# ## Predict first
# Answer before you write or run anything: replace each `None`, or type `grade predict section2`, which asks you.

# %%
PREDICTIONS = {
    # Four points are the corners of a rectangle, 4 wide and 1 high. Two centres start in the middle of the long sides. Which
    # clusters does k-means end with?
    # Answer: "the left and the right pair", "the upper and the lower pair" or "it never ends"
    "clusters_of_a_rectangle": None,
    # Logistic regression with 200 examples and 5 weights starts at w = 0. How many Newton steps bring the length of the gradient
    # below 1e-10?
    # Answer: a number, within 2
    "newton_steps": None,
}

# %% [markdown]
# ## 2.1 Kaczmarz: one equation at a time
# The points where equation $i$ holds form a plane, and $a_i$, row $i$ of $A$, is perpendicular to it. Move straight onto it:
#
# $$x \leftarrow x + \frac{b_i - a_i^\top x}{\lVert a_i \rVert^2}\, a_i$$
#
# The order matters. If each row is nearly parallel to the one before, each step does little. A random order does much better
# (Strohmer and Vershynin 2009).


# %%
def kaczmarz(A: np.ndarray, b: np.ndarray, x: np.ndarray, order: list[int]) -> np.ndarray:
    """Project a point onto one equation of `A x = b` after the other.

    For each row index `i` in `order`: `x <- x + (b_i - a_i . x) / |a_i|^2 * a_i`, from the *current* `x`.

    Args:
        A: matrix (m, n); a row is an equation.
        b: right-hand sides (m,).
        x: the point to start from (n,).
        order: row indices from 0 to m - 1. They may repeat, and need not be all. An empty list leaves the point where it is.

    Returns:
        The last point (n,), a new array.

    Raises:
        ValueError: if `b` is not of shape (m,), the message names `b`; if a row of `order` is zero, the message names `A`.

    Source: Kaczmarz (1937); Strohmer and Vershynin (2009), A randomized Kaczmarz algorithm with exponential convergence.

    Example, by hand:
        >>> A, b = np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([3.0, 7.0])
        >>> kaczmarz(A, b, np.zeros(2), [0, 1]).tolist()  # (3, 0); then 7 - 3 = 4, half of it along (1, 1)
        [5.0, 2.0]
    """
    raise NotImplementedError


# %% [markdown]
# ## 2.2 A step of $k$-means
# First every point chooses the nearest centre. Then every centre moves to the mean of the points that chose it:
#
# $$\ell_i = \arg\min_j \lVert x_i - c_j \rVert^2 \qquad\qquad c_j \leftarrow \frac{1}{|\{i : \ell_i = j\}|}
# \sum_{i:\, \ell_i = j} x_i$$


# %%
def kmeans_step(X: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Make one step of k-means (Lloyd's algorithm): label the points, then move the centres.

    A point that is equally far from several centres takes the first of them. A centre without points stays where it is.

    The result is right far from the origin, too. For points near 1e8, the formula `|x|^2 - 2 x . c + |c|^2` has lost all digits
    of a small distance: subtract before you square.

    Args:
        X: points (n, d).
        centres: the centres (k, d), k >= 1.

    Returns:
        labels: int64 array (n,). The index of the nearest of the *old* centres.
        new_centres: array (k, d). The mean of the points of each label.

    Raises:
        ValueError: if `centres` has no row, or not as many columns as `X`; the message names `centres`.

    Source: Lloyd (1982), Least squares quantization in PCM.

    Example, by hand:
        >>> X = np.array([[0.0], [1.0], [5.0]])
        >>> labels, centres = kmeans_step(X, np.array([[0.0], [3.0]]))  # 1 is closer to 0, 5 is closer to 3
        >>> labels.tolist(), centres.tolist()
        ([0, 0, 1], [[0.5], [5.0]])
    """
    raise NotImplementedError


# %% [markdown]
# ## 2.3 Logistic regression by Newton's method
# The model gives example $x_i$ the class 1 with the probability $p_i = 1 / (1 + e^{-x_i^\top w})$. The loss is
#
# $$J(w) = -\frac{1}{n} \sum_{i=1}^n \bigl( y_i \log p_i + (1 - y_i) \log (1 - p_i) \bigr) + \frac{\rho}{2} \lVert w \rVert^2$$
#
# Its gradient and Hessian, with the diagonal matrix $S$ of the numbers $p_i (1 - p_i)$, are
#
# $$g = \tfrac{1}{n} X^\top (p - y) + \rho\, w \qquad\qquad H = \tfrac{1}{n} X^\top S X + \rho I$$
#
# and a Newton step is $w - H^{-1} g$. When your function works, run `grade plot section2 newton_step`.


# %%
def newton_step(X: np.ndarray, y: np.ndarray, w: np.ndarray, ridge: float) -> np.ndarray:
    """Make one Newton step on the loss of logistic regression with a ridge penalty, `w - H^-1 g`.

    The loss is the *mean* over the examples plus `ridge / 2 * |w|^2`. Large scores `X w` must not give NaN: a score of -1000 has
    the probability 0.

    Args:
        X: examples (n, d).
        y: classes (n,), each 0.0 or 1.0.
        w: weights (d,).
        ridge: weight of the penalty, ridge > 0.

    Returns:
        The weights after the step (d,), a new array.

    Raises:
        ValueError: if an entry of `y` is neither 0 nor 1, or if `ridge` is not positive. The message names `y` or `ridge`.

    Source: Boyd and Vandenberghe, Convex Optimization (2004), sections 7.1.1 and 9.5.

    Example, by hand:
        >>> X, y = np.array([[2.0]]), np.array([1.0])
        >>> newton_step(X, y, np.array([0.0]), ridge=1.0).tolist()  # p = 1/2: g = -1, H = 4 / 4 + 1
        [0.5]
    """
    raise NotImplementedError


# %% [markdown]
# ## Reflection
#
# **Which of the three methods needs a good start, and which needs a good order? Which needs neither, and why?**
#
# *Your answer*
