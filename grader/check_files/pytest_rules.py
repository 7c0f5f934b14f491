"""Errors that an author can make in the use of pytest: fixtures, marks, parameters, expected exceptions.

Plain pytest works in a file of checks; what cannot work there is told with what to write instead.
"""

import ast
import difflib
import re
from collections.abc import Callable, Iterator

from grader.check_files.check_file import FIXTURES, CheckFile, Flaw, Function, decorators_of, last_name, literal_of
from grader.check_files.expected_errors import errors_missed

_OF_PYTEST = ("request", "tmp_path", "tmp_path_factory")
_OF_THIS_PROCESS = ("monkeypatch", "caplog", "capsys", "capsysbinary", "capfd", "capfdbinary", "recwarn", "pytester")
_SKIPPING = ("skip", "skipif", "xfail", "importorskip")
_MARKS = ("parametrize", "usefixtures", "filterwarnings", "skip", "skipif", "xfail")  # the last three are refused
_NEVER_RUN = {f"pytest.{kind}{name}" for name in _SKIPPING for kind in ("", "mark.")}
_OF_PYTEST_JUDGED = ("warns", "deprecated_call", "parametrize")


def _arguments_are_known(file: CheckFile) -> Iterator[Flaw]:
    """Each is a fixture, a parameter, or drawn by `@given`, which binds its unnamed strategies from the right."""
    imported = [alias.asname or alias.name for node in file.tree.body for alias in getattr(node, "names", ())]
    own = {_fixture_name(node, one) for node in file.functions for one in _fixtures(node)}
    known = {*FIXTURES, *_OF_PYTEST, *imported, *own}
    for node in [*(check for check, _ in file.checks), *(one for one in file.functions if _fixtures(one))]:
        calls = decorators_of(node)
        given = {keyword.arg for one in calls if last_name(one.func) == "given" for keyword in one.keywords}
        unnamed = any(one.args or None in given for one in calls if last_name(one.func) == "given")
        fixed = any(
            ast.unparse(one.func).startswith("pytest.mark.") and last_name(one.func) not in _MARKS for one in calls
        )
        parametrized = [one.args[0] for one in calls if last_name(one.func) == "parametrize" and one.args]
        words = {word for one in parametrized for word in re.findall(r"\w+", str(literal_of(one)[1]))}
        wanted = node.args.args[: len(node.args.args) - len(node.args.defaults)] + node.args.kwonlyargs
        asked = [] if unnamed or fixed else [(one.lineno, one.arg) for one in wanted]
        uses = [one for call in calls if last_name(call.func) == "usefixtures" for one in call.args]
        asked += [(one.lineno, one.value) for one in uses if isinstance(one, ast.Constant) and type(one.value) is str]
        for line, name in asked:
            if name in known | given | words:
                continue
            if name in _OF_THIS_PROCESS:
                text = f"{name} acts on the grader's process, and a submission runs in another. Remove it."
                yield Flaw(line, f"{node.name}: {text} To do something beside the functions: student.run")
                continue
            close = difflib.get_close_matches(name, sorted(known | own), n=1)
            hint = f" Did you mean {close[0]}?" if close else f" A check is given {', '.join(FIXTURES)}."
            yield Flaw(line, f"{node.name}: there is no fixture {name}.{hint}")


def _fixtures(node: Function) -> list[ast.expr]:
    """The decorators that make a fixture."""
    return [
        one for one in node.decorator_list if last_name(one.func if isinstance(one, ast.Call) else one) == "fixture"
    ]


def _fixture_name(node: Function, decorator: ast.expr) -> str:
    options = {keyword.arg: keyword.value for keyword in getattr(decorator, "keywords", ())}
    return str(literal_of(options["name"])[1]) if "name" in options else node.name


def _fixtures_are_plain(file: CheckFile) -> Iterator[Flaw]:
    """A fixture with parameters would make several checks of one, and one called like ours would replace it."""
    for node in file.functions:
        for decorator in _fixtures(node):
            name = _fixture_name(node, decorator)
            if any(keyword.arg == "params" for keyword in getattr(decorator, "keywords", ())):
                instead = f'Write @pytest.mark.parametrize("{name}", [...]) above the checks.'
                yield Flaw(decorator.lineno, f"a fixture with params= does not work in a check. {instead}")
            scope = next((one.value for one in getattr(decorator, "keywords", ()) if one.arg == "scope"), None)
            afresh = [one.arg for one in (*node.args.args, *node.args.kwonlyargs) if one.arg in FIXTURES]
            if scope is not None and afresh and literal_of(scope)[1] != "function":
                text = f"{name} asks for {afresh[0]}, which each check gets afresh. Remove scope={ast.unparse(scope)}."
                yield Flaw(decorator.lineno, text)
            if name in FIXTURES:
                yield Flaw(node.lineno, f"a fixture called {name} replaces the grader's own. Give it another name.")


def _errors_are_seen(file: CheckFile) -> Iterator[Flaw]:
    for _, nodes in file.nodes:
        yield from (Flaw(line, text) for line, text in errors_missed(nodes, file.names))


def _pytest_is_known(file: CheckFile) -> Iterator[Flaw]:
    for node in (node for _, nodes in file.nodes for node in nodes):
        # Called or bare.
        if isinstance(node, ast.Attribute) and node.attr in _SKIPPING and ast.unparse(node) in _NEVER_RUN:
            text = f"{ast.unparse(node)}: a check that does not run earns nothing. Remove it, or the check."
            yield Flaw(node.lineno, text)
        if not isinstance(node, ast.Call) or last_name(node.func) not in _OF_PYTEST_JUDGED:
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
    return re.findall(r"\w+", str(literal_of(node.args[0])[1])) if node.args else []


def _marks_are_known(file: CheckFile) -> Iterator[Flaw]:
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


PYTEST_RULES: tuple[Callable[[CheckFile], Iterator[Flaw]], ...] = (
    _fixtures_are_plain, _arguments_are_known, _pytest_is_known, _errors_are_seen, _marks_are_known,
)  # fmt: skip
