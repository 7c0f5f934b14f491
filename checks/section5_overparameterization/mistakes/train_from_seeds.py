"""Mistakes in train_from_seeds."""

import torch
from torch import nn

from grader.toolkit.mistakes import mistake


def _expect_run(lr, num_steps):
    if lr < 0:
        raise ValueError("lr must be at least 0")
    if num_steps < 0:
        raise ValueError("num_steps must be at least 0")


def _network(width, X, depth=1, outputs=1, activation=nn.ReLU, bias=True):
    if width < 1:
        raise ValueError("width must be at least 1")
    hidden = [nn.Linear(width if place else X.shape[1], width, bias) for place in range(depth)]
    layers = [layer for one in hidden for layer in (one, activation())]
    return nn.Sequential(*layers, nn.Linear(width, outputs, bias)).to(X.dtype)


def _seeded(seed, width, X, **kind):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _network(width, X, **kind)


def _mean_square(output, y):
    return (output.squeeze(1) - y).square().mean()


def _train(model, X, y, lr, num_steps, beta=0.0, weight_decay=0.0, risk=_mean_square):
    """Train by full-batch gradient descent; return the state dict."""
    params = [p for p in model.parameters() if p.requires_grad]
    velocities = [torch.zeros_like(p) for p in params]
    for _ in range(num_steps):
        grads = torch.autograd.grad(risk(model(X), y), params)
        with torch.no_grad():
            for p, g, v in zip(params, grads, velocities, strict=True):
                v.mul_(beta).add_(g + weight_decay * p)
                p.sub_(lr * v)
    return model.state_dict()


def _runs(seeds, width, X, y, lr, num_steps, beta=0.0, weight_decay=0.0, risk=_mean_square, **kind):
    models = [_seeded(seed, width, X, **kind) for seed in seeds]
    return [_train(model, X, y, lr, num_steps, beta, weight_decay, risk) for model in models]


@mistake(
    "train_from_seeds",
    hints=(
        "Call your function twice with seeds 1, 2 and 3 and num_steps = 0. Do you get the same weights?",
        "Which line of your code depends on the seed?",
        "Seed torch's generator with the seed of the run before you build the network.",
    ),
)
def seed_ignored(width, seeds, X, y, lr, num_steps):
    """Your runs do not depend on their seeds: the same seed gives other weights at each call. A seed makes a run
    repeatable. Check whether you use the seed before you build the network."""
    _expect_run(lr, num_steps)
    models = [_network(width, X) for _ in seeds]
    return [_train(model, X, y, lr, num_steps) for model in models]


@mistake(
    "train_from_seeds",
    hints=(
        "Train with seeds (5, 8), then with (8, 5). Are the two networks exchanged?",
        "Which number do you use as the seed: the entry of `seeds`, or its index in the list?",
        "Loop over the seeds themselves.",
    ),
)
def place_for_seed(width, seeds, X, y, lr, num_steps):
    """You seed each run with its index in the list, and not with the seed itself. Then the seeds (5, 8) and (8, 5) give
    the same networks in the same order. Check the number that you pass to the generator."""
    _expect_run(lr, num_steps)
    return _runs(range(len(seeds)), width, X, y, lr, num_steps)


@mistake(
    "train_from_seeds",
    hints=(
        "Train with seeds (5, 8), then with 8 alone. Is the network of seed 8 the same?",
        "How often do you seed, and how often do you build a network?",
        "Seed in the loop, right before you build each network.",
    ),
)
def seeded_once(width, seeds, X, y, lr, num_steps):
    """You seed once, before the first network, and the other networks draw the next random numbers. So all
    networks after the first depend on the seeds before them. Check whether the line that seeds is in the loop."""
    _expect_run(lr, num_steps)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds[0] if seeds else 0)
        models = [_network(width, X) for _ in seeds]
    return [_train(model, X, y, lr, num_steps) for model in models]


@mistake(
    "train_from_seeds",
    hints=(
        "Train with seeds (5, 8) and num_steps = 0. Are the two networks different?",
        "How many networks do you build, and with which seed?",
        "Build a network for each seed, in the loop.",
    ),
)
def one_start_for_all(width, seeds, X, y, lr, num_steps):
    """All your runs start from the same weights, those of the first seed. So you repeat one run, and cannot show that
    the result depends on the start. Check where you build the network."""
    _expect_run(lr, num_steps)
    return [_train(_seeded(seeds[0], width, X), X, y, lr, num_steps) for _ in seeds]


