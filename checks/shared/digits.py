"""Digits and small networks for figures."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import torch
from torch import Tensor

from grader.toolkit.verdicts import WrongAnswerError

from . import mnist
from .problems import starting_values
from .softmax_regression import CLASSES, PIXEL_MEAN, PIXEL_STD, normalised_pixels

PIXELS = 784


@lru_cache(maxsize=4)
def digits(start: int, stop: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    """Training images number `start` to `stop`, normalised (n, 784), and their labels (n,)."""
    split = mnist.train()
    labels = torch.from_numpy(split.labels[start:stop].copy()).long()
    return normalised_pixels(split.images[start:stop], dtype), labels


@lru_cache(maxsize=1)
def small_images(examples: int) -> tuple[Tensor, Tensor]:
    """The first training images, averaged to 14 x 14 and normalised, float32 (n, 196), and their labels."""
    split = mnist.train()
    pixels = torch.from_numpy(split.images[:examples].copy()).float().reshape(examples, 14, 2, 14, 2).mean((2, 4))
    labels = torch.from_numpy(split.labels[:examples].copy()).long()
    return (pixels.reshape(examples, -1) / 255 - PIXEL_MEAN) / PIXEL_STD, labels


def fresh_network(*hidden: int, dtype: torch.dtype = torch.float64, seed: int = 0, scale: float = 0.05) -> list[Tensor]:
    """Matrix and bias of each layer from images to logits: small random weights, biases of zero."""
    sizes = (PIXELS, *hidden, CLASSES)
    shapes = [shape for before, after in pairwise(sizes) for shape in ((after, before), (after,))]
    return [weight.to(dtype) for weight in starting_values(shapes, seed, scale, 0.0)]


def expect_form(weights: list[Tensor], like: list[Tensor]) -> None:
    """Raise WrongAnswerError unless weights from a worker have the shapes and dtypes of `like`."""
    found, given = ([(tuple(weight.shape), weight.dtype) for weight in those] for those in (weights, like))
    if found != given:
        raise WrongAnswerError("The model's parameters no longer have their shapes and dtypes.")


@dataclass(frozen=True)
class Examples:
    """Normalised images `X` (n, 784), float32, and labels `y` (n,)."""

    X: Tensor
    y: Tensor


@lru_cache(maxsize=4)
def examples(held_out: bool, count: int) -> Examples:
    """The first `count` images of the training set or of the test set."""
    split = mnist.test() if held_out else mnist.train()
    pixels = torch.from_numpy(split.images[:count].copy()).reshape(count, -1).to(torch.float32)
    labels = torch.from_numpy(split.labels[:count].copy()).long()
    return Examples((pixels / 255 - PIXEL_MEAN) / PIXEL_STD, labels)
