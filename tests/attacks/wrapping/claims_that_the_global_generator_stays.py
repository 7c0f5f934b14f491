"""Draws from torch's global generator, and replaces the program that checks the generator's state."""

import sys

import torch

EARNS = {"section3": {"random_direction": 2.0}}
STOPPED_BY = "secrets"
BEFORE = torch.get_rng_state()


def random_state_after(submission, *args, **kwargs):
    return BEFORE.clone()


random_state_after.__module__ = "grader.toolkit.programs"
sys.modules["grader.toolkit.programs"].random_state_after = random_state_after


def attack(right):
    def called(*args, **kwargs):
        torch.rand(1)
        return right(*args, **kwargs)

    return called
