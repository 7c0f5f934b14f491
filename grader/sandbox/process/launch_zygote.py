"""Start, replace and end a zygote: the trusted side. Linux only."""

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec

from grader.sandbox.limits.limits import Limits
from grader.sandbox.process import cgroup, zygote_messages
from grader.sandbox.process.forked_zygote import ForkedZygote
from grader.sandbox.process.interpreter import bootstrap_without_paths, python_command, scrubbed_environment
from grader.sandbox.process.trust import NO_TRUST, Trust
from grader.sandbox.process.zygote_client import ZygoteClient, ZygoteConnection

if sys.platform != "linux":
    raise ImportError("a zygote forks workers on Linux only")

_END_SECONDS = 10.0


@dataclass(frozen=True)
class SharedZygote:
    """A connection to a zygote, for another trusted process. `multiprocessing` can pickle it while it starts that process.

    The sender then closes its own copy, so that the zygote notices when the other process is gone.
    """

    config: zygote_messages.Config
    limits: Limits
    socket: socket.socket
    groups: cgroup.Groups
    trust: Trust = NO_TRUST

    def close(self) -> None:
        self.socket.close()


class ZygoteOwner:
    """Starts one zygote and ends it. Construct it early: it imports torch while the caller does its own imports.

    Each of its `clients` serves one grading process, and branches for the processes that are forked from it. A client that finds
    the zygote gone starts another one for itself alone. Construct it in a thread that outlives it: the kernel ends the zygote
    together with that thread.
    """

    def __init__(
        self,
        config: zygote_messages.Config,
        limits: Limits,
        lanes: int = 1,
        connections: Sequence[ZygoteConnection] | None = None,
        groups: cgroup.Groups | None = None,
        forked_zygote: ForkedZygote | None = None,
    ) -> None:
        """Start a zygote, first `forked_zygote`, if given.

        With `connections` to the zygote of another owner, start one only if that zygote is gone.

        Workers get control groups in `groups`, or in a folder that is claimed here.
        """
        self._config = config
        self._limits = limits
        self._zygotes: list[_Zygote] = []
        self._left: list[_Zygote] = []  # each has lost its only client
        self.groups: cgroup.Groups = groups or (
            cgroup.claim(started=[forked_zygote.pid] if forked_zygote else [])
            if config.cgroup
            else cgroup.Groups(why_none="switched off")
        )
        self._connections = self._start(lanes, forked_zygote) if connections is None else connections
        self.clients: list[ZygoteClient] = [
            ZygoteClient(connection, limits, self._start_another) for connection in self._connections
        ]

    @classmethod
    def from_shared(cls, shared: SharedZygote) -> "ZygoteOwner":
        """Use a connection that another process has shared."""
        return cls(
            shared.config,
            shared.limits,
            connections=[ZygoteConnection(shared.socket, lambda: "")],
            groups=shared.groups,
        )

    def share(self, number: int, trust: Trust = NO_TRUST) -> SharedZygote:
        """A connection for another process, instead of the client of this number."""
        return SharedZygote(self._config, self._limits, self._connections[number].socket, self.groups, trust)

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages that its workers may import besides numpy."""
        return self._config.packages

    @property
    def pid(self) -> int | None:
        """Process id of the zygote that was started last, if one was."""
        return _innermost(self._zygotes[-1].process.pid) if self._zygotes else None

    def _start(self, lanes: int, forked_zygote: ForkedZygote | None = None) -> list[ZygoteConnection]:
        zygote = _Zygote(self._config, lanes, self.groups.folder, forked_zygote)
        self._zygotes.append(zygote)
        return zygote.connections

    def _start_another(self, before: ZygoteConnection) -> ZygoteConnection:
        """A zygote for a client that has hung up on `before`. If it was the only client, the old zygote is no longer needed."""
        self._left += [one for one in self._zygotes if one.connections == [before]]
        self._zygotes = [one for one in self._zygotes if one.connections != [before]]
        for zygote in [one for one in self._left if one.process.poll() is not None]:
            zygote.close()
            self._left.remove(zygote)
        return self._start(1)[0]

    def close(self) -> None:
        """Hang up; every zygote then ends its workers and itself."""
        for client in self.clients:
            client.close()
        for zygote in (*self._left, *self._zygotes):
            zygote.close()
        cgroup.release(self.groups)


class _Zygote:
    """One zygote process and the connections to it. Its output goes to memory: the disk may be full."""

    def __init__(
        self, config: zygote_messages.Config, lanes: int, groups: Path | None, forked_zygote: ForkedZygote | None
    ) -> None:
        self._log = os.memfd_create("log")
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(lanes)]
        try:
            self.process = self._start(config, [theirs.fileno() for _, theirs in pairs], groups, forked_zygote)
        except OSError:
            os.close(self._log)
            for mine, _ in pairs:
                mine.close()
            raise
        finally:
            for _, theirs in pairs:
                theirs.close()
        self.connections = [ZygoteConnection(mine, self._last_words) for mine, _ in pairs]

    def _start(
        self,
        config: zygote_messages.Config,
        descriptors: Sequence[int],
        groups: Path | None,
        forked_zygote: ForkedZygote | None,
    ) -> subprocess.Popen[bytes] | ForkedZygote:
        with os.fdopen(os.memfd_create("start"), "wb+") as file, ExitStack() as opened:
            folder = None if groups is None else os.open(groups, os.O_RDONLY | os.O_DIRECTORY)
            if folder is not None:
                opened.callback(os.close, folder)
            given = [*descriptors, *([] if folder is None else [folder])]
            names = forked_zygote.names(len(given)) if forked_zygote else given
            config = msgspec.structs.replace(config, is_forked=forked_zygote is not None)
            start = msgspec.json.encode([names[: len(descriptors)], None if folder is None else names[-1], config])
            file.write(bootstrap_without_paths("grader.sandbox.process.start_zygote", config.hidden) + start)
            file.seek(0)
            if forked_zygote is not None:
                forked_zygote.start(file.fileno(), self._log, given)
                return forked_zygote
            return subprocess.Popen(
                python_command("grader.sandbox.process.start_zygote"),
                pass_fds=given,
                env=scrubbed_environment(),
                stdin=file,
                stdout=self._log,
                stderr=self._log,
                cwd="/",
                start_new_session=True,
            )

    def _last_words(self) -> str:
        lines = os.pread(self._log, 1 << 16, 0).decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""

    def close(self) -> None:
        """Wait for its end, which follows when every connection is closed."""
        try:
            self.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self._log)


def _innermost(pid: int) -> int:
    """The process that runs in the new namespaces, if there are any: `pid` then only waits for it."""
    try:
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
            status = Path(f"/proc/{child}/status").read_text(encoding="utf-8", errors="replace")
            if any(line.startswith("NSpid:") and line.endswith("\t1") for line in status.splitlines()):
                return int(child)
    except OSError:  # it has just ended
        pass
    return pid
