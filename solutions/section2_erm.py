# %% [markdown]
# # Section 2: Empirical risk minimisation
#
# **Time:** about 130 minutes: 25 to read and predict, 80 to write the functions, 25 for the pictures and the reflection.
#
# **Why optimise?** We cannot write down a rule that says when a grid of 784 grey values is a "3". But we can collect
# images with their labels, write down a family of functions, and *search* for a function that labels the images well.
# Learning becomes optimisation. First we choose four things:
#
# - **Data.** Pairs $(x_i, y_i)$, $i = 1, \dots, n$, **independent and identically distributed**: each is drawn from the
#   same unknown distribution $P$, and none depends on the others. Here: MNIST, images of handwritten digits and their
#   labels $0, \dots, 9$, so $K = 10$ classes.
# - **Model.** A function $f_w$ with adjustable weights $w \in \mathbb{R}^d$, which maps an image to $K$ scores, the
#   *logits*. Here: a multilayer perceptron. Even a tiny one, 784-10-10, has $d = 7960$ weights.
# - **Loss.** A number $\ell(f_w(x), y)$ that says how bad an answer is. Here: cross-entropy, the negative logarithm of
#   the probability that the model gives to the right class. We care about accuracy, but as a function of $w$ it is
#   a staircase: flat between its jumps, so it has no slope to follow. Cross-entropy has one, so we minimise it instead.
# - **Empirical risk.** The mean loss over our data. This is the function that we minimise:
#
# $$J(w) = \frac{1}{n} \sum_{i=1}^{n} \ell\big(f_w(x_i), y_i\big) \;\to\; \min_w$$
#
# **The loss landscape.** Think of $J$ as the height of a landscape over the space of weights. We stand somewhere in it,
# in fog. We can measure the height under our feet and its slope, for the price of a pass over the data. We cannot draw
# 7960 axes. But we can draw a plane through the landscape, which shows ravines, plateaus and many valleys:
# [losslandscape.com](https://losslandscape.com) has beautiful pictures.
#
# **How?** There is no formula for the lowest point, so we walk: start at random weights, and repeat steps downhill.
# Each of the next sections is about one difficulty: many dimensions (3), ravines (4), many valleys (5), the price of a
# slope (6), and the length of the step (7).
#
# **Empirical and true risk.** We want a small *true* risk $R(w) = \mathbb{E}_{(x, y) \sim P}\, \ell(f_w(x), y)$, the
# expected loss on new images. Fix a $w$ before you see the data. Each pair comes from $P$, so each loss has the expectation
# $R(w)$, and so has their mean:
#
# $$\mathbb{E}\,J(w) = \frac{1}{n} \sum_{i=1}^{n} \mathbb{E}\,\ell\big(f_w(x_i), y_i\big) = R(w).$$
#
# The empirical risk is **unbiased**: right on average. The pairs are independent, so their errors partly cancel: if one loss
# has the variance $\sigma^2$, the mean has $\sigma^2/n$. But we choose the final $w$ *because* it is good on these $n$
# examples. For that $w$ the argument fails, and the empirical risk is usually too optimistic. The gap shrinks as $n$ grows.
# We measure it on held-out data that we did not use for the choice. Means to make the gap smaller are called
# **regularisation**: fewer weights, smaller weights, an early end.
#
# **Further reading.** Goodfellow, Bengio and Courville, [Deep Learning](https://www.deeplearningbook.org), section 8.1,
# on how learning differs from pure optimisation.

# %% [markdown]
# ## Predict first
# Answer before you write or run anything: replace each `None`, or type `grade predict section2`, which asks you. A
# prediction earns its points whether it is right or wrong. When your functions work, the same command shows what happens.

# %%
PREDICTIONS = {
    # A model labels 100 images. It gives the right class the probability 0.9 for 99 of them, and 0.000001 for one. How much of
    # the sum of the 100 losses comes from that single image?
    # Answer: "about 1 %", "about a tenth" or "more than half"
    "share_of_one_image": "about a tenth",
    # One network learns 20 images, another 1,000, each until its mean loss on its own images is 0.1. What is the mean loss of
    # the first one on new images?
    # Answer: a number, within 0.5
    "risk_on_new_images": 0.3,
    # Softmax regression and a network with ten hidden units learn the ten digits from the same 1,000 images, equally long.
    # Does the network read more new images correctly?
    # Answer: "yes, many more", "yes, a few more" or "no"
    "do_hidden_units_help": "yes, many more",
}

