"""Answers with one large array, mentioned thousands of times, each of which the grader might copy."""

import torch

from grader.sandbox.calls import values

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "strict frames"


def mean(x):
    values.BLOB_LIMIT = 1 << 60  # of this process, which would refuse to send it
    return [torch.zeros(1 << 20)] * 20_000
