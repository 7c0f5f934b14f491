"""Mistakes in count_parameters."""

import torch
from torch import nn

from grader.toolkit.mistakes import mistake


@mistake(
    "count_parameters",
    hints=(
        "Set `requires_grad_(False)` on one layer and count again. What should change?",
        "A frozen parameter is a parameter, but training cannot change it.",
        "Skip the parameters with `requires_grad=False`.",
    ),
)
def frozen_counted(model):
    """Your count includes frozen parameters. Count the numbers that training can change; those with
    `requires_grad=False` never change. Check which parameters you skip."""
    return sum(p.numel() for p in model.parameters())


@mistake(
    "count_parameters",
    hints=(
        "Give two layers the same weight tensor. How many numbers can training change now?",
        "A loop over the layers finds a shared tensor once per layer.",
        "Ask the whole model for its parameters, which lists each tensor once, or remember the tensors that you have counted.",
    ),
)
def shared_counted_twice(model):
    """You count a shared tensor once per layer. It is one tensor, and training changes it once. Check how you loop over
    the model: a loop over layers finds the same tensor again."""
    return sum(p.numel() for layer in model.modules() for p in layer.parameters(recurse=False) if p.requires_grad)


@mistake(
    "count_parameters",
    hints=(
        "By hand: a linear layer from 4 to 3 units has 15 trainable numbers. What does your function say?",
        "A weight matrix is one tensor that holds many numbers.",
        "Add up the sizes of the tensors instead of counting the tensors.",
    ),
)
def tensors_counted(model):
    """You count tensors, so a whole weight matrix counts as one. Count the numbers in the tensors. Compare with the
    example by hand, where a layer from 4 to 3 units has 15."""
    return sum(1 for p in model.parameters() if p.requires_grad)


@mistake(
    "count_parameters",
    hints=(
        "By hand: a linear layer from 4 to 3 units has 15 numbers. What does your function say?",
        "A weight matrix is one tensor that holds many numbers.",
        "Add up the sizes of the tensors with requires_grad=True.",
    ),
)
def all_tensors_counted(model):
    """You count tensors, so a whole weight matrix counts as one, and frozen tensors count, too. Count the numbers in the
    tensors that training can change. Compare with the example by hand, where a layer from 4 to 3 units has 15."""
    return len(list(model.parameters()))


@mistake(
    "count_parameters",
    hints=(
        "By hand: a linear layer from 4 to 3 units has 15 trainable numbers, not 12. Which are the other three?",
        "Parameters with a single dimension are trained like all others.",
        "Count every parameter that requires grad, of any shape.",
    ),
)
def biases_left_out(model):
    """Your count skips tensors with one dimension, such as biases. Training changes them like the weights: a linear
    layer from m to k units has m k + k numbers. Compare with the example by hand."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad and p.dim() > 1)


@mistake(
    "count_parameters",
    hints=(
        "Print the names in the state dict of a model with batch normalisation. Which of them are trained?",
        "A state dict holds everything to save: buffers, frozen parameters, and a shared tensor under each of its names.",
        "Loop over the model's parameters instead of its state dict, and skip those that do not require grad.",
    ),
)
def state_dict_counted(model):
    """You count everything in the model's state dict. A state dict is for saving: it also holds buffers and frozen
    parameters, and a shared tensor under each of its names. Count only the numbers that training can change, each of
    them once."""
    return sum(value.numel() for value in model.state_dict().values())


@mistake(
    "count_parameters",
    hints=(
        "Two layers may start with equal values, as all batch normalisations do. Are they one tensor?",
        "Shared means the same tensor, not equal values.",
        "Compare tensors by identity, or use `model.parameters()`, which lists each tensor once.",
    ),
)
def equal_taken_for_shared(model):
    """You skip a tensor if its values equal those of a tensor that you have counted. These are different tensors, and
    training makes them different; only the same tensor object is shared. Check how you compare tensors."""
    met = []
    for p in model.parameters():
        if p.requires_grad and not any(p.shape == other.shape and torch.equal(p, other) for other in met):
            met.append(p)
    return sum(p.numel() for p in met)


@mistake(
    "count_parameters",
    hints=(
        "Which kinds of layers have trainable numbers? Try one of each.",
        "Batch normalisation trains a factor and a shift for each unit.",
        "Ask the model for its parameters, not only its linear layers.",
    ),
)
def linear_layers_only(model):
    """You count the parameters of linear layers only. Other layers have trainable numbers, too: batch normalisation has
    two per unit. Check how you choose the modules that you count."""
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    return sum(p.numel() for p in {p for layer in layers for p in layer.parameters()} if p.requires_grad)


@mistake(
    "count_parameters",
    hints=(
        "Put a network into another nn.Sequential and count again. Does the number change?",
        "A module can contain modules that contain modules. How deep does your loop go?",
        "Ask the model for all its parameters, at any depth.",
    ),
)
def top_level_only(model):
    """You count the model's own layers, but not the layers inside them. Models often consist of nested blocks. Check
    how deep your loop goes."""
    found = {p for layer in model.children() for p in layer.parameters(recurse=False)}
    return sum(p.numel() for p in found if p.requires_grad)


@mistake(
    "count_parameters",
    hints=(
        "By hand: a 3 x 4 matrix has 12 numbers. How many does your function count?",
        "The length of a tensor is the length of its first axis only.",
        "Take the number of entries of each tensor instead of its length.",
    ),
)
def rows_counted(model):
    """You count the rows of each tensor instead of its entries: `len` of a matrix is the length of its first axis. A 3
    x 4 matrix has 12 numbers, not 3. Compare with the example by hand."""
    return sum(len(p) for p in model.parameters() if p.requires_grad)


@mistake(
    "count_parameters",
    hints=(
        "Write a module with a parameter of its own, `self.scale = nn.Parameter(...)`. Does your count include it?",
        "A child of a module is a module inside it. Which parameters belong to none of the children?",
        "Ask the model itself for its parameters, not its children.",
    ),
)
def children_only(model):
    """You add up over the children of the model. A parameter that the model itself holds belongs to none of them,
    and one that two children share counts twice. Look at what you loop over."""
    return sum(p.numel() for child in model.children() for p in child.parameters() if p.requires_grad)


@mistake(
    "count_parameters",
    hints=(
        "Count the parameters of `nn.Sequential(nn.Linear(4, 3))`. Which module do they belong to?",
        "Does your call go down into the modules inside the model?",
        "Ask for all parameters, at any depth: that is the default.",
    ),
)
def own_parameters_only(model):
    """You count only the parameters that the model itself holds, and none of the modules inside it. Look at the
    arguments with which you ask for parameters."""
    return sum(p.numel() for p in model.parameters(recurse=False) if p.requires_grad)


@mistake(
    "count_parameters",
    hints=(
        "By hand: `nn.Sequential(nn.Linear(4, 3))` has 15 numbers. What do you get?",
        "The parameters of a model contain those of the modules inside it. How often do you meet each?",
        "Ask the whole model once.",
    ),
)
def each_level_counted(model):
    """You count a parameter once for each module that contains it: once for its layer, and again for each model
    around the layer. Look at your loop: what do the parameters of a model contain?"""
    return sum(p.numel() for module in model.modules() for p in module.parameters() if p.requires_grad)


@mistake(
    "count_parameters",
    hints=(
        "Count the numbers of a batch normalisation. Which of its tensors does training change by a gradient?",
        "Running averages are kept in buffers. Do they have a gradient?",
        "Leave the buffers out.",
    ),
)
def buffers_added(model):
    """You add the buffers, such as the running averages of batch normalisation. They are stored with the model, but
    no gradient changes them. Count parameters alone."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad) + sum(b.numel() for b in model.buffers())


