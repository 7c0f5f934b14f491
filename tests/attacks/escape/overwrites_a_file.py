"""Overwrites, truncates, renames and removes an existing file."""

import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}
LEAVES = "file"
TARGETS = {}


def tried(action, *arguments):
    try:
        action(*arguments)
    except OSError:
        return False
    return True


def mean(x):
    victim = f"{TARGETS['folder']}/victim.txt"
    done = [
        tried(os.open, victim, os.O_WRONLY | os.O_TRUNC),
        tried(os.truncate, victim, 1),
        tried(os.rename, victim, f"{victim}.moved"),
        tried(os.unlink, f"{victim}.moved"),
        tried(os.mkdir, f"{victim}.folder"),
        tried(os.rmdir, f"{victim}.folder"),
    ]
    return float(x.mean()) if any(done) else 0.0
