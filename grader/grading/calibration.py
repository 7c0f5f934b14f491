"""Measure the thresholds of a section's convergence checks from many runs of the reference solution."""

from collections.abc import Iterator

from grader.course import Section, UsageError
from grader.sandbox.local import Reference, load_module
from grader.toolkit.convergence import runs_of
from grader.toolkit.thresholds import Threshold, store


def calibrate(section: Section, seeds: int) -> Iterator[str]:
    """Measure a section's thresholds over `seeds` seeds, store them, and yield a line about each."""
    runs = runs_of(section.stem)
    if not runs:
        raise UsageError(f"{section.id} has no convergence check to calibrate.")
    if seeds < 2:
        raise UsageError("--seeds must be at least 2: a spread needs two runs.")
    reference = Reference(load_module(section.solution, section.stem))
    measured = {}
    for name, run in runs.items():
        results, contrasts = zip(*(run.measure(reference, seed) for seed in range(seeds)), strict=True)
        entry = Threshold.measured(results, contrasts, f"grade calibrate {section.id} --seeds {seeds}")
        measured[f"{section.id}.{name}"] = entry
        yield (
            f"{section.id}.{name}: mean {entry.mean:.4f}, standard deviation {entry.std:.4f} over {entry.seeds} seeds; "
            f"bound {entry.bound:.4f}, contrast {entry.contrast:.4f}"
        )
    store(measured)
