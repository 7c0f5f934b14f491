"""Calls the grader's own function forever, each time with the largest possible message."""

import torch

EXPECTED = {"random_search_step": ("timed_out", 0.0)}
STOPPED_BY = "time limits"
SECTION = "section3"


def random_direction(dim, generator):
    normal = torch.randn(dim, generator=generator, dtype=torch.float64)
    return normal / normal.norm()


def random_search_step(objective, w, step_size, generator):
    large = torch.ones(7 << 20, dtype=torch.float64)
    while True:
        try:
            objective(large)
            objective(w)
        except Exception:
            continue
