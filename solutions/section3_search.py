# %% [markdown]
# # Section 3: High-dimensional search
#
# **Time:** about 170 minutes: 30 to read and predict, 110 to write the functions, 30 for the pictures and the reflection.
#
# Training a network means finding the lowest point of a landscape with one coordinate per weight. The MLP of section 2
# has 7,960 of them. Such a landscape cannot be drawn. We have only a point $w$, and can evaluate the height $J(w)$
# there. How do you find the way down?

# %% [markdown]
# ## Predict first
# Answer before you read on or run anything: replace each `None`, or type `grade predict section3`, which asks you. A
# prediction earns its points whether it is right or wrong. When your functions work, the same command shows what happens.

# %%
PREDICTIONS = {
    # A grid search tries 3 values of each weight, in all combinations. For 4 weights it takes one second. How many seconds
    # does it take for 8 weights, if an evaluation takes as long as before?
    # Answer: a number, within 10 %
    "grid_of_twice_the_weights": 2,
    # A classifier of small digits has 1,970 weights. A move of length 0.1 straight down the slope changes its loss by -0.18.
    # You try 200 random moves of the same length. What is the change in loss of the best of them?
    # Answer: a number, within 0.01
    "best_random_move": -0.1,
    # You measure a slope from two evaluations at the distance eps to either side, in float64. With eps = 1e-4 the error is
    # about 1e-9. And with eps = 1e-12?
    # Answer: "the error is far smaller", "the error is about the same" or "the error is far larger"
    "error_of_a_tiny_eps": "the error is far smaller",
}

# %% [markdown]
# ## Three ways to search
# **Look everywhere.** Lay a grid over the landscape and evaluate every point of it. With $m$ points per axis these are
# $m^d$ points. For two weights and $m = 10$ that is 100 evaluations. Each further weight costs ten times as much: for
# eight weights it is a hundred million, and for 80 weights it is as many as there are atoms in the universe. This is the
# **curse of dimensionality**: the cost is exponential in $d$.
#
# **Blind search.** Take a step of length $s$ in a random direction. If it leads down, stay there, otherwise go back. In
# one dimension this works well: half of the steps lead down. In two dimensions it still works. The cost no longer grows
# exponentially, but a step becomes worse and worse. For a short step, the change in height depends on the angle $\varphi$
# between the step and the gradient,
#
# $$J(w + s\,u) \approx J(w) + s\,\|\nabla J(w)\|\,\cos\varphi, \qquad \|u\| = 1.$$
#
# No direction is better than $u = -\nabla J / \|\nabla J\|$, where $\cos\varphi = -1$. How good is a random $u$? The
# squares of the $d$ cosines between $u$ and the axes sum to 1, and all axes are equal, so each square is $1/d$ on
# average. A typical $|\cos\varphi|$ is therefore $1/\sqrt{d}$: **in high dimension almost every direction is almost at
# right angles to the gradient.** If half of the steps are refused, the mean descent per step is about
# $s\,\|\nabla J\| / \sqrt{2\pi d}$. At $d = 7960$ this is 0.45 % of the descent of the best step of the same length.
#
# **Why it is even worse.** The landscape is curved, and the valley rises on all sides. A step of length $s$ gains in
# proportion to $s/\sqrt{d}$ and loses in proportion to $s^2$, so only very short steps gain anything.
#
# **Measure the slope.** Two evaluations per weight measure every slope, and the slopes give the best direction. This
# costs 15,920 evaluations for one step, but it makes progress. Automatic differentiation makes it cheap: the backward
# pass gives *all* slopes together for the price of a few evaluations, for any $d$. Then walk downhill:
#
# $$w_{t+1} = w_t - \eta\, \nabla J(w_t).$$
#
# **How far to walk.** Along an axis of a bowl with curvature $\lambda$, the distance to the minimum is multiplied by
# $1 - \eta\lambda$ per step. If the largest curvature is $L$, then every step with $0 < \eta < 2/L$ leads down. Section 4
# explains what happens when the curvatures differ a lot.
#
# **Where the walk ends.** Downhill steps stop where the gradient is zero. In a bowl that is the minimum. In a landscape
# with several valleys it may be a **local minimum**: lower than all points around it, but not the lowest of all. It may
# even be a **saddle**, which rises in some directions and falls in others. Section 5 asks why this does little harm to
# large networks.
#
# **Further reading.** J. C. Spall, *Introduction to Stochastic Search and Optimization* (2003), chapter 2, for random
# search; A. G. Baydin et al., [Automatic Differentiation in Machine Learning: a
# Survey](https://arxiv.org/abs/1502.05767) (2018), for the price of a gradient.

