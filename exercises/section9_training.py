# %% [markdown]
# # Section 9: Putting it all together with PyTorch
#
# **Time:** about 220 minutes: 25 to read and predict, 165 to write the functions, and a third of these for your classifier
# (9.6), 30 for the pictures and the reflection.
#
# The earlier sections built every part of training by hand: a model and its risk, gradients, momentum, mini-batches,
# adaptive steps. PyTorch provides all of them. This section, a bonus, puts them together, and ends with your own
# classifier.
#
# **The loop.** Training code in PyTorch almost always has the same form:
#
# 1. `optimizer.zero_grad()` clears the gradients of the last batch. `backward()` *adds* to `.grad`, so without this
#    line every step would follow the sum of all gradients so far.
# 2. `loss = cross_entropy(model(X), y)` computes the mean loss of the batch.
# 3. `loss.backward()` computes the gradients, and `optimizer.step()` updates the parameters.
#
# **Two modes.** Some layers behave differently while a model learns. *Dropout* sets random activations to zero, and
# *batch normalisation* uses the mean and variance of the current batch. In use, both should be deterministic and
# independent of the other examples in the batch. `model.train()` and `model.eval()` switch between the two modes. If
# you forget `eval()`, a good model looks bad; if you forget to switch back, the next epoch learns without dropout.
#
# **Means of means.** The mean loss over all examples is not the mean of the batches' means when the last batch is
# smaller. Batch $b$ with $n_b$ examples and mean loss $J_b$ counts $n_b$ times:
#
# $$J = \frac{\sum_b n_b\, J_b}{\sum_b n_b}.$$
#
# **Choosing the learning rate.** No formula gives it, so we try several. A useful learning rate may be 0.001 or 1: its
# order of magnitude matters. So draw its *logarithm* uniformly. A uniform draw from $[10^{-4}, 1]$ would lie above 0.1
# nine times out of ten, and only once in the three decades below. With several hyper-parameters, often only
# one or two matter, and you do not know which. Then random search is better than a grid: every trial tries a new value of each.
#
# **Which data decide?** Use the test set once, at the end. Make all choices (the learning rate, the width, when to
# stop) on *validation* examples, set aside from the training set.
#
# **When the training loss falls alone.** A network with more weights than examples can learn its training examples by heart.
# Then the training loss goes to zero, and the validation loss often rises again: the network is sure of its mistakes, too.
# *Regularisation* is everything that pulls a network towards functions that also fit new examples: weight decay, dropout,
# fewer steps (*early stopping*) and, best of all, more examples. *Augmentation* makes more of those that you have.
#
# **Further reading.** J. Bergstra and Y. Bengio,
# [Random Search for Hyper-Parameter Optimization](https://www.jmlr.org/papers/v13/bergstra12a.html) (2012).

# %% [markdown]
# ## Before you start: predict
# Answer before you know: type `grade predict section9`, or write your answers in place of `None`. Every answer earns points,
# right or wrong. When your functions are written, `grade predict section9` shows what they do, and why.
#
# Two questions are about one run: a network with 32 hidden units trains on 1,000 digits for 40 epochs.

# %%
PREDICTIONS = {
    # Look at the first epoch. Which is higher: the training loss that `train_epoch` returns for it, or the loss that
    # `evaluate` measures after it, on new digits?
    # Answer: "the training loss", "the loss on new digits" or "they differ by less than 10 %"
    "first_epoch": None,
    # After about nine epochs the loss on new digits is lowest. Then it rises, to the last epoch by more than a tenth. What
    # happens to the share of new digits that are read right?
    # Answer: "it falls by more than 2 points", "it stays within 2 points" or "it rises by more than 2 points"
    "after_the_lowest_loss": None,
    # In ten steps a weight's gradient is 1, and OwnAdam moves the weight by 10 lr. In the next 90 steps the gradient is 0. How
    # far does the weight move in these 90 steps, in units of lr?
    # Answer: a number, within 20 %
    "moves_without_a_slope": None,
}

