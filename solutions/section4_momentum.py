# %% [markdown]
# # Section 4: Poor conditioning and momentum
#
# Gradient descent uses one learning rate for every direction. That is a problem when the loss bends a thousand times
# more in one direction than in another.
#
# **A bowl and its axes.** Close to a minimum $w^\star$ a smooth loss looks like a quadratic bowl,
#
# $$J(w) \approx J(w^\star) + \tfrac{1}{2}\,(w - w^\star)^\top H\,(w - w^\star).$$
#
# The eigenvectors of the Hessian $H$ are the axes of the bowl. The eigenvalues are the curvatures along
# them, $0 < \mu = \lambda_1 \le \dots \le \lambda_d = L$: large where the walls are steep, small where the floor is
# flat.
#
# **Curvature limits the step.** Along axis $i$, one step of gradient descent multiplies the distance to the minimum by
# $1 - \eta\lambda_i$. It shrinks only if $|1 - \eta\lambda_i| < 1$, that is $0 < \eta < 2/\lambda_i$. All axes share
# one $\eta$, so the *steepest* axis sets the limit, $\eta < 2/L$, and the *flattest* axis becomes slow: its distance is
# multiplied by at least $1 - 2\mu/L$ per step. So the ratio of the curvatures matters, the **condition number**
# $\kappa = L/\mu$. At $\kappa = 1$ the bowl is round and one step is enough. At $\kappa = 1000$ it is a ravine: the
# iterates jump from wall to wall and creep along the floor. Even with the best constant $\eta$, they need about
# $\kappa/2 = 500$ steps to come closer by a factor $e$.
#
# **Velocity helps.** Let the weights move like a heavy ball. Keep a *velocity*, a sum in which older gradients fade
# by a factor $\beta$ per step. Across the ravine the gradients alternate in sign and cancel in the sum. Along the
# floor they agree and add up, to as much as $1 + \beta + \beta^2 + \dots = 1/(1 - \beta)$ times the gradient. The
# best constant $\eta$ and $\beta$ for a quadratic make *every* axis shrink at the same long-run rate,
#
# $$\sqrt{\beta} = \frac{\sqrt{\kappa} - 1}{\sqrt{\kappa} + 1},$$
#
# so that a factor $e$ takes about $\sqrt{\kappa}/2$ steps: 16 instead of 500. The loss of a network is not quadratic,
# and its curvature changes on the path. There $\eta$ and $\beta$ are tuned, often starting from $\beta = 0.9$, but the
# picture of the ravine still explains their effect.
#
# **Further reading.** G. Goh, [Why Momentum Really Works](https://distill.pub/2017/momentum), with interactive figures.

# %% [markdown]
# ## Conventions
# - `params`, `grads` and `velocities` are lists of tensors with matching shapes. A step works **in place** on
#   `params` and `velocities` (the caller's own tensors hold the new values), returns `None`, keeps the dtype, leaves
#   `grads` untouched and builds no autograd graph. Parameters may or may not require grad.
# - `objective` maps a tensor of shape (d,) to a 0-d tensor.
# - Everything works for float32 and float64. A returned float is a Python `float`, not a tensor.
# - A bad argument raises `ValueError` with the argument's name in the message. Each docstring lists the cases under
#   Raises; you may refuse more. A refused call changes nothing.
# - Exercises may call each other, and you may add helper functions. Importing this file must not run anything else.

# %%
import math
from collections.abc import Callable

import torch
from torch import Tensor

# %% [markdown]
# ## 4.1 How narrow is the ravine?
# Compare the steepest curvature with the flattest. For a symmetric positive definite Hessian, that is
#
# $$\kappa(H) = \frac{\lambda_{\max}(H)}{\lambda_{\min}(H)} \ge 1.$$