# %% [markdown]
# ## Conventions
# - `X` is a float tensor whose first axis counts the n examples, `y` and `targets` are int64 tensors (n,) with values
#   from 0 to K - 1. `logits` is a float tensor (n, K): a row per example, a column per class.
# - `model` is an `nn.Module`, `loss_fn(logits, targets)` returns the mean loss of a batch as a 0-d tensor.
# - Everything works for float32 and float64, and returns the dtype of its inputs, unless the docstring says otherwise.
#   A returned float is a Python `float`, not a tensor. Inputs are not changed.
# - A bad argument raises `ValueError` with the argument's name in the message. Each docstring lists the cases under
#   Raises; you may refuse more.
# - Exercises may call each other, and you may add helper functions. Importing this file must not run anything else.

# %%
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

# %% [markdown]
# ## 2.1 The data
# Pixels are bytes from 0 (black) to 255 (white). Inputs should have a mean near 0 and a standard deviation near 1: a large
# common mean alone makes the landscape a ravine. First scale to [0, 1], then use the mean and the standard deviation of all
# pixels of the training set, $\mu = 0.1307$ and $\sigma = 0.3081$ on that scale.
#
# $$x = \frac{\text{pixel} / 255 - \mu}{\sigma}$$


# %%
def normalize_images(images: Tensor, mean: float = 0.1307, std: float = 0.3081) -> Tensor:
    """Turn images of bytes into rows of normalised numbers, `(pixel / 255 - mean) / std`.

    Args:
        images: uint8 (n, 28, 28), grey values from 0 to 255. Not changed.
        mean: the number to subtract, on the scale where white is 1.
        std: the divisor after that, on the same scale; std > 0.

    Returns:
        float32 (n, 784), an image per row, its 28 lines one after the other.

    Raises:
        ValueError: if `std <= 0`; the message names `std`.

    Source: LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document recognition, for the
    images; mean and standard deviation are those of its 60,000 training images.

    Example, by hand:
        >>> images = torch.zeros(1, 28, 28, dtype=torch.uint8)
        >>> images[0, 0, 1] = 255
        >>> normalize_images(images, mean=0.5, std=0.25)[0, :3]  # (0 - 0.5) / 0.25 = -2;  (1 - 0.5) / 0.25 = 2
        tensor([-2.,  2., -2.])
    """
    ### BEGIN SOLUTION
    if not std > 0:
        raise ValueError(f"std must be greater than 0, got {std}")
    return ((images.to(torch.float32) / 255 - mean) / std).flatten(1)
    ### END SOLUTION


# %% [markdown]
# ## 2.2 The model
# A multilayer perceptron alternates linear maps with an **activation function**, a nonlinear function of each hidden unit.
# Here it is $\mathrm{ReLU}(z) = \max(z, 0)$:
#
# $$h_1 = \mathrm{ReLU}(W_1 x + b_1), \quad \dots, \quad h_m = \mathrm{ReLU}(W_m h_{m-1} + b_m), \qquad
# f_w(x) = W_{m+1} h_m + b_{m+1}$$
#
# There is no ReLU after the last layer: a logit may be any real number. Without hidden layers this is softmax
# regression.
#
# **Why a nonlinear function?** Without it, two layers are one, however many units lie between them:
#
# $$W_2\,(W_1 x + b_1) + b_2 = (W_2 W_1)\,x + (W_2 b_1 + b_2).$$
#
# A linear model separates two classes by a plane. Is a digit even or odd? 0, 2, 4, 6 and 8 have little in common that
# a plane could find, and hidden units help. For the question which digit it is, a plane for each digit does quite
# well, and ten hidden units may even lose: they must squeeze the image into ten numbers. When your `MLP`
# works, run `grade plot section2 MLP` and look at the picture `nonlinearity`.