# %% [markdown]
# ## Conventions
# - `model` is an `nn.Module` that maps a batch `X` of shape (b, ...) to **logits** (b, K), one score per class. `y` is
#   int64 of shape (b,). The loss is cross-entropy: `torch.nn.functional.cross_entropy(model(X), y)` is its mean over
#   the batch.
# - `loader` is any iterable of batches `(X, y)`: a `DataLoader`, a list, or a generator, which works only once and has
#   no length. Batches may differ in size. There is at least one batch.
# - Randomness comes from the argument `generator`, if a function has one. The same generator state gives the same
#   result, and torch's global random state does not change.
# - A returned float is a Python `float`, not a tensor.
# - A bad argument raises `ValueError` with the argument's name in the message. Each docstring lists the cases under
#   Raises; you may refuse more.
# - Exercises may call each other, and you may add helper functions. Importing this file must not run anything else.

# %%
import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

# %% [markdown]
# ## 9.1 Five optimizers of PyTorch
# You know the update rules of all five from sections 3, 4 and 7. Here, choose PyTorch's own implementation by a name,
# for example from a configuration file or the command line.


# %%
def make_optimizer(name: str, params: Iterable[nn.Parameter], lr: float) -> torch.optim.Optimizer:
    """Construct one of five optimizers of `torch.optim`.

    | name | class | settings |
    | --- | --- | --- |
    | "sgd" | `torch.optim.SGD` | no momentum |
    | "momentum" | `torch.optim.SGD` | momentum 0.9, heavy ball (not Nesterov) |
    | "adagrad" | `torch.optim.Adagrad` | |
    | "rmsprop" | `torch.optim.RMSprop` | |
    | "adam" | `torch.optim.Adam` | |

    All other settings are PyTorch's defaults.

    Args:
        name: one of the five names.
        params: the parameters to update, an iterable such as `model.parameters()`, an iterator that works only once.
        lr: learning rate, lr >= 0.

    Returns:
        The optimizer, before any update.

    Raises:
        ValueError: if `name` is not one of the five; the message says that `name` is wrong, and lists all five names.

    Source: the documentation of `torch.optim`.

    Example, by hand:
        >>> w = nn.Parameter(torch.tensor([2.0]))
        >>> optimizer = make_optimizer("momentum", [w], lr=0.1)
        >>> for _ in range(2):
        ...     w.grad = torch.tensor([1.0])
        ...     optimizer.step()
        >>> round(w.item(), 6)  # the velocity is 1, then 0.9 * 1 + 1 = 1.9: 2 - 0.1 * 1 - 0.1 * 1.9
        1.71
    """
    raise NotImplementedError


# %% [markdown]
# ## 9.2 One epoch
# Go through the data once, and make a step after every batch. Record the loss: it costs nothing, because you compute it
# anyway.


# %%
def train_epoch(model: nn.Module, loader: Iterable[tuple[Tensor, Tensor]], optimizer: torch.optim.Optimizer) -> float:
    """Train a model for one epoch: one step of `optimizer` per batch, on the batch's mean cross-entropy.

    The model is in **train** mode during the epoch and afterwards, whichever mode it had before. Each step follows the
    gradient of its own batch only.

    Args:
        model: maps `X` to logits; trained in place.
        loader: the batches `(X, y)`, in the order of the steps; use it only once.
        optimizer: updates the model's parameters; from `make_optimizer`, or any other optimizer of `torch.optim` whose
            `step()` needs no closure.

    Returns:
        The mean training loss over all examples, a Python float. Each batch's loss is measured **before** its step, and
        counts as many times as the batch has examples.

    Source: the documentation of `torch.optim`, "Taking an optimization step".

    Example, by hand:
        >>> model = nn.Linear(1, 2, bias=False)
        >>> _ = nn.init.zeros_(model.weight)
        >>> loader = [(torch.tensor([[2.0]]), torch.tensor([0]))]
        >>> loss = train_epoch(model, loader, torch.optim.SGD(model.parameters(), lr=0.1))
        >>> round(loss, 4)  # both classes have probability 1/2 before the step: log 2
        0.6931
        >>> model.weight.flatten()  # the gradient is (1/2 - 1) * 2 = -1 for class 0, and 1/2 * 2 = 1 for class 1
        tensor([ 0.1000, -0.1000], grad_fn=<ViewBackward0>)
    """
    raise NotImplementedError


