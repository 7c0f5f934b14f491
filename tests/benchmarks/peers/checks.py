"""The checks that every grader runs, as each would write them: plain functions, a plain comparison.

`student` is whatever has the three functions as attributes: a module where submissions are imported, a proxy where they are not.
The oracles are the functions behind `torch.optim`: constructing its classes would cost each fresh process a second.
"""

import numpy as np
import torch
from softmax import train_softmax_regression
from torch.optim.adam import adam
from torch.optim.rmsprop import rmsprop
from torch.optim.sgd import sgd

FOLDER = "."  # of the images; make.py writes the path here
torch.set_num_threads(1)  # as the grader has it; two gradings with two threads each get in each other's way


def _start():
    """Three weight tensors, and the gradients of twenty steps."""
    generator = torch.Generator().manual_seed(1)
    shapes = ((5,), (3, 4), ())
    draws = [[torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes] for _ in range(21)]
    return draws[0], draws[1:]


def _zeros(params):
    return [torch.zeros_like(w) for w in params]


def _clones(params):
    return [w.clone() for w in params]


def _expect_equal(got, expected, step):
    for mine, theirs in zip(got, expected, strict=True):
        assert torch.allclose(mine, theirs, rtol=1e-9, atol=1e-12), f"step {step}: expected {theirs}, got {mine}"


def follows_momentum(student):
    """Twenty steps of momentum end where torch.optim.SGD ends."""
    params, gradients = _start()
    expected, velocities, buffers = _clones(params), _zeros(params), [None] * len(params)
    for step, grads in enumerate(gradients, start=1):
        sgd(
            expected, _clones(grads), buffers, foreach=False, weight_decay=0.0, momentum=0.9, lr=0.1, dampening=0.0,
            nesterov=False, maximize=False,
        )  # fmt: skip
        student.momentum_step(params, grads, velocities, lr=0.1, beta=0.9)
        _expect_equal(params, expected, step)


def follows_rmsprop(student):
    """Twenty steps of RMSprop end where torch.optim.RMSprop ends."""
    params, gradients = _start()
    expected, squares, theirs = _clones(params), _zeros(params), _zeros(params)
    for step, grads in enumerate(gradients, start=1):
        rmsprop(
            expected, _clones(grads), theirs, [], [], [torch.tensor(step - 1.0) for _ in params], foreach=False,
            lr=0.01, alpha=0.99, eps=1e-3, weight_decay=0.0, momentum=0.0, centered=False,
        )  # fmt: skip
        student.rmsprop_step(params, grads, squares, lr=0.01, alpha=0.99, eps=1e-3)
        _expect_equal(params, expected, step)


def follows_adam(student):
    """Twenty steps of Adam end where torch.optim.Adam ends."""
    params, gradients = _start()
    expected, moments, squares = _clones(params), _zeros(params), _zeros(params)
    first, second = _zeros(params), _zeros(params)
    for step, grads in enumerate(gradients, start=1):
        adam(
            expected, _clones(grads), first, second, [], [torch.tensor(step - 1.0) for _ in params], foreach=False,
            amsgrad=False, beta1=0.9, beta2=0.999, lr=0.01, weight_decay=0.0, eps=1e-8, maximize=False,
        )  # fmt: skip
        student.adam_step(params, grads, moments, squares, step=step, lr=0.01, beta1=0.9, beta2=0.999, eps=1e-8)
        _expect_equal(params, expected, step)


def trains_on_mnist(student):
    """Softmax regression on MNIST classifies four digits of five after 300 steps."""
    images, labels = (torch.from_numpy(np.load(f"{FOLDER}/{name}.npy")) for name in ("images", "labels"))
    images, labels = images.float() / 255, labels.long()
    if hasattr(student, "run"):  # it is in a process of its own: so is the loop, and what comes back is judged here
        params = student.run(train_softmax_regression, images, labels)
    else:
        params = train_softmax_regression(student, images, labels)
    right = (images @ params[0] + params[1]).argmax(1) == labels
    assert right.float().mean() > 0.8, f"{right.sum()} of {len(labels)} are right"
