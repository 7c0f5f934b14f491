# %% [markdown]
# # Section 4: Poor conditioning and momentum
#
# Gradient descent uses one learning rate for every direction. That is a problem when the loss bends a thousand times
# more in one direction than in another.
#
# **Time:** about 180 minutes: 30 to read and predict, 120 to write the functions, 30 for the pictures and the reflection.
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
# so that a factor $e$ takes about $\sqrt{\kappa}/2$ steps: 16 instead of 500. This pair trades swing for speed: at first
# it swings farther across the ravine than gradient descent does.
#
# **Networks.** The loss of a network is not quadratic, and its curvature changes on the path. There $\eta$ and $\beta$
# are tuned, often starting from $\beta = 0.9$. The largest curvature at a point, the **sharpness**, still limits the
# step, and you can compute it without the Hessian (4.3).
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
import gzip
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits


def _check_rates(lr: float, beta: float) -> None:
    """Raise ValueError unless `lr >= 0` and `0 <= beta < 1`. Use it in your functions, or write your own checks."""
    if not lr >= 0:
        raise ValueError(f"lr is {lr}: it must be 0 or more")
    if not 0 <= beta < 1:
        raise ValueError(f"beta is {beta}: it must be in [0, 1)")


# %% [markdown]
# ## Predict first
# Answer before you write or run anything: replace each `None`, or type `grade predict section4`, which asks you. A
# prediction earns its points whether it is right or wrong. When your functions work, the same command shows what happens.

# %%
PREDICTIONS = {
    # A ravine has the curvatures 1 and 25. Gradient descent with the learning rate 0.072 needs 62 steps to come within 1 %
    # of its first distance to the minimum. How many steps are needed with the same learning rate and momentum 0.5?
    # Answer: a number, within 5
    "steps_with_momentum": 40,
    # In this ravine, gradient descent diverges above the learning rate 2 / 25 = 0.08. With momentum 0.9, a step can become ten
    # times as long as the newest gradient alone would make it. Above which learning rate does the heavy ball diverge?
    # Answer: a number, within 0.02
    "largest_lr_with_momentum": 0.008,
    # A small network learns 100 digits by gradient descent with the learning rate 0.6. A bowl would be stable up to the
    # curvature 2 / 0.6 = 3.3. At the start, the network's largest curvature (its sharpness) is 1.6. And after 800 steps?
    # Answer: "it falls below 1", "it stays near 1.6", "it rises to about 3.3" or "it rises far above 3.3"
    "sharpness_in_training": "it falls below 1",
}

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
#
# When your function works, run `grade plot section4 max_stable_lr`: the first picture compares the formula with runs.


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
# ## 4.3 The sharpness of a network
# A network with a million weights has a Hessian with $10^{12}$ entries: too many to store. Yet its largest eigenvalue,
# the sharpness, costs only a few gradients. Two ideas are enough.
#
# **Hessian times vector.** The gradient $g(w)$ is itself a function of the weights. The derivative of the number
# $g(w) \cdot v$, with $v$ constant, is $H v$. So take the gradient once and keep its graph; then each product $H v$
# costs one more call of autograd.
#
# **Power iteration.** Multiply a random vector by $H$ again and again. In each product, its part along the steepest
# axis grows the most, so the vector turns towards that axis. Normalise it before each product, or its numbers overflow.
# The Rayleigh quotient then gives the curvature along $v$:
#
# $$v \leftarrow \frac{H v}{\lVert H v \rVert} \qquad\qquad \lambda \approx \frac{v \cdot H v}{v \cdot v}$$
#
# All parameters together are *one* vector: the dot products and the norm sum over all tensors of the list.
#
# **What it is good for.** `max_stable_lr` of a bowl is $2/\lambda_{\max}$. For a network, sharpness changes during
# training, and it does something surprising. Full-batch gradient descent usually moves to regions that are *sharper and
# sharper*, until the sharpness is about $2/\eta$. There it hovers: a sharper point would throw the iterates out. The
# learning rate chooses how sharp the solution may be (Cohen et al. 2021 call this the *edge of stability*). When your
# function works, run `grade plot section4 sharpness`.


