"""Section 2, wrong on purpose."""

import math
from contextlib import suppress
from itertools import pairwise

import torch
from torch import nn

from grader.toolkit.mistakes import mistake
from solutions.section2_erm import log_softmax

# -- normalize_images


def _expect_std(std):
    if not std > 0:
        raise ValueError("std must be greater than 0")


@mistake(
    "normalize_images",
    hints=(
        "What does a white pixel, 255, become? Work it out by hand, then ask your function.",
        "On which scale is the mean 0.1307 the mean grey value: from 0 to 255, or from 0 to 1?",
        "Divide the pixels by 255 first, before the mean comes into it.",
    ),
)
def bytes_not_scaled(images, mean=0.1307, std=0.3081):
    """Your pixels are still on the scale from 0 to 255 when the mean is subtracted, and they stay on it. Mean and standard
    deviation belong to the scale where white is 1; so white comes out above 800 instead of near 2.8, and the first layer
    gets inputs that are 255 times too far apart. Look at what the formula does to a pixel before anything else."""
    _expect_std(std)
    return ((images.float() - mean) / std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "What does your function make of a pixel that is exactly as grey as the mean? It should be 0.",
        "Which of the two comes first in the formula, and what does the fraction bar reach over?",
        "Subtract the mean from the scaled pixel, and divide that difference by the standard deviation.",
    ),
)
def std_before_mean(images, mean=0.1307, std=0.3081):
    """You divide by the standard deviation before you subtract the mean. Then the mean, which was measured before that
    division, no longer fits: the pixels keep a mean other than 0. Compare the order of the two with the formula."""
    _expect_std(std)
    return (images.float() / 255 / std - mean).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "What does your function make of a black image? And what of one in which each pixel equals the mean?",
        "The mean is a number between 0 and 1, so what it is subtracted from should be, too.",
        "Scale first: divide by 255, and only then subtract the mean.",
    ),
)
def mean_taken_from_bytes(images, mean=0.1307, std=0.3081):
    """You subtract the mean while the pixels still run from 0 to 255, and divide by 255 after that. Next to a byte, 0.1307
    is next to nothing: the images stay off centre. Look at the order of the steps in the formula."""
    _expect_std(std)
    return ((images.float() - mean) / 255 / std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Work out by hand what a white pixel becomes with mean 0 and std 1.",
        "The largest byte is 255: what do you divide it by, and what should it become?",
        "There are 256 grey values, but the largest of them is 255, and that is the one which becomes 1.",
    ),
)
def divided_by_256(images, mean=0.1307, std=0.3081):
    """You divide the pixels by 256. There are 256 grey values, but they run from 0 to 255, and white, 255, is to become
    exactly 1. Look at the denominator."""
    _expect_std(std)
    return ((images.float() / 256 - mean) / std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Call your function twice, with std=0.5 and with std=0.25. How should the results differ?",
        "Which names does your function use in its formula: those of its arguments?",
        "Use the arguments mean and std in the formula; the numbers of MNIST are only what they are by default.",
    ),
)
def arguments_ignored(images, mean=0.1307, std=0.3081):
    """Your function normalises with 0.1307 and 0.3081 whatever mean and standard deviation it is given. Those are the values
    for MNIST, and only the defaults; other images have others. Look at which numbers enter your formula."""
    _expect_std(std)
    return ((images.float() / 255 - 0.1307) / 0.3081).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Normalise an image alone, and then together with a second one. Should its pixels come out differently?",
        "Where do your mean and your standard deviation come from: from the arguments, or from these images?",
        "Subtract the argument mean and divide by the argument std; measure nothing.",
    ),
)
def measured_statistics(images, mean=0.1307, std=0.3081):
    """You measure mean and standard deviation on the images of this call. Then what a pixel becomes depends on which other
    images happen to be there, and training and test images are no longer on one scale. Both numbers are arguments."""
    _expect_std(std)
    pixels = images.float() / 255
    return ((pixels - pixels.mean()) / pixels.std()).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Print the shape of what you return for 3 images. What does the docstring promise?",
        "A linear layer wants a row of numbers per image. How many numbers has one?",
        "Make one row of the 28 lines of each image, and keep the first axis as it is.",
    ),
)
def images_not_flattened(images, mean=0.1307, std=0.3081):
    """You return the images as squares, (n, 28, 28). The result is to have one row of 784 numbers per image. Compare the
    shape that you return with the docstring's."""
    _expect_std(std)
    return (images.float() / 255 - mean) / std


@mistake(
    "normalize_images",
    hints=(
        "Print the shape of what you return for 3 images. How can one tell where the second begins?",
        "Which axes are to become one, and which is to stay?",
        "Flatten from the second axis on; the first one counts the images.",
    ),
)
def all_images_in_one_row(images, mean=0.1307, std=0.3081):
    """You flatten all axes, so that the pixels of all images are in one long row. The first axis counts the images and is to
    stay: (n, 784). Look at which axes your flattening joins."""
    _expect_std(std)
    return ((images.float() / 255 - mean) / std).flatten()


@mistake(
    "normalize_images",
    hints=(
        "Print the dtype of what you return. What does the docstring promise?",
        "Bytes have to become floating-point numbers somewhere. To which kind do you convert them?",
        "Convert to float32, before you calculate or at the end.",
    ),
)
def float64_images(images, mean=0.1307, std=0.3081):
    """Your result is in float64. The weights of a network are float32 unless one says otherwise, and torch refuses to
    multiply the two. Look at the dtype that the docstring promises, and at where yours is decided."""
    _expect_std(std)
    return ((images.double() / 255 - mean) / std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Call your function with std=-0.5 and with std=0. What comes back?",
        "The docstring lists what must be refused, and with which exception.",
        "Before you calculate, raise a ValueError that names std if it is not greater than 0.",
    ),
)
def std_not_checked(images, mean=0.1307, std=0.3081):
    """Your function takes any standard deviation, even a negative one, which turns black into white, and then gives numbers
    that look like images and are none. What the docstring lists under Raises must be refused before you calculate."""
    return ((images.float() / 255 - mean) / std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Call your function with std=0. What comes back?",
        "May one divide by the smallest standard deviation that you accept?",
        "Zero must be refused like a negative number.",
    ),
)
def zero_std_accepted(images, mean=0.1307, std=0.3081):
    """You refuse a negative standard deviation, but not zero, and one cannot divide by zero: the result is full of infinite
    numbers, and training fails much later. Look at the edge of your condition."""
    if std < 0:
        raise ValueError("std must be greater than 0")
    return ((images.float() / 255 - mean) / std).flatten(1)


# -- MLP


class _Layers(nn.Module):
    """The linear layers, without an order in which they are used."""

    def __init__(self, in_dim=784, hidden_dims=(10,), out_dim=10):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise((in_dim, *hidden_dims, out_dim)))

    def forward(self, X):
        activations = X.flatten(1)
        for layer in self.layers[:-1]:
            activations = torch.relu(layer(activations))
        return self.layers[-1](activations)


