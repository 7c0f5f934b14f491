"""Strategies for arrays of short decimals, and matrices with known eigenvalues, so that counterexamples read well."""

import math
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

NUMBERS = (1.0, 2.0, -1.0, 0.5, 3.0, -2.0)


def arrays(*shape, numbers=NUMBERS):
    """Arrays of one shape with entries from `numbers`, the simplest of which comes first."""
    size = math.prod(shape)
    entries = st.lists(st.sampled_from(numbers), min_size=size, max_size=size)
    return entries.map(lambda values: np.array(values).reshape(shape))


@dataclass(frozen=True)
class Spectrum:
    """A symmetric matrix: column `k` of `axes` is the eigenvector of `values[k]`, of length 1."""

    values: np.ndarray
    axes: np.ndarray

    @property
    def matrix(self):
        product = (self.axes * self.values) @ self.axes.T
        return (product + product.T) / 2


@st.composite
def spectra(draw, lists):
    """A spectrum of `lists`, along the axes of the coordinates or reflected ones."""
    values = np.array(draw(st.sampled_from(lists)))
    normal = np.array(draw(st.sampled_from(([0.0] * 4, [1.0, 2.0, -1.0, 0.5], [1.0, -1.0, 2.0, 2.0]))))[: len(values)]
    axes = np.eye(len(values))
    if normal.any():
        axes = axes - 2 * np.outer(normal, normal) / (normal @ normal)
    return Spectrum(values, axes)


def matrix_with(values, seed):
    """A symmetric matrix with these eigenvalues, along random axes."""
    axes, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((len(values), len(values))))
    return Spectrum(np.array(values), axes).matrix
