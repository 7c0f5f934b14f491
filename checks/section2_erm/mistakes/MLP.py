"""Mistakes in MLP."""

from itertools import pairwise

import torch
from torch import nn

from grader.toolkit.mistakes import mistake


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
