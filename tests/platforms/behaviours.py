"""What behaves otherwise on Windows or macOS, each with its source: by platform and module, the names that are replaced."""

import array
import ctypes
import os
import secrets
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

_PAUSE_SECONDS = 0.2


def played_open(file: Any, mode: str = "r", *others: Any, **named: Any) -> Any:
    _expect_no_proc(file)
    return open(file, mode, *others, **named)


def _expect_no_proc(path: Any) -> None:
    """Only Linux has /proc."""
    if isinstance(path, str | os.PathLike) and str(path).startswith(("/proc/", "/sys/")):
        raise FileNotFoundError(2, "No such file or directory", str(path))


def _os_open(path: Any, *others: Any, **named: Any) -> int:
    _expect_no_proc(path)
    return os.open(path, *others, **named)


def _access(path: Any, *others: Any, **named: Any) -> bool:
    try:
        _expect_no_proc(path)
    except FileNotFoundError:
        return False
    return os.access(path, *others, **named)


def _getrusage(who: int) -> Any:
    """getrusage(2) of macOS gives the most memory in bytes, that of Linux in KiB."""
    import resource

    used = [*resource.getrusage(who)]
    used[2] <<= 10
    return resource.struct_rusage(used)


HELD_ONCE: set[str] = set()  # files that another program, such as one that synchronises a drive, has held for a moment


def _replace(source: Any, target: Any) -> None:
    """A file that has just been written may be open in a virus scanner: MoveFileExW then fails with ERROR_ACCESS_DENIED."""
    if os.path.exists(target) and str(target) not in HELD_ONCE:
        HELD_ONCE.add(str(target))
        raise PermissionError(13, "Access is denied", str(target))
    os.replace(source, target)


def _is_open(path: Any) -> bool:
    """Whether this process has a file open."""
    places = [f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd")]
    return (
        any(os.path.exists(place) and os.path.samefile(place, path) for place in places)
        if os.path.exists(path)
        else False
    )


def _refusing(function: Callable[..., Any], which: int) -> Callable[..., Any]:
    def refuse(*paths: Any, **named: Any) -> Any:
        if os.path.isfile(paths[which]) and _is_open(paths[which]):
            raise PermissionError(13, "The process cannot access the file because it is being used", str(paths[which]))
        return function(*paths, **named)

    return refuse


def _sockets_only(read: Any, write: Any, error: Any, *seconds: Any) -> Any:
    import select

    if not all(isinstance(one, socket.socket) for one in (*read, *write, *error)):
        raise OSError(10038, "An operation was attempted on something that is not a socket")
    return select.select(read, write, error, *seconds)


class SharedSocket(socket.socket):
    """As on Windows, it can be described to another process, which opens it by `_fromshare`."""

    def share(self, process: int) -> bytes:
        name = f"\0grade-{secrets.token_hex(8)}"
        door = socket.socket(socket.AF_UNIX)
        door.bind(name)
        door.listen(1)
        door.settimeout(_PAUSE_SECONDS)
        own = os.dup(self.fileno())

        def hand_over() -> None:
            with door:
                while not _has_ended(process):
                    with suppress(TimeoutError):
                        met, _ = door.accept()
                        rights = array.array("i", [own])
                        with met:
                            met.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
                        break
            os.close(own)

        threading.Thread(target=hand_over, daemon=True).start()
        return name.encode()


def _has_ended(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(") ")[2].startswith("Z")
    except OSError:
        return True


def _fromshare(described: bytes) -> socket.socket:
    with socket.socket(socket.AF_UNIX) as met:
        met.connect(described.decode())
        _, descriptors, _, _ = socket.recv_fds(met, 1, 1)
    return socket.socket(fileno=descriptors[0])


def _launch(file: str) -> int:
    """`click.launch` opens it with the program that the desktop has for it."""
    import click

    click.echo(f"The desktop opens {file}")
    return 0


def _socketpair(*given: Any) -> tuple[socket.socket, socket.socket]:
    return tuple(SharedSocket(fileno=one.detach()) for one in socket.socketpair(*given))  # type: ignore[return-value]


def _get_context(method: str | None = None) -> Any:
    import multiprocessing

    if method not in (None, "spawn"):
        raise ValueError(f"cannot find context for {method!r}")
    return multiprocessing.get_context("spawn")


class NamedLibrary(ctypes.CDLL):
    """`CDLL.__init__` of Lib/ctypes/__init__.py searches the name for slashes if `os.name` is "nt"."""

    def __init__(self, name: str | None, *others: Any, **named: Any) -> None:
        if name is None:
            raise TypeError("argument of type 'NoneType' is not iterable")
        super().__init__(name, *others, **named)


def _no_proc_listing(path: Any = ".") -> list[str]:
    _expect_no_proc(path)
    return os.listdir(path)


KEYS: list[str] = []  # that a student has pressed, and the program has not read


def _msvcrt() -> ModuleType:
    """A console."""
    made = ModuleType("msvcrt")
    made.kbhit = lambda: bool(KEYS)  # type: ignore[attr-defined]
    made.getwch = lambda: KEYS.pop(0)  # type: ignore[attr-defined]
    return made


_OS = {"open": _os_open, "listdir": _no_proc_listing, "access": _access}
_REPLACING = {
    name: _refusing(getattr(os, name), place) for name, place in (("rename", 1), ("remove", 0), ("unlink", 0))
}
BEHAVIOURS: dict[tuple[str, str], dict[str, Any]] = {
    ("win32", "sys"): {"platform": "win32"},
    ("win32", "os"): {**_OS, **_REPLACING, "replace": _refusing(_replace, 1), "name": "nt"},
    ("win32", "click"): {"launch": _launch},
    ("win32", "ctypes"): {"CDLL": NamedLibrary},
    ("win32", "select"): {"select": _sockets_only},
    ("win32", "socket"): {"socketpair": _socketpair, "fromshare": _fromshare},
    ("win32", "subprocess"): {"CREATE_NEW_PROCESS_GROUP": 0x200},
    ("win32", "multiprocessing"): {"get_context": _get_context},
    ("win32", "modules"): {"msvcrt": _msvcrt()},
    ("darwin", "sys"): {"platform": "darwin"},
    ("darwin", "click"): {"launch": _launch},
    ("darwin", "os"): _OS,
    ("darwin", "resource"): {"getrusage": _getrusage},
}
