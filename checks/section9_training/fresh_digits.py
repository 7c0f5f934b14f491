"""A new test set from a seed: MNIST's test images in another order, shifted and rotated.

All arithmetic uses integers, so that every machine and version makes the same bytes from the same seed.
"""

import hashlib
import math

import numpy as np
from numpy.typing import NDArray

from ..shared import mnist

MOST_PIXELS, MOST_DEGREES = 2, 10

_Ints = NDArray[np.int32]
_SIDE, _MARGIN = 28, 8  # pixels; a pixel of a rotated image never comes from beyond the margin
_PART = 256  # positions are multiples of 1 / 256 pixel
_STEPS = 100  # angles are multiples of 1 / 100 degree
_ONE = 1 << 16  # the number 1 among sines and cosines
_AT_ONCE = 250  # images: their positions fit into a processor's cache
_ANGLES = np.arange(-MOST_DEGREES * _STEPS, MOST_DEGREES * _STEPS + 1)
_COSINES, _SINES = (
    np.array([round(_ONE * function(math.radians(angle / _STEPS))) for angle in _ANGLES.tolist()], np.int32)
    for function in (math.cos, math.sin)
)


def fresh_digits(seed: bytes) -> mnist.Split:
    """The 10,000 test examples: each image rotated by at most 10 degrees, then shifted by at most 2 pixels in each
    direction.

    Order, angles (multiples of 0.01 degree) and shifts (multiples of 1 / 256 pixel) are uniform, and drawn from `seed`.
    """
    known = mnist.test()
    count = len(known.labels)
    draws = np.frombuffer(hashlib.shake_256(seed).digest(16 * count), "<u4").reshape(4, count)
    order = np.argsort(draws[0], kind="stable")
    angles, right, down = (
        (draw % (2 * most + 1)).astype(np.int32) - most
        for draw, most in zip(draws[1:], (MOST_DEGREES * _STEPS, MOST_PIXELS * _PART, MOST_PIXELS * _PART), strict=True)
    )
    images = np.empty_like(known.images)
    for start in range(0, count, _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        images[some] = moved(known.images[order[some]], angles[some], right[some], down[some])
    return mnist.Split(images, known.labels[order])


def moved(images: mnist.UInt8Array, angles: _Ints, right: _Ints, down: _Ints) -> mnist.UInt8Array:
    """Images (n, 28, 28), each rotated about its centre, then shifted, with bilinear interpolation; black outside.

    `angles` (n,) are in hundredths of a degree, counter-clockwise; `right` and `down` (n,) in parts of 1 / 256 pixel.
    """
    middle = (_SIDE - 1) * _PART // 2
    places = np.arange(_SIDE, dtype=np.int32) * _PART - middle
    x, y = places[None, None, :] - right[:, None, None], places[None, :, None] - down[:, None, None]
    turns = angles + MOST_DEGREES * _STEPS
    cosine, sine = _COSINES[turns][:, None, None], _SINES[turns][:, None, None]
    # The source of each pixel: rotated back, in parts of a pixel.
    from_x = _rounded(cosine * x - sine * y, _ONE) + middle + _MARGIN * _PART
    from_y = _rounded(sine * x + cosine * y, _ONE) + middle + _MARGIN * _PART
    width = _SIDE + 2 * _MARGIN
    padded = np.pad(images, ((0, 0), (_MARGIN, _MARGIN), (_MARGIN, _MARGIN))).astype(np.int32).ravel()
    first = np.arange(len(images), dtype=np.int32)[:, None, None] * width**2 + from_y // _PART * width + from_x // _PART
    beside, below = from_x % _PART, from_y % _PART
    upper = padded[first] * (_PART - beside) + padded[first + 1] * beside
    lower = padded[first + width] * (_PART - beside) + padded[first + width + 1] * beside
    return _rounded(upper * (_PART - below) + lower * below, _PART**2).astype(np.uint8)


def _rounded(values: _Ints, unit: int) -> _Ints:
    """The nearest multiple of `unit`, counted in units."""
    return (values + unit // 2) // unit