@mistake(
    "count_parameters",
    hints=(
        "Set a bias to zero and count again. Should the number change?",
        "A weight of zero can be trained like any other.",
        "Count all entries, also those that are zero.",
    ),
)
def zeros_left_out(model):
    """You count only entries that are not zero. A weight of zero is trained like any other: count entries, and do
    not look at their values."""
    return sum(int(torch.count_nonzero(p)) for p in model.parameters() if p.requires_grad)


@mistake(
    "count_parameters",
    hints=(
        "How many numbers does the weight of a convolution have? Print its shape.",
        "A tensor may have more than two axes.",
        "Take the number of all entries of each tensor.",
    ),
)
def two_axes_only(model):
    """You multiply only the first two axes of each tensor. That is right for a matrix, but the weights of a
    convolution have four axes. Use the number of all entries."""
    return sum(p.shape[:2].numel() for p in model.parameters() if p.requires_grad)


@mistake(
    "count_parameters",
    hints=(
        "By hand: how many numbers has a 3 x 4 matrix, 7 or 12?",
        "Do you add or multiply the sizes of the axes?",
        "Multiply the sizes, or ask the tensor for the number of its entries.",
    ),
)
def shapes_added(model):
    """You add the sizes of a tensor's axes: 3 + 4 for a 3 x 4 matrix. It has 3 times 4 numbers. Compare with the
    example by hand."""
    return sum(sum(p.shape) for p in model.parameters() if p.requires_grad)


@mistake(
    "count_parameters",
    hints=(
        "Take a linear layer without a bias, or freeze one. What does your function count?",
        "A formula of the sizes of a layer knows nothing of its tensors.",
        "Add up the sizes of the tensors that the model itself lists as its parameters.",
    ),
)
def sizes_of_linear_layers(model):
    """You compute the number from the sizes of linear layers. So you miss all other layers, and count biases that a layer does
    not have and weights that are frozen. Ask the model for its tensors."""
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    return sum(layer.in_features * layer.out_features + layer.out_features for layer in layers)


@mistake(
    "count_parameters",
    hints=(
        "Count a network with two layers by hand. Which layer does your number miss?",
        "`next` takes the first entry of what it goes through. Where are the others?",
        "Add up `numel` of all parameters that train.",
    ),
)
def first_tensor_only(model):
    """You count the numbers of the first parameter only. The model has more of them: weights and biases of each layer. Add up
    all that train."""
    return next((p.numel() for p in model.parameters() if p.requires_grad), 0)


@mistake(
    "count_parameters",
    hints=(
        "Count a fresh model, before any call of `backward`. What do you get?",
        "`.grad` is None until a gradient is computed. Which attribute says that training may change a parameter?",
        "Ask `requires_grad`.",
    ),
)
def only_with_a_gradient(model):
    """You count the parameters that have a `.grad`. A fresh model has none, so you count 0. Whether training may change a
    parameter is said by `requires_grad`."""
    return sum(p.numel() for p in model.parameters() if p.grad is not None)


@mistake(
    "count_parameters",
    hints=(
        "Freeze one layer, and leave out the biases by hand. Is that your number?",
        "A bias is a vector of parameters that training changes, too.",
        "Do not skip a parameter for its name or its shape.",
    ),
)
def biases_and_frozen_left_out(model):
    """You leave out the biases. They are parameters that training changes, as the weights are. Look at your condition."""
    return sum(p.numel() for name, p in model.named_parameters() if p.requires_grad and "bias" not in name)