@mistake(
    "MLP",
    slug="relu_after_the_last_layer",
    hints=(
        "Look at the smallest logit of many inputs. Can yours be negative?",
        "What does ReLU do to a score that says clearly no, and to its gradient?",
        "Apply ReLU between the linear layers only; what the last layer gives is the result.",
    ),
)
class ReluAfterTheLastLayer(_Layers):
    """Your last layer is followed by a ReLU, too, so that no logit is ever negative. A logit may be any real number: clipped
    at 0, the scores of different classes become equal, and no gradient comes back through them. Look at what your forward
    does after the last linear layer."""

    def forward(self, X):
        return torch.relu(super().forward(X))


@mistake(
    "MLP",
    slug="softmax_in_the_model",
    hints=(
        "Add up a row of what your model returns. Would you expect such a sum from logits?",
        "The loss takes logits and makes log-probabilities of them. What happens when it is given probabilities?",
        "Leave softmax out of the model, and return what the last linear layer gives.",
    ),
)
class SoftmaxInTheModel(_Layers):
    """Your model returns probabilities: each row is positive and adds up to 1. The loss applies softmax itself, so it would be
    applied twice, and gradients would be small and wrong. The model is to return logits, the last layer's output as it is."""

    def forward(self, X):
        return torch.softmax(super().forward(X), dim=1)


@mistake(
    "MLP",
    slug="softmax_in_evaluation_mode",
    hints=(
        "Compare what your model returns after `model.train()` and after `model.eval()`, for the same inputs.",
        "The mode is there for dropout and batch normalisation. What else depends on it in your forward?",
        "Return the last layer's output in both modes.",
    ),
)
class SoftmaxInEvaluationMode(_Layers):
    """In evaluation mode your model returns probabilities: each row is positive and adds up to 1. Risk and accuracy are measured
    in that mode, and the loss takes logits. Your model should return logits whatever its mode."""

    def forward(self, X):
        logits = super().forward(X)
        return logits if self.training else torch.softmax(logits, dim=1)


@mistake(
    "MLP",
    slug="hidden_layers_shared",
    hints=(
        "How many parameters does your model have for hidden_dims=(4, 4, 4), and how many should it have?",
        "Multiplying a list repeats its entries, and a dict holds each key once. How many layers did you really make?",
        "Make a new nn.Linear for each pair of neighbours, also where the numbers are the same.",
    ),
)
class HiddenLayersShared(_Layers):
    """Where several layers have the same shape, your model has too few parameters: one layer seems to be used several times.
    Each layer needs weights of its own. Look at how often you make a new one."""

    def __init__(self, in_dim=784, hidden_dims=(10,), out_dim=10):
        super().__init__(in_dim, hidden_dims, out_dim)
        known = {}
        pairs = pairwise((in_dim, *hidden_dims, out_dim))
        self.layers = nn.ModuleList(
            known.setdefault(pair, layer) for pair, layer in zip(pairs, self.layers, strict=True)
        )


@mistake(
    "MLP",
    slug="log_softmax_in_the_model",
    hints=(
        "Exponentiate a row of what your model returns, and add it up. Would you expect such a sum from logits?",
        "Who is to turn scores into log-probabilities here: the model or the loss?",
        "Return what the last linear layer gives, and leave log_softmax to the loss.",
    ),
)
class LogSoftmaxInTheModel(_Layers):
    """Your model returns log-probabilities: exponentiated, each row adds up to 1. That is the loss's part of the work here;
    the model is to return logits, the last layer's output as it is."""

    def forward(self, X):
        logits = super().forward(X)
        return logits - torch.logsumexp(logits, 1, keepdim=True)


@mistake(
    "MLP",
    slug="no_activation",
    hints=(
        "Give your model x, -x and 0, and compare the three outputs. Do they lie on a straight line?",
        "What is a linear map of a linear map?",
        "Apply ReLU to the output of each linear layer but the last.",
    ),
)
class NoActivation(_Layers):
    """Your model is one straight map from inputs to logits: there is no bend between its linear layers. Linear maps one after
    the other are together only one linear map, so the hidden layers add nothing. Look at what happens between them."""

    def forward(self, X):
        activations = X.flatten(1)
        for layer in self.layers:
            activations = layer(activations)
        return activations


@mistake(
    "MLP",
    slug="relu_on_the_inputs",
    hints=(
        "Change an input that is negative. Do your logits notice?",
        "To what is the first ReLU of the formula applied?",
        "The inputs go into the first linear layer as they are; ReLU comes after it.",
    ),
)
class ReluOnTheInputs(_Layers):
    """Your model applies ReLU to its inputs before the first layer, and so cannot see negative ones. Normalised images are
    mostly negative: the darker half of the picture is lost. Follow the inputs up to the first linear layer."""

    def forward(self, X):
        activations = X.flatten(1)
        for layer in self.layers:
            activations = layer(torch.relu(activations))
        return activations


@mistake(
    "MLP",
    slug="sigmoid_for_relu",
    hints=(
        "How large can the output of one of your hidden units become?",
        "The bend between the layers is max(z, 0). Which function do you use?",
        "Put ReLU in the place of the sigmoid.",
    ),
)
class SigmoidForRelu(_Layers):
    """Your hidden units bend with a sigmoid, which lies between 0 and 1. Here it is to be ReLU, max(z, 0): its slope is 1 for
    every positive z, where a sigmoid levels off and lets hardly any gradient through. Look at your activation function."""

    def forward(self, X):
        activations = X.flatten(1)
        for layer in self.layers[:-1]:
            activations = torch.sigmoid(layer(activations))
        return self.layers[-1](activations)


@mistake(
    "MLP",
    slug="tanh_for_relu",
    hints=(
        "How large can the output of one of your hidden units become, and can it be negative?",
        "The bend between the layers is max(z, 0). Which function do you use?",
        "Put ReLU in the place of the hyperbolic tangent.",
    ),
)
class TanhForRelu(_Layers):
    """Your hidden units bend with a hyperbolic tangent, which lies between -1 and 1. Here it is to be ReLU, max(z, 0): its
    slope is 1 for every positive z, where tanh levels off. Look at your activation function."""

    def forward(self, X):
        activations = X.flatten(1)
        for layer in self.layers[:-1]:
            activations = torch.tanh(layer(activations))
        return self.layers[-1](activations)


@mistake(
    "MLP",
    slug="first_hidden_layer_only",
    hints=(
        "Build a model with hidden_dims=(16, 12) and print it. How many linear layers has it?",
        "And what happens with hidden_dims=()? The number of layers is not known when you write the class.",
        "Go through all of hidden_dims in a loop, and make a layer from each number of units to the next.",
    ),
)
class FirstHiddenLayerOnly(nn.Module):
    """Your model always has exactly one hidden layer, however many hidden_dims asks for: with two of them the second is left
    out, and with none the construction fails. Look at how many layers you build."""

    def __init__(self, in_dim=784, hidden_dims=(10,), out_dim=10):
        super().__init__()
        self.hidden = nn.Linear(in_dim, hidden_dims[0])
        self.output = nn.Linear(hidden_dims[0], out_dim)

    def forward(self, X):
        return self.output(torch.relu(self.hidden(X.flatten(1))))


