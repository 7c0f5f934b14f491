# %% [markdown]
# # Section 6: Mini-batches and stochastic gradient descent
#
# **Time:** about 120 minutes: 20 to read and predict, 75 to write the functions, 25 for the pictures and the reflection.
#
# The empirical risk is a mean over all $n$ training examples, and so is its gradient,
#
# $$J(w) = \frac{1}{n}\sum_{i=1}^{n} \ell_i(w) \qquad\qquad g = \nabla J(w) = \frac{1}{n}\sum_{i=1}^{n} g_i,
# \quad g_i = \nabla \ell_i(w).$$
#
# Gradient descent uses every example for one small step. On MNIST that is 60,000 images per step, and most of them repeat
# what the others say.
#
# **Use a sample instead.** Draw $B$ examples at random and average only their gradients. This *mini-batch* gradient $g_S =
# \frac{1}{B}\sum_{i \in S} g_i$ costs $B/n$ of the full gradient. It is random, but *unbiased*, that is, right on
# average: every example is equally likely to be in $S$, so $\mathbb{E}[g_S] = g$.
#
# **How wrong is it?** Let $\sigma^2 = \frac{1}{n}\sum_i \lVert g_i - g\rVert^2$ be the spread of the single gradients. For
# a batch drawn without replacement,
#
# $$\mathbb{E}\,\lVert g_S - g\rVert^2 = \frac{\sigma^2}{B} \cdot \frac{n - B}{n - 1}.$$
#
# The first factor is familiar: the mean of $B$ draws has a $B$-th of the variance. The second factor says that a batch
# cannot contain an example twice. It is almost 1 for a small batch, and 0 for $B = n$, where nothing is random. The
# *length* of the error falls only as $1/\sqrt{B}$: a batch 100 times as large costs 100 times as much and is 10 times as
# accurate.
#
# **Many rough steps beat a few exact ones.** Far from the minimum, all examples roughly agree on the way down, and a rough
# direction is enough. For the price of one full gradient, **stochastic gradient descent** (SGD) with $B = 20$ takes $n/20$ steps.
# Close to the minimum, where $g$ is small, the noise dominates (unless one $w$ fits all examples): with a constant learning rate,
# $w$ keeps moving around the minimum, less with a larger batch or a smaller learning rate. Exercise 6.6 says how far.
#
# **Epochs.** In practice, batches are not drawn independently. You shuffle the data, cut them into consecutive batches, and
# use each batch once: that is an *epoch*. Every example then counts exactly once, and the mean of an epoch's batch
# gradients at one $w$, weighted by batch size, *is* the full gradient. The next epoch shuffles again.
#
# **Further reading.** L. Bottou, F. Curtis and J. Nocedal,
# [Optimization Methods for Large-Scale Machine Learning](https://arxiv.org/abs/1606.04838), sections 3 and 4.

# %% [markdown]
# ## Before you start: predict
# Answer before you know: type `grade predict section6`, or write your answers in place of `None`. Every answer earns points,
# right or wrong. When your functions are written, `grade predict section6` shows what they do, and why.

# %%
PREDICTIONS = {
    # SGD may process 3,000 images: 3,000 steps with batches of 1, or 150 steps with batches of 20. Each has its best learning
    # rate. Which ends with the lower loss on new images?
    # Answer: "batches of 1, by far", "batches of 20, by far" or "about the same"
    "one_or_twenty": None,
    # At the bottom of a bowl, SGD hovers around the minimum. You double both the learning rate (it is small) and the batch
    # size. How does the mean squared distance to the minimum change?
    # Answer: "it halves", "it stays about the same" or "it doubles"
    "double_lr_and_batch": None,
    # SGD hovers in a bowl with 20 examples and batches of 5. In place of independent draws, each epoch now shuffles the
    # examples and uses each once. Where does SGD hover?
    # Answer: "closer to the minimum", "equally far" or "farther from the minimum"
    "epochs_or_draws": None,
}

# %% [markdown]
# ## Conventions
# - `X` is a float tensor of shape (n, ...), one example per row (first axis). `y` is int64 of shape (n,). A batch holds the
#   same rows of both. Only read `X` and `y`, and never change them.
# - `model` is an `nn.Module`, and `loss_fn(model(X), y)` is the **mean** loss over the rows of `X`, a 0-d tensor.
# - Randomness comes only from `generator`, a `torch.Generator`: pass it to the function that draws, for example
#   `torch.randperm(n, generator=generator)`. The same generator state gives the same result, and torch's global random
#   state stays unchanged. You may draw in any way; the checks expect no particular random numbers.
# - Everything works for float32 and float64, and keeps the dtype. A returned float is a Python `float`, not a tensor.
# - A bad argument raises `ValueError` with the argument's name in the message. Each docstring lists the values to refuse;
#   you may refuse more.
# - Exercises may call each other, and you may add helper functions. Importing this file must not run anything else.

