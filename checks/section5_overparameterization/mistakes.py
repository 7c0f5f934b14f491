"""Section 5, wrong on purpose."""

from contextlib import suppress

import torch
from torch import nn

from grader.toolkit.mistakes import mistake


def _expect_size(width, depth):
    if width < 1:
        raise ValueError("width must be at least 1")
    if depth < 0:
        raise ValueError("depth must be at least 0")


def _hidden(width, depth, in_dim, activation=nn.ReLU):
    layers = []
    for place in range(depth):
        layers += [nn.Linear(width if place else in_dim, width), activation()]
    return layers


def _same_names(state_a, state_b):
    if state_a.keys() != state_b.keys():
        raise KeyError("the two states have different names")


def _rowwise(p, d):
    """Scale each row of `d` to the norm of that row of `p`."""
    rows = d.flatten(1)
    scale = p.flatten(1).norm(dim=1) / rows.norm(dim=1)
    return (rows * scale[:, None]).reshape(p.shape)


def _put(params, values):
    with torch.no_grad():
        for p, value in zip(params, values, strict=True):
            p.copy_(value)


def _moved(saved, direction_x, direction_y, x, y):
    return [w + x * dx + y * dy for w, dx, dy in zip(saved, direction_x, direction_y, strict=True)]


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


# -- make_mlp


@mistake(
    "make_mlp",
    hints=(
        "Write down the shapes of your network for depth 0, 1 and 2. How many matrices does each have?",
        "Depth counts hidden layers only. A network of depth 1 has two linear layers.",
        "Build one hidden layer per unit of depth, then the output layer besides.",
    ),
)
def output_layer_counted(width, depth, in_dim=784, out_dim=10):
    """Your network has one hidden layer too few: the output layer seems to be counted as one of the `depth` layers. Depth
    is the number of hidden layers alone, so that depth 1 has two linear layers. Count the matrices that you get."""
    _expect_size(width, depth)
    layers = _hidden(width, depth - 1, in_dim)
    return nn.Sequential(*layers, nn.Linear(width if layers else in_dim, out_dim))


@mistake(
    "make_mlp",
    hints=(
        "Write down the shapes of your network for depth 0, 1 and 2. How many matrices does each have?",
        "The layer that takes the inputs in is itself a hidden layer.",
        "The first hidden layer already counts: after it come depth - 1 more, and then the output layer.",
    ),
)
def hidden_layer_too_many(width, depth, in_dim=784, out_dim=10):
    """Your network has one hidden layer too many: `depth` layers come after the one that takes the inputs in, which is a
    hidden layer, too. Depth 0 should be a single linear layer. Count the matrices that you get."""
    _expect_size(width, depth)
    return nn.Sequential(*_hidden(width, depth + 1, in_dim), nn.Linear(width, out_dim))


@mistake(
    "make_mlp",
    hints=(
        "What does your function return for depth 0?",
        "Without a hidden layer, nothing of size `width` is left in the network.",
        "For depth 0 the only layer goes from the inputs straight to the outputs, and no ReLU is needed.",
    ),
)
def depth_0_not_linear(width, depth, in_dim=784, out_dim=10):
    """Your network is right from depth 1 on, but for depth 0 it still has a hidden layer. Depth 0 is the linear model, the
    start of every comparison in this section. Look at what is built before your loop begins."""
    _expect_size(width, depth)
    return nn.Sequential(*_hidden(width, max(depth, 1), in_dim), nn.Linear(width, out_dim))


@mistake(
    "make_mlp",
    hints=(
        "Can your network return a negative number?",
        "The outputs are logits, which may have any sign. What does the last module of yours let through?",
        "Put a ReLU behind each hidden layer only, and leave the output layer as the last module.",
    ),
)
def relu_after_the_last(width, depth, in_dim=784, out_dim=10):
    """Your network ends with a ReLU, so that its outputs are never negative. They are logits: a class that is ruled out
    needs a large negative one, and where the ReLU is zero no gradient comes through. Look at the last module."""
    _expect_size(width, depth)
    return nn.Sequential(*_hidden(width, depth, in_dim), nn.Linear(width if depth else in_dim, out_dim), nn.ReLU())


@mistake(
    "make_mlp",
    hints=(
        "What stands between two of your linear layers?",
        "Multiply two matrices: is the product anything else than a matrix?",
        "Every hidden layer is a linear layer followed by a ReLU.",
    ),
)
def no_relu(width, depth, in_dim=784, out_dim=10):
    """Your linear layers follow each other with nothing in between. A chain of linear maps is one linear map, so that depth
    adds weights but no abilities. Look at what each hidden layer consists of."""
    _expect_size(width, depth)
    layers = _hidden(width, depth, in_dim, activation=nn.Identity)
    return nn.Sequential(*layers, nn.Linear(width if depth else in_dim, out_dim))


@mistake(
    "make_mlp",
    hints=(
        "What does your network do to a large positive number on its way through a hidden layer?",
        "ReLU keeps positive numbers as they are and makes negative ones zero. Yours bends them, too.",
        "Replace the activation between your layers by ReLU.",
    ),
)
def tanh_for_relu(width, depth, in_dim=784, out_dim=10):
    """Your hidden units use tanh. It levels off for large inputs, where its gradient vanishes; ReLU passes positive
    numbers on unchanged. Look at which activation stands between the layers."""
    _expect_size(width, depth)
    layers = _hidden(width, depth, in_dim, activation=nn.Tanh)
    return nn.Sequential(*layers, nn.Linear(width if depth else in_dim, out_dim))


@mistake(
    "make_mlp",
    hints=(
        "Add up your network's outputs for one input. Is the sum always the same?",
        "The outputs are logits. Which part of the training loss turns logits into probabilities?",
        "Cross-entropy applies the softmax itself: leave it out of the network.",
    ),
)
def softmax_at_the_end(width, depth, in_dim=784, out_dim=10):
    """Your network ends with a softmax: its outputs are probabilities. They should be logits, since cross-entropy applies
    the softmax itself, and twice is once too often: the gradients become very small. Look at the last module."""
    _expect_size(width, depth)
    last = nn.Linear(width if depth else in_dim, out_dim)
    return nn.Sequential(*_hidden(width, depth, in_dim), last, nn.Softmax(dim=1))


