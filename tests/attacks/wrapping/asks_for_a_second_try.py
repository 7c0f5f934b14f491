"""Overwrites its arguments in the first call, raises torch's out-of-memory error, and returns NaN in later calls."""

import dataclasses

import torch

EARNS = {
    "section3": {"gradient": 0.0},
    "section4": {"condition_number": 0.0},
    "section5": {"loss_surface": 0.0},
    "section6": {"gradient_noise": 0.0},
}
STOPPED_BY = "the kernel's word"
CALLS = []


def attack(right):
    def called(*args, **kwargs):
        result = right(*args, **kwargs)
        for value in [*args, *kwargs.values()]:
            for part in [value, *(vars(value).values() if dataclasses.is_dataclass(value) else ())]:
                if isinstance(part, torch.Tensor) and part.is_floating_point():
                    part.data.fill_(float("nan"))
        CALLS.append(result)
        if len(CALLS) == 1:
            raise RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory")
        return torch.full_like(result, float("nan")) if isinstance(result, torch.Tensor) else float("nan")

    return called
