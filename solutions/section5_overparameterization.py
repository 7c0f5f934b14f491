# %% [markdown]
# # Section 5: Non-convexity and overparameterisation
#
# A quadratic bowl has one minimum, and every path downhill leads to it. The loss of a neural network has hills, valleys and
# many minima, and gradient descent sees no further than its next step. It ends in *some* valley, and the start decides
# which. That sounds hopeless. In practice it often works, and what helps most is simple: **give the network more weights
# than it needs**.
#
# **Time:** about 170 minutes: 30 to read and predict, 110 to write the functions, 30 for the pictures and the reflection.
#
# **The words.** A **local minimum** is a point with no lower point nearby; a lower one may lie far away. At a **saddle** the
# gradient is zero, too, but some directions lead down. Gradient descent stops at a minimum. It slows down near a saddle and
# leaves it, from almost every start.
#
# **Why the loss is not convex.** Exchange two hidden units, with all their weights: the function stays the same, but the
# point in weight space moves. A minimum of a network with $m$ different hidden units has $m!$ such *twins*, itself included:
# 6 for 3 units, 3,628,800 for 10. On the straight line between two twins lie other networks, and most of them are bad. A
# convex function cannot have such a barrier: on a line between two of its minima it is as low as at the ends.
#
# **Small networks get stuck.** A network can have enough units to fit the data and still not find the right weights. Two of
# its units may do the work of one, or a unit may be inactive on every example: its gradient is zero, so it never changes.
# The random start decides which runs are lucky, so the final loss differs from seed to seed. That is a *bad* local minimum.
#
# **Large networks rarely do.** If there are many more units than the data need, some of them may be useless: others do their
# work. There are also more directions to move in, so few points are a minimum in all directions at once. Take a small
# network that is stuck, and add units whose weights are zero. The function is the same and the gradient is still zero, but
# the point is now a saddle: a tiny push, and the new units leave it downhill. With enough units, even the worst of many runs
# fits the data. The price is more computing time per step.
#
# **How to look at it.** A function of 7,960 weights has too many dimensions for a picture. But you can walk in two
# directions from a solution $w^\star$ and draw the loss on that plane, $f(a, b) = J(w^\star + a\,d_x + b\,d_y)$. Random
# directions need care: a ReLU network does not change if you double the weights and biases of one layer and halve the weights
# of the next, so "a step of length 1" has no meaning by itself. The cure is to scale each unit's direction to the size of that
# unit's weights. This is *filter normalisation*. The pictures of [losslandscape.com](https://losslandscape.com) use it.
#
# **Further reading.** Li et al. (2018), [Visualizing the Loss Landscape of Neural Nets](https://arxiv.org/abs/1712.09913);
# Goodfellow, Vinyals and Saxe (2015), [Qualitatively characterizing neural network optimization
# problems](https://arxiv.org/abs/1412.6544); Fukumizu and Amari (2000), [Local minima and plateaus in hierarchical structures
# of multilayer perceptrons](https://doi.org/10.1016/S0893-6080(00)00009-5), for the small network inside the large one.

# %% [markdown]
# ## Conventions
# - Randomness comes only from the `generator` or the seed that a function gets. Leave torch's global random state
#   unchanged. Building an `nn.Module` may draw from it, except in `train_from_seeds`, which restores it.
# - Bad arguments raise `ValueError` with the argument's name in the message. Each docstring lists the cases under Raises.
# - Everything works for float32 and float64 and keeps the dtype.
# - Exercises may call each other, and you may add helper functions. Importing this file must not run anything else.

# %%
from collections.abc import Callable

import torch
from torch import Tensor, nn


def _check_at_least(low: float, **values: float) -> None:
    """Raise ValueError for the first value below `low`, as in `_check_at_least(1, width=width)`. Use it, or write your own."""
    for name, value in values.items():
        if not value >= low:
            raise ValueError(f"{name} is {value}: it must be {low} or more")


# %% [markdown]
# ## Predict first
# Answer before you write or run anything: replace each `None`, or type `grade predict section5`, which asks you. A
# prediction earns its points whether it is right or wrong. When your functions work, the same command shows what happens.

