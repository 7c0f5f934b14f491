"""Calls the grader's own function at thousands of points, which the grader then compares with each other."""

import time

import torch

EXPECTED = {"random_search_step": ("failed", 0.0)}
STOPPED_BY = "time limits"
SECTION = "section3"


def random_direction(dim, generator):
    normal = torch.randn(dim, generator=generator, dtype=torch.float64)
    return normal / normal.norm()


def random_search_step(objective, w, step_size, generator):
    start, number = time.process_time(), 0
    while time.process_time() < start + 0.1:
        objective(w + number)
        number += 1
    return w, objective(w)
