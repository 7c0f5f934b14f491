"""A forked process for one run of the checks, limited by the kernel. The parent learns only its reports and its end.

A response may make the checks compute, or use memory, without end. Then the kernel ends this process only, and tells how. Linux
only. The forking process must have one thread.
"""

import sys

if sys.platform != "linux":
    raise ImportError("processes are forked on Linux only")

import faulthandler
import math
import os
import re
import resource
import signal
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import msgspec

from grader.course import UsageError
from grader.grading.report import CheckResult, Report
from grader.grading.section_run import Listener
from grader.sandbox.confinement.syscalls import prctl
from grader.sandbox.limits.limits import OwnLimits
from grader.sandbox.limits.worker_process import ProcessExit
from grader.sandbox.process.resources import OutOfMemoryKills, limit_computing, start_refused
from grader.service.session import NothingSelectedError, UnfinishedError
from grader.toolkit.check import CheckMark
from grader.toolkit.lazy_torch import is_imported, torch
from grader.toolkit.verdicts import CourseModuleError, GraderFaultError

_PR_SET_PDEATHSIG = 1
_LENGTH = struct.Struct("<I")
_CHUNK = 1 << 20
_FRAME = re.compile(r'^  File "(.*)", line (\d+) in ', re.MULTILINE)  # of faulthandler
_CTRL_C = (signal.SIGINT,)


class Begins(msgspec.Struct, frozen=True, tag="begins"):
    """A check begins. `blank` is its result if it never finishes, `cpu_seconds` the computing time for judging it."""

    blank: CheckResult
    cpu_seconds: int
    done: int
    count: int


class Heard(msgspec.Struct, frozen=True, tag="heard"):
    """The submission's code is about to run: what happens from now on in this check may be of its making."""


class Found(msgspec.Struct, frozen=True, tag="found"):
    """A check is over."""

    result: CheckResult


class Diagnoses(msgspec.Struct, frozen=True, tag="diagnoses"):
    """All checks are over, and the failed checks get their diagnoses."""


class Done(msgspec.Struct, frozen=True, tag="done"):
    """All of it is over."""

    report: Report


class GivenUp(msgspec.Struct, frozen=True, tag="given_up"):
    """Another process is to go on after a check."""

    result: CheckResult


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """An exception outside a check: `kind` is "nothing selected", "usage", "broken" or "fault"."""

    kind: str
    message: str


Event = Begins | Heard | Found | Diagnoses | Done | GivenUp | Failed
_encode, _decode = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(Event).decode


class Teller(Listener):
    """The child's end: reports what it does, and gives each check its share of computing time."""

    def __init__(self, pipe: int, limits: OwnLimits, cpu_seconds: int) -> None:
        self._pipe = pipe
        self._limits = limits
        self._most = cpu_seconds
        self._is_heard = False
        self._kept = b""

    def tell(self, event: Event) -> None:
        """Send an event, with those that wait. Each event wakes the parent."""
        view = memoryview(self._kept + _framed(event))
        self._kept = b""
        while view:
            view = view[os.write(self._pipe, view) :]

    def begins(self, blank: CheckResult, mark: CheckMark, done: int, count: int) -> None:
        seconds = self._limits.check_cpu_seconds + math.ceil(mark.call_cpu_seconds or 0)
        self._is_heard = False
        self._compute(seconds)
        self.tell(Begins(blank, seconds, done, count))

    def heard(self) -> None:
        if not self._is_heard:
            self._is_heard = True
            self.tell(Heard())

    def found(self, result: CheckResult) -> None:
        self._kept += _framed(Found(result))  # until the next check begins, or all are over

    def diagnoses(self) -> None:
        self._compute(self._limits.check_cpu_seconds)
        self.tell(Diagnoses())

    def _compute(self, seconds: int) -> None:
        limit_computing(min(math.ceil(sum(os.times()[:2])) + seconds, self._most))


def _framed(event: Event) -> bytes:
    data = _encode(event)
    return _LENGTH.pack(len(data)) + data


