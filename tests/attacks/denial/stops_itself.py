"""Stops its own process, as Ctrl-Z does, so that the grader waits."""

import contextlib
import os
import signal

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "time limits"


def mean(x):
    for number in (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
        with contextlib.suppress(PermissionError):
            os.kill(os.getpid(), number)
    return 0.0
