"""Writes many files, each below the size limit."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}
LEAVES = "file"
TARGETS = {}


def mean(x):
    for number in range(10):
        with open(f"{TARGETS['folder']}/folder/{number}", "wb") as file:
            file.write(bytes(1 << 16))
    return float(x.mean())
