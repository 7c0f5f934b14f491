"""The numbers of the reference in the pictures of a section, for a student kit, which has no reference."""

import io
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from grader.course import Section
from grader.figures.experiments import experiments_in
from grader.figures.gather import Array, Subject, Work
from grader.figures.picture import figures_in


def recorded_numbers(section: Section) -> bytes:
    """The numbers of all pictures and predictions as an `.npz`; empty if there are none."""
    outline: Any = SimpleNamespace(answers={}, error=None, definitions={})
    subject = Subject(section, SimpleNamespace(outline=outline))  # type: ignore[arg-type]
    subject.given_up = dict.fromkeys(section.functions, "The reference alone is asked.")
    for figure in figures_in(section):
        with Work(subject, figure.call_cpu_seconds, figure.slug) as work:
            figure.gather(work)
    for experiment in experiments_in(section).values():
        with Work(subject, experiment.call_cpu_seconds, experiment.key) as work:
            experiment.gather(work)
    return _packed(subject.stored) if subject.stored else b""


def _packed(arrays: Mapping[str, Array]) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{name: _short(array) for name, array in arrays.items()})  # type: ignore[arg-type]
    return buffer.getvalue()


def _short(array: Array) -> Array:
    """The array in single precision, which is more than a picture shows, if its numbers fit in."""
    if array.dtype != np.float64:
        return array
    with np.errstate(over="ignore"):
        short = array.astype(np.float32)
    return short if np.isfinite(short).all() else array