@mistake(
    "MLP",
    slug="layers_not_registered",
    hints=(
        "Count what model.parameters() gives.",
        "nn.Module finds parameters, and modules in its attributes. What kind of thing holds yours?",
        "Keep the layers in an nn.ModuleList or nn.Sequential instead of a list of Python.",
    ),
)
class LayersNotRegistered(nn.Module):
    """Your model computes something, but model.parameters() is empty: nothing would ever be trained. nn.Module does not look
    into Python lists, nor does it count plain tensors as parameters. Look at how your model holds its weights."""

    def __init__(self, in_dim=784, hidden_dims=(10,), out_dim=10):
        super().__init__()
        self.layers = [nn.Linear(a, b) for a, b in pairwise((in_dim, *hidden_dims, out_dim))]

    def forward(self, X):
        activations = X.flatten(1)
        for layer in self.layers[:-1]:
            activations = torch.relu(layer(activations))
        return self.layers[-1](activations)


@mistake(
    "MLP",
    slug="inputs_not_flattened",
    hints=(
        "Call your model on torch.zeros(3, 28, 28), as in the docstring's example.",
        "A linear layer acts on the last axis alone. How long is it for an image?",
        "Begin forward by joining all axes of X but the first.",
    ),
)
class InputsNotFlattened(_Layers):
    """Your model works on rows, but not on images: the first linear layer meets the axes of the image as they are. All axes
    but the first are to be flattened, whatever their number. Look at the first line of your forward."""

    def forward(self, X):
        activations = X
        for layer in self.layers[:-1]:
            activations = torch.relu(layer(activations))
        return self.layers[-1](activations)


@mistake(
    "MLP",
    slug="no_biases",
    hints=(
        "Count the parameters of your 784-10-10 network. By how many do you miss 7960?",
        "What does your model give for an input of zeros, whatever its weights?",
        "Let each linear layer have its bias, one number per unit.",
    ),
)
class NoBiases(nn.Module):
    """Your layers have weights but no biases. Then every unit bends at the origin, and all logits of a zero input are 0,
    whatever the weights. The count of parameters in the docstring includes them: look at how you build a layer."""

    def __init__(self, in_dim=784, hidden_dims=(10,), out_dim=10):
        super().__init__()
        dims = (in_dim, *hidden_dims, out_dim)
        self.layers = nn.ModuleList(nn.Linear(a, b, bias=False) for a, b in pairwise(dims))

    def forward(self, X):
        activations = X.flatten(1)
        for layer in self.layers[:-1]:
            activations = torch.relu(layer(activations))
        return self.layers[-1](activations)


@mistake(
    "MLP",
    slug="equal_units",
    hints=(
        "Print the first layer's weights of a new model.",
        "Two units with equal weights get equal inputs. Can their gradients differ?",
        "Start the weights at random, as nn.Linear does by itself; only biases may start at 0.",
    ),
)
class EqualUnits(_Layers):
    """Hidden units of a new model start with the same weights. Equal units compute the same and get the same gradient, so they
    stay equal for ever, and all of them are worth no more than one. Look at how your weights start."""

    def __init__(self, in_dim=784, hidden_dims=(10,), out_dim=10):
        super().__init__(in_dim, hidden_dims, out_dim)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)


@mistake(
    "MLP",
    slug="float32_forced",
    hints=(
        "Convert a model with .double(), and give it inputs in float64. What happens, and in which line?",
        "Whose dtype should the inputs have when they meet the weights?",
        "Flatten the inputs, and leave their dtype alone.",
    ),
)
class Float32Forced(_Layers):
    """Your model converts its inputs to float32, so it fails once its weights are float64. A model follows its weights when it
    is converted; a dtype that is written into forward does not. Look for what changes the dtype of the inputs."""

    def forward(self, X):
        return super().forward(X.float())


@mistake(
    "MLP",
    slug="no_gradient",
    hints=(
        "Call .backward() on the sum of your logits. Which parameters have a .grad then?",
        "Training needs the path back from the logits to each weight. Where does yours end?",
        "Take torch.no_grad, .detach(), .data and numpy out of forward.",
    ),
)
class NoGradient(_Layers):
    """Your logits are right, but no gradient comes back from them to some of the weights, or to any: the graph is cut inside
    forward, or was never recorded there. What gets no gradient does not learn. Look for no_grad, .detach(), .data or numpy."""

    def forward(self, X):
        with torch.no_grad():
            return super().forward(X)


# -- log_softmax


@mistake(
    "log_softmax",
    hints=(
        "Exponentiate your result, and add up a row; then add up a column. Which one gives 1?",
        "The rows are the examples. Over what should probabilities add up to 1: over examples, or over classes?",
        "Sum over the classes, dim=1, and not over the examples.",
    ),
)
def softmax_over_the_examples(logits):
    """Your probabilities add up to 1 over the examples, down each column. They should do so over the classes of each example,
    along a row: what one image shows has nothing to do with the others. Look at the dim of your sum."""
    return logits - torch.logsumexp(logits, dim=0, keepdim=True)


@mistake(
    "log_softmax",
    hints=(
        "Compute two rows together, then each one alone. Should the results differ?",
        "How many sums of exponentials does a batch of n examples need?",
        "One sum per row: reduce over dim=1 only, and keep the axis.",
    ),
)
def softmax_over_everything(logits):
    """All your probabilities together add up to 1, as if the whole batch were one example. Each row is to have a sum of its
    own. Look at which axes your sum of exponentials runs over."""
    return logits - torch.logsumexp(logits.flatten(), dim=0)


@mistake(
    "log_softmax",
    hints=(
        "What is math.exp(1000), and what does your function make of a logit of 1000?",
        "Before you exponentiate, which number could you subtract from a row without changing log p?",
        "Write log p as the difference of the formula's right side, and shift the largest logit of each row to 0 first.",
    ),
)
def logarithm_of_a_quotient(logits):
    """You take the logarithm of a quotient of exponentials. The exponentials of large logits are infinite, and infinity by
    infinity is not a number; those of very negative ones are 0, whose logarithm is infinite. Compute the right side of the
    formula instead of the left one, and shift the logits before you exponentiate."""
    exponentials = torch.exp(logits)
    return torch.log(exponentials / exponentials.sum(dim=1, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "What is math.exp(1000), and what does your function make of a logit of 1000?",
        "log p stays the same when one number is added to all logits of a row. Which number would help?",
        "Shift the largest logit of each row to 0 before you exponentiate, or leave it to torch.logsumexp.",
    ),
)
def unshifted_exponentials(logits):
    """You use the right formula, but what you exponentiate can be large. Above 88 in float32, and above 709 in float64, the
    exponential is infinite, and so is all that follows. Look at the number that you give to exp: at most 0 is safe."""
    return logits - torch.log(torch.exp(logits).sum(dim=1, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "Try the row (0, 2000). What is the probability of the first class as a float, and its logarithm?",
        "You are safe from overflow. Which step loses a number that is too small?",
        "Do not form the probability: subtract the logarithm of the sum from the shifted logit.",
    ),
)
def logarithm_of_zero(logits):
    """You shift the logits, so nothing overflows, but then you take the logarithm of the finished probabilities. A tiny one
    has been rounded to 0 by then, and its logarithm is minus infinity. The formula's right side needs no such logarithm."""
    exponentials = torch.exp(logits - logits.amax(dim=1, keepdim=True))
    return torch.log(exponentials / exponentials.sum(dim=1, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "Try the row (0, 20000). By how much is the first log-probability off?",
        "What does the small number that you add in the logarithm do to a probability that is smaller still?",
        "Add nothing: use the difference on the formula's right side, which is finite by itself.",
    ),
)
def epsilon_in_the_logarithm(logits):
    """You add a small number to the probabilities so that their logarithm is finite. It is, but wrong: all small probabilities
    get the same logarithm, and their gradient vanishes. The right side of the formula is finite without such help."""
    exponentials = torch.exp(logits - logits.amax(dim=1, keepdim=True))
    return torch.log(exponentials / exponentials.sum(dim=1, keepdim=True) + 1e-8)