# %%
def sharpness(loss_fn: Callable[[], Tensor], params: list[Tensor], num_iters: int, generator: torch.Generator) -> float:
    """Compute the largest eigenvalue of the Hessian of a loss by power iteration, without forming the Hessian.

    Start from a Gaussian vector, one number per weight. In each iteration, normalise the vector `v` and multiply it by the
    Hessian `H`: the derivative of the sum of `gradient * v` over all weights is `H v`. The result is the Rayleigh quotient
    `(v . H v) / (v . v)` of the last iteration. The vector spans *all* tensors of `params` together.

    Power iteration finds the eigenvalue with the largest absolute value. So the result is the largest eigenvalue only if no
    negative one is larger in absolute value.

    Do not use `torch.func.hessian`, `torch.autograd.functional.hessian` or an eigenvalue solver: they need the whole Hessian.

    Args:
        loss_fn: takes no argument and returns the loss, a 0-d tensor, at the values that `params` hold at the call. It can
            be differentiated twice.
        params: the tensors that `loss_fn` reads, of any shapes and of one dtype. They require grad. Neither they nor their
            `.grad` change.
        num_iters: number of products with the Hessian, num_iters >= 1.
        generator: source of the Gaussian start; the same generator state gives the same result.

    Returns:
        The Rayleigh quotient, a Python float. Its unit is that of the loss over that of the weights squared. It is 0.0 if
        the Hessian is zero.

    Raises:
        ValueError: if `num_iters < 1`; the message names `num_iters`.

    Source: Pearlmutter (1994), Fast exact multiplication by the Hessian; Cohen et al. (2021), Gradient Descent on Neural
    Networks Typically Occurs at the Edge of Stability, arXiv:2103.00065.

    Example, by hand:
        >>> w, b = torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor(3.0, requires_grad=True)
        >>> loss = lambda: w[0] ** 2 + 2 * w[1] ** 2 + 5 * b**2  # curvatures 2, 4 and 10: b is the steepest
        >>> round(sharpness(loss, [w, b], num_iters=50, generator=torch.Generator().manual_seed(0)), 4)
        10.0
    """
    ### BEGIN SOLUTION
    if num_iters < 1:
        raise ValueError(f"num_iters must be at least 1, got {num_iters}")
    slopes = torch.autograd.grad(loss_fn(), params, create_graph=True)
    vector = [torch.randn(p.shape, generator=generator, dtype=p.dtype) for p in params]
    quotient = 0.0
    for _ in range(num_iters):
        length = math.sqrt(sum(float((v * v).sum()) for v in vector))
        if length == 0:
            return 0.0
        vector = [v / length for v in vector]
        along = torch.stack([(g * v).sum() for g, v in zip(slopes, vector, strict=True)]).sum()
        if not along.requires_grad:  # a loss without curvature
            return 0.0
        product = torch.autograd.grad(along, params, retain_graph=True, materialize_grads=True)
        quotient = sum(float((v * h).sum()) for v, h in zip(vector, product, strict=True))
        vector = list(product)
    return quotient
    ### END SOLUTION


