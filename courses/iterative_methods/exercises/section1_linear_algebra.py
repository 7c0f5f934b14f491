# %% [markdown]
# # Section 1: Eigenvalues and linear systems
#
# A matrix with a million rows has no formula for its eigenvalues, and no time for elimination. But you can multiply it by a
# vector. The methods of this section use little else.
#
# **Time:** about 90 minutes.
#
# **Power iteration.** Write a vector as a sum of eigenvectors of a symmetric matrix $A$. Each product with $A$ multiplies
# each part by its eigenvalue. The part with the largest absolute eigenvalue grows the most, so the vector turns towards it.
#
# **The QR algorithm.** It finds all eigenvalues. Each step replaces $A$ by $Q^\top A Q$ with an orthogonal $Q$, which has
# the same eigenvalues. Off the diagonal, the entries fade. Numpy's own eigenvalue solvers use this method.
#
# **Conjugate gradients.** To solve $A x = b$ for a positive definite $A$, minimise $\tfrac{1}{2} x^\top A x - b^\top x$. The
# steps go along directions that are *conjugate*, $p^\top A q = 0$. A step along one of them does not spoil what earlier
# steps achieved. So $n$ steps solve a system of $n$ equations, and often far fewer are enough.
#
# **Further reading.** L. N. Trefethen and D. Bau, *Numerical Linear Algebra*, lectures 27, 28 and 38.

# %% [markdown]
# ## Conventions
# - Matrices and vectors are numpy arrays of dtype float64. No function changes its arguments.
# - A bad argument raises `ValueError` with the argument's name in the message. Each docstring lists the cases under Raises.
#   You may refuse more.
# - Exercises may call each other, and you may add helper functions.

# %%
import numpy as np


def _expect_square(A: np.ndarray) -> None:
    """Raise ValueError unless `A` is a square matrix. Use it in your functions."""
    if A.ndim != 2 or A.shape[0] != A.shape[1]:
        raise ValueError(f"A must be a square matrix, got shape {A.shape}")


# %% [markdown]
# ## Predict first
# Answer before you write or run anything: replace each `None`, or type `grade predict section1`, which asks you. A prediction
# earns its points whether it is right or wrong. When your functions work, the same command shows what happens.

# %%
PREDICTIONS = {
    # A symmetric matrix with 20 rows has the eigenvalues 3, 1 and, 18 times, 0.5. Power iteration starts at the eigenvector
    # of 1, as exactly as float64 can store it. On paper, the vector never leaves this axis. What does the estimate do in 100
    # products?
    # Answer: "it stays at 1", "it moves to 3" or "it jumps between them"
    "start_on_the_wrong_axis": None,
    # A positive definite matrix has 40 rows, and only three different eigenvalues: 1, 10 and 100. How many steps of conjugate
    # gradients make the residual smaller than 1e-8 times the first one?
    # Answer: a number, within 1
    "steps_for_three_eigenvalues": None,
}

# %% [markdown]
# ## 1.1 Power iteration
# Multiply, normalise, repeat. The **Rayleigh quotient** estimates the eigenvalue that belongs to a vector:
#
# $$v \leftarrow \frac{A v}{\lVert A v \rVert} \qquad\qquad \lambda \approx \frac{v^\top A v}{v^\top v}$$
#
# When your function works, run `grade plot section1 power_iteration`.


# %%
def power_iteration(A: np.ndarray, start: np.ndarray, num_iters: int) -> tuple[np.ndarray, np.ndarray]:
    """Estimate the eigenvalue of largest absolute value, and its eigenvector, by power iteration.

    Normalise `start` to length 1, which gives the first `v`. Then `num_iters` times: `v <- A v / |A v|`, with the Euclidean
    length. If `A v` is zero, `v` stays: it is an eigenvector of the eigenvalue 0.

    Args:
        A: symmetric matrix (n, n). You need not check the symmetry.
        start: vector (n,), not zero and of any length.
        num_iters: number of products, num_iters >= 0.

    Returns:
        estimates: array (num_iters + 1,). The Rayleigh quotients of `v`, before the first product and after each product. A
            negative eigenvalue has a negative estimate.
        v: array (n,). The last vector, of length 1.

    Raises:
        ValueError: if `A` is not square, if `start` is zero or not of shape (n,), or if `num_iters` is negative. The message
            names the argument.

    Source: Trefethen and Bau, Numerical Linear Algebra (1997), algorithm 27.1.

    Example, by hand:
        >>> A = np.array([[2.0, 1.0], [1.0, 2.0]])  # eigenvalues 3, along (1, 1), and 1, along (1, -1)
        >>> estimates, v = power_iteration(A, np.array([4.0, 0.0]), 1)
        >>> estimates.round(6).tolist()  # (1, 0) gives 2; A (1, 0) = (2, 1) gives (2 * 5 + 1 * 4) / 5
        [2.0, 2.8]
        >>> v.round(4).tolist()  # (2, 1) / sqrt(5)
        [0.8944, 0.4472]
    """
    raise NotImplementedError


