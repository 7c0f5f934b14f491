"""Draws from torch's global generator, and replaces the program that checks the generator's state."""

import contextlib
import sys

import torch

EARNS = {"section3": {"random_direction": 2.25}}
STOPPED_BY = "secrets"
BEFORE = torch.get_rng_state()

for module in [module for name, module in sys.modules.items() if name.startswith("grader")]:
    with contextlib.suppress(Exception):
        module.random_state_after = lambda submission, *args, **kwargs: BEFORE.clone()


def attack(right):
    def called(*args, **kwargs):
        torch.rand(1)
        return right(*args, **kwargs)

    return called
