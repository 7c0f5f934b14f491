"""One check's conversation with one worker: requests out, judged endings and checked answers back."""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from grader.sandbox import wire
from grader.sandbox.channel import Channel, ChannelClosedError
from grader.sandbox.forbidden import NO_RULES, Rules
from grader.sandbox.limits import Limits
from grader.sandbox.process import Ending, Process
from grader.toolkit.verdicts import EndedError, GraderFaultError

_SIGNALS = {4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV", 31: "SIGSYS"}


@dataclass(frozen=True)
class Budget:
    """Time for one request, in seconds."""

    cpu_seconds: float
    wall_seconds: float


class _OutOfTimeError(Exception):
    """The request's budget is used up."""


class _Watchdog:
    """Raises once the worker has used up the budget of the current request."""

    def __init__(self, process: Process, budget: Budget, check_wall_seconds: float, waited: float = 0.0) -> None:
        self._process = process
        self._budget = budget
        self._check_wall_seconds = check_wall_seconds
        self.waited = waited  # for earlier requests of the same check
        self._wall_start = time.monotonic()
        self._cpu_start = process.cpu_seconds() or 0.0

    def __call__(self) -> None:
        cpu = self._process.cpu_seconds()
        if cpu is not None and cpu - self._cpu_start > self._budget.cpu_seconds:
            raise _OutOfTimeError(f"{self._budget.cpu_seconds:g} seconds of computing time")
        if self.wall_seconds > self._budget.wall_seconds:
            raise _OutOfTimeError(f"{self._budget.wall_seconds:g} seconds")
        if self.waited + self.wall_seconds > self._check_wall_seconds:
            raise _OutOfTimeError(f"{self._check_wall_seconds:g} seconds in all")

    @property
    def wall_seconds(self) -> float:
        """Time since the request was made."""
        return time.monotonic() - self._wall_start


class Conversation:
    """Asks one worker; whatever it does instead of answering becomes an `EndedError` with a status."""

    def __init__(self, process: Process, limits: Limits) -> None:
        self._process = process
        self._limits = limits
        self._channel = Channel(process.socket, wire.Response)
        self.waited = 0.0  # seconds, for all answers
        self._rules, self._exercise = NO_RULES, ""
        self._over: EndedError | None = None  # how it ended: a worker that is gone is not asked again
        self.layers: dict[str, Any] = self._hello()

    def cpu_seconds(self) -> float | None:
        """CPU time that the worker has used so far, as the kernel counts it; None where the platform does not tell."""
        return self._process.cpu_seconds()

    def _hello(self) -> dict[str, Any]:
        budget = Budget(self._limits.load_cpu_seconds, self._limits.load_wall_seconds)
        try:  # no student code is there yet: any failure is ours
            hello, _ = self._channel.receive(self._watchdog(budget))
        except (ChannelClosedError, wire.ProtocolError, _OutOfTimeError) as error:
            output = self._process.output(2000).decode("utf-8", "replace").strip().splitlines()
            reason = output[-1] if output else repr(error)
            raise GraderFaultError(f"a worker could not be started: {reason}") from None
        if not isinstance(hello, wire.Hello):
            raise GraderFaultError("a worker started with something else than a greeting")
        return hello.layers

    def outline(self, source: bytes, filename: str, listed: list[str]) -> wire.Answer:
        """Parse a source file, looking for `listed` names; execute nothing."""
        answer, _ = self._ask(wire.Outline(self._next(), filename, listed), (source,), self._load_budget(), filename)
        return answer

    def load(self, source: bytes, filename: str, rules: Rules = NO_RULES, exercise: str = "") -> wire.Answer:
        """Execute a source file as the submission, for a check of `exercise`, which keeps to the rules."""
        self._rules, self._exercise = rules, exercise
        request = wire.Load(self._next(), filename, rules.names_for(exercise), exercise, list(rules.exercises))
        answer, _ = self._ask(request, (source,), self._load_budget(), filename)
        return answer

    def call(
        self, call: Callable[[int], wire.Call], chunks: Sequence[Any], callback: Callable[..., Any], what: str
    ) -> tuple[wire.Answer, bytearray]:
        """Send a call, made for a fresh id; answer its callbacks; return its answer and the arrays' bytes."""
        budget = Budget(self._limits.call_cpu_seconds, self._limits.call_wall_seconds)
        answer, blob = self._ask(call(self._next()), chunks, budget, what, callback)
        if answer.forbidden is not None:
            self._over = self._rules.error_of(self._exercise, answer.forbidden)
            raise self._over
        return answer, blob

    def _next(self) -> int:
        """A call id that nobody can guess: an answer sent ahead of its question is no answer."""
        return secrets.randbits(63)

    def _watchdog(self, budget: Budget) -> _Watchdog:
        return _Watchdog(self._process, budget, self._limits.check_wall_seconds, self.waited)

    def _load_budget(self) -> Budget:
        return Budget(self._limits.load_cpu_seconds, self._limits.load_wall_seconds)

    def _ask(
        self,
        request: Any,
        chunks: Sequence[Any],
        budget: Budget,
        what: str,
        callback: Callable[..., Any] | None = None,
    ) -> tuple[wire.Answer, bytearray]:
        if self._over is not None:
            raise self._over
        try:
            return self._converse(request, chunks, budget, callback)
        except _OutOfTimeError as error:
            self._process.kill()
            self._over = EndedError("timed_out", _out_of_time(what, str(error)))
        except wire.ProtocolError:
            self._process.kill()
            message = f"{what} sent something else than an answer: nothing but its own results may leave a function."
            self._over = EndedError("crashed", message)
        except ChannelClosedError:
            self._over = self._ended(what)
        except wire.TooLargeError as error:
            raise GraderFaultError(f"{what} cannot be asked: {error}") from None
        raise self._over

    def _converse(
        self, request: Any, chunks: Sequence[Any], budget: Budget, callback: Callable[..., Any] | None
    ) -> tuple[wire.Answer, bytearray]:
        watchdog = self._watchdog(budget)
        try:
            return self._exchange(request, chunks, watchdog, callback)
        finally:
            self.waited += watchdog.wall_seconds

    def _exchange(
        self, request: Any, chunks: Sequence[Any], watchdog: _Watchdog, callback: Callable[..., Any] | None
    ) -> tuple[wire.Answer, bytearray]:
        self._channel.send(request, chunks, watchdog)
        while True:
            message, blob = self._channel.receive(watchdog)
            if isinstance(message, wire.Answer) and message.id == request.id:
                return message, blob
            if not isinstance(message, wire.Callback) or callback is None:
                raise wire.ProtocolError("an answer to a question that was not asked")
            answer, answer_chunks = callback(message, blob)
            self._channel.send(answer, answer_chunks, watchdog)
            watchdog()

    def _ended(self, what: str) -> EndedError:
        ending = self._process.ending()
        if ending.status == -9 and self._cpu_used_up(ending):
            return EndedError("timed_out", _out_of_time(what, f"{self._limits.check_cpu_seconds:g} seconds in all"))
        return EndedError("crashed", f"{what} {explain(ending)}")

    def _cpu_used_up(self, ending: Ending) -> bool:
        return ending.cpu_seconds is not None and ending.cpu_seconds >= 0.95 * self._limits.check_cpu_seconds


def _out_of_time(what: str, limit: str) -> str:
    return f"{what} did not finish within {limit}. Is there a loop that never ends?"


def explain(ending: Ending) -> str:
    """Say in words how a worker ended, as the rest of a sentence about a function."""
    if ending.status is None:
        return "cut the connection to the grader instead of returning."
    if ending.status >= 0:
        return f"ended its whole process instead of returning (exit code {ending.status})."
    name = _SIGNALS.get(-ending.status, f"signal {-ending.status}")
    hints = {
        9: "it was killed, most often for using too much memory.",
        11: "it touched memory that is not its own; endless recursion inside a library does that too.",
        31: "it asked the operating system for something that is never allowed here.",
    }
    hint = hints.get(-ending.status, "a library gave up.")
    return f"crashed its process ({name}): {hint}"
