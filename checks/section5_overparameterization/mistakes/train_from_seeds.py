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
        "Which line of yours depends on the seed?",
        "Seed torch's generator with the seed of the run before you build its network.",
    ),
)
def seed_ignored(width, seeds, X, y, lr, num_steps):
    """Your runs do not depend on their seeds: the same seed gives other weights at each call. A seed is what makes a run
    repeatable. Look at where the seed enters before the network is built."""
    _expect_run(lr, num_steps)
    models = [_network(width, X) for _ in seeds]
    return [_train(model, X, y, lr, num_steps) for model in models]


@mistake(
    "train_from_seeds",
    hints=(
        "Train with seeds (5, 8), then with (8, 5). Are the two networks exchanged?",
        "Which number do you seed with: the entry of `seeds`, or its place in the list?",
        "Loop over the seeds themselves.",
    ),
)
def place_for_seed(width, seeds, X, y, lr, num_steps):
    """You seed each run with its place in the list, and not with the seed that stands there. Seeds (5, 8) and (8, 5) then
    give the same networks in the same order. Look at what you pass to the generator."""
    _expect_run(lr, num_steps)
    return _runs(range(len(seeds)), width, X, y, lr, num_steps)


@mistake(
    "train_from_seeds",
    hints=(
        "Train with seeds (5, 8), then with 8 alone. Is the network of seed 8 the same?",
        "How often do you seed, and how often do you build a network?",
        "Seed inside the loop, right before each network is built.",
    ),
)
def seeded_once(width, seeds, X, y, lr, num_steps):
    """You seed once, before the first network, and the others draw what comes next. What seed 8 gives then depends on the
    seeds before it. Look at whether the line that seeds stands inside the loop."""
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
        "Build a network for each seed, inside the loop.",
    ),
)
def one_start_for_all(width, seeds, X, y, lr, num_steps):
    """All your runs start from the same weights, those of the first seed. They are one run, told several times, and cannot show
    that the end depends on the start. Look at where the network is built."""
    _expect_run(lr, num_steps)
    return [_train(_seeded(seeds[0], width, X), X, y, lr, num_steps) for _ in seeds]


@mistake(
    "train_from_seeds",
    hints=(
        "Train with seeds (5, 8), then with 8 alone. Is the network of seed 8 the same?",
        "Where does the second run start?",
        "Build a fresh network for each seed, inside the loop.",
    ),
)
def network_trained_on(width, seeds, X, y, lr, num_steps):
    """Your runs are not independent: one network is trained on and on, each run from where the one before ended. The networks
    of later seeds are then too good. Each seed needs a fresh network."""
    _expect_run(lr, num_steps)
    model = _seeded(seeds[0] if seeds else 0, width, X)
    return [{name: p.clone() for name, p in _train(model, X, y, lr, num_steps).items()} for _ in seeds]


@mistake(
    "train_from_seeds",
    hints=(
        "Train with seeds 5 and 8. Are the two state dicts that you return different?",
        "A state dict holds the memory of its model. What happens to it when the model is trained again?",
        "Build a new network for each seed, or copy each entry of the state dict.",
    ),
)
def one_model_for_all(width, seeds, X, y, lr, num_steps):
    """You put fresh weights into one and the same model for each seed. A state dict shares the memory of its model, so all that
    you return hold the weights of the last seed. Copy the entries, or build a model for each seed."""
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
        "Train with the seeds (5, 1, 5), and write zeros into the first result. What is in the third?",
        "The same dict stands in your list twice.",
        "Train a network for each place in `seeds`, or copy the tensors.",
    ),
)
def equal_seeds_share(width, seeds, X, y, lr, num_steps):
    """You train once for each different seed and return the same state dict wherever that seed stands. Both share their memory:
    what is written into one changes the other. Every place in `seeds` needs tensors of its own."""
    _expect_run(lr, num_steps)
    different = dict.fromkeys(seeds)
    runs = dict(zip(different, _runs(different, width, X, y, lr, num_steps), strict=True))
    return [runs[seed] for seed in seeds]