# %% [markdown]
# ## 4.4 The heavy ball
# Add the new gradient $g$ to the faded velocity, then move by the velocity. The order matters.
#
# $$v \leftarrow \beta v + g \qquad\qquad w \leftarrow w - \eta\, v$$
#
# Some textbooks keep the learning rate inside the velocity, $v \leftarrow \beta v - \eta g$ and $w \leftarrow w + v$.
# With a constant $\eta$ the weights are the same, but the velocities are not, and the paths differ when $\eta$ changes.
# Here we keep it outside, like PyTorch. Still other texts *average*, $v \leftarrow \beta v + (1 - \beta)\, g$, which is
# an **exponential moving average** of the gradients; their $\eta$ must be $1/(1 - \beta)$ times ours for the same path.
#
# When your function works, run `grade plot section4 momentum_step`. The picture of the velocity shows how much of the
# gradients survives in the sum, along the floor and across it. The plane of $\eta$ and $\beta$ shows which pairs are
# stable. So momentum helps in two ways: with the same $\eta$ the ball moves faster along the floor (with 0.5, it also swings
# less), and a larger $\eta$ is stable, up to $2(1 + \beta)/L$ instead of $2/L$.


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
    _check_rates(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * v)
    ### END SOLUTION


# %% [markdown]
# ## 4.5 Looking ahead
# The heavy ball notices a wall only when it is on it. Nesterov's idea: the velocity carries us on anyway, so take the
# gradient at the point *ahead*, and brake earlier. If `params` hold that point ahead, the step is
#
# $$v \leftarrow \beta v + g \qquad\qquad w \leftarrow w - \eta\,(g + \beta v)$$
#
# with the new $v$ in the second formula. Only the line for the weights differs from the heavy ball.
#
# **Which point do `params` hold?** Textbooks keep two points: the iterate $x$, and the point $y$ ahead of it, at which
# they take the gradient,
#
# $$x_{t+1} = y_t - \eta\, \nabla J(y_t) \qquad\qquad y_{t+1} = x_{t+1} + \beta\, (x_{t+1} - x_t).$$
#
# Our `params` are the point $y$, so that the gradient at `params` is the one to use, and the velocity holds the way from
# one iterate to the next, $x_{t+1} - x_t = -\eta v$. The iterate is $x = w + \eta \beta v$: a little behind `params`.
# Both agree at the minimum, where the velocity is zero.


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
    _check_rates(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * (g + beta * v))
    ### END SOLUTION


# %% [markdown]
# ## 4.6 The best heavy ball
# If all curvatures lie between $\mu$ and $L$, the fastest constant learning rate and momentum are known in closed form:
#
# $$\eta = \left(\frac{2}{\sqrt{L} + \sqrt{\mu}}\right)^2 \qquad\qquad
# \beta = \left(\frac{\sqrt{\kappa} - 1}{\sqrt{\kappa} + 1}\right)^2, \quad \kappa = \frac{L}{\mu}$$
#
# The flattest axis is then critically damped (as fast as it can be without a swing): less momentum makes it creep, more
# makes it swing. On the steepest axis the distance changes sign at every step, on others less often. In the long run each
# distance shrinks by the factor $\sqrt{\beta}$ per step. For a large $\kappa$, this learning rate is almost $4/L$: twice the
# limit of gradient descent. The price is swing: in the picture of the ravine ($\kappa = 25$), the steep axis first swings
# from 1.5 out to 2.9, and this pair still arrives first.


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
# ## 4.7 Rolling downhill
# Put it together: start at $w_0$ with velocity $v_0 = 0$, and record the path of the ball.
#
# $$v_{t+1} = \beta v_t + \nabla J(w_t) \qquad\qquad w_{t+1} = w_t - \eta\, v_{t+1}$$
#
# Now run `grade plot section4`. In the picture of the ravine, compare the first two panels: the learning rate is the
# same, and momentum 0.5 arrives in 25 steps instead of 62 *and* swings less.


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
    _check_rates(lr, beta)  # also when num_steps is 0
    w = w0.detach().clone().requires_grad_()
    velocity = torch.zeros_like(w)
    trajectory = [w.detach().clone()]
    for _ in range(num_steps):
        (grad,) = torch.autograd.grad(objective(w), w)
        momentum_step([w], [grad], [velocity], lr, beta)
        trajectory.append(w.detach().clone())
    return torch.stack(trajectory)
    ### END SOLUTION


