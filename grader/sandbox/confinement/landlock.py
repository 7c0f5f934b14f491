"""Landlock: the kernel's own rule about which files this process may still open.

Every right that the kernel knows is taken away, then reading is given back for a list of paths. A worker may write
nowhere but to /dev/null, and to a folder of its own if it has one. See landlock(7) and linux/landlock.h. Landlock cannot
subtract: to hide a folder, never grant a folder that contains it. It does not cover chmod, chown, utime, xattr, stat, UDP
and path-based Unix sockets: those are refused by the seccomp filter.
"""

from __future__ import annotations

import os
import stat
import struct
import sys
from collections.abc import Sequence

from grader.sandbox.confinement.kernel_support import ABI_WITH_TCP, ABI_WITH_TRUNCATE, available
from grader.sandbox.confinement.syscalls import call

if sys.platform != "linux":
    raise ImportError("this confines processes on Linux only")

# System calls newer than Linux 5.0 have one number on every architecture.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
CREATE_RULESET_VERSION = 1  # a flag: report the ABI instead of creating a ruleset
RULE_PATH_BENEATH = 1

WRITE_FILE, READ_FILE, READ_DIR = 1 << 1, 1 << 2, 1 << 3
ABI_1_RIGHTS = (1 << 13) - 1  # execute, write, read, list, and the ten ways to make or remove an entry
REFER = 1 << 13  # ABI 2: rename or link across folders
TRUNCATE = 1 << 14  # ABI 3
REMOVE_FOLDER, REMOVE_FILE, MAKE_FOLDER, MAKE_FILE = 1 << 4, 1 << 5, 1 << 7, 1 << 8
IOCTL_DEV = 1 << 15  # ABI 5
BIND_TCP, CONNECT_TCP = 1 << 0, 1 << 1  # ABI 4
SCOPE_ABSTRACT_UNIX_SOCKET, SCOPE_SIGNAL = 1 << 0, 1 << 1  # ABI 6

_OF_A_FOLDER = (
    READ_FILE | READ_DIR | WRITE_FILE | REMOVE_FOLDER | REMOVE_FILE | MAKE_FOLDER | MAKE_FILE | REFER | TRUNCATE
)


def abi() -> int:
    """Return the version of Landlock that this kernel offers, 0 if it offers none (absent, switched off, forbidden)."""
    return available("landlock_create_ruleset", lambda: call(CREATE_RULESET, 0, 0, CREATE_RULESET_VERSION)) or 0


def prepare(read: Sequence[str], abi: int, write: str | None = None) -> int:
    """Return the descriptor of a ruleset for `restrict`: reading below the paths in `read`, /dev/null, and nothing else.

    Below the folder `write`, if there is one, files and folders may be made, written and removed.

    Executing a file is not among the rights; mapping a shared library needs none beyond reading it. TCP is refused from
    ABI 4 on, abstract Unix sockets and signals to processes outside from ABI 6 on. Paths that cannot be opened are
    skipped: what cannot be opened cannot be read either.

    Raises:
        OSError: the kernel refused.
    """
    rights = _handled_files(abi)
    ruleset = _create_ruleset(rights, abi)
    try:
        for path in read:
            _grant(ruleset, path, READ_FILE | READ_DIR)
        _grant(ruleset, os.devnull, READ_FILE | WRITE_FILE)
        if write is not None:
            _grant(ruleset, write, rights & _OF_A_FOLDER)
    except BaseException:
        os.close(ruleset)
        raise
    return ruleset


def restrict(ruleset: int) -> None:
    """Hold this thread to a ruleset, for good. Needs no-new-privileges (or CAP_SYS_ADMIN).

    Raises:
        OSError: the kernel refused; nothing is restricted then.
    """
    call(RESTRICT_SELF, ruleset, 0)


def _handled_files(abi: int) -> int:
    rights = ABI_1_RIGHTS
    rights |= REFER if abi >= 2 else 0
    rights |= TRUNCATE if abi >= ABI_WITH_TRUNCATE else 0
    rights |= IOCTL_DEV if abi >= 5 else 0
    return rights


def _create_ruleset(files: int, abi: int) -> int:
    """Return the descriptor of a ruleset that handles everything this ABI knows; older ones take a shorter struct."""
    words = [files]
    if abi >= ABI_WITH_TCP:
        words.append(BIND_TCP | CONNECT_TCP)
    if abi >= 6:
        words.append(SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL)
    attributes = struct.pack(f"<{len(words)}Q", *words)
    return call(CREATE_RULESET, attributes, len(attributes), 0)


def _grant(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= ~READ_DIR  # the kernel takes a folder's right for folders only
        call(ADD_RULE, ruleset, RULE_PATH_BENEATH, struct.pack("<Qi", rights, descriptor), 0)
    finally:
        os.close(descriptor)