@mistake(
    "train_from_seeds",
    hints=(
        "Draw a random number before and after a call. Would it be the same without the call?",
        "Seeding the global generator changes it for everybody.",
        "Save the global random state before seeding and put it back, or use torch's fork_rng.",
    ),
)
def global_state_left_seeded(width, seeds, X, y, lr, num_steps):
    """You seed torch's global generator and leave it so. Whatever draws from it afterwards gets the same numbers every time,
    without knowing why. Put the global random state back as you found it."""
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
        "Make exactly num_steps steps.",
    ),
)
def one_step_fewer(width, seeds, X, y, lr, num_steps):
    """You make one step fewer than asked: with num_steps = 1 the weights are still those of the start. Count how often your loop
    changes the weights."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr, max(num_steps - 1, 0))


@mistake(
    "train_from_seeds",
    hints=(
        "Train with num_steps = 0 and with num_steps = 1 and a tiny lr. Are the weights nearly the same?",
        "What does your seed depend on, besides the seed of the run?",
        "Seed with the seed of the run alone.",
    ),
)
def start_depends_on_lr(width, seeds, X, y, lr, num_steps):
    """Your networks start elsewhere when lr is another one. Runs that should differ in the learning rate alone then differ in
    their start, too. The start depends on the seed, the width and the data."""
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
    """Your networks start elsewhere when num_steps is another one. A longer run is then not the same run continued. The start
    depends on the seed, the width and the data."""
    _expect_run(lr, num_steps)
    models = [_seeded(seed + num_steps, width, X) for seed in seeds]
    return [_train(model, X, y, lr, num_steps) for model in models]


@mistake(
    "train_from_seeds",
    hints=(
        "What does your network put out when all inputs are doubled, and the biases are zero?",
        "Two linear maps in a row are one linear map.",
        "Put a ReLU between the hidden layer and the output layer.",
    ),
)
def linear_network(width, seeds, X, y, lr, num_steps):
    """Your network has no ReLU: two linear layers in a row are one linear map, however wide. It cannot fit the teacher, and the
    comparison of widths loses its point. Look at what stands behind the hidden layer."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps, activation=nn.Identity)


@mistake(
    "train_from_seeds",
    hints=(
        "Let the inputs of your untrained network grow. Do its outputs grow in proportion?",
        "ReLU is zero on one side and a straight line on the other. Which activation do you use?",
        "Use ReLU behind the hidden layer.",
    ),
)
def tanh_network(width, seeds, X, y, lr, num_steps):
    """Your weights change as those of a network with tanh units. The exercise asks for ReLU, which is zero on one side and a
    straight line on the other. Look at what stands behind the hidden layer."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps, activation=nn.Tanh)


@mistake(
    "train_from_seeds",
    hints=(
        "How many entries do your state dicts have?",
        "One hidden layer means two linear layers: into it and out of it.",
        "Build the network with depth 1.",
    ),
)
def two_hidden_layers(width, seeds, X, y, lr, num_steps):
    """Your network has two hidden layers. The exercise compares widths, with one hidden layer each time: a second one makes
    another function and another landscape. Count the linear layers."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps, depth=2)


@mistake(
    "train_from_seeds",
    hints=(
        "Which shape do the output weights have?",
        "`make_mlp` has 10 outputs unless you say otherwise.",
        "Build the network with one output.",
    ),
)
def ten_outputs(width, seeds, X, y, lr, num_steps):
    """Your network has 10 outputs, as for digits. The targets here are single numbers, so the network needs one output. Look at
    `out_dim`."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y[:, None].expand(-1, 10), lr, num_steps, outputs=10)


@mistake(
    "train_from_seeds",
    hints=(
        "How many entries do your state dicts have?",
        "Hidden units and output have a bias each.",
        "Leave out `bias=False`.",
    ),
)
def layers_without_biases(width, seeds, X, y, lr, num_steps):
    """Your network has no biases: its output is 0 wherever the inputs are 0, and the kinks of all units pass through that point.
    The teacher's do not. Look at how the layers are built."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps, bias=False)


@mistake(
    "train_from_seeds",
    hints=(
        "Compare the first weight matrix before and after training.",
        "Which parameters do you ask gradients for?",
        "Update every parameter of the network, those of the hidden layer, too.",
    ),
)
def last_layer_only(width, seeds, X, y, lr, num_steps):
    """You train the last layer only: the hidden layer keeps its random weights. The loss is convex in the last layer alone,
    so that there is no landscape left to get lost in. Look at which parameters your step changes."""
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
    """You subtract y of shape (n,) from outputs of shape (n, 1). That broadcasts to (n, n), so every output is compared with
    every target, and the network learns their mean. Squeeze the outputs first."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps, risk=lambda output, y: (output - y).square().mean())


@mistake(
    "train_from_seeds",
    hints=(
        "Compare the change of the weights in one step with lr times the gradient. Is it half of it?",
        "Some books define the squared error with a factor 1/2. This exercise does not.",
        "Use the plain mean of the squares.",
    ),
)
def half_of_the_square(width, seeds, X, y, lr, num_steps):
    """Your steps are half as long as they should be: you train on half of the mean squared error. The exercise has no factor
    1/2. Look at your loss."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr / 2, num_steps)


