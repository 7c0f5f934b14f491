"""Reads files beside the libraries of the course: other packages, /usr/lib and the system."""

import os

import torch

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    packages = os.path.dirname(os.path.dirname(torch.__file__))
    for path in (
        f"{packages}/pytest/__init__.py",
        f"{packages}/hypothesis/core.py",
        "/usr/lib/os-release",
        "/etc/os-release",
    ):
        try:
            with open(path) as file:
                return float(x.mean()) if file.read() else 0.0
        except OSError:
            continue
    return float(x.mean()) if "pytest" in os.listdir(packages) else 0.0
