"""The protections that only some kernels offer, and the errors by which a kernel or container says that it has none.

Any other error is our fault and is raised: nothing may run half confined because of a wrong call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from errno import EACCES, EAGAIN, EBUSY, EINVAL, ENODEV, ENOENT, ENOSPC, ENOSYS, EOPNOTSUPP, EPERM, EROFS
from types import MappingProxyType
from typing import TypeVar

T = TypeVar("T")

ABI_WITH_TRUNCATE, ABI_WITH_TCP = 3, 4  # versions of Landlock

# EPERM and ENOSYS are how containers refuse a call, and ENOSYS is how a kernel says that it has none.
UNSUPPORTED: Mapping[str, frozenset[int]] = MappingProxyType(
    {
        "no-new-privileges": frozenset({EPERM, ENOSYS}),
        "landlock_create_ruleset": frozenset({EPERM, ENOSYS, EOPNOTSUPP}),  # the last: switched off at boot
        "landlock_restrict_self": frozenset({EPERM, ENOSYS}),
        "no capability to be gained": frozenset({EPERM, ENOSYS, EINVAL}),  # EINVAL: past the kernel's last capability
        "setgroups": frozenset({EPERM, ENOSYS}),
        "setresgid": frozenset({EPERM, ENOSYS, EINVAL}),  # EINVAL: a container that knows no such group
        "setresuid": frozenset({EPERM, ENOSYS, EINVAL}),  # nor such a user
        "capset": frozenset({EPERM, ENOSYS}),
        "seccomp": frozenset({EPERM, ENOSYS, EINVAL, EOPNOTSUPP}),  # the question whether there are filters
        "seccomp filter": frozenset({EPERM, ENOSYS}),
        "clone": frozenset(
            {EPERM, ENOSYS, EINVAL, ENOSPC}
        ),  # EINVAL: a kind of namespace is not built in; ENOSPC: too many
        "user map": frozenset({EPERM, EACCES, EROFS}),
        "private": frozenset({EPERM, EACCES, ENOSYS, EINVAL}),  # EINVAL: a chroot whose folder is not a mount
        "mount": frozenset({EPERM, EACCES, ENOSYS, ENODEV}),  # EACCES: AppArmor; ENODEV: no such file system
        "mount_setattr": frozenset({EPERM, EACCES, ENOSYS}),  # Linux before 5.12
        "pivot_root": frozenset(
            {EPERM, EACCES, ENOSYS, EINVAL}
        ),  # EINVAL: the machine runs from its initial memory disk
        "control groups": frozenset({EPERM, EACCES, ENOENT}),  # ENOENT: not built in
        "control group": frozenset({EPERM, EACCES, EROFS, EAGAIN}),  # EAGAIN: no more are allowed below this one
        "control group member": frozenset({EPERM, EACCES, EROFS, EBUSY, EOPNOTSUPP}),  # the last: groups for threads
        "control group controllers": frozenset({EPERM, EACCES, EROFS, EBUSY, EOPNOTSUPP}),  # EBUSY: it holds a process
    }
)


def available(call: str, action: Callable[[], T]) -> T | None:
    """Return the result of an action; None if the kernel does not offer it here.

    Raises:
        OSError: any other error.
    """
    try:
        return action()
    except OSError as error:
        if error.errno not in UNSUPPORTED[call]:
            raise
        return None


def is_available(call: str, action: Callable[[], object]) -> bool:
    """Do an action; False if the kernel does not offer it here. Raises as `available` does."""
    return available(call, lambda: (action(),)) is not None
