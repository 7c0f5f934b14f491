"""Replaces the part of the worker that calls the submission's functions."""

from grader.sandbox.calls import wire, worker

EXPECTED = {"mean": ("failed", 0.0), "scale": ("failed", 0.0)}
STOPPED_BY = "our own comparison"

worker.Server._call = lambda self, request, blob, packer: wire.Response(request.id, value=True)


def mean(x): ...


def scale(x, factor): ...