# %% [markdown]
# ## 9.3 How good is it?
# Measure loss and accuracy on data that the model does not learn from. A measurement must change nothing.


# %%
def evaluate(model: nn.Module, loader: Iterable[tuple[Tensor, Tensor]]) -> tuple[float, float]:
    """Measure a model's mean cross-entropy and its accuracy over all examples of a loader.

    The model computes in **eval** mode, and afterwards is back in its old mode. Its parameters, their `.grad` and its
    buffers are not changed.

    Args:
        model: maps `X` to logits (b, K).
        loader: the batches `(X, y)`; use it only once.

    Returns:
        `(loss, accuracy)`, two Python floats: the mean cross-entropy per example, and the fraction of examples, between
        0 and 1, whose class has the largest logit. Of equal logits, the first counts as the largest, as for `argmax`.

    Source: the documentation of `torch.nn.Module.eval` and of `torch.no_grad`.

    Example, by hand:
        >>> model = nn.Identity()  # the inputs are the logits
        >>> loader = [(torch.zeros(1, 2), torch.tensor([0])), (torch.tensor([[0.0, 40.0]] * 3), torch.tensor([1, 1, 0]))]
        >>> loss, accuracy = evaluate(model, loader)
        >>> round(loss, 4)  # (log 2 + 0 + 0 + 40) / 4
        10.1733
        >>> accuracy  # the first logits are equal: the first class wins; two of the others are right
        0.75
    """
    raise NotImplementedError


# %% [markdown]
# ## 9.4 Searching for the learning rate
# Draw $\log\eta$ uniformly between $\log(\text{low})$ and $\log(\text{high})$: with a uniform $u \in [0, 1]$,
#
# $$\eta = \text{low} \cdot \left(\frac{\text{high}}{\text{low}}\right)^{u}.$$
#
# A run whose learning rate is too high may diverge, and then its score is NaN. NaN is neither above nor below a number, so
# choose the direction of your comparison carefully.


# %%
def search_hyperparameters(
    train_and_score: Callable[[float], float], low: float, high: float, num_trials: int, generator: torch.Generator
) -> tuple[float | None, list[tuple[float, float]]]:
    """Search for a learning rate by random trials, log-uniformly between `low` and `high`.

    Args:
        train_and_score: trains with a given learning rate, a Python float, and returns a score, a float such as the
            validation accuracy. **Higher is better.** Call it exactly once per trial.
        low: smallest learning rate, low > 0.
        high: largest learning rate, high >= low.
        num_trials: number of learning rates to try, num_trials >= 1.
        generator: the source of randomness. The trials are independent of each other and of their scores.

    Returns:
        `(best_lr, trials)`. `trials` is a list of `(lr, score)`, two floats each, in the order of the trials. `best_lr`
        is the learning rate of the highest score. A NaN score never wins; if all scores are NaN, `best_lr` is None.

    Raises:
        ValueError: if `low <= 0`, if `high < low`, or if `num_trials < 1`; the message names `low`, `high` or
            `num_trials`.

    Source: Bergstra and Bengio (2012), Random Search for Hyper-Parameter Optimization.

    Example, by hand:
        >>> generator = torch.Generator().manual_seed(0)
        >>> best_lr, trials = search_hyperparameters(lambda lr: -lr, 0.01, 1.0, num_trials=3, generator=generator)
        >>> len(trials), all(0.01 <= lr <= 1 and score == -lr for lr, score in trials)
        (3, True)
        >>> best_lr == min(lr for lr, _ in trials)  # the score is -lr, so the smallest wins
        True
    """
    raise NotImplementedError