# %% [markdown]
# ## Conventions
# - `objective` maps a tensor of shape (d,) to a 0-d tensor. It is all that you know about the landscape. Where
#   evaluations count, the docstring says how many are allowed.
# - Weights `w` and `w0` are never modified. Results have their dtype, except where a docstring says otherwise.
# - `params` and `grads` are lists of tensors with matching shapes. A step works **in place** on `params` (the caller's
#   own tensors hold the new values), returns `None`, keeps the dtype, leaves `grads` untouched and builds no autograd
#   graph. Parameters may or may not require grad.
# - All randomness comes from `generator`. The global random state of torch stays as it is.
# - Everything works for float32 and float64.
# - A bad argument raises `ValueError` with the argument's name in the message. Each docstring lists the cases under
#   Raises; you may refuse more. A refused call changes nothing.
# - Exercises may call each other, and you may add helper functions. Importing this file must not run anything else.

# %%
import itertools
import math
from collections.abc import Callable

import torch
from torch import Tensor


def _check_not_negative(**numbers: float) -> None:
    """Raise ValueError for the first number below 0, with its name. Use it, for example `_check_not_negative(lr=lr)`."""
    for name, number in numbers.items():
        if not number >= 0:
            raise ValueError(f"{name} is {number}: it must be 0 or more")


# %% [markdown]
# ## 3.1 Look everywhere
# A regular grid has $m$ evenly spaced values on each axis, from `low` to `high` with both ends included. Its points are
# all combinations of these values, $m^d$ in all:
#
# $$\hat w = \operatorname{argmin}_{w \in G} J(w), \qquad G = \{a_1, \dots, a_m\}^d, \qquad
# a_i = \text{low} + \frac{i - 1}{m - 1}\,(\text{high} - \text{low}).$$
#
# One point per axis means the middle. Take the points in *row-major* order: the last coordinate changes fastest, like
# the last digit of a counter.
#
# An objective may be NaN somewhere, for example after an overflow. **No number is above, below or equal to NaN**: both
# `nan < 1` and `nan >= 1` are false. So ask of each comparison what it does with a NaN, on either side.
#
# This exercise also asks you to write the checks of its arguments yourself. Elsewhere in this section, use
# `_check_not_negative`.


# %%
def grid_search(
    objective: Callable[[Tensor], Tensor], low: float, high: float, points_per_axis: int, dim: int
) -> tuple[Tensor, int]:
    """Find the best point of the regular grid over `[low, high]` in each of `dim` dimensions.

    The objective is evaluated exactly once at each of the `points_per_axis ** dim` points. Of equally good points, the first
    in row-major order is the best. A value of NaN is never the best: even plus infinity is better. (What you return if all
    values are NaN is up to you.)

    Args:
        objective: maps weights of shape (dim,), float64, to a 0-d tensor.
        low: the smallest value on every axis.
        high: the largest value on every axis, high >= low.
        points_per_axis: number of values on each axis, points_per_axis >= 1. Both ends are among them; a single value is
            the middle of `low` and `high`.
        dim: number of dimensions, dim >= 1.

    Returns:
        `(w, evaluations)`: the best point, a (dim,) tensor in float64, and how often the objective was evaluated, an int.

    Raises:
        ValueError: if `points_per_axis < 1`, `dim < 1` or `high < low`; the message names `points_per_axis`, `dim` or
            `high`.

    Source: Bellman (1957), Dynamic Programming: its preface gives the curse of dimensionality its name.

    Example, by hand:
        >>> J = lambda w: (w[0] - 0.9) ** 2 + (w[1] + 0.2) ** 2  # the lowest point is (0.9, -0.2)
        >>> grid_search(J, low=-1.0, high=1.0, points_per_axis=3, dim=2)  # nearest of -1, 0, 1 to each; 3 * 3 points
        (tensor([1., 0.], dtype=torch.float64), 9)
    """
    ### BEGIN SOLUTION
    if points_per_axis < 1:
        raise ValueError(f"points_per_axis must be at least 1, got {points_per_axis}")
    if dim < 1:
        raise ValueError(f"dim must be at least 1, got {dim}")
    if not low <= high:
        raise ValueError(f"high must not be below low, got low {low} and high {high}")
    axis = [(low + high) / 2]
    if points_per_axis > 1:
        axis = torch.linspace(low, high, points_per_axis, dtype=torch.float64).tolist()
    best, lowest, evaluations = torch.empty(0), math.nan, 0
    for coordinates in itertools.product(axis, repeat=dim):
        w = torch.tensor(coordinates, dtype=torch.float64)
        value = float(objective(w))
        evaluations += 1
        if value < lowest or math.isnan(lowest):
            best, lowest = w, value
    return best, evaluations
    ### END SOLUTION


