"""The kernel's client of the grading process, which keeps torch, the checks and the sandbox warm between gradings.

A student may have changed torch's defaults, the working directory or even pytest in the kernel. So the checks run in another
process. Only Reports come back: no output, no signal, nothing in the kernel's event loop.
"""

import contextlib
import os
import subprocess
from typing import IO

import msgspec

from grader.course import UsageError
from grader.grading.report import Report
from grader.predictions import Prediction
from grader.sandbox.process.die_with_parent import start_child
from grader.sandbox.process.resources import unnamed_file
from grader.service.messages import receive, send
from grader.toolkit.text import one_line
from grader.toolkit.verdicts import GraderFaultError

_END_SECONDS = 10.0


class KernelRequest(msgspec.Struct, frozen=True):
    """Grade exercises of a section in the course at `root`; without exercises, all. `source` is that of a notebook.

    With `predicts`, also compare its functions with its predictions. With `draws`, only draw the pictures of these exercises.
    """

    root: str
    section: str
    exercises: tuple[str, ...]
    filename: str
    source: bytes
    predicts: bool = False
    draws: tuple[str, ...] = ()


class InlinePicture(msgspec.Struct, frozen=True):
    """A picture as a PNG file, and the same in words."""

    png: bytes
    text: str


class KernelReply(msgspec.Struct, frozen=True):
    """A Report, pictures, or an error; `ours` if the grader itself failed."""

    report: Report | None = None
    predictions: list[Prediction] = []
    pictures: list[InlinePicture] = []
    error: str = ""
    ours: bool = False


class GradingClient:
    """Starts the process at the first request, and again after it has ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._held: int | None = None  # Linux kills the process when this descriptor is closed
        self._log: IO[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Its process id, if there is one."""
        return self._process.pid if self._process else None

    def ask(self, request: KernelRequest) -> KernelReply:
        """Grade. An interrupt, such as Jupyter's stop button, ends the process; the next request starts another.

        Raises:
            UsageError: the request cannot be graded.
            GraderFaultError: the grader failed.
        """
        try:
            answer = self._exchange(request)
        except BaseException:
            self.close(at_once=True)
            raise
        if answer is None:
            words = self._last_words()
            self.close(at_once=True)
            raise GraderFaultError(f"the process that grades ended{f': {words}' if words else ''}")
        reply = msgspec.msgpack.decode(answer, type=KernelReply)
        if reply.error:
            raise (GraderFaultError if reply.ours else UsageError)(reply.error)
        return reply

    def _exchange(self, request: KernelRequest) -> bytes | None:
        questions, answers = self._pipes()
        try:
            send(questions, request)
        except OSError:  # the process has ended since the last request
            self.close(at_once=True)
            questions, answers = self._pipes()
            send(questions, request)
        return receive(answers)

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        return process.stdin, process.stdout

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close(at_once=True)
            self._log = unnamed_file()
            self._process, self._held = start_child(
                "grader.notebook.server",
                stdout=subprocess.PIPE,
                stderr=self._log,
                start_new_session=True,  # Jupyter interrupts only the kernel
            )
        return self._process

    def _last_words(self) -> str:
        if self._log is None:
            return ""
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        return one_line(lines[-1]) if lines else ""

    def close(self, at_once: bool = False) -> None:
        """End the process and its sandbox. On Linux, it also ends with the kernel."""
        process, self._process = self._process, None
        if process is not None:
            if at_once:
                process.kill()
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):  # unsent bytes are not needed
                    pipe.close() if pipe else None
            try:
                process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        held, self._held = self._held, None
        if held is not None:
            os.close(held)
        log, self._log = self._log, None
        if log is not None:
            log.close()
