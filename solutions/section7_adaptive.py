# %% [markdown]
# # Section 7: Choosing the step
#
# Every method so far has a number that nobody tells us: the learning rate $\eta$. It is the hyper-parameter that
# matters most, and the right value differs from problem to problem, and from the start of a run to its end.
#
# **Reading a loss curve.** Plot the training loss against the step. The shape of the curve tells how $\eta$ is chosen.
#
# | learning rate | what the loss does |
# | --- | --- |
# | far too high | grows, often until it is infinite or NaN: every step lands higher on the opposite wall |
# | too high | falls quickly at first, then stays at a poor value: the weights bounce about and cannot settle |
# | too low | falls in an almost straight line, and is still falling when the budget is spent |
# | good | falls steeply, then bends and levels out at a low value |
#
# Two more signs. Compare the size of a step with the size of the weights: a ratio near $10^{-3}$ is a common rule of
# thumb, $10^{-1}$ is much too large, $10^{-6}$ much too small. And look at the first layer's weights as images:
# weights that still look like noise after a long run tell of a poor learning rate, among other things.
#
# **Faster at first, slower later.** Far from the minimum, large steps save time. Close to it, they jump across, and the
# noise of mini-batches keeps the weights from settling. So begin large and shrink on the way. A *schedule* fixes
# beforehand how to shrink (exercise 7.2). The *bold driver* watches the loss instead, and speeds up while all goes
# well (7.1).
#
# **One rate for each weight.** A single $\eta$ treats all weights alike, although some get gradients that are a thousand
# times larger than others. Adaptive methods divide each weight's gradient by a typical size of that weight's own
# gradients. All operations are element by element, and $\epsilon$ is a small number that prevents a division by zero.
#
# - **Adagrad** divides by the root of the *sum* of all squared gradients so far. A weight that rarely gets a gradient
#   keeps a large step, a busy one gets a small step. The sum never shrinks, so the steps fade: under a constant
#   gradient like $1/\sqrt{t}$. This is the schedule "faster at first, slower later", for each weight on its own. On a
#   long run, the steps can fade too early.
# - **RMSprop** is Adagrad that forgets: an *average* that fades by $\alpha$ per step takes the place of the sum. The steps
#   no longer die out, and they recover after one gradient that was very large.
# - **Adam** is RMSprop with momentum: the gradient above the fraction line becomes a fading average, too. Both averages
#   start at zero, and are too small at first; Adam corrects for that. With $\beta_1 = 0$ and after many steps, when
#   nothing is left to correct, Adam is RMSprop with $\alpha = \beta_2$.
#
# Gradient over gradient has no unit. The step of all three is about $\eta$ itself, whatever the scale of the loss, and
# one value of $\eta$ serves many problems. It must still be chosen.
#
# **Further reading.** The [CS231n notes](https://cs231n.github.io/neural-networks-3/) on what to watch while a network
# learns, with plots of good and bad curves, and on update rules.

# %% [markdown]
# ## Conventions
# - `params`, `grads` and the state (`square_sums`, `square_averages`, `first_moments`, `second_moments`) are lists of
#   tensors with matching shapes. A step works **in place** on `params` and on the state (the caller's own tensors hold
#   the new values), returns `None`, keeps the dtype, leaves `grads` untouched and builds no autograd graph. Parameters
#   may or may not require grad.
# - Everything works for float32 and float64. Where a float is returned, it is a Python `float`, not a tensor.
# - Losses are Python floats. They may be negative, infinite or NaN.
# - A bad argument raises `ValueError` with the argument's name in the message. Each docstring lists what must be
#   refused; refusing more is fine. A call that is refused changes nothing.
# - You may add helper functions. Importing this file must not run anything else.

# %%
import math

import torch
from torch import Tensor

# %% [markdown]
# ## 7.1 The bold driver
# After each step, look at the loss. If it fell, drive a little faster. If not, brake hard:
#
# $$\eta \leftarrow \begin{cases} 1.05\,\eta & \text{if the loss fell} \\ 0.5\,\eta & \text{otherwise} \end{cases}$$
#
# "Otherwise" includes a loss that stayed the same, and one that is not a number at all. NaN compares as false with
# everything: mind which question you ask.


