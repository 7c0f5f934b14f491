"""Ask the warm process of a course, start one, stop all.

If anything fails here, the grading runs without the warm process. Only this user may enter the folder of the socket.
"""

import contextlib
import hashlib
import os
import signal
import socket
import stat
import struct
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from grader.course import PUBLIC_KEY, Course
from grader.grading.report import Report, Status
from grader.grading.request import Task
from grader.sandbox.process.interpreter import (
    KERNELS,
    PACKAGE_ROOT,
    bootstrap,
    bootstrap_of_two,
    python_command,
    scrubbed_environment,
)
from grader.service.messages import SentReport, SentTask, receive, send
from grader.service.service import modules_ahead
from grader.toolkit import lazy_torch
from grader.warm.warm_messages import WarmRequest, WarmStart

if TYPE_CHECKING:  # it imports torch
    from grader.grading.request import Progress

if sys.platform != "linux":
    raise ImportError("there is a warm process on Linux only")

HELLO = b"1"  # what the warm process says before it is asked, if it is not busy
_HELLO_SECONDS = 0.3
_IDLE_SECONDS = 600.0
_SILENT_SECONDS = 2.0  # a process that grades tells ten times a second what it does
_SERVER = "grader.warm.warm_server"
_PEER = struct.Struct("3i")  # process, user, group
_PATH_BYTES = 107  # the longest path of a socket, by unix(7)
_PREFIXES = (
    *("ATEN_", "CUDA", "DNNL_", "GLIBC_", "GOMP_", "GRADE_", "HYPOTHESIS", "KMP_", "LANG", "LC_", "LD_", "MALLOC_"),
    *("MKL_", "NPY_", "OMP_", "ONEDNN_", "OPENBLAS_", "PYTHON", "PYTORCH_", "TORCH", "TZ"),
)
_READ_AT_IMPORT = (
    *("ATEN_", "DNNL_", "GLIBC_TUNABLES", "GOMP_", "KMP_", "LD_LIBRARY_PATH", "LD_PRELOAD", "MKL_CBWR", "MKL_DEBUG"),
    *("MKL_ENABLE", "NPY_", "ONEDNN_", "OPENBLAS_CORETYPE", "PYTORCH_", "TORCH"),
)
_VARIABLES = ("HOME", "PATH", "TMPDIR", "VIRTUAL_ENV")  # these and those of the prefixes may change a grading
_NAMESPACES = ("mnt", "net", "pid", "user")  # a container may share the folder of sockets, and confine differently


class WarmProcess:
    """The warm process of a course, which may not run yet."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._fingerprint = _fingerprint(course)  # before the grading: what is edited meanwhile counts as changed

    def ask(self, task: Task, showing: "Callable[[], AbstractContextManager[Progress]]") -> Report | None:
        """The Report; None if it has to be made without the warm process.

        `showing` begins once that grades: what has to be imported to show a Report is imported meanwhile.
        """
        if self._course.key != PUBLIC_KEY:
            return None
        with contextlib.suppress(OSError, EOFError, msgspec.MsgspecError), _connected(self._socket()) as connection:
            connection.settimeout(_HELLO_SECONDS)
            if connection.recv(len(HELLO)) != HELLO:
                return None
            connection.settimeout(_SILENT_SECONDS)
            with _ended_if_silent(connection), connection.makefile("rwb") as pipe:
                send(pipe, WarmRequest(self._fingerprint, SentTask.of(task)))
                with showing() as progress:
                    while data := receive(pipe):
                        reply = msgspec.msgpack.decode(data, type=SentReport)
                        if reply.running is None:
                            return None if _is_faulty(reply.report) else reply.report
                        progress(*reply.running)
        return None

    def start(self, task: Task, report: Report) -> None:
        """Start it, in the background, after a grading without it, if there is no other.

        It and its zygote are forks of one process, which has imported libraries and knows nothing else. Where these libraries
        read the terminal's environment, it starts its zygote itself, as a grading without it does.
        """
        leader = os.getsid(0)
        if leader in (0, os.getpgrp()) or self._course.key != PUBLIC_KEY:
            return  # no person typed it: an interactive shell gives each command its own process group
        passed = frozenset(check.id for check in report.checks if check.status is Status.PASSED)
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            place = self._socket()
            if len(os.fsencode(place)) > _PATH_BYTES:
                return
            lock = stack.enter_context(_locked(place))  # fails if there is another
            root, environment, sent = self._course.root, [*os.environb.items()], SentTask.of(task)
            has_forked_zygote = _can_fork_zygote()
            start = WarmStart(
                str(root),
                str(place),
                self._fingerprint,
                leader,
                environment,
                sent,
                passed,
                has_forked_zygote,
                _IDLE_SECONDS,
            )
            server = stack.enter_context(os.fdopen(os.memfd_create("start"), "wb+"))
            server.write(bootstrap(_SERVER))
            send(server, start)
            first, kept = server, [lock.fileno()]
            if has_forked_zygote:
                modules = modules_ahead(self._course, [(task.section, task.submission)], [lazy_torch.NAME])
                first, kept = stack.enter_context(os.fdopen(os.memfd_create("start"), "wb+")), [server.fileno(), *kept]
                first.write(bootstrap_of_two(["numpy", *modules]))
            for file in (first, server):
                file.flush()
                file.seek(0)
            process = subprocess.Popen(
                [*python_command(_SERVER), ",".join(map(str, kept))],
                env=scrubbed_environment() if has_forked_zygote else None,
                cwd="/",  # torch keeps the name of the folder in which it is imported, and the zygote has what it keeps
                stdin=first,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=kept,
                start_new_session=True,
            )
            os.pwrite(lock.fileno(), f"{process.pid:<20}".encode(), 0)

    def _socket(self) -> Path:
        name = hashlib.sha256(os.fsencode(self._course.root.resolve())).hexdigest()[:16]
        return _folder() / f"{name}.socket"


def _can_fork_zygote() -> bool:
    """Whether libraries that are imported in a scrubbed environment are as in this one: it then may come later."""
    read = {name for name in os.environ if name.startswith(_READ_AT_IMPORT)}
    return sys.getfilesystemencoding() == "utf-8" and read.issubset(KERNELS)


def _locked(place: Path) -> BinaryIO:
    """The lock of the socket at `place`, until all copies are closed. Raises OSError if another process holds it."""
    import fcntl

    lock = os.fdopen(os.open(place.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "rb+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise
    return lock


def stop_all() -> int:
    """End this user's warm processes, also those that still import libraries; how many there were."""
    count = 0
    with contextlib.suppress(OSError):
        for path in sorted(_folder().glob("*.lock")):
            with contextlib.suppress(OSError, ValueError):
                try:
                    _locked(path).close()
                except BlockingIOError:
                    process = int(path.read_bytes())
                    if process > 1 and _SERVER.encode() in Path(f"/proc/{process}/cmdline").read_bytes():
                        os.kill(process, signal.SIGTERM)
                        count += 1
            path.with_suffix(".socket").unlink(missing_ok=True)
    return count


