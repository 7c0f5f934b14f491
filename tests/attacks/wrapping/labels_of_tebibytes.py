"""Returns labels of 2^44, so that counting the labels would need terabytes of memory."""

import torch

EARNS = {"section6": {"sample_minibatch": 0.0, "minibatches": 0.0}}
STOPPED_BY = "a process for each submission"


def huge(batch):
    X, y = batch
    return X, torch.full_like(y, 2**44)


def attack(right):
    def called(*args, **kwargs):
        result = right(*args, **kwargs)
        return huge(result) if isinstance(result, tuple) else map(huge, result)

    return called
