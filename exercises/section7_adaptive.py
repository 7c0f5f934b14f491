# %% [markdown]
# # Section 7: Choosing the step
#
# Every method so far needs a number that theory does not give: the learning rate $\eta$. It is the most important
# hyper-parameter. Its best value differs from problem to problem, and from the start of a run to its end.
#
# **Reading a loss curve.** Plot the training loss against the step. The shape of the curve shows whether $\eta$ is right.
#
# | learning rate | what the loss does |
# | --- | --- |
# | far too high | grows, often until it is infinite or NaN: every step lands higher on the opposite wall |
# | too high | falls quickly at first, then stays at a poor value: the weights jump around and cannot settle |
# | too low | falls in an almost straight line, and is still falling at the end of the run |
# | good | falls steeply, then bends and levels out at a low value |
#
# Two more signs. Compare the size of a step with the size of the weights: a ratio near $10^{-3}$ is a common rule of thumb,
# $10^{-1}$ is much too large, $10^{-6}$ much too small. Also plot the first layer's weights as images: if they still look
# like noise after a long run, the learning rate may be wrong.
#
# **Faster at first, slower later.** Far from the minimum, large steps save time. Close to it, large steps jump across, and
# the noise of mini-batches keeps the weights from settling. So start with large steps and make them smaller. A *schedule*
# fixes in advance how the rate falls (exercise 7.2). The *bold driver* watches the loss instead, and raises the rate as
# long as the loss falls (7.1).
#
# **One rate for each weight.** A single $\eta$ treats all weights alike, but the gradients of some weights are a thousand
# times larger than those of others. Adaptive methods divide each weight's gradient by a typical size of that weight's own
# gradients. All operations are element by element, and $\epsilon$ is a small number that prevents a division by zero.
#
# - **Adagrad** divides by the root of the *sum* of all squared gradients so far. A weight that rarely gets a gradient keeps
#   a large step; a weight that often gets one takes small steps. The sum never shrinks, so the steps become shorter: under
#   a constant gradient they are $\eta/\sqrt{t}$. This is the schedule "faster at first, slower later", for each weight
#   separately. In a long run, the steps may become too small too early.
# - **RMSprop** is Adagrad that forgets: it uses a moving *average* of the squares, with the factor $\alpha$ for the old
#   average, in place of the sum. So the steps do not shrink to zero, and they recover after a single very large gradient.
#   The average starts at zero and is too small at first, so the first steps are long: the very first is
#   $\eta/\sqrt{1-\alpha}$, ten times $\eta$ for $\alpha = 0.99$.
# - **Adam** is RMSprop with momentum: a moving average also replaces the gradient in the numerator. Both averages start at
#   zero, and are too small at first; Adam corrects for that, so its first step is $\eta$. With $\beta_1 = 0$ and after very
#   many steps, when the correction has no effect any more, Adam is RMSprop with $\alpha = \beta_2$.
#
# Gradient divided by gradient has no unit. So the steps of all three do not depend on the scale of the loss, and one value
# of $\eta$ works for many problems. You must still choose it.
#
# **Further reading.** The [CS231n notes](https://cs231n.github.io/neural-networks-3/) explain how to monitor training, with
# plots of good and bad curves, and describe update rules.

# %% [markdown]
# ## Conventions
# - `params`, `grads` and the state (`square_sums`, `square_averages`, `first_moments`, `second_moments`) are lists of
#   tensors with matching shapes. A step works **in place** on `params` and on the state (the caller's own tensors hold the
#   new values), returns `None`, keeps the dtype, leaves `grads` unchanged and builds no autograd graph. Parameters may or
#   may not require grad.
# - Everything works for float32 and float64. A returned float is a Python `float`, not a tensor.
# - Losses are Python floats. They may be negative, infinite or NaN.
# - A bad argument raises `ValueError` with the argument's name in the message. Each docstring lists the values to refuse;
#   you may refuse more. A refused call changes nothing.
# - You may add helper functions. Importing this file must not run anything else.

# %%
import math

import torch
from torch import Tensor

# %% [markdown]
# ## 7.1 The bold driver
# After each step, compare the loss with the loss before. If it fell, drive a little faster. If not, brake hard, and undo
# the step:
#
# $$\eta \leftarrow \begin{cases} 1.05\,\eta & \text{if the loss fell} \\ 0.5\,\eta & \text{otherwise} \end{cases}$$
#
# "Otherwise" includes an equal loss, and a loss that is not a number. Every comparison with NaN is false, so choose your
# comparison with care. Your function returns only the new rate; the training loop undoes the failed step.