@contextlib.contextmanager
def _connected(path: Path) -> Iterator[socket.socket]:
    """A connection to a process of this user. Raises OSError if there is none."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_HELLO_SECONDS)
        connection.connect(str(path))
        _, user = _peer(connection)
        if user != os.getuid():
            raise PermissionError(f"{path}: of another user")
        yield connection


@contextlib.contextmanager
def _ended_if_silent(connection: socket.socket) -> Iterator[None]:
    """End the process at the other end if it says nothing for too long: it would keep its memory, and its place."""
    try:
        yield
    except TimeoutError:
        process, _ = _peer(connection)
        if process > 1:
            os.kill(process, signal.SIGKILL)
        raise


def _peer(connection: socket.socket) -> tuple[int, int]:
    """The process and the user at the other end; the process is 0 in another container."""
    process, user, _ = _PEER.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    return process, user


def _folder() -> Path:
    """A folder of this user alone. Raises OSError if there is no such place."""
    where = os.environ.get("XDG_RUNTIME_DIR", "")
    folder = Path(where if os.path.isabs(where) else tempfile.gettempdir()) / f"grade-descent-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder}: open to other users")
    return folder


def _is_faulty(report: Report | None) -> bool:
    """Whether a grading has to be repeated in a fresh process, which reports a fault of the grader."""
    return report is None or any(check.status is Status.GRADER_ERROR for check in report.checks)


def _fingerprint(course: Course) -> str:
    """Of what a running process has read already: the grader, the course without exercises, packages, environment, limits."""
    import resource

    seen = hashlib.sha256()
    folders = [PACKAGE_ROOT / "grader", course.root / "checks", course.root / "solutions", course.root / "data"]
    packages = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *filter(_holds_packages, sys.path)}
    for path in (course.root / "course.toml", *map(Path, sorted(packages))):
        seen.update(_state(path).encode(errors="surrogateescape"))
    for path in folders:
        seen.update("\n".join(_states(str(path), set())).encode(errors="surrogateescape"))
    limits = [resource.getrlimit(number) for name, number in vars(resource).items() if name.startswith("RLIMIT_")]
    names = sorted(name for name in os.environ if name in _VARIABLES or name.startswith(_PREFIXES))
    variables = [(name, os.environ[name]) for name in names]
    namespaces = [
        os.readlink(f"/proc/self/ns/{name}") for name in _NAMESPACES if os.path.islink(f"/proc/self/ns/{name}")
    ]
    seen.update(repr((sys.version, sys.executable, limits, variables, namespaces)).encode())
    return seen.hexdigest()


def _holds_packages(folder: str) -> bool:
    """Whether installing a package writes this folder of `sys.path`."""
    return os.path.basename(folder) in ("site-packages", "dist-packages")


def _states(folder: str, met: set[tuple[int, int]]) -> list[str]:
    """Of each file below a folder: its path, its size and when it was written. A link may lead to a folder that was `met`."""
    found: list[str] = []
    with contextlib.suppress(OSError):
        state = os.stat(folder)
        if (state.st_dev, state.st_ino) in met:
            return found
        met.add((state.st_dev, state.st_ino))
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            if entry.is_dir():
                found += _states(entry.path, met) if entry.name != "__pycache__" else []
            else:
                found.append(_state(Path(entry.path)))
    return found


def _state(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return f"{path} -"
    return (
        f"{path} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_size}"  # `cp -p` and `touch -d` set the first only
    )
