"""Sends a message of the zygote, which says that this worker ended normally."""

import contextlib
import os

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "strict frames"

MESSAGE = b'{"type":"ended","job":1,"status":0,"cpu_seconds":0.0}'

for descriptor in range(1024):
    with contextlib.suppress(OSError):
        os.write(descriptor, MESSAGE)


def mean(x):
    return 0.0