# %% [markdown]
# ## 9.5 Your own optimizer
# `torch.optim.Optimizer` does the bookkeeping of every optimizer, and a new one adds its settings and its update rule. The base
# class has `zero_grad`, `add_param_group`, `state_dict` and `load_state_dict`, and keeps
#
# - `self.param_groups`, a list of dicts. Each holds its parameters, `group["params"]`, and its own settings, such as
#   `group["lr"]`. A *learning-rate schedule* of PyTorch works by changing `group["lr"]` between steps.
# - `self.state`, which maps each parameter to a dict for its own numbers: `self.state[p]`. At first, each dict is empty.
#
# Both travel with `state_dict()`. So a run that is saved and loaded goes on as if nothing had happened, but only if
# *all* that your optimizer remembers is in these two places.
#
# Now write Adam (section 7) in this form. For each parameter it keeps two *exponential moving averages*, of the gradients and
# of their squares. Both start at zero, and after $t$ steps their weights add up to $1 - \beta^t$. So Adam divides by this sum.
# Count $t$ **for each parameter**: the averages of a layer that joins after 1,000 steps start at zero, too.
#
# **No gradient is not a gradient of zero.** After a step with gradient zero, Adam's average of gradients is smaller, but not
# zero, and the weight moves on. If `p.grad is None`, the parameter took no part in the loss. Leave it alone: the weight, the
# averages and the count.
#
# **A closure** is a function without arguments that computes the loss and its gradients. Some methods must measure the loss
# several times in a step. Adam needs it once: call it, then update, then return its loss. The closure calls `backward`, so it
# needs autograd switched on. The update needs it switched off.


