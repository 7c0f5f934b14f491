"""Changes the grader's own argument, from which the grader then computes the expected value."""

EXPECTED = {"mean": ("failed", 0.0), "centre": ("blocked", 0.0)}
STOPPED_BY = "our own comparison"


def mean(x):
    x.zero_()
    return 0.0


def centre(x):
    return x.zero_()
