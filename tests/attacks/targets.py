"""What an attack may reach for, laid out where it can be watched: files, sockets, signals, processes, shared memory.

`Targets.facts` is what an attacker would have to find out first. `Targets.traces()` says what has happened, as words: "file",
"connection", "datagram", "signal", "process", "shared memory"; nothing is what every attack should leave.
"""

import contextlib
import ctypes
import json
import marshal
import os
import secrets
import shutil
import signal
import socket
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.attacks.hostile_text import JOINED
from tests.paths import TINY

SOLUTION = TINY / "solutions" / "section1_tiny.py"
CHECKS = TINY / "checks" / "section1_tiny" / "test_section1.py"
SIGNALS = (signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP, signal.SIGIO, signal.SIGTERM)
PREFIX = "grade-attack"
CACHES = (".grade/section1_tiny.json", ".pytest_cache/v/cache/lastfailed", ".hypothesis/examples/0")
ANSWER = "GRADE_ATTACK_ANSWER"  # in the grader's own environment
SPARE_WORKERS = 1
PATIENCE_SECONDS = 5.0  # for a worker that was killed to be gone


class Targets:
    """One attack's surroundings, with everything in it private to this attack."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.key = secrets.randbelow(2**31 - 1) + 1  # of what attacks leave in System V's shared memory
        self.signals: list[int] = []
        self._sockets = {
            "tcp": _bound(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            "udp": _bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            "unix": _bound(socket.AF_UNIX, socket.SOCK_STREAM, str(root / "socket")),
            "abstract": _bound(socket.AF_UNIX, socket.SOCK_STREAM, f"\0{root.name}"),
        }
        self._lay_out()
        self._descriptor = os.open(SOLUTION, os.O_RDONLY)
        os.environ[ANSWER] = "3.0"
        self._files = self._snapshot()

    def _lay_out(self) -> None:
        """Write the answers in every form in which they tend to lie about."""
        text = SOLUTION.read_bytes()
        places = {
            "solution.py": text,
            "solution.pyc": bytes(16) + marshal.dumps(compile(text, "solution.py", "exec")),
            "git-object": zlib.compress(b"blob %d\0" % len(text) + text),
            "victim.txt": b"unharmed",
            **{name: json.dumps({"mean_by_hand": text.decode()}).encode() for name in CACHES},
        }
        for name, data in places.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_bytes(data)
        (self.root / "folder").mkdir()
        (self.root / "link").symlink_to(self.root / "solution.py")

    @property
    def facts(self) -> dict[str, Any]:
        """What the attack is told."""
        return {
            "folder": str(self.root),
            "solution": str(SOLUTION),
            "checks": str(CHECKS),
            "caches": [str(self.root / name) for name in CACHES],
            "tcp": self._sockets["tcp"].getsockname()[1],
            "udp": self._sockets["udp"].getsockname()[1],
            "abstract": f"\0{self.root.name}",
            "grader": os.getpid(),
            "key": self.key,
            "name": self.root.name,
            "text": JOINED,
        }

    def note_signal(self, number: int, frame: Any) -> None:
        """Remember a signal that reached the grader."""
        self.signals.append(number)

    def _snapshot(self) -> dict[str, tuple[Any, ...]]:
        """Every file's mode, owner, size and time of change."""
        stats = {str(path): path.lstat() for path in sorted(self.root.rglob("*"))}
        return {path: (s.st_mode, s.st_uid, s.st_size, s.st_mtime_ns, s.st_nlink) for path, s in stats.items()}

    def traces(self, zygote: int | None = None, patience: float = PATIENCE_SECONDS) -> list[str]:
        """What has happened that should not have. Workers that were killed have `patience` seconds to be gone."""
        found = ["connection" for name in ("tcp", "unix", "abstract") if _accepts(self._sockets[name])]
        found += ["datagram"] if _receives(self._sockets["udp"]) else []
        found += ["file"] if self._snapshot() != self._files else []
        found += ["signal"] if self.signals else []
        found += ["shared memory"] if _shared_memory(self.key, self.root.name) else []
        found += ["process"] if zygote is not None and not _settles(zygote, patience) else []
        return found

    def close(self) -> None:
        """Take everything down."""
        _remove(_shared_memory(self.key, self.root.name))
        os.close(self._descriptor)
        del os.environ[ANSWER]
        for opened in self._sockets.values():
            opened.close()


@contextlib.contextmanager
def make_targets() -> Iterator[Targets]:
    """Targets in a temporary folder; the signals of `SIGNALS` are noted instead of obeyed meanwhile."""
    root = Path(tempfile.mkdtemp(prefix=f"{PREFIX}-"))
    root.chmod(0o755)
    targets = Targets(root)
    before = {number: signal.signal(number, targets.note_signal) for number in SIGNALS}
    try:
        yield targets
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        targets.close()
        shutil.rmtree(root)


def _bound(family: int, kind: int, address: Any) -> socket.socket:
    opened = socket.socket(family, kind)
    opened.bind(address)
    opened.setblocking(False)
    if kind == socket.SOCK_STREAM:
        opened.listen()
    return opened


def _accepts(listener: socket.socket) -> bool:
    """Whether a client has connected."""
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def _receives(opened: socket.socket) -> bool:
    try:
        return bool(opened.recv(100))
    except BlockingIOError:
        return False


def _shared_memory(key: int, name: str) -> set[tuple[str, str]]:
    """What lies in System V's shared memory, queues and semaphores under a key, and in /dev/shm under a name."""
    found = set()
    for kind in ("shm", "msg", "sem"):
        with contextlib.suppress(OSError):
            rows = [line.split() for line in Path("/proc/sysvipc", kind).read_text().splitlines()[1:]]
            found |= {(kind, row[1]) for row in rows if int(row[0]) == key}
    with contextlib.suppress(OSError):
        found |= {("file", here) for here in os.listdir("/dev/shm") if here == name}
    return found


def _remove(left: set[tuple[str, str]]) -> None:
    """Remove what an attack has left where it was meant to succeed."""
    libc = ctypes.CDLL(None)
    remove = {
        "shm": lambda name: libc.shmctl(int(name), 0, 0),
        "msg": lambda name: libc.msgctl(int(name), 0, 0),
        "sem": lambda name: libc.semctl(int(name), 0, 0),
        "file": lambda name: os.unlink(f"/dev/shm/{name}"),
    }
    for kind, name in left:
        remove[kind](name)


def children(pid: int) -> set[int]:
    """The processes that a process has started and that still run."""
    found: set[int] = set()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found |= {int(child) for child in path.read_text().split()}
    return {pid for pid in found if _is_running(pid)}


def _is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _settles(zygote: int, patience: float) -> bool:
    """Whether soon nothing is left of a zygote's workers but the spare one. What a worker forked falls to the zygote, too."""
    deadline = time.monotonic() + patience
    while len(children(zygote)) > SPARE_WORKERS:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True