# %%
def bold_driver(lr: float, previous_loss: float, loss: float, grow: float = 1.05, shrink: float = 0.5) -> float:
    """Adjust the learning rate to what the last step did to the loss.

    `lr * grow` if the loss fell, that is `loss < previous_loss`; else `lr * shrink`, also when both are equal. A `loss`
    that is not finite (NaN, infinity or minus infinity) always shrinks.

    Args:
        lr: learning rate of the last step, lr >= 0.
        previous_loss: loss before that step.
        loss: loss after it.
        grow: factor after a success, above 1.
        shrink: factor after a failure, between 0 and 1.

    Returns:
        The learning rate of the next step, a Python float, in the unit of `lr`.

    Raises:
        ValueError: if `lr < 0`; the message names `lr`.

    Source: Vogl et al. (1988), Accelerating the convergence of the back-propagation method; the name is due to
    Battiti (1989), Accelerated backpropagation learning: two optimization methods.

    Example, by hand:
        >>> bold_driver(0.5, previous_loss=2.0, loss=1.5)  # it fell: 0.5 * 1.05
        0.525
        >>> bold_driver(0.5, previous_loss=1.5, loss=1.5)  # it did not: 0.5 * 0.5
        0.25
    """
    ### BEGIN SOLUTION
    if not lr >= 0:
        raise ValueError(f"lr must be at least 0, got {lr}")
    fell = math.isfinite(loss) and math.isfinite(previous_loss) and loss < previous_loss
    return lr * (grow if fell else shrink)
    ### END SOLUTION


# %% [markdown]
# ## 7.2 A schedule
# Start at $\eta_0$ and divide by a number that grows steadily:
#
# $$\eta_t = \frac{\eta_0}{1 + k\,t}, \qquad t = 0, 1, 2, \dots$$
#
# After $1/k$ steps the rate has halved. This pace is no accident: the steps $\eta_t$ add up to infinity, so that any
# distance can be covered, but their squares do not, so that the noise of the gradients averages out.


# %%
def inverse_time_decay(lr0: float, step: int, decay: float) -> float:
    """Compute the learning rate of one step under inverse time decay, `lr0 / (1 + decay * step)`.

    Args:
        lr0: learning rate of the first step.
        step: number of the step, counted from 0.
        decay: how fast the rate falls, decay >= 0, per step; 0 keeps it constant.

    Returns:
        The learning rate of this step, a Python float, in the unit of `lr0`.

    Source: CS231n notes, "Annealing the learning rate" (1/t decay); the conditions on the steps are those of
    Robbins and Monro (1951), A stochastic approximation method.

    Example, by hand:
        >>> inverse_time_decay(0.8, step=3, decay=1.0)  # 0.8 / (1 + 1 * 3)
        0.2
    """
    ### BEGIN SOLUTION
    return lr0 / (1 + decay * step)
    ### END SOLUTION


# %% [markdown]
# ## 7.3 Reading a loss curve
# Put the table above into code, in its simplest form. It needs no more than the first loss, the last one, and whether
# all of them are finite. The relative drop is
#
# $$\frac{J_{\text{first}} - J_{\text{last}}}{|J_{\text{first}}|}.$$
#
# A loss can be negative, hence the absolute value. That the loss goes up for a while in between is no bad sign.


# %%
def classify_learning_rate(losses: list[float], min_drop: float = 0.1) -> str:
    """Tell from a training curve whether the learning rate was too high, too low or good.

    In this order:

    1. `"too high"` if any loss is not finite (NaN, infinity or minus infinity), or if the last is not below the first;
    2. `"too low"` if the relative drop `(first - last) / |first|` is under `min_drop`;
    3. `"good"` otherwise.

    Args:
        losses: training loss at every step, at least one and the first not 0; Python floats; not changed.
        min_drop: the relative drop that is expected in this budget of steps, min_drop > 0, no unit.

    Returns:
        `"too high"`, `"too low"` or `"good"`.

    Source: CS231n notes, "Babysitting the learning process" (loss function).

    Example, by hand:
        >>> classify_learning_rate([2.0, 1.0, 0.5])  # drops by 1.5 / 2 = 75 %
        'good'
        >>> classify_learning_rate([2.0, 1.99, 1.98])  # drops by 0.02 / 2 = 1 %
        'too low'
        >>> classify_learning_rate([2.0, 7.0, 30.0])
        'too high'
    """
    ### BEGIN SOLUTION
    first, last = losses[0], losses[-1]
    if not all(math.isfinite(loss) for loss in losses) or last >= first:
        return "too high"
    # Without a division, so that a first loss of 0 does no harm.
    return "too low" if first - last < min_drop * abs(first) else "good"
    ### END SOLUTION