# %%
def bold_driver(lr: float, previous_loss: float, loss: float, grow: float = 1.05, shrink: float = 0.5) -> float:
    """Adjust the learning rate after a step, from the losses before and after it.

    `lr * grow` if the loss fell, that is `loss < previous_loss`; else `lr * shrink`, also when both are equal. A `loss`
    that is not finite (NaN, infinity or minus infinity) always shrinks.

    Args:
        lr: learning rate of the last step, lr >= 0.
        previous_loss: loss before that step.
        loss: loss after it.
        grow: factor after a success, usually above 1; not checked.
        shrink: factor after a failure, usually between 0 and 1; not checked.

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
    raise NotImplementedError


# %% [markdown]
# ## 7.2 A schedule
# Start at $\eta_0$ and divide by a number that grows linearly:
#
# $$\eta_t = \frac{\eta_0}{1 + k\,t}, \qquad t = 0, 1, 2, \dots$$
#
# After $1/k$ steps the rate is half of $\eta_0$. There is a reason for this speed: the steps $\eta_t$ add up to infinity,
# so the weights can cover any distance, but their squares have a finite sum, so the noise of the gradients averages out.


# %%
def inverse_time_decay(lr0: float, step: int, decay: float) -> float:
    """Compute the learning rate of one step under inverse time decay, `lr0 / (1 + decay * step)`.

    Args:
        lr0: learning rate of the first step.
        step: number of the step, counted from 0.
        decay: how fast the rate falls, per step, usually above 0; not checked. 0 keeps the rate constant.

    Returns:
        The learning rate of this step, a Python float, in the unit of `lr0`.

    Source: CS231n notes, "Annealing the learning rate" (1/t decay); the conditions on the steps are those of
    Robbins and Monro (1951), A stochastic approximation method.

    Example, by hand:
        >>> inverse_time_decay(0.8, step=3, decay=1.0)  # 0.8 / (1 + 1 * 3)
        0.2
    """
    raise NotImplementedError


# %% [markdown]
# ## 7.3 Reading a loss curve
# A simple rule separates three cases. It uses only the first loss, the last loss, and whether all losses are finite. The
# relative drop is
#
# $$\frac{J_{\text{first}} - J_{\text{last}}}{|J_{\text{first}}|}.$$
#
# A loss can be negative, so the rule uses the absolute value. The loss may rise for a while in between.
#
# The table has four rows, and the rule gives three verdicts: it cannot recognise the second row. A run that falls quickly
# and then stays at a poor value is "good" for this rule. It is "too high" only if the loss ends no lower than it started.
# To see the second row, plot the curve, or compare the last losses of several rates.


# %%
def classify_learning_rate(losses: list[float], min_drop: float = 0.1) -> str:
    """Judge from a training curve whether the learning rate was too high, too low or good.

    In this order:

    1. `"too high"` if any loss is not finite (NaN, infinity or minus infinity), or if the last is not below the first;
    2. `"too low"` if the relative drop `(first - last) / |first|` is under `min_drop`;
    3. `"good"` otherwise.

    Args:
        losses: training loss at every step, at least one and the first not 0; Python floats; not changed.
        min_drop: the relative drop to expect from this number of steps, no unit, usually above 0; not checked.

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
    raise NotImplementedError


# %% [markdown]
# ## 7.4 Adagrad
# For each weight, keep the sum of its squared gradients. First add the new square, then divide by the root:
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
            place, because the next step needs them.
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
    raise NotImplementedError


# %% [markdown]
# ## 7.5 RMSprop
# Replace the sum by a moving average, in which older squares lose weight:
#
# $$s \leftarrow \alpha s + (1 - \alpha)\,g^2 \qquad\qquad w \leftarrow w - \eta\,\frac{g}{\sqrt{s} + \epsilon}$$
#
# $\sqrt{s}$ is the root of the mean square of recent gradients, and gives the method its name. About $1/(1 - \alpha)$ steps
# count as recent: 100 for $\alpha = 0.99$. Some texts write $\epsilon$ under the root. Here it is outside, as in PyTorch.


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
        alpha: factor of the old average, 0 <= alpha < 1.
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
    raise NotImplementedError


# %% [markdown]
# ## 7.6 Adam
# Keep two moving averages, of the gradients (the first moment $m$) and of their squares (the second moment $v$):
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1)\,g \qquad\qquad v \leftarrow \beta_2 v + (1 - \beta_2)\,g^2$$
#
# Both start at zero. After $t$ steps the weights in this average add up to $1 - \beta^t$, not to 1: for $\beta_2 = 0.999$
# and $t = 1$ that is a thousandth. Divide by this sum to remove the bias towards zero:
#
# $$\hat m = \frac{m}{1 - \beta_1^t} \qquad\qquad \hat v = \frac{v}{1 - \beta_2^t} \qquad\qquad
# w \leftarrow w - \eta\,\frac{\hat m}{\sqrt{\hat v} + \epsilon}$$
#
# Use the corrected values in this step only; keep $m$ and $v$ uncorrected. In section 4, momentum *added* the whole
# gradient. Here it is an *average*: the step does not grow with $\beta_1$.


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
            place, and kept uncorrected.
        second_moments: one average of squared gradients per weight tensor, in the same way.
        step: number of this step, counted from 1.
        lr: learning rate, lr >= 0, in the unit of the weights.
        beta1: factor of the old first moment, 0 <= beta1 < 1.
        beta2: factor of the old second moment, 0 <= beta2 < 1.
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
    raise NotImplementedError
