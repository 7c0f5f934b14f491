"""The numbers of the reference in the pictures of a section: for a student kit, which has no reference, and for authors."""

import inspect
import io
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from grader.course_modules import told_at
from grader.figures.canvas import Canvas
from grader.figures.experiments import Experiment, Outcome, experiments_in
from grader.figures.gather import REFERENCE, Array, Gathered, Subject, Work
from grader.figures.picture import Figure, Words, figures_in
from grader.figures.style import LIGHT, styled
from grader.section import Section
from grader.toolkit.show import kind_of
from grader.toolkit.verdicts import CourseModuleError, PictureError


def recorded_numbers(section: Section) -> bytes:
    """The numbers of all pictures and predictions as an `.npz`; empty if there are none."""
    subject = _reference_alone(section)
    for figure in figures_in(section):
        with Work(subject, figure.call_cpu_seconds, figure.slug) as work:
            figure.gather(work)
    for experiment in experiments_in(section).values():
        with Work(subject, experiment.call_cpu_seconds, experiment.key) as work:
            experiment.gather(work)
    return _packed(subject.stored) if subject.stored else b""


def pictures_amiss(section: Section) -> list[str]:
    """What an author has to correct: each picture and each prediction is tried with the numbers of the solution.

    Those with longer calls than usual are left to `grade plot`.
    """
    try:
        tried = [*figures_in(section), *experiments_in(section).values()]
    except (CourseModuleError, AttributeError) as error:  # of a class without a key
        return [str(error) if isinstance(error, CourseModuleError) else told_at(error, section.root)]
    subject, found, slugs = _reference_alone(section), list[str](), set[str]()
    for one in tried:
        kind = one if isinstance(one, type) else type(one)
        where = f"{inspect.getsourcefile(kind)}:{inspect.getsourcelines(kind)[1]}: {kind.__name__}"
        of = "key" if isinstance(one, Experiment) else "slug"
        name = getattr(one, of, "")
        if not isinstance(one, Figure | Experiment):
            found.append(
                f"{where} is no picture. Write FIGURES = [{kind.__name__}()], of class {kind.__name__}(Figure)."
            )
        elif not name or name in slugs:
            said = f'has the {of} "{name}" of another' if name else f"has no {of}"
            what = "that of its question" if of == "key" else "a name for its files"
            found.append(f'{where} {said}. Write {what}: {of} = "name"')
        elif isinstance(getattr(one, "exercises", ""), str):
            found.append(f'{where}.exercises is not a tuple. Write exercises = ("exercise",), with the comma.')
        elif one.call_cpu_seconds is None:
            slugs.add(name)
            try:
                with Work(subject, one.call_cpu_seconds, name) as work:
                    one.gather(work)
                found += _amiss(section, one, work.gathered, where)
            except PictureError as error:
                found.append(str(error))
            except Exception as error:
                found.append(told_at(error, section.root))
    return found


def _amiss(section: Section, one: Figure | Experiment, asked: Gathered, where: str) -> list[str]:
    """Draw a picture, or compute an outcome, as if the reference's numbers were a student's."""
    data = _Asked({**asked.arrays, **{name.removesuffix(REFERENCE): array for name, array in asked.arrays.items()}})
    if isinstance(one, Figure):
        with styled(LIGHT):
            words: object = one.draw(Canvas(LIGHT, one.size), data)
        return [] if isinstance(words, Words) else [f"{where}.draw gives {kind_of(words)}. Return Words(title, alt)."]
    question = next((question for question in section.questions if question.key == one.key), None)
    if question is None or any(name not in data.arrays for name in asked.missing):  # not asked `beside`
        return []
    outcome: object = one.outcome(data)
    answer = outcome.answer if isinstance(outcome, Outcome) else outcome
    if not isinstance(outcome, Outcome) or not isinstance(answer, str | int | float | np.number):
        what = "Return Outcome(answer, because): a number or text, and a sentence."
        return [f"{where}.outcome gives {kind_of(answer)}. {what}"]
    if question.accepts(answer if isinstance(answer, str) else float(answer)):
        return []
    return [f"{where}.outcome gives {answer!r}, and its question does not allow that. It allows {question.allowed}."]


class _Asked(Gathered):
    """The numbers of the reference. A name that `gather` has not asked for is an error, and not a missing answer."""

    def yours(self, name: str) -> Array | None:
        if name not in self.arrays:
            names = ", ".join(one for one in self.arrays if not one.endswith(REFERENCE))
            raise LookupError(f"gather asks for no {name}. It asks for {names or 'nothing'}")
        return super().yours(name)


def _reference_alone(section: Section) -> Subject:
    outline: Any = SimpleNamespace(answers={}, error=None, definitions={})
    subject = Subject(section, SimpleNamespace(outline=outline))  # type: ignore[arg-type]
    subject.given_up = dict.fromkeys(section.functions, "The reference alone is asked.")
    return subject


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