@mistake(
    "train_from_seeds",
    hints=(
        "Train with seeds (5, 8), then with 8 alone. Is the network of seed 8 the same?",
        "Where does the second run start?",
        "Build a new network for each seed, in the loop.",
    ),
)
def network_trained_on(width, seeds, X, y, lr, num_steps):
    """Your runs are not independent: you keep training one network, and each run starts where the last one ended. So
    the networks of later seeds are too good. Build a new network for each seed."""
    _expect_run(lr, num_steps)
    model = _seeded(seeds[0] if seeds else 0, width, X)
    return [{name: p.clone() for name, p in _train(model, X, y, lr, num_steps).items()} for _ in seeds]


@mistake(
    "train_from_seeds",
    hints=(
        "Train with seeds 5 and 8. Are the two state dicts that you return different?",
        "A state dict shares the memory of its model. What happens to it when you train the model again?",
        "Build a new network for each seed, or copy each entry of the state dict.",
    ),
)
def one_model_for_all(width, seeds, X, y, lr, num_steps):
    """All your state dicts hold the weights of the last seed. A state dict shares the memory of its model: do you use one model
    for all seeds, or put one state into the list several times? Copy the entries, or build a model for each seed."""
    _expect_run(lr, num_steps)
    model = _network(width, X) if not seeds else _seeded(seeds[0], width, X)
    states = []
    for seed in seeds:
        model.load_state_dict(_seeded(seed, width, X).state_dict())
        states.append(_train(model, X, y, lr, num_steps))
    return states


@mistake(
    "train_from_seeds",
    hints=(
        "Train with the seeds (5, 1, 5), and write zeros into the first result. What does the third result hold?",
        "Your list contains the same dict twice.",
        "Train a network for each entry of `seeds`, or copy the tensors.",
    ),
)
def equal_seeds_share(width, seeds, X, y, lr, num_steps):
    """You train once for each different seed, and return the same state dict for equal seeds. These share memory:
    overwriting one changes the other. Every entry of `seeds` needs its own tensors."""
    _expect_run(lr, num_steps)
    different = dict.fromkeys(seeds)
    runs = dict(zip(different, _runs(different, width, X, y, lr, num_steps), strict=True))
    return [runs[seed] for seed in seeds]


@mistake(
    "train_from_seeds",
    hints=(
        "Draw a random number after a call, and again after a second call. Are the two equal?",
        "If you seed the global generator, you change it for all code.",
        "Save the global random state before you seed, and restore it afterwards, or use torch's fork_rng.",
    ),
)
def global_state_left_seeded(width, seeds, X, y, lr, num_steps):
    """You seed torch's global generator and do not restore it. Other code that draws from it then gets the same numbers
    after every call. Restore the global random state at the end."""
    _expect_run(lr, num_steps)
    states = []
    for seed in seeds:
        torch.manual_seed(seed)
        states.append(_train(_network(width, X), X, y, lr, num_steps))
    return states


@mistake(
    "train_from_seeds",
    hints=(
        "Compare the weights for num_steps = 0 with those for num_steps = 1. Do they differ?",
        "How often does your loop run for num_steps = 1?",
        "Take exactly num_steps steps.",
    ),
)
def one_step_fewer(width, seeds, X, y, lr, num_steps):
    """You take one step fewer than `num_steps`: with num_steps = 1 you return the initial weights. Count how often your
    loop changes the weights."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr, max(num_steps - 1, 0))


@mistake(
    "train_from_seeds",
    hints=(
        "Train with num_steps = 0 and with num_steps = 1 and a tiny lr. Are the weights nearly the same?",
        "Which values does your random start depend on, besides the seed of the run?",
        "Seed with the seed of the run only.",
    ),
)
def start_depends_on_lr(width, seeds, X, y, lr, num_steps):
    """Your initial weights depend on lr. So you cannot compare learning rates: the start changes, too. The start may
    depend on the seed, the width and the data only."""
    _expect_run(lr, num_steps)
    models = [_seeded(seed + int(1000 * lr), width, X) for seed in seeds]
    return [_train(model, X, y, lr, num_steps) for model in models]


@mistake(
    "train_from_seeds",
    hints=(
        "Train with num_steps = 0 and with num_steps = 1 and a tiny lr. Are the weights nearly the same?",
        "What does your seed depend on, besides the seed of the run?",
        "Seed with the seed of the run alone.",
    ),
)
def start_depends_on_num_steps(width, seeds, X, y, lr, num_steps):
    """Your initial weights depend on num_steps. So a longer run is not the continuation of a shorter one. The start may
    depend on the seed, the width and the data only."""
    _expect_run(lr, num_steps)
    models = [_seeded(seed + num_steps, width, X) for seed in seeds]
    return [_train(model, X, y, lr, num_steps) for model in models]


@mistake(
    "train_from_seeds",
    hints=(
        "Set the biases to zero. Does the output of your network change its sign when you negate all inputs?",
        "Two linear maps in a row are one linear map.",
        "Put a ReLU between the hidden layer and the output layer.",
    ),
)
def linear_network(width, seeds, X, y, lr, num_steps):
    """Your network has no ReLU: two linear layers in a row are one linear map, for every width. So it cannot fit the
    teacher, and you cannot compare widths. Check the module after the hidden layer."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps, activation=nn.Identity)


