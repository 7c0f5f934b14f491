"""Mistakes in make_mlp."""

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


@mistake(
    "make_mlp",
    hints=(
        "Write down the shapes of your network for depth 0, 1 and 2. How many matrices does each have?",
        "Depth counts hidden layers only. A network of depth 1 has two linear layers.",
        "Build `depth` hidden layers, and then the output layer.",
    ),
)
def output_layer_counted(width, depth, in_dim=784, out_dim=10):
    """Your network has one hidden layer too few: you probably count the output layer as one of the `depth` layers.
    Depth is the number of hidden layers only, so depth 1 has two linear layers. Count your weight matrices."""
    _expect_size(width, depth)
    layers = _hidden(width, depth - 1, in_dim)
    return nn.Sequential(*layers, nn.Linear(width if layers else in_dim, out_dim))


@mistake(
    "make_mlp",
    hints=(
        "Write down the shapes of your network for depth 0, 1 and 2. How many matrices does each have?",
        "The layer that takes the inputs is itself a hidden layer.",
        "The first hidden layer counts: add only depth - 1 more, and then the output layer.",
    ),
)
def hidden_layer_too_many(width, depth, in_dim=784, out_dim=10):
    """Your network has one hidden layer too many: the layer that takes the inputs is also a hidden layer, and `depth`
    more follow. Depth 0 should be a single linear layer. Count your weight matrices."""
    _expect_size(width, depth)
    return nn.Sequential(*_hidden(width, depth + 1, in_dim), nn.Linear(width, out_dim))


@mistake(
    "make_mlp",
    hints=(
        "What does your function return for depth 0?",
        "Without a hidden layer, no size in the network equals `width`.",
        "For depth 0, the only layer goes directly from the inputs to the outputs, without a ReLU.",
    ),
)
def depth_0_not_linear(width, depth, in_dim=784, out_dim=10):
    """Your network is right from depth 1 on, but for depth 0 it still has a hidden layer. Depth 0 is the linear model.
    Check which layers you build before your loop starts."""
    _expect_size(width, depth)
    return nn.Sequential(*_hidden(width, max(depth, 1), in_dim), nn.Linear(width, out_dim))


@mistake(
    "make_mlp",
    hints=(
        "Can your network return a negative number?",
        "The outputs are logits, which may be negative. Which values pass your last module?",
        "Put a ReLU after each hidden layer only, and let the output layer be the last module.",
    ),
)
def relu_after_the_last(width, depth, in_dim=784, out_dim=10):
    """Your network ends with a ReLU, so its outputs are never negative. The outputs are logits: an unlikely class needs
    a negative logit, and where the ReLU gives zero, no gradient flows back. Check the last module."""
    _expect_size(width, depth)
    return nn.Sequential(*_hidden(width, depth, in_dim), nn.Linear(width if depth else in_dim, out_dim), nn.ReLU())


@mistake(
    "make_mlp",
    hints=(
        "What is between two of your linear layers?",
        "Multiply two matrices. Is the product more than one matrix?",
        "Every hidden layer is a linear layer followed by a ReLU.",
    ),
)
def no_relu(width, depth, in_dim=784, out_dim=10):
    """Your linear layers have no activation function between them. Several linear maps in a row are one linear map, so
    depth adds weights but the network can fit no more functions. Check the parts of each hidden layer."""
    _expect_size(width, depth)
    layers = _hidden(width, depth, in_dim, activation=nn.Identity)
    return nn.Sequential(*layers, nn.Linear(width if depth else in_dim, out_dim))


@mistake(
    "make_mlp",
    hints=(
        "What happens to a large positive number in a hidden layer of your network?",
        "ReLU keeps positive numbers and sets negative ones to zero. Your activation also changes positive numbers.",
        "Replace the activation function between your layers by ReLU.",
    ),
)
def tanh_for_relu(width, depth, in_dim=784, out_dim=10):
    """Your hidden units use tanh. Tanh is flat for large inputs, so its gradient vanishes there; ReLU keeps positive
    numbers unchanged. Check the activation function between the layers."""
    _expect_size(width, depth)
    layers = _hidden(width, depth, in_dim, activation=nn.Tanh)
    return nn.Sequential(*layers, nn.Linear(width if depth else in_dim, out_dim))


