"""Raises KeyboardInterrupt, as Ctrl-C does."""

EXPECTED = {"mean": ("crashed", 0.0), "scale": ("crashed", 0.0)}
STOPPED_BY = "the kernel's word on an ending"
SUCCEEDS_IN = ["in process"]
THERE = {
    "mean": ("the grader ended with exit code -2", 0.0),
    "scale": ("the grader ended with exit code -2", 0.0),
}


def mean(x):
    raise KeyboardInterrupt


def scale(x, factor):
    raise GeneratorExit
