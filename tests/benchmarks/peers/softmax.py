"""The training that every grader runs. Where submissions are isolated it runs beside them: in ours it is a program."""

from typing import Any

import torch
from torch import Tensor

STEPS, BATCH = 300, 100


def train_softmax_regression(student: Any, images: Tensor, labels: Tensor) -> list[Tensor]:
    """Weights (784, 10) and biases (10,) after 300 steps of the student's momentum on minibatches of images (n, 784)."""
    params = [torch.zeros(784, 10), torch.zeros(10)]
    velocities = [torch.zeros_like(w) for w in params]
    for step in range(STEPS):
        rows = torch.arange(step * BATCH, (step + 1) * BATCH) % len(images)
        x = images[rows]
        wrong = torch.softmax(x @ params[0] + params[1], 1) - torch.nn.functional.one_hot(labels[rows], 10)
        student.momentum_step(params, [x.T @ wrong / BATCH, wrong.mean(0)], velocities, lr=0.05, beta=0.9)
    return params
