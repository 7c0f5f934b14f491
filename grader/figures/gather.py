"""Get the numbers of a picture from the student's functions and from the reference; a student kit holds the latter's numbers."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.course_modules import told_at
from grader.grading.report import Status
from grader.grading.section_run import contract_of
from grader.grading.verdict import judge
from grader.predictions import Answer, accepted
from grader.sandbox.calls.failed_calls import not_written
from grader.sandbox.calls.local_calls import LocalReference
from grader.sandbox.calls.sandboxed_submission import SandboxedSubmission
from grader.sandbox.calls.student import Contract, RemoteStudent
from grader.section import Section
from grader.toolkit.lazy_torch import as_array, torch
from grader.toolkit.show import kind_of
from grader.toolkit.text import one_line
from grader.toolkit.verdicts import DataError, EndedError, PictureError, WrongAnswerError

Array = NDArray[Any]
REFERENCE = "_reference"  # ends the names of the reference's arrays
_VISIBLE = 1e-3  # of the largest value: smaller differences are invisible


@dataclass(frozen=True)
class Gathered:
    """The numbers of a picture. `missing` says, by name, why the student's array is missing, or why it is wrong."""

    arrays: Mapping[str, Array] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    predictions: Mapping[str, Answer] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Array:
        """The student's array. Raises KeyError if it is missing."""
        return self.arrays[name]

    def predicted(self, key: str) -> Answer | None:
        """The student's answer to a question of `PREDICTIONS`, if there is one."""
        return self.predictions.get(key)

    def yours(self, name: str) -> Array | None:
        """The student's array; None if it is missing."""
        return self.arrays.get(name)

    def reference(self, name: str) -> Array | None:
        """The reference's array; None in a kit without its numbers."""
        return self.arrays.get(name + REFERENCE)


class Subject:
    """A submission to draw, and the reference, or its `stored` numbers. An exercise that ended its worker is not called again."""

    def __init__(self, section: Section, submission: SandboxedSubmission) -> None:
        known = section.solution.is_file()
        self.submission, self.root = submission, section.root
        self.contract = contract_of(section) if known else Contract(ModuleType("no_reference"), section.changes)
        self.reference = LocalReference(self.contract) if known else None
        self.stored = {} if known else stored_numbers(section)
        self.given_up: dict[str, str] = {}  # exercise -> why
        self.shared: dict[str, Gathered] = {}  # the numbers of several pictures
        self.predictions = accepted(section.questions, submission.outline.answers)
        error = submission.outline.error
        self.unread = "" if error is None else one_line(judge(error, None).message)  # why the file cannot be parsed
        for exercise in section.functions:
            definition = submission.outline.definitions.get(exercise)
            if self.unread:
                self.given_up[exercise] = self.unread
            elif definition is not None and definition.stub:
                self.given_up[exercise] = not_written(exercise, definition)


