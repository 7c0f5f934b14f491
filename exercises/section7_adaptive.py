# %% [markdown]
# # Section 7: Choosing the step
#
# **Time:** about 140 minutes: 25 to read and predict, 85 to write the functions, 30 for the pictures and the reflection.
#
# Every method so far needs a number that theory does not give: the learning rate $\eta$. It is the most important
# hyper-parameter. Its best value differs from problem to problem, and from the start of a run to its end.
#
# **Reading loss curves.** Try several rates, each a few times larger than the one before: a *sweep*. Run each for the same
# number of steps, and plot the loss of the whole data set against the step. (The loss of the last mini-batch alone is
# noise.) The shapes of the curves show which rates are right:
#
# | verdict | what the loss does |
# | --- | --- |
# | diverges | ends above its start, or becomes infinite or NaN: the steps jump across the valley to higher ground |
# | too high | soon stays at a poor value, after a fall or a jump: the steps are too long for the narrow parts of the valley |
# | good | falls steeply, then bends and levels out at a low value |
# | too low | falls slowly, and is still falling at the end of the run |
#
# You can tell the two poor rows from the good one only by comparison: a verdict is relative to the rates that you tried. If
# the best rate lies at the edge of the sweep, a better one may lie outside. Then sweep wider.
#
# **Two more signs.** Compare the size of a step with the size of the weights (exercise 7.4). Also plot the first layer's
# weights as images. If they look like noise after a long run, there are three possible causes: the run has not converged,
# the learning rate is too high, or there is too little *regularisation*. Regularisation is a pull towards simple functions.
# *Weight decay*, for example, shrinks every weight a little in each step, so weights that nothing holds in place vanish.
#
# **Faster at first, slower later.** Far from the minimum, large steps save time. Close to it, large steps jump across, and
# the noise of mini-batches keeps the weights from settling. So start with large steps and make them smaller. A
# *learning-rate schedule* fixes in advance how the rate falls (exercise 7.2). The *bold driver* watches the loss instead,
# and raises the rate as long as the loss falls (7.1).
#
# **One rate for each weight.** A single $\eta$ treats all weights alike, but the gradients of some weights are a thousand
# times larger than those of others. Adaptive methods divide each weight's gradient by a typical size of that weight's own
# gradients. All operations are element by element, and $\epsilon$ is a small number that prevents a division by zero.
#
# - **Adagrad** divides by the root of the *sum* of all squared gradients so far. A weight that rarely gets a gradient keeps
#   a large step; a weight that often gets one takes small steps. The sum never shrinks, so a weight's rate never rises. Under
#   a constant gradient the steps are $\eta/\sqrt{t}$. This is the schedule "faster at first, slower later", for each weight
#   separately. In a long run, the steps may become too small too early.
# - **RMSprop** is Adagrad that forgets: in place of the sum it uses an *exponential moving average* of the squares. Each step
#   keeps the share $\alpha$ of the old average and adds $1 - \alpha$ of the new square, so the weight of an old square falls
#   exponentially with its age. So the steps do not shrink to zero, and they recover after a single very large gradient.
# - **Adam** is RMSprop with momentum: a moving average also replaces the gradient in the numerator. Both averages start at
#   zero, and are too small at first; Adam corrects for that. With $\beta_1 = 0$ and after very many steps, when the
#   correction has no effect any more, Adam is RMSprop with $\alpha = \beta_2$.
#
# Gradient divided by gradient has no unit. So the steps of all three do not depend on the scale of the loss, if $\epsilon$ is
# small. Use the sum over 1,000 examples in place of their mean: the good rates of gradient descent are a thousandth of those
# before, and those of the three are the same. This is why one value of $\eta$ works for many problems. You must still choose it.
#
# **Further reading.** The [CS231n notes](https://cs231n.github.io/neural-networks-3/) explain how to monitor training, with
# plots of good and bad curves, and describe update rules.

