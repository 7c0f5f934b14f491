"""Linux system calls by name, for the two architectures that a confined worker knows.

Numbers are those of libseccomp 2.6 (the kernel's syscall_64.tbl and asm-generic/unistd.h); a dash marks a call that the
architecture does not have. The last group is never allowed: it has names so that tests can try it.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

if sys.platform != "linux":
    raise ImportError("this makes system calls on Linux only")

_NUMBERS = """
# name                x86_64  aarch64
# descriptors
read                       0       63
write                      1       64
readv                     19       65
writev                    20       66
pread64                   17       67
pwrite64                  18       68
lseek                      8       62
close                      3       57
fstat                      5       80
dup                       32       23
dup2                      33        -
dup3                     292       24
poll                       7        -
ppoll                    271       73
select                    23        -
pselect6                 270       72
fcntl                     72       25
ioctl                     16       29
# memory
brk                       12      214
mmap                       9      222
mprotect                  10      226
munmap                    11      215
mremap                    25      216
madvise                   28      233
# locks and time
futex                    202       98
sched_yield               24      124
sched_getaffinity        204      123
getcpu                   309      168
clock_gettime            228      113
clock_getres             229      114
clock_nanosleep          230      115
nanosleep                 35      101
gettimeofday              96      169
time                     201        -
times                    100      153
getrusage                 98      165
# self
getpid                    39      172
getppid                  110      173
gettid                   186      178
getuid                   102      174
geteuid                  107      175
getgid                   104      176
getegid                  108      177
getcwd                    79       17
uname                     63      160
sysinfo                   99      179
getrandom                318      278
prctl                    157      167
prlimit64                302      261
# signals and end
rt_sigaction              13      134
rt_sigprocmask            14      135
rt_sigreturn              15      139
sigaltstack              131      132
restart_syscall          219      128
kill                      62      129
tkill                    200      130
tgkill                   234      131
exit                      60       93
exit_group               231       94
# paths
open                       2        -
openat                   257       56
stat                       4        -
lstat                      6        -
newfstatat               262       79
statx                    332      291
access                    21        -
faccessat                269       48
faccessat2               439      439
readlink                  89        -
readlinkat               267       78
getdents64               217       61
# making, changing and removing files
creat                     85        -
mkdir                     83        -
mkdirat                  258       34
rmdir                     84        -
unlink                    87        -
unlinkat                 263       35
rename                    82        -
renameat                 264       38
renameat2                316      276
ftruncate                 77       46
fallocate                285       47
fsync                     74       82
fdatasync                 75       83
chdir                     80       49
statfs                   137       43
fstatfs                  138       44
# for the zygote itself, before its first submission
pivot_root               155       41
mount_setattr            442      442
# refused; named for the tests
capset                   126       91
setgroups                116      159
setresgid                119      149
setresuid                117      147
openat2                  437      437
truncate                  76       45
chmod                     90        -
socket                    41      198
socketpair                53      199
connect                   42      203
sendmsg                   46      211
io_uring_setup           425      425
fork                      57        -
vfork                     58        -
clone                     56      220
clone3                   435      435
execve                    59      221
execveat                 322      281
unshare                  272       97
setsid                   112      157
rt_sigqueueinfo          129      138
pidfd_open               434      434
ptrace                   101      117
process_vm_readv         310      270
shmget                    29      194
memfd_create             319      279
mq_open                  240      180
userfaultfd              323      282
bpf                      321      280
perf_event_open          298      241
keyctl                   250      219
setitimer                 38      103
alarm                     37        -
epoll_create1            291       20
eventfd2                 290       19
pipe2                    293       59
wait4                     61      260
landlock_create_ruleset     444      444
landlock_restrict_self      446      446
seccomp                  317      277
"""

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


@dataclass(frozen=True, eq=False)  # there are two
class Architecture:
    """The facts about a machine that a seccomp filter needs: its AUDIT_ARCH_* value and its syscall numbers by name."""

    machine: str
    audit: int
    numbers: Mapping[str, int]


def _column(index: int) -> Mapping[str, int]:
    rows = (line.split() for line in _NUMBERS.splitlines() if line and not line.startswith("#"))
    return MappingProxyType({row[0]: int(row[index]) for row in rows if row[index] != "-"})


X86_64 = Architecture("x86_64", 0xC000003E, _column(1))
AARCH64 = Architecture("aarch64", 0xC00000B7, _column(2))


def architecture() -> Architecture | None:
    """Return this process's architecture, or None where the tables do not hold (another machine, a 32-bit Python)."""
    if sys.maxsize < 2**32:
        return None
    return next((known for known in (X86_64, AARCH64) if known.machine == platform.machine()), None)


def number(name: str) -> int:
    """Return the number of a system call on this machine.

    Raises:
        KeyError: the call is not in the table, or the machine is not.
    """
    here = architecture()
    if here is None:
        raise KeyError(f"no system call table for {platform.machine()}: expected x86_64 or aarch64, 64-bit")
    return here.numbers[name]


def call(number: int, *arguments: int | bytes) -> int:
    """Make a system call; integers are passed as 64-bit words, bytes as a pointer to something that is only read.

    Raises:
        OSError: with the errno that the kernel returned.
    """
    words = [ctypes.c_ulong(a & (2**64 - 1)) if isinstance(a, int) else a for a in arguments]
    return _checked(int(_libc.syscall(ctypes.c_long(number), *words)))


def prctl(option: int, *arguments: int) -> int:
    """Call prctl(2); missing arguments are 0.

    Raises:
        OSError: with the errno that the kernel returned.
    """
    words = [ctypes.c_ulong(a) for a in (*arguments, 0, 0, 0, 0)[:4]]
    return _checked(int(_libc.prctl(ctypes.c_int(option), *words)))


def drop_capabilities() -> None:
    """Empty this process's effective, permitted and inheritable capability sets, and with them the ambient set.

    Raises:
        OSError: with the errno that the kernel returned.
    """
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    nothing = (ctypes.c_uint32 * 6)()
    _checked(int(_libc.capset(ctypes.byref(header), ctypes.byref(nothing))))


_BIND, _RECURSIVELY, _DETACH = 1 << 12, 1 << 14, 1 << 1


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Call mount(2). Raises OSError with the errno that the kernel returned."""
    name = None if kind is None else os.fsencode(kind)
    _checked(
        _libc.mount(os.fsencode(source), os.fsencode(target), name, ctypes.c_ulong(flags), options.encode() or None)
    )


def bind(source: str, target: str) -> None:
    """Show a file, or a folder with all below it, at another place. Raises OSError as `mount` does."""
    mount(source, target, None, _BIND | _RECURSIVELY)


def unmount(target: str) -> None:
    """Unmount the last file system of a place as soon as it is unused. Raises OSError as `mount` does."""
    _checked(_libc.umount2(os.fsencode(target), _DETACH))


def unshare(kinds: int) -> None:
    """Call unshare(2). Raises OSError with the errno that the kernel returned."""
    _checked(_libc.unshare(kinds))


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
