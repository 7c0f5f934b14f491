"""A scratch folder for a worker, if its check asks for one: a file system in memory that only this worker sees. Linux only.

It has a fixed size and ends with the worker. It is mounted over a folder that every Linux has, in the worker's own mount
namespace: root may make one, and other users where the kernel allows user namespaces (mount_namespaces(7),
user_namespaces(7), tmpfs(5)).
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress

from grader.sandbox.confinement.syscalls import mount, unshare

if sys.platform != "linux":
    raise ImportError("this confines processes on Linux only")

PLACE = "/dev/shm"
_ENTRIES = 1024  # files and folders
_NEW_MOUNTS, _NEW_USERS = 0x00020000, 0x10000000
_NO_SET_ID, _NO_DEVICES, _NO_PROGRAMS = 1 << 1, 1 << 2, 1 << 3
_WHOLE_TREE, _PRIVATE = 1 << 14, 1 << 18


class NoScratchError(RuntimeError):
    """This machine cannot give a worker a folder of its own."""


def make(size: int, user: int) -> None:
    """Make a folder of `size` bytes for `user`, and stand in it. Call it before anything else is given up.

    Raises:
        NoScratchError: the kernel refused.
    """
    try:
        _leave_the_others()
        mount("none", "/", None, _WHOLE_TREE | _PRIVATE)
        options = (
            f"size={size},nr_inodes={_ENTRIES},mode=0700,uid={user},gid={user if os.geteuid() == 0 else os.getegid()}"
        )
        mount("scratch", PLACE, "tmpfs", _NO_SET_ID | _NO_DEVICES | _NO_PROGRAMS, options)
        os.chdir(PLACE)
    except OSError as error:
        raise NoScratchError(f"a check asks for a folder of its own, which cannot be made here: {error}") from None
    tempfile.tempdir = os.environ["TMPDIR"] = PLACE


def _leave_the_others() -> None:
    """Get a view of the file system of one's own; where only root may, become so first, in one's own eyes alone."""
    user, group = os.geteuid(), os.getegid()
    with suppress(PermissionError):  # it is root, or its zygote has become so
        unshare(_NEW_MOUNTS)
        return
    unshare(_NEW_USERS | _NEW_MOUNTS)
    for file, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        descriptor = os.open(f"/proc/self/{file}", os.O_WRONLY)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)