# %%
PREDICTIONS = {
    # A network with 3 hidden ReLU units made the data, so 3 units can fit them exactly. You train networks with 2, 3, 4, 6 and
    # 12 units for 4,000 steps, each from the same 8 seeds. What is the smallest of these widths at which all 8 runs end below
    # a loss of 0.001?
    # Answer: a number, within 1
    "units_that_always_suffice": 3,
    # A network with 10 hidden units has learned 200 digits: its loss is 0.045 nats. You put its hidden units into the reverse
    # order, which does not change the function. How high is the loss half way on the straight line between the two?
    # Answer: a number, within 0.5
    "loss_half_way_to_a_twin": 0.045,
    # Runs with 3 units are stuck in bad local minima: more steps hardly change the loss. You give each network 9 more
    # units with tiny random weights, so that the loss is nearly the same, and train on. What happens to the loss of most runs?
    # Answer: "it stays the same", "it falls to about half" or "it falls below a tenth"
    "nine_more_units": "it stays the same",
}

# %% [markdown]
# ## 5.1 A network of any size
# Width is the number of units in a hidden layer, depth the number of hidden layers. The output layer does not count: depth
# 0 is a linear model.


# %%
def make_mlp(width: int, depth: int, in_dim: int = 784, out_dim: int = 10) -> nn.Sequential:
    """Build a multilayer perceptron with `depth` hidden layers of `width` units each.

    Linear layers with a ReLU after each except the last: `in_dim -> width -> ... -> width -> out_dim`. The outputs are logits.

    Args:
        width: units per hidden layer, width >= 1.
        depth: number of hidden layers, depth >= 0; 0 gives a single linear layer.
        in_dim: number of inputs.
        out_dim: number of outputs.

    Returns:
        `nn.Sequential` that maps (n, in_dim) to (n, out_dim).

    Raises:
        ValueError: if `width < 1` or `depth < 0`; the message names `width` or `depth`.

    Source: `torch.nn.Sequential`, `torch.nn.Linear`, `torch.nn.ReLU`.

    Example, by hand:
        >>> [tuple(p.shape) for p in make_mlp(width=3, depth=1, in_dim=4, out_dim=2).parameters()]
        [(3, 4), (3,), (2, 3), (2,)]
    """
    ### BEGIN SOLUTION
    _check_at_least(1, width=width)
    _check_at_least(0, depth=depth)
    layers: list[nn.Module] = []
    inputs = in_dim
    for _ in range(depth):
        layers += [nn.Linear(inputs, width), nn.ReLU()]
        inputs = width
    return nn.Sequential(*layers, nn.Linear(inputs, out_dim))
    ### END SOLUTION


# %% [markdown]
# ## 5.2 How many weights?
# A linear layer from $m$ to $k$ units has $mk$ weights and $k$ biases. Count the numbers that training can change: skip
# frozen parameters, and count a tensor that two layers share once.


# %%
def count_parameters(model: nn.Module) -> int:
    """Count the trainable numbers of a model.

    Args:
        model: any module. Parameters with `requires_grad=False` and buffers (such as the running averages of batch
            normalisation) are not trainable. A parameter that several layers share counts once.

    Returns:
        The number of trainable numbers, an int.

    Source: `torch.nn.Module.parameters`.

    Example, by hand:
        >>> count_parameters(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)))  # 4*3 + 3 + 3*2 + 2
        23
    """
    ### BEGIN SOLUTION
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
    ### END SOLUTION


# %% [markdown]
# ## 5.3 Between two solutions
# Walk in a straight line from one set of weights to another:
#
# $$w(\alpha) = (1 - \alpha)\, w_a + \alpha\, w_b$$
#
# At $\alpha = 0$ and $1$ are the two solutions, and in between there is often a hill. The line continues outside $[0, 1]$.