@mistake(
    "make_mlp",
    hints=(
        "Add up your network's outputs for one input. Is the sum always the same?",
        "The outputs are logits. Which part of the training loss turns logits into probabilities?",
        "Cross-entropy applies the softmax itself: remove it from the network.",
    ),
)
def softmax_at_the_end(width, depth, in_dim=784, out_dim=10):
    """Your network ends with a softmax, so its outputs are probabilities. They should be logits: cross-entropy applies
    the softmax itself, and a second softmax makes the gradients very small. Check the last module."""
    _expect_size(width, depth)
    last = nn.Linear(width if depth else in_dim, out_dim)
    return nn.Sequential(*_hidden(width, depth, in_dim), last, nn.Softmax(dim=1))


@mistake(
    "make_mlp",
    hints=(
        "Build a network with depth 3 and compare its second and third matrix. Compare again after a training step.",
        "If you multiply a list by a number, does Python copy its objects?",
        "Make a new linear layer for every hidden layer, for instance in a loop.",
    ),
)
def one_layer_used_again(width, depth, in_dim=784, out_dim=10):
    """All your hidden layers after the first are the same object. From depth 3 on they share their weights, and the
    network has too few. Multiplying a list repeats its entries without a copy: create a new layer each time."""
    _expect_size(width, depth)
    middle = [nn.Linear(width, width), nn.ReLU()] * (depth - 1)
    return nn.Sequential(
        *_hidden(width, min(depth, 1), in_dim), *middle, nn.Linear(width if depth else in_dim, out_dim)
    )


@mistake(
    "make_mlp",
    hints=(
        "Send a batch through your network for depth 2. What is the error message of torch?",
        "How many outputs does the first hidden layer have, and how many inputs does the second expect?",
        "Only the first linear layer has `in_dim` inputs. Every later layer has `width`.",
    ),
)
def inputs_into_every_layer(width, depth, in_dim=784, out_dim=10):
    """From depth 2 on, your layers do not fit together, as if each hidden layer expects `in_dim` inputs. Only the first one
    gets them: each later layer gets the `width` outputs of the layer before. Write down the shapes for depth 2."""
    _expect_size(width, depth)
    layers = [module for _ in range(depth) for module in (nn.Linear(in_dim, width), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(width if depth else in_dim, out_dim))


@mistake(
    "make_mlp",
    hints=(
        "What does your function return for in_dim=4, out_dim=2?",
        "784 and 10 are only the default values of two arguments.",
        "Replace the two numbers of MNIST by the two arguments.",
    ),
)
def always_for_mnist(width, depth, in_dim=784, out_dim=10):
    """Your network has a size of MNIST for any `in_dim` and `out_dim`: 784 inputs, or 10 outputs. These are only the defaults of
    the two arguments. Search for the two numbers in your code."""
    _expect_size(width, depth)
    return nn.Sequential(*_hidden(width, depth, 784), nn.Linear(width if depth else 784, 10))


@mistake(
    "make_mlp",
    hints=(
        "How many parameter tensors does each of your linear layers have?",
        "Without a bias, the kink of every unit passes through the origin. Which argument of your layers decides that?",
        "Let each linear layer keep its bias.",
    ),
)
def no_biases(width, depth, in_dim=784, out_dim=10):
    """Your layers have no biases, so a unit cannot shift its kink away from the origin. A linear layer has a weight
    matrix and a bias vector. Compare your shapes with those in the worked example."""
    _expect_size(width, depth)
    sizes = [in_dim, *[width] * depth]
    layers = [module for a in sizes[:-1] for module in (nn.Linear(a, width, bias=False), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], out_dim, bias=False))


