"""Lies in a folder among other files, and has the name of a library module inside."""

import json

EXPECTED = {"mean": ("passed", 1.25)}
STOPPED_BY = "one file"
BESIDE = {"notes.txt": "mine\n", "plot.py": "raise RuntimeError\n", "conftest.py": "raise RuntimeError\n"}


def mean(x):
    return json.loads(json.dumps(float(x.mean())))