@mistake(
    "train_from_seeds",
    hints=(
        "Increase the inputs of your untrained network. Do its outputs grow in proportion?",
        "ReLU is zero on one side and a straight line on the other. Which activation function do you use?",
        "Use ReLU after the hidden layer.",
    ),
)
def tanh_network(width, seeds, X, y, lr, num_steps):
    """Your weights change like those of a network with tanh units. The exercise asks for ReLU, which is zero on one
    side and a straight line on the other. Check the module after the hidden layer."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps, activation=nn.Tanh)


@mistake(
    "train_from_seeds",
    hints=(
        "How many entries do your state dicts have?",
        "A network with one hidden layer has two linear layers.",
        "Build the network with depth 1.",
    ),
)
def two_hidden_layers(width, seeds, X, y, lr, num_steps):
    """Your network has two hidden layers. The exercise compares widths of a single hidden layer, and a second layer
    gives another landscape. Count the linear layers."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps, depth=2)


@mistake(
    "train_from_seeds",
    hints=(
        "What is the shape of the output weights?",
        "`make_mlp` has 10 outputs by default.",
        "Build the network with one output.",
    ),
)
def ten_outputs(width, seeds, X, y, lr, num_steps):
    """Your network has 10 outputs, as for digits. Each target here is a single number, so the network needs one output.
    Check `out_dim`."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y[:, None].expand(-1, 10), lr, num_steps, outputs=10)


@mistake(
    "train_from_seeds",
    hints=(
        "How many entries do your state dicts have?",
        "The hidden units and the output have biases.",
        "Remove `bias=False`.",
    ),
)
def layers_without_biases(width, seeds, X, y, lr, num_steps):
    """Your network has no biases: its output is 0 for inputs of 0, and the kinks of all units pass through that point.
    The teacher has biases. Check how you build the layers."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps, bias=False)


@mistake(
    "train_from_seeds",
    hints=(
        "Compare the first weight matrix before and after training.",
        "For which parameters do you compute gradients?",
        "Update every parameter of the network, also those of the hidden layer.",
    ),
)
def last_layer_only(width, seeds, X, y, lr, num_steps):
    """You train the last layer only: the hidden layer keeps its random weights. The loss is convex in the last layer,
    so your runs cannot show the effect of non-convexity. Check which parameters your step changes."""
    _expect_run(lr, num_steps)
    models = [_seeded(seed, width, X) for seed in seeds]
    for model in models:
        model[0].requires_grad_(False)
    return [_train(model, X, y, lr, num_steps) for model in models]


@mistake(
    "train_from_seeds",
    hints=(
        "Print the shape of `output - y`. Is it (n,)?",
        "(n, 1) minus (n,) broadcasts to (n, n): every output is compared with every target.",
        "Squeeze the outputs to (n,) before you subtract.",
    ),
)
def outputs_not_squeezed(width, seeds, X, y, lr, num_steps):
    """You subtract y of shape (n,) from outputs of shape (n, 1). This broadcasts to (n, n): you compare every output
    with every target, and the network learns the mean of the targets. Squeeze the outputs first."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps, risk=lambda output, y: (output - y).square().mean())


@mistake(
    "train_from_seeds",
    hints=(
        "Compare the change of the weights in one step with lr times the gradient. Is it half as large?",
        "Some books define the squared error with a factor 1/2. This exercise has no such factor.",
        "Use the mean of the squares, without a factor.",
    ),
)
def half_of_the_square(width, seeds, X, y, lr, num_steps):
    """Your steps are half as long as they should be: you train on half of the mean squared error. The exercise has no
    factor 1/2. Check your loss."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr / 2, num_steps)