@mistake(
    "make_mlp",
    hints=(
        "Which return type does the signature promise?",
        "Your own module computes the same outputs, but the caller cannot take it apart layer by layer.",
        "Collect the layers in a list and pass them to nn.Sequential. You need no class.",
    ),
)
def class_of_its_own(width, depth, in_dim=784, out_dim=10):
    """Your function returns a module of another class than `nn.Sequential`. Its outputs are right, but callers use the
    layers by index. Check the return type in the signature."""
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
        "Try the widths 2, 1 and 0. Which of them can you train?",
        "Does your comparison include 0?",
        "The smallest valid width is 1: raise ValueError for every smaller number.",
    ),
)
def accepts_width_0(width, depth, in_dim=784, out_dim=10):
    """Your function accepts a width of 0. A hidden layer without units makes the output independent of the input. Check
    the comparison for `width`."""
    _expect_size(width or 1, depth)
    return nn.Sequential(*_hidden(width, depth, in_dim), nn.Linear(width if depth else in_dim, out_dim))


@mistake(
    "make_mlp",
    hints=(
        "What does your function do for width 0 and depth 0?",
        "How often does a line in the loop over the layers run if the depth is 0?",
        "Check the width before the loop.",
    ),
)
def width_checked_in_the_loop(width, depth, in_dim=784, out_dim=10):
    """Your function refuses a width below 1 only when it builds a hidden layer, so with depth 0 it accepts any width.
    Refuse a wrong argument also when you do not use it. Check where your test of `width` is."""
    _expect_size(width if depth > 0 else 1, depth)
    return nn.Sequential(*_hidden(width, depth, in_dim), nn.Linear(width if depth else in_dim, out_dim))


@mistake(
    "make_mlp",
    hints=(
        "What does your function return for depth -1? Which error should it raise?",
        "A loop over a negative range runs zero times, without an error.",
        "Test `depth` first, and raise ValueError with its name if it is negative.",
    ),
)
def accepts_negative_depth(width, depth, in_dim=784, out_dim=10):
    """Your function accepts a negative depth and builds a network: a loop over a negative range runs zero times. The
    caller should get an error at once. Check how you test `depth`."""
    _expect_size(width, 0)
    return nn.Sequential(*_hidden(width, depth, in_dim), nn.Linear(width if depth > 0 else in_dim, out_dim))


@mistake(
    "make_mlp",
    hints=(
        "Print your network for depth 3. What stands between its first two linear layers?",
        "Two linear layers in a row are one linear layer. How many ReLUs does a network with three hidden layers need?",
        "Add a ReLU to the list in each pass of your loop over the hidden layers, and not only once after the loop.",
    ),
)
def relu_after_the_last_hidden_layer_only(width, depth, in_dim=784, out_dim=10):
    """Only your last hidden layer has a ReLU. The linear layers before it follow each other directly, so together they are
    one linear layer, and more depth adds nothing. Each hidden layer needs its own ReLU."""
    _expect_size(width, depth)
    layers = [nn.Linear(width if place else in_dim, width) for place in range(depth)]
    if layers:
        layers.append(nn.ReLU())
    return nn.Sequential(*layers, nn.Linear(width if depth else in_dim, out_dim))


@mistake(
    "make_mlp",
    hints=(
        "Write down the shapes of your network for depth 1 and 2. How many matrices does each have?",
        "The layer that takes the inputs is itself a hidden layer.",
        "The first hidden layer counts: add only depth - 1 more, and then the output layer.",
    ),
)
def hidden_layer_too_many_from_depth_1(width, depth, in_dim=784, out_dim=10):
    """From depth 1 on, your network has one hidden layer too many. The layer that takes the inputs is also a hidden layer: do you
    add `depth` more after it? Count your weight matrices for depth 1."""
    _expect_size(width, depth)
    if depth == 0:
        return nn.Sequential(nn.Linear(in_dim, out_dim))
    return nn.Sequential(*_hidden(width, depth + 1, in_dim), nn.Linear(width, out_dim))
