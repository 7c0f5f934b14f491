"""Types a command into the grader's terminal, as a keyboard does."""

import fcntl
import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"


def mean(x):
    for descriptor in range(5):
        try:
            fcntl.ioctl(descriptor, 0x5412, b"x")  # TIOCSTI
            return float(x.mean())
        except OSError:
            continue
    os.close(os.open("/dev/tty", os.O_RDWR))
    return float(x.mean())
