"""Has a library dump and interrupt it after a while, by a thread of its own."""

import faulthandler

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"


def mean(x):
    faulthandler.dump_traceback_later(0.01, exit=True)
    return float(x.mean())
