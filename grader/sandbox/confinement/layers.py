"""Confine the calling process, for good, before it meets student code. Linux only, no privileges needed.

Each layer covers what the others leave open: resource limits (memory, CPU time, output), Landlock (files, TCP),
a dropped user (what is left to root), seccomp (everything else: sockets, new processes and threads, signals, chmod).
A layer that the machine lacks is reported as off and never an error, so that the caller decides what is enough.
"""

from __future__ import annotations

import sys

if sys.platform != "linux":
    raise ImportError("this confines processes on Linux only")

import os
import resource
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from grader.sandbox.confinement import landlock, scratch, seccomp
from grader.sandbox.confinement.kernel_support import ABI_WITH_TCP, ABI_WITH_TRUNCATE, is_available
from grader.sandbox.confinement.syscalls import architecture, drop_capabilities, prctl

_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 24, 38
_CAPABILITIES = 64  # more than any kernel has; it answers EINVAL past its last
_GUESSED_ADDRESS_SPACE = 1 << 30  # bytes, where /proc is missing: Python with torch and one thread takes 0.6 GiB

PARENT_IS_GONE = 99
"""Exit code of a worker whose parent had died before it was confined."""


class LessThanPromisedError(RuntimeError):
    """This process has lower limits than the policy promises, so right answers could fail."""


@dataclass(frozen=True)
class ConfinementPolicy:
    """The resources that a confined process keeps. The last two fields are for tests."""

    read: tuple[str, ...]
    """Files and folders that stay readable; nothing is writable but /dev/null, and a folder of its own."""
    memory_bytes: int
    """Address space beyond what the process has when it is confined."""
    cpu_seconds: int
    """Where the kernel ends it, or sooner if the shell says so."""
    output_bytes: int
    """Size up to which a file (the captured output) may be written; as much as the folder holds, where there is one."""
    open_files: int
    drop_uid: int | None
    """The user and group to become when started as root; try `can_drop_uid` first."""
    ruleset: int | None = None
    """The ruleset that `prepare_ruleset` made of `read`, once for many workers; else `confine` makes one. It closes both."""
    scratch_bytes: int = 0
    """Size of a folder of its own; 0 for none."""
    landlock_abi_limit: int | None = None
    seccomp: bool = True


@dataclass(frozen=True)
class Layers:
    """Which protections are on."""

    landlock: int
    """The ABI in force, 0 for none."""
    network: bool
    """TCP at least is refused (by Landlock from ABI 4 on); with seccomp every kind of socket is."""
    seccomp: bool
    no_open: bool
    """No file can be opened at all: seccomp's answer where Landlock is missing."""
    rlimits: bool
    no_new_privs: bool
    uid: int
    capabilities_dropped: bool


def confine(policy: ConfinementPolicy, parent_pid: int) -> Layers:
    """Confine this process and return which layers are on; exit with `PARENT_IS_GONE` if the parent has died.

    The order matters: Landlock and seccomp need no-new-privileges, the limit on processes must follow the change of
    user, the parent-death signal is cleared by that change, and seccomp refuses all of these calls.

    Raises:
        RuntimeError: the process has more than one thread (Landlock and seccomp would miss the others).
        LessThanPromisedError: a limit that was set before is lower than the policy's.
        NoScratchError: it cannot have a folder of its own.
    """
    expect_one_thread()
    _limit_resources(policy)
    if policy.scratch_bytes:
        _make_scratch(policy)
    no_new_privs = is_available("no-new-privileges", lambda: prctl(_PR_SET_NO_NEW_PRIVS, 1))
    abi = _landlock_abi(policy.landlock_abi_limit)
    if abi and not is_available("landlock_restrict_self", lambda: _restrict_files(policy)):
        abi = 0
    if _drop_user(policy.drop_uid):
        _set_limit(resource.RLIMIT_NPROC, 0)
    capabilities_dropped = is_available("capset", drop_capabilities)
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(PARENT_IS_GONE)
    filtered = policy.seccomp and _filter_system_calls(abi, writes=policy.scratch_bytes > 0)
    return Layers(
        landlock=abi,
        network=filtered or abi >= ABI_WITH_TCP,
        seccomp=filtered,
        no_open=filtered and not abi,
        rlimits=True,
        no_new_privs=no_new_privs,
        uid=os.getuid(),
        capabilities_dropped=capabilities_dropped,
    )


def prepare_ruleset(read: Sequence[str], abi_limit: int | None = None) -> int | None:
    """Return a Landlock ruleset for these paths, which takes a millisecond to make, or None where there is no Landlock."""
    abi = _landlock_abi(abi_limit)
    return landlock.prepare(read, abi) if abi else None


def prepare_filter(abi_limit: int | None = None) -> None:
    """Build the filter of system calls once for all workers that are forked from now on."""
    _filter_of_this_process(_landlock_abi(abi_limit))


