"""A control group for each worker, in which the kernel counts and limits all of its memory. Linux only.

Optional: it needs control groups of version 2 that are delegated to this process. The process must be able to write to its own
group, which has the memory controller and no process of others (Documentation/admin-guide/cgroup-v2.rst: a group that gives
controllers to others holds no process itself). The grader moves only its own process, and those that it has started, and changes
nothing outside that group:

    own group           where this process was started
      grade-keep        where it goes, and what it starts: no limits
      grade-...         of one owner of zygotes
        ...             of one worker: its limits

If the grader is killed, empty groups remain. systemd and containers remove the whole group.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox.confinement.kernel_support import available, is_available

_PREFIX, _KEEP = "grade-", "grade-keep"
_WANTED = ("memory", "pids")  # controllers; the first is needed
_OWN = Path("/proc/self")
_TRIES, _PAUSE_SECONDS = 100, 0.01


@dataclass(frozen=True)
class Groups:
    """The folder in which groups of workers are made; where there is none, why, in words."""

    folder: Path | None = None
    why_none: str = ""
    maker: int = 0  # the process that removes it


class WorkerGroup:
    """The group of one worker, as a zygote handles it: by a descriptor of the folder, since it may see no such file system."""

    def __init__(self, folder: int, memory_bytes: int) -> None:
        """Make it. A worker that starts a process or thread in spite of all is refused, or all of its group is killed."""
        self._folder, self._name = folder, os.urandom(8).hex()
        os.mkdir(self._name, dir_fd=folder)
        limits = {"memory.max": memory_bytes, "memory.swap.max": 0, "memory.oom.group": 1, "pids.max": 1}
        for file, limit in limits.items():
            with suppress(FileNotFoundError):  # no pids controller, or no swap; `claim` has asked for memory
                _write(f"{self._name}/{file}", str(limit), folder)

    def join(self) -> None:
        """Put the calling process into it."""
        _write(f"{self._name}/cgroup.procs", "0", self._folder)

    def end(self) -> bool:
        """Remove it, once its process is gone; true if the kernel has killed that for what it used beyond this group's limit.

        `oom_kill` alone also counts kills because the machine or container ran out of memory.
        """
        over = False
        with suppress(FileNotFoundError):
            events = dict(line.split() for line in _read(f"{self._name}/memory.events", self._folder).splitlines())
            over = int(events["oom"]) > 0 and int(events["oom_kill"]) > 0
        with suppress(OSError):  # its end takes a moment longer: `release` removes it
            os.rmdir(self._name, dir_fd=self._folder)
        return over


def claim(wanted: Sequence[str] = _WANTED, process: Path = _OWN, started: Sequence[int] = ()) -> Groups:
    """Make a folder for groups of workers, if this process may. Raises OSError for a bug of ours.

    The processes that it has `started` already go where it goes.
    """
    try:
        return Groups(_claim(wanted, process, {os.getpid(), *started}), maker=os.getpid())
    except _NotDelegatedError as error:
        return Groups(why_none=str(error))


def release(groups: Groups) -> None:
    """Remove what `claim` made, and go back once all is removed that was made here."""
    if groups.folder is None or groups.maker != os.getpid():
        return
    with suppress(OSError):  # Linux before 5.14
        _write(str(groups.folder / "cgroup.kill"), "1")
    for _ in range(_TRIES):
        with suppress(OSError):  # an end takes a moment
            _remove(groups.folder)
            break
        time.sleep(_PAUSE_SECONDS)
    with suppress(OSError):  # EBUSY: other groups that were made here are still in use
        _leave(groups.folder.parent)


class _NotDelegatedError(Exception):
    """Why there can be no groups."""


def _claim(wanted: Sequence[str], process: Path, ours: Set[int]) -> Path:
    own = _own_group(process)
    given = _read(str(own / "cgroup.controllers")).split()
    if wanted and wanted[0] not in given:
        raise _NotDelegatedError(f"the control group of this process has no {wanted[0]} controller")
    controllers = [name for name in wanted if name in given]
    settled = own.name == _KEEP  # by this process, or by the one that started it
    top = own.parent if settled else own
    inside = [] if settled else _processes(top)
    if not settled and not {os.getpid()} <= {*inside} <= ours:
        raise _NotDelegatedError("other processes are in the control group of this one, and may not be moved")
    folder = available("control group", lambda: Path(tempfile.mkdtemp(prefix=_PREFIX, dir=top)))
    if folder is None:
        raise _NotDelegatedError("this process may make no control groups below its own")
    try:
        if not settled:
            _settle(top, controllers, inside)
        _give(folder, controllers)
    except BaseException:
        folder.rmdir()
        raise
    return folder


def _own_group(process: Path) -> Path:
    """Where this process's group is, by cgroups(7) and proc_pid_mountinfo(5)."""
    texts = [available("control groups", (process / name).read_bytes) or b"" for name in ("cgroup", "mountinfo")]
    groups, mounts = (os.fsdecode(text).splitlines() for text in texts)
    path = next((line[3:] for line in groups if line.startswith("0::/")), None)
    for fields in map(str.split, mounts):
        root, place = (re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), field) for field in fields[3:5])
        if path is not None and fields[fields.index("-") + 1] == "cgroup2":
            inside = os.path.relpath(path, root)
            if ".." not in inside.split("/") and ((folder := Path(place, inside)) / "cgroup.controllers").is_file():
                return folder
    raise _NotDelegatedError("this process sees no control group of version 2 of its own")


def _processes(group: Path) -> list[int]:
    return [int(word) for word in _read(str(group / "cgroup.procs")).split()]


def _settle(top: Path, controllers: Sequence[str], processes: Sequence[int]) -> None:
    """Let the processes go into a group below, and let this one limit those below it."""
    keep = top / _KEEP
    keep.mkdir(exist_ok=True)
    try:
        if not is_available("control group member", lambda: _move(processes, keep)):
            raise _NotDelegatedError("this process may not leave its control group")
        _give(top, controllers)
    except BaseException:
        _leave(top)
        raise


def _give(group: Path, controllers: Sequence[str]) -> None:
    words = " ".join(f"+{name}" for name in controllers)
    if not is_available("control group controllers", lambda: _write(str(group / "cgroup.subtree_control"), words)):
        raise _NotDelegatedError("the control group of this process may not limit those below it")


def _leave(top: Path) -> None:
    """Undo `_settle`."""
    given = _read(str(top / "cgroup.subtree_control")).split()
    _write(str(top / "cgroup.subtree_control"), " ".join(f"-{name}" for name in given))
    _move(_processes(top / _KEEP), top)  # this one, and what it has started since
    (top / _KEEP).rmdir()


def _move(processes: Sequence[int], group: Path) -> None:
    for process in processes:
        _write(str(group / "cgroup.procs"), str(process))


def _remove(folder: Path) -> None:
    """Remove a group and those in it. Raises OSError if one holds a process."""
    for group in [*(one for one in folder.iterdir() if one.is_dir()), folder]:
        group.rmdir()


def _read(path: str, folder: int | None = None) -> str:
    descriptor = os.open(path, os.O_RDONLY, dir_fd=folder)
    with os.fdopen(descriptor, encoding="utf-8") as file:
        return file.read()


def _write(path: str, text: str, folder: int | None = None) -> None:
    """A control file takes all in one write, and is there or not: it is never made."""
    descriptor = os.open(path, os.O_WRONLY, dir_fd=folder)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
