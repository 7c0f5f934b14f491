"""Writes a file outside its own folders."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}
LEAVES = "file"
TARGETS = {}


def mean(x):
    with open(f"{TARGETS['folder']}/new", "w") as file:
        file.write("x")
    return float(x.mean())