def stored_numbers(section: Section) -> dict[str, Array]:
    """The reference's numbers in a kit, by the name of a picture and of an array."""
    if not section.reference_numbers.is_file():
        return {}
    with np.load(section.reference_numbers, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


class Work:
    """Asks for the numbers of a picture called `name`. The caller may add known `arrays`, such as an axis.

    All calls of one exercise go to one worker, which lives within `with Work(...)`. An error of the author leaves it as a
    PictureError, which names file and line.
    """

    def __init__(self, subject: Subject, call_cpu_seconds: float | None = None, name: str = "") -> None:
        self._name = name
        self.arrays: dict[str, Array] = {}
        self.missing: dict[str, str] = {}
        self._subject = subject
        self._call_cpu_seconds = call_cpu_seconds
        self._students: dict[str, RemoteStudent] = {}
        self._trials = ExitStack()

    def __enter__(self) -> "Work":
        return self

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        """Tell an exception to the author: what submissions raise is kept in `missing`, so that the course's code raised it."""
        self._trials.close()
        if isinstance(error, Exception) and not isinstance(error, DataError):
            raise PictureError(told_at(error, self._subject.root)) from error

    @property
    def gathered(self) -> Gathered:
        return Gathered(self.arrays, self.missing, self._subject.predictions)

    def ask(
        self,
        name: str,
        exercise: str,
        call: Callable[[Any], Any],
        shape: tuple[int, ...] = (),
        then: Callable[[Array], Array] = lambda array: array,
        dtype: Any = np.float64,
        exact: bool = True,
        beside: bool = True,
    ) -> None:
        """Keep the result of `call` with the student's functions and with the reference's: an array of this shape and dtype.

        `call` makes new arguments each time, since functions may change them. It returns a tensor, a number, or a list or
        tuple of numbers; `then` transforms the array. With `exact`, a visible difference from the reference is noted: pass
        False for random answers. Without `beside`, the reference is not called.
        """

        def array(functions: Any) -> list[Array]:
            return [_finite(then(_numbers(call(functions), exercise, shape, dtype)), exercise)]

        self._keep((name,), exercise, array, exact, beside)

    def ask_several(
        self,
        shapes: Mapping[str, tuple[int, ...]],
        exercise: str,
        call: Callable[[Any], Any],
        dtype: Any = np.float64,
        exact: bool = True,
        beside: bool = True,
    ) -> None:
        """As `ask`, for a call that returns a tuple: an answer for each name and shape, in this order."""

        def arrays(functions: Any) -> list[Array]:
            answers = zip(call(functions), shapes.values(), strict=True)
            return [_numbers(answer, exercise, shape, dtype) for answer, shape in answers]

        self._keep(tuple(shapes), exercise, arrays, exact, beside)

    def share(self, key: str, gather: Callable[["Work"], None]) -> None:
        """Gather the numbers that several pictures share, once."""
        shared = self._subject.shared
        if key not in shared:
            with Work(self._subject, self._call_cpu_seconds, key) as work:
                gather(work)
            shared[key] = work.gathered
        self.arrays.update(shared[key].arrays)
        self.missing.update(shared[key].missing)

    def _keep(
        self, names: tuple[str, ...], exercise: str, make: Callable[[Any], list[Array]], exact: bool, beside: bool
    ) -> None:
        if self._subject.reference is not None:
            self._subject.contract.expect(exercise)
        expected = self._expected(names, make) if beside else []
        self.arrays.update((name + REFERENCE, array) for name, array in zip(names, expected, strict=False))
        if exercise in self._subject.given_up:
            self.missing.update(dict.fromkeys(names, self._subject.given_up[exercise]))
            return
        try:
            with np.errstate(all="ignore"):
                got = make(self._student(exercise))
        except (Exception, EndedError) as error:
            self.missing.update(dict.fromkeys(names, self._reason(error, exercise)))
            return
        self.arrays.update(zip(names, got, strict=True))
        for name, array, other in zip(names, got, expected, strict=False):
            if exact and _differ(array, other):
                self.missing[name] = f"{exercise} does not agree with the reference."

    def _expected(self, names: tuple[str, ...], make: Callable[[Any], list[Array]]) -> list[Array]:
        """The reference's arrays; none where neither it nor its numbers are at hand."""
        keys, stored = [f"{self._name}/{name}" for name in names], self._subject.stored
        if self._subject.reference is None:
            return [stored[key] for key in keys] if stored.keys() >= set(keys) else []
        arrays = make(self._subject.reference)
        stored.update(zip(keys, arrays, strict=True))
        return arrays

    def _student(self, exercise: str) -> RemoteStudent:
        if exercise not in self._students:
            trial = self._subject.submission.trial(self._subject.contract, exercise, self._call_cpu_seconds)
            self._students[exercise] = self._trials.enter_context(trial).student
        return self._students[exercise]

    def _reason(self, error: BaseException, exercise: str) -> str:
        """Why an answer cannot be drawn, in the words of a grading. Raises errors of the grader again."""
        verdict = judge(error, self._student(exercise))
        if verdict.status is Status.GRADER_ERROR:
            raise error
        words = one_line(verdict.message)
        if isinstance(error, EndedError):
            self._subject.given_up[exercise] = words
        return words


def _numbers(value: Any, exercise: str, shape: tuple[int, ...], dtype: Any) -> Array:
    """An answer as an array. Raises WrongAnswerError for another type, shape or dtype, and for infinities and NaN."""
    wanted = np.dtype(str(dtype).removeprefix("torch.") if isinstance(dtype, torch.dtype) else dtype)
    if isinstance(value, int | float | list | tuple) and _is_plain(value):
        array = np.array(value, wanted)
    elif isinstance(value, torch.Tensor | np.ndarray):
        array = as_array(value)
    else:
        raise WrongAnswerError(f"{exercise} returned {kind_of(value)}, which cannot be drawn.")
    if array.shape != shape:
        raise WrongAnswerError(f"{exercise} should give shape {shape}; yours has {array.shape}.")
    if array.dtype != wanted:
        raise WrongAnswerError(f"{exercise} should give dtype {wanted}; yours has {array.dtype}.")
    return _finite(array.copy(), exercise)


def _finite(numbers: Array, exercise: str) -> Array:
    if not np.isfinite(numbers).all():
        raise WrongAnswerError(f"{exercise} gave numbers that are not finite.")
    return numbers


def _is_plain(value: Any) -> bool:
    """Whether a value is a number, or a list or tuple of numbers."""
    return all(type(item) in (int, float) for item in (value if isinstance(value, list | tuple) else [value]))


def _differ(got: Array, expected: Array) -> bool:
    scale = float(np.abs(expected).max(initial=0.0))
    kind = complex if np.iscomplexobj(got) or np.iscomplexobj(expected) else float
    with np.errstate(over="ignore", invalid="ignore"):  # an answer may be near the largest number
        return bool((np.abs(got.astype(kind) - expected) > _VISIBLE * scale).any())
