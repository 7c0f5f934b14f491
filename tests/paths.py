"""Folders that tests read."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TINY = ROOT / "tests" / "courses" / "tiny"
ITERATIVE = ROOT / "courses" / "iterative_methods"  # the example in numpy, for authors
RED = ROOT / "tests" / "courses" / "red"
REPORTS = ROOT / "tests" / "grading" / "golden"  # Reports of real submissions to the tiny course, by name
MESSAGES = ROOT / "tests" / "render" / "terminal" / "golden"
