"""The solution of an exercise with one small change each: a sign, a term, a power, an argument.

A wrong answer that no mistake of the course explains may do exactly what the solution does after such a change. Then the
sentence of the change is true of it, however it is written. The sentences name arguments and never quote the solution.
"""

import ast
import sys
import types
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, islice, zip_longest
from types import CodeType, FrameType, ModuleType
from typing import Any

from grader.diagnosis.argument_changes import changed_arguments
from grader.diagnosis.call_changes import changed_library_calls
from grader.diagnosis.changes import Definition, in_plain_statements, is_docstring, is_refusal
from grader.diagnosis.evidence import Case, tells_enough
from grader.diagnosis.expression_changes import changed_expressions
from grader.diagnosis.formula_words import FormulaWords
from grader.diagnosis.hints import ALTERED
from grader.diagnosis.known_mistakes import definition_in
from grader.diagnosis.memory_changes import changed_first_passes, changed_memory, changed_passes
from grader.diagnosis.part_changes import changed_parts
from grader.diagnosis.replay import CallResult, agree, called
from grader.diagnosis.statement_changes import changed_statements
from grader.grading.report import Diagnosis
from grader.section import Section

_MOST = 1960  # of a definition
_LINES = 4000
_CALLS = 300_000  # of Python functions in all: about a second
_CALLS_OF_OURS = 60  # for each call of an altered solution: to build its arguments, and to compare its result
_CALLS_OF_LIBRARIES = 50_000  # that a function of a library may make beyond that
_LARGEST = 10_000  # parts of a result
_FILENAME = "<altered solution>"
_CHANGES = (
    changed_arguments,
    changed_parts,
    changed_memory,
    changed_passes,
    changed_statements,
    changed_library_calls,
    changed_first_passes,
    changed_expressions,
)


@dataclass(frozen=True, eq=False)
class Alteration:
    """One changed definition. `slug` is its kind. `unchanged` are definitions that call it, and must find it beside them."""

    slug: str
    message: str
    code: CodeType = field(repr=False)
    unchanged: CodeType | None = field(default=None, repr=False)

    def module(self, solution: ModuleType) -> ModuleType:
        """The solution's module with this definition in it."""
        altered = types.ModuleType(solution.__name__)
        altered.__dict__.update(solution.__dict__)
        if self.unchanged is not None:
            exec(self.unchanged, altered.__dict__)
        exec(self.code, altered.__dict__)
        return altered


@cache
def alterations_of(section: Section, exercise: str) -> tuple[Alteration, ...]:
    """All alterations of an exercise and of the functions that it calls, the plainest first."""
    solution = section.solution.read_text(encoding="utf-8")
    texts = {name: definition_in(solution, name) for name in _reached(solution, exercise)}
    together = compile("\n\n".join(texts.values()), _FILENAME, "exec", dont_inherit=True)
    made = []
    for name, text in texts.items():
        unchanged = None if name == exercise else together
        of = f" This is about the part that `{name}` does." if name != exercise else ""
        changes = islice(_compiled(text), _MOST)
        made.append([Alteration(slug, message + of, code, unchanged) for slug, message, code in changes])
    found: dict[bytes, Alteration] = {}
    for one in chain.from_iterable(zip_longest(*made)):  # the plain ones of each come before the others
        if one is not None:
            found.setdefault(_behaviour_of(one.code), one)
    return tuple(found.values())