# %%
class OwnAdam(torch.optim.Optimizer):
    """Adam as an optimizer of PyTorch. Step by step it agrees with `torch.optim.Adam`.

    Every step does the same for each parameter `w` that has a gradient `g`, element by element, with the settings of its
    group. First `m <- beta1 * m + (1 - beta1) * g` and `v <- beta2 * v + (1 - beta2) * g^2`, from zero. Then
    `w <- w - lr * m_hat / (sqrt(v_hat) + eps)` with `m_hat = m / (1 - beta1^t)` and `v_hat = v / (1 - beta2^t)`, where `t`
    counts the steps of this parameter, from 1. A parameter whose `.grad` is None keeps its value, its `m`, `v` and `t`.

    Each group may have its own `lr`, `betas` and `eps`. Read them at every step: a schedule may change them, and
    `add_param_group` may add a group. All state is in `self.state`, so that `state_dict()`, loaded into another `OwnAdam`,
    continues a run exactly. Write the rule yourself: do not call Adam of `torch.optim` or of another library.

    Args:
        params: an iterable of parameters, or of groups: dicts with `"params"` and any of `"lr"`, `"betas"` and `"eps"`.
        lr: learning rate of each group that sets none, lr >= 0, in the unit of the weights.
        betas: `(beta1, beta2)`, the factors of the old averages, each in [0, 1).
        eps: against division by zero, eps >= 0, in the unit of the gradient; added to the root of `v_hat`.

    Raises:
        ValueError: if `lr < 0`, if one of `betas` is outside [0, 1), or if `eps < 0`; the message names `lr`, `betas` or
            `eps`.

    Source: Kingma and Ba (2015), Adam: a method for stochastic optimization, arXiv:1412.6980; the documentation of
    `torch.optim.Optimizer`.

    Example, by hand:
        >>> w, frozen = nn.Parameter(torch.tensor([2.0])), nn.Parameter(torch.tensor([5.0]))
        >>> optimizer = OwnAdam([w, frozen], lr=0.1)
        >>> w.grad = torch.tensor([4.0])
        >>> optimizer.step()
        >>> round(w.item(), 4), frozen.item()  # m_hat = 0.4 / 0.1 = 4 and v_hat = 0.016 / 0.001 = 16: 2 - 0.1 * 4 / 4
        (1.9, 5.0)
        >>> w.grad = torch.tensor([0.0])
        >>> optimizer.step()  # m_hat = 0.36 / 0.19 = 1.8947 and v_hat = 0.015984 / 0.001999 = 7.996
        >>> round(w.item(), 4)  # 1.9 - 0.1 * 1.8947 / sqrt(7.996)
        1.833
    """

    def __init__(
        self,
        params: Iterable[nn.Parameter] | Iterable[dict[str, Any]],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        raise NotImplementedError

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update the parameters in place.

        `closure`, if there is one, computes the loss and its gradients: call it once, before the update, with gradients
        switched on, and return its loss. Without a closure, the gradients are there already: return None. The parameters'
        `.grad` do not change.
        """
        raise NotImplementedError


# %% [markdown]
# ## 9.6 Your classifier
# Now train a classifier for all ten digits, as good as you can. Use any architecture, optimizer, schedule and
# augmentation that fits into the budget of computing time and parameters. Your `OwnAdam` is as welcome as any optimizer of
# `torch.optim`. Set validation images aside while you search, and then train on all images with the best settings.
#
# The test digits are different from the training digits: each is shifted by up to two pixels and rotated by up to ten
# degrees. A network that has seen only upright, centred digits misreads many of them. So shift the training images at
# random while you train. This is *augmentation*, the regularisation that helps most here: new examples with known labels.
# It also helps to use that the input is an *image*: a convolution looks for the same small pattern everywhere, with few
# parameters. A learning-rate schedule that falls towards the end removes the noise of mini-batches.


# %%
def train_classifier(X_train: Tensor, y_train: Tensor, generator: torch.Generator) -> nn.Module:
    """Train a classifier of handwritten digits.

    Its score is the accuracy on 10,000 test images: those of MNIST in another order, each shifted by up to two pixels
    and rotated by up to ten degrees. The grader makes them when it grades, and the function never sees their labels.
    Points rise linearly with the accuracy, from none at 82.5 % to three at 97.7 %. Above 82.5 %, there is one more
    point: 0.25 for a model within the budget, 0.5 if in eval mode the logits of an image do not depend on other images,
    0.25 if training does not change its data and torch's global random state. The budget is 60 seconds of computing
    time on one core. Then the model has 15 more seconds to classify the test images, which is enough for every network
    that can be trained in a minute. Your computer may be faster or slower than the grading computer, so leave some
    margin.

    Args:
        X_train: (60000, 784) float32, rows of 28 x 28 pixels, normalised by `(pixel / 255 - 0.1307) / 0.3081`; not changed.
            The function should also work for fewer examples, as in the example below.
        y_train: (60000,) int64, the digits; not changed.
        generator: the source of randomness. Building layers draws from torch's global random state: seed it from
            `generator`, and restore its old state afterwards.

    Returns:
        The trained model, an `nn.Module` that maps (n, 784) float32 to finite logits (n, 10), for any n. Its parameters
        and buffers hold at least one number and at most 200,000, all counted, or it earns no points. The grader puts it
        into eval mode first.

    Source: LeCun, Bottou, Bengio, Haffner (1998), Gradient-Based Learning Applied to Document Recognition.

    Example:
        >>> X, y = torch.zeros(4, 784), torch.tensor([0, 1, 2, 3])
        >>> model = train_classifier(X, y, torch.Generator().manual_seed(0))
        >>> model(X).shape
        torch.Size([4, 10])
        >>> sum(p.numel() for p in model.parameters()) <= 200_000
        True
    """
    raise NotImplementedError


# %% [markdown]
# ## See it
# Now run `grade plot section9`. `curves` shows the run of the first two predictions: follow both losses from the first epoch to
# the last, and compare the panels. `coasting` shows what `OwnAdam` does with a gradient of zero, and with none. Look at
# `score-against-rate` before you choose a learning rate for 9.6, and at `confusion` and `worst-mistakes` after it: would
# you have read these digits?

# %% [markdown]
# ## Reflection
#
# **You try 30 learning rates and keep the one with the best validation accuracy. Why is that accuracy too good to be true for
# new digits, and how do you measure an honest one?**
#
# *Your answer*
#
# **The training loss still falls, and the validation loss rises. What is the network learning, and which two changes would you
# try first?**
#
# *Your answer*
