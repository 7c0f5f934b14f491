"""A submission in this process, with the interface of a worker: under `--in-process`."""

import bdb
import linecache
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, chdir, contextmanager, nullcontext
from functools import cached_property, partial
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

import numpy as np

from grader.sandbox.analysis import outline as source_outline
from grader.sandbox.calls.callee import ExerciseCall
from grader.sandbox.calls.changed_arguments import ChangedInput, bind
from grader.sandbox.calls.failed_calls import NOTHING_DEFINED, Definition, is_raised_by, missing, not_implemented
from grader.sandbox.calls.forbidden import NO_RULES, Rules
from grader.sandbox.calls.imports import Imports, install_stand_ins, leave_uncompiled
from grader.sandbox.calls.local_calls import LocalCalls
from grader.sandbox.calls.packing import MASKED, is_masked
from grader.sandbox.calls.sandboxed_submission import Outline, Trial
from grader.sandbox.calls.student import Contract
from grader.submission import parsing
from grader.submission.submission import Submission
from grader.toolkit.kinds import expect_kind_around
from grader.toolkit.programs import Program
from grader.toolkit.verdicts import Opaque, SourceLine, StudentError, WrongAnswerError


class LocalStudent(LocalCalls):
    """A submission in this process, for `breakpoint()`. The result is not a grade: the submission could do anything here."""

    def __init__(
        self,
        module: Callable[[], ModuleType],
        contract: Contract,
        filename: str,
        defined: Mapping[str, Definition] = NOTHING_DEFINED,
        exercise: str = "",
    ) -> None:
        super().__init__(contract)
        self._module, self._exercise = module, exercise
        self._filename, self._defined = filename, defined
        self._last: tuple[str, dict[str, Any]] | None = None
        self.answered = False
        self.disturbance: ChangedInput | None = None
        self.disturbed: tuple[str, dict[str, Any]] | None = None
        self._refused: tuple[WrongAnswerError, tuple[str, dict[str, Any]] | None] | None = None

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)

        def local(*args: Any, **kwargs: Any) -> Any:
            function = getattr(self._module(), name, None)
            if function is None:
                self._last = None
                raise self._kept(missing(self._filename, name, self._defined, self._contract.function))
            self._last = (name, bind(self._contract.function(name), args, kwargs))
            return self._guarded(function, self._contract.result(name), name, False, args, kwargs)

        return ExerciseCall("student", name, local)

    def __repr__(self) -> str:
        return "student"

    def run(self, program: Program, *args: Any, **kwargs: Any) -> Any:
        annotation = get_type_hints(program).get("return", Any)
        self._last = None  # what a program was called with is not kept here
        around = partial(program, self._module())
        return self._guarded(around, annotation, self._exercise or program.__name__, True, args, kwargs)

    def last_call(self) -> tuple[str, dict[str, Any]] | None:
        return self._last

    def refused(self) -> WrongAnswerError | None:
        """As `RemoteStudent` has it."""
        if self._refused is None:
            return None
        error, self._last = self._refused
        return error

    def call_of(self, call: tuple[str, dict[str, Any]]) -> tuple[str, dict[str, Any]]:
        """As `RemoteStudent` has it, whose calls are kept as bytes."""
        return call

    @property
    def cpu_seconds(self) -> float | None:
        return None  # the submission did not use this computing time alone

    def _guarded(self, function: Any, annotation: Any, name: str, program: bool, args: Any, kwargs: Any) -> Any:
        self.answered = True
        value, left = self._called(function, "" if program else name, args, kwargs)
        if left.disturbance is not None and self.disturbance is None and (program or name == self._exercise):
            self.disturbance, self.disturbed = left.disturbance, self._last
        try:
            left.answer(None)
        except bdb.BdbQuit:  # leaving the debugger ends the whole run, not one of twenty examples
            raise KeyboardInterrupt from None
        except Exception as error:
            lines = _lines(error, self._filename)
            if isinstance(error, WrongAnswerError) and not lines:
                self._kept(error)
                raise
            if isinstance(error, NotImplementedError) and is_raised_by(lines):
                raise not_implemented(lines, name, self._defined) from error
            bases = tuple(base.__name__ for base in type(error).__mro__)
            raise self._contract.raised(StudentError(type(error).__name__, bases, str(error), lines)) from error
        value = _without_numpy_numbers(value)
        try:
            expect_kind_around(value, annotation, name, self._contract.result(name) if program else annotation)
        except WrongAnswerError as error:
            self._kept(error)
            raise
        return left.answer(value)

    def _kept(self, error: WrongAnswerError) -> WrongAnswerError:
        self._refused = self._refused or (error, self._last)
        return error


