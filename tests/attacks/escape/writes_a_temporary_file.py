"""Writes a file in the folder of temporary files."""

import tempfile

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    tempfile.tempdir = "/tmp"
    with tempfile.TemporaryFile() as file:
        file.write(bytes(1 << 16))
    return float(x.mean())
