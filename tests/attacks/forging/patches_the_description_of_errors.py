"""Makes the worker describe each error as a success."""

from grader.sandbox.calls import worker

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "another process"

worker.describe_failure = lambda *_: None


def mean(x):
    raise KeyError
