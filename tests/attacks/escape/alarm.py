"""Sets an alarm that would interrupt the next user of its process."""

import signal

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    signal.setitimer(signal.ITIMER_REAL, 60)
    return float(x.mean())
