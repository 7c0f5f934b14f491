"""Returns numbers from the objective's own methods, or from the frames of its callers."""

import contextlib
import sys

import torch

EARNS = {
    "section3": {"gradient": 0.0, "finite_difference_gradient": 0.0},
    "section5": {"count_parameters": 0.0},
}
STOPPED_BY = "no answer travels"
WORDS = ("gradient", "grad", "derivative", "trainable", "expected", "count", "answer")


def attack(right):
    def called(first, *args, **kwargs):
        frame, places = sys._getframe(), [first]
        while frame is not None:
            places += frame.f_locals.values()
            frame = frame.f_back
        for place in places:
            for word in WORDS:
                found = getattr(place, word, None)
                if isinstance(found, int | torch.Tensor):
                    return found
                with contextlib.suppress(Exception):
                    return found(*args)
        return torch.zeros_like(args[0]) if args else 0

    return called
