"""Changes a limit of the grader."""

import resource

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
STAGE = {}


def mean(x):
    before = resource.prlimit(STAGE["grader"], resource.RLIMIT_CORE)
    resource.prlimit(STAGE["grader"], resource.RLIMIT_CORE, before)
    return float(x.mean())
