"""The solution of an exercise with one small change each: a sign, a term, a power, an argument.

A wrong answer that no mistake of the course explains may do exactly what the solution does after such a change. Then the
sentence of the change is true of it, however it is written. The sentences name arguments and never quote the solution.
"""

import ast
import sys
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from types import CodeType, FrameType, ModuleType
from typing import Any

from grader.course import Section
from grader.diagnosis.argument_changes import changed_arguments
from grader.diagnosis.evidence import Case, all_return, tells_enough
from grader.diagnosis.expression_changes import changed_expressions
from grader.diagnosis.hints import ALTERED
from grader.diagnosis.mistakes import definition_in
from grader.diagnosis.replay import agree, called
from grader.diagnosis.statement_changes import changed_statements
from grader.grading.report import Diagnosis

_MOST = 1600  # of an exercise
_LINES = 4000
_CALLS = 150_000  # of Python functions in all: about a second
_FILENAME = "<altered solution>"


@dataclass(frozen=True, eq=False)
class Alteration:
    """One changed definition. `slug` is its kind."""

    slug: str
    message: str
    code: CodeType = field(repr=False)

    def module(self, solution: ModuleType) -> ModuleType:
        """The solution's module with this definition in it."""
        altered = types.ModuleType(solution.__name__)
        altered.__dict__.update(solution.__dict__)
        exec(self.code, altered.__dict__)
        return altered


@cache
def alterations_of(section: Section, exercise: str) -> tuple[Alteration, ...]:
    """All alterations of an exercise, the plainest first."""
    text = definition_in(section.solution.read_text(encoding="utf-8"), exercise)
    found: dict[bytes, Alteration] = {}
    for slug, message, code in _compiled(text):
        found.setdefault(_behaviour_of(code), Alteration(slug, message, code))
        if len(found) >= _MOST:
            break
    return tuple(found.values())


def _behaviour_of(code: CodeType) -> bytes:
    """Equal for definitions that compile to the same."""
    parts = [code.co_code, repr((code.co_names, code.co_varnames)).encode()]
    for constant in code.co_consts:
        parts.append(_behaviour_of(constant) if isinstance(constant, CodeType) else repr(constant).encode())
    return b"\0".join(parts)


def _compiled(text: str) -> Iterator[tuple[str, str, CodeType]]:
    """The kind, the sentence and the code of each change, made in the one tree and taken back."""
    tree = ast.parse(text)
    (definition,) = tree.body
    assert isinstance(definition, ast.FunctionDef | ast.ClassDef)
    definition.decorator_list = []
    for changes in (changed_arguments, changed_expressions, changed_statements):
        for change in changes(definition):
            with change.made():
                ast.fix_missing_locations(tree)
                try:
                    code = compile(tree, _FILENAME, "exec", dont_inherit=True)
                except (SyntaxError, ValueError):
                    continue
            yield change.slug, change.message, code


class _TooLongError(Exception):
    """An altered solution called too many functions, or ran too many lines."""


class CallBudget:
    """How many Python functions may still be called, and how many lines of one call may run in the solution.

    These are counted, and not seconds: so the same code gets the same diagnosis on a busy machine.
    """

    def __init__(self, solution: ModuleType, calls: int = _CALLS) -> None:
        self.calls = calls
        self._files = {_FILENAME, getattr(solution, "__file__", None)}
        self._lines = 0

    @contextmanager
    def spent(self) -> Iterator[None]:
        """Count what runs meanwhile, and end it with an exception if it is too much: a change can make a loop endless."""
        self._lines = _LINES
        before = sys.gettrace()
        sys.settrace(self._enter)
        try:
            yield
        finally:
            sys.settrace(before)

    def _enter(self, frame: FrameType, event: str, argument: Any) -> Callable[..., Any] | None:
        self.calls -= 1
        if self.calls < 0:  # also of ours: a change can make a result that is too large to compare
            raise _TooLongError
        return self._count if frame.f_code.co_filename in self._files else None

    def _count(self, frame: FrameType, event: str, argument: Any) -> Callable[..., Any]:
        self._lines -= 1
        if self._lines < 0:
            raise _TooLongError
        return self._count


def altered_like(section: Section, exercise: str, solution: ModuleType, cases: Sequence[Case]) -> Diagnosis | None:
    """The sentence of the first alteration that does what a submission does, in all calls that should return a value."""
    usable = [case for case in cases if not case.expected.raised]
    if not all_return(usable) or not tells_enough(usable):
        return None
    ordered = sorted(usable, key=lambda case: (not case.wrong, case.is_program, case.exchange.size))
    budget = CallBudget(solution)
    for alteration in alterations_of(section, exercise):
        module = alteration.module(solution)
        try:
            if all(_fits(module, case, budget) for case in ordered):
                return Diagnosis(f"{ALTERED}_{alteration.slug}", alteration.message)
        except _TooLongError:  # outside of the altered solution
            break
        if budget.calls < 0:
            break
    return None


def _fits(module: ModuleType, case: Case, budget: CallBudget) -> bool:
    with budget.spent(), warnings.catch_warnings(action="ignore"):
        outcome = called(case.exchange, module)
    return agree(outcome, case.got, case.exchange.single)
