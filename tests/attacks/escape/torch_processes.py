"""Starts a process with torch's multiprocessing."""

import torch

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
NEEDS = "processes"


def mean(x):
    process = torch.multiprocessing.get_context("fork").Process(target=len, args=("",))
    process.start()
    process.join()
    return float(x.mean())
