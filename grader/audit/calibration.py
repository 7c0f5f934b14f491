"""Measure the thresholds of a section's convergence checks: the reference over many seeds, the mistakes over some."""

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import scipy

from grader.audit.measurements import Measurements, Series, Store, extend, fingerprint, fit_tail, versions
from grader.course import Course, UsageError
from grader.course_modules import told_at
from grader.diagnosis.known_mistakes import mistakes_of
from grader.grading.section_run import contract_of
from grader.sandbox.calls.in_process import LocalStudent
from grader.sandbox.calls.local_calls import LocalReference
from grader.section import Section
from grader.toolkit.convergence import Measurement, Run, ScaledRun
from grader.toolkit.show import kind_of
from grader.toolkit.thresholds import Kills, Scale, Threshold, store

FEWEST_SEEDS = 200
MISTAKE_SEEDS = 20
GOAL = 1e-6  # the reach is the value that right answers exceed with at most this probability
DEVIATIONS = 5  # standard deviations of margin at both ends of a scale
ROUND = 1000  # the ends of a scale are multiples of 1 / 1000, so that a text can state them
SHARE = 0.1  # the threshold lies at this part of the way from the reach to the nearest wrong run


def measurements_of(root: Path) -> Store:
    """The measurements of a course, which lie beside their plots."""
    return Store(root / "docs" / "images" / "thresholds")


def calibrated_sections(course: Course) -> list[Section]:
    """The sections that have convergence checks."""
    return [section for section in course.sections if runs_of(section) or scaled_runs_of(section)]


def calibrate(section: Section, seeds: int, kept: Store, afresh: bool = False) -> Iterator[str]:
    """Measure a section's thresholds over `seeds` seeds, store them, and yield lines to print.

    Measurements in `kept` are not repeated, unless `afresh`.
    """
    runs, scaled = runs_of(section), scaled_runs_of(section)
    if not runs and not scaled:
        raise UsageError(f"{section.id} has no convergence check to calibrate.")
    if seeds < FEWEST_SEEDS:
        raise UsageError(f"--seeds must be at least {FEWEST_SEEDS}: fewer runs show too little of a tail.")
    calibrator = Calibrator.of(section)
    for name, run in runs.items():
        _expect_measurable(section, name, run, calibrator.reference)
        full_name = f"{section.id}.{name}"
        old = Measurements(full_name) if afresh else kept.load(full_name)
        yield f"{full_name}: {seeds} runs of the reference, {MISTAKE_SEEDS} of each mistake; kept runs are not repeated"
        found = calibrator.measure(run, old, seeds, kept)
        entry = judge(found, seeds, run.limit, f"grade calibrate {section.id} --seeds {seeds}")
        store(section.thresholds, {name: entry})
        yield from _summary_of(entry)
    for name, scaled_run in scaled.items():
        full_name = f"{section.id}.{name}"
        old = Measurements(full_name) if afresh else kept.load(full_name)
        yield f"{full_name}: {scaled_run.seeds} runs of the reference and of the contrast; kept runs are not repeated"
        found = calibrator.measure_scaled(scaled_run, old, kept)
        scale = scale_of(found, scaled_run.seeds, f"grade calibrate {section.id}")
        store(section.thresholds, {name: scale})
        yield (
            f"  mean {scale.mean:.4g}, standard deviation {scale.std:.2g}, contrast {scale.contrast:.4g}; "
            f"all points up to {scale.everything:.4g}, none from {scale.nothing:.4g}"
        )


