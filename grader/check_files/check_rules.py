"""Errors that an author can make in a file of checks: the line, the cause and the fix of each.

The rules read the syntax tree, and execute nothing. The engine asks them before it uses a file; `grade lint` lists all that they
find. `grader/check_files/pytest_rules.py` has those about pytest.
"""

import ast
import difflib
import math
import re
from collections.abc import Callable, Collection, Iterator

from grader.check_files.check_file import (
    FIXTURES,
    OF_STUDENT,
    SERVANTS,
    CheckFile,
    Flaw,
    Function,
    decorators_of,
    last_name,
    literal_of,
)
from grader.check_files.expected_errors import unshortened
from grader.check_files.pytest_rules import PYTEST_RULES
from grader.toolkit.names_used import names_used, nodes_in

_OPTIONS = ("points", "needs", "hidden", "call_cpu_seconds", "scratch_mib")
_TABLES = ("CHANGES", "UNCHANGED")  # by exercise
_LITERALS = (*_TABLES, "FORBIDDEN", "PRELOAD")


def flaws_in(tree: ast.Module, exercises: Collection[str]) -> list[Flaw]:
    """The flaws of a file of checks, by line. `exercises` are the names of the section's file; without any, no name is judged."""
    file = CheckFile(tree, exercises)
    found = [flaw for rule in _RULES for flaw in rule(file)]
    return sorted(found, key=lambda flaw: flaw.line)


def _has_checks(file: CheckFile) -> Iterator[Flaw]:
    # Without a check, functions named `test...` have errors of their own.
    if not file.checks and not any(node.name.startswith("test") for node in file.functions):
        yield Flaw(1, 'there are no checks in this file. Write a function below @check("exercise", points=1).')


def _are_functions_with_one_name(file: CheckFile) -> Iterator[Flaw]:
    seen: dict[str, int] = {}
    for node in file.functions:
        if node.name in seen:
            first = f"the one at line {seen[node.name]}"
            yield Flaw(node.lineno, f"a second function called {node.name} replaces {first}. Rename one of them.")
        seen[node.name] = node.lineno
    for other in file.tree.body:
        if isinstance(other, ast.ClassDef) and (
            other.name.startswith("Test") or any(last_name(base) == "TestCase" for base in other.bases)
        ):
            yield Flaw(other.lineno, f"a class of tests, {other.name}. Make each of its tests a function below @check.")


def _are_declared(file: CheckFile) -> Iterator[Flaw]:
    checks = {node.name for node, _ in file.checks}
    for node in file.functions:
        names = [last_name(one.func if isinstance(one, ast.Call) else one) for one in node.decorator_list]
        if node.name.startswith("test") and node.name not in checks:
            yield Flaw(node.lineno, f'{node.name} has no @check. Write @check("exercise", points=1) above it.')
        elif node.name in checks and not node.name.startswith("test_"):
            yield Flaw(node.lineno, f"a check's name begins with test_. Call it test_{node.name}.")
        elif node.name in checks and isinstance(node, ast.AsyncFunctionDef):
            yield Flaw(node.lineno, f"{node.name} is async, and its calls would not run. Write def without async.")
        if names.count("check") > 1:
            yield Flaw(node.lineno, f"{node.name} has two @check. Write a function for each.")
        for one in decorators_of(node):
            if last_name(one.func) == "check" and not isinstance(one.func, ast.Name):
                yield Flaw(one.lineno, f"write @check(...), not @{ast.unparse(one.func)}(...): import the name itself.")


