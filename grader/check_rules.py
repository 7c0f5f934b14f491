"""Errors that an author can make in a file of checks: the line, the cause and the fix of each.

The rules read the syntax tree, and execute nothing. The engine asks them before it uses a file; `grade lint` lists all that they
find.
"""

import ast
import difflib
import math
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from grader.expected_errors import errors_missed, full_names, is_shortened
from grader.names_used import names_used, nodes_in
from grader.predictions import EXERCISE as PREDICTIONS

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_DEFINED = re.compile(r"^(?:async\s+def|def|class)\s+(\w+)|^(\w+)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE)
_OPTIONS = ("points", "needs", "hidden", "call_cpu_seconds", "scratch_mib")
_TABLES = ("CHANGES", "UNCHANGED")  # by exercise
_LITERALS = (*_TABLES, "FORBIDDEN", "PRELOAD")
_SERVANTS = ("student", "reference")  # the fixtures that have the exercises
_FIXTURES = (*_SERVANTS, "note", "once", "code_seed")
_OF_PYTEST = ("request", "tmp_path", "tmp_path_factory")
_OF_THIS_PROCESS = ("monkeypatch", "caplog", "capsys", "capsysbinary", "capfd", "capfdbinary", "recwarn", "pytester")
_SKIPPING = ("skip", "skipif", "xfail", "importorskip")
_OF_STUDENT = (  # what `student` has besides the exercises
    "run", "cpu_seconds", "answered", "ask", "call_of", "disturbance", "disturbed", "last_call", "refused", "transcript",
)  # fmt: skip
NO_EXERCISES = (PREDICTIONS, *_OF_STUDENT)
_MARKS = ("parametrize", "usefixtures", "filterwarnings", "skip", "skipif", "xfail")  # the last three are refused
_NEVER_RUN = {f"pytest.{kind}{name}" for name in _SKIPPING for kind in ("", "mark.")}
_OF_PYTEST_JUDGED = ("warns", "deprecated_call", "parametrize")


@dataclass(frozen=True)
class Flaw:
    """An author's error: the line, counted from 1, and in words the cause and what to do."""

    line: int
    text: str


def names_defined(source: str) -> frozenset[str]:
    """The names that a file of exercises defines at its top level; without parsing it, which would take time at each grading."""
    return frozenset(name for found in _DEFINED.findall(source) for name in found if name)


def flaws_in(tree: ast.Module, exercises: Collection[str]) -> list[Flaw]:
    """The flaws of a file of checks, by line. `exercises` are the names of the section's file; without any, no name is judged."""
    file = _File(tree, exercises)
    found = [flaw for rule in _RULES for flaw in rule(file)]
    return sorted(found, key=lambda flaw: flaw.line)


@dataclass(frozen=True)
class _File:
    tree: ast.Module
    exercises: Collection[str]

    @property
    def functions(self) -> list[_Function]:
        return [node for node in self.tree.body if isinstance(node, _Function)]

    @cached_property
    def nodes(self) -> list[tuple[ast.stmt, list[ast.AST]]]:
        """Each statement with all nodes in it. To walk takes longer than to judge: the rules share one walk."""
        return [(node, nodes_in(node)) for node in self.tree.body]

    @cached_property
    def names(self) -> dict[str, str]:
        """What each name of an import stands for."""
        return full_names(node for _, nodes in self.nodes for node in nodes)

    @property
    def checks(self) -> list[tuple[_Function, ast.Call]]:
        """The functions below `@check(...)`, each with that call."""
        return [(node, call) for node in self.functions for call in _decorators(node) if _name(call.func) == "check"]

    def unknown(self, name: str) -> str:
        """The message about a name that no exercise can have, or that the section's file does not define; "" for any other."""
        if name in NO_EXERCISES:
            return f'no exercise can be called "{name}". Give it another name.'
        if not self.exercises or name in self.exercises:
            return ""
        close = difflib.get_close_matches(name, sorted(self.exercises), n=1)
        return f"the solution defines no {name}." + (f" Did you mean {close[0]}?" if close else " Correct the name.")


def _decorators(node: _Function) -> list[ast.Call]:
    return [one for one in node.decorator_list if isinstance(one, ast.Call)]


def _name(node: ast.AST) -> str:
    """The last part of a dotted name; "" for another expression."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _literal(node: ast.AST) -> tuple[bool, object]:
    """Whether an expression is a literal, and its value."""
    try:
        return True, ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False, None


def _is_worth(points: object) -> bool:
    """Whether a literal is a number of points: finite, above 0, and no bool."""
    return type(points) in (int, float) and 0 < points < math.inf  # type: ignore[operator]  # a number


# -- rules


def _has_checks(file: _File) -> Iterator[Flaw]:
    if not file.checks and not any(
        node.name.startswith("test") for node in file.functions
    ):  # which have errors of their own
        yield Flaw(1, 'there are no checks in this file. Write a function below @check("exercise", points=1).')


def _are_functions_with_one_name(file: _File) -> Iterator[Flaw]:
    seen: dict[str, int] = {}
    for node in file.functions:
        if node.name in seen:
            first = f"the one at line {seen[node.name]}"
            yield Flaw(node.lineno, f"a second function called {node.name} replaces {first}. Rename one of them.")
        seen[node.name] = node.lineno
    for other in file.tree.body:
        if isinstance(other, ast.ClassDef) and (
            other.name.startswith("Test") or any(_name(base) == "TestCase" for base in other.bases)
        ):
            yield Flaw(other.lineno, f"a class of tests, {other.name}. Make each of its tests a function below @check.")


def _are_declared(file: _File) -> Iterator[Flaw]:
    checks = {node.name for node, _ in file.checks}
    for node in file.functions:
        names = [_name(one.func if isinstance(one, ast.Call) else one) for one in node.decorator_list]
        if node.name.startswith("test") and node.name not in checks:
            yield Flaw(node.lineno, f'{node.name} has no @check. Write @check("exercise", points=1) above it.')
        elif node.name in checks and not node.name.startswith("test_"):
            yield Flaw(node.lineno, f"a check's name begins with test_. Call it test_{node.name}.")
        elif node.name in checks and isinstance(node, ast.AsyncFunctionDef):
            yield Flaw(node.lineno, f"{node.name} is async, and its calls would not run. Write def without async.")
        if names.count("check") > 1:
            yield Flaw(node.lineno, f"{node.name} has two @check. Write a function for each.")
        for one in _decorators(node):
            if _name(one.func) == "check" and not isinstance(one.func, ast.Name):
                yield Flaw(one.lineno, f"write @check(...), not @{ast.unparse(one.func)}(...): import the name itself.")


def _are_worth_points(file: _File) -> Iterator[Flaw]:
    for node, call in file.checks:
        known, exercise = _literal(call.args[0]) if call.args else (False, None)
        if len(call.args) != 1 or not known or not isinstance(exercise, str):
            yield Flaw(call.lineno, f'@check of {node.name} names no exercise. Write @check("exercise", points=1).')
        elif file.unknown(exercise):
            yield Flaw(call.lineno, f"{node.name}: {file.unknown(exercise)}")
        options = {keyword.arg: keyword.value for keyword in call.keywords}
        if "points" not in options:
            yield Flaw(call.lineno, f"{node.name} is worth no points. Write points=1 behind the exercise.")
        for name, value in options.items():
            known, literal = _literal(value)
            if name not in _OPTIONS:
                yield Flaw(call.lineno, f"@check has no option {name or '**'}. It has {', '.join(_OPTIONS)}.")
            elif not known:
                text = ast.unparse(value)
                yield Flaw(
                    value.lineno, f"{name}={text} is computed. Write the value itself: this file is read, not run."
                )
            elif name == "points" and not _is_worth(literal):
                yield Flaw(value.lineno, f"points={literal!r}: write a number above 0, such as points=1.")
            elif name == "needs" and isinstance(literal, str):
                yield Flaw(value.lineno, f"needs={literal!r}: write a list of names, needs=[{literal!r}].")


def _needs_are_above(file: _File) -> Iterator[Flaw]:
    above: set[str] = set()
    for node, call in file.checks:
        for keyword in call.keywords:
            needs = _literal(keyword.value)[1] if keyword.arg == "needs" else ()
            for need in needs if isinstance(needs, list | tuple) else ():
                if need not in above:
                    close = difflib.get_close_matches(str(need), sorted(above), n=1)
                    hint = f" Did you mean {close[0]}?" if close else ""
                    text = f"{node.name} needs {need}, and no check above it has this name or is about this exercise."
                    yield Flaw(keyword.value.lineno, text + hint)
        above |= {node.name.removeprefix("test_"), str(_literal(call.args[0])[1]) if call.args else ""}


def _have_titles(file: _File) -> Iterator[Flaw]:
    for node, _ in file.checks:
        lines = (ast.get_docstring(node) or "").strip().splitlines()
        if not lines:
            text = f"{node.name} needs a docstring. Its first line is the title that students see."
            yield Flaw(node.lineno, text)
        elif lines[0].endswith(("...", "…")):
            yield Flaw(node.body[0].lineno, f"the title of {node.name} ends in an ellipsis. Say it whole, in one line.")


def _calls_are_known(file: _File) -> Iterator[Flaw]:
    for function, nodes in file.nodes:
        args = function.args if isinstance(function, _Function) else None
        fixtures = {argument.arg for argument in (*args.args, *args.kwonlyargs)} & {*_SERVANTS} if args else ()
        for node in nodes if fixtures else ():
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in fixtures:
                said = "" if node.attr in _OF_STUDENT[:2] else file.unknown(node.attr)
                if said:
                    yield Flaw(node.lineno, f"{node.value.id}.{node.attr}: {said}")


def _arguments_are_known(file: _File) -> Iterator[Flaw]:
    """Each is a fixture, a parameter, or drawn by `@given`, which binds its unnamed strategies from the right."""
    imported = [alias.asname or alias.name for node in file.tree.body for alias in getattr(node, "names", ())]
    own = {_fixture_name(node, one) for node in file.functions for one in _fixtures(node)}
    known = {*_FIXTURES, *_OF_PYTEST, *imported, *own}
    for node in [*(check for check, _ in file.checks), *(one for one in file.functions if _fixtures(one))]:
        calls = _decorators(node)
        given = {keyword.arg for one in calls if _name(one.func) == "given" for keyword in one.keywords}
        unnamed = any(one.args or None in given for one in calls if _name(one.func) == "given")
        fixed = any(ast.unparse(one.func).startswith("pytest.mark.") and _name(one.func) not in _MARKS for one in calls)
        parametrized = [one.args[0] for one in calls if _name(one.func) == "parametrize" and one.args]
        words = {word for one in parametrized for word in re.findall(r"\w+", str(_literal(one)[1]))}
        wanted = node.args.args[: len(node.args.args) - len(node.args.defaults)] + node.args.kwonlyargs
        asked = [] if unnamed or fixed else [(one.lineno, one.arg) for one in wanted]
        uses = [one for call in calls if _name(call.func) == "usefixtures" for one in call.args]
        asked += [(one.lineno, one.value) for one in uses if isinstance(one, ast.Constant) and type(one.value) is str]
        for line, name in asked:
            if name in known | given | words:
                continue
            if name in _OF_THIS_PROCESS:
                text = f"{name} acts on the grader's process, and a submission runs in another. Remove it."
                yield Flaw(line, f"{node.name}: {text} To do something beside the functions: student.run")
                continue
            close = difflib.get_close_matches(name, sorted(known | own), n=1)
            hint = f" Did you mean {close[0]}?" if close else f" A check is given {', '.join(_FIXTURES)}."
            yield Flaw(line, f"{node.name}: there is no fixture {name}.{hint}")


def _fixtures(node: _Function) -> list[ast.expr]:
    """The decorators that make a fixture."""
    return [one for one in node.decorator_list if _name(one.func if isinstance(one, ast.Call) else one) == "fixture"]


def _fixture_name(node: _Function, decorator: ast.expr) -> str:
    options = {keyword.arg: keyword.value for keyword in getattr(decorator, "keywords", ())}
    return str(_literal(options["name"])[1]) if "name" in options else node.name


def _fixtures_are_plain(file: _File) -> Iterator[Flaw]:
    """A fixture with parameters would make several checks of one, and one called like ours would replace it."""
    for node in file.functions:
        for decorator in _fixtures(node):
            name = _fixture_name(node, decorator)
            if any(keyword.arg == "params" for keyword in getattr(decorator, "keywords", ())):
                instead = f'Write @pytest.mark.parametrize("{name}", [...]) above the checks.'
                yield Flaw(decorator.lineno, f"a fixture with params= does not work in a check. {instead}")
            if name in _FIXTURES:
                yield Flaw(node.lineno, f"a fixture called {name} replaces the grader's own. Give it another name.")


def _tables_are_literal(file: _File) -> Iterator[Flaw]:
    for node in file.tree.body:
        if not isinstance(node, ast.Assign) or ast.unparse(node.targets[0]) not in _LITERALS:
            continue
        name, (known, table) = ast.unparse(node.targets[0]), _literal(node.value)
        if not known:
            yield Flaw(node.lineno, f"{name} is computed. Write it as a literal: this file is read, not run.")
        elif name in _TABLES and isinstance(table, dict):
            yield from (Flaw(node.lineno, f"{name}: {file.unknown(key)}") for key in table if file.unknown(str(key)))
        elif name == "FORBIDDEN":
            yield from (Flaw(node.lineno, f"FORBIDDEN: {text}") for text in _forbidden_amiss(file, table))


def _forbidden_amiss(file: _File, table: object) -> Iterator[str]:
    """What would keep a row of FORBIDDEN from holding, or the file from being read."""
    form = 'write {"numpy.fft": (("exercise",), "the reason")}.'
    if not isinstance(table, dict):
        yield form
        return
    for key, row in table.items():
        for name in (key,) if not isinstance(key, tuple) else key:
            if not isinstance(name, str) or not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", name):
                yield f"{name!r} is not the dotted name of a function or module. To list one, {form}"
            elif full := is_shortened(name, file.names):
                yield f"{name} is not the whole name, which is compared. Write {full}."
        fits = isinstance(row, tuple | list) and len(row) == 2 and isinstance(row[0], tuple | list)
        if not fits or not all(isinstance(one, str) for one in (*row[0], row[1])):
            yield f"{row!r} is not exercises and a reason. For each name, {form}"
            continue
        yield from (said for said in map(file.unknown, row[0]) if said)


def _errors_are_seen(file: _File) -> Iterator[Flaw]:
    for _, nodes in file.nodes:
        yield from (Flaw(line, text) for line, text in errors_missed(nodes, file.names))


def _pytest_is_known(file: _File) -> Iterator[Flaw]:
    for node in (node for _, nodes in file.nodes for node in nodes):
        if (
            isinstance(node, ast.Attribute) and node.attr in _SKIPPING and ast.unparse(node) in _NEVER_RUN
        ):  # called or bare
            text = f"{ast.unparse(node)}: a check that does not run earns nothing. Remove it, or the check."
            yield Flaw(node.lineno, text)
        if not isinstance(node, ast.Call) or _name(node.func) not in _OF_PYTEST_JUDGED:
            continue
        called = ast.unparse(node.func)
        if called in ("pytest.warns", "pytest.deprecated_call"):
            yield Flaw(node.lineno, f"{called} sees no warning of a submission. Check what the function returns.")
        elif called == "pytest.mark.parametrize":
            yield from _parameters(node)


def _parameters(node: ast.Call) -> Iterator[Flaw]:
    if any(keyword.arg == "indirect" for keyword in node.keywords):
        yield Flaw(node.lineno, "parametrize with indirect= does not work in a check. Give the values themselves.")
    elif len(node.args) != 2:
        yield Flaw(node.lineno, 'write @pytest.mark.parametrize("name", [first, second]).')
    elif isinstance(node.args[1], ast.List | ast.Tuple):
        names, values = _names_given(node), node.args[1].elts
        if not values:
            yield Flaw(node.lineno, "parametrize has no values, so that the check would try nothing. Write some.")
        for value in values if len(names) > 1 else ():
            is_one, parts = isinstance(value, ast.Constant), getattr(value, "elts", None)
            if isinstance(value, ast.Call) and ast.unparse(value.func) == "pytest.param":
                parts = value.args
            if is_one or (parts is not None and len(parts) != len(names) and not _has_star(parts)):
                text = f"parametrize has {len(names)} names, and {ast.unparse(value)} is not {len(names)} values."
                yield Flaw(value.lineno, f"{text} Write a tuple for {', '.join(names)}.")


def _has_star(parts: list[ast.expr]) -> bool:
    return any(isinstance(one, ast.Starred) for one in parts)


def _names_given(node: ast.Call) -> list[str]:
    """The names of a `parametrize`."""
    return re.findall(r"\w+", str(_literal(node.args[0])[1])) if node.args else []


def _marks_are_known(file: _File) -> Iterator[Flaw]:
    for node, _ in file.checks:
        arguments = [one.arg for one in (*node.args.args, *node.args.kwonlyargs)]
        for one in node.decorator_list:
            called = ast.unparse(one.func if isinstance(one, ast.Call) else one)
            name = called.removeprefix("pytest.mark.")
            if name != called and name not in _MARKS:
                close = difflib.get_close_matches(name, _MARKS, n=1)
                hint = f"Did you mean {close[0]}?" if close else "Remove it."
                yield Flaw(one.lineno, f"{called}: no such mark works. {hint}")
            for given in _names_given(one) if isinstance(one, ast.Call) and name == "parametrize" else ():
                if given not in arguments:
                    yield Flaw(one.lineno, f"parametrize gives {given}, and {node.name} has no such argument.")


def _names_are_known(file: _File) -> Iterator[Flaw]:
    """Each name is defined in its function or in the file: any other raises NameError once the line runs."""
    parts = [(node, *names_used(nodes)) for node, nodes in file.nodes]
    shared = {name for _, nodes in file.nodes for one in nodes if isinstance(one, ast.Global) for name in one.names}
    for node, _, known in parts:
        shared |= {node.name} if isinstance(node, _Function | ast.ClassDef) else known
    is_whole = "check" in shared and "*" not in shared  # without `check`, the import of the file says what is missing
    told: set[str] = set()
    for _, used, known in parts if is_whole else ():
        for name in sorted(used.keys() - known - shared - (told - {*_FIXTURES})):
            told.add(name)
            instead = "Make it an argument of the check" if name in _FIXTURES else "Import it, or correct the name"
            yield Flaw(used[name], f"{name} is not defined here. {instead}.")


_RULES: tuple[Callable[[_File], Iterator[Flaw]], ...] = (
    _has_checks, _are_functions_with_one_name, _are_declared, _are_worth_points, _needs_are_above, _have_titles,
    _calls_are_known, _fixtures_are_plain, _arguments_are_known, _tables_are_literal, _pytest_is_known, _errors_are_seen,
    _marks_are_known, _names_are_known,
)  # fmt: skip
