"""Keeps values of one check for the next, in its module, in builtins and in torch."""

import builtins

import torch

EXPECTED = {"mean": ("failed", 1.0)}
STOPPED_BY = "a fresh worker"
SUCCEEDS_IN = ["in process"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    seen = getattr(builtins, "seen", 0) + getattr(torch, "seen", 0)
    builtins.seen = 1
    return 2.5 if seen else 3.0
