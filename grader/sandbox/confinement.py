"""Confine the calling process, for good, before it meets student code. Linux only, no privileges needed.

Each layer covers what the others leave open: resource limits (memory, CPU time, output), Landlock (files, TCP),
a dropped user (what is left to root), seccomp (everything else: sockets, new processes and threads, signals, chmod).
A layer that the machine lacks is reported as off and never an error, so that the caller decides what is enough.
"""

from __future__ import annotations

import errno
import importlib.util
import os
import resource
import signal
import site
import sys
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from grader.sandbox import landlock, scratch, seccomp
from grader.sandbox.syscalls import architecture, drop_capabilities, prctl

_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 24, 38
_LACKING = (errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EINVAL)
_CAPABILITIES = 64  # more than any kernel has; it answers EINVAL past its last
_GUESSED_ADDRESS_SPACE = 1 << 30  # bytes, where /proc is missing: Python with torch and one thread takes 0.6 GiB

PARENT_IS_GONE = 99
"""Exit code of a worker whose parent had died before it was confined."""


class LessThanPromisedError(RuntimeError):
    """This process has less to give than the policy promises: right answers could fail for want of it."""


@dataclass(frozen=True)
class Policy:
    """What a confined process may still use. The last two fields are for tests."""

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
    """What `prepare_ruleset` made of `read`, once for many workers; `confine` makes its own without, and closes either."""
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


