"""Whether the machine and the shell have the resources that the limits promise to a submission.

Otherwise a lack of memory, time or descriptors would look like a fault of the submission. The grader checks before anything
runs and after a worker was killed.
"""

import errno
import os
import sys
import tempfile
import time
from io import FileIO
from pathlib import Path
from typing import IO

from grader.course import UsageError
from grader.sandbox.limits.limits import MIB, OWN, Limits
from grader.toolkit.text import PATH_LIMIT, one_line
from grader.toolkit.verdicts import GraderFaultError, ShellLimitError

_OWN_BYTES = 1024 * MIB  # address space of Python with torch, ours and the zygote's alike; more with a GPU's libraries
_OWN_FILES = 192  # as many as macOS leaves, with its 256; a zygote fails with half
_PROCESSES = Path("/proc/self")
_COUNTERS = Path("/proc/vmstat")
_PRESSURE = Path("/proc/pressure/cpu")
_STARVED = 0.5  # a share of the time


def usable_cores() -> int:
    """How many cores this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def expect_resources(limits: Limits) -> None:
    """Raise ShellLimitError if a limit of this shell (ulimit) is below what a submission may use; UsageError without /proc."""
    if sys.platform == "win32":  # it has no such limits
        return
    import resource

    if sys.platform == "linux" and not os.access(_PROCESSES, os.F_OK):
        raise UsageError("/proc is not mounted, and the grader reads there how its processes end. Nothing is graded.")
    memory = limits.memory_bytes + _OWN_BYTES
    needed = [
        ("memory", "-v", resource.RLIMIT_AS, memory, 1024, "KiB"),
        ("memory", "-d", resource.RLIMIT_DATA, memory, 1024, "KiB"),
        ("computing time", "-t", resource.RLIMIT_CPU, max(limits.check_cpu_seconds, OWN.cpu_seconds), 1, "s"),
        ("the size of files", "-f", resource.RLIMIT_FSIZE, limits.output_bytes, 1024, "KiB"),
        ("open files", "-n", resource.RLIMIT_NOFILE, limits.open_files + _OWN_FILES, 1, ""),
    ]
    for what, flag, kind, least, unit, name in needed:
        soft, _ = resource.getrlimit(kind)
        if soft != resource.RLIM_INFINITY and soft < least:
            raise ShellLimitError(
                f"this shell limits {what} to {f'{soft // unit} {name}'.strip()} (ulimit {flag}), and a grading may use "
                f"more: right answers could fail, so nothing is graded. At least {least // unit} are needed. "
                f"Try: ulimit {flag} unlimited, or another shell"
            )


def limit_computing(seconds: int) -> None:
    """Have the kernel end this process by SIGXCPU once it has computed for `seconds`, or as long as the shell allows.

    Never by SIGKILL, which is to come from outside alone: the kernel counts ticks, which may exceed the used time.
    """
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(
            resource.RLIMIT_CPU, (seconds if hard == resource.RLIM_INFINITY else min(seconds, hard), hard)
        )


def start_refused(what: str, error: OSError) -> GraderFaultError:
    """The error of a process that could not be started: where this shell allows no more of them, that is its limit."""
    if error.errno != errno.EAGAIN:
        return GraderFaultError(f"{what} could not be started: {error}")
    return ShellLimitError(
        f"{what} could not be started: this shell allows no more processes at once (ulimit -u). Close some programs, or try "
        "another shell"
    )


def unnamed_file() -> IO[bytes]:
    """An empty file for what a process prints: in memory on Linux, else in the folder for temporary files. Raises UsageError.

    It has no buffer, which would still hold what an earlier check has printed.
    """
    if sys.platform == "linux":
        return FileIO(os.memfd_create("output"), "r+")
    try:
        return tempfile.TemporaryFile(buffering=0)
    except OSError as error:
        raise no_temporary_folder(error) from None


def no_temporary_folder(error: OSError) -> UsageError:
    """The error of a temporary file or folder that cannot be made."""
    place = f": {one_line(str(error.filename), PATH_LIMIT)}" if error.filename else ""
    return UsageError(
        f"A temporary file cannot be written ({error.strerror or 'no folder for it'}{place}). Nothing is graded, and no points "
        "are lost. Make room on the disk, or set the variable TMPDIR to a folder that you may write."
    )


class OutOfMemoryKills:
    """Tells whether the kernel has killed processes since the last question because the memory was full. Linux only."""

    def __init__(self) -> None:
        self._seen = _kills()

    def any_new(self) -> bool:
        before, self._seen = self._seen, _kills()
        return self._seen > before


def _kills() -> int:
    """The number of processes that the kernel has killed since it started because the machine or a group had no memory left."""
    try:
        lines = _COUNTERS.read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)


class Pressure:
    """Tells whether processes have had to wait for a processor most of the time since it was made, as Linux counts it."""

    def __init__(self) -> None:
        self._started, self._stalled = time.monotonic(), _stalled()

    def is_starved(self) -> bool:
        passed = time.monotonic() - self._started
        return _stalled() - self._stalled > passed * _STARVED


def _stalled() -> float:
    """Seconds since the boot in which a process waited for a processor; 0 if the system does not count them."""
    try:
        words = _PRESSURE.read_text(encoding="ascii").split()
    except OSError:
        return 0.0
    return next((int(word.removeprefix("total=")) / 1e6 for word in words if word.startswith("total=")), 0.0)
