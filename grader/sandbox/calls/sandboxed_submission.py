"""A submission in the sandbox: starts a fresh worker per check, and keeps the outline and other facts for all of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from grader.predictions import Answer, read_answers
from grader.sandbox.calls.conversation import Conversation
from grader.sandbox.calls.failed_calls import Definition, as_error
from grader.sandbox.calls.forbidden import NO_RULES, NameUses, Rules, read_name_uses
from grader.sandbox.calls.student import Contract, RemoteStudent
from grader.sandbox.limits.causes import Cause
from grader.sandbox.limits.limits import SHOWN_OUTPUT, Limits
from grader.sandbox.limits.worker_process import Launcher, WorkerProcess
from grader.submission.submission import Submission
from grader.toolkit.tensors import SharedTensor
from grader.toolkit.text import clean
from grader.toolkit.verdicts import EndedError, GraderFaultError, SourceLine, StudentError

IN_VAIN = 6
_COMPILED_LIMIT = 1 << 20  # bytes
_BRIEF = 1 << 15  # bytes of source: reading more may take a second, and memory that a check should have


@dataclass(frozen=True)
class Outline:
    """The outline of a submission, from its syntax tree. `error` says why it is missing."""

    definitions: dict[str, Definition]
    error: BaseException | None = None
    uses: dict[str, NameUses] = field(default_factory=dict)  # of what the rules list
    reach: dict[str, frozenset[str]] = field(default_factory=dict)  # what each function and class may come to use
    digests: dict[str, str] = field(default_factory=dict)  # of what each function and class does
    whole: str = ""  # the digest of all of it
    answers: dict[str, Answer | None] = field(default_factory=dict)  # what stands in `PREDICTIONS`
    not_run: tuple[tuple[int, int], ...] = ()  # the first and last lines of what no exercise can notice
    idle: dict[str, list[tuple[int, str]]] = field(
        default_factory=dict
    )  # lines of each function that lose what they compute
    loops: tuple[tuple[int, int], ...] = ()  # the first and last lines of loops that are in no other loop
    top_loops: tuple[int, ...] = ()  # the lines of those outside of functions that run

    @classmethod
    def read(cls, value: Any, place: Callable[[int], str]) -> "Outline":
        """Read an outline as a worker sent it, believing nothing about its form. `place` puts a line's place into words."""
        parts = value if isinstance(value, dict) else {}
        return cls(
            _definitions(parts.get("definitions"), place),
            uses=read_name_uses(parts.get("uses")),
            reach=_reach(parts.get("reach")),
            digests=_digests(parts.get("digests")),
            whole=str(parts.get("whole", "")),
            answers=read_answers(parts.get("answers")),
            not_run=tuple((first, last) for first, last in _pairs(parts.get("not_run"))),
            idle=_idle(parts.get("idle")),
            loops=tuple((first, last) for first, last in _pairs(parts.get("loops"))),
            top_loops=tuple(line for line, _ in _pairs(parts.get("top_loops"))),
        )


@dataclass
class Trial:
    """One check's encounter with the submission. `output` is what the submission printed, once the trial is over.

    `restart` takes a new student for the old one, and a fresh worker, as if the check began only now; None where there are no
    workers.
    """

    student: RemoteStudent
    output: str = ""
    restart: Callable[[], None] | None = None


