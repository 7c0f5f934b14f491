"""Helpers that mistakes in several exercises use."""

import math

import torch


def expect_lr(lr):
    if not lr >= 0:
        raise ValueError("lr must be at least 0")


def expect_eps(eps):
    if not eps >= 0:
        raise ValueError("eps must be at least 0")


def expect_share(name, share):
    if not 0 <= share < 1:
        raise ValueError(f"{name} must be in [0, 1)")


def all_finite(*losses):
    return all(map(math.isfinite, losses))


def adagrad_update(params, grads, square_sums, lr, eps):
    """The right step, without tests of the arguments."""
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_(g**2)
            w.sub_(lr * g / (s.sqrt() + eps))