@mistake(
    "train_from_seeds",
    hints=(
        "Use every example twice. Does the first step change?",
        "A sum grows with the number of examples, and so does its gradient.",
        "Train on the mean of the squared errors over the examples.",
    ),
)
def gradient_of_the_sum(width, seeds, X, y, lr, num_steps):
    """You follow the gradient of the sum of the squared errors, which is n times the gradient of the mean. Then a
    learning rate for 10 examples is far too large for 1000. The step should not change if every example occurs
    twice."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr * len(X), num_steps)


@mistake(
    "train_from_seeds",
    hints=(
        "Double the targets. Does the first step of the output bias grow?",
        "The gradient of |output - y| has the same size for small and for large errors.",
        "Square the differences.",
    ),
)
def absolute_error(width, seeds, X, y, lr, num_steps):
    """You train on the mean of |output - y|. Its gradient does not shrink with the error, so the steps overshoot near
    the end. Use the square of the difference."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps, risk=lambda output, y: (output.squeeze(1) - y).abs().mean())


@mistake(
    "train_from_seeds",
    hints=(
        "What is the gradient of your loss where the loss is nearly 0?",
        "Besides the gradient, your code moves the weights towards zero.",
        "Remove the weight decay: plain gradient descent subtracts lr times the gradient and nothing else.",
    ),
)
def with_weight_decay(width, seeds, X, y, lr, num_steps):
    """Your steps also move every weight towards zero, as weight decay does. Plain gradient descent subtracts lr times
    the gradient of the squared error, and nothing else. Check the options of your optimizer."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps, weight_decay=1e-3)


@mistake(
    "train_from_seeds",
    hints=(
        "Compare two tiny steps with a single step of twice the length. Do the weights end nearly at the same place?",
        "Each of your steps depends on the steps before it.",
        "Use plain gradient descent, without momentum.",
    ),
)
def with_momentum(width, seeds, X, y, lr, num_steps):
    """You train with momentum: each step continues in the direction of the steps before it. Momentum is section 4; here
    you compare widths with plain gradient descent. Check the options of your optimizer."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps, beta=0.9)