@dataclass(frozen=True)
class Calibrator:
    """Measures the runs of a section: the reference, and the mistakes of each exercise by slug."""

    reference: Any
    source: str
    mistakes: Mapping[str, Mapping[str, tuple[Any, str]]]

    @classmethod
    def of(cls, section: Section) -> "Calibrator":
        """The solution and the mistakes of a section, each as a solver and its source."""
        contract = contract_of(section)
        mistakes: dict[str, dict[str, tuple[Any, str]]] = {}
        for mistake in mistakes_of(section):
            solver = LocalStudent(partial(getattr, mistake, "module"), contract, mistake.filename)
            mistakes.setdefault(mistake.exercise, {})[mistake.slug] = (solver, mistake.source)
        return cls(LocalReference(contract), section.solution.read_text(encoding="utf-8"), mistakes)

    def measure(self, run: Run, found: Measurements, seeds: int, kept: Store) -> Measurements:
        """Measure the runs that `found` lacks, and save them on the way."""

        def keep() -> None:
            kept.save(found)

        self._measure_right(run, found, seeds, MISTAKE_SEEDS, kept)
        mistakes = self.mistakes.get(run.exercise, {})
        found.mistakes = {
            slug: _current(run, found.mistakes.get(slug), source) for slug, (_, source) in mistakes.items()
        }
        for slug, (solver, _) in mistakes.items():
            extend(found.mistakes[slug], MISTAKE_SEEDS, partial(run.measure, solver), keep)
        return found

    def measure_scaled(self, run: ScaledRun, found: Measurements, kept: Store) -> Measurements:
        """Measure the runs of the reference and the contrast that `found` lacks, and save them on the way."""
        self._measure_right(run, found, run.seeds, run.seeds, kept)
        return found

    def _measure_right(
        self, run: Run | ScaledRun, found: Measurements, seeds: int, contrast_seeds: int, kept: Store
    ) -> None:
        found.versions = versions(self.source)
        found.reference, found.contrast = (_current(run, old, self.source) for old in (found.reference, found.contrast))
        extend(found.reference, seeds, partial(run.measure, self.reference), lambda: kept.save(found))
        measure = partial(run.contrast, self.reference)
        extend(found.contrast, contrast_seeds, lambda seed: Measurement(measure(seed), True), lambda: kept.save(found))


def _current(run: Run | ScaledRun, old: Series | None, source: str) -> Series:
    """The old series, if its code is the same; else an empty one."""
    current = fingerprint(run, source)
    return old if old is not None and old.fingerprint == current else Series(current)


def judge(found: Measurements, seeds: int, limit: float | None, command: str) -> Threshold:
    """The threshold that follows from measurements, and its rate of false fails.

    Raises:
        UsageError: the reference fails its own check, or may reach the values of the contrast.
    """
    reference, contrast = (
        _values_of_passes(found, one, n) for one, n in ((found.reference, seeds), (found.contrast, MISTAKE_SEEDS))
    )
    tail = fit_tail(reference)
    reach = tail.point(GOAL)
    wrong = [value for one in found.mistakes.values() for value in one.values if value is not None]
    nearest = min(value for value in [*contrast, *wrong, float("inf")] if value > reach)
    threshold = limit if limit is not None else reach + SHARE * (nearest - reach)
    if threshold < reach or min(contrast) <= threshold:
        raise UsageError(
            f"{found.run}: the reference may reach {reach:.4g}, and the contrast reaches {min(contrast):.4g}. "
            f"{_about(reference)} No threshold tells them apart; redesign the run: more steps, more data, the mean of several "
            "runs, another quantity."
        )
    return Threshold(
        mean=statistics.fmean(reference),
        std=statistics.stdev(reference),
        reach=reach,
        threshold=threshold,
        false_fail=tail.exceedance(threshold),
        contrast=statistics.fmean(contrast),
        seeds=seeds,
        mistake_seeds=MISTAKE_SEEDS,
        command=command,
        versions=found.versions | {"scipy": scipy.__version__},
        mistakes={slug: _kills(one, threshold, reach) for slug, one in found.mistakes.items()},
    )


def scale_of(found: Measurements, seeds: int, command: str) -> Scale:
    """The values for all points and for none: the means of the reference and of the contrast, each with a margin.

    Raises:
        UsageError: the two overlap.
    """
    reference, contrast = (_values_of_passes(found, one, seeds) for one in (found.reference, found.contrast))
    (mean, std), (other, other_std) = ((statistics.fmean(one), statistics.stdev(one)) for one in (reference, contrast))
    everything = math.ceil((mean + DEVIATIONS * std) * ROUND) / ROUND
    nothing = math.floor((other - DEVIATIONS * other_std) * ROUND) / ROUND
    if everything >= nothing:
        raise UsageError(
            f"{found.run}: the contrast reaches {min(contrast):.4g}, and so may the reference. {_about(reference)} "
            "Redesign the run."
        )
    return Scale(*(everything, nothing, mean, std, other, other_std, seeds, command), versions=found.versions)