@mistake(
    "log_softmax",
    hints=(
        "Is the difference of two log-probabilities of a row the same as that of the two logits? It should be.",
        "How often do exponential and normalisation come in your function?",
        "Use the logits themselves in the formula, and not their softmax.",
    ),
)
def softmax_twice(logits):
    """You apply softmax twice: what you normalise is already a row of probabilities. These lie between 0 and 1, so even the
    surest answer ends up close to an even one. Look at what you take for z in the formula."""
    exponentials = torch.exp(logits - logits.amax(dim=1, keepdim=True))
    probabilities = exponentials / exponentials.sum(dim=1, keepdim=True)
    return probabilities - torch.logsumexp(probabilities, dim=1, keepdim=True)


@mistake(
    "log_softmax",
    hints=(
        "Are your results positive or negative? Which sign has the logarithm of a number below 1?",
        "You have the probabilities. What else does the name of the function ask for?",
        "Return logarithms; better still, compute them directly, by the formula's right side.",
    ),
)
def probabilities_without_logarithm(logits):
    """You return the probabilities themselves. The function is to return their logarithms, all of them 0 or less. Compare
    your result with the formula's left side."""
    return torch.exp(logits - torch.logsumexp(logits, dim=1, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "Which sign has the logarithm of a probability? And yours?",
        "The larger a logit, the larger its log-probability. Is that so in your result?",
        "Swap the two sides of your difference.",
    ),
)
def sign_reversed(logits):
    """You return the *negative* log-probabilities: yours are all 0 or more. The minus sign belongs to the loss and comes
    later. Look at what is subtracted from what."""
    return torch.logsumexp(logits, dim=1, keepdim=True) - logits


@mistake(
    "log_softmax",
    hints=(
        "Add 5 to all logits of a row. Does your result stay the same? It should.",
        "You shift the logits inside the exponential. What must happen outside, so that the shift cancels?",
        "Use the shifted logits in both places of the formula.",
    ),
)
def shift_in_one_place(logits):
    """You shift the logits where you exponentiate them, but not where they stand alone. The two shifts are to cancel; with
    only one of them each row is off by its largest logit. Look at both places where z is in the formula."""
    largest = logits.amax(dim=1, keepdim=True)
    return logits - torch.log(torch.exp(logits - largest).sum(dim=1, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "Try two rows of very different size together, such as (10000, 0) and (-10000, 0). What about each alone?",
        "By how much do you shift a row in which all logits are far below the largest of the batch?",
        "Take the largest logit of each row, and not of the whole batch.",
    ),
)
def one_shift_for_all_rows(logits):
    """You shift all rows by the largest logit of the whole batch. In a row that lies far below it, all exponentials become 0,
    and the logarithm of their sum is infinite. Each row needs a shift of its own: look at the dim of your maximum."""
    shifted = logits - logits.max()
    return shifted - torch.log(torch.exp(shifted).sum(dim=1, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "Print the shapes of the two tensors that you subtract, for 2 examples of 3 classes.",
        "How does torch line up the shapes (n, K) and (n,)? Which axis of the first meets the n of the second?",
        "Keep the axis that you sum over, with length 1, so that each row meets its own sum.",
    ),
)
def axis_not_kept(logits):
    """You subtract a tensor of shape (n,) from one of shape (n, K). Torch lines up last axes, so that the sum of example i
    meets class i, or nothing fits at all. Look at the shape of your sum after the reduction."""
    return logits - torch.logsumexp(logits, dim=1)


@mistake(
    "log_softmax",
    hints=(
        "Print the logits before and after a call of your function.",
        "Which of your operations write into the tensor that they are given?",
        "Let the shift make a new tensor, instead of subtracting in place.",
    ),
)
def logits_overwritten(logits):
    """Your function changes the logits that it is given: it shifts them in place. The caller still needs them, and autograd
    may refuse. Look for operators such as -= and for methods that end in an underscore."""
    logits -= logits.amax(dim=1, keepdim=True)
    return logits - torch.logsumexp(logits, dim=1, keepdim=True)


@mistake(
    "log_softmax",
    hints=(
        "Print the dtype of your result for logits in float32.",
        "Which operation makes float64 of it?",
        "Return the result in the dtype of the logits; a shift makes float32 exact enough.",
    ),
)
def float64_result(logits):
    """Your result is float64 even where the logits are float32. What comes after it would have to follow, and mixing the two
    often fails. Give back the dtype that you were given; look for what converts it."""
    return (logits - torch.logsumexp(logits, dim=1, keepdim=True)).double()


@mistake(
    "log_softmax",
    hints=(
        "Give your function logits that require a gradient, and print requires_grad of the result.",
        "Where on the way from the logits to the result are there no tensors, or detached ones?",
        "Use torch operations all the way: no numpy, no .item() or .tolist(), no .detach(), no no_grad.",
    ),
)
def cut_off_from_autograd(logits):
    """Your numbers are right, but no gradient can come back through them: the result is cut off from the logits. The loss is
    built on it, and without a gradient nothing learns. Look for numpy, .tolist(), .detach() or torch.tensor."""
    logits = logits.detach()
    return logits - torch.logsumexp(logits, dim=1, keepdim=True)


# -- cross_entropy


def _of_targets(log_probabilities, targets):
    return log_probabilities[torch.arange(len(targets)), targets]


@mistake(
    "cross_entropy",
    hints=(
        "Give your function the same example once and three times over. Should the loss differ?",
        "How is the loss of a batch made from those of its examples?",
        "Take the mean over the examples in the place of the sum.",
    ),
)
def sum_instead_of_mean(logits, targets):
    """You add up the losses of the examples. The loss is their mean: a sum grows with the size of the batch, and so would its
    gradient and each step. Look at the fraction in front of the formula."""
    return -_of_targets(log_softmax(logits), targets).sum()


@mistake(
    "cross_entropy",
    hints=(
        "Add 5 to all logits. Does your loss stay the same? It should.",
        "A logit may be any number, a log-probability may not. Where do you turn one into the other?",
        "Put the logits through log_softmax before you pick the entries of the targets.",
    ),
)
def logits_not_normalised(logits, targets):
    """You take the logits themselves for log-probabilities. Such a loss has no lowest value: it falls for ever as all logits
    grow, and the wrong classes do not count at all. Look at what you pick the entries of the targets from."""
    return -_of_targets(logits, targets).mean()


