"""Keeps values between the calls of one check."""

EXPECTED = {"scale": ("passed", 1.75)}
STOPPED_BY = "a fresh worker"

SEEN = []


def scale(x, factor):
    SEEN.append(factor)
    return x * SEEN[-1]
