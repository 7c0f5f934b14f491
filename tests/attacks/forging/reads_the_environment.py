"""Searches the grader's environment for an answer."""

import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "another process"
SUCCEEDS_IN = ["in process"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    return float(x.mean()) if "GRADE_ATTACK_ANSWER" in os.environ else 0.0
