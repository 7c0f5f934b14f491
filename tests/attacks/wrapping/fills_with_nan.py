"""Does the work, then fills its result, its arguments and the variables of its callers with NaN."""

import dataclasses
import sys

import torch

EARNS = {
    "section2": {"log_softmax": 0.0, "empirical_risk": 0.0},
    "section3": {"gradient": 0.0, "finite_difference_gradient": 0.0},
    "section4": {"condition_number": 0.0, "momentum_step": 0.0},
    "section5": {"filter_normalized_direction": 0.0, "loss_surface": 0.0},
    "section6": {"gradient_noise": 0.0, "sgd": 0.0},
    "section7": {"adam_step": 0.0},
    "section9": {"train_epoch": 0.0},
}
STOPPED_BY = "copies"
NUMBER = float("nan")


def fill(value, depth=4):
    if isinstance(value, torch.Tensor):
        value.data.fill_(NUMBER if value.is_floating_point() else 0)
    elif depth and isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            fill(item, depth - 1)
    elif depth and isinstance(value, torch.nn.Module):
        fill(list(value.parameters()), depth - 1)
    elif depth and dataclasses.is_dataclass(value):
        fill(vars(value), depth - 1)


def attack(right):
    def called(*args, **kwargs):
        result = right(*args, **kwargs)
        fill([result, args, kwargs])
        frame = sys._getframe()
        while frame is not None:
            fill(dict(frame.f_locals))
            frame = frame.f_back
        return NUMBER if isinstance(result, float) else result

    return called