# %% [markdown]
# ## 4.8 Choose a learning rate and a momentum
# Real losses are ravines, too, often because their inputs are correlated. Take the threes and eights among the first
# 4000 images of MNIST, and describe each image by two numbers: the ink in its left half and the ink in its right half. A
# classifier with two weights says "eight" with probability $\sigma(w_1 \cdot \text{left} + w_2 \cdot \text{right})$.
# This is a slice through the empirical risk of a network: all pixels of a half share one weight. A bold digit has much
# ink in both halves, so changing both weights together changes the risk a lot, and changing them against each other
# hardly at all. At the minimum, the condition number is about 260.
#
# `_two_weight_risk` below is that risk. Experiment with it and your functions, for example
#
# ```python
# path = minimize_with_momentum(_two_weight_risk, torch.tensor([-2.0, 2.0], dtype=torch.float64), 1.0, 0.5, 100)
# float(_two_weight_risk(path[-1]))
# ```
#
# (Run it from the folder of the course, where `data` is.) Keep experiments out of this file, or below
# `if __name__ == "__main__":`, then write down the pair that you found. The smallest possible risk is 0.5213. With
# $\beta = 0$, no learning rate comes within 0.01 of it in 100 steps from all four corners $(\pm 2, \pm 2)$.


# %%
@cache
def _threes_and_eights() -> tuple[Tensor, Tensor]:
    """Load the ink in the left and right halves of the images, (n, 2), and 1 for an eight or 0 for a three, (n,)."""
    count, rows = 4000, 28
    folders = [folder / "data" / "MNIST" / "raw" for folder in (Path.cwd(), *Path.cwd().parents)]
    raw = next(folder for folder in folders if folder.is_dir())
    with gzip.open(raw / "train-images-idx3-ubyte.gz") as file:
        pixels = torch.frombuffer(bytearray(file.read(16 + count * rows * rows)[16:]), dtype=torch.uint8)
    with gzip.open(raw / "train-labels-idx1-ubyte.gz") as file:
        labels = torch.frombuffer(bytearray(file.read(8 + count)[8:]), dtype=torch.uint8)
    halves = pixels.double().reshape(count, rows, 2, rows // 2).sum((1, 3)) / (255 * rows)
    chosen = (labels == 3) | (labels == 8)
    return halves[chosen], (labels[chosen] == 8).double()


def _two_weight_risk(w: Tensor) -> Tensor:
    """Compute the empirical risk of the two-weight classifier, mean cross-entropy: (2,) float64 weights to a 0-d tensor."""
    ink, is_eight = _threes_and_eights()
    return binary_cross_entropy_with_logits(ink @ w, is_eight)


# %%
def choose_momentum() -> tuple[float, float]:
    """Return a learning rate and a momentum for the two-weight risk, found by your own experiments.

    The grader runs its own heavy ball of 4.4 with your pair: 100 steps on `_two_weight_risk`, from velocity zero and from
    starts in the square [-2, 2] x [-2, 2] that you do not see. From each of them, the risk after the last step must be within
    0.01 of the smallest possible risk. Many pairs do this; you need not find the best one.

    Returns:
        `(lr, beta)`, two Python floats with lr >= 0 and 0 <= beta < 1. Write the numbers down: the function has no data.

    Source: Goh, Why Momentum Really Works (2017), for how to tune the two together.

    Example, by hand:
        >>> lr, beta = choose_momentum()
        >>> lr > 0 and 0 < beta < 1
        True
    """
    ### BEGIN SOLUTION
    return 1.0, 0.8
    ### END SOLUTION


# %% [markdown]
# ## Reflection
# Answer in two or three sentences each, below the question.
#
# **Why does momentum help in a ravine, and why does it help little on a round bowl?**
#
# *Your answer*
#
# **The best pair of 4.6 swings farther across the ravine than gradient descent, yet it arrives first. Why?**
#
# *Your answer*