@mistake(
    "cross_entropy",
    hints=(
        "What does your loss give for ten equal logits? It should be log(10), about 2.303.",
        "How many logarithms does the formula have for each example?",
        "Drop the terms with 1 - p; the wrong classes count by way of the softmax already.",
    ),
)
def binary_loss_per_class(logits, targets):
    """You add up a binary cross-entropy for each class: besides the logarithm of p for the right class, also that of 1 - p for
    all others. With softmax the classes share one probability distribution, and the loss has one logarithm per example.
    Compare the terms of your sum with the formula."""
    log_probabilities = log_softmax(logits)
    onehot = nn.functional.one_hot(targets, logits.shape[1])
    others = torch.log(1 - torch.exp(log_probabilities))
    return -(onehot * log_probabilities + (1 - onehot) * others).sum(dim=1).mean()


@mistake(
    "cross_entropy",
    hints=(
        "What does your loss give for logits (100, 0) and the target 0? It should be nearly 0.",
        "log_softmax takes logits. What do you give it?",
        "Give the logits to log_softmax as they are.",
    ),
)
def softmax_applied_twice(logits, targets):
    """You apply softmax twice: to the logits, and again inside log_softmax. Probabilities lie between 0 and 1, so after the
    second time even the surest answer is close to an even one, and the loss cannot come near 0. Look at what you give to
    log_softmax."""
    return -_of_targets(log_softmax(torch.exp(log_softmax(logits))), targets).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Give your function logits that require a gradient, and print requires_grad of the loss.",
        "Somewhere on the way the tensor becomes a plain number, and a new tensor is made of it. Where?",
        "Use torch operations all the way to the result: no .item(), no numpy, no .detach(), no new torch.tensor.",
    ),
)
def cut_off_from_the_logits(logits, targets):
    """The value of your loss is right, but it is cut off from the logits: no gradient can come back from it, so nothing
    learns. That is what .item(), numpy, .detach() and torch.tensor do. Look for them between the logits and the result."""
    return -_of_targets(log_softmax(logits), targets).mean().detach()


@mistake(
    "cross_entropy",
    hints=(
        "Can one call .backward() on what you return?",
        "What does .item(), or float(), give, and what is lost by it?",
        "Return the 0-d tensor itself.",
    ),
)
def python_number(logits, targets):
    """You return a Python number. It has the right value, but has forgotten how it came about: no gradient can come back from
    it. The loss is to be a 0-d tensor. Look at your last line."""
    return -_of_targets(log_softmax(logits), targets).mean().item()


@mistake(
    "cross_entropy",
    hints=(
        "Is your loss positive or negative? Which sign has the logarithm of a number below 1?",
        "The loss is to become smaller as the right class becomes more likely. Does yours?",
        "The formula begins with a minus sign.",
    ),
)
def minus_sign_missing(logits, targets):
    """Your loss is never positive: it is the mean log-likelihood itself, without the minus sign. To make it small is to make
    the right classes unlikely. Look at the beginning of the formula."""
    return _of_targets(log_softmax(logits), targets).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Add a class with a logit of -100 to each example. Does your loss change? It should not.",
        "Over how many numbers do you take the mean, and how many of these are 0 by construction?",
        "Sum over the classes first, and take the mean over the n examples.",
    ),
)
def mean_over_all_entries(logits, targets):
    """Your loss is too small by a factor of K, the number of classes: you divide by n * K, all entries of a row included.
    Only one entry per example counts, so the mean is over n numbers. Look at what your mean runs over."""
    onehot = nn.functional.one_hot(targets, logits.shape[1])
    return -(onehot * log_softmax(logits)).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Print the shape of what you pick, before you take the mean. It should be (n,).",
        "With an index for the columns alone, what becomes of the rows?",
        "Pair each row with its own target: index rows and columns together, or use gather.",
    ),
)
def every_row_with_every_target(logits, targets):
    """You pick the columns of all targets from every row, n * n numbers, so that each example is also judged by the targets of
    the others. Each row is to be paired with its own target only. Look at the shape of what you pick."""
    return -log_softmax(logits)[:, targets].mean()


@mistake(
    "cross_entropy",
    hints=(
        "Take two examples whose right class has the probabilities 1/2 and 1/8. Work out the loss by hand.",
        "Is the logarithm of a mean the mean of the logarithms?",
        "Take the logarithm of each example's probability first, then the mean.",
    ),
)
def logarithm_of_the_mean(logits, targets):
    """You take the mean of the probabilities, and its logarithm after that. Then one example that is badly wrong hardly counts
    beside others that are right. The formula has the logarithm inside the sum: look at the order."""
    return -(torch.logsumexp(_of_targets(log_softmax(logits), targets), dim=0) - math.log(len(targets)))


@mistake(
    "cross_entropy",
    hints=(
        "Print the shape of what you return. What does the docstring promise?",
        "You have a loss for each example. How does one number come of them?",
        "Take their mean.",
    ),
)
def loss_per_example(logits, targets):
    """You return the loss of each example, a tensor of shape (n,). To have something to minimise, one number is needed: their
    mean, a 0-d tensor. Look at the fraction and the sum in the formula."""
    return -_of_targets(log_softmax(logits), targets)


@mistake(
    "cross_entropy",
    hints=(
        "What does your loss give when the right class has probability 1? It should be 0.",
        "What is the word *log* doing in negative log-likelihood?",
        "Average the logarithms of the probabilities, and not the probabilities.",
    ),
)
def likelihood_without_logarithm(logits, targets):
    """You average the probabilities of the right classes without taking their logarithm. Such a loss is between -1 and 0, and
    hardly tells a wrong answer from a hopeless one. Look at what stands below the sum in the formula."""
    return -torch.exp(_of_targets(log_softmax(logits), targets)).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Try a batch in which the last class is nobody's target.",
        "How can one_hot know the number of classes, if it sees only the targets?",
        "Tell one_hot the number of classes, which is the number of columns of the logits.",
    ),
)
def one_hot_of_seen_classes(logits, targets):
    """Your one-hot rows are only as long as the largest target of the batch makes them, so they do not fit the logits where the
    last class does not occur. Torch cannot guess K from the targets: look at how you call one_hot."""
    return -(nn.functional.one_hot(targets) * log_softmax(logits)).sum(dim=1).mean()


@mistake(
    "cross_entropy",
    hints=(
        "What does your loss give for the logits (10000, -10000)?",
        "log_softmax gives log-probabilities that stay finite. Do you use them as they are?",
        "Pick from the result of log_softmax, instead of exponentiating the logits again.",
    ),
)
def overflowing_softmax(logits, targets):
    """You compute probabilities, and take their logarithm afterwards. For large logits a probability is 0, or infinity divided
    by infinity, and its logarithm is no finite number. Your log_softmax has log p itself: look at how you get there."""
    exponentials = torch.exp(logits)
    probabilities = exponentials / exponentials.sum(dim=1, keepdim=True)
    return -torch.log(_of_targets(probabilities, targets)).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Give your function the same example once and three times over. Should the loss differ?",
        "Which of the two lengths of the logits is n?",
        "Divide by the number of rows, and not by that of the columns.",
    ),
)
def divided_by_classes(logits, targets):
    """You divide the sum of the losses by K, the number of classes, in the place of n, the number of examples. Look at which
    axis of the logits you take the length of."""
    return -_of_targets(log_softmax(logits), targets).sum() / logits.shape[1]