class SandboxedSubmission:
    """The submission that is being graded, in any kind of worker."""

    def __init__(self, submission: Submission, launcher: Launcher, limits: Limits) -> None:
        self.filename = submission.filename
        self.source = submission.source
        self.layers: dict[str, Any] = {}
        self.load_error: StudentError | None = None  # the import stopped half-way: what came before it is there
        self.rules: Rules = NO_RULES  # of the section, set before the outline is read
        self.digests = False  # whether the outline is to have them, which takes some milliseconds
        self.on_run: Callable[[], None] = lambda: None  # told whenever the submission's code is about to run
        self._submission = submission
        self._launcher = launcher
        self._limits = limits
        self._waited = 0.0  # seconds that finished trials have waited for answers
        self._loading = 0.0  # seconds that workers have computed to load it
        self._fatal: EndedError | None = None  # the import took the process with it: no use in trying again
        self._in_vain = {False: 0, True: 0}  # failed starts in a row, without and with a folder
        self._trouble: dict[bool, GraderFaultError] = {}  # the last fault of each kind
        self._compiled = b""  # the compiled submission from a worker, for other workers only
        self._keeps_reader = False
        self._reader: tuple[WorkerProcess, Conversation] | None = None  # has read the outline, and executed nothing

    @contextmanager
    def graded(self) -> Iterator[None]:
        """Inside the block, the first check uses the worker that read the outline: it has executed nothing."""
        self._keeps_reader = True
        try:
            yield
        finally:
            self._keeps_reader = False
            self._let_reader_go()

    def _let_reader_go(self) -> None:
        if (reader := self._take_reader()) is not None:
            reader[0].close()

    def _take_reader(self) -> tuple[WorkerProcess, Conversation] | None:
        reader, self._reader = self._reader, None
        return reader

    @cached_property
    def outline(self) -> Outline:
        """Parse the submission, once, in a worker that has run none of it."""
        return self._read_outline()

    @contextmanager
    def _had(self, with_a_folder: bool = False) -> Iterator[None]:
        """Count failed starts of workers: on a broken machine, not every check should wait for another zygote.

        Workers with a folder of their own count apart: some machines have only workers without.
        """
        if self._in_vain[with_a_folder] >= IN_VAIN:
            raise self._trouble[with_a_folder]
        try:
            yield
        except GraderFaultError as fault:
            self._in_vain[with_a_folder] += 1
            self._trouble[with_a_folder] = fault
            raise
        self._in_vain[with_a_folder] = 0

    def _read_outline(self) -> Outline:
        process: WorkerProcess | None = None
        try:
            with self._had():
                process = self._launcher.spawn()
                conversation = Conversation(process, self._limits, self._running_loop)
            self.layers = conversation.layers
            submission = self._submission
            answer, compiled = conversation.outline(submission.source, self.filename, self.rules, self.digests)
        except EndedError as error:
            self._fatal = error
            return Outline({}, error)
        else:
            if self._keeps_reader and answer.failure is None and len(submission.source) <= _BRIEF:
                self._reader, process = (process, conversation), None
        finally:
            if process is not None:
                process.close()
        if answer.failure is not None:
            return Outline({}, as_error(answer.failure, self.filename))
        self._compiled = compiled if len(compiled) <= _COMPILED_LIMIT else b""
        return Outline.read(answer.value, self._submission.place)

    @property
    def digest(self) -> str:
        """Of the file's syntax tree; of its bytes if it has none, so that nothing of it is executed either."""
        return self.outline.whole or self._submission.digest

    def expect_nothing_forbidden(self, exercise: str) -> None:
        """Raise EndedError if the source of an exercise uses a forbidden function."""
        self.rules.expect_none_in(exercise, self.outline.uses, self._submission.line)

    @contextmanager
    def trial(
        self, contract: Contract, exercise: str = "", call_cpu_seconds: float | None = None, scratch_bytes: int = 0
    ) -> Iterator[Trial]:
        """A fresh worker for one check of `exercise`; the first call starts it.

        The check may ask for longer calls and for a folder of its own.
        """
        limits = self._limits.for_calls_of(call_cpu_seconds) if call_cpu_seconds else None
        if scratch_bytes:
            limits = replace(limits or self._limits, scratch_bytes=scratch_bytes)
        process: WorkerProcess | None = None
        conversation: Conversation | None = None

        def start(shared: SharedTensor | None) -> Conversation:
            nonlocal process, conversation
            self._expect_time_left()
            reader = self._take_reader() if limits is None and shared is None else None
            if reader is not None:
                process, conversation = reader
                conversation.start_over()
            else:
                with self._had(scratch_bytes > 0):
                    process = self._launcher.spawn(limits, shared)
                    conversation = Conversation(process, limits or self._limits, self._running_loop)
            self.on_run()
            return self._load(conversation, exercise)

        def meet() -> RemoteStudent:
            return RemoteStudent(start, contract, self.filename, self.outline.definitions, exercise)

        def part() -> None:
            nonlocal process, conversation
            if process is not None:
                trial.output = _shown(process)
                process.close()
            process = conversation = None

        def restart() -> None:
            part()
            trial.student, trial.output = meet(), ""

        trial = Trial(meet(), restart=restart)
        try:
            yield trial
        finally:
            self._waited += conversation.waited if conversation is not None else 0.0
            part()

    def _expect_time_left(self) -> None:
        """Raise if the import ends every worker, or if the time of the submission is used up."""
        if self._fatal is not None:
            raise self._fatal
        if self._waited > self._limits.submission_wall_seconds:
            limit = f"{self._limits.submission_wall_seconds:g} seconds"
            raise EndedError("timed_out", f"Skipped: the earlier checks waited {limit} for {self.filename}.")
        if self._loading > self._limits.all_loads_cpu_seconds:
            limit = f"{self._limits.all_loads_cpu_seconds:g} seconds of computing time"
            raise EndedError(
                "timed_out",
                f"Skipped: every check imports {self.filename}, and the earlier imports took more than {limit}. What does it "
                "compute outside its functions?",
            )

    def _load(self, conversation: Conversation, exercise: str) -> Conversation:
        before = conversation.cpu_seconds() or 0.0
        try:
            answer = conversation.load(self._submission.source, self.filename, self.rules, exercise, self._compiled)
        except EndedError as error:
            lines = tuple(SourceLine(line, "<module>", self._submission.line(line)) for line in self.outline.top_loops)
            is_late = error.status == Cause.OUT_OF_TIME.status and not error.lines
            self._fatal = replace(error, lines=lines) if is_late else error
            raise self._fatal from None
        self._loading += max(0.0, (conversation.cpu_seconds() or 0.0) - before)  # an ended worker has no time to report
        if answer.failure is not None:
            lines = getattr(as_error(answer.failure, self.filename), "lines", ())
            self.load_error = StudentError(answer.failure.type, (), answer.failure.message, lines)
        return conversation

    def _running_loop(self, process: WorkerProcess) -> tuple[SourceLine, ...]:
        """The outermost loop that a process was in when its time was up: inner ones begin and end, this one stays."""
        for line in reversed(process.last_lines(self.filename)):
            around = [first for first, last in self.outline.loops if first <= line <= last]
            if around:
                return (SourceLine(around[-1], self._around(around[-1]), self._submission.line(around[-1])),)
        return ()

    def _around(self, line: int) -> str:
        """The top-level function or class that a line is in."""
        above = [(one.line, name) for name, one in self.outline.definitions.items() if one.line <= line]
        return max(above)[1] if above and line not in self.outline.top_loops else "<module>"


