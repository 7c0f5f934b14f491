"""The mistakes of a section: wrong on purpose, each with its diagnosis. Read from the files that `Section.mistakes` lists."""

import ast
import difflib
import inspect
import re
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from types import ModuleType

from grader.course import UsageError
from grader.section import Section
from grader.toolkit.names_used import tree_of

_Definition = ast.FunctionDef | ast.ClassDef
_WORD = re.compile(r"\w+")
_OURS = ("grader", "solutions")  # imports of these are for linters: a submission has no such modules


class MistakeError(UsageError, ValueError):
    """A mistake that is not well-formed. The message names file, line and fix."""


@dataclass(frozen=True)
class Mistake:
    """One wrong implementation of an exercise.

    `message` says what the student seems to have done; `hints` go from gentle to direct. `source` is a whole submission: the
    solution with this implementation in the exercise's place.
    """

    exercise: str
    slug: str
    message: str
    hints: tuple[str, ...]
    source: str
    filename: str
    place: str = field(default="", compare=False)  # of its own text: file, below the course, and line

    @property
    def module(self) -> ModuleType:
        """The wrong submission as a module of this process."""
        return executed(self.source, f"{self.slug}_{self.filename}")


@cache
def executed(source: str, name: str) -> ModuleType:
    """One of our source texts as a module."""
    module = types.ModuleType(name.removesuffix(".py"))
    exec(compile(source, name, "exec", dont_inherit=True), module.__dict__)
    return module


@cache
def mistakes_of(section: Section) -> tuple[Mistake, ...]:
    """All mistakes of a section, exercise by exercise in the order of their file; none in a student's copy.

    Raises:
        MistakeError: a mistake is not well-formed; the message names file and line.
    """
    found = []
    for one in _each(section):
        if isinstance(one, MistakeError):
            raise one
        found.append(one)
    return tuple(found)


def mistakes_amiss(section: Section) -> list[str]:
    """What is wrong with each mistake that is not well-formed."""
    return [str(one) for one in _each(section) if isinstance(one, MistakeError)]


def _each(section: Section) -> Iterator[Mistake | MistakeError]:
    known: set[tuple[str, str]] = set()
    for path in section.mistakes:
        solution = section.solution.read_text(encoding="utf-8")
        try:
            file = _File.read(path)
        except MistakeError as error:
            yield error
            continue
        for node in file.tree.body:
            declared = _declaration(node)
            if declared is None or not isinstance(node, _Definition):
                continue
            try:
                one = _read(section, file, solution, node, declared)
                if (one.exercise, one.slug) in known:
                    raise MistakeError(f"{file.place(node)}: two mistakes of {one.exercise} are called {one.slug}")
            except MistakeError as error:
                yield error
                continue
            known.add((one.exercise, one.slug))
            yield one


@dataclass(frozen=True)
class _File:
    """A file with mistakes, or with their helpers."""

    path: Path
    text: str
    tree: ast.Module

    @classmethod
    def read(cls, path: Path) -> "_File":
        text = path.read_text(encoding="utf-8")
        try:
            return cls(path, text, tree_of(text.encode()))
        except SyntaxError as error:
            raise MistakeError(f"{path}:{error.lineno}: not valid Python: {error.msg}.") from None

    def place(self, node: ast.stmt) -> str:
        return f"{self.path}:{node.lineno}"

    @cached_property
    def shared(self) -> str:
        """The statements in front of each mistake, which all mistakes of this file and its neighbours share."""
        return "\n\n".join(
            self._imported(node) or _segment(self.text, node) for node in self.tree.body if _is_shared(node)
        )

    def _imported(self, node: ast.stmt) -> str:
        """The shared statements of the file beside this one that `from .name import helper` names."""
        if not isinstance(node, ast.ImportFrom) or not node.level:
            return ""
        path = self.path.with_name(f"{node.module}.py")
        if not path.is_file():
            raise MistakeError(f"{self.place(node)}: {path} does not exist")
        beside = _File.read(path)
        for alias in node.names:
            if alias.asname or alias.name not in beside.names:
                raise MistakeError(f"{self.place(node)}: {path} does not define {alias.asname or alias.name}")
        return beside.shared

    @property
    def names(self) -> set[str]:
        """The names that its top-level statements define."""
        definitions = {node.name for node in self.tree.body if isinstance(node, _Definition)}
        targets = [target for node in self.tree.body if isinstance(node, ast.Assign) for target in node.targets]
        return definitions | {ast.unparse(target) for target in targets}


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


@lru_cache(maxsize=8)  # every mistake of a file asks for them
def _lines(text: str) -> list[str]:
    return text.splitlines()


