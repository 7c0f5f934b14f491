"""Fills the fields of the objective with NaN, keeps the weights, and returns NaN, which the checks might then expect."""

import torch

EARNS = {"section3": {"gradient": 0.0, "finite_difference_gradient": 0.0, "gradient_descent": 0.0}}
STOPPED_BY = "copies"


def attack(right):
    def called(objective, w, *args, **kwargs):
        result = right(objective, w, *args, **kwargs)
        for field in vars(objective).values() if hasattr(objective, "__dict__") else ():
            if isinstance(field, torch.Tensor) and field.is_floating_point():
                field.fill_(float("nan"))
        return torch.full_like(result, float("nan"))

    return called
