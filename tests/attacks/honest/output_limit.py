"""Prints very much, from a debugging loop."""

EXPECTED = {"mean": ("passed", 1.25)}
STOPPED_BY = "output limit"


def mean(x):
    for step in range(3000):
        print(f"step {step}: {x.tolist()}")
    return float(x.mean())
