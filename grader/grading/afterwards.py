"""Suggestions when everything passes: the picture of the functions, the predictions beside the outcomes, the next exercise."""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from grader.course import Course
from grader.grading.records import Records
from grader.grading.report import Report, Status
from grader.grading.section_progress import next_step
from grader.predictions import EXERCISE
from grader.section import Section


@dataclass(frozen=True)
class Suggestion:
    """A command, and its use."""

    command: str
    why: str


@dataclass(frozen=True)
class _FigureOutline:
    """A figure as its class declares it: nothing of it is executed."""

    exercises: tuple[str, ...]
    about: str


def suggestions(course: Course, section: Section, report: Report) -> list[Suggestion]:
    """Suggestions after a Report with all points, the best first. Only pictures of functions that all pass are offered."""
    kept = Records(course).last(section)
    wrong = {one.result.exercise for one in kept.values() if one.result.status is not Status.PASSED}
    right = {one.result.exercise for one in kept.values()} - wrong
    names = {one.name for one in report.exercises}
    plot = f"grade plot {section.id} {' '.join(names) if len(names) == 1 else ''}".rstrip()
    found = [Suggestion(plot, one.about) for one in _drawn(section, names, right)][:1]
    if section.questions and EXERCISE in right and names - {EXERCISE}:
        found.append(Suggestion(f"grade predict {section.id}", "Your predictions beside what your functions do."))
    return [*found, _next(course)]


def _next(course: Course) -> Suggestion:
    step = next_step(course)
    if step is None:
        return Suggestion("grade pack", "Every section is right: pack your files to hand in.")
    section, exercise = step
    if exercise == EXERCISE:
        return Suggestion(
            f"grade predict {section.id}", f"{section.title}: first its predictions, which are not graded yet."
        )
    return Suggestion(f"grade next {section.id} {exercise}", f"{section.title}: the next exercise.")


def _drawn(section: Section, names: Collection[str], right: Collection[str]) -> Iterator[_FigureOutline]:
    """The figures that are drawn from the named exercises, if all that they need is right."""
    for figure in _figures(section):
        if {*figure.exercises} & {*names} and {*figure.exercises} <= {*right}:
            yield figure


def _figures(section: Section) -> Iterator[_FigureOutline]:
    path = section.room / "figures.py"
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError):
        return
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            exercises = next((_value(one) for one in node.body if _value(one) is not None), None)
            about = (ast.get_docstring(node) or "").partition("\n\n")[0]
            if isinstance(exercises, ast.Tuple) and about:
                yield _FigureOutline(ast.literal_eval(exercises), " ".join(about.split()))


def _value(node: ast.stmt) -> ast.expr | None:
    """The value that a line of a figure assigns to `exercises`, if it does."""
    return node.value if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "exercises" else None