# %%
def condition_number(hessian: Tensor) -> float:
    """Compute the condition number of a symmetric positive definite matrix, `lambda_max / lambda_min`.

    It has no unit and does not change when the loss is rescaled. 1 is a round bowl, 1000 a narrow ravine.

    Args:
        hessian: (d, d) matrix, symmetric up to rounding: `hessian` and its transpose differ by no more than 1e-6 times
            the largest absolute entry. Not changed.

    Returns:
        The ratio of the largest to the smallest eigenvalue, a Python float.

    Raises:
        ValueError: if `hessian` is not square, not symmetric or not positive definite; the message names `hessian`.

    Source: Goh, Why Momentum Really Works (2017); `torch.linalg.eigvalsh` for the eigenvalues.

    Example, by hand:
        >>> H = torch.tensor([[2.0, 1.0], [1.0, 2.0]])  # H (1, 1) = 3 (1, 1) and H (1, -1) = 1 (1, -1)
        >>> round(condition_number(H), 6)  # 3 / 1
        3.0
    """
    ### BEGIN SOLUTION
    if hessian.ndim != 2 or hessian.shape[0] != hessian.shape[1]:
        raise ValueError(f"hessian must be a square matrix, got shape {tuple(hessian.shape)}")
    # In float64, because the relative error of the smallest eigenvalue is kappa times the rounding error.
    matrix = hessian.detach().double()
    # "not <=" also refuses a NaN.
    if not (matrix - matrix.mT).abs().max() <= 1e-6 * matrix.abs().max():
        raise ValueError("hessian must be symmetric")
    eigenvalues = torch.linalg.eigvalsh(matrix)  # in ascending order
    if eigenvalues[0] <= 0:
        raise ValueError(f"hessian must be positive definite, but has the eigenvalue {float(eigenvalues[0]):g}")
    return float(eigenvalues[-1] / eigenvalues[0])
    ### END SOLUTION


# %% [markdown]
# ## 4.2 How large a step is too large?
# Along an axis of curvature $\lambda$ the distance to the minimum is multiplied by $1 - \eta\lambda$ per step of
# gradient descent. Just below $\eta = 2/\lambda$ it changes sign and shrinks, just above it changes sign and grows. The
# steepest axis diverges first:
#
# $$\eta_{\max} = \frac{2}{\lambda_{\max}(H)}.$$


# %%
def max_stable_lr(hessian: Tensor) -> float:
    """Compute the learning rate up to which gradient descent on a quadratic is stable, `2 / lambda_max`.

    Below this learning rate, gradient descent converges from every starting point; above it, it diverges from almost
    every point.

    Args:
        hessian: (d, d) matrix, symmetric up to rounding as in `condition_number`. Not changed.

    Returns:
        The largest stable learning rate, a Python float. Its unit is one over that of the curvature.

    Raises:
        ValueError: if `hessian` is not square, not symmetric or not positive definite; the message names `hessian`.

    Source: Goh, Why Momentum Really Works (2017), "First Steps: Gradient Descent".

    Example, by hand:
        >>> H = torch.tensor([[1.0, 0.0], [0.0, 4.0]])  # curvatures 1 and 4: the steeper axis decides
        >>> round(max_stable_lr(H), 6)  # 2 / 4
        0.5
    """
    ### BEGIN SOLUTION
    condition_number(hessian)  # raises the same errors
    return 2 / float(torch.linalg.eigvalsh(hessian.detach().double())[-1])
    ### END SOLUTION


# %% [markdown]
# ## 4.3 The heavy ball
# Add the new gradient $g$ to the faded velocity, then move by the velocity. The order matters.
#
# $$v \leftarrow \beta v + g \qquad\qquad w \leftarrow w - \eta\, v$$
#
# Some textbooks keep the learning rate inside the velocity, $v \leftarrow \beta v - \eta g$ and $w \leftarrow w + v$.
# With a constant $\eta$ the weights are the same, but the velocities are not, and the paths differ when $\eta$ changes.
# Here we keep it outside, like PyTorch.


