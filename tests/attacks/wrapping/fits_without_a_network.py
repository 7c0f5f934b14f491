"""Trains nothing: keeps the first layer as it starts, and computes the best last layer in closed form."""

import torch

EARNS = {"section5": {"train_from_seeds": 0.0}}
STOPPED_BY = "judged by what arrives"


def attack(right):
    def called(width, seeds, X, y, lr, num_steps):
        states = right(width, seeds, X, y, 0.0, 0)
        for state in states if num_steps and isinstance(states, list) else ():
            weight, bias, last, offset = state.values()
            hidden = torch.relu(X @ weight.T + bias)
            best = torch.linalg.lstsq(torch.cat([hidden, torch.ones(len(X), 1).to(X)], 1), y[:, None]).solution
            last.copy_(best[:-1].T)
            offset.copy_(best[-1])
        return states

    return called
