"""Lists the processes of the grader and of a classmate."""

import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "namespaces"
SUCCEEDS_IN = ["without namespaces", "Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
TARGETS = {}


def mean(x):
    grader = f"/proc/{TARGETS['grader']}"
    return float(x.mean()) if os.path.isdir(grader) and os.stat(grader).st_uid >= 0 else 0.0