# %% [markdown]
# ## 3.2 Any direction
# A direction is a point on the unit sphere, and all directions should be equally likely. Numbers that are uniform in
# $[-1, 1]$ fill a cube, and a cube has corners: directions towards them are too frequent. Independent normal numbers
# have no corners, because their joint density depends only on the length,
#
# $$p(z) \propto e^{-z_1^2/2} \cdots e^{-z_d^2/2} = e^{-\|z\|^2/2}, \qquad u = \frac{z}{\|z\|}.$$
#
# For a large $d$ the length $\|z\|$ is near $\sqrt{d}$, but it is random: divide by the length itself.


# %%
def random_direction(dim: int, generator: torch.Generator) -> Tensor:
    """Draw a direction, uniform on the unit sphere in `dim` dimensions.

    Uniform means that all directions are equally likely: no axis and no corner is preferred. In one dimension the
    sphere is the two points -1 and 1.

    Args:
        dim: number of dimensions, dim >= 1.
        generator: the source of randomness. Each call draws new numbers from it.

    Returns:
        (dim,) tensor of length 1, in float64.

    Source: Muller (1959), A note on a method for generating points uniformly on n-dimensional spheres.

    Example, by hand:
        >>> u = random_direction(1, torch.Generator().manual_seed(0))
        >>> u.abs()  # -1 or 1
        tensor([1.], dtype=torch.float64)
    """
    ### BEGIN SOLUTION
    normal = torch.randn(dim, generator=generator, dtype=torch.float64)
    return normal / normal.norm()
    ### END SOLUTION


# %% [markdown]
# ## 3.3 A blind step
# Propose a step of length $s$ in a random direction $u$. Keep the better of the two points:
#
# $$w_{\text{new}} = \begin{cases} w + s\,u & \text{if } J(w + s\,u) < J(w), \\ w & \text{otherwise.} \end{cases}$$


