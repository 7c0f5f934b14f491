"""The object that a check calls: `student.exercise(...)`. A worker, or a module of this process, responds.

Every call works on copies: a response never writes into the values of this process. A response may come from an attacker, so
it is validated before a check sees it: its type by the reference's annotation, changed arguments by the form of the sent ones.
"""

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any, get_type_hints

import numpy as np

from grader.sandbox.calls import wire
from grader.sandbox.calls.callee import ExerciseCall, GeneratorStates
from grader.sandbox.calls.changed_arguments import ChangedInput, ValueAndAfter, after_call, bind, changed_input
from grader.sandbox.calls.conversation import Conversation
from grader.sandbox.calls.failed_calls import NOTHING_DEFINED, Definition, as_error, explained, missing
from grader.sandbox.calls.packing import Packer
from grader.sandbox.calls.transcript import Exchange, Transcript
from grader.sandbox.calls.unpacking import Unpacker
from grader.toolkit.generators import is_generator, is_state_of_numpy
from grader.toolkit.kinds import expect_kind_around
from grader.toolkit.programs import Program, cpu_seconds_of
from grader.toolkit.tensors import SharedTensor
from grader.toolkit.travelling import find_travelling
from grader.toolkit.verdicts import EndedError, StudentError, WrongAnswerError

_GARBLED = (ValueError, TypeError, RuntimeError, OverflowError, RecursionError, wire.ProtocolError)
_STATE_WORDS = 624  # of the Mersenne twister
_LONGEST_NAME = 80