# %%
def interpolate(state_a: dict[str, Tensor], state_b: dict[str, Tensor], alpha: float) -> dict[str, Tensor]:
    """Mix two state dicts: `(1 - alpha) * a + alpha * b` for each floating-point entry.

    Args:
        state_a: a dict from names to tensors, as `nn.Module.state_dict()` returns; not changed.
        state_b: the same names and shapes; not changed.
        alpha: any real number; 0 gives `state_a`, 1 gives `state_b`.

    Returns:
        A new dict with the same names. Entries that are not floating-point (such as `num_batches_tracked`) are copied from
        `state_a`. No tensor shares memory with the inputs.

    Raises:
        KeyError: if the two dicts do not have the same names.

    Source: Goodfellow, Vinyals and Saxe (2015), Qualitatively characterizing neural network optimization problems.

    Example, by hand:
        >>> interpolate({"w": torch.tensor([0.0, 4.0])}, {"w": torch.tensor([2.0, 8.0])}, alpha=0.25)
        {'w': tensor([0.5000, 5.0000])}
    """
    ### BEGIN SOLUTION
    if state_a.keys() != state_b.keys():
        raise KeyError(f"only in one of the two: {sorted(state_a.keys() ^ state_b.keys())}")
    return {
        name: (1 - alpha) * a + alpha * state_b[name] if a.is_floating_point() else a.clone()
        for name, a in state_a.items()
    }
    ### END SOLUTION


# %% [markdown]
# ## 5.4 The twins of a solution
# Put the hidden units of a network into another order: unit $j$ of the new network is unit $\sigma(j)$ of the old one. With
# the hidden weights $W$ and biases $b$, and the output weights $V$,
#
# $$W'_{j,:} = W_{\sigma(j),:} \qquad b'_j = b_{\sigma(j)} \qquad V'_{:,j} = V_{:,\sigma(j)}$$
#
# and the output bias stays. The sum over the units has the same terms in another order, so the function is the same. But the
# weights are another point, and on the straight line between the two the loss usually has a barrier. A convex loss would have
# none.
#
# In this exercise you also write the test of the argument: think of all the ways in which a list of numbers is not an order
# of $m$ units.


# %%
def permute_hidden_units(state: dict[str, Tensor], order: list[int] | Tensor) -> dict[str, Tensor]:
    """Put the hidden units of a network into another order: other weights, the same function.

    Args:
        state: the state dict of `make_mlp(width, 1)`; not changed. Its four entries are, in this order, the hidden weights
            (width, in_dim), the hidden biases (width,), the output weights (out_dim, width) and the output biases (out_dim,).
        order: a list of ints or a 1-D int64 tensor: each of 0, ..., width - 1 once. Hidden unit j of the result is unit
            `order[j]` of `state`. Not changed.

    Returns:
        A new dict with the same names, in the same order, shapes and dtype. No tensor shares memory with `state`.

    Raises:
        ValueError: if `order` does not hold each of 0, ..., width - 1 exactly once; the message names `order`. Negative
            numbers are refused: Python would count them from the end.

    Source: Hecht-Nielsen (1990), On the algebraic structure of feedforward network weight spaces.

    Example, by hand:
        >>> names = make_mlp(width=3, depth=1, in_dim=1, out_dim=1).state_dict()
        >>> numbers = [[1.0], [2.0], [3.0]], [4.0, 5.0, 6.0], [[7.0, 8.0, 9.0]], [0.5]
        >>> state = {name: torch.tensor(entry) for name, entry in zip(names, numbers)}
        >>> hidden, biases, output, bias = permute_hidden_units(state, [2, 0, 1]).values()  # unit 0 is the old unit 2
        >>> hidden.T, biases, output, bias
        (tensor([[3., 1., 2.]]), tensor([6., 4., 5.]), tensor([[9., 7., 8.]]), tensor([0.5000]))
    """
    ### BEGIN SOLUTION
    names = list(state)
    hidden, biases, output, bias = (entry.detach() for entry in state.values())
    units = torch.as_tensor(order, dtype=torch.int64)
    if not torch.equal(units.sort().values, torch.arange(len(biases))):
        raise ValueError(f"order must hold each of 0, ..., {len(biases) - 1} once, got {order}")
    return dict(zip(names, (hidden[units], biases[units], output[:, units], bias.clone()), strict=True))
    ### END SOLUTION


# %% [markdown]
# ## 5.5 A direction that means something
# Draw a Gaussian direction $d$ of the shape of the weights $W$. Row $i$ of $W$ belongs to output unit $i$. Give row $i$ of
# the direction the same norm:
#
# $$d_i \leftarrow d_i\, \frac{\lVert W_i \rVert}{\lVert d_i \rVert}$$
#
# For a convolution, "row" $i$ is the whole filter $W_i$, of any shape. Biases do not move.