class LimitedFork:
    """A forked process as its parent sees it."""

    def __init__(self, work: Callable[[Teller], Report], limits: OwnLimits, cpu_seconds: int) -> None:
        """Have `work` done by a process that may compute for `cpu_seconds`."""
        self._out_of_memory = OutOfMemoryKills()
        self._buffer = bytearray()
        self._stack = os.memfd_create("stack")  # where it is when its computing time is up
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        self.pipe, theirs = os.pipe()
        parent = os.getpid()
        try:
            # An interrupt would have the child clean up the parent's objects.
            signal.pthread_sigmask(signal.SIG_BLOCK, _CTRL_C)
            self.pid = os.fork()
            if self.pid == 0:
                _live(work, parent, theirs, self._stack, limits, cpu_seconds)
        except OSError as error:
            os.close(self.pipe)
            os.close(self._stack)
            raise start_refused("a process for the checks", error) from None
        finally:
            os.close(theirs)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _CTRL_C)
        os.set_blocking(self.pipe, False)

    def events(self) -> Iterator[Event | None]:
        """Its reports since it was last asked; None in the end, when it has gone."""
        while True:
            try:
                data = os.read(self.pipe, _CHUNK)
            except BlockingIOError:
                return
            if not data:
                yield None
                return
            self._buffer += data
            while len(self._buffer) >= _LENGTH.size:
                end = _LENGTH.size + _LENGTH.unpack_from(self._buffer)[0]
                if len(self._buffer) < end:
                    break
                event = _decode(self._buffer[_LENGTH.size : end])
                del self._buffer[:end]
                yield event

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def end(self) -> ProcessExit:
        """Wait for its end, and say how it was.

        If its computing time was up, `stack` has the lines that it was in, the innermost first.
        """
        os.close(self.pipe)
        _, status, usage = os.wait4(self.pid, 0)
        text = os.pread(self._stack, _CHUNK, 0).decode(errors="replace")
        os.close(self._stack)
        self.stack = tuple((Path(file), int(line)) for file, line in _FRAME.findall(text))
        code = os.waitstatus_to_exitcode(status)
        killed = code == -signal.SIGKILL
        return ProcessExit(code, usage.ru_utime + usage.ru_stime, killed and self._out_of_memory.any_new())


def _live(
    work: Callable[[Teller], Report], parent: int, pipe: int, stack: int, limits: OwnLimits, cpu_seconds: int
) -> NoReturn:
    """Run the child, and exit without cleaning up the parent's objects."""
    try:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends its children
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _CTRL_C)
        faulthandler.register(signal.SIGXCPU, stack, all_threads=False, chain=True)  # which then ends it
        teller = Teller(pipe, limits, cpu_seconds)
        teller.tell(_outcome(work, teller, limits, cpu_seconds))
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(0)


def _outcome(work: Callable[[Teller], Report], teller: Teller, limits: OwnLimits, cpu_seconds: int) -> Event:
    try:
        _use_one_thread()
        _limit_itself(limits, cpu_seconds)
        return Done(work(teller))
    except UnfinishedError as error:
        return GivenUp(error.result)
    except NothingSelectedError as error:
        return Failed("nothing selected", str(error))
    except UsageError as error:
        return Failed("usage", str(error))
    except CourseModuleError as error:
        return Failed("broken", str(error))
    except GraderFaultError as error:
        return Failed("fault", str(error))
    except BaseException as error:
        return Failed("fault", f"{type(error).__name__}: {error}")


def _use_one_thread() -> None:
    """The threads of the parent's torch do not exist here, so waiting for them would never end."""
    if is_imported():
        torch.set_num_threads(1)


def _limit_itself(limits: OwnLimits, cpu_seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limit_computing(cpu_seconds)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    memory = _private_bytes() + limits.memory_bytes
    if hard != resource.RLIM_INFINITY:
        memory = min(memory, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


def _private_bytes() -> int:
    """The memory that counts towards RLIMIT_DATA: private memory that can be written."""
    text = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return next(int(line.split()[1]) << 10 for line in text.splitlines() if line.startswith("VmData:"))
