"""Stops the clocks, so that no time seems to pass."""

import time

EXPECTED = {"mean": ("timed_out", 0.0)}
STOPPED_BY = "time limits"

for name in ("time", "monotonic", "perf_counter", "process_time", "clock_gettime", "sleep"):
    setattr(time, name, lambda *_: 0.0)


def mean(x):
    while time.process_time() < 1:
        pass