# %%
def momentum_step(params: list[Tensor], grads: list[Tensor], velocities: list[Tensor], lr: float, beta: float) -> None:
    """Take one step of the heavy-ball method, in place.

    For each weight tensor `w` with gradient `g` and velocity `v`: first `v <- beta * v + g`, then `w <- w - lr * v`.
    Add the whole gradient, not weighted by `1 - beta`; the learning rate is not part of the velocity. Write the rule
    yourself, with arithmetic on tensors: do not use `torch.optim`.

    Args:
        params: weights, tensors of any shapes; changed in place.
        grads: one gradient per weight tensor, same shapes; not changed.
        velocities: one velocity per weight tensor, same shapes, zero before the first step; changed in place, because
            the next step starts from them.
        lr: learning rate, lr >= 0.
        beta: momentum, 0 <= beta < 1; 0 is gradient descent.

    Raises:
        ValueError: if `lr < 0`, or if `beta` is outside [0, 1); the message names `lr` or `beta`.

    Source: Polyak (1964), Some methods of speeding up the convergence of iteration methods; in the convention of
    `torch.optim.SGD(..., momentum=beta)`.

    Example, by hand:
        >>> w, v, g = torch.tensor([2.0]), torch.tensor([1.0]), torch.tensor([4.0])
        >>> momentum_step([w], [g], [v], lr=0.1, beta=0.5)
        >>> v, w  # 0.5 * 1 + 4 = 4.5, then 2 - 0.1 * 4.5 = 1.55
        (tensor([4.5000]), tensor([1.5500]))
    """
    ### BEGIN SOLUTION
    if not lr >= 0:
        raise ValueError(f"lr must be at least 0, got {lr}")
    if not 0 <= beta < 1:
        raise ValueError(f"beta must be in [0, 1), got {beta}")
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * v)
    ### END SOLUTION


# %% [markdown]
# ## 4.4 Looking ahead
# The heavy ball notices a wall only when it is on it. Nesterov's idea: the velocity carries us on anyway, so take the
# gradient at the point *ahead*, and brake earlier. If `params` hold that point ahead, the step is
#
# $$v \leftarrow \beta v + g \qquad\qquad w \leftarrow w - \eta\,(g + \beta v)$$
#
# with the new $v$ in the second formula. Only the line for the weights differs from the heavy ball.


# %%
def nesterov_step(params: list[Tensor], grads: list[Tensor], velocities: list[Tensor], lr: float, beta: float) -> None:
    """Take one step of Nesterov's accelerated gradient, in place.

    For each weight tensor `w` with gradient `g` and velocity `v`: first `v <- beta * v + g`, then
    `w <- w - lr * (g + beta * v)`, where `v` is already the new velocity. As in `momentum_step`, do not use `torch.optim`.

    Args:
        params: weights, tensors of any shapes; changed in place.
        grads: one gradient per weight tensor, same shapes, taken at `params`; not changed.
        velocities: one velocity per weight tensor, same shapes, zero before the first step; changed in place.
        lr: learning rate, lr >= 0.
        beta: momentum, 0 <= beta < 1; 0 is gradient descent.

    Raises:
        ValueError: if `lr < 0`, or if `beta` is outside [0, 1); the message names `lr` or `beta`.

    Source: Nesterov (1983), A method of solving a convex programming problem with convergence rate O(1/k^2); in the
    convention of `torch.optim.SGD(..., momentum=beta, nesterov=True)`.

    Example, by hand:
        >>> w, v, g = torch.tensor([2.0]), torch.tensor([1.0]), torch.tensor([4.0])
        >>> nesterov_step([w], [g], [v], lr=0.1, beta=0.5)
        >>> v, w  # 0.5 * 1 + 4 = 4.5, then 2 - 0.1 * (4 + 0.5 * 4.5) = 1.375
        (tensor([4.5000]), tensor([1.3750]))
    """
    ### BEGIN SOLUTION
    if not lr >= 0:
        raise ValueError(f"lr must be at least 0, got {lr}")
    if not 0 <= beta < 1:
        raise ValueError(f"beta must be in [0, 1), got {beta}")
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * (g + beta * v))
    ### END SOLUTION


# %% [markdown]
# ## 4.5 The best heavy ball
# If all curvatures lie between $\mu$ and $L$, the fastest constant learning rate and momentum are known in closed form:
#
# $$\eta = \left(\frac{2}{\sqrt{L} + \sqrt{\mu}}\right)^2 \qquad\qquad
# \beta = \left(\frac{\sqrt{\kappa} - 1}{\sqrt{\kappa} + 1}\right)^2, \quad \kappa = \frac{L}{\mu}$$
#
# The flattest and the steepest axis are then critically damped, between creeping and swinging; all others swing, and
# every distance shrinks by about $\sqrt{\beta}$ per step. For a large $\kappa$, this learning rate is almost $4/L$:
# twice the limit of gradient descent.


