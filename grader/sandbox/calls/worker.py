"""Runs in the worker: executes one submission and answers calls on it.

The trusted process treats all data from here as an attacker's. This module helps honest code: tracebacks of the student's own
lines, output that is cut instead of failing, clean text. Neither this module nor its imports know an answer.
"""

import builtins
import contextlib
import functools
import io
import linecache
import os
import random
import sys
import types
from bdb import BdbQuit
from typing import Any

import msgspec
import numpy as np

from grader.sandbox.analysis import outline
from grader.sandbox.calls import wire
from grader.sandbox.calls.channel import Channel, ChannelClosedError
from grader.sandbox.calls.guards import Guards
from grader.sandbox.calls.imports import Imports, install_stand_ins
from grader.sandbox.calls.packing import Packer
from grader.sandbox.calls.remedies import explain, suggestion, without_path
from grader.sandbox.calls.side_effects import ArgumentSnapshot
from grader.sandbox.calls.unpacking import Unpacker
from grader.sandbox.calls.values_there import values_there
from grader.sandbox.limits import last_stack
from grader.sandbox.limits.limits import DROPPED, SHOWN_OUTPUT
from grader.submission import parsing
from grader.submission.notebook_cells import ParsedSource
from grader.toolkit import programs  # noqa: F401  # a worker can import nothing later
from grader.toolkit.lazy_torch import is_imported, torch
from grader.toolkit.text import clean, one_line
from grader.toolkit.travelling import find_travelling

SEED = 0  # of the global generators: the same code gets the same grade

_FRAMES_SHOWN = 4
_BUILTIN_ERRORS = frozenset(v for v in vars(builtins).values() if isinstance(v, type) and issubclass(v, BaseException))


class CappedOutput(io.TextIOBase):
    """A text stream that drops text beyond the cap, so that a loop that prints much does not fail with "file too large"."""

    def __init__(self, stream: Any, cap: int) -> None:
        self._stream = stream
        self._left = cap

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        if self._left > 0:
            self._stream.write(text[: self._left])
            self._left -= len(text)
            if self._left <= 0:
                self._stream.write(f"\n{DROPPED}\n")
            self._stream.flush()
        return len(text)

    def fileno(self) -> int:
        return int(self._stream.fileno())


def describe_failure(
    error: BaseException, filename: str, confined: bool = False, imports: Imports | None = None
) -> wire.Failure:
    """Describe an exception: its names, its message, and the lines of `filename` that it passed through.

    If the confinement caused it, or an import that is not allowed, the message says so.
    """
    bases = [base.__name__ for base in type.mro(type(error)) if base in _BUILTIN_ERRORS]
    try:
        message = without_path(clean(str(error), 1000))
    except BaseException:
        message = "(its message could not be read)"
    frames: list[wire.Frame] = []
    innermost: types.TracebackType | None = None
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if code.co_filename == filename:
            innermost = traceback
            text = one_line(linecache.getline(filename, traceback.tb_lineno))
            frames.append(wire.Frame(traceback.tb_lineno, one_line(code.co_name, 80), text))
        traceback = traceback.tb_next
    if isinstance(error, SyntaxError) and error.filename == filename:
        frames = [wire.Frame(error.lineno or 1, "<module>", one_line(error.text or ""))]
        message = clean(str(error.msg), 1000)
    values = values_there(error, innermost)
    if "Did you mean" not in message and (guess := suggestion(error, innermost.tb_frame if innermost else None)):
        message, values = f"{message}. {guess}", ""
    if len(frames) > _FRAMES_SHOWN:
        frames = [frames[0], *frames[1 - _FRAMES_SHOWN :]]
    explanation = (imports.explain(error) if imports else "") or (explain(error, message) if confined else "")
    message = f"{message}\n{explanation}" if explanation else message
    return wire.Failure(one_line(type.__getattribute__(type(error), "__name__"), 80), bases, message, frames, values)


