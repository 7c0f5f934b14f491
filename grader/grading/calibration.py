"""Measure the thresholds of convergence checks from many runs of the reference solution."""

from collections.abc import Callable, Iterator

from grader.course import Course, Section, UsageError
from grader.sandbox.local import Reference, load_module
from grader.toolkit.convergence import MOMENTUM
from grader.toolkit.thresholds import Threshold, store

Runner = Callable[[Reference, int], tuple[float, float]]


def _momentum(reference: Reference, seed: int) -> tuple[float, float]:
    """Loss with the reference's momentum, and with plain gradient descent."""

    def update(weights: object, gradient: object, velocity: object) -> None:
        reference.momentum_step([weights], [gradient], [velocity], lr=MOMENTUM.lr, beta=MOMENTUM.beta)

    return MOMENTUM.train(update, seed).loss, MOMENTUM.plain(seed)


RUNS: dict[str, Runner] = {"section4.mnist": _momentum}


def calibrate(course: Course, section: Section, seeds: int) -> Iterator[str]:
    """Measure a section's thresholds over `seeds` seeds, store them, and yield a line about each."""
    names = [name for name in RUNS if name.startswith(f"{section.id}.")]
    if not names:
        raise UsageError(f"{section.id} has no convergence check to calibrate.")
    if seeds < 2:
        raise UsageError("--seeds must be at least 2: a spread needs two runs.")
    reference = Reference(load_module(section.solution, section.stem))
    measured = {}
    for name in names:
        results = [RUNS[name](reference, seed) for seed in range(seeds)]
        entry = Threshold.measured(
            [loss for loss, _ in results],
            [contrast for _, contrast in results],
            f"grade calibrate {section.id} --seeds {seeds}",
        )
        measured[name] = entry
        yield (
            f"{name}: mean {entry.mean:.4f}, standard deviation {entry.std:.4f} over {entry.seeds} seeds; "
            f"bound {entry.bound:.4f}, plain {entry.contrast:.4f}"
        )
    store(measured)