# %%
def filter_normalized_direction(params: list[Tensor], generator: torch.Generator) -> list[Tensor]:
    """Draw a random direction in which every unit moves in proportion to the size of its weights.

    For each tensor with two or more dimensions: a Gaussian direction, each row (slice along the first axis) scaled to the
    Euclidean norm of that row of the weights. For 1-D tensors (biases): zero.

    Args:
        params: weights and biases; not changed. A row of zeros gets a direction of zeros.
        generator: where the randomness comes from.

    Returns:
        One direction per tensor, of its shape and dtype.

    Source: Li et al. (2018), Visualizing the Loss Landscape of Neural Nets, section 4, arXiv:1712.09913.

    Example, by hand:
        >>> weights, bias = torch.tensor([[3.0, 4.0], [0.0, 1.0]]), torch.ones(2)
        >>> d, zero = filter_normalized_direction([weights, bias], torch.Generator().manual_seed(0))
        >>> d.norm(dim=1), zero  # the rows of the weights have norms 5 and 1
        (tensor([5., 1.]), tensor([0., 0.]))
    """
    ### BEGIN SOLUTION
    directions = []
    for p in params:
        weights = p.detach()
        direction = torch.zeros_like(weights)
        if weights.dim() > 1:
            direction = torch.randn(weights.shape, generator=generator, dtype=weights.dtype)
            rows = direction.flatten(1)
            scale = weights.flatten(1).norm(dim=1) / rows.norm(dim=1)
            direction = (rows * scale[:, None]).reshape(weights.shape)
        directions.append(direction)
    return directions
    ### END SOLUTION


# %% [markdown]
# ## 5.6 The loss on a plane
# For each $(a, b)$ of a grid, set the weights to $w + a\,d_x + b\,d_y$ and evaluate the loss. At the end, restore the
# weights to the last bit. Adding a step and subtracting it again is not enough: each addition rounds.


# %%
def loss_surface(
    loss_fn: Callable[[], Tensor],
    params: list[Tensor],
    direction_x: list[Tensor],
    direction_y: list[Tensor],
    xs: Tensor,
    ys: Tensor,
) -> Tensor:
    """Evaluate the loss on a grid in the plane of two directions.

    Args:
        loss_fn: takes no argument and returns the loss, a 0-d tensor, at the values that `params` hold at the call.
        params: the tensors that `loss_fn` reads. Change them in place, and restore their old values, bit for bit, before the
            function returns, also when `loss_fn` raises. They may or may not require grad.
        direction_x: one direction per tensor, same shapes; not changed.
        direction_y: one more direction per tensor, same shapes; not changed.
        xs: (I,) steps along `direction_x`.
        ys: (J,) steps along `direction_y`.

    Returns:
        (J, I) tensor in the dtype of `params`, with no autograd graph: entry [j, i] is the loss at
        `params + xs[i] * direction_x + ys[j] * direction_y`.

    Source: Li et al. (2018), Visualizing the Loss Landscape of Neural Nets, arXiv:1712.09913.

    Example, by hand:
        >>> w = torch.tensor([1.0, 0.0])
        >>> dx, dy = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
        >>> loss_surface(lambda: (w**2).sum(), [w], [dx], [dy], torch.tensor([0.0, 1.0, 2.0]), torch.tensor([0.0, 3.0]))
        tensor([[ 1.,  4.,  9.],
                [10., 13., 18.]])
    """
    ### BEGIN SOLUTION
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                with torch.no_grad():
                    for p, w, dx, dy in zip(params, saved, direction_x, direction_y, strict=True):
                        p.copy_(w + x * dx + y * dy)
                surface[j, i] = loss_fn().detach()
    finally:
        with torch.no_grad():
            for p, w in zip(params, saved, strict=True):
                p.copy_(w)
    return surface
    ### END SOLUTION


