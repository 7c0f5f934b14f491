"""Loops at every import."""

import sys

EXPECTED = {"mean": ("timed_out", 0.0)}
STOPPED_BY = "time limits"


class Endless:
    def find_spec(self, *_):
        while True:
            pass


sys.meta_path.insert(0, Endless())


def mean(x):
    import wave

    return float(bool(wave))