# %% [markdown]
# ## 7.4 Adagrad
# Keep, for each weight, the sum of its squared gradients. First add the new one, then divide by the root:
#
# $$s \leftarrow s + g^2 \qquad\qquad w \leftarrow w - \eta\,\frac{g}{\sqrt{s} + \epsilon}$$
#
# $\eta / (\sqrt{s} + \epsilon)$ is the *effective* learning rate of the weight. It never rises.


# %%
def adagrad_step(
    params: list[Tensor], grads: list[Tensor], square_sums: list[Tensor], lr: float, eps: float = 1e-10
) -> None:
    """Take one step of Adagrad, in place.

    For each weight tensor `w` with gradient `g` and sum of squares `s`, element by element: first `s <- s + g^2`, then
    `w <- w - lr * g / (sqrt(s) + eps)`, where `s` is already the new sum. `eps` is added to the root, not under it.
    Write the rule yourself, with arithmetic on tensors: no `torch.optim`.

    Args:
        params: weights, tensors of any shapes; changed in place.
        grads: one gradient per weight tensor, same shapes; not changed.
        square_sums: one sum of squared gradients per weight tensor, same shapes, zero before the first step; changed in
            place, because the next step goes on from them.
        lr: learning rate, lr >= 0, in the unit of the weights.
        eps: against division by zero, eps >= 0, in the unit of the gradient.

    Raises:
        ValueError: if `lr < 0`, or if `eps < 0`; the message names `lr` or `eps`.

    Source: Duchi, Hazan and Singer (2011), Adaptive subgradient methods for online learning and stochastic
    optimization; in the convention of `torch.optim.Adagrad`.

    Example, by hand:
        >>> w, s, g = torch.tensor([2.0]), torch.tensor([9.0]), torch.tensor([4.0])
        >>> adagrad_step([w], [g], [s], lr=0.5)
        >>> s, w  # 9 + 4^2 = 25, then 2 - 0.5 * 4 / 5 = 1.6
        (tensor([25.]), tensor([1.6000]))
    """
    ### BEGIN SOLUTION
    if not lr >= 0:
        raise ValueError(f"lr must be at least 0, got {lr}")
    if not eps >= 0:
        raise ValueError(f"eps must be at least 0, got {eps}")
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_(g**2)
            w.sub_(lr * g / (s.sqrt() + eps))
    ### END SOLUTION


# %% [markdown]
# ## 7.5 RMSprop
# Replace the sum by an average in which older squares fade:
#
# $$s \leftarrow \alpha s + (1 - \alpha)\,g^2 \qquad\qquad w \leftarrow w - \eta\,\frac{g}{\sqrt{s} + \epsilon}$$
#
# $\sqrt{s}$ is the root of the mean square of recent gradients, hence the name. About $1/(1 - \alpha)$ steps count as
# recent: 100 for $\alpha = 0.99$. Some texts write $\epsilon$ under the root. Here it stands outside, as in PyTorch.


# %%
def rmsprop_step(
    params: list[Tensor],
    grads: list[Tensor],
    square_averages: list[Tensor],
    lr: float,
    alpha: float = 0.99,
    eps: float = 1e-8,
) -> None:
    """Take one step of RMSprop, in place.

    For each weight tensor `w` with gradient `g` and average of squares `s`, element by element: first
    `s <- alpha * s + (1 - alpha) * g^2`, then `w <- w - lr * g / (sqrt(s) + eps)`, where `s` is already the new average.
    `eps` is added to the root, not under it. As in `adagrad_step`, no `torch.optim`.

    Args:
        params: weights, tensors of any shapes; changed in place.
        grads: one gradient per weight tensor, same shapes; not changed.
        square_averages: one average of squared gradients per weight tensor, same shapes, zero before the first step;
            changed in place.
        lr: learning rate, lr >= 0, in the unit of the weights.
        alpha: share of the old average that is kept, 0 <= alpha < 1.
        eps: against division by zero, eps >= 0, in the unit of the gradient.

    Raises:
        ValueError: if `lr < 0`, if `alpha` is outside [0, 1), or if `eps < 0`; the message names `lr`, `alpha` or `eps`.

    Source: Tieleman and Hinton (2012), Neural networks for machine learning, lecture 6.5; in the convention of
    `torch.optim.RMSprop`.

    Example, by hand:
        >>> w, s, g = torch.tensor([2.0]), torch.tensor([2.0]), torch.tensor([4.0])
        >>> rmsprop_step([w], [g], [s], lr=0.3, alpha=0.5)
        >>> s, w  # 0.5 * 2 + 0.5 * 4^2 = 9, then 2 - 0.3 * 4 / 3 = 1.6
        (tensor([9.]), tensor([1.6000]))
    """
    ### BEGIN SOLUTION
    if not lr >= 0:
        raise ValueError(f"lr must be at least 0, got {lr}")
    if not 0 <= alpha < 1:
        raise ValueError(f"alpha must be in [0, 1), got {alpha}")
    if not eps >= 0:
        raise ValueError(f"eps must be at least 0, got {eps}")
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * g**2)
            w.sub_(lr * g / (s.sqrt() + eps))
    ### END SOLUTION