def can_drop_uid(uid: int, must_read: Sequence[str]) -> bool:
    """Tell whether a worker could become `uid` and still read every path in `must_read`.

    Under a home folder of mode 0700 Python itself is out of a dropped worker's reach. Forks a short-lived probe: call
    it only while the process has one thread.
    """
    if os.geteuid() != 0:
        return False
    probe = os.fork()
    if probe == 0:
        readable = False
        try:
            readable = _become(uid) and all(map(_can_read, must_read))
        finally:
            os._exit(0 if readable else 1)
    _, status = os.waitpid(probe, 0)
    return status == 0


def _can_read(path: str) -> bool:
    try:
        if os.path.isdir(path):
            os.listdir(path)
        else:
            with open(path, "rb") as file:
                file.read(1)
    except OSError:
        return False
    return True


def _landlock_abi(limit: int | None) -> int:
    return landlock.abi() if limit is None else min(landlock.abi(), limit)


def _make_scratch(policy: ConfinementPolicy) -> None:
    """Make a scratch folder. Before ABI 3, Landlock cannot stop a process with write access from truncating other files."""
    abi = _landlock_abi(policy.landlock_abi_limit)
    if abi < ABI_WITH_TRUNCATE:
        raise scratch.NoScratchError(
            f"a check asks for a folder of its own, which needs Landlock ABI {ABI_WITH_TRUNCATE}, Linux 6.2 or newer"
        )
    user = policy.drop_uid if policy.drop_uid is not None and os.geteuid() == 0 else os.geteuid()
    scratch.make(policy.scratch_bytes, user)


def _restrict_files(policy: ConfinementPolicy) -> None:
    ruleset = policy.ruleset
    if ruleset is None or policy.scratch_bytes:
        if ruleset is not None:
            os.close(ruleset)
        write = scratch.PLACE if policy.scratch_bytes else None
        ruleset = landlock.prepare(policy.read, _landlock_abi(policy.landlock_abi_limit), write)
    try:
        landlock.restrict(ruleset)
    finally:
        os.close(ruleset)


def expect_one_thread() -> None:
    """Raise RuntimeError if this process has other threads: a fork of it could wait for a lock that one of them holds."""
    try:
        threads = len(os.listdir("/proc/self/task"))
    except OSError:
        return
    if threads != 1:
        raise RuntimeError(
            f"{threads} threads in a process to fork or to confine, expected 1: "
            "set OMP_NUM_THREADS=1, MKL_NUM_THREADS=1 and OPENBLAS_NUM_THREADS=1 before numpy and torch are imported"
        )


def _limit_resources(policy: ConfinementPolicy) -> None:
    promised = {
        resource.RLIMIT_AS: address_space_bytes() + policy.memory_bytes,
        resource.RLIMIT_FSIZE: max(policy.output_bytes, policy.scratch_bytes + 1),  # the folder is full first
        resource.RLIMIT_NOFILE: policy.open_files,
    }
    for kind, value in promised.items():
        if _set_limit(kind, value) < value:
            raise LessThanPromisedError(
                "a limit of the shell (ulimit -v, -t, -f or -n) is below what a submission may use"
            )
    _set_limit(resource.RLIMIT_CPU, policy.cpu_seconds)  # or the shell's lower limit; normally the deadline comes first
    _set_limit(resource.RLIMIT_CORE, 0)
    _set_limit(resource.RLIMIT_MEMLOCK, 0)
    _set_limit(resource.RLIMIT_MSGQUEUE, 0)


def _set_limit(kind: int, value: int) -> int:
    """Set the soft and the hard limit to `value`, or to the present hard limit if that is lower; return what it is now."""
    _, hard = resource.getrlimit(kind)
    limit = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (limit, limit))
    return limit


def address_space_bytes() -> int:
    """Of this process."""
    try:
        statistics = os.open("/proc/self/statm", os.O_RDONLY)
    except OSError:
        return _GUESSED_ADDRESS_SPACE
    try:
        pages = int(os.read(statistics, 100).split()[0])  # a Path's read_text touches 1 ms worth of copied pages
    finally:
        os.close(statistics)
    return pages * resource.getpagesize()


def _drop_user(uid: int | None) -> bool:
    return uid is not None and os.geteuid() == 0 and _become(uid)


def _become(uid: int) -> bool:
    """Leave root for good: no further groups, the user and group `uid`, no capability left to be gained."""
    for capability in range(_CAPABILITIES):
        if not is_available("no capability to be gained", partial(prctl, _PR_CAPBSET_DROP, capability)):
            break
    return (
        is_available("setgroups", lambda: os.setgroups([]))
        and is_available("setresgid", lambda: os.setresgid(uid, uid, uid))
        and is_available("setresuid", lambda: os.setresuid(uid, uid, uid))
    )


def _filter_system_calls(abi: int, writes: bool) -> bool:
    program = _filter_of_this_process(abi, writes)
    if program is None or not is_available("seccomp", seccomp.expect_filters):
        return False
    return is_available("seccomp filter", lambda: seccomp.install(program))


def _filter_of_this_process(abi: int, writes: bool = False) -> bytes | None:
    here = architecture()
    if here is None:
        return None
    no_truncate = abi < ABI_WITH_TRUNCATE
    return seccomp.build(here, os.getpid(), no_open=not abi, no_truncate=no_truncate, writes=writes)
