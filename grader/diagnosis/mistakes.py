"""The mistakes of a section: wrong on purpose, each with its diagnosis. Read from `mistakes.py` in its room."""

import ast
import inspect
import re
import types
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from grader.course import Section

_Definition = ast.FunctionDef | ast.ClassDef
_OURS = ("grader", "solutions")  # imports of these are for linters: a submission has no such modules


@dataclass(frozen=True)
class Mistake:
    """One wrong implementation of an exercise.

    `message` says what the student seems to have done; `hints` go from gentle to plain. `source` is a whole submission: the
    solution with this implementation in the exercise's place.
    """

    exercise: str
    slug: str
    message: str
    hints: tuple[str, ...]
    source: str
    filename: str

    @property
    def module(self) -> ModuleType:
        """The wrong submission as a module of this process."""
        return executed(self.source, f"{self.slug}_{self.filename}")


@cache
def executed(source: str, name: str) -> ModuleType:
    """A source text of ours as a module."""
    module = types.ModuleType(name.removesuffix(".py"))
    exec(compile(source, name, "exec", dont_inherit=True), module.__dict__)
    return module


@cache
def mistakes_of(section: Section) -> tuple[Mistake, ...]:
    """All mistakes of a section in the order of their file; none if it has no such file, as in a student's copy.

    Raises:
        ValueError: a mistake is not well-formed; the message names file and line.
    """
    path = section.mistakes
    if not path.is_file():
        return ()
    text = path.read_text(encoding="utf-8")
    solution = section.solution.read_text(encoding="utf-8")
    tree = ast.parse(text, str(path))
    shared = "\n\n".join(_segment(text, node, _begin(node)) for node in tree.body if _is_shared(node))
    found: list[Mistake] = []
    for node in tree.body:
        declared = _declaration(node)
        if declared is not None and isinstance(node, _Definition):
            found.append(_read(section, path, text, solution, shared, node, declared))
    names = [(one.exercise, one.slug) for one in found]
    for exercise, slug in names:
        if names.count((exercise, slug)) > 1:
            raise ValueError(f"{path}: two mistakes of {exercise} are called {slug}")
    return tuple(found)


def _declaration(node: ast.stmt) -> ast.Call | None:
    """The `@mistake(...)` above a definition."""
    for decorator in getattr(node, "decorator_list", ()):
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "mistake":
            return decorator
    return None


def _is_shared(node: ast.stmt) -> bool:
    """Whether a top-level statement is one that the mistakes below it use: imports, helpers, constants."""
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").partition(".")[0] not in _OURS
    return _declaration(node) is None and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _segment(text: str, node: ast.stmt, begin: int) -> str:
    """The lines of a statement from line `begin` on."""
    return "\n".join(text.splitlines()[begin - 1 : node.end_lineno])


def _begin(node: ast.stmt) -> int:
    """The line in which a statement begins, decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _read(
    section: Section, path: Path, text: str, solution: str, shared: str, node: _Definition, declared: ast.Call
) -> Mistake:
    where = f"{path}, line {node.lineno}"
    options = {keyword.arg: ast.literal_eval(keyword.value) for keyword in declared.keywords}
    exercise = ast.literal_eval(declared.args[0])
    docstring = ast.get_docstring(node, clean=False)
    hints = tuple(options.get("hints", ()))
    if exercise not in section.exercises:
        raise ValueError(f"{where}: {section.id} has no exercise {exercise}")
    if not docstring or not hints:
        raise ValueError(f"{where}: a mistake needs a docstring, which is its diagnosis, and hints")
    wrong = _renamed(_segment(text, node, node.lineno), node, exercise)
    source = in_its_place(solution, exercise, f"{shared}\n\n\n{wrong}" if shared else wrong)
    message = " ".join(inspect.cleandoc(docstring).split())
    return Mistake(exercise, options.get("slug") or node.name, message, hints, source, f"{section.stem}.py")


def _renamed(definition: str, node: _Definition, exercise: str) -> str:
    """A definition under the exercise's name and without its docstring, as a student would have written it."""
    lines = definition.splitlines()
    first = node.body[0]  # the docstring
    del lines[first.lineno - node.lineno : (first.end_lineno or first.lineno) - node.lineno + 1]
    return re.sub(rf"\b{node.name}\b", exercise, "\n".join(lines))


def definition_in(solution: str, exercise: str) -> str:
    """The text of an exercise's definition, decorators included."""
    for node in ast.parse(solution).body:
        if isinstance(node, _Definition) and node.name == exercise:
            return _segment(solution, node, _begin(node))
    raise ValueError(f"the solution defines no {exercise}")


def in_its_place(solution: str, exercise: str, wrong: str) -> str:
    """The solution's text with another definition of an exercise."""
    for node in ast.parse(solution).body:
        if isinstance(node, _Definition) and node.name == exercise:
            lines = solution.splitlines()
            return "\n".join([*lines[: _begin(node) - 1], wrong, *lines[node.end_lineno :]]) + "\n"
    raise ValueError(f"the solution defines no {exercise}")