# %% [markdown]
# ## Before you start: predict
# Answer before you know: type `grade predict section7`, or write your answers in place of `None`. Every answer earns points,
# right or wrong. When your functions are written, `grade predict section7` shows what they do, and why.
#
# A *fair race* gives every optimizer a sweep of its own learning rate, and compares them at the best rate of each. Here the
# race is 60 steps on 200 small digits.

# %%
PREDICTIONS = {
    # In the fair race, which optimizer ends with the lowest training loss?
    # Answer: "gradient descent", "momentum", "Adagrad", "RMSprop" or "Adam"
    "lowest_in_the_race": None,
    # Adam divides each gradient by its typical size. From the best learning rate of its sweep, which change hurts more?
    # Answer: "ten times lower", "ten times higher" or "both end below a loss of 0.1"
    "wrong_rate_for_adam": None,
    # A weight's gradient is 0.1 in every step. How long is RMSprop's first step (alpha 0.99), in units of lr?
    # Answer: a number, within 10 %
    "first_step_of_rmsprop": None,
}

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
# "Otherwise" includes an equal loss, and a loss that is not a number. NaN is neither below nor above a number, so choose your
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
# ## 7.3 Judging a sweep
# Give each rate of a sweep one of the four verdicts of the table above. The rule uses the first and the last loss of each
# run:
#
# 1. A run *diverges* if one of its losses is not finite, or if its last loss is above its first.
# 2. Of the other runs, the *best* is the one with the lowest last loss. If several are equal, it is the one with the
#    smallest rate.
# 3. A run is good if it gets nearly as far as the best one:
#
# $$J_{\text{last}} \le J^{\text{best}}_{\text{last}} + \text{tolerance} \cdot \big(J^{\text{best}}_{\text{first}} -
# J^{\text{best}}_{\text{last}}\big).$$
#
# 4. A run that is not good is too low if its rate lies below the best one, and too high if it lies above.
#
# With tolerance 0.1, "good" means: at most a tenth of the best run's fall is missing. The rule compares falls, so the unit
# of the loss and a constant that is added to it have no effect. In `grade plot section7`, the picture `learning-rates`
# shows four runs with your verdicts.
#
# In this exercise you also write the tests of the arguments. Test first, so that a refused call changes nothing. Write each
# test so that NaN fails it: `not tolerance >= 0` refuses NaN, and `tolerance < 0` does not.


# %%
def diagnose_learning_rates(curves: dict[float, list[float] | Tensor], tolerance: float = 0.1) -> dict[float, str]:
    """Judge each learning rate of a sweep by its loss curve, in comparison with the others.

    `"diverges"` if any loss is not finite (NaN, infinity or minus infinity), or if the last is above the first. Among the
    other runs, the best has the lowest last loss; of equal ones, it is the run with the smallest rate. A run is `"good"`
    if `last <= best_last + tolerance * (best_first - best_last)`, where `best_first` and `best_last` are the losses of
    the best run. Otherwise it is `"too low"` or `"too high"`, as its rate lies below or above the best run's.

    Args:
        curves: for each learning rate the losses of its run, on the whole data set: a list of floats or a 1-D tensor with
            at least one loss; in any order of the rates; not changed. All runs may diverge, and there may be none.
        tolerance: share of the best run's fall that a good run may miss, tolerance >= 0, no unit.

    Returns:
        The verdict on each learning rate, in a new dict with the same keys; for `{}` it is `{}`.

    Raises:
        ValueError: if a run has no losses, or if `tolerance < 0`; the message names `curves` or `tolerance`.

    Source: CS231n notes, "Babysitting the learning process" (loss function).

    Example, by hand:
        >>> sweep = {0.01: [2.0, 1.9], 0.1: [2.0, 1.0], 0.2: [2.0, 1.05], 0.5: [2.0, 1.5], 1.0: [2.0, 7.0]}
        >>> diagnose_learning_rates(sweep)  # the best is 0.1; good is at most 1 + 0.1 * (2 - 1) = 1.1
        {0.01: 'too low', 0.1: 'good', 0.2: 'good', 0.5: 'too high', 1.0: 'diverges'}
    """
    raise NotImplementedError