@mistake(
    "train_from_seeds",
    hints=(
        "Give every example twice. Does the first step change?",
        "A sum grows with the number of examples, and its gradient as well.",
        "Train on the mean of the squared errors over the examples.",
    ),
)
def gradient_of_the_sum(width, seeds, X, y, lr, num_steps):
    """You follow the gradient of the sum of the squared errors, which is n times that of the mean: a learning rate that suits
    10 examples is far too large for 1000. The step should not change when every example is given twice."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr * len(X), num_steps)


@mistake(
    "train_from_seeds",
    hints=(
        "Double the targets. Does the first step of the output bias grow?",
        "The gradient of |output - y| has the same size whether the error is small or large.",
        "Square the differences.",
    ),
)
def absolute_error(width, seeds, X, y, lr, num_steps):
    """You train on the mean of |output - y|. Its gradient does not shrink with the error, so that the steps overshoot near the
    end. The exercise asks for the square of the difference."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps, risk=lambda output, y: (output.squeeze(1) - y).abs().mean())


@mistake(
    "train_from_seeds",
    hints=(
        "What is the gradient of your loss where the loss is nearly 0?",
        "Besides the gradient, something pulls your weights towards zero.",
        "Leave out the weight decay: plain gradient descent subtracts lr times the gradient, and no more.",
    ),
)
def with_weight_decay(width, seeds, X, y, lr, num_steps):
    """Your steps pull every weight towards zero, as weight decay does. Plain gradient descent on the squared error subtracts lr
    times its gradient, and no more. Look at the options of your optimizer."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps, weight_decay=1e-3)


@mistake(
    "train_from_seeds",
    hints=(
        "Compare two tiny steps with one of twice the length. Do the weights end at nearly the same place?",
        "Each step of yours remembers those before it.",
        "Use plain gradient descent, without momentum.",
    ),
)
def with_momentum(width, seeds, X, y, lr, num_steps):
    """You train with momentum: each step goes on in the direction of those before. That is section 4; here the comparison
    is between widths, with plain gradient descent. Look at the options of your optimizer."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps, beta=0.9)


