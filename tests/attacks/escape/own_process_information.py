"""Reads its own /proc entries: maps, memory, limits and the files behind its descriptors."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    for name in ("maps", "environ", "status", "limits", "fd/1"):
        with open(f"/proc/self/{name}", "rb") as file:
            file.read(10)
    return float(x.mean())