class Contract:
    """The facts that the reference gives about each function: names of parameters and the kind of the result.

    `changes` names the parameters that a function works on in place: such a call returns (value, after). With `as_built_in`, an
    exception of a submission is one of its built-in kind in a check, too, for `pytest.raises`.
    """

    def __init__(
        self, reference: ModuleType, changes: Mapping[str, Sequence[str]] | None = None, as_built_in: bool = False
    ) -> None:
        self.module = reference
        self._as_built_in = as_built_in
        self._changes = changes or {}
        self._results: dict[str, Any] = {}

    def changes(self, name: str) -> Sequence[str]:
        """The parameters that the function called `name` works on in place."""
        return self._changes.get(name, ())

    def function(self, name: str) -> Callable[..., Any] | None:
        """The reference's own function or class called `name`."""
        return getattr(self.module, name, None)

    def expect(self, name: str) -> None:
        """Raise AttributeError, with the nearest name, if the reference has no function or class called `name`."""
        if name not in vars(self.module):
            near = difflib.get_close_matches(name, [one for one in vars(self.module) if one[:1] != "_"], n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise AttributeError(f"the solution defines no {name}.{hint}")

    def raised(self, error: BaseException) -> BaseException:
        """An exception of a submission as the section's checks want it."""
        return error.as_built_in() if self._as_built_in and isinstance(error, StudentError) else error

    def result(self, name: str) -> Any:
        """The annotation of what `name` returns; Any if there is none."""
        if name not in self._results:  # asked at every call
            function = self.function(name)
            hints = get_type_hints(function) if inspect.isfunction(function) else {}
            self._results[name] = hints.get("return", Any)
        return self._results[name]


def bind_program(
    module: str, name: str, args: Any, kwargs: Any, find: Callable[[str], Callable[..., Any] | None]
) -> dict[str, Any]:
    """As `bind`, for a program. If it calls a `function` with the rest, the arguments of that function, which `find` finds."""
    bound = bind(find_travelling(module, name), (None, *args), kwargs)
    if "function" in bound:
        return bind(find(bound["function"]), bound.get("args", ()), bound.get("kwargs", {}))
    return dict(list(bound.items())[1:])  # without the submission itself


class RemoteStudent:
    """The submission as a check sees it: its functions by name, and `run` for trusted programs around them.

    `start` gives a loaded conversation; it is called at the first call, so that a check that never calls costs no process.
    """

    def __init__(
        self,
        start: Callable[[SharedTensor | None], Conversation],
        contract: Contract,
        filename: str,
        defined: Mapping[str, Definition] = NOTHING_DEFINED,
        exercise: str = "",
    ) -> None:
        self._start, self._contract = start, contract
        self._filename, self._defined = filename, defined
        self._exercise = exercise  # what a program is about
        self.answered = False  # once anything of the submission has reached the check, trouble is of its making
        self._conversation: Conversation | None = None
        self._generator_states = GeneratorStates()
        self.transcript = Transcript()
        self.disturbance: ChangedInput | None = None  # the first that a call of the exercise has caused
        self.disturbed: Exchange | None = None  # and that call
        self._refused: tuple[WrongAnswerError, Exchange | None] | None = None  # the first, and its call

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):  # what hypothesis and pytest look for when they print an argument
            raise AttributeError(name)

        def remote(*args: Any, **kwargs: Any) -> Any:
            return self._call(name, "", self._contract.result(name), args, kwargs)

        return ExerciseCall("student", name, remote)

    def __repr__(self) -> str:
        return "student"

    def run(self, program: Program, *args: Any, **kwargs: Any) -> Any:
        """Run a trusted program of `programs.py` in the worker, around the submission's functions."""
        annotation = get_type_hints(program).get("return", Any)
        return self._call(program.__name__, program.__module__, annotation, args, kwargs, cpu_seconds_of(program))

    def ask(self, exchanges: Iterable[Exchange]) -> list[Exchange]:
        """Repeat recorded calls, and return those that got a response of any kind."""
        self.transcript = Transcript()
        for exchange in exchanges:
            args, kwargs = exchange.arguments()
            with suppress(StudentError, WrongAnswerError, EndedError, AttributeError):  # the last: a missing function
                self._call(exchange.name, exchange.program, Any, args, kwargs)
        return list(self.transcript)

    def last_call(self) -> tuple[str, dict[str, Any]] | None:
        """Name and arguments by name of the most recent call; None before the first."""
        last = self.transcript.last
        return self.call_of(last) if last is not None and last.request is not None else None

    def call_of(self, exchange: Exchange) -> tuple[str, dict[str, Any]]:
        """Name and arguments by name of a call, as they were sent."""
        args, kwargs = exchange.arguments()
        return self._named(exchange.name, exchange.program, args, kwargs)

    def _named(self, name: str, program: str, args: Any, kwargs: Any) -> tuple[str, dict[str, Any]]:
        if not program:
            return name, bind(self._contract.function(name), args, kwargs)
        return self._exercise, bind_program(program, name, args, kwargs, self._contract.function)

    def refused(self) -> WrongAnswerError | None:
        """The first response that was refused, such as an answer of the wrong kind; `last_call` is then its call.

        A check may have caught it: to `pytest.raises(Exception)` it looks like an exception of the submission.
        """
        if self._refused is None:
            return None
        error, self.transcript.last = self._refused
        return error

    @property
    def cpu_seconds(self) -> float | None:
        """CPU time that the worker has used so far; None before the first call, and where the platform does not tell."""
        return self._conversation.cpu_seconds() if self._conversation else None

    def _call(self, *call: Any) -> Any:
        try:
            return self._responded(*call)
        except WrongAnswerError as error:
            if self._refused is None:  # a copy, without the frames that the error keeps alive
                copy = WrongAnswerError(error.message, error.rows, error.in_rows, error.trajectory)
                self._refused = copy, self.transcript.last
            raise

    def _responded(
        self, name: str, program: str, annotation: Any, args: Any, kwargs: Any, cpu_seconds: float | None = None
    ) -> Any:
        packer = Packer(functions=True, generator_states=self._generator_states)
        trees = packer.pack(list(args)), packer.pack(kwargs)
        blob = b"".join(packer.chunks)
        if self._conversation is None:
            self._conversation = self._start(packer.shared)
        exchange = Exchange(name, None, blob, packer.callbacks, packer.shared.tensor if packer.shared else None)

        def request(number: int) -> wire.Call:
            exchange.request = wire.Call(number, name, program, trees[0], trees[1], packer.arrays)
            return exchange.request

        self.transcript.begin(exchange)

        def call_back(message: wire.Callback, data: bytearray) -> tuple[wire.CallbackResponse, list[Any]]:
            self.answered = True
            return _call_back(packer.callbacks, message, data)

        what = self._exercise or name if program else name
        answer, data = self._conversation.call(request, (blob,), call_back, what, cpu_seconds)
        self.answered = True
        self.transcript.end(exchange, answer, data)
        if answer.missing:
            self.transcript.last = None
            raise self._missing(answer.missing, name, program)
        try:
            value, changed = _read(answer, data, packer)
        except _GARBLED as error:
            raise EndedError("crashed", f"{what} sent an invalid answer ({error}).") from None
        names = () if program else self._contract.changes(name)
        untouched = not changed and not answer.switches and answer.recording
        bound = {} if untouched and not names else self._named(name, program, args, kwargs)[1]
        if not untouched and self.disturbance is None and (program or name == self._exercise):
            raised = answer.failure is not None
            self.disturbance = changed_input(bound, names, packer, changed, answer.switches, answer.recording, raised)
            self.disturbed = exchange
        if answer.failure is not None:
            failure = explained(answer.failure, what, self._filename, self._defined, self._contract.function)
            raise self._contract.raised(as_error(failure, what, self._defined))
        expect_kind_around(value, annotation, what, self._contract.result(what) if program else annotation)
        return ValueAndAfter((value, after_call(bound, names, packer, changed))) if names else value

    def _missing(self, asked: str, name: str, program: str) -> BaseException:
        """The error about a function that the submission lacks. One that the solution lacks, too, is an author's error.

        Of what the worker says, only a name counts, and only for the words.
        """
        if not program or not asked.isidentifier() or len(asked) > _LONGEST_NAME:
            asked = self._exercise or name if program else name
            return missing(self._filename, asked, self._defined, self._contract.function)
        try:
            self._contract.expect(asked)
        except AttributeError as error:
            return AttributeError(f"{program.rpartition('.')[2]}.py, {name}: {error}")
        return missing(self._filename, asked, self._defined, self._contract.function)


