"""Writes a file outside its own folders."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}
LEAVES = "file"
STAGE = {}


def mean(x):
    with open(f"{STAGE['folder']}/new", "w") as file:
        file.write("x")
    return float(x.mean())