# %%
class MLP(nn.Module):
    """A multilayer perceptron: linear layers with ReLU between them, and none after the last.

    Each linear layer has a weight matrix and a bias vector as its parameters, like `nn.Linear`. They start at random:
    two hidden units with equal weights would stay equal. Units per layer: `in_dim`, then `hidden_dims`, then `out_dim`.
    784-10-10 has 784 * 10 + 10 + 10 * 10 + 10 = 7960 parameters.

    Args:
        in_dim: number of inputs per example.
        hidden_dims: number of units of each hidden layer; `()` makes it softmax regression.
        out_dim: number of classes K.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, chapter 6; `nn.Linear` for a layer.

    Example, by hand:
        >>> model = MLP(in_dim=784, hidden_dims=(10,), out_dim=10)
        >>> sum(parameter.numel() for parameter in model.parameters())
        7960
        >>> model(torch.zeros(3, 28, 28)).shape  # three images of 28 * 28 = 784 pixels, ten logits for each
        torch.Size([3, 10])
    """

    def __init__(self, in_dim: int = 784, hidden_dims: Sequence[int] = (10,), out_dim: int = 10) -> None:
        ### BEGIN SOLUTION
        super().__init__()
        dims = [in_dim, *hidden_dims, out_dim]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(dims))
        ### END SOLUTION

    def forward(self, X: Tensor) -> Tensor:
        """Compute the logits (n, out_dim) of `X`.

        `X` is (n, ...): all axes but the first are flattened, which leaves in_dim numbers per example. Logits are the
        output of the last linear layer, without softmax.
        """
        ### BEGIN SOLUTION
        activations = X.flatten(1)
        for layer in self.layers[:-1]:
            activations = torch.relu(layer(activations))
        logits: Tensor = self.layers[-1](activations)
        return logits
        ### END SOLUTION


# %% [markdown]
# ## 2.3 From logits to probabilities
# Softmax turns the logits $z$ of one example into probabilities $p_k = e^{z_k} / \sum_j e^{z_j}$, positive and with sum
# one. The loss needs their logarithms:
#
# $$\log p_k = z_k - \log \sum_j e^{z_j}$$
#
# The left side is the definition, the right side shows how to compute it. $e^{1000}$ is too large for a float,
# $e^{-1000}$ is rounded to 0, and $\log 0$ is $-\infty$. But $\log p$ does not change when you add the same number to
# all logits of an example. So shift the largest logit to 0 before you exponentiate, or let `torch.logsumexp` do it.


# %%
def log_softmax(logits: Tensor) -> Tensor:
    """Compute the logarithms of the softmax probabilities, row by row: `z_k - log(sum_j exp(z_j))`.

    The result is finite for any logits between -1e4 and 1e4. Write it yourself: do not call a library's `softmax`,
    `log_softmax` or `cross_entropy`. `torch.logsumexp` is allowed.

    Args:
        logits: (n, K), a row per example. Not changed.

    Returns:
        (n, K) in the dtype of `logits`, all entries at most 0; autograd works through it.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 4.1, for the shift that keeps it finite.

    Example, by hand:
        >>> log_softmax(torch.tensor([[0.0, 0.0], [1000.0, 0.0]]))  # log(1/2) twice;  then exp(-1000) is almost 0
        tensor([[-6.9315e-01, -6.9315e-01],
                [ 0.0000e+00, -1.0000e+03]])
    """
    ### BEGIN SOLUTION
    return logits - torch.logsumexp(logits, dim=1, keepdim=True)
    ### END SOLUTION


# %% [markdown]
# ## 2.4 The loss
# The probability that the model gives to the right label is its *likelihood*. We want it to be large for all examples,
# so we minimise the mean of its negative logarithm:
#
# $$L = -\frac{1}{n} \sum_{i=1}^{n} \log p_{i, y_i}$$
#
# A model that knows nothing gives $1/K$ to each class and has $L = \log K$, about 2.303 for ten digits. The gradient
# with respect to the logits is simple, $(p_{ik} - [k = y_i]) / n$: the predicted probability minus the right one.


