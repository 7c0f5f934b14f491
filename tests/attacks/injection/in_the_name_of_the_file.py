"""Is handed in under a hostile name."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "clean text"
FILENAME = "\x1b[2J\u202e::error::##vso[task.complete][bold]x`$(id)` =1+1.py"


def mean(x):
    raise ValueError("x")
