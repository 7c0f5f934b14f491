"""Start and end a zygote: the trusted side. Linux only."""

import socket
import subprocess
import tempfile

import msgspec

from grader.sandbox import control
from grader.sandbox.interpreter import python_command, scrubbed_environment
from grader.sandbox.lane import Lane
from grader.sandbox.limits import Limits


class ZygoteOwner:
    """Starts one zygote and ends it. Construct it early: it imports torch while the caller does its own imports.

    Each of its `lanes` serves one grading process: this one, or one that is forked from it. It must be constructed in a thread
    that outlives it, since the kernel ends the zygote with the thread that made it.
    """

    def __init__(self, config: control.Config, limits: Limits, lanes: int = 1) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115, closed by close()
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(lanes)]
        self.lanes = [Lane(mine, limits, self._last_words) for mine, _ in pairs]
        descriptors = [theirs.fileno() for _, theirs in pairs]
        arguments = [msgspec.json.encode(descriptors).decode(), msgspec.json.encode(config).decode()]
        self._process = subprocess.Popen(
            [*python_command("grader.sandbox.zygote"), *arguments],
            pass_fds=descriptors,
            env=scrubbed_environment(),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            cwd="/",
            start_new_session=True,
        )
        for _, theirs in pairs:
            theirs.close()

    @property
    def pid(self) -> int:
        """Process id of the zygote."""
        return self._process.pid

    def _last_words(self) -> str:
        self._log.seek(0)
        lines = self._log.read(1 << 16).decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""

    def close(self) -> None:
        """Hang up; the zygote then ends every worker and itself."""
        for lane in self.lanes:
            lane.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
