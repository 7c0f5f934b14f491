"""Reads the list of accounts."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    with open("/etc/passwd") as file:
        return float(x.mean()) if file.read() else 0.0
