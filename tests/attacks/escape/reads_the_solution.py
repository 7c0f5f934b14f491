"""Opens the file with the solution, executes it and answers with it."""

EXPECTED = {"mean": ("failed", 0.0), "centre": ("blocked", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25), "centre": ("passed", 0.5)}
TARGETS = {}

with open(TARGETS["solution"]) as file:
    exec(file.read())