# %% [markdown]
# ## 1.2 A step of the QR algorithm
# Factor $A - \sigma I = Q R$ with an orthogonal $Q$ and an upper triangular $R$. Multiply in the other order, and add the
# shift again:
#
# $$A' = R Q + \sigma I = Q^\top A Q$$
#
# The closer the shift $\sigma$ is to an eigenvalue, the faster the last row of $A'$ fades up to its diagonal entry.
#
# A matrix has many QR factorisations: if you change the sign of a column of $Q$ and of the same row of $R$, the product stays.
# With a positive diagonal of $R$, there is only one. `np.linalg.qr` does not promise these signs.


# %%
def qr_step(A: np.ndarray, shift: float) -> np.ndarray:
    """Make one step of the QR algorithm with a shift: `R Q + shift I`, where `Q R = A - shift I`.

    Use the factorisation in which the diagonal of `R` is positive. You may use `np.linalg.qr`, but no eigenvalue solver of numpy.

    Args:
        A: symmetric matrix (n, n). You need not check the symmetry.
        shift: any number that is not an eigenvalue of `A`.

    Returns:
        A new matrix (n, n). It is symmetric up to rounding and has the eigenvalues of `A`.

    Raises:
        ValueError: if `A` is not square; the message names `A`.

    Source: Francis (1961), The QR transformation; Trefethen and Bau (1997), algorithm 28.2.

    Example, by hand:
        >>> A = np.array([[1.0, 1.0], [1.0, 0.0]])
        >>> qr_step(A, 1.0).round(6).tolist()  # A - I = [[0, 1], [1, -1]] = [[0, 1], [1, 0]] [[1, -1], [0, 1]]; R Q + I
        [[0.0, 1.0], [1.0, 1.0]]
    """
    raise NotImplementedError


# %% [markdown]
# ## 1.3 Conjugate gradients
# Start at $x = 0$ with the residual $r = b$ and the direction $p = r$. A step is
#
# $$\alpha = \frac{r^\top r}{p^\top A p} \qquad x \leftarrow x + \alpha p \qquad r' = r - \alpha A p \qquad
# \beta = \frac{r'^\top r'}{r^\top r} \qquad p \leftarrow r' + \beta p$$
#
# and then $r \leftarrow r'$. One product with $A$ per step is enough.


# %%
def conjugate_gradients(A: np.ndarray, b: np.ndarray, num_steps: int) -> np.ndarray:
    """Solve `A x = b` by conjugate gradients from `x = 0`, and return all iterates.

    If the residual is zero, the system is solved: all further iterates are the same.

    Do not use `np.linalg.solve`, `inv`, `pinv` or `lstsq`.

    Args:
        A: symmetric positive definite matrix (n, n). You need not check that it is.
        b: vector (n,).
        num_steps: number of steps, num_steps >= 0.

    Returns:
        Array (num_steps + 1, n). Row 0 is zero, row k the iterate after k steps.

    Raises:
        ValueError: if `A` is not square, if `b` is not of shape (n,), or if `num_steps` is negative. The message names the
            argument.

    Source: Hestenes and Stiefel (1952), Methods of conjugate gradients for solving linear systems.

    Example, by hand:
        >>> A, b = np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([2.0, 2.0])
        >>> conjugate_gradients(A, b, 2).round(6).tolist()  # alpha = 8 / 12; then r = (2, -2) / 3, beta = 1/9, alpha = 3 / 4
        [[0.0, 0.0], [1.333333, 1.333333], [2.0, 1.0]]
    """
    raise NotImplementedError


# %% [markdown]
# ## Reflection
#
# **What does rounding do in power iteration, and what does it do in conjugate gradients? When does it help, when does it harm?**
#
# *Your answer*