# %%
def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Compute the mean negative log-likelihood of the targets, `-mean_i log_softmax(logits)[i, targets[i]]`.

    The unit is nats: the logarithm is the natural one. The result is finite for logits between -1e4 and 1e4. As in
    `log_softmax`, do not call a library's `softmax`, `log_softmax` or `cross_entropy`; your own `log_softmax` and `nll_loss`
    are allowed.

    Args:
        logits: (n, K), not probabilities; n >= 1. Not changed.
        targets: int64 (n,), the right class of each example, from 0 to K - 1. Not changed.

    Returns:
        A 0-d tensor in the dtype of `logits`, through which autograd reaches the logits.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.2; `torch.nn.functional.cross_entropy` is
    the same function.

    Example, by hand:
        >>> logits = torch.tensor([[0.0, 0.0], [0.0, 1.0986123]])  # probabilities 1/2, 1/2 and 1/4, 3/4
        >>> cross_entropy(logits, torch.tensor([0, 1]))  # (log(2) + log(4/3)) / 2 = (0.6931 + 0.2877) / 2
        tensor(0.4904)
    """
    ### BEGIN SOLUTION
    rows = torch.arange(len(targets))
    return -log_softmax(logits)[rows, targets].mean()
    ### END SOLUTION


# %% [markdown]
# ## 2.5 Empirical risk
# This is the height of the landscape at the model's current weights. All n examples at once may not fit into memory, so
# they go through the model in batches. The last batch may be smaller: if batch $b$ has $n_b$ examples and the mean loss
# $L_b$, then
#
# $$J = \frac{1}{n} \sum_b n_b\, L_b$$
#
# Some layers behave differently in training and in evaluation: dropout, batch normalisation. A *measurement* must
# switch the model to its evaluation mode, and restore the old mode afterwards, even after an exception.


# %%
def empirical_risk(
    model: nn.Module,
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    X: Tensor,
    y: Tensor,
    batch_size: int | None = None,
) -> float:
    """Compute the mean loss of a model over all n examples.

    During the measurement the model is in evaluation mode. Afterwards it is back in its old mode, training or
    evaluation, also when `loss_fn` raises an exception. The weights and their `.grad` do not change, and no gradient is
    kept.

    Args:
        model: maps (b, ...) inputs to logits.
        loss_fn: `loss_fn(logits, targets)` returns the *mean* loss of these examples, a 0-d tensor.
        X: inputs (n, ...), n >= 1.
        y: int64 (n,), the targets.
        batch_size: number of examples that go through the model at a time, from 1 to n; the last batch may be smaller.
            None takes all at once. The result is the same for each size, up to rounding.

    Returns:
        The empirical risk, a Python float.

    Raises:
        ValueError: if `batch_size` is neither None nor in [1, n]; the message names `batch_size`.

    Source: Vapnik (1991), Principles of risk minimization for learning theory; `nn.Module.eval` for the mode.

    Example, by hand:
        >>> def distance(logits, targets):
        ...     return (logits[:, 0] - targets).abs().mean()
        >>> X, y = torch.tensor([[1.0], [3.0], [8.0]]), torch.tensor([0, 1, 2])  # distances 1, 2 and 6
        >>> empirical_risk(nn.Identity(), distance, X, y, batch_size=2)  # (2 * 1.5 + 1 * 6) / 3, not (1.5 + 6) / 2
        3.0
    """
    ### BEGIN SOLUTION
    n = len(X)
    size = n if batch_size is None else batch_size
    if not 1 <= size <= n:
        raise ValueError(f"batch_size must be in [1, {n}], got {batch_size}")
    was_training = model.training
    model.eval()
    try:
        total = 0.0
        with torch.no_grad():
            for inputs, labels in zip(X.split(size), y.split(size), strict=True):
                total += len(labels) * float(loss_fn(model(inputs), labels))
    finally:
        model.train(was_training)
    return total / n
    ### END SOLUTION


# %% [markdown]
# ## 2.6 Accuracy
# In the end we want to know: how often does the right class have the largest logit?


# %%
def accuracy(logits: Tensor, targets: Tensor) -> float:
    """Compute the fraction of examples in which the target has the largest logit.

    Args:
        logits: (n, K), a row per example, n >= 1; no row has its largest value twice. Not changed.
        targets: int64 (n,), the right class of each example. Not changed.

    Returns:
        A Python float from 0 (all wrong) to 1 (all right).

    Source: the definition.

    Example, by hand:
        >>> logits = torch.tensor([[2.0, 1.0], [0.0, 3.0], [5.0, 4.0], [1.0, 0.0]])  # predicts 0, 1, 0, 0
        >>> accuracy(logits, torch.tensor([0, 1, 1, 0]))  # three of four
        0.75
    """
    ### BEGIN SOLUTION
    return float((logits.argmax(dim=1) == targets).double().mean())
    ### END SOLUTION


# %% [markdown]
# Now run `grade plot section2`. In the picture `gap`, each network learns until its risk on its own images is 0.1. So all are
# equally good on the images that they know, and what differs is the risk on others.

# %% [markdown]
# ## Reflection
# Answer in two or three sentences each, below the question.
#
# **We care about accuracy, but minimise cross-entropy. Why, and when do the two disagree about which of two models is better?**
#
# *Your answer*
#
# **For weights fixed before the data are drawn, the empirical risk is an unbiased estimate of the risk. Why is it usually too
# low for the weights at which your training ends?**
#
# *Your answer*