def _shown(process: WorkerProcess) -> str:
    """A worker's output: the beginnings of its two streams, each with a note on the dropped rest."""
    characters = 2 * SHOWN_OUTPUT + 1000
    return clean(process.output(4 * characters).decode("utf-8", "replace"), characters)


def _definitions(value: Any, place: Callable[[int], str]) -> dict[str, Definition]:
    if not isinstance(value, dict):
        return {}
    return {
        str(name): Definition(int(item[0]), bool(item[1]), int(item[2]), tuple(item[3:]), place)
        for name, item in value.items()
        if isinstance(item, list) and len(item) >= 3 and all(isinstance(number, int) for number in item[:3])
        if all(isinstance(parameter, str) for parameter in item[3:])
    }


def _idle(value: Any) -> dict[str, list[tuple[int, str]]]:
    found: dict[str, list[tuple[int, str]]] = {}
    for name, lines in value.items() if isinstance(value, dict) else ():
        for line in lines if isinstance(lines, list | tuple) else ():
            if isinstance(line, list | tuple) and len(line) == 2 and isinstance(line[0], int):
                found.setdefault(str(name), []).append((line[0], str(line[1])))
    return found


def _pairs(value: Any) -> Iterator[tuple[int, int]]:
    for item in value if isinstance(value, list) else ():
        if isinstance(item, list) and len(item) == 2 and all(isinstance(number, int) for number in item):
            yield item[0], item[1]


def _reach(value: Any) -> dict[str, frozenset[str]]:
    if not isinstance(value, dict):
        return {}
    return {
        str(name): frozenset(other for other in names if isinstance(other, str))
        for name, names in value.items()
        if isinstance(names, list)
    }


def _digests(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {str(name): item for name, item in value.items() if isinstance(item, str)}
