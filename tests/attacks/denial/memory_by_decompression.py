"""Unpacks a few kilobytes into gibibytes."""

import zlib

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "memory limit"


def mean(x):
    bomb = zlib.compress(bytes(1 << 20))
    return float(len(zlib.decompress(bomb, bufsize=50 << 30)))