def _segment(text: str, node: ast.stmt) -> str:
    """The lines of a statement, decorators included."""
    return "\n".join(_lines(text)[_begin(node) - 1 : node.end_lineno])


def _begin(node: ast.stmt) -> int:
    """The line in which a statement begins, decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _read(section: Section, file: _File, solution: str, node: _Definition, declared: ast.Call) -> Mistake:
    where = file.place(node)
    try:
        options = {keyword.arg: ast.literal_eval(keyword.value) for keyword in declared.keywords}
        exercise = ast.literal_eval(declared.args[0])
    except (ValueError, IndexError):
        text = 'write @mistake("exercise", hints=("First hint.", "Second hint.")): this file is read, not run.'
        raise MistakeError(f"{where}: {text}") from None
    docstring = ast.get_docstring(node, clean=False)
    hints = options.get("hints", ())
    if isinstance(hints, str):
        raise MistakeError(
            f'{where}: hints={hints!r}: write a list of sentences, hints=["First hint.", "Second hint."].'
        )
    if exercise not in section.functions:
        close = difflib.get_close_matches(str(exercise), section.functions, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"The exercises are {', '.join(section.functions)}."
        raise MistakeError(f"{where}: {section.id} has no exercise {exercise}. {hint}")
    if file.path.stem not in ("mistakes", exercise):
        raise MistakeError(f"{where}: a mistake in {exercise} belongs in {exercise}.py")
    if not docstring or not hints:
        raise MistakeError(f"{where}: a mistake needs a docstring, which is its diagnosis, and hints")
    _expect_same_parameters(where, node, _definition_of(solution, exercise))
    wrong = _renamed(file.text, node, exercise)
    source = in_its_place(solution, exercise, f"{file.shared}\n\n\n{wrong}" if file.shared else wrong)
    message = " ".join(inspect.cleandoc(docstring).split())
    place = f"{file.path.relative_to(section.root).as_posix()}:{node.lineno}"
    return Mistake(
        exercise, options.get("slug") or node.name, message, tuple(hints), source, f"{section.stem}.py", place
    )


def _renamed(text: str, node: _Definition, exercise: str) -> str:
    """A definition under the exercise's name, without decorators and docstring, as a student would have written it."""
    lines = _lines(text)[node.lineno - 1 : node.end_lineno]
    first = node.body[0]  # the docstring
    del lines[first.lineno - node.lineno : (first.end_lineno or first.lineno) - node.lineno + 1]
    return _WORD.sub(lambda word: exercise if word[0] == node.name else word[0], "\n".join(lines))


def _expect_same_parameters(where: str, wrong: _Definition, right: _Definition) -> None:
    """Raise MistakeError if the exercise's callers could not call the mistake."""
    given, wanted = _parameters(wrong), _parameters(right)
    if given is None or wanted is None:
        return
    names, needed = list(wanted), sum(not optional for optional in wanted.values())
    if [*given][: len(names)] != names or sum(not optional for optional in given.values()) > needed:
        raise MistakeError(f"{where}: the arguments are ({', '.join(given)}). The exercise has ({', '.join(names)}).")


def _parameters(node: _Definition) -> dict[str, bool] | None:
    """The names of a function's arguments, and whether each is optional; None if it takes any, or is a class."""
    if isinstance(node, ast.ClassDef) or node.args.vararg or node.args.kwarg:
        return None
    plain = [*node.args.posonlyargs, *node.args.args]
    defaults = [None] * (len(plain) - len(node.args.defaults)) + node.args.defaults + node.args.kw_defaults
    names = (argument.arg for argument in (*plain, *node.args.kwonlyargs))
    return {name: default is not None for name, default in zip(names, defaults, strict=True)}


@cache  # every mistake of a section stands in the same solution
def parsed(solution: str) -> ast.Module:
    """Its syntax tree, to read."""
    return ast.parse(solution)


def _definition_of(solution: str, exercise: str) -> _Definition:
    """The definition of an exercise."""
    for node in parsed(solution).body:
        if isinstance(node, _Definition) and node.name == exercise:
            return node
    raise MistakeError(f"the solution defines no {exercise}")


def definition_in(solution: str, exercise: str) -> str:
    """The text of an exercise's definition, decorators included."""
    return _segment(solution, _definition_of(solution, exercise))


def in_its_place(solution: str, exercise: str, wrong: str) -> str:
    """The solution's text with another definition of an exercise."""
    node = _definition_of(solution, exercise)
    lines = _lines(solution)
    return "\n".join([*lines[: _begin(node) - 1], wrong, *lines[node.end_lineno :]]) + "\n"