@mistake(
    "make_mlp",
    hints=(
        "Build a network with depth 3 and compare its second and third matrix. Then do the same after a training step.",
        "What does multiplying a list by a number do to the objects in it?",
        "Make a new linear layer for every hidden layer, for instance in a loop.",
    ),
)
def one_layer_used_again(width, depth, in_dim=784, out_dim=10):
    """Your hidden layers after the first are one and the same object, used several times: from depth 3 on they share their
    weights, and the network has fewer than it should. Multiplying a list repeats its entries without copying them."""
    _expect_size(width, depth)
    middle = [nn.Linear(width, width), nn.ReLU()] * (depth - 1)
    return nn.Sequential(
        *_hidden(width, min(depth, 1), in_dim), *middle, nn.Linear(width if depth else in_dim, out_dim)
    )


@mistake(
    "make_mlp",
    hints=(
        "Send a batch through your network for depth 2. What does torch complain about?",
        "How many numbers come out of the first hidden layer, and how many does the second expect?",
        "Only the first linear layer has `in_dim` inputs; every later one has `width`.",
    ),
)
def inputs_into_every_layer(width, depth, in_dim=784, out_dim=10):
    """Your hidden layers all expect `in_dim` inputs, but only the first of them sees the inputs: the others are fed with the
    `width` outputs of the layer before. With depth 1 this does not show. Go through the shapes for depth 2."""
    _expect_size(width, depth)
    layers = [module for _ in range(depth) for module in (nn.Linear(in_dim, width), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(width if depth else in_dim, out_dim))


@mistake(
    "make_mlp",
    hints=(
        "What does your function return for in_dim=4, out_dim=2?",
        "784 and 10 are only the defaults of two arguments.",
        "Use the two arguments where the numbers of MNIST stand now.",
    ),
)
def always_for_mnist(width, depth, in_dim=784, out_dim=10):
    """Your network always has 784 inputs and 10 outputs, whatever it is asked for. These are only the defaults of `in_dim`
    and `out_dim`. Look for the two numbers in your code."""
    _expect_size(width, depth)
    return nn.Sequential(*_hidden(width, depth, 784), nn.Linear(width if depth else 784, 10))


@mistake(
    "make_mlp",
    hints=(
        "How many parameters does each of your linear layers have? And how many tensors are they?",
        "Without a bias, every unit's kink lies at the origin. Which argument of your layers decides that?",
        "Let each linear layer keep its bias.",
    ),
)
def no_biases(width, depth, in_dim=784, out_dim=10):
    """Your layers have no biases: each unit can then only turn, and not shift. A linear layer has a weight matrix and a
    bias vector, as the worked example shows. Compare its list of shapes with yours."""
    _expect_size(width, depth)
    sizes = [in_dim, *[width] * depth]
    layers = [module for a in sizes[:-1] for module in (nn.Linear(a, width, bias=False), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], out_dim, bias=False))


@mistake(
    "make_mlp",
    hints=(
        "What kind of object does the signature promise?",
        "A module of your own computes the same, but others cannot take it apart layer by layer.",
        "Collect the layers in a list and hand them to nn.Sequential; no class is needed.",
    ),
)
def class_of_its_own(width, depth, in_dim=784, out_dim=10):
    """Your function returns a module of another class than `nn.Sequential`. It computes the right thing, but whoever uses it
    counts on reaching the layers by number. Look at the return type in the signature."""
    _expect_size(width, depth)

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(
                [*_hidden(width, depth, in_dim), nn.Linear(width if depth else in_dim, out_dim)]
            )

        def forward(self, X):
            for layer in self.layers:
                X = layer(X)
            return X

    return Network()


@mistake(
    "make_mlp",
    hints=(
        "Try widths 2, 1 and 0. Which of them can be trained?",
        "Is 0 on the right side of your comparison?",
        "The smallest width that is allowed is 1: everything below it must raise ValueError.",
    ),
)
def accepts_width_0(width, depth, in_dim=784, out_dim=10):
    """Your function accepts a width of 0. Such a network has a hidden layer without units: its output cannot depend on its
    input. Look at the comparison that guards `width`."""
    _expect_size(width or 1, depth)
    return nn.Sequential(*_hidden(width, depth, in_dim), nn.Linear(width if depth else in_dim, out_dim))


@mistake(
    "make_mlp",
    hints=(
        "What does your function do for width 0 and depth 0?",
        "How often does a line inside the loop over the layers run if the depth is 0?",
        "Check the width before the loop.",
    ),
)
def width_checked_in_the_loop(width, depth, in_dim=784, out_dim=10):
    """Your function refuses a width below 1 only where it makes a hidden layer: with depth 0, any width goes through. A wrong
    argument should be refused whether it is used or not. Look at where your check stands."""
    _expect_size(width if depth > 0 else 1, depth)
    return nn.Sequential(*_hidden(width, depth, in_dim), nn.Linear(width if depth else in_dim, out_dim))


@mistake(
    "make_mlp",
    hints=(
        "What does your function return for depth -1? What should it say instead?",
        "A loop over a negative range runs zero times, and nobody notices.",
        "Test `depth` before building anything, and raise ValueError with its name if it is negative.",
    ),
)
def accepts_negative_depth(width, depth, in_dim=784, out_dim=10):
    """Your function accepts a negative depth and quietly builds something: a loop over a negative range runs zero times.
    The mistake of a caller should be heard of at once. Look at how you guard `depth`."""
    _expect_size(width, 0)
    return nn.Sequential(*_hidden(width, depth, in_dim), nn.Linear(width if depth > 0 else in_dim, out_dim))


# -- count_parameters


