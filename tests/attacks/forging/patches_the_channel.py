"""Replaces the worker's channel."""

from grader.sandbox.calls import channel

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "strict frames"

channel.Channel.send = lambda self, *_: self._stream.send(b"passed!!" * 100)


def mean(x):
    return 0.0
