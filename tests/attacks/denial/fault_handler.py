"""Makes a library dump the stack and interrupt it later, from a thread of the library."""

import faulthandler

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"


def mean(x):
    faulthandler.dump_traceback_later(0.01, exit=True)
    return float(x.mean())