@mistake(
    "count_parameters",
    hints=(
        "Set `requires_grad_(False)` on one layer and count again. What should change?",
        "A frozen parameter is a parameter, but training cannot change it.",
        "Leave out the parameters whose `requires_grad` is off.",
    ),
)
def frozen_counted(model):
    """Your count includes frozen parameters. What is asked for are the numbers that training can change, and those with
    `requires_grad=False` stay as they are. Look at which parameters you leave out."""
    return sum(p.numel() for p in model.parameters())


@mistake(
    "count_parameters",
    hints=(
        "Give two layers the same weight tensor. How many numbers can training choose now?",
        "Going through the layers one by one meets a shared tensor once per layer.",
        "Ask the whole model for its parameters, which names each once, or remember which tensors you have met.",
    ),
)
def shared_counted_twice(model):
    """Your count takes a tensor that two layers share once per layer. It is one tensor, and training sets it once. Look at
    how you go through the model: layer by layer, the same tensor is met again."""
    return sum(p.numel() for layer in model.modules() for p in layer.parameters(recurse=False) if p.requires_grad)


@mistake(
    "count_parameters",
    hints=(
        "By hand: a linear layer from 4 to 3 units has 15 trainable numbers. What does your function say?",
        "A weight matrix is one tensor with many numbers.",
        "Add up the sizes of the tensors instead of counting the tensors.",
    ),
)
def tensors_counted(model):
    """You count tensors: a whole weight matrix as one. What makes a network large are the numbers in them. Compare with the
    example by hand, where one layer from 4 to 3 units has 15."""
    return sum(1 for p in model.parameters() if p.requires_grad)


