"""Mistakes in MLP."""

from itertools import pairwise

import torch
from torch import nn

from grader.toolkit.mistakes import mistake


class _Layers(nn.Module):
    """The linear layers with a right forward pass, for mistakes to change."""

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
        "What does ReLU do to a very negative score, and to its gradient?",
        "Apply ReLU between the linear layers only, and return the output of the last layer.",
    ),
)
class ReluAfterTheLastLayer(_Layers):
    """Your model applies ReLU after the last layer too, so no logit is negative. A logit may be any real number:
    clipped at 0, the scores of different classes become equal, and no gradient flows back through them. Check your forward
    after the last linear layer."""

    def forward(self, X):
        return torch.relu(super().forward(X))


@mistake(
    "MLP",
    slug="softmax_in_the_model",
    hints=(
        "Add up a row of your model's result. Would you expect this sum from logits?",
        "The loss turns logits into log-probabilities. What happens if it gets probabilities?",
        "Remove softmax from the model, and return the output of the last linear layer.",
    ),
)
class SoftmaxInTheModel(_Layers):
    """Your model returns probabilities: each row is positive and adds up to 1. The loss applies softmax itself, so
    softmax would be applied twice, and gradients would be small and wrong. Return logits: the output of the last
    layer."""

    def forward(self, X):
        return torch.softmax(super().forward(X), dim=1)


@mistake(
    "MLP",
    slug="softmax_in_evaluation_mode",
    hints=(
        "Compare the results of your model after `model.train()` and after `model.eval()`, for the same inputs.",
        "Dropout and batch normalisation depend on the mode. What else depends on it in your forward?",
        "Return the last layer's output in both modes.",
    ),
)
class SoftmaxInEvaluationMode(_Layers):
    """In evaluation mode your model returns probabilities: each row is positive and adds up to 1. Risk and accuracy are
    measured in that mode, and the loss takes logits. Return logits in both modes."""

    def forward(self, X):
        logits = super().forward(X)
        return logits if self.training else torch.softmax(logits, dim=1)


@mistake(
    "MLP",
    slug="hidden_layers_shared",
    hints=(
        "How many parameters does your model have for hidden_dims=(4, 4, 4), and how many should it have?",
        "Multiplying a list repeats the same object, and a dict holds each key once. How many layers do you create?",
        "Create a new nn.Linear for each pair of neighbouring sizes, also if the sizes are equal.",
    ),
)
class HiddenLayersShared(_Layers):
    """If several layers have the same shape, your model has too few parameters: probably it uses one layer several
    times. Each layer needs its own weights. Look at how many layers you create."""

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
        "Take the exponentials of a row of your model's result, and add them up. Would you expect this sum from logits?",
        "Which part turns scores into log-probabilities here: the model or the loss?",
        "Return the output of the last linear layer, and leave log_softmax to the loss.",
    ),
)
class LogSoftmaxInTheModel(_Layers):
    """Your model returns log-probabilities: the exponentials of each row add up to 1. The loss computes
    log-probabilities; the model returns logits. Return the output of the last layer."""

    def forward(self, X):
        logits = super().forward(X)
        return logits - torch.logsumexp(logits, 1, keepdim=True)


@mistake(
    "MLP",
    slug="no_activation",
    hints=(
        "Give your model x, -x and 0, and compare the three outputs. Do they lie on a straight line?",
        "What is a linear map of a linear map?",
        "Apply ReLU to the output of each linear layer except the last.",
    ),
)
class NoActivation(_Layers):
    """Your model has no activation function between its linear layers. A chain of linear maps is one linear map, so the
    hidden layers add nothing. Check your forward between the linear layers."""

    def forward(self, X):
        activations = X.flatten(1)
        for layer in self.layers:
            activations = layer(activations)
        return activations


@mistake(
    "MLP",
    slug="relu_on_the_inputs",
    hints=(
        "Change a negative input to another negative number. Do your logits change?",
        "What is the argument of the first ReLU in the formula?",
        "Pass the inputs to the first linear layer unchanged, and apply ReLU after it.",
    ),
)
class ReluOnTheInputs(_Layers):
    """Your model applies ReLU to its inputs before the first layer, so it cannot see negative inputs. Most pixels of a
    normalised image are negative: the darker half of the picture is lost. Check your changes of X before the first linear
    layer."""

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
        "The formula uses max(z, 0) between the layers. Which function do you use?",
        "Replace the sigmoid with ReLU.",
    ),
)
class SigmoidForRelu(_Layers):
    """Your hidden units use a sigmoid, which lies between 0 and 1. The formula uses ReLU, max(z, 0): its slope is 1 for
    every positive z, but the sigmoid becomes flat and lets almost no gradient through. Look at your activation
    function."""

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
        "The formula uses max(z, 0) between the layers. Which function do you use?",
        "Replace tanh with ReLU.",
    ),
)
class TanhForRelu(_Layers):
    """Your hidden units use tanh, which lies between -1 and 1. The formula uses ReLU, max(z, 0): its slope is 1 for
    every positive z, but tanh becomes flat. Look at your activation function."""

    def forward(self, X):
        activations = X.flatten(1)
        for layer in self.layers[:-1]:
            activations = torch.tanh(layer(activations))
        return self.layers[-1](activations)


