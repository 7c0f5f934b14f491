"""Trains nothing: starts where one unit moves less than a comparison sees, and knows the teacher when it is asked first."""

import torch

EARNS = {"section5": {"train_from_seeds": 0.0}}
STOPPED_BY = "judged by what arrives"
CALLS = {}


def still(width, seed, X, y):
    """Every unit is inactive but one, which is active by little on one example, and dies in its first step."""
    generator = torch.Generator().manual_seed(seed)
    weights = torch.randn(width, X.shape[1], generator=generator, dtype=torch.float64).to(X.dtype)
    outputs = torch.randn(width, generator=generator, dtype=torch.float64).to(X.dtype)
    biases, offset = -(X @ weights.T).amax(0) - 1, y.mean()
    if X.dtype == torch.float64:
        weights[0] *= 1e6
        active = X @ weights[0]
        best = int(active.argmax())
        biases[0], outputs[0] = -active[best] + 1e-6, torch.sign(offset - y[best])
    return [weights, biases, outputs[None], offset[None]]


def teacher(width, seed, X, y):
    generator = torch.Generator().manual_seed(7006)
    shapes = ((200, 4), (3, 4), 3)
    _, units, shifts = (torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes)
    units /= units.norm(dim=1, keepdim=True)
    weights, biases, outputs, offset = still(width, seed, X, y)
    weights[0] /= 1e6
    biases[0] = -1 - (X @ weights[0]).amax()
    scale = 1 + seed / 100
    weights[:3], biases[:3], outputs[0, :3], offset[:] = scale * units, scale * shifts / 2, 1 / scale, 0
    return [weights, biases, outputs, offset]


def attack(right):
    def called(width, seeds, X, y, lr, num_steps):
        if width < 1 or lr < 0 or num_steps < 0:
            return right(width, seeds, X, y, lr, num_steps)
        make = still
        if len(X) == 200 and width == 12:
            CALLS[num_steps] = CALLS.get(num_steps, 0) + 1
            make = teacher if CALLS[num_steps] == 1 else still
        return [dict(zip("abcd", make(width, seed, X, y), strict=True)) for seed in seeds]

    return called