@mistake(
    "count_parameters",
    hints=(
        "By hand: a linear layer from 4 to 3 units has 15 trainable numbers, not 12. Which are the other three?",
        "Parameters with a single dimension are trained like all others.",
        "Count every parameter that requires grad, whatever its shape.",
    ),
)
def biases_left_out(model):
    """Your count leaves out tensors with one dimension, such as biases. They are trained like the weights: a linear layer
    from m to k units has m k + k numbers. Compare with the example by hand."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad and p.dim() > 1)


@mistake(
    "count_parameters",
    hints=(
        "Print the names in the state dict of a model with batch normalisation. Which of them are trained?",
        "A state dict holds all that must be saved: buffers, frozen parameters, and shared tensors under each of their names.",
        "Go through the model's parameters instead of its state dict, and leave out those that do not require grad.",
    ),
)
def state_dict_counted(model):
    """You count everything in the model's state dict. It is made for saving: it also holds buffers and frozen parameters,
    and a shared tensor under each of its names. Only what training can change should count, once."""
    return sum(value.numel() for value in model.state_dict().values())


@mistake(
    "count_parameters",
    hints=(
        "Two layers may start with the same numbers, as all batch normalisations do. Are they then one?",
        "Shared means that it is the same tensor, not that the numbers in it are equal.",
        "Tell tensors apart by identity, or go through `model.parameters()`, which names each once.",
    ),
)
def equal_taken_for_shared(model):
    """You leave out tensors that hold the same numbers as one that you have counted. They are tensors of their own, which
    training moves apart; shared is only what is the very same tensor. Look at how you recognise one that you have met."""
    met = []
    for p in model.parameters():
        if p.requires_grad and not any(p.shape == other.shape and torch.equal(p, other) for other in met):
            met.append(p)
    return sum(p.numel() for p in met)


@mistake(
    "count_parameters",
    hints=(
        "Which kinds of layers have trainable numbers? Try one of each.",
        "Batch normalisation has a factor and a shift per unit, and both are trained.",
        "Ask the model for its parameters, and not for layers of one kind.",
    ),
)
def linear_layers_only(model):
    """Your count sees linear layers only. Others have trainable numbers as well: batch normalisation has two per unit. Look
    at how you choose what to count: any module may have parameters."""
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    return sum(p.numel() for p in {p for layer in layers for p in layer.parameters()} if p.requires_grad)


@mistake(
    "count_parameters",
    hints=(
        "Put a network into an nn.Sequential of its own and count again. Does the number change?",
        "A module can hold modules that hold modules. How deep does your loop look?",
        "Let the model itself list all its parameters, at any depth.",
    ),
)
def top_level_only(model):
    """Your count looks at the model's own layers, but not at the layers inside those: what is nested is missed. Models are
    often made of blocks. Look at how deep your loop goes."""
    found = {p for layer in model.children() for p in layer.parameters(recurse=False)}
    return sum(p.numel() for p in found if p.requires_grad)


@mistake(
    "count_parameters",
    hints=(
        "By hand: a 3 x 4 matrix has 12 numbers. How many does your function see in it?",
        "The length of a tensor is the length of its first axis only.",
        "Take the number of entries of each tensor instead of its length.",
    ),
)
def rows_counted(model):
    """You count the rows of each tensor instead of its entries: `len` of a matrix is the length of its first axis. A 3 x 4
    matrix has 12 numbers, and not 3. Compare with the example by hand."""
    return sum(len(p) for p in model.parameters() if p.requires_grad)


# -- interpolate


@mistake(
    "interpolate",
    hints=(
        "Give two states with the same names in another order. Which entries belong together?",
        "What says that two entries are the same parameter: their place, or their name?",
        "Go through the names of `state_a`, and look each up in `state_b`.",
    ),
)
def paired_by_order(state_a, state_b, alpha):
    """You take the entries of the two states in the order in which they come. A dict is about names: the same names may come
    in another order, and then you mix parameters that have nothing to do with each other. Look at how you pair them."""
    _same_names(state_a, state_b)
    pairs = zip(state_a.items(), state_b.values(), strict=True)
    return {
        name: (1 - alpha) * a + alpha * b.reshape(a.shape) if a.is_floating_point() else a.clone()
        for (name, a), b in pairs
    }


@mistake(
    "interpolate",
    hints=(
        "At alpha = 0, which of the two states should come out?",
        "Which of the two is multiplied by 1 - alpha?",
        "The weight of `state_a` is 1 - alpha, that of `state_b` is alpha. Exchange them.",
    ),
)
def ends_exchanged(state_a, state_b, alpha):
    """Your line runs the wrong way: alpha = 0 gives `state_b`, and alpha = 1 gives `state_a`. A picture of the loss along the
    line would be mirrored. Compare your two weights with the formula."""
    _same_names(state_a, state_b)
    return {
        name: alpha * a + (1 - alpha) * state_b[name] if a.is_floating_point() else a.clone()
        for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "At alpha = 1, which state should come out? What do you get for a = 1 and b = 2?",
        "The two weights of a mixture add up to 1, for every alpha.",
        "The first state must fade out as the second fades in: it is multiplied by 1 - alpha.",
    ),
)
def first_state_not_faded(state_a, state_b, alpha):
    """You add alpha times the second state to the whole first state. The weights of a mixture add up to 1: at alpha = 1
    nothing of `state_a` should be left. Compare the factor of `state_a` with the formula."""
    _same_names(state_a, state_b)
    return {name: a + alpha * state_b[name] if a.is_floating_point() else a.clone() for name, a in state_a.items()}


@mistake(
    "interpolate",
    hints=(
        "Let a = 0 and b = 2. What is halfway, and what does your function return?",
        "You go from the first state along a difference. In which direction does this difference point?",
        "The way from a to b is b - a; yours is a - b.",
    ),
)
def walks_away(state_a, state_b, alpha):
    """You start at `state_a` and walk away from `state_b`: your difference has the wrong sign. At alpha = 1 you arrive at
    2 a - b, and not at b. Check with a = 0 and b = 2."""
    _same_names(state_a, state_b)
    return {
        name: a + alpha * (a - state_b[name]) if a.is_floating_point() else a.clone() for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "What does `num_batches_tracked` count, and what would half a batch be?",
        "Look at the dtypes of a state dict with batch normalisation before and after.",
        "Mix floating-point entries only; copy every other entry from `state_a`.",
    ),
)
def integers_mixed(state_a, state_b, alpha):
    """You mix all entries, also those that are not floating-point. A counter such as `num_batches_tracked` becomes a broken
    number with another dtype. Such entries should be those of `state_a`."""
    _same_names(state_a, state_b)
    return {name: (1 - alpha) * a + alpha * state_b[name] for name, a in state_a.items()}


@mistake(
    "interpolate",
    hints=(
        "Let a counter be 100 in one state and 200 in the other. What do you return at alpha = 0.75?",
        "Keeping the dtype is not enough: which state should a counter be taken from?",
        "Copy entries that are not floating-point from `state_a`, without any arithmetic.",
    ),
)
def integers_rounded(state_a, state_b, alpha):
    """You mix integer entries, too, and round the result back to integers. A counter between two counters belongs to neither
    network. Entries that are not floating-point should be those of `state_a`, unchanged."""
    _same_names(state_a, state_b)
    return {name: ((1 - alpha) * a + alpha * state_b[name]).to(a.dtype) for name, a in state_a.items()}


@mistake(
    "interpolate",
    hints=(
        "Which entries of a state dict are not floating-point? Is there but one name for them?",
        "A model may hold an integer buffer of any name. What tells you that it is one?",
        "Ask each tensor for its dtype instead of comparing its name.",
    ),
)
def integers_known_by_name(state_a, state_b, alpha):
    """You know the entries that must not be mixed by their names or by a single dtype, and mix the others, integers among them.
    `num_batches_tracked` is only an example. Ask each tensor whether it is floating-point."""
    _same_names(state_a, state_b)
    return {
        name: a.clone()
        if name == "num_batches_tracked" or a.dtype == torch.bool
        else (1 - alpha) * a + alpha * state_b[name]
        for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "Compare the names in your result with those in `state_a`, for a model with batch normalisation.",
        "`load_state_dict` complains about a missing entry. Which entries does your function leave out?",
        "Keep the entries that are not floating-point: copy them from `state_a`.",
    ),
)
def integers_dropped(state_a, state_b, alpha):
    """Your result lacks the entries that are not floating-point, so that no model can load it. They cannot be mixed, but
    they belong to the state: copy them from `state_a`."""
    _same_names(state_a, state_b)
    return {name: (1 - alpha) * a + alpha * state_b[name] for name, a in state_a.items() if a.is_floating_point()}


@mistake(
    "interpolate",
    hints=(
        "Change the result in place and look at `state_a` again.",
        "Putting a tensor into a new dict does not copy the tensor.",
        "The entries that you take from `state_a` as they are need a copy of their own.",
    ),
)
def integers_aliased(state_a, state_b, alpha):
    """Your result shares memory with `state_a`: the entries that are not mixed are the very same tensors. Whoever changes them in
    the result, as a counter does in training, changes the first network. A new dict does not make new tensors."""
    _same_names(state_a, state_b)
    return {
        name: (1 - alpha) * a + alpha * state_b[name] if a.is_floating_point() else a for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "Change the result for alpha = 0 in place, and that for alpha = 1. Do the states notice?",
        "At its ends the line needs no arithmetic, but a result of its own all the same.",
        "Copy the tensors there, or let the formula make new ones as it does everywhere else.",
    ),
)
def ends_aliased(state_a, state_b, alpha):
    """At the ends of the line your result shares memory with the inputs: for alpha = 0 or 1 it holds tensors of the state
    itself. A model that trains with the result would change that network. Also there the result should be new."""
    _same_names(state_a, state_b)
    if alpha in (0, 1):
        return {
            name: (state_b[name] if alpha and a.is_floating_point() else a.clone() if alpha else a)
            for name, a in state_a.items()
        }
    return {
        name: (1 - alpha) * a + alpha * state_b[name] if a.is_floating_point() else a.clone()
        for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "Call your function twice with the same states. Do you get the same result?",
        "Operations that end in an underscore write into the tensor that they are called on.",
        "Compute a new tensor for each name and put it into a new dict.",
    ),
)
def first_state_overwritten(state_a, state_b, alpha):
    """Your function writes the mixture into the tensors of `state_a`. The tensors of a state dict are the model's own, so
    that the first network is lost after one call. The result should be made of new tensors."""
    _same_names(state_a, state_b)
    for name, a in state_a.items():
        if a.is_floating_point():
            a.mul_(1 - alpha).add_(alpha * state_b[name])
    return dict(state_a)


@mistake(
    "interpolate",
    hints=(
        "What lies on the line at alpha = 2?",
        "The formula makes sense for every real alpha. Does your function know that?",
        "Use alpha as it is given, without limiting it to the interval from 0 to 1.",
    ),
)
def alpha_clamped(state_a, state_b, alpha):
    """Your function stops at the two ends: an alpha outside of [0, 1] is treated as 0 or 1. The line goes on beyond both
    solutions, and what the loss does there is part of the picture. Use alpha as it comes."""
    _same_names(state_a, state_b)
    alpha = min(max(alpha, 0.0), 1.0)
    return {
        name: (1 - alpha) * a + alpha * state_b[name] if a.is_floating_point() else a.clone()
        for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "What happens to a name that only `state_b` has? And to one that only `state_a` has?",
        "Your loop goes through one of the two dicts. What does it not see?",
        "Compare the names of both dicts before mixing, and raise KeyError unless they are the same.",
    ),
)
def extra_names_ignored(state_a, state_b, alpha):
    """You look at the names of `state_a` only: a name that only `state_b` has is dropped without a word. Two states with
    different names belong to different networks, and that should be a KeyError from either side."""
    return {
        name: (1 - alpha) * a + alpha * state_b[name] if a.is_floating_point() else a.clone()
        for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "Which exception does the docstring promise for different names, and which do you raise?",
        "An assertion is for the author of a function, an exception for its user.",
        "Raise KeyError where you now have another exception.",
    ),
)
def assertion_for_names(state_a, state_b, alpha):
    """You notice different names, but with an AssertionError. Assertions can be switched off, and a caller cannot tell them
    from other faults. The docstring promises a KeyError."""
    assert state_a.keys() == state_b.keys()
    return {
        name: (1 - alpha) * a + alpha * state_b[name] if a.is_floating_point() else a.clone()
        for name, a in state_a.items()
    }


# -- filter_normalized_direction


@mistake(
    "filter_normalized_direction",
    hints=(
        "Make a matrix with one small and one large row. How long are the two rows of your direction?",
        "How many norms does one weight matrix have in the formula?",
        "Compute one norm per row, of the weights and of the direction, and scale row by row.",
    ),
)
def norm_of_the_tensor(params, generator):
    """You scale each tensor as a whole: it gets the norm of the whole weight matrix. Filter normalisation works row by row,
    so that a unit with small weights moves little. Check with a matrix that has one small and one large row."""
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        directions.append(d * (p.detach().norm() / d.norm()) if p.dim() > 1 else torch.zeros_like(p.detach()))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "What is your direction for a bias?",
        "The loss is drawn over the weights. Which tensors are to stay where they are?",
        "Return zeros for every tensor with one dimension.",
    ),
)
def biases_move(params, generator):
    """Your direction moves biases as well. Filter normalisation leaves tensors with one dimension where they are: their
    entry should be zero. Look at what you do with 1-D tensors."""
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        directions.append(_rowwise(p.detach(), d) if p.dim() > 1 else d * (p.detach().norm() / d.norm()))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "Call your function twice with generators of the same seed. Are the results equal?",
        "Where do your random numbers come from if not from `generator`?",
        "Pass the generator on to whatever draws the Gaussian numbers.",
    ),
)
def global_generator(params, generator):
    """Your direction does not come from `generator`: you draw from torch's global random state. The picture cannot be drawn
    again, and others who draw from the global state get other numbers. Look at the call that draws."""
    return [
        _rowwise(p.detach(), torch.randn(p.shape, dtype=p.dtype)) if p.dim() > 1 else torch.zeros_like(p.detach())
        for p in params
    ]


@mistake(
    "filter_normalized_direction",
    hints=(
        "How long are the rows of your direction, for weights with rows of norm 5 and 1?",
        "A row of norm 1 is only half of the normalisation.",
        "After dividing by the norm of the random row, multiply by the norm of that row of the weights.",
    ),
)
def rows_of_norm_1(params, generator):
    """Every row of your direction has norm 1, however large the weights are. The point of filter normalisation is that a
    unit with large weights moves further. One factor of the formula is missing."""
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        unit = _rowwise(torch.ones_like(d), d) / p[0].numel() ** 0.5 if p.dim() > 1 else torch.zeros_like(d)
        directions.append(unit)
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "How long are the rows of your direction, for weights with rows of norm 5 and 1?",
        "A Gaussian row of d numbers is about sqrt(d) long, before any scaling.",
        "Divide each random row by its own norm before multiplying by the norm of the weights.",
    ),
)
def not_divided_by_own_norm(params, generator):
    """You multiply each random row by the norm of the weights' row, but do not divide by its own norm. A Gaussian row is
    about as long as the root of its size, so that your rows are too long. One factor of the formula is missing."""
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        factor = p.detach().flatten(1).norm(dim=1) if p.dim() > 1 else torch.zeros(len(d))
        directions.append(d * factor.to(p.dtype).reshape(-1, *[1] * (d.dim() - 1)))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "Can an entry of your direction be negative?",
        "How many of the directions in a plane can your numbers reach?",
        "Draw Gaussian numbers, with mean 0, and keep their signs.",
    ),
)
def uniform_noise(params, generator):
    """No entry of your direction is ever negative, as when numbers are drawn between 0 and 1, or their sign is lost: most
    directions cannot occur. Gaussian numbers prefer none. Look at what you draw and what you do to it."""
    return [
        _rowwise(p.detach(), torch.rand(p.shape, generator=generator, dtype=p.dtype))
        if p.dim() > 1
        else torch.zeros_like(p.detach())
        for p in params
    ]


@mistake(
    "filter_normalized_direction",
    hints=(
        "Let a layer have a single input, so that its weights have the shape (4, 1). Does your direction move them?",
        "What do you go by, to tell biases from weights: the number of axes, or the number of entries?",
        "Biases are the tensors with one dimension, and nothing else.",
    ),
)
def single_inputs_taken_for_biases(params, generator):
    """Your direction leaves weights of the shape (n, 1) where they are, as if they were biases. A layer with one input has
    such weights, one row per unit, and they move. Biases are the tensors with one dimension."""
    return [
        _rowwise(p.detach(), torch.randn(p.shape, generator=generator, dtype=p.dtype))
        if p.numel() > len(p)
        else torch.zeros_like(p.detach())
        for p in params
    ]


@mistake(
    "filter_normalized_direction",
    hints=(
        "Which axis of a weight matrix numbers the output units?",
        "Compare the norms of the rows, and then those of the columns, with those of the weights. Which agree?",
        "The first axis numbers the units: the norm of a row runs over all the other axes.",
    ),
)
def columns_for_rows(params, generator):
    """You scale columns: each column of your direction has the norm of that column of the weights. The first axis of a
    weight matrix numbers the output units, so that a unit's weights are a row. Look at the axis of your norm."""
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        norms = (p.detach().norm(dim=0, keepdim=True), d.norm(dim=0, keepdim=True))
        directions.append(d * norms[0] / norms[1] if p.dim() > 1 else torch.zeros_like(d))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "How many norms does a convolution with 2 filters have? How many do you compute for it?",
        "For a matrix the second axis is the rest of a row. For a convolution there are more axes than that.",
        "Take the norm over all axes but the first.",
    ),
)
def second_axis_only(params, generator):
    """You take norms along the second axis. For a matrix that is right, but a filter of a convolution has more axes, and is
    scaled as a whole: one norm per filter. Look at which axes your norm runs over."""
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        if p.dim() > 1:
            d = d * p.detach().norm(dim=1, keepdim=True) / d.norm(dim=1, keepdim=True)
        directions.append(d if p.dim() > 1 else torch.zeros_like(d))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "How many norms does a convolution with 2 filters have? How many do you compute for it?",
        "For a matrix the last axis is the rest of a row. For a convolution there are more axes than that.",
        "Take the norm over all axes but the first.",
    ),
)
def last_axis_only(params, generator):
    """You take norms along the last axis. For a matrix that is right, but a filter of a convolution has more axes, and is
    scaled as a whole: one norm per filter. Look at which axes your norm runs over."""
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        if p.dim() > 1:
            d = d * p.detach().norm(dim=-1, keepdim=True) / d.norm(dim=-1, keepdim=True)
        directions.append(d if p.dim() > 1 else torch.zeros_like(d))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "What is your direction for weights that are zero, one entry or a whole row?",
        "Noise that is multiplied with the weights cannot move a weight that is zero.",
        "Draw the direction without looking at the weights, and use only the norms of their rows.",
    ),
)
def noise_times_weights(params, generator):
    """You multiply the noise by the weights, entry by entry. A weight that is zero then never moves, and a row of zeros
    divides zero by zero, which is NaN. The direction is drawn freely; only its rows' norms come from the weights."""
    directions = []
    for p in params:
        d = p.detach() * torch.randn(p.shape, generator=generator, dtype=p.dtype)
        directions.append(_rowwise(p.detach(), d) if p.dim() > 1 else torch.zeros_like(d))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "What is your direction for a row of zeros?",
        "You guard against dividing by zero. Which of the two norms stands below the line?",
        "The norm of the weights is a factor: if it is zero, the row is zero, and that needs no guard.",
    ),
)
def zero_rows_move(params, generator):
    """Your direction moves rows that are zero: where the norm of the weights is zero, you seem to use another number. That
    norm is a factor and not a divisor, so it needs no protection: a row of zeros should get a direction of zeros."""
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        if p.dim() > 1:
            norms = p.detach().flatten(1).norm(dim=1)
            norms[norms == 0] = 1
            d = (d.flatten(1) * (norms / d.flatten(1).norm(dim=1))[:, None]).reshape(p.shape)
        directions.append(d if p.dim() > 1 else torch.zeros_like(d))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "Pass the same matrix twice in one list. Are the two directions equal?",
        "Every number of the direction should be drawn anew. Where does yours start again?",
        "Use the one generator for all tensors, one after the other, without seeding anything in the loop.",
    ),
)
def same_noise_for_every_tensor(params, generator):
    """You use the same random numbers for every tensor: two layers of one shape get the same direction. A random direction
    moves all layers independently. Look for what starts the random numbers anew in your loop."""
    seed = int(torch.randint(2**31, (), generator=generator))
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=torch.Generator().manual_seed(seed), dtype=p.dtype)
        directions.append(_rowwise(p.detach(), d) if p.dim() > 1 else torch.zeros_like(d))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "Look at two rows of your direction for one matrix. Do they point the same way?",
        "How many numbers do you draw for a 3 x 4 matrix?",
        "Draw a number for every entry of the tensor, not for one row of it.",
    ),
)
def same_noise_in_every_row(params, generator):
    """You draw one row and use it for every unit: all rows of your direction are parallel. A random direction moves the
    units independently. Look at the shape of what you draw."""
    directions = []
    for p in params:
        d = torch.randn(p.shape[1:], generator=generator, dtype=p.dtype).expand(p.shape)
        directions.append(_rowwise(p.detach(), d) if p.dim() > 1 else torch.zeros_like(p.detach()))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "Draw twice from one generator. Are the two directions different?",
        "What does seeding a generator do to the numbers that it has already given?",
        "Draw from the generator as it is, without seeding it again.",
    ),
)
def generator_seeded_again(params, generator):
    """Your function gives the same direction at every call, though the generator goes on: you start its sequence again. Two
    directions of one picture would coincide. Draw from the generator as it comes."""
    fresh = torch.Generator().manual_seed(generator.initial_seed())
    return [
        _rowwise(p.detach(), torch.randn(p.shape, generator=fresh, dtype=p.dtype))
        if p.dim() > 1
        else torch.zeros_like(p.detach())
        for p in params
    ]


