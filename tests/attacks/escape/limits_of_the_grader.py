"""Changes a limit of the grader."""

import resource

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
TARGETS = {}


def mean(x):
    before = resource.prlimit(TARGETS["grader"], resource.RLIMIT_CORE)
    resource.prlimit(TARGETS["grader"], resource.RLIMIT_CORE, before)
    return float(x.mean())
