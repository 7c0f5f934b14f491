"""Sleeps forever, and sends the grader a question before each time check."""

import time

import torch

EXPECTED = {"random_search_step": ("timed_out", 0.0)}
STOPPED_BY = "time limits"
SECTION = "section3"


def random_direction(dim, generator):
    normal = torch.randn(dim, generator=generator, dtype=torch.float64)
    return normal / normal.norm()


def random_search_step(objective, w, step_size, generator):
    direction = random_direction(len(w), generator)
    while True:
        time.sleep(0.04)
        try:
            objective(1)
        except Exception:
            continue
    return w + step_size * direction