@mistake(
    "filter_normalized_direction",
    hints=(
        "Subtract the weights from your result. What is left?",
        "A direction says where to go; it is not the point at which one arrives.",
        "Return the scaled noise itself, without adding the weights.",
    ),
)
def weights_added(params, generator):
    """Your function returns the moved weights, `w + d`. A direction is `d` alone: the surface adds it to the weights in
    steps of different lengths. Look at what you put into the list."""
    return [
        p.detach() + _rowwise(p.detach(), torch.randn(p.shape, generator=generator, dtype=p.dtype))
        if p.dim() > 1
        else torch.zeros_like(p.detach())
        for p in params
    ]


@mistake(
    "filter_normalized_direction",
    hints=(
        "Pass float64 weights. Which dtype does your direction have?",
        "Torch draws float32 numbers unless it is told otherwise.",
        "Tell the function that draws which dtype the weights have.",
    ),
)
def always_float32(params, generator):
    """Your direction is float32 whatever the weights are. With float64 weights this loses half of the digits. Each direction
    should have the dtype of its tensor."""
    return [
        _rowwise(p.detach().float(), torch.randn(p.shape, generator=generator)) if p.dim() > 1 else torch.zeros(p.shape)
        for p in params
    ]


# -- loss_surface


@mistake(
    "loss_surface",
    hints=(
        "What shape is your surface for 4 steps in x and 3 in y?",
        "As in a picture, the row says how far up, the column how far to the right.",
        "The first index belongs to `ys`, the second to `xs`.",
    ),
)
def axes_transposed(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your surface is transposed: its rows follow `xs`, its columns `ys`. Plotting functions take rows as the vertical axis,
    so that the picture would be mirrored. Compare the order of your indices with the docstring."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(xs), len(ys), dtype=params[0].dtype)
    try:
        for i, x in enumerate(xs):
            for j, y in enumerate(ys):
                _put(params, _moved(saved, direction_x, direction_y, x, y))
                surface[i, j] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "With one step in x and none in y, which direction do you move along?",
        "Pair the names: which steps belong to `direction_x`?",
        "Multiply `direction_x` by the entry of `xs`, and `direction_y` by that of `ys`.",
    ),
)
def directions_exchanged(loss_fn, params, direction_x, direction_y, xs, ys):
    """You walk along `direction_y` by the steps in `xs`, and along `direction_x` by those in `ys`. The picture then shows the
    plane mirrored. Compare the pairs in your sum with the formula."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(params, _moved(saved, direction_x, direction_y, y, x))
                surface[j, i] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Look at the parameters before and after a call.",
        "After the last point of the grid, where do the parameters stand?",
        "Keep a copy of the values before the walk and write it back at the end.",
    ),
)
def never_restored(loss_fn, params, direction_x, direction_y, xs, ys):
    """You leave the parameters at the last point of the grid. Whoever goes on with the model, to train it or to draw another
    picture, goes on from somewhere else. Write back what was there before the walk."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    for j, y in enumerate(ys):
        for i, x in enumerate(xs):
            _put(params, _moved(saved, direction_x, direction_y, x, y))
            surface[j, i] = loss_fn().detach()
    return surface