def _are_worth_points(file: CheckFile) -> Iterator[Flaw]:
    for node, call in file.checks:
        known, exercise = literal_of(call.args[0]) if call.args else (False, None)
        if len(call.args) != 1 or not known or not isinstance(exercise, str):
            yield Flaw(call.lineno, f'@check of {node.name} names no exercise. Write @check("exercise", points=1).')
        elif file.unknown(exercise):
            yield Flaw(call.lineno, f"{node.name}: {file.unknown(exercise)}")
        options = {keyword.arg: keyword.value for keyword in call.keywords}
        if "points" not in options:
            yield Flaw(call.lineno, f"{node.name} is worth no points. Write points=1 behind the exercise.")
        for name, value in options.items():
            known, literal = literal_of(value)
            if name not in _OPTIONS:
                yield Flaw(call.lineno, f"@check has no option {name or '**'}. It has {', '.join(_OPTIONS)}.")
            elif not known:
                text = ast.unparse(value)
                yield Flaw(
                    value.lineno, f"{name}={text} is computed. Write the value itself: this file is read, not run."
                )
            elif name == "points" and not _is_worth(literal):
                yield Flaw(value.lineno, f"points={literal!r}: write a number above 0, such as points=1.")
            elif name == "hidden" and not isinstance(literal, bool):
                yield Flaw(value.lineno, f"hidden={literal!r}: write hidden=True, or leave it out.")
            elif name == "needs" and isinstance(literal, str):
                yield Flaw(value.lineno, f"needs={literal!r}: write a list of names, needs=[{literal!r}].")


def _needs_are_above(file: CheckFile) -> Iterator[Flaw]:
    above: set[str] = set()
    for node, call in file.checks:
        for keyword in call.keywords:
            needs = literal_of(keyword.value)[1] if keyword.arg == "needs" else ()
            for need in needs if isinstance(needs, list | tuple) else ():
                if need not in above:
                    close = difflib.get_close_matches(str(need), sorted(above), n=1)
                    hint = f" Did you mean {close[0]}?" if close else ""
                    text = f"{node.name} needs {need}, and no check above it has this name or is about this exercise."
                    yield Flaw(keyword.value.lineno, text + hint)
        above |= {node.name.removeprefix("test_"), str(literal_of(call.args[0])[1]) if call.args else ""}


def _have_titles(file: CheckFile) -> Iterator[Flaw]:
    for node, _ in file.checks:
        lines = (ast.get_docstring(node) or "").strip().splitlines()
        if not lines:
            text = f"{node.name} needs a docstring. Its first line is the title that students see."
            yield Flaw(node.lineno, text)
        elif lines[0].endswith(("...", "…")):
            yield Flaw(node.body[0].lineno, f"the title of {node.name} ends in an ellipsis. Say it whole, in one line.")


def _calls_are_known(file: CheckFile) -> Iterator[Flaw]:
    for function, nodes in file.nodes:
        args = function.args if isinstance(function, Function) else None
        fixtures = {argument.arg for argument in (*args.args, *args.kwonlyargs)} & {*SERVANTS} if args else ()
        for node in nodes if fixtures else ():
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in fixtures:
                said = "" if node.attr in OF_STUDENT[:2] else file.unknown(node.attr)
                if said:
                    yield Flaw(node.lineno, f"{node.value.id}.{node.attr}: {said}")


def _fixtures_stay(file: CheckFile) -> Iterator[Flaw]:
    """What a check is given keeps its name: an array called student has no exercises."""
    for node, _ in file.checks:
        given = {one.arg for one in (*node.args.args, *node.args.kwonlyargs)} & {*FIXTURES}
        for one in nodes_in(node):
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store) and one.id in given:
                yield Flaw(one.lineno, f"{one.id} is what {node.name} is given. Call this variable otherwise.")


