"""Windows or macOS, played on Linux for the grader's own modules: they get proxies of the standard library, in children, too.

Every import in a module of `grader` goes through here. Libraries keep the real modules. Names are taken away by
typeshed; what behaves otherwise stands in `BEHAVIOURS`. Run a program so: `play(platform)`, then import it.
"""

import array
import builtins
import ctypes
import os
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.platforms.typeshed import MODULES, is_missing, taken_away

ROOT = Path(__file__).resolve().parents[2]
PLAYED = "grader."
PRELUDE = "import sys; sys.path.append({root!r}); from tests.platforms.emulation import play; play({platform!r}); "


class Proxy(ModuleType):
    """A module as another platform has it."""

    def __init__(self, real: ModuleType, platform: str) -> None:
        super().__init__(real.__name__, real.__doc__)
        self.__dict__.update(_real=real, _gone=taken_away(platform, real.__name__))
        self.__dict__.update(BEHAVIOURS.get((platform, real.__name__), {}))

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__["_gone"]:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(self.__dict__["_real"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.__dict__["_real"], name, value)


class Loader(SourceFileLoader):
    """Executes a module of ours with another `__import__` and `open`."""

    platform = ""

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__builtins__"] = _builtins(self.platform)
        super().exec_module(module)


class Finder(MetaPathFinder):
    """Finds our modules before Python does."""

    def __init__(self, platform: str) -> None:
        self._platform = platform

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if not name.startswith(PLAYED):
            return None
        for finder in [one for one in sys.meta_path if one is not self]:
            spec = finder.find_spec(name, path, target)
            if spec is not None and type(spec.loader) is SourceFileLoader:
                spec.loader = Loader(spec.loader.name, spec.loader.path)
                spec.loader.platform = self._platform
            if spec is not None:
                return spec
        return None


def play(platform: str) -> None:
    """From now on, modules of ours that are imported meet another platform."""
    if platform == "win32":
        os.environ["SYSTEMROOT"] = "C:\\Windows"
    for (
        name
    ) in MODULES:  # now: a thread that imports later must not parse while another does (gh-106905 of Python 3.11)
        taken_away(platform, name)
    sys.meta_path.insert(0, Finder(platform))


def _builtins(platform: str) -> dict[str, Any]:
    proxies: dict[str, ModuleType] = {}

    def proxy(module: ModuleType) -> ModuleType:
        if module.__name__ not in proxies:
            proxies[module.__name__] = Proxy(module, platform)
        return proxies[module.__name__]

    def imported(name: str, space: Any = None, inside: Any = None, wanted: Any = (), level: int = 0) -> ModuleType:
        if level == 0 and name in MODULES and is_missing(platform, name):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        if level == 0 and name in BEHAVIOURS.get((platform, "modules"), {}):
            return BEHAVIOURS[platform, "modules"][name]
        found = builtins.__import__(name, space, inside, wanted, level)
        return proxy(found) if found.__name__ in MODULES else found

    return {**vars(builtins), "__import__": imported, "open": _open}


# -- what behaves otherwise


def _open(file: Any, mode: str = "r", *others: Any, **named: Any) -> Any:
    _expect_no_proc(file)
    return open(file, mode, *others, **named)


def _expect_no_proc(path: Any) -> None:
    """Only Linux has /proc."""
    if isinstance(path, str | os.PathLike) and str(path).startswith(("/proc/", "/sys/")):
        raise FileNotFoundError(2, "No such file or directory", str(path))


def _os_open(path: Any, *others: Any, **named: Any) -> int:
    _expect_no_proc(path)
    return os.open(path, *others, **named)


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


def _played_popen(platform: str) -> type:
    class Popen(subprocess.Popen):  # type: ignore[type-arg]
        """Lets a Python that is started play the platform, too."""

        def __init__(self, words: Any, *others: Any, **named: Any) -> None:
            if platform == "win32":
                if named.get("pass_fds"):
                    raise ValueError("pass_fds not supported on Windows")
                named.pop("creationflags", None)
                if missing := {"SYSTEMROOT"} - (named.get("env") or {"SYSTEMROOT": ""}).keys():
                    raise OSError(f"Python cannot start without {missing}")
            words = [*words]
            if words[0] == sys.executable and "-c" in words:
                place = words.index("-c") + 1
                words[place] = PRELUDE.format(root=str(ROOT), platform=platform) + words[place]
            super().__init__(words, *others, **named)

    return Popen


class SharedSocket(socket.socket):
    """As on Windows, it can be described to another process, which opens it by `_fromshare`."""

    def share(self, process: int) -> bytes:
        name = f"\0grade-{secrets.token_hex(8)}"
        door = socket.socket(socket.AF_UNIX)
        door.bind(name)
        door.listen(1)
        own = os.dup(self.fileno())

        def hand_over() -> None:
            with door:
                met, _ = door.accept()
            with met:
                rights = array.array("i", [own])
                met.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
            os.close(own)

        threading.Thread(target=hand_over, daemon=True).start()
        return name.encode()


def _fromshare(described: bytes) -> socket.socket:
    with socket.socket(socket.AF_UNIX) as met:
        met.connect(described.decode())
        _, descriptors, _, _ = socket.recv_fds(met, 1, 1)
    return socket.socket(fileno=descriptors[0])


def _socketpair(*given: Any) -> tuple[socket.socket, socket.socket]:
    return tuple(SharedSocket(fileno=one.detach()) for one in socket.socketpair(*given))  # type: ignore[return-value]


def _get_context(method: str | None = None) -> Any:
    import multiprocessing

    if method not in (None, "spawn"):
        raise ValueError(f"cannot find context for {method!r}")
    return multiprocessing.get_context("spawn")


def _library_by_name(name: str | None, *others: Any, **named: Any) -> ctypes.CDLL:
    """`CDLL.__init__` of Lib/ctypes/__init__.py searches the name for slashes if `os.name` is "nt"."""
    if name is None:
        raise TypeError("argument of type 'NoneType' is not iterable")
    return ctypes.CDLL(name, *others, **named)


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


_OS = {"open": _os_open, "listdir": _no_proc_listing}
_REPLACING = {
    name: _refusing(getattr(os, name), place)
    for name, place in (("replace", 1), ("rename", 1), ("remove", 0), ("unlink", 0))
}
BEHAVIOURS: dict[tuple[str, str], dict[str, Any]] = {
    ("win32", "sys"): {"platform": "win32"},
    ("win32", "os"): {**_OS, **_REPLACING, "name": "nt"},
    ("win32", "ctypes"): {"CDLL": _library_by_name},
    ("win32", "select"): {"select": _sockets_only},
    ("win32", "socket"): {"socketpair": _socketpair, "fromshare": _fromshare},
    ("win32", "subprocess"): {"Popen": _played_popen("win32"), "CREATE_NEW_PROCESS_GROUP": 0x200},
    ("win32", "multiprocessing"): {"get_context": _get_context},
    ("win32", "modules"): {"msvcrt": _msvcrt()},
    ("darwin", "sys"): {"platform": "darwin"},
    ("darwin", "os"): _OS,
    ("darwin", "subprocess"): {"Popen": _played_popen("darwin")},
}
