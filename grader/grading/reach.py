"""The reach of a wrong implementation: the exercises that build on it, and those whose checks can call it.

It comes from syntax trees, with a generous estimate: a check counts as calling every name in it.
"""

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path

from grader.check_files.check_outline import Origin
from grader.section import Section

_Definition = ast.FunctionDef | ast.ClassDef
_Uses = Callable[[str], frozenset[str]]


@cache
def dependents(section: Section, exercise: str) -> frozenset[str]:
    """The exercises that use `exercise` in the solution, or whose checks need it, directly or not."""
    return _closure(section, exercise, lambda name: _solution_uses(section, name) | _checks_need(section, name))


@cache
def reached(section: Section, exercise: str) -> frozenset[str]:
    """The exercises whose points a wrong `exercise` could touch: those that depend on it or whose checks may call it."""
    return _closure(
        section,
        exercise,
        lambda name: _solution_uses(section, name) | _checks_need(section, name) | _checks_mention(section, name),
    )


@cache
def needed_by_checks(section: Section, exercise: str) -> frozenset[str]:
    """The exercise, and those that its checks need, directly or not."""
    found: set[str] = set()
    todo = {exercise}
    while todo:
        one = todo.pop()
        found.add(one)
        todo |= _checks_need(section, one) - found
    return frozenset(found)


@cache
def met_by_checks(section: Section, exercise: str) -> frozenset[str]:
    """The exercises on which the results of an exercise's checks may depend: the exercises that they need, and those that they
    call."""
    needed = needed_by_checks(section, exercise)
    called = frozenset[str]().union(*(_checks_mention(section, one) for one in needed))
    return needed | (called & set(section.functions))


@cache
def called_by_check(section: Section, check: str) -> frozenset[str]:
    """The exercises that a check itself asks a submission for, in its own body or by way of what that names."""
    if f"test_{check}" not in _named(section.checks):  # it is generated
        return frozenset()
    words = mentioned(section, {f"test_{check}"}, _calls)
    return words & set(section.functions)


@cache
def parts(section: Section, exercise: str) -> frozenset[str]:
    """The other exercises that `exercise` uses in the solution, directly or not."""
    found: frozenset[str] = frozenset()
    todo = {exercise}
    while todo:
        new = _solution_uses(section, todo.pop()) & set(section.functions)
        todo |= new - found
        found |= new
    return found - {exercise}


def _closure(section: Section, exercise: str, uses: _Uses) -> frozenset[str]:
    """All exercises that use `exercise`, directly or by way of others."""
    found = {exercise}
    while True:
        more = {name for name in section.functions if found & uses(name)} - found
        if not more:
            return frozenset(found - {exercise})
        found |= more


@cache
def definitions(path: Path) -> dict[str, _Definition]:
    """The top-level functions and classes of one of our files."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, _Definition)}


@cache
def _solution_uses(section: Section, exercise: str) -> frozenset[str]:
    """The names that the exercise uses in the solution; nearly none in a student's copy, which has the stub instead."""
    return frozenset(_words(definitions(section.contract)[exercise]))


@cache
def _checks_need(section: Section, exercise: str) -> frozenset[str]:
    by_check = {check.id: check.exercise for check in section.check_list}
    needs = {need for check in section.check_list if check.exercise == exercise for need in check.needs}
    return frozenset(by_check.get(need, need) for need in needs)


@cache
def _checks_mention(section: Section, exercise: str) -> frozenset[str]:
    """All words of an exercise's checks, and of the helpers, programs and runs that they name, directly or not."""
    mine = [check.id for check in section.check_list if check.exercise == exercise and check.origin is Origin.WRITTEN]
    return mentioned(section, {f"test_{name}" for name in mine}, _words)


def mentioned(section: Section, tests: set[str], read: Callable[[ast.AST], set[str]]) -> frozenset[str]:
    """All that `read` finds in some tests and in the definitions that they name, directly or not."""
    called = {name: node for path in _callers(section.checks) for name, node in _named(path).items()}
    known = called | _named(section.checks)  # whose own names come first
    found: set[str] = set()
    seen, todo = set(tests), set(tests)
    while todo:
        node = known[todo.pop()]
        found |= read(node)
        new = (_words(node) & known.keys()) - seen
        seen |= new
        todo |= new
    return frozenset(found)


@cache
def _named(path: Path) -> dict[str, ast.stmt]:
    """The definitions and assignments at a file's top level, by name."""
    found: dict[str, ast.stmt] = dict(definitions(path))
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign):
            found.update({target.id: node for target in node.targets if isinstance(target, ast.Name)})
    return found


@cache
def _callers(checks: Path) -> tuple[Path, ...]:
    """The modules of the course that may call a submission and that a file of checks imports, whole or names of."""
    paths = []
    for node in ast.walk(ast.parse(checks.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            folder = checks.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            names = [folder, *(folder / alias.name for alias in node.names)]
            paths += [path.with_suffix(".py") for path in names if path.name not in _NO_CALLERS]
    return tuple(path for path in dict.fromkeys(paths) if path.is_file())


_NO_CALLERS = ("problems", "strategies")  # they make what is sent


def _words(tree: ast.AST) -> set[str]:
    """Every name, attribute and string of a syntax tree."""
    words = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            words.add(node.id)
        elif isinstance(node, ast.Attribute):
            words.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            words.add(node.value)
    return words


def _calls(tree: ast.AST) -> set[str]:
    """Every attribute of what stands for a submission, and every string, which may be the name of one; not of decorators."""
    words = set()
    inner = tree.body if isinstance(tree, ast.FunctionDef) else [tree]
    for node in (node for part in inner for node in ast.walk(part)):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=word) if owner in _SUBMISSIONS:
                words.add(word)
            case ast.Constant(value=str(word)):
                words.add(word)
    return words


_SUBMISSIONS = ("student", "submission", "solver", "functions")  # as checks, programs and runs call one
