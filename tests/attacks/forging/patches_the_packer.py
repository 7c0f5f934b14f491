"""Replaces the worker's packing of values and its search for changes."""

from grader.sandbox.calls import packing, worker

EXPECTED = {"mean": ("failed", 0.0), "shift_in_place": ("failed", 0.0)}
STOPPED_BY = "our own comparison"

packing.Packer.pack = lambda self, value, depth=0: "passed"
worker.changes = lambda *_: []


def mean(x):
    return 0.0


def shift_in_place(params, amount):
    for w in params:
        w.zero_()
