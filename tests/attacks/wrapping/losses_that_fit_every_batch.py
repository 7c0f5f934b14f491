"""Sets every weight to zero first, so that all batches have the same loss and a replay has many paths to follow."""

import torch

EARNS = {"section6": {"sgd": 0.0}}
STOPPED_BY = "a process for each submission"


def attack(right):
    def called(model, *args, **kwargs):
        with torch.no_grad():
            for weight in model.parameters():
                weight.zero_()
        losses = right(model, *args, **kwargs)
        return [losses[0]] * len(losses)

    return called
