"""The conversation of one check with one worker: sends requests, returns responses, and judges how a worker ends."""

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from grader.sandbox.calls import wire
from grader.sandbox.calls.channel import Channel, ChannelClosedError
from grader.sandbox.calls.forbidden import NO_RULES, Rules
from grader.sandbox.limits import causes
from grader.sandbox.limits.causes import Cause
from grader.sandbox.limits.deadline import Budget, Deadline, OutOfTimeError
from grader.sandbox.limits.limits import Limits
from grader.sandbox.limits.worker_process import WorkerProcess
from grader.toolkit.verdicts import EndedError, GraderFaultError, SourceLine


class Conversation:
    """Sends requests to one worker. If it does not respond, that becomes an `EndedError` with a status."""

    def __init__(
        self,
        process: WorkerProcess,
        limits: Limits,
        last_lines: Callable[[WorkerProcess], tuple[SourceLine, ...]] = lambda _: (),
    ) -> None:
        """`last_lines` finds the lines of the submission that a process ran when its time was up."""
        self._process = process
        self._limits = limits
        self._last_lines = last_lines
        self._channel = Channel(process.socket, wire.FromWorker)
        self._deadline = Deadline(process, limits.check_wall_seconds, limits.check_cpu_seconds)
        self._call_budget = Budget(limits.call_cpu_seconds, limits.call_wall_seconds)
        self._rules, self._exercise = NO_RULES, ""
        self._over: EndedError | GraderFaultError | None = (
            None  # how it ended: a worker that is gone is not asked again
        )
        self.layers: dict[str, Any] = self._hello()

    def cpu_seconds(self) -> float | None:
        """CPU time that the worker has used so far, as the kernel counts it; None where the platform does not tell."""
        return self._process.cpu_seconds()

    def start_over(self) -> None:
        """Start a check: earlier waiting and computing no longer count."""
        limits, computed = self._limits, self._process.cpu_seconds() or 0.0
        self._deadline = Deadline(self._process, limits.check_wall_seconds, limits.check_cpu_seconds, computed)

    @property
    def waited(self) -> float:
        """Seconds of waiting for responses that count towards the limits."""
        return self._deadline.waited

    def _hello(self) -> dict[str, Any]:
        self._deadline.begin(self._load_budget())
        try:  # no student code has run yet: any failure is ours
            hello, _ = self._channel.receive(self._deadline)
        except (ChannelClosedError, wire.ProtocolError, OutOfTimeError) as error:
            output = self._process.output(2000).decode("utf-8", "replace").strip().splitlines()
            reason = output[-1] if output else repr(error)
            raise GraderFaultError(f"a worker could not be started: {reason}") from None
        if not isinstance(hello, wire.Hello):
            raise GraderFaultError("a worker started with something else than a greeting")
        return hello.layers

    def outline(
        self, source: bytes, filename: str, rules: Rules = NO_RULES, digests: bool = False
    ) -> tuple[wire.Response, bytes]:
        """Parse a source file, looking for the names of `rules`; execute nothing. Returns the answer, and the file compiled."""
        request = wire.Parse(self._next(), filename, rules.names, digests, list(rules.exercises))
        answer, compiled = self._ask(request, (source,), self._load_budget(), filename)
        return answer, bytes(compiled)

    def load(
        self, source: bytes, filename: str, rules: Rules = NO_RULES, exercise: str = "", compiled: bytes = b""
    ) -> wire.Response:
        """Execute a source file as the submission, for a check of `exercise`, which keeps to the rules."""
        self._rules, self._exercise = rules, exercise
        forbidden, exercises = rules.names_for(exercise), list(rules.exercises)
        request = wire.Load(self._next(), filename, forbidden, exercise, exercises, len(compiled))
        answer, _ = self._ask(request, (source, compiled), self._load_budget(), filename)
        return answer

    def call(
        self,
        call: Callable[[int], wire.Call],
        chunks: Sequence[Any],
        callback: Callable[..., Any],
        what: str,
        cpu_seconds: float | None = None,
    ) -> tuple[wire.Response, bytearray]:
        """Send a call, made for a fresh id; answer its callbacks; return its answer and the arrays' bytes.

        It may compute for `cpu_seconds` at most, if that is less than any call may.
        """
        budget = self._call_budget
        if cpu_seconds is not None:
            budget = Budget(min(budget.cpu_seconds, cpu_seconds), budget.wall_seconds)
        answer, blob = self._ask(call(self._next()), chunks, budget, what, callback)
        if answer.forbidden is not None:
            self._over = error = self._rules.error_of(self._exercise, answer.forbidden)
            raise error
        return answer, blob

    def _next(self) -> int:
        """A random call id: a worker cannot send a response before the request."""
        return secrets.randbits(63)

    def _load_budget(self) -> Budget:
        return Budget(self._limits.load_cpu_seconds, self._limits.load_wall_seconds)

    def _ask(
        self,
        request: Any,
        chunks: Sequence[Any],
        budget: Budget,
        what: str,
        callback: Callable[..., Any] | None = None,
    ) -> tuple[wire.Response, bytearray]:
        if self._over is not None:
            raise self._over
        try:
            self._deadline.begin(budget)
            return self._exchange(request, chunks, callback)
        except OutOfTimeError as error:
            self._process.stop()
            message = f"{what} did not finish within {error}"
            self._over = EndedError(Cause.OUT_OF_TIME.status, message, self._last_lines(self._process))
        except wire.ProtocolError:
            self._process.kill()
            message = f"{what} sent data that is not an answer. A function may only return its result."
            self._over = EndedError(Cause.GARBLED.status, message)
        except ChannelClosedError:
            ending = self._process.wait_for_exit()
            self._over = causes.exit_error(what, ending, self._limits, bool(self.layers.get("seccomp")))
            if isinstance(self._over, EndedError) and self._over.status == Cause.CPU_LIMIT.status:
                self._over.lines = self._last_lines(self._process)
        finally:
            self._deadline.end()
        raise self._over

    def _exchange(
        self, request: Any, chunks: Sequence[Any], callback: Callable[..., Any] | None
    ) -> tuple[wire.Response, bytearray]:
        self._channel.send(request, chunks, self._deadline)
        while True:
            message, blob = self._channel.receive(self._deadline)
            if isinstance(message, wire.Response) and message.id == request.id:
                return message, blob
            if not isinstance(message, wire.Callback) or callback is None:
                raise wire.ProtocolError("an answer to a question that was not asked")
            with self._deadline.paused():
                answer, answer_chunks = callback(message, blob)
            self._channel.send(answer, answer_chunks, self._deadline)
            if self._deadline.is_due():
                self._deadline()
