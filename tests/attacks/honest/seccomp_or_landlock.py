"""Imports library modules late, and asks whether a file exists."""

import os

EXPECTED = {"mean": ("passed", 1.25)}
STOPPED_BY = "seccomp or Landlock"


def mean(x):
    import statistics
    import wave

    assert wave.__name__ == "wave"
    assert not os.path.exists("/no/such/file")
    with open(os.devnull, "w") as nothing:
        print("x", file=nothing)
    return float(statistics.fmean(x.reshape(-1).tolist()))
