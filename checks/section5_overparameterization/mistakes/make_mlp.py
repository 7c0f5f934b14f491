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
