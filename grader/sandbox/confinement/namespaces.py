"""Namespaces for the zygote: it sees no outside process, file, network or message queue. Linux only.

Optional: root may have them, and other users where the kernel allows user namespaces (namespaces(7), user_namespaces(7),
pid_namespaces(7)). Where the kernel refuses, nothing changes.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Iterator
from functools import partial

from grader.sandbox.confinement.kernel_support import available, is_available
from grader.sandbox.confinement.syscalls import architecture, bind, call, mount, number, prctl, unmount

if sys.platform != "linux":
    raise ImportError("this confines processes on Linux only")

_PR_SET_PDEATHSIG = 1
_MOUNTS, _MESSAGES, _USERS, _PROCESSES, _NETWORK = 0x20000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
_NO_SET_ID, _NO_DEVICES, _NO_PROGRAMS, _RECURSIVELY, _PRIVATE = 1 << 1, 1 << 2, 1 << 3, 1 << 14, 1 << 18
_HERE, _WHOLE_TREE, _READ_ONLY_AND_NO_SET_ID = -100, 0x8000, 1 << 0 | 1 << 1  # of mount_setattr(2)
_PLACE = "/proc"  # where the new root is put together: no library lies there
_EMPTY_FOLDERS = ("proc", "tmp", "dev/shm")
_NOT_TO_BE_HAD = 98  # exit code of a process that was to have namespaces


def enter() -> bool:
    """Continue in a child with its own namespaces. Returns true in the child; false, in this process, without namespaces.

    This process then only waits for the child and ends like it: a process cannot change its own process id. Call it early, since
    the child copies the memory, and with one thread.
    """
    if architecture() is None:
        return False
    user, group = os.geteuid(), os.getegid()
    kinds = _MOUNTS | _MESSAGES | _PROCESSES | _NETWORK | (0 if user == 0 else _USERS)
    child = available("clone", lambda: call(number("clone"), kinds | signal.SIGCHLD, 0, 0, 0, 0))
    if child is None:
        return False
    if child == 0:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        had = (user == 0 or _keep_identity(user, group)) and is_available("private", _leave_the_others)
        if not had:
            os._exit(_NOT_TO_BE_HAD)
        return True
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == _NOT_TO_BE_HAD:
        return False
    os._exit(code if code >= 0 else 128 - code)


def hide_all_but(paths: Iterable[str]) -> bool:
    """Make a root that holds these files and folders alone, to be read; an empty /tmp; and the processes of this namespace.

    False, and nothing is changed, where the kernel does not let this process do so. Call it after `enter`.
    """
    if not is_available("mount", lambda: mount("root", _PLACE, "tmpfs", _NO_SET_ID, "size=1m,mode=0755")):
        return False
    listed = [*paths, os.devnull]
    if not (is_available("mount", lambda: _furnish(listed)) and is_available("pivot_root", _move_in)):
        unmount(_PLACE)
        return False
    _look_again()
    return True


def _keep_identity(user: int, group: int) -> bool:
    """Keep this user and group in the new namespace, and map no others."""
    maps = {"setgroups": "deny", "uid_map": f"{user} {user} 1", "gid_map": f"{group} {group} 1"}
    return all(is_available("user map", partial(_write, f"/proc/self/{file}", text)) for file, text in maps.items())


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _leave_the_others() -> None:
    mount("none", "/", None, _RECURSIVELY | _PRIVATE)


def _furnish(paths: list[str]) -> None:
    """Put what may be read into the new root, under the names that it has in the old one."""
    for folder in _EMPTY_FOLDERS:
        os.makedirs(f"{_PLACE}/{folder}")
    for path, source in sorted(_few_mounts({os.path.realpath(path) for path in paths if os.path.exists(path)}).items()):
        _put(path, source)
    for place, target in sorted(set(_links([*paths, *sys.path]))):
        if not os.path.lexists(_PLACE + place):
            os.makedirs(os.path.dirname(_PLACE + place), exist_ok=True)
            os.symlink(target, _PLACE + place)
    # A container that hides parts of its own /proc gives no other: all is left as it is then, since /proc is needed.
    mount("proc", f"{_PLACE}/proc", "proc", _NO_SET_ID | _NO_DEVICES | _NO_PROGRAMS)
    attributes = _READ_ONLY_AND_NO_SET_ID.to_bytes(8, sys.byteorder) + bytes(24)
    call(number("mount_setattr"), _HERE, _PLACE.encode(), _WHOLE_TREE, attributes, len(attributes))


def _few_mounts(paths: set[str]) -> dict[str, str]:
    """The folders to show, by place: a folder that is mostly visible is shown whole, and the rest of it is covered."""
    shown = {path: path for path in paths}
    together: dict[str, list[str]] = {}
    for path in paths:
        together.setdefault(os.path.dirname(path), []).append(path)
    for folder, inside in together.items():
        others = [entry for entry in os.scandir(folder) if entry.path not in paths and not entry.is_symlink()]
        if len(others) < len(inside):
            for path in inside:
                del shown[path]
            shown |= {folder: folder} | {entry.path: "" if entry.is_dir() else os.devnull for entry in others}
    return shown


def _put(path: str, source: str) -> None:
    """Show a file or folder, or, without a source, an empty folder."""
    place = _PLACE + path
    if os.path.isdir(path):
        os.makedirs(place, exist_ok=True)
    elif not os.path.exists(place):
        os.makedirs(os.path.dirname(place), exist_ok=True)
        os.close(os.open(place, os.O_CREAT | os.O_WRONLY, 0o644))
    if source:
        bind(source, place)
    else:
        mount("covered", place, "tmpfs", _NO_SET_ID, "size=64k,mode=0755")


def _links(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Every symbolic link on the way to these paths: the real place where it lies, and where it leads."""
    parts = {path[:end] for path in paths for end in [*_ends(path), len(path)] if path.startswith("/")}
    for part in parts:
        if os.path.islink(part):
            yield os.path.join(os.path.realpath(os.path.dirname(part)), os.path.basename(part)), os.path.realpath(part)


def _ends(path: str) -> list[int]:
    return [place for place, letter in enumerate(path) if letter == "/" and place]


def _move_in() -> None:
    """Make the new root the only one: everything outside is gone, except open and mapped files."""
    os.chdir(_PLACE)
    call(number("pivot_root"), b".", b".")
    unmount(".")
    os.chdir("/")


def _look_again() -> None:
    """Let Python list its folders now: later it may not list all of them."""
    for folder in sys.path:
        finder = sys.path_importer_cache.get(folder)
        if finder is not None:
            finder.find_spec("grader")