@mistake(
    "MLP",
    slug="first_hidden_layer_only",
    hints=(
        "Build a model with hidden_dims=(16, 12) and print it. How many linear layers does it have?",
        "And what happens with hidden_dims=()? The number of layers is not known when you write the class.",
        "Loop over all of hidden_dims, and create a layer from each number of units to the next.",
    ),
)
class FirstHiddenLayerOnly(nn.Module):
    """Your model always has exactly one hidden layer. With two entries in hidden_dims, the second is ignored; with
    none, the constructor fails. Look at how many layers you create."""

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
        "Count the parameters that model.parameters() returns.",
        "nn.Module finds parameters, and modules, in its attributes. What type of object holds yours?",
        "Store the layers in an nn.ModuleList or nn.Sequential instead of a Python list.",
    ),
)
class LayersNotRegistered(nn.Module):
    """Your model computes logits, but model.parameters() is empty, so training would change nothing. nn.Module does not
    look into Python lists, and plain tensors are not parameters. Look at where your model stores its weights."""

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
        "A linear layer works on the last axis only. How long is that axis for an image?",
        "Start forward by flattening all axes of X but the first.",
    ),
)
class InputsNotFlattened(_Layers):
    """Your model accepts rows, but not images: the first linear layer sees only the last axis of an image. forward must
    flatten all axes but the first, for any number of axes. Look at the first line of your forward."""

    def forward(self, X):
        activations = X
        for layer in self.layers[:-1]:
            activations = torch.relu(layer(activations))
        return self.layers[-1](activations)


@mistake(
    "MLP",
    slug="no_biases",
    hints=(
        "Count the parameters of your 784-10-10 network. How many are missing from 7960?",
        "What does your model return for an input of zeros, for any weights?",
        "Give each linear layer a bias, one number per unit.",
    ),
)
class NoBiases(nn.Module):
    """Your layers have weights but no biases. Then all logits of a zero input are 0 for any weights. The parameter
    count in the docstring includes biases: look at how you create a layer."""

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
        "Print the weights of the first layer of a new model.",
        "Two units with equal weights compute equal values. Can their gradients differ?",
        "Start the weights at random, as nn.Linear does by default; only biases may start at 0.",
    ),
)
class EqualUnits(_Layers):
    """Some hidden units of a new model start with the same weights. Equal units compute the same value and get the same
    gradient, so they stay equal during training and are worth only one unit. Look at how you initialise the weights."""

    def __init__(self, in_dim=784, hidden_dims=(10,), out_dim=10):
        super().__init__(in_dim, hidden_dims, out_dim)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)


@mistake(
    "MLP",
    slug="float32_forced",
    hints=(
        "Convert a model with .double(), and pass float64 inputs. What happens, and in which line?",
        "Which dtype must the inputs have when they meet the weights?",
        "Flatten the inputs, and do not change their dtype.",
    ),
)
class Float32Forced(_Layers):
    """Your model converts its inputs to float32, so it fails when its weights are float64. `.double()` converts the
    weights, but not a dtype that you write in forward. Look for the line that changes the dtype of the inputs."""

    def forward(self, X):
        return super().forward(X.float())


@mistake(
    "MLP",
    slug="no_gradient",
    hints=(
        "Call .backward() on the sum of your logits. Which parameters have a .grad then?",
        "Training needs a path back from the logits to each weight. Where does your path end?",
        "Remove torch.no_grad, .detach(), .data and numpy from forward.",
    ),
)
class NoGradient(_Layers):
    """Your logits are right, but no gradient flows back to some or all of the weights: forward cuts the graph, or torch
    does not record it. Weights without a gradient do not learn. Look for no_grad, .detach(), .data or numpy."""

    def forward(self, X):
        with torch.no_grad():
            return super().forward(X)


@mistake(
    "MLP",
    slug="inputs_transposed",
    hints=(
        "Give your model a row of pixels, and the same numbers as an image. Are the logits equal?",
        "In which order should the numbers of an image stand in its row?",
        "Flatten the inputs as they are, without exchanging two axes.",
    ),
)
class InputsTransposed(_Layers):
    """Your model is right for rows, but it transposes images: it flattens their columns one after the other instead of their
    lines. Look for two axes that you exchange before you flatten."""

    def forward(self, X):
        return super().forward(X.transpose(-1, -2) if X.dim() > 2 else X)


@mistake(
    "MLP",
    slug="leaky_relu",
    hints=(
        "Set a hidden unit's sum to -1. What does it pass on?",
        "What does ReLU make of every negative number?",
        "Use torch.relu, or nn.ReLU, between the layers.",
    ),
)
class LeakyRelu(_Layers):
    """Your hidden units let a hundredth of each negative sum through: that is leaky ReLU. ReLU itself gives 0 for every negative
    sum. Look at the activation function between your layers."""

    def forward(self, X):
        activations = X.flatten(1)
        for layer in self.layers[:-1]:
            activations = nn.functional.leaky_relu(layer(activations))
        return self.layers[-1](activations)


@mistake(
    "MLP",
    slug="other_logits_in_training",
    hints=(
        "Compute the logits of one batch after model.train(), and again after model.eval(). Are they equal?",
        "Which kinds of layers compute something else in training than in evaluation?",
        "Use linear layers and ReLU only, without dropout.",
    ),
)
class OtherLogitsInTraining(_Layers):
    """In evaluation mode your model is right, but in training mode it computes other logits, as a model with dropout does. This
    model has linear layers and ReLU, and nothing that depends on the mode. Look for such a layer in yours."""

    def forward(self, X):
        activations = X.flatten(1)
        for layer in self.layers[:-1]:
            activations = nn.functional.dropout(torch.relu(layer(activations)), 0.5, self.training)
        return self.layers[-1](activations)