# %% [markdown]
# ## 7.4 The size of a step
# Is a step large or small? Compare it with the weights that it changes. $u$ is the *update*, the vector that a step adds to
# the weights $w$ of a layer, and $\lVert\cdot\rVert$ is the Euclidean norm over all entries of a tensor:
#
# $$r = \log_{10} \frac{\lVert u \rVert}{\lVert w \rVert}$$
#
# At $r = -3$ a step changes the weights by a thousandth of their size, so in a thousand steps they can move as far as they
# are long. A common rule of thumb calls this healthy: at $-1$ a tenth of a layer is new after every step, and at $-6$ a run
# of a thousand steps changes almost nothing. The rule suits runs of thousands of steps. A short run needs larger steps: in
# the picture `learning-rates`, which takes 60 steps, the first layer's weights have $r \approx -2$ at the good rate, and $-3.4$
# at the rate that is too low.


# %%
def update_ratio(params: list[Tensor], updates: list[Tensor]) -> list[float]:
    """Compare the size of a step with the size of the weights: the base-10 logarithm of a ratio of norms, per tensor.

    For each weight tensor `w` with update `u`, `log10(norm(u) / norm(w))`, where the norm is Euclidean, over all entries of
    the tensor together.

    Args:
        params: weights before the step, tensors of any shapes, which may require grad; not changed.
        updates: what the step adds to each weight tensor, same shapes; not changed.

    Returns:
        One Python float per tensor, no unit: minus infinity if the update is all zeros, also if the weights are, too; plus
        infinity for any other update of weights that are all zeros. `[]` for no tensors.

    Source: CS231n notes, "Babysitting the learning process" (ratio of weights to updates).

    Example, by hand:
        >>> update_ratio([torch.tensor([30.0, 40.0])], [torch.tensor([0.0, -5.0])])  # norms 50 and 5, log10(0.1)
        [-1.0]
    """
    raise NotImplementedError


# %% [markdown]
# ## 7.5 Adagrad
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
# ## 7.6 RMSprop
# Replace the sum by a moving average, in which older squares lose weight:
#
# $$s \leftarrow \alpha s + (1 - \alpha)\,g^2 \qquad\qquad w \leftarrow w - \eta\,\frac{g}{\sqrt{s} + \epsilon}$$
#
# $\sqrt{s}$ is the root of the mean square of recent gradients, and gives the method its name. About $1/(1 - \alpha)$ steps
# count as recent: 100 for $\alpha = 0.99$. Some texts write $\epsilon$ under the root. Here it is outside, as in PyTorch.
#
# The average starts at zero and is too small at first, so the first steps are long. Under a constant gradient, step $t$ is
# $\eta/\sqrt{1-\alpha^t}$: the very first is $\eta/\sqrt{1-\alpha}$, and for $\alpha = 0.99$ that is ten times $\eta$.


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
# ## 7.7 Adam
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
# gradient. Here it is an *average*: the step does not grow with $\beta_1$. With the corrections, the first step is $\eta$.


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


# %% [markdown]
# ## See it
# Now run `grade plot section7`. `step-of-each-weight` shows how each rule treats large, small and rare gradients, and
# `all-optimizers` shows the fair race: for each optimizer, the loss at the end against the learning rate. Each curve is a
# *valley*. Left of its lowest point the steps are too short. Right of it they are too long, and most curves have a cliff.
# See which valley is deepest and which is widest, and how far apart they lie.
#
# The race is short and uses all examples in every step, and a longer one, or mini-batches, may have another winner. It shows
# that a comparison of optimizers at untuned rates says nothing.

# %% [markdown]
# ## Reflection
#
# **Adam divides each gradient by its typical size. Why must you still choose a learning rate, and why does one value often
# work for many problems?**
#
# *Your answer*
#
# **In a sweep, the lowest rate that you tried is the best one. What do you conclude from that, and what do you do next?**
#
# *Your answer*