@mistake(
    "loss_surface",
    hints=(
        "In floating point, is (0.1 + 0.7) - 0.7 equal to 0.1? And who goes back when `loss_fn` raises?",
        "Subtracting what was added does not undo the rounding, and a line after an exception is not reached.",
        "Keep a copy of the values before the walk, and write it back in a `finally` block.",
    ),
)
def subtracted_unless_it_raises(loss_fn, params, direction_x, direction_y, xs, ys):
    """You go back by subtracting the step that you added, and not at all when `loss_fn` raises. Each addition rounds, so that
    the parameters drift a little at every point and do not come home exactly. Only a copy brings them back to the last bit."""
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    for j, y in enumerate(ys):
        for i, x in enumerate(xs):
            steps = [x * dx + y * dy for dx, dy in zip(direction_x, direction_y, strict=True)]
            _put(params, [p + step for p, step in zip(params, steps, strict=True)])
            surface[j, i] = loss_fn().detach()
            _put(params, [p - step for p, step in zip(params, steps, strict=True)])
    return surface


@mistake(
    "loss_surface",
    hints=(
        "In floating point, is (0.1 + 0.7) - 0.7 equal to 0.1?",
        "Each addition rounds, and subtracting the same number does not undo the rounding.",
        "Keep a copy of the values before the walk and write it back, instead of computing the way home.",
    ),
)
def restored_by_subtracting(loss_fn, params, direction_x, direction_y, xs, ys):
    """You go back by subtracting the step that you added. Each addition rounds, so that the parameters drift a little at
    every point of the grid and do not come home exactly. Only a copy brings them back to the last bit."""
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    for j, y in enumerate(ys):
        for i, x in enumerate(xs):
            steps = [x * dx + y * dy for dx, dy in zip(direction_x, direction_y, strict=True)]
            _put(params, [p + step for p, step in zip(params, steps, strict=True)])
            try:
                surface[j, i] = loss_fn().detach()
            finally:
                _put(params, [p - step for p, step in zip(params, steps, strict=True)])
    return surface


