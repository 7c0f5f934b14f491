"""The checks of a section as their file declares them. The file is read as a syntax tree and never executed."""

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.machinery import PathFinder
from importlib.util import find_spec
from typing import Any

from grader.predictions import EXERCISE, POINTS, Question

UNCHANGED_TITLE = "Leaves its inputs unchanged"


class Origin(StrEnum):
    """Where a check comes from."""

    WRITTEN = "written"  # in the section's file of checks
    UNCHANGED = "unchanged"  # generated: an exercise leaves its inputs unchanged
    PREDICTION = "prediction"  # generated: a question is answered


@dataclass(frozen=True)
class CheckOutline:
    """A check as its decorator and docstring declare it, or as it is generated."""

    id: str
    exercise: str
    title: str
    points: float
    hidden: bool
    call_cpu_seconds: float = 0.0  # what a call may take where that is longer than usual
    needs: tuple[str, ...] = ()
    uses_reference: bool = False  # it compares with the solution, which a student's copy of the course does not have
    uses_code_seed: bool = False  # its data depend on the course's key and on the code of the whole file
    origin: Origin = Origin.WRITTEN


@dataclass(frozen=True)
class Ban:
    """Names of libraries, each with all that is below it, that some exercises may not use, and the reason why."""

    names: tuple[str, ...]
    exercises: tuple[str, ...]
    reason: str  # ends a sentence, and says what is allowed instead


def checks_in(
    tree: ast.Module, questions: Sequence[Question], unchanged: Mapping[str, float]
) -> tuple[CheckOutline, ...]:
    """The checks of a section: first those of its predictions, then those of its file, in order.

    After the last check of each exercise in `unchanged` comes its generated check, worth so many points.
    """
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    written = [outline for node in functions for outline in [_written(node)] if outline]
    last = {check.exercise: check for check in written}
    found = [_prediction(question) for question in questions]
    for check in written:
        found.append(check)
        if last[check.exercise] is check and check.exercise in unchanged:
            found.append(_generated(check.exercise, unchanged[check.exercise], written))
    return tuple(found)


def literal_in(tree: ast.Module, name: str) -> Any:
    """The literal that a file assigns to a name at its top level; None if it assigns none."""
    return next((ast.literal_eval(node) for node in _assigned(tree, name)), None)


def missing_modules(tree: ast.Module, name: str) -> Iterator[tuple[int, str]]:
    """The modules in the tuple of this name that are not installed here, each with its line. Nothing is imported."""
    for node in _assigned(tree, name):
        for item in getattr(node, "elts", ()):
            if not _is_module(ast.literal_eval(item)):
                yield item.lineno, ast.literal_eval(item)


def _assigned(tree: ast.Module, name: str) -> Iterator[ast.expr]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            yield node.value


def _is_module(name: str) -> bool:
    top, *below = name.split(".")
    spec = find_spec(top) if top.isidentifier() else None
    for part in below:  # `find_spec` of the whole name would import the package
        top = f"{top}.{part}"
        places = spec.submodule_search_locations if spec else None
        spec = PathFinder.find_spec(top, places) if places else None
    return spec is not None or name in sys.modules  # such as os.path, whose file has another name


def _generated(exercise: str, points: float, written: Sequence[CheckOutline]) -> CheckOutline:
    """The check that an exercise leaves its inputs unchanged: the calls of its other checks decide it."""
    own = [check for check in written if check.exercise == exercise]
    mine = {check.id for check in own}
    values = tuple(check.id for check in own if not mine.intersection(check.needs))
    name = f"{exercise}_leaves_its_inputs_unchanged"
    return CheckOutline(name, exercise, UNCHANGED_TITLE, points, hidden=False, needs=values, origin=Origin.UNCHANGED)


def _prediction(question: Question) -> CheckOutline:
    """The check that a question is answered."""
    return CheckOutline(question.check_id, EXERCISE, question.title, POINTS, hidden=False, origin=Origin.PREDICTION)


def _written(node: ast.FunctionDef) -> CheckOutline | None:
    """Read `@check("exercise", points=2, ...)` above a function; None if there is none."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "check":
            options = {keyword.arg: ast.literal_eval(keyword.value) for keyword in decorator.keywords if keyword.arg}
            title = (ast.get_docstring(node) or node.name).splitlines()[0].rstrip(".")
            exercise = str(ast.literal_eval(decorator.args[0]))
            points, hidden = float(options["points"]), bool(options.get("hidden", False))
            seconds = float(options.get("call_cpu_seconds") or 0)
            needs = tuple(options.get("needs", ()))
            fixtures = {argument.arg for argument in node.args.args}
            name = node.name.removeprefix("test_")
            return CheckOutline(
                *(name, exercise, title, points, hidden, seconds, needs),
                uses_reference="reference" in fixtures,
                uses_code_seed="code_seed" in fixtures,
            )
    return None