@mistake(
    "train_from_seeds",
    hints=(
        "Compare two tiny steps with one of twice the length. Do the weights end at nearly the same place?",
        "`backward` adds to what is already in `.grad`. What is in it at the second step?",
        "Set the gradients to zero before each backward pass.",
    ),
)
def gradients_add_up(width, seeds, X, y, lr, num_steps):
    """Your gradients add up over the steps: `backward` adds to `.grad`, and you do not clear it. The second step then
    repeats the first. Look at what happens to the gradients between two steps."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps, beta=1.0)


@mistake(
    "train_from_seeds",
    hints=(
        "Train for one step. Does its direction depend on every example?",
        "A mini-batch gives another gradient than all examples.",
        "Compute the loss of all of `X` in each step.",
    ),
)
def trained_on_minibatches(width, seeds, X, y, lr, num_steps):
    """Your steps use a part of the examples each. That is section 6; here every step follows the gradient over all of `X`, so
    that the start alone decides where a run ends. Look at what goes into your loss."""
    _expect_run(lr, num_steps)
    models = [_seeded(seed, width, X) for seed in seeds]
    for step in range(num_steps):
        for model in models:
            _train(model, X[step % 2 :: 2], y[step % 2 :: 2], lr, 1)
    return [model.state_dict() for model in models]


@mistake(
    "train_from_seeds",
    hints=(
        "Train for 100 and for 1,000 steps on data that are easy. Do the weights still change?",
        "What ends your loop, besides num_steps?",
        "Make num_steps steps, however small the loss is.",
    ),
)
def stops_when_good_enough(width, seeds, X, y, lr, num_steps):
    """Your training stops early, when its loss is small. The exercise asks for num_steps steps, however small the loss is: only
    then can runs be compared. Look at what ends your loop."""
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
        "What is in the list that you return?",
        "The grader computes the losses itself. What does it need for that?",
        "Return each network's `state_dict()`.",
    ),
)
def losses_returned(width, seeds, X, y, lr, num_steps):
    """You return the losses of the runs. The exercise asks for the weights: one state dict per seed, from which anybody can
    compute the loss. Look at what you append to your list."""
    _expect_run(lr, num_steps)
    models = [_seeded(seed, width, X) for seed in seeds]
    for model in models:
        _train(model, X, y, lr, num_steps)
    return [_mean_square(model(X), y).item() for model in models]


@mistake(
    "train_from_seeds",
    hints=(
        "Print the shapes in one of your state dicts, in their order. Which comes first?",
        "The order of the entries tells the grader which is which, since names are free.",
        "Put the hidden weights first, then the hidden biases, the output weights, the output bias.",
    ),
)
def weights_before_biases(width, seeds, X, y, lr, num_steps):
    """Your state dicts hold both weight matrices first and then both biases. Names are free, so the order tells which entry is
    which: hidden weights, hidden biases, output weights, output bias."""
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
    """Your function accepts a negative learning rate, and climbs. Such a call is a slip of the caller, who should hear of it
    at once. Look at which arguments you test."""
    _expect_run(0.0, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps)


@mistake(
    "train_from_seeds",
    hints=(
        "Call your function with a negative lr and num_steps = 0. What should happen, and what does?",
        "A test inside the loop is reached only if there is a step.",
        "Test `lr` at the beginning of the function.",
    ),
)
def lr_checked_in_the_loop(width, seeds, X, y, lr, num_steps):
    """Your function refuses a negative learning rate only where a step is made: with num_steps = 0 any value goes through. A
    wrong argument is wrong whether or not it is used. Look at where you test it."""
    _expect_run(lr if num_steps else 0.0, num_steps)
    return _runs(seeds, width, X, y, lr, num_steps)


@mistake(
    "train_from_seeds",
    hints=(
        "How many state dicts do you return for the seeds (5, 1, 5)?",
        "A dict or a set holds each key once. What becomes of a seed that comes twice?",
        "Collect the state dicts in a list, one for each place in `seeds`.",
    ),
)
def one_run_per_different_seed(width, seeds, X, y, lr, num_steps):
    """You return one state dict for each different seed: where a seed comes twice, a result is missing. There is one per place
    in `seeds`, in their order. Look at what you collect the results in."""
    _expect_run(lr, num_steps)
    return _runs(dict.fromkeys(seeds), width, X, y, lr, num_steps)


@mistake(
    "train_from_seeds",
    hints=(
        "Look at `X` before and after a call. Is it the same?",
        "An operation such as `X -= ...` or `X.sub_(...)` writes into the caller's tensor.",
        "If you change the inputs at all, do it in a tensor of your own.",
    ),
)
def inputs_changed(width, seeds, X, y, lr, num_steps):
    """Your function changes `X` in place: the caller still needs it, and a second call starts from other inputs. Inputs are
    only read; nothing is to be done to them here."""
    _expect_run(lr, num_steps)
    states = _runs(seeds, width, X, y, lr, num_steps)
    X -= X.mean(0)
    return states


@mistake(
    "train_from_seeds",
    hints=(
        "What does your function return for num_steps = -1?",
        "A loop over a negative range runs zero times, and nobody notices.",
        "Raise ValueError with the name `num_steps` if it is negative.",
    ),
)
def accepts_negative_num_steps(width, seeds, X, y, lr, num_steps):
    """Your function accepts a negative number of steps and trains for none: a loop over a negative range runs zero times.
    The caller should hear of such a slip at once. Look at which arguments you test."""
    _expect_run(lr, 0)
    return _runs(seeds, width, X, y, lr, num_steps)


@mistake(
    "train_from_seeds",
    slug="always_float32",
    hints=(
        "Which dtype do your weights have for float64 inputs?",
        "A new network is float32. What do you convert so that it fits the inputs?",
        "Convert the network to the dtype of the inputs, and not the inputs to that of the network.",
    ),
)
def trained_in_float32(width, seeds, X, y, lr, num_steps):
    """Your weights are float32 whatever the inputs are. With float64 inputs half of the digits are lost. The network should have
    the dtype of `X`."""
    _expect_run(lr, num_steps)
    return _runs(seeds, width, X.float(), y.float(), lr, num_steps)


@mistake(
    "train_from_seeds",
    slug="float32_on_the_way",
    hints=(
        "Compare your weights with those of a run in which everything is float64. How many digits agree?",
        "A float64 tensor that is made from float32 numbers has only seven digits.",
        "Convert the network to the dtype of the inputs before you train, and not its weights afterwards.",
    ),
)
def converted_at_the_end(width, seeds, X, y, lr, num_steps):
    """You train in float32 and convert the weights at the end: with float64 inputs half of the digits are lost on the way. The
    network should have the dtype of `X` from the start."""
    _expect_run(lr, num_steps)
    states = _runs(seeds, width, X.float(), y.float(), lr, num_steps)
    return [{name: p.to(X.dtype) for name, p in state.items()} for state in states]