def _lines(error: BaseException, filename: str) -> tuple[SourceLine, ...]:
    """The lines of the submission that an exception passed through."""
    frames = traceback.extract_tb(error.__traceback__)
    mine = [frame for frame in frames if Path(frame.filename).name == filename]
    return tuple(SourceLine(frame.lineno or 0, frame.name, frame.line or "") for frame in mine)


def _without_numpy_numbers(value: Any) -> Any:
    """The value as it would come from a worker, where a number of numpy is one of Python."""
    if isinstance(value, np.number | np.bool_ | np.str_):
        return value.item()
    if is_masked(value):
        return Opaque(MASKED)
    if type(value) in (list, tuple):
        return type(value)(map(_without_numpy_numbers, value))
    return value


class InProcessSubmission:
    """A submission that is executed here. The counterpart of `SandboxedSubmission` without any protection.

    Python, tracebacks and debuggers use the bytes that were read: the file may have changed since.
    """

    def __init__(self, submission: Submission, packages: Sequence[str] = (), modules: Sequence[str] = ()) -> None:
        """`packages` are those that it may import besides numpy, and `modules` those of the course."""
        self.filename = submission.filename
        self.layers: dict[str, Any] = {}
        self.load_error: StudentError | None = None
        self.rules: Rules = NO_RULES
        self.digests = False
        self._submission = submission
        self._imports = Imports(packages, modules)
        self._place = str(submission.path.absolute())  # a check may go to a folder of its own before it is loaded
        self._module: ModuleType | None = None

    @cached_property
    def outline(self) -> Outline:
        try:
            source, rules = self._submission.source, self.rules
            found = source_outline.read(source, self.filename, rules.names, self.digests, rules.exercises)
        except SyntaxError as error:
            line = SourceLine(error.lineno or 1, "<module>", (error.text or "").strip())
            return Outline({}, StudentError("SyntaxError", ("SyntaxError",), str(error.msg), (line,)))
        return Outline.read(found, self._submission.place)

    def graded(self) -> AbstractContextManager[None]:
        """There is no worker to keep."""
        return nullcontext()

    @property
    def digest(self) -> str:
        return self.outline.whole or self._submission.digest

    def expect_nothing_forbidden(self, exercise: str) -> None:
        """As `SandboxedSubmission` has it; here the source alone tells, and no guard stands in the library."""
        self.rules.expect_none_in(exercise, self.outline.uses, self._submission.line)

    def _load(self) -> ModuleType:
        if self._module is None:
            source, place = self._submission.source, self._place
            module = self._module = ModuleType(f"in_process_{Path(place).stem}")
            module.__file__ = place
            sys.modules[module.__name__] = module  # where data classes and the like look for it
            linecache.cache[place] = (len(source), None, parsing.lines_of(source, place), place)
            install_stand_ins(where_missing=True)
            leave_uncompiled()
            self._imports.restrict(module)
            try:
                for code in parsing.compile_parts(source, place, self.rules.exercises).codes:
                    exec(code, module.__dict__)
            except Exception as error:
                self.load_error = StudentError(type(error).__name__, (), str(error), _lines(error, self.filename))
        return self._module

    @contextmanager
    def trial(
        self, contract: Contract, exercise: str = "", call_cpu_seconds: float | None = None, scratch_bytes: int = 0
    ) -> Iterator[Trial]:
        """Nothing is limited here. A check that lets functions write files gets an empty folder."""
        student: Any = LocalStudent(self._load, contract, self.filename, self.outline.definitions, exercise)
        with _empty_folder() if scratch_bytes else nullcontext():
            yield Trial(student)


@contextmanager
def _empty_folder() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        yield