def _read(answer: wire.Response, data: bytearray, packer: Packer) -> tuple[Any, dict[int, Any]]:
    """The value of an answer, and the arguments that it says are changed, by the numbers of their arrays.

    A generator's new state is kept for the next call; the generator itself stays as it is.
    """
    unpacker = Unpacker(answer.arrays, data)
    value = unpacker.unpack(answer.value)
    numbers = [source for source, _ in answer.changed]
    if len({*numbers}) < len(numbers) or not {*numbers} <= {*range(len(packer.sources))}:
        raise wire.ProtocolError("a change of something that was not sent, or two of one thing")
    for kind, number in answer.switches:
        if not 0 <= number < len(packer.containers if kind == "items" else packer.sources):
            raise wire.ProtocolError("a change of something that was not sent")
    changed = {source: unpacker.array(array) for source, array in answer.changed}
    for number, source in enumerate(packer.sources):
        if number in changed and is_generator(source):
            packer.generator_states.keep(source, safe_state(changed.pop(number), source))
    return value, changed


def safe_state(sent: Any, generator: Any) -> np.ndarray:
    """A generator's state as a worker sent it, unless it would make the generator read past its 624 words.

    torch believes the two counters in it: 32 bits at byte 8, how many words are left, and 64 at byte 16, where the next one is.
    """
    state: np.ndarray = np.asarray(sent)
    if isinstance(generator, np.random.Generator):
        if not is_state_of_numpy(state):
            raise wire.ProtocolError("a random state that no generator has")
        return state.copy()
    raw = state.tobytes()
    left, following = int.from_bytes(raw[8:12], "little", signed=True), int.from_bytes(raw[16:24], "little")
    if len(raw) < 24 or is_state_of_numpy(state) or left < 1 or left + following > _STATE_WORDS + 1:
        raise wire.ProtocolError("a random state that no generator has")
    return np.frombuffer(raw, np.uint8).copy()


def _call_back(
    callbacks: list[Callable[..., Any]], message: wire.Callback, data: bytearray
) -> tuple[wire.CallbackResponse, list[Any]]:
    """Call one of the check's own functions with what the worker sent."""
    if not 0 <= message.handle < len(callbacks):
        raise wire.ProtocolError("a function that was not sent")
    packer = Packer()
    try:
        args = Unpacker(message.arrays, data).unpack(message.args)
        value = packer.pack(callbacks[message.handle](*args))
    except Exception as error:
        return wire.CallbackResponse(message.id, raised=str(error)[:500]), []
    return wire.CallbackResponse(message.id, value, packer.arrays), packer.chunks