class NotDefinedError(Exception):
    """A program asked for a function that the submission does not have."""


class Namespace:
    """A submission's names as attributes, for programs; they may keep things here between calls."""

    def __init__(self, module: types.ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        try:
            return self._module.__dict__[name]
        except KeyError:
            raise NotDefinedError(name) from None


class Server:
    """Answers the requests of one channel, for one submission. `confined`: messages explain refused access.

    `imports` says what the submission may import; without it, everything.
    """

    def __init__(self, channel: Channel, confined: bool = False, imports: Imports | None = None) -> None:
        self._channel = channel
        self._confined = confined
        self._imports = imports
        self._module = types.ModuleType("submission")
        self._namespace = Namespace(self._module)
        self._filename = "submission.py"
        self._guards: Guards | None = None  # only if the exercise has forbidden names

    def serve(self) -> wire.Finish:
        """Answer until the check is over, after which a plain worker needs a fresh server, or until the other side hangs up."""
        while True:
            request, blob = self._channel.receive()
            if isinstance(request, wire.Finish):
                if self._guards is not None:
                    self._guards.remove()
                return request
            packer = Packer()
            try:
                answer = self._handle(request, blob, packer)
            except ChannelClosedError:
                raise
            except wire.TooLargeError as error:
                packer, answer = Packer(), wire.Response(request.id, failure=_too_large(error))
            except BaseException as error:
                packer = Packer()
                answer = wire.Response(
                    request.id, failure=describe_failure(error, self._filename, self._confined, self._imports)
                )
                error.__traceback__ = None
            if self._guards is not None:
                answer = msgspec.structs.replace(answer, forbidden=self._guards.seen)
            self._send(answer, packer)

    def _send(self, answer: wire.Response, packer: Packer) -> None:
        try:
            self._channel.send(answer, packer.chunks)
        except wire.TooLargeError as error:
            self._channel.send(wire.Response(answer.id, failure=_too_large(error), forbidden=answer.forbidden))

    def _handle(self, request: Any, blob: bytearray, packer: Packer) -> wire.Response:
        if isinstance(request, wire.Call):
            with self._guards.watching(request) if self._guards else contextlib.nullcontext():
                return self._call(request, blob, packer)
        if isinstance(request, wire.Load):
            return self._load(request, bytes(blob))
        if isinstance(request, wire.Parse):
            return self._outline(request, bytes(blob), packer)
        raise wire.ProtocolError("an answer to a question that was not asked")

    def _remember(self, source: bytes, filename: str) -> None:
        """Let tracebacks show the student's lines: this process cannot read the file."""
        self._filename = filename
        lines: Any = parsing.Lines(source, filename)
        linecache.cache[filename] = (len(source), None, lines, filename)

    def _outline(self, request: wire.Parse, source: bytes, packer: Packer) -> wire.Response:
        self._remember(source, request.filename)
        found = outline.read(source, request.filename, request.listed, request.digests, request.exercises)
        packer.chunks.append(parsing.dump(source, request.filename, request.exercises))
        return wire.Response(request.id, value=found)

    def _load(self, request: wire.Load, blob: bytes) -> wire.Response:
        source, compiled = blob[: len(blob) - request.compiled], blob[len(blob) - request.compiled :]
        self._remember(source, request.filename)
        if request.forbidden:
            self._guards = Guards(request)
        name = os.path.splitext(request.filename)[0]
        name = f"submission_{name}" if name in sys.modules else name  # a file called numpy.py must not replace numpy
        self._module = types.ModuleType(name)
        self._namespace = Namespace(self._module)
        self._module.__file__ = request.filename
        sys.modules[name] = self._module
        install_stand_ins()
        if self._imports is not None:
            self._imports.restrict(self._module)
        names = request.filename, request.exercises
        self._execute(parsing.load(compiled) if compiled else parsing.compile_parts(source, *names))
        return wire.Response(request.id)

    def _execute(self, program: ParsedSource) -> None:
        """Execute every part. In a notebook, the parts after a failing one run, too."""
        failures: list[Exception] = [program.error] if program.error else []
        for code in program.codes:
            try:
                exec(code, self._module.__dict__)
            except Exception as error:
                failures.append(error)
        if failures:
            raise failures[0]

    def _call(self, request: wire.Call, blob: bytearray, packer: Packer) -> wire.Response:
        original, unpacker = bytes(blob), Unpacker(request.arrays, blob, callback=self._callback)
        args, kwargs = unpacker.unpack(request.args), unpacker.unpack(request.kwargs)
        watch = ArgumentSnapshot(original, request.arrays, unpacker)
        value, failure = None, None
        try:
            value = packer.pack(self._function(request)(*args, **kwargs))
        except NotDefinedError as error:
            return wire.Response(request.id, missing=str(error))
        except (ChannelClosedError, wire.TooLargeError):
            raise
        except BaseException as error:
            failure = describe_failure(error, self._filename, self._confined, self._imports)
            error.__traceback__ = None
        effects = watch.effects()
        changed = []
        for index, source, data in effects.arrays:
            spoilt = isinstance(data, str)  # it cannot be sent: an empty array says that it changed
            array = np.empty(0, np.uint8) if isinstance(data, str) else data
            of_torch = isinstance(source, (torch.Tensor, torch.Generator))
            changed.append((index, packer.add(array, "tensor" if of_torch and not spoilt else "ndarray", source)))
        return wire.Response(
            request.id, value, packer.arrays, changed, effects.switches, effects.recording, failure=failure
        )

    def _function(self, request: wire.Call) -> Any:
        """The requested function: a program around the submission, or a function of the submission itself."""
        if request.program:
            return functools.partial(find_travelling(request.program, request.name), self._namespace)
        return getattr(self._namespace, request.name)

    def _callback(self, handle: int) -> Any:
        def function(*args: Any) -> Any:
            packer = Packer()
            tree = [packer.pack(arg) for arg in args]
            self._channel.send(wire.Callback(0, handle, tree, packer.arrays), packer.chunks)
            answer, blob = self._channel.receive()
            if not isinstance(answer, wire.CallbackResponse):
                raise ChannelClosedError
            if answer.raised is not None:
                raise RuntimeError(answer.raised)
            return Unpacker(answer.arrays, blob).unpack(answer.value)

        return function


def seed_global_generators() -> None:
    """Set the random states of numpy and torch before any fork, so that every worker starts with the same states."""
    np.random.seed(SEED)  # imports numpy.random, which takes 10 ms
    if is_imported():
        torch.manual_seed(SEED)


def run(channel: Channel, layers: dict[str, Any], imports: Imports | None = None) -> wire.Finish | None:
    """Serve a channel in this process, which is already confined by `layers`. Returns what ends the check, if there may be more.

    `imports` says what the submission may import.
    """
    random.seed(SEED)  # here, because Python reseeds it in every fork
    sys.stdout = CappedOutput(sys.__stdout__, SHOWN_OUTPUT)
    sys.stderr = CappedOutput(sys.__stderr__, SHOWN_OUTPUT)
    sys.breakpointhook = _refuse_breakpoint
    last_stack.write_at_the_end()
    with contextlib.suppress(ChannelClosedError):
        channel.send(wire.Hello(0, layers))
        return Server(channel, bool(layers.get("landlock") or layers.get("seccomp")), imports).serve()
    return None


def _refuse_breakpoint(*_: Any, **__: Any) -> None:
    """A worker has no terminal: the debugger would print ten lines, and stop at the next line."""
    raise BdbQuit


def _too_large(error: wire.TooLargeError) -> wire.Failure:
    return wire.Failure("ValueError", ["ValueError", "Exception"], f"the answer is too large to send: {error}")
