"""Lets torch start processes: by its own multiprocessing, and as the workers of a loader."""

import torch

EXPECTED = {"mean": ("failed", 0.0), "scale": ("failed", 0.0)}
STOPPED_BY = "seccomp"


def mean(x):
    process = torch.multiprocessing.Process(target=print)
    process.start()
    process.join()
    return float(x.mean())


def scale(x, factor):
    for batch in torch.utils.data.DataLoader(x.reshape(-1), num_workers=1):
        print(batch)
    return x * factor