# %%
def optimal_heavy_ball(mu: float, L: float) -> tuple[float, float]:
    """Compute the learning rate and the momentum that make the heavy ball fastest on a quadratic.

    `lr = (2 / (sqrt(L) + sqrt(mu)))^2` and `beta = ((sqrt(kappa) - 1) / (sqrt(kappa) + 1))^2` with `kappa = L / mu`.

    Args:
        mu: smallest curvature (eigenvalue of the Hessian), mu > 0.
        L: largest curvature, L >= mu. If they are equal, the momentum is 0 and `lr` is `1 / L`.

    Returns:
        `(lr, beta)`, two Python floats: the learning rate, in units of one over the curvature, and the momentum.

    Raises:
        ValueError: if `mu <= 0`, or if `L < mu`; the message names `mu` or `L`.

    Source: Polyak (1964), Some methods of speeding up the convergence of iteration methods.

    Example, by hand:
        >>> optimal_heavy_ball(4.0, 36.0)  # kappa = 9: lr = (2 / (6 + 2))^2, beta = ((3 - 1) / (3 + 1))^2
        (0.0625, 0.25)
    """
    ### BEGIN SOLUTION
    if not mu > 0:
        raise ValueError(f"mu must be greater than 0, got {mu}")
    if not mu <= L:
        raise ValueError(f"L must be at least mu = {mu}, got {L}")
    root_kappa = math.sqrt(L / mu)
    lr = (2 / (math.sqrt(L) + math.sqrt(mu))) ** 2
    beta = ((root_kappa - 1) / (root_kappa + 1)) ** 2
    return lr, beta
    ### END SOLUTION


# %% [markdown]
# ## 4.6 Rolling downhill
# Put it together: start at $w_0$ with velocity $v_0 = 0$, and record the path of the ball.
#
# $$v_{t+1} = \beta v_t + \nabla J(w_t) \qquad\qquad w_{t+1} = w_t - \eta\, v_{t+1}$$


# %%
def minimize_with_momentum(
    objective: Callable[[Tensor], Tensor], w0: Tensor, lr: float, beta: float, num_steps: int
) -> Tensor:
    """Minimise an objective with the heavy ball and return the whole trajectory.

    The velocity starts at zero. Each step takes the gradient at the current weights, by autograd, and then makes one
    `momentum_step`. Do not use `torch.optim`.

    Args:
        objective: maps weights of shape (d,) to a 0-d tensor, differentiable by autograd.
        w0: (d,) starting point; not changed. It may or may not require grad.
        lr: learning rate, lr >= 0.
        beta: momentum, 0 <= beta < 1.
        num_steps: number of steps, num_steps >= 0.

    Returns:
        (num_steps + 1, d) tensor in the dtype of `w0`, with no autograd graph. Row 0 is `w0`, row t the weights after t
        steps.

    Raises:
        ValueError: if `lr < 0`, if `beta` is outside [0, 1), or if `num_steps < 0`, also with zero steps; the message
            names `lr`, `beta` or `num_steps`.

    Source: Polyak (1964), Some methods of speeding up the convergence of iteration methods; `torch.autograd.grad` for
    the gradient.

    Example, by hand:
        >>> trajectory = minimize_with_momentum(lambda w: (w**2).sum(), torch.tensor([1.0]), 0.1, 0.5, num_steps=2)
        >>> trajectory[:, 0]  # v = 2, w = 1 - 0.2 = 0.8;  then v = 0.5 * 2 + 1.6 = 2.6, w = 0.8 - 0.26 = 0.54
        tensor([1.0000, 0.8000, 0.5400])
    """
    ### BEGIN SOLUTION
    if num_steps < 0:
        raise ValueError(f"num_steps must be at least 0, got {num_steps}")
    momentum_step([], [], [], lr, beta)  # checks lr and beta, also when num_steps is 0
    w = w0.detach().clone().requires_grad_()
    velocity = torch.zeros_like(w)
    trajectory = [w.detach().clone()]
    for _ in range(num_steps):
        (grad,) = torch.autograd.grad(objective(w), w)
        momentum_step([w], [grad], [velocity], lr, beta)
        trajectory.append(w.detach().clone())
    return torch.stack(trajectory)
    ### END SOLUTION