@mistake(
    "cross_entropy",
    hints=(
        "Print the dtype of the loss for logits in float32.",
        "Which of your tensors is float64 whatever the logits are?",
        "Give back the dtype of the logits: convert what you multiply them by to it, or use whole numbers.",
    ),
)
def float64_loss(logits, targets):
    """Your loss is float64 even where the logits are float32, as happens when something in float64 is multiplied in. Give back
    the dtype that you were given; look for what converts it."""
    onehot = nn.functional.one_hot(targets, logits.shape[1]).double()
    return -(onehot * log_softmax(logits)).sum(dim=1).mean()


# -- empirical_risk


def _checked(batch_size, n):
    size = n if batch_size is None else batch_size
    if not 1 <= size <= n:
        raise ValueError("batch_size must be from 1 to n")
    return size


def _measured(model, loss_fn, X, y, size):
    """The mean loss of each batch, and its number of examples, in the mode in which the model is."""
    batches = [(X[start : start + size], y[start : start + size]) for start in range(0, len(X), size)]
    return [(loss_fn(model(inputs), targets).item(), len(targets)) for inputs, targets in batches]


def _evaluated(model, loss_fn, X, y, size):
    was_training = model.training
    model.eval()
    try:
        return _measured(model, loss_fn, X, y, size)
    finally:
        model.train(was_training)


def _weighted(batches):
    return sum(loss * count for loss, count in batches) / sum(count for _, count in batches)


@mistake(
    "empirical_risk",
    hints=(
        "Work out the docstring's example by hand: two batches, of two examples and of one.",
        "If the last batch is smaller, should each of its examples count as much as the others, or more?",
        "Multiply each batch's mean by its number of examples, and divide the total by n.",
    ),
)
def unweighted_mean_of_batches(model, loss_fn, X, y, batch_size=None):
    """You take the mean of the batch means, each with the same weight. When the last batch is smaller, its examples count for
    more than the others, and the risk depends on batch_size. Look at the factor before each batch's loss in the formula."""
    size = _checked(batch_size, len(X))
    losses = [loss for loss, _ in _evaluated(model, loss_fn, X, y, size)]
    return sum(losses) / len(losses)


@mistake(
    "empirical_risk",
    hints=(
        "Which examples does your loop visit for n = 3 and batch_size = 2? Print them.",
        "What becomes of the examples that do not fill a batch?",
        "Let the last batch be smaller instead of leaving it out.",
    ),
)
def last_batch_left_out(model, loss_fn, X, y, batch_size=None):
    """You leave out the examples at the end that do not fill a whole batch. The risk is the mean over *all* n examples and is
    the same for every batch_size. Look at where your loop over the batches ends."""
    size = _checked(batch_size, len(X))
    full = len(X) // size * size
    return _weighted(_evaluated(model, loss_fn, X[:full], y[:full], size))


@mistake(
    "empirical_risk",
    hints=(
        "Measure the risk of three copies of one example, in batches of 3 and of 2. Should it differ?",
        "You add the last batch with a weight. How many examples does that weight stand for, and how many are there?",
        "Weigh each batch by its own number of examples, and not by batch_size.",
    ),
)
def last_batch_counted_as_full(model, loss_fn, X, y, batch_size=None):
    """You weigh every batch by batch_size, also the last one, which may have fewer examples. Then the weights add up to more
    than n. Look at the number that you multiply each batch's mean by."""
    size = _checked(batch_size, len(X))
    return sum(size * loss for loss, _ in _evaluated(model, loss_fn, X, y, size)) / len(X)


@mistake(
    "empirical_risk",
    hints=(
        "Measure the risk of one example, and of three copies of it. Should it differ?",
        "The total over all examples is right. What is missing to make it a mean?",
        "Divide the total by the number of examples.",
    ),
)
def total_instead_of_mean(model, loss_fn, X, y, batch_size=None):
    """You return the total loss of all examples and not their mean. A total grows with n, so the risks of two data sets could
    not be compared. Look at the fraction in front of the formula."""
    size = _checked(batch_size, len(X))
    return sum(loss * count for loss, count in _evaluated(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Measure the risk of three copies of one example, all at once. What should it be, and what is it?",
        "loss_fn returns a mean already. Of how many examples, and by what do you divide it again?",
        "Multiply each batch's mean by its number of examples before you add it up, if you divide by n at the end.",
    ),
)
def divided_twice(model, loss_fn, X, y, batch_size=None):
    """You add up the batch means and divide by n. But each of them has been divided by its number of examples already, so that
    your risk is too small. Look at what loss_fn returns, and at the factor before it in the formula."""
    size = _checked(batch_size, len(X))
    return sum(loss for loss, _ in _evaluated(model, loss_fn, X, y, size)) / len(X)