def _reached(solution: str, exercise: str) -> list[str]:
    """The exercise and the functions of the solution that it calls, directly or not, without those that refuse arguments."""
    defined = {node.name: node for node in ast.parse(solution).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    reached = [exercise]
    for name in reached:
        for node in ast.walk(defined[name]):
            called_name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if called_name in defined and called_name not in reached and not _refuses(defined[called_name]):
                reached.append(called_name)
    return reached


def _refuses(definition: Definition) -> bool:
    return all(is_docstring(one) or is_refusal(one) for one in definition.body)


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
    in_plain_statements(definition)
    ast.fix_missing_locations(tree)
    words = FormulaWords(definition)
    for changes in _CHANGES:
        for change in changes(definition):
            with change.made():
                try:
                    code = compile(tree, _FILENAME, "exec", dont_inherit=True)
                except (SyntaxError, ValueError):
                    continue
            yield change.slug, words.message(change), code


class _TooLongError(Exception):
    """An altered solution called too many functions, or ran too many lines."""


class CallBudget:
    """How many Python functions may still be called, and how many lines of one call may run in the solution.

    These are counted, and not seconds: so the same code gets the same diagnosis on a busy machine.
    """

    def __init__(self, solution: ModuleType, calls: int = _CALLS) -> None:
        self.calls = calls
        self._files = {_FILENAME, getattr(solution, "__file__", None)}
        self.lines = 0  # that are left

    def run(self, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Call a function and count. Too much work ends with an exception: a change can make a loop or a result endless."""
        self.lines = _LINES
        self.calls -= _CALLS_OF_OURS
        before = sys.gettrace()
        sys.settrace(self._enter)
        try:
            result = function(*args, **kwargs)
        finally:
            sys.settrace(before)
        _expect_few_parts(result)
        return result

    def _enter(self, frame: FrameType, event: str, argument: Any) -> Callable[..., Any] | None:
        self.calls -= 1
        is_ours = frame.f_code.co_filename in self._files
        if self.calls < (
            0 if is_ours else -_CALLS_OF_LIBRARIES
        ):  # a library may ignore an exception, and go on uncounted
            raise _TooLongError
        return self._count if is_ours else None

    def _count(self, frame: FrameType, event: str, argument: Any) -> Callable[..., Any]:
        self.lines -= 1
        if self.lines < 0 or self.calls < 0:
            raise _TooLongError
        return self._count


def _expect_few_parts(result: Any) -> None:
    """Raise an exception for a result with too many parts: a list may hold another again and again."""
    waiting, count = [result], 0
    while waiting:
        one = waiting.pop()
        count += 1
        if count > _LARGEST:
            raise _TooLongError
        if isinstance(one, list | tuple | set | frozenset):
            waiting += one
        elif isinstance(one, dict):
            waiting += one.values()


def altered_like(section: Section, exercise: str, solution: ModuleType, cases: Sequence[Case]) -> Diagnosis | None:
    """The sentence of the first alteration that gives the submission's results in all calls that should return a value."""
    usable = [case for case in cases if not case.expected.raised]
    if not tells_enough(usable):
        return None
    budget = CallBudget(solution)
    lines = {id(case): _lines_of(case, solution, budget) for case in usable}
    quick = [case for case in usable if lines[id(case)] <= _LINES // 2]  # so that an alteration may run twice as many
    ordered = sorted(quick, key=lambda case: (not case.wrong, lines[id(case)], case.exchange.size))
    if not tells_enough(ordered):
        return None
    for alteration in alterations_of(section, exercise):
        try:
            module = alteration.module(solution)
        except Exception:  # a class whose body fails
            continue
        if all(_fits(module, case, budget) for case in ordered):
            return Diagnosis(f"{ALTERED}_{alteration.slug}", alteration.message)
        if budget.calls < 0:
            break
    return None


def _lines_of(case: Case, solution: ModuleType, budget: CallBudget) -> int:
    """How many lines the solution itself runs for a call; all that may run if it is ended."""
    return _LINES if _outcome(solution, case, budget).raised else _LINES - budget.lines


def _fits(module: ModuleType, case: Case, budget: CallBudget) -> bool:
    return agree(_outcome(module, case, budget), case.got, case.exchange.single)


def _outcome(module: ModuleType, case: Case, budget: CallBudget) -> CallResult:
    with warnings.catch_warnings(action="ignore"):
        return called(case.exchange, module, run=budget.run)