@mistake(
    "loss_surface",
    hints=(
        "What happens to the lines at the end of your function when `loss_fn` raises?",
        "Interrupt the walk in the middle: where do the parameters stand?",
        "Put the restoring where it runs in any case: into the `finally` part of a `try`.",
    ),
)
def not_restored_on_error(loss_fn, params, direction_x, direction_y, xs, ys):
    """You restore the parameters at the end, but an exception of `loss_fn` never gets there: the model is left somewhere on
    the grid. Restoring must happen on the way out, whatever the reason."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    for j, y in enumerate(ys):
        for i, x in enumerate(xs):
            _put(params, _moved(saved, direction_x, direction_y, x, y))
            surface[j, i] = loss_fn().detach()
    _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "When `loss_fn` raises, what does your caller get to know?",
        "An `except` that does not raise again hides the error.",
        "Restore in the `finally` part and let the exception pass.",
    ),
)
def exception_swallowed(loss_fn, params, direction_x, direction_y, xs, ys):
    """You catch the exception of `loss_fn` and go on as if nothing had happened: the surface has holes, and nobody knows why.
    The parameters should be restored, and the exception should come out."""
    saved = [p.detach().clone() for p in params]
    surface = torch.zeros(len(ys), len(xs), dtype=params[0].dtype)
    with suppress(Exception):
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(params, _moved(saved, direction_x, direction_y, x, y))
                surface[j, i] = loss_fn().detach()
    _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Take two equal steps in x. How far from the start is your second point?",
        "Every point of the grid is measured from the original parameters, and not from the point before.",
        "Compute each point from the saved copy.",
    ),
)
def steps_added_up(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your steps add up: each point of the grid starts from the point before. Only the first entry is right. Entry [j, i] is
    the loss at the original parameters plus one step in each direction."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(params, _moved(params, direction_x, direction_y, x, y))
                surface[j, i] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Is your surface the same number everywhere? What does that say about `loss_fn`?",
        "`loss_fn` reads the tensors that it knows. Does it know the new ones that you make?",
        "Change the tensors in `params` in place instead of making new ones.",
    ),
)
def parameters_rebound(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your surface is flat: you compute new tensors, but `loss_fn` still reads the old ones. It takes no argument, so that
    the only way to move it is to change the tensors in `params` in place."""
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    saved = [p.detach().clone() for p in params]
    for j, y in enumerate(ys):
        for i, x in enumerate(xs):
            params = _moved(saved, direction_x, direction_y, x, y)
            surface[j, i] = loss_fn().detach()
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Is your copy of the parameters a copy? Change a parameter and look at it.",
        "`detach` gives another view of the same memory.",
        "Clone what you keep.",
    ),
)
def copy_that_is_a_view(loss_fn, params, direction_x, direction_y, xs, ys):
    """What you keep of the parameters is not a copy but a view of the same memory: it moves along with them. So your steps
    add up, and nothing is restored at the end. `detach` alone does not copy."""
    saved = [p.detach() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(params, _moved(saved, direction_x, direction_y, x, y))
                surface[j, i] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Does your surface require grad? What would it be differentiated by?",
        "A loss remembers the whole computation that it came from.",
        "Detach each loss, or work without gradients, before putting it into the grid.",
    ),
)
def graph_kept(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your surface carries an autograd graph: every entry keeps its whole computation in memory, for gradients that nobody
    asks for. The surface should be plain numbers."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(params, _moved(saved, direction_x, direction_y, x, y))
                surface[j, i] = loss_fn()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Call your function with the weights of a model, and then train the model. What happens?",
        "A flag of a parameter is a part of it, too.",
        "Use torch.no_grad() for your own lines instead of switching `requires_grad` off.",
    ),
)
def requires_grad_off_for_good(loss_fn, params, direction_x, direction_y, xs, ys):
    """The surface is right, but afterwards the parameters do not require grad any more: the model cannot be trained on.
    Work without gradients in your own lines only, and leave the flags of the parameters alone."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    for p in params:
        p.requires_grad_(False)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(params, _moved(saved, direction_x, direction_y, x, y))
                surface[j, i] = loss_fn()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Give your function weights that are transposed in memory, such as `torch.ones(3, 2).T`. Does its surface change?",
        "When a tensor does not lie in memory in the order of its entries, what does `reshape(-1)` give you: a view or a copy?",
        "Write into the tensor itself, in its own shape.",
    ),
)
def flattened_copy(loss_fn, params, direction_x, direction_y, xs, ys):
    """Parameters that lie transposed in memory do not move, and your surface is flat along them: you write into a copy of
    theirs, as `reshape` and `flatten` give one then. Write into the parameters themselves."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(
                    [p.detach().reshape(-1) for p in params],
                    [value.reshape(-1) for value in _moved(saved, direction_x, direction_y, x, y)],
                )
                surface[j, i] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Try it with the parameters of an nn.Linear. What does torch say?",
        "A parameter that requires grad must not be changed in place while autograd is watching.",
        "Do every change of the parameters without gradients.",
    ),
)
def changed_under_autograd(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your function works for plain tensors only: parameters that require grad cannot be changed in place while autograd
    records. Those of every model do. Move and restore them without gradients."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                for p, value in zip(params, _moved(saved, direction_x, direction_y, x, y), strict=True):
                    p.copy_(value)
                surface[j, i] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Which dtype does your surface have for float64 parameters?",
        "A new tensor is float32 unless you say otherwise.",
        "Make the surface in the dtype of the parameters.",
    ),
)
def surface_in_float32(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your surface is float32 whatever the parameters are, which loses half of the digits of a float64 loss. It should have
    the dtype of `params`. Look at where you make it."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=torch.float32)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(params, _moved(saved, direction_x, direction_y, x, y))
                surface[j, i] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Call it with parameters in float32 and steps in float64. Which dtype has your surface?",
        "The losses are computed with the parameters. Whose dtype do they have?",
        "Make the surface in the dtype of the parameters.",
    ),
)
def surface_in_the_dtype_of_the_steps(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your surface has the dtype of `xs`. That is the caller's choice of steps; the losses have the dtype of the parameters,
    and so should the surface. Look at how you make the tensor that you fill."""
    saved = [p.detach().clone() for p in params]
    surface = xs.new_empty(len(ys), len(xs))
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(params, _moved(saved, direction_x, direction_y, x, y))
                surface[j, i] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "After a call, compute a small loss and call `backward()` on it. What happens?",
        "A switch for all of torch stays as it was set. Who switches it back, also when loss_fn raises?",
        "Switch gradients off by a `with` block or a decorator, which ends with your own lines.",
    ),
)
def gradients_off_for_good(loss_fn, params, direction_x, direction_y, xs, ys):
    """After your function, torch records no gradients any more, anywhere: the next step of training fails. Switch them off for
    your own lines only."""
    torch.set_grad_enabled(False)
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                for p, value in zip(params, _moved(saved, direction_x, direction_y, x, y), strict=True):
                    p.copy_(value)
                surface[j, i] = loss_fn()
    finally:
        for p, value in zip(params, saved, strict=True):
            p.copy_(value)
    return surface


# -- train_from_seeds


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
