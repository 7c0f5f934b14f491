"""Loops, ignores every signal that can be ignored and catches every exception."""

import signal

EXPECTED = {"mean": ("timed_out", 0.0)}
STOPPED_BY = "time limits"

for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)


def mean(x):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