def _tables_are_literal(file: CheckFile) -> Iterator[Flaw]:
    for node in file.tree.body:
        if not isinstance(node, ast.Assign) or ast.unparse(node.targets[0]) not in _LITERALS:
            continue
        name, (known, table) = ast.unparse(node.targets[0]), literal_of(node.value)
        if not known:
            yield Flaw(node.lineno, f"{name} is computed. Write it as a literal: this file is read, not run.")
        elif name in _TABLES and isinstance(table, dict):
            yield from (Flaw(node.lineno, f"{name}: {file.unknown(key)}") for key in table if file.unknown(str(key)))
            yield from (Flaw(node.lineno, f"{name}: {said}") for said in _rows_amiss(name, table))
        elif name in _TABLES:
            yield Flaw(node.lineno, f"{name}={table!r}: write a dictionary, by exercise.")
        elif name == "PRELOAD" and not (isinstance(table, tuple | list) and all(isinstance(one, str) for one in table)):
            yield Flaw(node.lineno, 'PRELOAD: write a tuple of names of modules, such as ("scipy.linalg",).')
        elif name == "FORBIDDEN":
            yield from (Flaw(node.lineno, f"FORBIDDEN: {text}") for text in _forbidden_amiss(file, table))


def _rows_amiss(name: str, table: dict[object, object]) -> Iterator[str]:
    """Values of CHANGES that are not names of arguments, and of UNCHANGED that are not points."""
    for exercise, value in table.items():
        is_names = isinstance(value, tuple | list) and all(isinstance(one, str) for one in value)
        if name == "CHANGES" and not is_names:
            one = value if isinstance(value, str) else "params"
            yield f'{value!r} is not a tuple of arguments. Write "{exercise}": ("{one}",).'
        elif name == "UNCHANGED" and not _is_worth(value):
            yield f'{value!r} is not a number of points above 0. Write "{exercise}": 0.25.'


def _forbidden_amiss(file: CheckFile, table: object) -> Iterator[str]:
    """Errors in FORBIDDEN: a row without effect, or one that makes the file unreadable."""
    form = 'write {"numpy.fft": (("exercise",), "the reason")}.'
    if not isinstance(table, dict):
        yield form
        return
    for key, row in table.items():
        for name in (key,) if not isinstance(key, tuple) else key:
            if not isinstance(name, str) or not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", name):
                yield f"{name!r} is not the dotted name of a function or module. To list one, {form}"
            elif full := unshortened(name, file.names):
                yield f"{name} is not the whole name, which is compared. Write {full}."
        fits = isinstance(row, tuple | list) and len(row) == 2 and isinstance(row[0], tuple | list)
        if not fits or not all(isinstance(one, str) for one in (*row[0], row[1])):
            yield f"{row!r} is not exercises and a reason. For each name, {form}"
            continue
        yield from (said for said in map(file.unknown, row[0]) if said)


def _is_worth(points: object) -> bool:
    """Whether a literal is a number of points: finite, above 0, and no bool."""
    return type(points) in (int, float) and 0 < points < math.inf  # type: ignore[operator]  # a number


def _names_are_known(file: CheckFile) -> Iterator[Flaw]:
    """Each name is defined in its function or in the file: any other raises NameError once the line runs."""
    parts = [(node, *names_used(nodes)) for node, nodes in file.nodes]
    shared = {name for _, nodes in file.nodes for one in nodes if isinstance(one, ast.Global) for name in one.names}
    for node, _, known in parts:
        shared |= {node.name} if isinstance(node, Function | ast.ClassDef) else known
    is_whole = "check" in shared and "*" not in shared  # without `check`, the import of the file says what is missing
    told: set[str] = set()
    for _, used, known in parts if is_whole else ():
        for name in sorted(used.keys() - known - shared - (told - {*FIXTURES})):
            told.add(name)
            instead = "Make it an argument of the check" if name in FIXTURES else "Import it, or correct the name"
            yield Flaw(used[name], f"{name} is not defined here. {instead}.")


_RULES: tuple[Callable[[CheckFile], Iterator[Flaw]], ...] = (
    _has_checks, _are_functions_with_one_name, _are_declared, _are_worth_points, _needs_are_above, _have_titles,
    _calls_are_known, _fixtures_stay, _tables_are_literal, _names_are_known, *PYTEST_RULES,
)  # fmt: skip