def confine(policy: Policy, parent_pid: int) -> Layers:
    """Confine this process and return which layers are on; exit with `PARENT_IS_GONE` if the parent has died.

    The order matters: Landlock and seccomp need no-new-privileges, the limit on processes must follow the change of
    user, the parent-death signal is cleared by that change, and seccomp refuses all of these calls.

    Raises:
        RuntimeError: the process has more than one thread (Landlock and seccomp would miss the others).
        LessThanPromisedError: a limit that was set before is lower than the policy's.
        NoScratchError: it cannot have a folder of its own.
    """
    _require_one_thread()
    _limit_resources(policy)
    if policy.scratch_bytes:
        _make_scratch(policy)
    no_new_privs = _is_available(lambda: prctl(_PR_SET_NO_NEW_PRIVS, 1))
    abi = _landlock_abi(policy.landlock_abi_limit)
    if abi and not _is_available(lambda: _restrict_files(policy)):
        abi = 0
    if _drop_user(policy.drop_uid):
        _set_limit(resource.RLIMIT_NPROC, 0)
    capabilities_dropped = _is_available(drop_capabilities)
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(PARENT_IS_GONE)
    filtered = policy.seccomp and _filter_system_calls(abi, writes=policy.scratch_bytes > 0)
    return Layers(
        landlock=abi,
        network=filtered or abi >= landlock.ABI_WITH_TCP,
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
    try:
        return landlock.prepare(read, abi) if abi else None
    except OSError:
        return None


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
            _become(uid)
            readable = all(map(_can_read, must_read))
        finally:
            os._exit(0 if readable else 1)
    _, status = os.waitpid(probe, 0)
    return status == 0


def readable_paths(hidden: Sequence[str]) -> tuple[str, ...]:
    """Return what Python, numpy and torch need to read, without any path in `hidden` or a folder that contains one.

    These are the interpreter's libraries, the system's shared libraries, and the entries of the site-packages folders
    one by one, except those that only say where something else is installed (.pth and __editable__ files). A folder
    that was expanded cannot be listed in the worker: import something from it before the fork, so that Python's path
    finder remembers its entries.
    """
    sites = _site_folders()
    concealed = frozenset(os.path.realpath(path) for path in hidden)
    libraries = [*sites, sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    libraries += [os.path.join(prefix, "lib") for prefix in (sys.prefix, sys.base_prefix)]
    libraries += ["/lib", "/lib64", "/usr/lib", "/etc/ld.so.cache"]
    found = {path for library in libraries for path in _grantable(os.path.realpath(library), concealed, sites)}
    return tuple(sorted(path for path in found if not any(str(parent) in found for parent in Path(path).parents)))


def _grantable(path: str, concealed: frozenset[str], sites: frozenset[str]) -> Iterator[str]:
    """Yield a real path, or its largest parts that hold nothing concealed and are not a site-packages folder."""
    if not os.path.exists(path) or any(_is_within(path, secret) for secret in concealed):
        return
    if not any(_is_within(inner, path) for inner in concealed | sites):
        yield path
        return
    try:
        entries = sorted(os.scandir(path), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if path in sites and (entry.name.endswith(".pth") or entry.name.startswith("__editable__")):
            continue
        if not entry.is_symlink():
            yield from _grantable(entry.path, concealed, sites)
        elif path in sites:  # a package kept elsewhere; other links lead to what is granted by its own name, or away
            target = os.path.realpath(entry.path)
            if not any(_is_within(secret, target) or _is_within(target, secret) for secret in concealed):
                yield target


def _site_folders() -> frozenset[str]:
    """Return the real folders that packages are installed in, torch's among them; imports nothing."""
    folders = set(site.getsitepackages())
    torch = importlib.util.find_spec("torch")
    for location in (torch.submodule_search_locations or []) if torch else []:
        folders.add(os.path.dirname(location))
    return frozenset(os.path.realpath(folder) for folder in folders if os.path.isdir(folder))


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


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


def _make_scratch(policy: Policy) -> None:
    """Before ABI 3 Landlock lets whoever may write a file anywhere cut others to nothing: no folder is worth that."""
    abi = _landlock_abi(policy.landlock_abi_limit)
    if abi < landlock.ABI_WITH_TRUNCATE:
        raise scratch.NoScratchError(
            f"a check asks for a folder of its own, which needs Landlock ABI {landlock.ABI_WITH_TRUNCATE}, Linux 6.2 or newer"
        )
    user = policy.drop_uid if policy.drop_uid is not None and os.geteuid() == 0 else os.geteuid()
    scratch.make(policy.scratch_bytes, user)


def _restrict_files(policy: Policy) -> None:
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


def _require_one_thread() -> None:
    try:
        threads = len(os.listdir("/proc/self/task"))
    except OSError:
        return
    if threads != 1:
        raise RuntimeError(
            f"{threads} threads in the process to confine, expected 1: "
            "set OMP_NUM_THREADS=1, MKL_NUM_THREADS=1 and OPENBLAS_NUM_THREADS=1 before numpy and torch are imported"
        )


def _limit_resources(policy: Policy) -> None:
    promised = {
        resource.RLIMIT_AS: _address_space_bytes() + policy.memory_bytes,
        resource.RLIMIT_FSIZE: max(policy.output_bytes, policy.scratch_bytes + 1),  # the folder is full first
        resource.RLIMIT_NOFILE: policy.open_files,
    }
    for kind, value in promised.items():
        if _set_limit(kind, value) < value:
            raise LessThanPromisedError(
                "a limit of the shell (ulimit -v, -t, -f or -n) is below what a submission may use"
            )
    _set_limit(resource.RLIMIT_CPU, policy.cpu_seconds)  # or the shell's: it only ends what nobody else has ended
    _set_limit(resource.RLIMIT_CORE, 0)
    _set_limit(resource.RLIMIT_MEMLOCK, 0)
    _set_limit(resource.RLIMIT_MSGQUEUE, 0)


def _set_limit(kind: int, value: int) -> int:
    """Set the soft and the hard limit to `value`, or to the present hard limit if that is lower; return what it is now."""
    _, hard = resource.getrlimit(kind)
    limit = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (limit, limit))
    return limit


def _address_space_bytes() -> int:
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
    return uid is not None and os.geteuid() == 0 and _is_available(lambda: _become(uid))


def _become(uid: int) -> None:
    """Leave root for good: no further groups, the user and group `uid`, no capability left to be gained."""
    for capability in range(_CAPABILITIES):
        if not _is_available(partial(prctl, _PR_CAPBSET_DROP, capability)):
            break
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _filter_system_calls(abi: int, writes: bool) -> bool:
    program = _filter_of_this_process(abi, writes)
    return program is not None and _is_available(lambda: seccomp.install(program))


def _filter_of_this_process(abi: int, writes: bool = False) -> bytes | None:
    here = architecture()
    if here is None:
        return None
    no_truncate = abi < landlock.ABI_WITH_TRUNCATE
    return seccomp.build(here, os.getpid(), no_open=not abi, no_truncate=no_truncate, writes=writes)


def _is_available(action: Callable[[], object]) -> bool:
    """Do it; False where the kernel has no such thing or forbids it here."""
    try:
        action()
    except OSError as error:
        if error.errno not in _LACKING:
            raise
        return False
    return True