def _about(reference: Sequence[float]) -> str:
    """The measured runs of the reference in a sentence, for an author who has to redesign them."""
    mean, std, worst = statistics.fmean(reference), statistics.stdev(reference), max(reference)
    return (
        f"Its {len(reference)} runs: mean {mean:.4g}, standard deviation {std:.2g}, "
        f"worst {worst:.4g} (seed {list(reference).index(worst)})."
    )


def _values_of_passes(found: Measurements, series: Series, seeds: int) -> list[float]:
    """The values of a series. Raises UsageError if a run fails the check."""
    values = [value for value in series.values[:seeds] if value is not None]
    broken = [seed for seed in series.broken if seed < seeds]
    if broken or len(values) < seeds:
        missing = [seed for seed, value in enumerate(series.values) if value is None]
        raise UsageError(f"{found.run}: the reference fails its own check with seed {min([*broken, *missing])}.")
    return values


def _kills(series: Series, threshold: float, reach: float) -> Kills:
    above = {seed for seed, value in enumerate(series.values) if value is None or value > threshold}
    failed = above | set(series.broken)
    inside = all(value is not None and value <= reach for value in series.values)
    count = len(series.values)
    return Kills(len(above) / count, len(failed) / count, as_reference=inside and not series.broken)


def _summary_of(entry: Threshold) -> Iterator[str]:
    yield (
        f"  mean {entry.mean:.4g}, standard deviation {entry.std:.2g}, reach {entry.reach:.4g}; "
        f"threshold {entry.threshold:.4g}, false fails below {entry.false_fail:.0e}; contrast {entry.contrast:.4g}"
    )
    for slug, kills in entry.mistakes.items():
        if kills.by_check == 0:
            yield f"  {slug}: passes here; other checks must find it"
        elif kills.by_check < 1:
            yield f"  {slug}: fails in only {kills.by_check:.0%} of the runs. Redesign the run; do not loosen the threshold."


def runs_of(section: Section) -> Mapping[str, Run]:
    """The training runs of a section, by the names of their thresholds."""
    runs: Mapping[str, Run] = _listed(section, "RUNS", Run)
    return runs


def scaled_runs_of(section: Section) -> Mapping[str, ScaledRun]:
    """The runs of this section that are listed in `SCALED_RUNS`."""
    runs: Mapping[str, ScaledRun] = _listed(section, "SCALED_RUNS", ScaledRun)
    return runs


def _listed(section: Section, table: str, kind: type) -> Mapping[str, Any]:
    """The runs in a table of the section's convergence.py. Raises UsageError if it holds something else."""
    module, path = section.module("convergence"), section.room / "convergence.py"
    runs = getattr(module, table, {})
    if not isinstance(runs, Mapping):
        raise UsageError(f'{path}: {table}: write a dictionary, {table} = {{"name": MyRun()}}.')
    for name, run in runs.items():
        where = f"{path}: {table}[{name!r}]"
        if isinstance(run, type):
            raise UsageError(f"{where} is a class. Write {run.__name__}().")
        lacking = [one for one in vars(kind) if not one.startswith("_") and not hasattr(run, one)]
        if lacking:
            raise UsageError(f"{where} has no {', no '.join(lacking)}. docs/toolkit.md lists what a run has.")
    return runs


def _expect_measurable(section: Section, name: str, run: Run, reference: Any) -> None:
    """Raise UsageError, with the author's file and line, unless a run measures the reference and the contrast."""
    where = f"{section.room / 'convergence.py'}: RUNS[{name!r}]"
    try:
        found, contrast = run.measure(reference, 0), run.contrast(reference, 0)
    except Exception as error:
        raise UsageError(told_at(error, section.root)) from error
    if not isinstance(found, Measurement):
        raise UsageError(f"{where}.measure returns {kind_of(found)}. Return Measurement(value, by_the_rule).")
    if not isinstance(contrast, float | int):
        raise UsageError(f"{where}.contrast returns {kind_of(contrast)}. Return a number.")
