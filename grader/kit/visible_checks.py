"""A section's file of checks for students: without hidden checks, and without those that compare with the solution."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grader.check_files.check_outline import CheckOutline
from grader.grading.report import total
from grader.section import HIDDEN_POINTS, Section
from grader.toolkit.names_used import first_line

_MUTANT = re.compile(
    r"#\s*\w+: `.*` -> `.*`\s*"
)  # an author's note on a surviving mutant, which quotes a line of the solution
Lines = set[int]  # their numbers, counted from 1


@dataclass(frozen=True)
class VisibleChecks:
    """The text for students, the checks in it, and the points of the other checks, by exercise."""

    text: str
    checks: tuple[CheckOutline, ...]
    hidden_points: dict[str, float]


def visible_checks(section: Section) -> VisibleChecks:
    """Remove hidden checks, checks that use the reference, and code that only they use."""
    source = section.checks.read_text(encoding="utf-8")
    left = [check for check in section.check_list if check.hidden or check.uses_reference]
    kept = tuple(check for check in section.check_list if check not in left)
    points: dict[str, list[float]] = {}
    for check in left:
        points.setdefault(check.exercise, []).append(check.points)
    hidden_points = {exercise: total(some) for exercise, some in points.items()}
    text = _without_needs(source, {check.id for check in left} - {check.exercise for check in kept})
    tree, lines = ast.parse(text), text.split("\n")
    dropped: Lines = set(_notes_on_mutants(lines))
    for node in _served_only(tree, {f"test_{check.id}" for check in left}):
        dropped |= _lines_of(node, lines)
    remaining = "\n".join(line for number, line in enumerate(lines, 1) if number not in dropped)
    remaining = re.sub(r"\n{4,}", "\n\n\n", remaining).rstrip("\n") + "\n"
    if hidden_points:
        remaining += (
            f"\n# Points of checks that only your instructors run, by exercise.\n{HIDDEN_POINTS} = {hidden_points!r}\n"
        )
    return VisibleChecks(remaining, kept, hidden_points)


def _served_only(tree: ast.Module, hidden: set[str]) -> list[ast.stmt]:
    """The removed checks, and the definitions that only they use, directly or not."""
    definitions = {name: node for node in tree.body for name in _defined(node)}
    serving = _reached([definitions[name] for name in hidden], definitions)
    others = [node for node in tree.body if node not in serving]
    needed = _reached(others, definitions)
    return [node for node in serving if node not in needed or hidden & set(_defined(node))]


def _reached(start: Iterable[ast.stmt], definitions: dict[str, ast.stmt]) -> list[ast.stmt]:
    reached: list[ast.stmt] = []
    waiting = list(start)
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.append(node)
            names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
            arguments = {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)}
            names |= {name for name in arguments & definitions.keys() if _is_fixture(definitions[name])}
            waiting += [definitions[name] for name in sorted(names & definitions.keys())]
    return reached


def _is_fixture(node: ast.stmt) -> bool:
    return any("fixture" in ast.unparse(one) for one in getattr(node, "decorator_list", []))


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)]


def _lines_of(node: ast.stmt, lines: list[str]) -> Lines:
    """A statement's lines, with its decorators and the comments right above it."""
    first = first_line(node)
    while first > 1 and lines[first - 2].startswith("#"):
        first -= 1
    return set(range(first, (node.end_lineno or node.lineno) + 1))


def _notes_on_mutants(lines: list[str]) -> Iterator[int]:
    """The line numbers of comments that quote the solution, with the comments around them."""
    for place, line in enumerate(lines):
        if _MUTANT.fullmatch(line.strip()):
            for step in (-1, 1):
                number = place
                while 0 <= number < len(lines) and lines[number].lstrip().startswith("#"):
                    yield number + 1
                    number += step


def _without_needs(source: str, removed: set[str]) -> str:
    """The text without `needs` on removed checks."""
    lines = source.encode().split(b"\n")
    places = [
        keyword.value
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
        for keyword in decorator.keywords
        if keyword.arg == "needs"
    ]
    for value in reversed(places):  # from the end, so that the places above stay right
        needs = tuple(ast.literal_eval(value))
        rest = tuple(need for need in needs if need not in removed)
        if rest != needs:
            first, last = value.lineno - 1, (value.end_lineno or value.lineno) - 1
            before, after = lines[first][: value.col_offset], lines[last][value.end_col_offset :]
            lines[first : last + 1] = [before + repr(rest).encode() + after]
    return b"\n".join(lines).decode()