# %% [markdown]
# ## 5.7 The same training from many starts
# Train the same network from several seeds and compare the final losses. Small networks fail although they could fit the
# data. To show this, the grader makes the data with a fixed *teacher*: a network with 4 inputs, 3 ReLU units and one
# output. So a loss of zero is possible from width 3 on. Train each network on 200 examples by gradient descent on the mean
# squared error,
#
# $$J(w) = \frac{1}{n} \sum_{i=1}^{n} \bigl(f_w(x_i) - y_i\bigr)^2$$
#
# With 3 or 4 units some seeds find the teacher and some do not; with 12 nearly all do. Return the weights; the grader
# computes the losses itself. Check the shapes: the network's output is (n, 1) and the targets are (n,). Their difference
# broadcasts to (n, n) without an error.


# %%
def train_from_seeds(
    width: int, seeds: list[int], X: Tensor, y: Tensor, lr: float, num_steps: int
) -> list[dict[str, Tensor]]:
    """Train a network with one hidden layer from each seed, and return the weights of each.

    For each seed: a new network `X.shape[1] -> width -> 1` with ReLU, in the dtype of `X`, whose initialisation the seed
    determines; then `num_steps` steps of full-batch gradient descent on the mean over the examples of `(output - y)^2`,
    without a factor 1/2, where output is the network's (n, 1) squeezed to (n,).

    Args:
        width: units in the hidden layer, width >= 1.
        seeds: one int per run. Equal seeds give equal runs, different seeds different runs.
        X: (n, d) inputs; not changed.
        y: (n,) targets in the dtype of `X`; not changed.
        lr: learning rate, lr >= 0.
        num_steps: number of steps, num_steps >= 0; 0 gives the untrained networks. The start depends on neither this nor `lr`.

    Returns:
        One state dict per seed, in the order of `seeds`; no seeds give `[]`. Each holds, in this order and under any names, the
        hidden weights (width, d), the hidden biases (width,), the output weights (1, width) and the output bias (1,), in the
        dtype of `X`, like `nn.Module.state_dict()` of a network from 5.1. No two tensors of the list share memory. The
        function restores torch's global random state.

    Raises:
        ValueError: if `width < 1`, `lr < 0` or `num_steps < 0`; the message names the argument.

    Source: `torch.random.fork_rng`, `torch.nn.Module.state_dict`.

    Example, by hand:
        >>> X, y = torch.zeros(5, 2), torch.full((5,), 7.0)  # inputs of zero: the output comes from the biases alone
        >>> one, other = train_from_seeds(3, [0, 1], X, y, lr=0.1, num_steps=200)
        >>> [tuple(entry.shape) for entry in one.values()]
        [(3, 2), (3,), (1, 3), (1,)]
        >>> for _, biases, weights, bias in (one.values(), other.values()):
        ...     weights @ torch.relu(biases) + bias
        tensor([7.0000])
        tensor([7.0000])
    """
    ### BEGIN SOLUTION
    _check_at_least(0, lr=lr, num_steps=num_steps)
    states = []
    for seed in seeds:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = make_mlp(width, depth=1, in_dim=X.shape[1], out_dim=1).to(X.dtype)
        params = list(model.parameters())
        for _ in range(num_steps):
            loss = (model(X).squeeze(1) - y).square().mean()
            grads = torch.autograd.grad(loss, params)
            with torch.no_grad():
                for w, g in zip(params, grads, strict=True):
                    w.sub_(lr * g)
        states.append(model.state_dict())
    return states
    ### END SOLUTION


# %% [markdown]
# ## See it
# Now run `grade plot section5`. `surface` is a plane through a solution, one of its twins and the end of another run: with 3
# units many starts on it end in a bad minimum, with 12 they all find the teacher. `around` shows one solution in random
# directions, and why they need filter normalisation. `line` shows the barriers on straight lines. `seeds` and `curves` train
# from your own starts: which widths find the teacher, and what happens to stuck networks when they get more units. In the
# page of `grade section5 --html`, choose the width and the seed yourself.

# %% [markdown]
# ## Reflection
# Answer in two or three sentences each, below the question.
#
# **A network with 3 units is stuck, although 3 units can fit the data. Why does a network with 12 units not get stuck in the
# same place?**
#
# *Your answer*
#
# **Every solution of a network has many twins. Why is that bad news for the average of two solutions, and no bad news for
# gradient descent?**
#
# *Your answer*