# %%
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

# %% [markdown]
# ## 6.1 One random batch
# Draw $B$ of the $n$ examples so that every set of $B$ is equally likely, and no example comes twice. Image and label
# of one example must stay together: draw the row numbers once, and use them for both.


# %%
def sample_minibatch(X: Tensor, y: Tensor, batch_size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw a mini-batch uniformly at random, without replacement.

    Every subset of `batch_size` examples is equally likely. The order of its rows does not matter.

    Args:
        X: (n, ...) examples; not changed.
        y: (n,) their labels, int64; not changed.
        batch_size: number of examples to draw, 1 <= batch_size <= n.
        generator: the source of randomness.

    Returns:
        `(X_batch, y_batch)` of shapes (batch_size, ...) and (batch_size,), in the dtypes of `X` and `y`. They are
        copies: writing to them does not change `X` or `y`.

    Raises:
        ValueError: if `batch_size` is outside [1, n]; the message names `batch_size`.

    Source: Bottou, Curtis, Nocedal (2018), Optimization Methods for Large-Scale Machine Learning, section 3.

    Example, by hand:
        >>> X, y = torch.tensor([[0.0], [10.0], [20.0]]), torch.tensor([0, 1, 2])
        >>> X_batch, y_batch = sample_minibatch(X, y, batch_size=2, generator=torch.Generator().manual_seed(0))
        >>> X_batch.shape, y_batch.shape
        (torch.Size([2, 1]), torch.Size([2]))
        >>> torch.equal(X_batch[:, 0], 10.0 * y_batch)  # for any rows: each keeps its label
        True
    """
    raise NotImplementedError


# %% [markdown]
# ## 6.2 An epoch of batches
# Shuffle the $n$ row numbers and cut them into $\lceil n/B \rceil$ batches. If $B$ does not divide $n$, the last batch is
# smaller, or left out if `drop_last` is set.


# %%
def minibatches(
    X: Tensor, y: Tensor, batch_size: int, generator: torch.Generator, drop_last: bool = False
) -> Iterator[tuple[Tensor, Tensor]]:
    """Go through the data once, in mini-batches, in a new random order.

    Every call shuffles again, with the next random numbers of `generator`. Every division of the examples into batches is
    equally likely. The order of the rows in a batch does not matter.

    Args:
        X: (n, ...) examples; not changed.
        y: (n,) their labels, int64; not changed.
        batch_size: number of examples per batch, 1 <= batch_size <= n.
        generator: the source of randomness.
        drop_last: leave out the last batch if it is smaller than `batch_size`.

    Returns:
        An iterator over pairs `(X_batch, y_batch)` of shapes (b, ...) and (b,). b is `batch_size`; if n % batch_size is not
        0, the last batch holds the n % batch_size examples that are left. Each example is in exactly one batch, or, with
        `drop_last`, in at most one.

    Raises:
        ValueError: if `batch_size` is outside [1, n]; the message names `batch_size`. A function with `yield`
            raises at the first `next`, and that is fine.

    Source: Bottou, Curtis, Nocedal (2018), Optimization Methods for Large-Scale Machine Learning, section 4.2, on going
    through the examples in random order.

    Example, by hand:
        >>> X, y = torch.tensor([[0.0], [10.0], [20.0]]), torch.tensor([0, 1, 2])
        >>> batches = list(minibatches(X, y, batch_size=2, generator=torch.Generator().manual_seed(0)))
        >>> [len(y_batch) for _, y_batch in batches]  # 3 = 2 + 1
        [2, 1]
        >>> sorted(torch.cat([y_batch for _, y_batch in batches]).tolist())  # each example once
        [0, 1, 2]
    """
    raise NotImplementedError


# %% [markdown]
# ## 6.3 The gradient of a batch
# The gradient of the mean loss over one batch, for every parameter tensor of the model:
#
# $$g_S = \nabla_w \frac{1}{B}\sum_{i \in S} \ell_i(w)$$
#
# PyTorch's `.backward()` *adds* to the values in `.grad`. This often causes errors, so here you return the gradients and
# leave `.grad` unchanged.


# %%
def minibatch_gradient(
    model: nn.Module, loss_fn: Callable[[Tensor, Tensor], Tensor], X: Tensor, y: Tensor
) -> list[Tensor]:
    """Compute the gradient of the mean loss over one batch.

    Args:
        model: maps `X` to outputs. Every parameter requires grad and takes part in the loss. The parameters and their
            `.grad` fields are not changed.
        loss_fn: maps `(model(X), y)` to the mean loss over the batch, a 0-d tensor.
        X: (B, ...) the batch's examples; not changed.
        y: (B,) their labels, int64; not changed.

    Returns:
        A list of new tensors: one gradient per parameter, in the order of `model.parameters()` and of the same shape and
        dtype. They belong to no autograd graph.

    Source: Bottou, Curtis, Nocedal (2018), section 3; `torch.autograd.grad` for a function that returns gradients.

    Example, by hand:
        >>> model = nn.Linear(1, 1, bias=False)
        >>> _ = nn.init.constant_(model.weight, 2.0)
        >>> X, y = torch.tensor([[1.0], [3.0]]), torch.tensor([1, 4])
        >>> loss_fn = lambda outputs, targets: ((outputs[:, 0] - targets) ** 2).mean()
        >>> minibatch_gradient(model, loss_fn, X, y)  # errors 2 - 1 and 6 - 4: (2 * 1 * 1 + 2 * 2 * 3) / 2 = 7
        [tensor([[7.]])]
    """
    raise NotImplementedError


# %% [markdown]
# ## 6.4 How noisy is it?
# Measure the noise of a batch's gradient. Put the gradients $g_1, \dots, g_n$ of the single examples into the rows of a
# matrix. Then draw batches, and measure how far their means are from the mean of all rows. With $D$ draws $S_1, \dots,
# S_D$,
#
# $$\frac{1}{D}\sum_{k=1}^{D} \lVert g_{S_k} - g\rVert^2 \;\approx\; \frac{\sigma^2}{B} \cdot \frac{n - B}{n - 1}.$$
#
# Compute the left-hand side. The right-hand side gives the expectation.


# %%
def gradient_noise(per_example_grads: Tensor, batch_size: int, num_draws: int, generator: torch.Generator) -> float:
    """Measure the mean squared distance between a random batch's mean gradient and the full mean gradient.

    Each draw takes `batch_size` different rows, where every set of rows is equally likely, and computes the squared
    Euclidean distance between their mean and the mean of all rows. The draws are independent of each other.

    Args:
        per_example_grads: (n, d) float tensor, row i the gradient of example i; not changed.
        batch_size: number of rows per batch, 1 <= batch_size <= n.
        num_draws: number of batches to draw, num_draws >= 1.
        generator: the source of randomness.

    Returns:
        The mean over the draws, a Python float, in units of a squared gradient. Its expectation is
        `(sigma^2 / B) * (n - B) / (n - 1)`, where `sigma^2` is the mean squared distance of a row from the mean row
        (with denominator n).

    Raises:
        ValueError: if `batch_size` is outside [1, n], or if `num_draws < 1`; the message names `batch_size` or
            `num_draws`.

    Source: Cochran (1977), Sampling Techniques, theorem 2.2, for the expectation.

    Example, by hand:
        >>> grads = torch.tensor([[1.0, 0.0], [3.0, 0.0]])  # mean (2, 0); either row is at distance 1 from it
        >>> gradient_noise(grads, batch_size=1, num_draws=5, generator=torch.Generator().manual_seed(0))
        1.0
    """
    raise NotImplementedError


# %% [markdown]
# ## 6.5 Stochastic gradient descent
# Put it together. In each epoch, loop over `minibatches`, and take one step per batch:
#
# $$w \leftarrow w - \eta\, g_S$$
#
# You get the loss of a batch for free with its gradient. Store it: the curve is noisy, but its trend shows the progress of
# the training.


# %%
def sgd(
    model: nn.Module,
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    X: Tensor,
    y: Tensor,
    lr: float,
    batch_size: int,
    num_epochs: int,
    generator: torch.Generator,
) -> list[float]:
    """Train a model in place by stochastic gradient descent with a constant learning rate.

    Each epoch goes once through the data in a new random order, like `minibatches`, with the smaller last batch. For
    each batch, take one step, `w <- w - lr * g` for every parameter `w`, where `g` is the gradient of the mean
    loss over this batch. With `batch_size = n` this is gradient descent.

    Args:
        model: change its parameters in place; they keep their dtype. The final values of `.grad` do not matter.
        loss_fn: maps `(model(X_batch), y_batch)` to the mean loss over the batch, a 0-d tensor.
        X: (n, ...) examples; not changed.
        y: (n,) their labels, int64; not changed.
        lr: learning rate, lr >= 0.
        batch_size: number of examples per step, 1 <= batch_size <= n.
        num_epochs: number of passes through the data; 0 changes nothing.
        generator: the source of randomness.

    Returns:
        A list of Python floats, one per step, in order: the mean loss over the step's batch, **before** its
        update. It has num_epochs * ceil(n / batch_size) entries.

    Raises:
        ValueError: if `lr < 0`, or if `batch_size` is outside [1, n]; the message names `lr` or `batch_size`.

    Source: Robbins and Monro (1951), A Stochastic Approximation Method; Bottou, Curtis, Nocedal (2018), section 3.

    Example, by hand:
        >>> model = nn.Linear(1, 1, bias=False)
        >>> _ = nn.init.constant_(model.weight, 2.0)
        >>> X, y = torch.tensor([[1.0], [3.0]]), torch.tensor([1, 4])
        >>> loss_fn = lambda outputs, targets: ((outputs[:, 0] - targets) ** 2).mean()
        >>> sgd(model, loss_fn, X, y, lr=0.1, batch_size=2, num_epochs=1, generator=torch.Generator())  # (1 + 4) / 2
        [2.5]
        >>> round(model.weight.item(), 6)  # the gradient is 7, see above: 2 - 0.1 * 7
        1.3
    """
    raise NotImplementedError


# %% [markdown]
# ## 6.6 Where SGD hovers
# Take a bowl with the same curvature $c$ in every direction, $J(w) = \frac{c}{2}\lVert w \rVert^2$, with its minimum at 0.
# Let every step draw its batch afresh and independently, as from endless data. The gradient of a batch is $c\,w$ plus an
# error $\xi$ with mean zero and $\mathbb{E}\lVert\xi\rVert^2 = \sigma^2/B$. So one step gives
#
# $$w' = (1 - \eta c)\,w - \eta\,\xi \qquad\qquad
# \mathbb{E}\lVert w'\rVert^2 = (1 - \eta c)^2\,\mathbb{E}\lVert w\rVert^2 + \eta^2\,\frac{\sigma^2}{B}.$$
#
# The first term shrinks the distance, and the second adds to it. They balance where the mean squared distance stays the
# same. This is the *noise floor*; solve for it:
#
# $$\mathbb{E}\lVert w\rVert^2 = \frac{\eta\,\sigma^2}{B\,c\,(2 - \eta c)}.$$
#
# While $\eta$ is small beside $1/c$, the bracket is nearly 2, and only the quotient $\eta / B$ matters. This is the *linear
# scaling rule*: with a batch twice as large, take a learning rate twice as large, and the floor stays the same. The rule
# ends where $\eta$ is no longer small: at $1/c$ the floor is twice what the rule says, and at $2/c$ there is none.
#
# Shuffled epochs hover lower than this formula, because each example counts exactly once and the errors of an epoch cancel
# in part. With $B = n$ they cancel completely.
#
# In this exercise you also write the tests of the arguments. Write each so that NaN fails it: `not noise >= 0` refuses NaN,
# and `noise < 0` does not. The order matters: the range of `lr` has a meaning only if `curvature` is positive.


# %%
def noise_floor(lr: float, curvature: float, noise: float, batch_size: int) -> float:
    """Compute the mean squared distance to the minimum at which SGD hovers on a bowl.

    `lr * noise / (batch_size * curvature * (2 - lr * curvature))`: the value that a step no longer changes, if the bowl has
    the same curvature in every direction and every step draws its batch independently.

    Args:
        lr: learning rate, 0 <= lr < 2 / curvature.
        curvature: second derivative of the loss in every direction, curvature > 0.
        noise: `sigma^2` of `gradient_noise`, noise >= 0: the mean squared distance of one example's gradient from the mean
            gradient, summed over the coordinates.
        batch_size: number of examples per step, batch_size >= 1, without an upper end.

    Returns:
        The mean squared distance, a Python float, in the unit of a squared weight; 0.0 if `lr` or `noise` is 0.

    Raises:
        ValueError: if `curvature <= 0`, if `lr` is outside [0, 2 / curvature), if `noise < 0`, or if `batch_size < 1`; the
            message names the argument. If several are wrong, it names the first in this order.

    Source: Mandt, Hoffman and Blei (2017), Stochastic gradient descent as approximate Bayesian inference, for the
    stationary state; Goyal et al. (2017), arXiv:1706.02677, for the linear scaling rule.

    Example, by hand:
        >>> noise_floor(0.5, curvature=2.0, noise=8.0, batch_size=4)  # 0.5 * 8 / (4 * 2 * (2 - 0.5 * 2)) = 4 / 8
        0.5
    """
    raise NotImplementedError


# %% [markdown]
# ## See it
# Now run `grade plot section6`. `gradient-noise` shows the formula of 6.4 and your measurement. `examples-processed` gives
# each batch size its own best learning rate: small batches all get about equally far for the same number of examples, and
# very large ones fall behind, because they take too few steps. `noise-floor` shows 6.6: while the learning rate is small,
# one line in lr / B for all batch sizes, and below it the shuffled epochs of your `sgd`. `cost-of-gradient` shows why a
# batch of 1 is still slow on your machine.

# %% [markdown]
# ## Reflection
#
# **A batch four times as large costs four times as much. How much less noise does its gradient have, and when is that worth
# it?**
#
# *Your answer*
#
# **Your training loss stays at a level and does not fall further. Name two changes that lower the noise floor, and what each
# costs.**
#
# *Your answer*