# %% [markdown]
# ## 7.6 Adam
# Keep two fading averages, of the gradients (the first moment $m$) and of their squares (the second moment $v$):
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1)\,g \qquad\qquad v \leftarrow \beta_2 v + (1 - \beta_2)\,g^2$$
#
# Both start at zero. After $t$ steps the weights in such an average add up to $1 - \beta^t$, not to 1: for
# $\beta_2 = 0.999$ and $t = 1$ that is a thousandth. Divide by it, and the bias towards zero is gone:
#
# $$\hat m = \frac{m}{1 - \beta_1^t} \qquad\qquad \hat v = \frac{v}{1 - \beta_2^t} \qquad\qquad
# w \leftarrow w - \eta\,\frac{\hat m}{\sqrt{\hat v} + \epsilon}$$
#
# The corrected values are used in this step only; $m$ and $v$ are kept as they are. Momentum in section 4 *added* the
# whole gradient, here it is an *average*: the step does not grow with $\beta_1$.


# %%
def adam_step(
    params: list[Tensor],
    grads: list[Tensor],
    first_moments: list[Tensor],
    second_moments: list[Tensor],
    step: int,
    lr: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> None:
    """Take one step of Adam, with bias correction, in place.

    For each weight tensor `w` with gradient `g` and moments `m` and `v`, element by element: first
    `m <- beta1 * m + (1 - beta1) * g` and `v <- beta2 * v + (1 - beta2) * g^2`, then
    `w <- w - lr * m_hat / (sqrt(v_hat) + eps)` with `m_hat = m / (1 - beta1^step)` and `v_hat = v / (1 - beta2^step)`,
    where `m` and `v` are already the new moments. As in `adagrad_step`, no `torch.optim`.

    Args:
        params: weights, tensors of any shapes; changed in place.
        grads: one gradient per weight tensor, same shapes; not changed.
        first_moments: one average of gradients per weight tensor, same shapes, zero before the first step; changed in
            place, and kept without the correction.
        second_moments: one average of squared gradients per weight tensor, likewise.
        step: number of this step, counted from 1.
        lr: learning rate, lr >= 0, in the unit of the weights.
        beta1: share of the old first moment that is kept, 0 <= beta1 < 1.
        beta2: share of the old second moment that is kept, 0 <= beta2 < 1.
        eps: against division by zero, eps >= 0, in the unit of the gradient; added to the root of the corrected `v_hat`.

    Raises:
        ValueError: if `step < 1`, if `lr < 0`, if `beta1` or `beta2` is outside [0, 1), or if `eps < 0`; the message
            names the argument.

    Source: Kingma and Ba (2015), Adam: a method for stochastic optimization, arXiv:1412.6980, Algorithm 1.

    Example, by hand:
        >>> w, g, m, v = torch.tensor([2.0]), torch.tensor([4.0]), torch.zeros(1), torch.zeros(1)
        >>> adam_step([w], [g], [m], [v], step=1, lr=0.1)
        >>> m, v  # 0.1 * 4 and 0.001 * 4^2
        (tensor([0.4000]), tensor([0.0160]))
        >>> w  # m_hat = 0.4 / 0.1 = 4 and v_hat = 0.016 / 0.001 = 16, then 2 - 0.1 * 4 / 4 = 1.9
        tensor([1.9000])
    """
    ### BEGIN SOLUTION
    if not step >= 1:
        raise ValueError(f"step counts from 1, got {step}")
    if not lr >= 0:
        raise ValueError(f"lr must be at least 0, got {lr}")
    for name, beta in (("beta1", beta1), ("beta2", beta2)):
        if not 0 <= beta < 1:
            raise ValueError(f"{name} must be in [0, 1), got {beta}")
    if not eps >= 0:
        raise ValueError(f"eps must be at least 0, got {eps}")
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            m.mul_(beta1).add_((1 - beta1) * g)
            v.mul_(beta2).add_((1 - beta2) * g**2)
            m_hat = m / (1 - beta1**step)
            v_hat = v / (1 - beta2**step)
            w.sub_(lr * m_hat / (v_hat.sqrt() + eps))
    ### END SOLUTION
