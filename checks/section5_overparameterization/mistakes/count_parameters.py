"""Mistakes in count_parameters."""

import torch
from torch import nn

from grader.toolkit.mistakes import mistake


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
