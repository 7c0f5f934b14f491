"""Is handed in under a hostile name."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "clean text"
FILENAME = "\x1b[2J\u202e::error::[bold]x`$(id)` =1+1.py"


def mean(x):
    raise ValueError("x")
