"""Returns one large array thousands of times, so that the grader might copy each."""

import torch

from grader.sandbox.calls import packing

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "strict frames"


def mean(x):
    packing.BLOB_LIMIT = 1 << 60  # of this process, which would refuse to send it
    return [torch.zeros(1 << 20)] * 20_000
