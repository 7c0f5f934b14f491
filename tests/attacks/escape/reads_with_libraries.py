"""Makes numpy, torch, the C library and the dynamic linker read the file."""

import ctypes

import numpy as np
import torch

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}
TARGETS = {}


def mean(x):
    path = f"{TARGETS['folder']}/solution.py"
    ways = (
        lambda: np.fromfile(path, np.uint8),
        lambda: torch.from_file(path, size=10, dtype=torch.uint8),
        lambda: [ctypes.CDLL(None).fopen(path.encode(), b"r") or 1 / 0],
    )
    for way in ways:
        try:
            found = way()
        except (OSError, RuntimeError, ZeroDivisionError):
            continue
        return float(x.mean()) if len(found) else 0.0
    return 0.0