# %%
def random_search_step(
    objective: Callable[[Tensor], Tensor], w: Tensor, step_size: float, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Propose one random step, `w + step_size * random_direction`, and take it only if it leads down.

    The objective is evaluated exactly twice: once at `w` and once at the proposed point. A value that is NaN is never
    better than a number.

    Args:
        objective: maps weights of shape (d,) to a 0-d tensor, which is not NaN at `w`.
        w: (d,) weights; not modified.
        step_size: length of the proposed step, step_size >= 0.
        generator: the source of randomness.

    Returns:
        `(w_new, J_new)`: the better of the two points, (d,) in the dtype of `w`, and the objective there, a 0-d tensor.

    Raises:
        ValueError: if `step_size < 0`; the message names it.

    Source: Spall (2003), Introduction to Stochastic Search and Optimization, chapter 2.

    Example, by hand:
        >>> hill = lambda w: -(w**2).sum()  # on top of a hill every step leads down
        >>> w, J = random_search_step(hill, torch.zeros(3), 0.5, torch.Generator().manual_seed(0))
        >>> round(float(J), 4)  # -(0.5)^2, in any direction
        -0.25
    """
    ### BEGIN SOLUTION
    _check_not_negative(step_size=step_size)
    with torch.no_grad():
        direction = random_direction(len(w), generator).to(w.dtype)
        proposal = w + step_size * direction
        J, J_proposal = objective(w), objective(proposal)
    if J_proposal < J:  # never true for a NaN
        return proposal, J_proposal
    return w.detach().clone(), J
    ### END SOLUTION


# %% [markdown]
# ## 3.4 Blind search
# Repeat the blind step, and record the height after each step. Worse proposals are refused, so the height never rises:
#
# $$J(w_0) \ge J(w_1) \ge J(w_2) \ge \dots$$
#
# When your function works, run `grade plot section3 random_search random_direction`. The picture `curse` counts the
# evaluations that halve the distance to a minimum, for the grid and for your search. The picture `moves` shows what 200
# random moves do to the loss of a classifier, and the prediction that you made.


# %%
def random_search(
    objective: Callable[[Tensor], Tensor], w0: Tensor, step_size: float, num_steps: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Search by random steps of constant length, and keep a history of the objective.

    Each step is a `random_search_step` from the end of the last step. The objective is evaluated at most twice per
    step, and once more at the start.

    Args:
        objective: maps weights of shape (d,) to a 0-d tensor, which is not NaN at `w0`.
        w0: (d,) starting point; not modified.
        step_size: length of each proposed step, step_size >= 0.
        num_steps: number of proposals, accepted or not, num_steps >= 0.
        generator: the source of randomness; each step draws new numbers from it.

    Returns:
        `(w, history)`: the last point, (d,) in the dtype of `w0`, and a (num_steps + 1,) tensor in the dtype of the
        objective's values. Entry 0 is `objective(w0)`, entry t the value after t steps.

    Raises:
        ValueError: if `step_size < 0` or `num_steps < 0`, also with zero steps; the message names `step_size` or
            `num_steps`.

    Source: Spall (2003), Introduction to Stochastic Search and Optimization, chapter 2.

    Example, by hand:
        >>> hill = lambda w: 1 - (w**2).sum()
        >>> w, history = random_search(hill, torch.zeros(3), 0.5, 1, torch.Generator().manual_seed(0))
        >>> history  # the top, then 1 - 0.5^2, in any direction
        tensor([1.0000, 0.7500])
    """
    ### BEGIN SOLUTION
    _check_not_negative(step_size=step_size, num_steps=num_steps)
    w = w0.detach().clone()
    history = [objective(w)]
    for _ in range(num_steps):
        w, J = random_search_step(objective, w, step_size, generator)
        history.append(J)
    return w, torch.stack(history)
    ### END SOLUTION


# %% [markdown]
# ## 3.5 Measuring the slope
# Evaluate the objective a little to each side of $w$, along one axis at a time:
#
# $$\frac{\partial J}{\partial w_i}(w) \approx \frac{J(w + \epsilon\, e_i) - J(w - \epsilon\, e_i)}{2\,\epsilon},$$
#
# where $e_i$ is the $i$-th unit vector. These are **central** differences. Their error is of the order $\epsilon^2$.
# Forward differences, $(J(w + \epsilon e_i) - J(w))/\epsilon$, need only half as many evaluations, but their error is
# of the order $\epsilon$.
#
# A smaller $\epsilon$ is not always better. The two values agree in more and more digits, so the subtraction leaves only
# rounding errors, and the division by $2\epsilon$ makes them large: they grow like $1/\epsilon$. The picture `epsilon` of
# `grade plot section3 finite_difference_gradient` shows both errors.


# %%
def finite_difference_gradient(objective: Callable[[Tensor], Tensor], w: Tensor, eps: float = 1e-4) -> Tensor:
    """Estimate the gradient by central differences, with exactly `2 * d` evaluations of the objective.

    Entry i is `(J(w + eps * e_i) - J(w - eps * e_i)) / (2 * eps)`. Everything is computed in the dtype of `w`. The
    subtraction loses digits, so prefer float64.

    Args:
        objective: maps weights of shape (d,) to a 0-d tensor. It need not be differentiable by autograd.
        w: (d,) weights; not modified, not even by rounding.
        eps: distance to either side, eps > 0. For 0 the formula is 0 / 0: refuse it or not.

    Returns:
        (d,) tensor in the dtype of `w`.

    Raises:
        ValueError: if `eps < 0`; the message names it.

    Source: Nocedal & Wright (2006), Numerical Optimization, section 8.1.

    Example, by hand:
        >>> w = torch.tensor([2.0, 1.0])
        >>> finite_difference_gradient(lambda w: w[0] ** 3 + w[1], w, eps=1.0)  # (28 - 2) / 2 and (10 - 8) / 2
        tensor([13.,  1.])
    """
    ### BEGIN SOLUTION
    _check_not_negative(eps=eps)
    slopes = torch.zeros_like(w, requires_grad=False)
    with torch.no_grad():
        for i in range(len(w)):
            offset = torch.zeros_like(w)
            offset[i] = eps
            slopes[i] = (objective(w + offset) - objective(w - offset)) / (2 * eps)
    return slopes
    ### END SOLUTION


# %% [markdown]
# ## 3.6 All slopes at once
# Automatic differentiation applies the chain rule to each step of the computation, from the result backwards. It is
# exact up to rounding, and costs a few evaluations for all $d$ slopes together.
#
# A call of `.backward()` *adds* to `.grad`. Here that would be a side effect: the function must leave `w` unchanged.


# %%
def gradient(objective: Callable[[Tensor], Tensor], w: Tensor) -> Tensor:
    """Compute the gradient of the objective at `w` by automatic differentiation.

    A call changes nothing: `w`, `w.grad` and `w.requires_grad` stay as they were.

    Args:
        objective: maps weights of shape (d,) to a 0-d tensor, differentiable by autograd.
        w: (d,) weights, which may or may not require grad; not modified.

    Returns:
        (d,) tensor in the dtype of `w`: a new tensor that shares no memory with `w` or `w.grad`.

    Source: Baydin et al. (2018), Automatic differentiation in machine learning: a survey; `torch.autograd.grad`.

    Example, by hand:
        >>> w = torch.tensor([2.0, 1.0])
        >>> gradient(lambda w: w[0] ** 3 + w[1], w)  # 3 * 2^2 and 1
        tensor([12.,  1.])
        >>> w.grad is None, w.requires_grad
        (True, False)
    """
    ### BEGIN SOLUTION
    leaf = w.detach().clone().requires_grad_()
    (slopes,) = torch.autograd.grad(objective(leaf), leaf)
    return slopes
    ### END SOLUTION


# %% [markdown]
# ## 3.7 One step downhill
# The gradient points up. Walk the other way; where it is steeper, the step is longer:
#
# $$w \leftarrow w - \eta\, g$$


# %%
def gradient_descent_step(params: list[Tensor], grads: list[Tensor], lr: float) -> None:
    """Take one step of gradient descent, in place: `w <- w - lr * g` for each weight tensor `w` with gradient `g`.

    Args:
        params: weights, tensors of any shapes; changed in place.
        grads: one gradient per weight tensor, same shapes; not changed.
        lr: learning rate, lr >= 0.

    Raises:
        ValueError: if `lr < 0`; the message names it.

    Source: Cauchy (1847), Méthode générale pour la résolution des systèmes d'équations simultanées; the rule of
    `torch.optim.SGD`.

    Example, by hand:
        >>> w, g = torch.tensor([2.0, 1.0]), torch.tensor([4.0, -2.0])
        >>> gradient_descent_step([w], [g], lr=0.1)
        >>> w  # 2 - 0.1 * 4 and 1 + 0.1 * 2
        tensor([1.6000, 1.2000])
    """
    ### BEGIN SOLUTION
    _check_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(lr * g)
    ### END SOLUTION


# %% [markdown]
# ## 3.8 Gradient descent
# Repeat this step, and store every point for the pictures:
#
# $$w_{t+1} = w_t - \eta\, \nabla J(w_t)$$
#
# On a bowl with Hessian $A$ and minimum $w^\star$, this path is known in closed form,
# $w_t = w^\star + (I - \eta A)^t\,(w_0 - w^\star)$.
#
# Now run `grade plot section3`. In the picture `paths`, each step of gradient descent starts at a right angle to its contour,
# while random search goes anywhere that is not up. `mnist` shows your descent on a real empirical risk: threes and eights of
# MNIST, told apart by two weights, one for the ink in the left half of an image and one for the right half. The first
# steps fall quickly into a narrow valley. Then the path creeps along its floor: section 4 is about that valley.


# %%
def gradient_descent(objective: Callable[[Tensor], Tensor], w0: Tensor, lr: float, num_steps: int) -> Tensor:
    """Minimise an objective by gradient descent and return the whole trajectory.

    Each step takes the `gradient` at the current weights and makes one `gradient_descent_step`.

    Args:
        objective: maps weights of shape (d,) to a 0-d tensor, differentiable by autograd.
        w0: (d,) starting point, which may or may not require grad; not modified.
        lr: learning rate, lr >= 0.
        num_steps: number of steps, num_steps >= 0.

    Returns:
        (num_steps + 1, d) tensor in the dtype of `w0`. Row 0 is `w0`, row t the weights after t steps.

    Raises:
        ValueError: if `lr < 0` or `num_steps < 0`, also with zero steps; the message names `lr` or `num_steps`.

    Source: Nocedal & Wright (2006), Numerical Optimization, chapter 3.

    Example, by hand:
        >>> trajectory = gradient_descent(lambda w: (w**2).sum(), torch.tensor([1.0]), lr=0.25, num_steps=2)
        >>> trajectory[:, 0]  # 1 - 0.25 * 2 = 0.5;  then 0.5 - 0.25 * 1 = 0.25
        tensor([1.0000, 0.5000, 0.2500])
    """
    ### BEGIN SOLUTION
    _check_not_negative(lr=lr, num_steps=num_steps)
    w = w0.detach().clone()
    trajectory = [w.clone()]
    for _ in range(num_steps):
        gradient_descent_step([w], [gradient(objective, w)], lr)
        trajectory.append(w.clone())
    return torch.stack(trajectory)
    ### END SOLUTION


# %% [markdown]
# ## Reflection
# Answer in two or three sentences each, below the question.
#
# **In two dimensions random search is a fair rival of gradient descent, and in thousands it is hopeless. What changes with
# the dimension, and what does the gradient know that random steps do not?**
#
# *Your answer*
#
# **Central differences and autograd give the same slopes. What does each cost for a million weights, and when would you
# still use differences?**
#
# *Your answer*