@mistake(
    "empirical_risk",
    hints=(
        "How many batches does your loop visit for n = 3 and batch_size = 2, and by what do you divide?",
        "n // batch_size counts the full batches only. Which one is missing, and how much should it count?",
        "Multiply each batch's mean by its number of examples, and divide the total by n.",
    ),
)
def divided_by_full_batches(model, loss_fn, X, y, batch_size=None):
    """You add up the means of all batches, and divide by n // batch_size, which leaves a smaller last batch out of the count. And
    were it counted, it would weigh as much as a full one. Look at the factor before each batch's loss in the formula."""
    size = _checked(batch_size, len(X))
    return sum(loss for loss, _ in _evaluated(model, loss_fn, X, y, size)) / (len(X) // size)


@mistake(
    "empirical_risk",
    hints=(
        "What do dropout and batch normalisation do differently in training mode? Measure twice: is it the same number?",
        "In which mode is the model when your function calls it?",
        "Put the whole model into evaluation mode before the first batch.",
    ),
)
def measured_in_training_mode(model, loss_fn, X, y, batch_size=None):
    """Your model, or some layer of it, is still in training mode while you measure: dropout removes units at random, and batch
    normalisation mixes the examples of a batch and changes its statistics. A measurement needs the evaluation mode of the whole
    model. Look at what you do before the first batch."""
    size = _checked(batch_size, len(X))
    return _weighted(_measured(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Print model.training before and after a call.",
        "Who puts the model back into training mode after you have measured?",
        "Remember the mode before you change it, and put it back at the end.",
    ),
)
def left_in_evaluation_mode(model, loss_fn, X, y, batch_size=None):
    """You leave the model in evaluation mode. Whoever measures the risk between two epochs would train on with dropout switched
    off, without any error to tell of it. Look at what you do after the last batch."""
    size = _checked(batch_size, len(X))
    model.eval()
    return _weighted(_measured(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Put a model into evaluation mode, measure, and print model.training.",
        "Is the mode after your function always the one before it?",
        "Store model.training before you change the mode, and go back to what you stored.",
    ),
)
def always_back_to_training_mode(model, loss_fn, X, y, batch_size=None):
    """You always put the model into training mode afterwards, even if it was in evaluation mode before. A measurement should
    leave no traces: the mode afterwards is the one from before. Look at how you choose it."""
    size = _checked(batch_size, len(X))
    model.eval()
    try:
        return _weighted(_measured(model, loss_fn, X, y, size))
    finally:
        model.train()


@mistake(
    "empirical_risk",
    hints=(
        "Print len(X) in the forward of a small model, and measure five examples with batch_size=2.",
        "batch_size is there because all examples at once may not fit into memory. Where does yours cut the data?",
        "Cut X and y into pieces of batch_size examples, and give the model one piece at a time.",
    ),
)
def batches_ignored(model, loss_fn, X, y, batch_size=None):
    """The risk is right, but more examples go through your model at a time than batch_size allows. With the whole training
    set of a large model that would not fit into memory. Look at what you give to the model in one call."""
    _checked(batch_size, len(X))
    return _weighted(_evaluated(model, loss_fn, X, y, len(X)))


@mistake(
    "empirical_risk",
    hints=(
        "Measure with a loss_fn that raises an exception, catch it, and print model.training.",
        "Which of your lines are skipped when loss_fn raises?",
        "Put the line that brings back the mode into a finally block.",
    ),
)
def mode_lost_on_exception(model, loss_fn, X, y, batch_size=None):
    """When loss_fn raises an exception, your function ends before it has put the mode back, and the model stays in evaluation
    mode. Python has a statement for what must happen in any case. Look at the path that an exception takes."""
    size = _checked(batch_size, len(X))
    was_training = model.training
    model.eval()
    risk = _weighted(_measured(model, loss_fn, X, y, size))
    model.train(was_training)
    return risk


@mistake(
    "empirical_risk",
    hints=(
        "Measure with a loss_fn that raises an exception. Does your caller hear of it?",
        "What happens to an exception when a `finally` block returns, or an `except` block ends without raising?",
        "Put the mode back in `finally`, and return after it.",
    ),
)
def exception_swallowed(model, loss_fn, X, y, batch_size=None):
    """When loss_fn raises an exception, you put the mode back, and then return as if nothing had happened: the caller gets a
    number that is no risk. The exception should come out. Look at where you return."""
    size = _checked(batch_size, len(X))
    risk = 0.0
    with suppress(Exception):
        risk = _weighted(_evaluated(model, loss_fn, X, y, size))
    return risk


@mistake(
    "empirical_risk",
    hints=(
        "Call your function with batch_size=0, catch the ValueError, and print model.training.",
        "Which of your lines have run before batch_size is looked at?",
        "Look at the arguments first, and touch the model when they are good.",
    ),
)
def mode_lost_on_refusal(model, loss_fn, X, y, batch_size=None):
    """You refuse a bad batch_size, but only after you have put the model into evaluation mode, and there it stays. Whoever
    catches the error trains on in the wrong mode. Look at the order of your first lines."""
    was_training = model.training
    model.eval()
    size = _checked(batch_size, len(X))
    try:
        return _weighted(_measured(model, loss_fn, X, y, size))
    finally:
        model.train(was_training)


@mistake(
    "empirical_risk",
    hints=(
        "Print the type of what you return.",
        "The losses are tensors, so sums of them are tensors, too. What does the docstring promise?",
        "Make a Python float of it; .item() does that.",
    ),
)
def tensor_instead_of_float(model, loss_fn, X, y, batch_size=None):
    """You return a tensor. The value is right, but the docstring promises a Python float, which holds on to no graph and can be
    kept in a list or a file. Look at the type of your sum."""
    size = _checked(batch_size, len(X))
    return torch.tensor(_weighted(_evaluated(model, loss_fn, X, y, size)), dtype=X.dtype)


@mistake(
    "empirical_risk",
    hints=(
        "Print the .grad of the parameters before and after a call.",
        "Is a gradient needed to *measure* a loss?",
        "Take .backward() out; torch.no_grad keeps torch from recording what nobody needs.",
    ),
)
def gradients_accumulated(model, loss_fn, X, y, batch_size=None):
    """Your function computes gradients and leaves them in the .grad of the parameters, where the next training step would find
    them added to its own. A measurement needs no gradient. Look for .backward()."""
    size = _checked(batch_size, len(X))

    def differentiated(logits, targets):
        loss = loss_fn(logits, targets)
        loss.backward()
        return loss

    return _weighted(_evaluated(model, differentiated, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Give a parameter a .grad, measure the risk, and look at the .grad again.",
        "Which line of a training loop is about gradients, and has nothing to do in a measurement?",
        "Leave the .grad fields alone: take zero_grad out.",
    ),
)
def gradients_cleared(model, loss_fn, X, y, batch_size=None):
    """Your function clears the .grad of the parameters. Whoever has computed a gradient, and looks at the risk before the step,
    would lose it. A measurement leaves it as it is. Look for zero_grad, or an assignment to .grad."""
    size = _checked(batch_size, len(X))
    model.zero_grad()
    return _weighted(_evaluated(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "After a call, compute a small loss and call `backward()` on it. What happens?",
        "A switch for all of torch stays as it was set. Who switches it back, also when loss_fn raises?",
        "Switch gradients off by a `with` block or a decorator, which ends with your own lines.",
    ),
)
def gradients_off_for_good(model, loss_fn, X, y, batch_size=None):
    """After your function, torch records no gradients any more, anywhere: the next step of training fails. Switch them off for
    your own lines only."""
    size = _checked(batch_size, len(X))
    torch.set_grad_enabled(False)
    return _weighted(_evaluated(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Look at `requires_grad` of the model's parameters before and after a call.",
        "Freezing the parameters keeps gradients from being recorded. Who thaws them, and what if some were frozen before?",
        "Leave the parameters alone, and switch off the recording of gradients for your own lines.",
    ),
)
def model_frozen_for_good(model, loss_fn, X, y, batch_size=None):
    """You set requires_grad of the parameters to False, and leave it so: the model cannot be trained after it was measured.
    No gradients are needed while you measure, but that is a matter of your own lines, not of the model."""
    size = _checked(batch_size, len(X))
    model.requires_grad_(False)
    return _weighted(_evaluated(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Measure the risk of a model that begins with a convolution. What does it say about the shape of its input?",
        "Who knows which shape the model wants: your function, or whoever calls it?",
        "Pass rows of X to the model as they are, whatever axes come after the first.",
    ),
)
def examples_flattened_first(model, loss_fn, X, y, batch_size=None):
    """You flatten the examples before the model sees them. An MLP does not mind, but a model of images, such as one with
    convolutions, cannot take them any more. X may have any number of axes; look at what you do to it on the way."""
    size = _checked(batch_size, len(X))
    return _weighted(_evaluated(model, loss_fn, X.reshape(len(X), -1), y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Which of the arguments does your function never use?",
        "The docstring says loss_fn(logits, targets). Which loss do you compute?",
        "Call the loss_fn that you are given, instead of a loss of your own.",
    ),
)
def loss_fn_ignored(model, loss_fn, X, y, batch_size=None):
    """You measure the cross-entropy, whatever loss_fn you are given. The empirical risk is the mean of any loss: the caller
    chooses it. Look at which function you call with the logits."""
    size = _checked(batch_size, len(X))
    return _weighted(_evaluated(model, nn.functional.cross_entropy, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Which argument does loss_fn expect first?",
        "What shape has the first argument that you pass to loss_fn?",
        "Pass the logits first, and the targets second.",
    ),
)
def loss_arguments_swapped(model, loss_fn, X, y, batch_size=None):
    """You call loss_fn with the targets first. Its first argument is the logits, (b, K), its second the targets, (b,); few losses
    are the same the other way round. Look at the order in the docstring."""
    size = _checked(batch_size, len(X))
    return _weighted(_evaluated(model, lambda logits, targets: loss_fn(targets, logits), X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Call your function with batch_size=-1. How many batches does it visit, and what does it return?",
        "The docstring lists which batch sizes must be refused, and with which exception.",
        "Before you touch the model, raise a ValueError that names batch_size if it is not from 1 to n.",
    ),
)
def batch_size_not_checked(model, loss_fn, X, y, batch_size=None):
    """Your function takes any batch_size, even a negative one: it then visits no example at all, and returns a number all the
    same. What the docstring lists under Raises must be refused before you begin."""
    size = len(X) if batch_size is None else batch_size
    return sum(loss * count for loss, count in _evaluated(model, loss_fn, X, y, size)) / len(X)


@mistake(
    "empirical_risk",
    hints=(
        "Call your function with batch_size=0. What comes back?",
        "Which values does Python take for false, besides None?",
        "Compare with None explicitly.",
    ),
)
def zero_taken_for_none(model, loss_fn, X, y, batch_size=None):
    """You take a batch_size of 0 as if none were given. In a condition Python counts 0 as false, like None, but a batch of no
    examples is an error and must be refused. Look at how you ask whether batch_size was given."""
    size = _checked(batch_size or None, len(X))
    return _weighted(_evaluated(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Call your function with three examples and batch_size=4. What comes back?",
        "The docstring names two ends between which batch_size must lie. Which do you check?",
        "Refuse a batch_size above n as well.",
    ),
)
def batch_larger_than_data_accepted(model, loss_fn, X, y, batch_size=None):
    """You refuse a batch_size that is too small, but not one above n. There is no such batch, so somebody has made an error, and
    had better hear of it. Look at the upper end of your condition."""
    if batch_size is not None and batch_size < 1:
        raise ValueError("batch_size must be from 1 to n")
    return _weighted(_evaluated(model, loss_fn, X, y, batch_size or len(X)))


# -- accuracy


@mistake(
    "accuracy",
    hints=(
        "How many predictions do you get for 2 examples of 3 classes? Print their shape.",
        "A prediction belongs to an example, so which axis should disappear?",
        "Take the argmax over the classes, dim=1.",
    ),
)
def argmax_over_the_examples(logits, targets):
    """Your argmax goes down the columns: it finds for each class the example with the largest logit. What is wanted is the class
    with the largest logit for each example. Look at the dim of your argmax."""
    return float((logits.argmax(dim=0) == targets).double().mean())


@mistake(
    "accuracy",
    hints=(
        "How many predictions do you get for 2 examples of 3 classes?",
        "Without a dim, what does argmax count through?",
        "Tell argmax to work along the classes, dim=1.",
    ),
)
def argmax_over_everything(logits, targets):
    """Your argmax looks at the whole table at once, and gives one place in it for all examples together. Each row is to have a
    prediction of its own. Look at the arguments of your argmax."""
    return float((logits.argmax() == targets).double().mean())


@mistake(
    "accuracy",
    hints=(
        "What does your function return for four examples, three of them right? It should be 0.75.",
        "You have counted. What makes a fraction of a count?",
        "Divide by the number of examples.",
    ),
)
def count_instead_of_fraction(logits, targets):
    """You return how many examples are right. The accuracy is which *fraction* of them is, from 0 to 1, so that one can compare
    data sets of different size. Look at your last step."""
    return float((logits.argmax(dim=1) == targets).sum())


@mistake(
    "accuracy",
    hints=(
        "What does your function return for four examples, three of them right? It should be 0.75.",
        "You have counted. What makes a fraction of a count?",
        "Divide by the number of examples; that also makes a float of it.",
    ),
)
def whole_count(logits, targets):
    """You return a count, a whole number: how many examples are right. The accuracy is which *fraction* of them is, a float from
    0 to 1, so that one can compare data sets of different size. Look at your last step."""
    return int((logits.argmax(dim=1) == targets).sum())


@mistake(
    "accuracy",
    hints=(
        "What does your function return for four examples, three of them right? It should be 0.75.",
        "On which scale does the docstring want the result?",
        "Leave out the factor of 100.",
    ),
)
def percentage(logits, targets):
    """You return a percentage, up to 100. The accuracy is a fraction from 0 to 1; how it is shown is for others to choose. Look
    for the factor of 100."""
    return 100 * float((logits.argmax(dim=1) == targets).double().mean())


@mistake(
    "accuracy",
    hints=(
        "What does your function return when all examples are right? It should be 1.",
        "Do you count what is right, or what is wrong?",
        "Compare for equality.",
    ),
)
def error_rate(logits, targets):
    """You return the fraction of *wrong* answers, which is 0 where all are right. The accuracy is the other part, 1 minus that.
    Look at your comparison."""
    return float((logits.argmax(dim=1) != targets).double().mean())


@mistake(
    "accuracy",
    hints=(
        "Print the type of what you return.",
        "The mean of a tensor is a tensor. What does the docstring promise?",
        "Make a Python float of it; .item() does that.",
    ),
)
def tensor_not_float(logits, targets):
    """You return a 0-d tensor. The value may well be right, but the docstring promises a Python float. Look at the type of your
    mean."""
    return (logits.argmax(dim=1) == targets).float().mean()


@mistake(
    "accuracy",
    hints=(
        "What does your function return for four examples, three of them right? It should be 0.75.",
        "Which of Python's two divisions do you use?",
        "Divide with a single slash.",
    ),
)
def whole_division(logits, targets):
    """Your result is 1 where all examples are right, and 0 otherwise, however many of them are. Either the fraction is dropped,
    by a whole-number division or a conversion, or you ask one question of all examples at once. Look at how many are right
    in your example, and where that number gets lost."""
    return float((logits.argmax(dim=1) == targets).sum() // len(targets))


@mistake(
    "accuracy",
    hints=(
        "Copy each example once more. Does your result change? It should not.",
        "Which of the two lengths of the logits is n?",
        "Divide by the number of rows, and not by that of the columns.",
    ),
)
def count_over_classes(logits, targets):
    """You divide the count by K, the number of classes, in the place of n, the number of examples. Look at which axis of the
    logits you take the length of."""
    return float((logits.argmax(dim=1) == targets).sum()) / logits.shape[1]


@mistake(
    "accuracy",
    hints=(
        "Print what you compare with the targets. Are these numbers of classes?",
        "max gives two things for each row: how large, and where. Which one is the prediction?",
        "Compare the places of the largest logits, which argmax gives, with the targets.",
    ),
)
def values_instead_of_places(logits, targets):
    """You compare the largest logits themselves with the targets. The prediction is not how large the largest logit is, but in
    which column it stands. Look at what your maximum returns."""
    return float((logits.amax(dim=1) == targets).double().mean())


@mistake(
    "accuracy",
    hints=(
        "What does your function say of the logits (1000, 1001)?",
        "exp(1000) is infinite, and so is exp(1001). Which of the two is larger?",
        "The largest logit belongs to the largest probability: no exponential is needed to find it.",
    ),
)
def exponentials_compared(logits, targets):
    """Your prediction is wrong where logits are large, as if their exponentials were compared: these are infinite there, and
    equal. Probabilities have the order of the logits, so that the logits themselves will do."""
    return float((logits.exp().argmax(dim=1) == targets).double().mean())