@mistake(
    "train_from_seeds",
    hints=(
        "Compare two tiny steps with a single step of twice the length. Do the weights end nearly at the same place?",
        "`backward` adds to the values in `.grad`. Which values does it hold at the second step?",
        "Set the gradients to zero before each backward pass.",
    ),
)
def gradients_add_up(width, seeds, X, y, lr, num_steps):
    """Your gradients add up over the steps: `backward` adds to `.grad`, and you do not clear it. So the second step
    includes the first gradient again. Clear the gradients between two steps."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps, beta=1.0)


@mistake(
    "train_from_seeds",
    hints=(
        "Train for one step. Does its direction depend on every example?",
        "The gradient of a mini-batch differs from the gradient of all examples.",
        "Compute the loss of all of `X` in each step.",
    ),
)
def trained_on_minibatches(width, seeds, X, y, lr, num_steps):
    """Each of your steps uses only a part of the examples. Mini-batches are section 6; here every step follows the
    gradient over all of `X`, so that only the start decides the result. Check which examples enter your loss."""
    _expect_run(lr, num_steps)
    models = [_seeded(seed, width, X) for seed in seeds]
    for step in range(num_steps):
        for model in models:
            _train(model, X[step % 2 :: 2], y[step % 2 :: 2], lr, 1)
    return [model.state_dict() for model in models]


@mistake(
    "train_from_seeds",
    hints=(
        "Train for 100 and for 1,000 steps on easy data. Do the weights still change?",
        "What ends your loop before num_steps?",
        "Take num_steps steps, however small the loss is.",
    ),
)
def stops_when_good_enough(width, seeds, X, y, lr, num_steps):
    """Your training takes fewer than num_steps steps, as if it stops when the loss is small. Take all the steps, so that
    runs can be compared. Check where your loop ends."""
    _expect_run(lr, num_steps)
    models = [_seeded(seed, width, X) for seed in seeds]
    for model in models:
        for _ in range(num_steps):
            if _mean_square(model(X), y) < 0.01:
                break
            _train(model, X, y, lr, 1)
    return [model.state_dict() for model in models]


@mistake(
    "train_from_seeds",
    hints=(
        "What do you store in the list that you return?",
        "The grader computes the losses itself. What does it need for that?",
        "Return each network's `state_dict()`.",
    ),
)
def losses_returned(width, seeds, X, y, lr, num_steps):
    """You return the losses of the runs. Return the weights: one state dict per seed, from which the grader computes
    the loss. Check the entries of your list."""
    _expect_run(lr, num_steps)
    models = [_seeded(seed, width, X) for seed in seeds]
    for model in models:
        _train(model, X, y, lr, num_steps)
    return [_mean_square(model(X), y).item() for model in models]


@mistake(
    "train_from_seeds",
    hints=(
        "Print the shapes in one of your state dicts, in order. Which comes first?",
        "Names are free, so the grader recognises the entries by their order.",
        "The order is: hidden weights, hidden biases, output weights, output bias.",
    ),
)
def weights_before_biases(width, seeds, X, y, lr, num_steps):
    """Your state dicts hold first both weight matrices, then both biases. Names are free, so the order identifies the
    entries: hidden weights, hidden biases, output weights, output bias. Check the order of your entries."""
    _expect_run(lr, num_steps)
    states = _runs(seeds, width, X, y, lr, num_steps)
    return [{name: state[name] for name in sorted(state, key=lambda name: name.endswith("bias"))} for state in states]


@mistake(
    "train_from_seeds",
    hints=(
        "What does your function do with a learning rate of -0.1?",
        "With a negative lr the loss rises at every step.",
        "Raise ValueError with the name `lr` if it is negative.",
    ),
)
def accepts_negative_lr(width, seeds, X, y, lr, num_steps):
    """Your function accepts a negative learning rate, and then the loss rises. The caller made a mistake and should get
    an error at once. Check which arguments you test."""
    _expect_run(0.0, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps)


@mistake(
    "train_from_seeds",
    hints=(
        "Call your function with a negative lr and num_steps = 0. Do you raise an error?",
        "A test in the loop runs only if there is a step.",
        "Test `lr` at the start of the function.",
    ),
)
def lr_checked_in_the_loop(width, seeds, X, y, lr, num_steps):
    """Your function refuses a negative learning rate only when it takes a step: with num_steps = 0 it accepts any
    value. Refuse a wrong argument also when you do not use it. Check where you test `lr`."""
    _expect_run(lr if num_steps else 0.0, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps)


@mistake(
    "train_from_seeds",
    hints=(
        "How many state dicts do you return for the seeds (5, 1, 5)?",
        "A dict or a set holds each key once. What happens to a repeated seed?",
        "Collect the state dicts in a list, one for each entry of `seeds`.",
    ),
)
def one_run_per_different_seed(width, seeds, X, y, lr, num_steps):
    """You return one state dict for each different seed, so a repeated seed has no result of its own. Return one for
    each entry of `seeds`, in the same order. Check how you collect the results."""
    _expect_run(lr, num_steps)
    return _runs(dict.fromkeys(seeds), width, X, y, lr, num_steps)


@mistake(
    "train_from_seeds",
    hints=(
        "Compare `X` before and after a call. Is it the same?",
        "An operation such as `X -= ...` or `X.sub_(...)` overwrites the caller's tensor.",
        "If you transform the inputs, do it in a new tensor.",
    ),
)
def inputs_changed(width, seeds, X, y, lr, num_steps):
    """Your function changes `X` in place. The caller still needs `X`, and a second call starts from other inputs. Only
    read the inputs."""
    _expect_run(lr, num_steps)
    states = _runs(seeds, width, X, y, lr, num_steps)
    X -= X.mean(0)
    return states


@mistake(
    "train_from_seeds",
    hints=(
        "What does your function return for num_steps = -1?",
        "A loop over a negative range runs zero times, without an error.",
        "Raise ValueError with the name `num_steps` if it is negative.",
    ),
)
def accepts_negative_num_steps(width, seeds, X, y, lr, num_steps):
    """Your function accepts a negative number of steps and does not train: a loop over a negative range runs zero
    times. The caller should get an error at once. Check which arguments you test."""
    _expect_run(lr, 0)
    return _runs(seeds, width, X, y, lr, num_steps)


@mistake(
    "train_from_seeds",
    slug="always_float32",
    hints=(
        "Which dtype do your weights have for float64 inputs?",
        "A new network is float32. What do you convert to make the dtypes match?",
        "Convert the network to the dtype of the inputs, and not the inputs to the dtype of the network.",
    ),
)
def trained_in_float32(width, seeds, X, y, lr, num_steps):
    """Your weights are always float32. With float64 inputs, this loses half of the digits. The network should have the
    dtype of `X`."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X.float(), y.float(), lr, num_steps)


@mistake(
    "train_from_seeds",
    slug="float32_on_the_way",
    hints=(
        "Compare your weights with those of a run in float64. How many digits agree?",
        "A float64 tensor that you convert from float32 has only seven correct digits.",
        "Convert the network to the dtype of the inputs before you train, and not its weights afterwards.",
    ),
)
def converted_at_the_end(width, seeds, X, y, lr, num_steps):
    """You train in float32 and convert the weights at the end. With float64 inputs, this loses half of the digits. The
    network should have the dtype of `X` from the start."""
    _expect_run(lr, num_steps)
    states = _runs(seeds, width, X.float(), y.float(), lr, num_steps)
    return [{name: p.to(X.dtype) for name, p in state.items()} for state in states]
