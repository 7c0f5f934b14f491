"""Modules of this process behind the same interface: the reference, and a submission under `--in-process`."""

import bdb
import importlib.util
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, chdir, contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

import numpy as np
import torch

from grader.sandbox import outline as source_outline
from grader.sandbox.candidate import Outline, Trial
from grader.sandbox.forbidden import NO_RULES, Rules
from grader.sandbox.student import Contract, bind, is_raised_by, missing
from grader.sandbox.submission import Submission
from grader.toolkit import programs
from grader.toolkit.kinds import expect_kind
from grader.toolkit.shared import SharedTensor
from grader.toolkit.verdicts import EndedError, SourceLine, StudentError, WrongAnswerError


def load_module(path: Path, name: str) -> ModuleType:
    """Execute a trusted file as a module called `name`."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


class Reference:
    """The reference solution as a check sees it."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._module, name)

    def run(self, program: programs.Program, *args: Any, **kwargs: Any) -> Any:
        """Run a program of `toolkit.programs` around the reference's functions."""
        return program(self._module, *args, **kwargs)


class LocalStudent:
    """A submission in this very process, for `breakpoint()`. Not a grade: it could do anything here."""

    def __init__(
        self,
        module: Callable[[], ModuleType],
        contract: Contract,
        filename: str,
        defined: Iterable[str] = (),
        exercise: str = "",
    ) -> None:
        self._module = module
        self._defined = defined
        self._exercise = exercise
        self._contract = contract
        self._filename = filename
        self._called = False
        self._last: tuple[str, tuple[Any, ...], dict[str, Any]] | None = None

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)

        def local(*args: Any, **kwargs: Any) -> Any:
            function = getattr(self._module(), name, None)
            if function is None:
                raise missing(self._filename, name, self._defined)
            self._called = True
            self._last = (name, _snapshot(args), _snapshot(kwargs))
            return self._guarded(function, self._contract.result(name), name, args, kwargs)

        return local

    def run(self, program: programs.Program, *args: Any, **kwargs: Any) -> Any:
        annotation = get_type_hints(program).get("return", Any)
        self._called = True
        self._last = None  # what a program was called with is not kept here
        return self._guarded(program, annotation, self._exercise or program.__name__, (self._module(), *args), kwargs)

    def last_call(self) -> tuple[str, dict[str, Any]] | None:
        if self._last is None:
            return None
        name, args, kwargs = self._last
        return name, bind(self._contract.function(name), args, kwargs)

    @property
    def answered(self) -> bool:
        return self._called

    @property
    def cpu_seconds(self) -> float | None:
        return None  # what was used here was not the submission's alone

    def _guarded(self, function: Any, annotation: Any, name: str, args: Any, kwargs: Any) -> Any:
        try:
            value = function(*map(_unshared, args), **{key: _unshared(item) for key, item in kwargs.items()})
        except bdb.BdbQuit:  # whoever leaves the debugger means all of it, not the next of twenty examples
            raise KeyboardInterrupt from None
        except Exception as error:
            lines = _lines(error, self._filename)
            if isinstance(error, WrongAnswerError) and not lines:
                raise
            if isinstance(error, NotImplementedError) and is_raised_by(lines):
                raise EndedError("not_started", f"{name} is not written yet.", lines) from error
            bases = tuple(base.__name__ for base in type(error).__mro__)
            raise StudentError(type(error).__name__, bases, str(error), lines) from error
        value = _without_numpy_floats(value)
        expect_kind(value, annotation, name)
        return value


def _lines(error: BaseException, filename: str) -> tuple[SourceLine, ...]:
    """The lines of the submission that an exception passed through."""
    frames = traceback.extract_tb(error.__traceback__)
    mine = [frame for frame in frames if Path(frame.filename).name == filename]
    return tuple(SourceLine(frame.lineno or 0, frame.name, frame.line or "") for frame in mine)


def _unshared(value: Any) -> Any:
    return value.tensor if isinstance(value, SharedTensor) else value


def _without_numpy_floats(value: Any) -> Any:
    """The value as it would come from a worker, where numpy's float64 is the float that it inherits from."""
    if isinstance(value, np.floating):
        return float(value)
    if type(value) in (list, tuple):
        return type(value)(map(_without_numpy_floats, value))
    return value


def _snapshot(value: Any) -> Any:
    """A copy that later in-place changes do not reach."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, list | tuple):
        return type(value)(_snapshot(item) for item in value)
    if isinstance(value, dict):
        return {key: _snapshot(item) for key, item in value.items()}
    return value


class LocalCandidate:
    """A submission that is imported here. The counterpart of `Candidate` without any protection."""

    def __init__(self, submission: Submission) -> None:
        self.filename = submission.filename
        self.layers: dict[str, Any] = {}
        self.load_error: StudentError | None = None
        self.rules: Rules = NO_RULES
        self.digests = False
        self._submission = submission
        self._path = submission.path.absolute()  # a check may go to a folder of its own before it is loaded
        self._module: ModuleType | None = None

    @cached_property
    def outline(self) -> Outline:
        try:
            found = source_outline.read(self._submission.source, self.filename, self.rules.names, self.digests)
        except SyntaxError as error:
            line = SourceLine(error.lineno or 1, "<module>", (error.text or "").strip())
            return Outline({}, StudentError("SyntaxError", ("SyntaxError",), str(error.msg), (line,)))
        return Outline.read(found)

    def graded(self) -> AbstractContextManager[None]:
        """There is no worker to keep."""
        return nullcontext()

    def digest_of(self, exercise: str) -> str:
        return self.outline.digests.get(exercise) or self._submission.digest

    def expect_nothing_forbidden(self, exercise: str) -> None:
        """As `Candidate` has it; here the source alone tells, and no guard stands in the library."""
        self.rules.expect_none_in(exercise, self.outline.uses, self._submission.source)

    def _load(self) -> ModuleType:
        if self._module is None:
            path = self._path
            try:
                self._module = load_module(path, f"in_process_{path.stem}")
            except Exception as error:
                self._module = sys.modules[f"in_process_{path.stem}"]
                self.load_error = StudentError(type(error).__name__, (), str(error), _lines(error, self.filename))
        return self._module

    @contextmanager
    def trial(
        self, contract: Contract, exercise: str = "", call_cpu_seconds: float | None = None, scratch_bytes: int = 0
    ) -> Iterator[Trial]:
        """Nothing is limited here; who may write files finds an empty folder."""
        student: Any = LocalStudent(self._load, contract, self.filename, self.outline.definitions, exercise)
        with _empty_folder() if scratch_bytes else nullcontext():
            yield Trial(student)


@contextmanager
def _empty_folder() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        yield
