"""A seccomp filter: the short list of what a worker may ask of the kernel. Everything else fails with EPERM.

The filter is a program for the kernel's classic BPF machine (seccomp(2), linux/filter.h). It reads the call's number,
the architecture and six 64-bit arguments, and returns a verdict. No path can be read through a pointer, so which files
may be opened is Landlock's work; where Landlock is missing, no file may be opened at all.

Where the kernel takes an `int` it looks at the low 32 bits only, and so does the filter; pointers are compared whole.
"""

from __future__ import annotations

import ctypes
import errno
import signal
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from grader.sandbox.confinement.syscalls import Architecture, call, number, prctl

if sys.platform != "linux":
    raise ImportError("this confines processes on Linux only")

_DESCRIPTORS = (  # reading and writing what is already open: the wire and the captured output
    "read write readv writev pread64 pwrite64 lseek close fstat dup dup2 dup3 poll ppoll select pselect6"
)
_MEMORY = "brk mmap mprotect munmap mremap madvise"  # allocation, lazy imports of shared libraries, oneDNN's kernels
_TIME_AND_LOCKS = (  # a clock for profiling and sleep; uncontended locks and the size of a thread pool
    "clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times getrusage "
    "futex sched_yield sched_getaffinity getcpu"
)
_ABOUT_ITSELF = (  # who and where am I; random seeds
    "getpid getppid gettid getuid geteuid getgid getegid getcwd uname sysinfo getrandom"
)
_SIGNALS_AND_END = (  # faulthandler and KeyboardInterrupt; ways to end
    "rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack restart_syscall exit exit_group"
)
_PATHS = (  # imports and reading files, which Landlock confines; stat tells that a file exists, not what it says
    "stat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat getdents64"
)
_WRITING = (  # for a worker with a folder of its own, outside of which Landlock lets it do none of this
    "creat mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 ftruncate fallocate fsync fdatasync chdir statfs fstatfs"
)
_OPEN_FLAGS = {"open": 1, "openat": 2}  # the argument that holds the flags
_O_TRUNC = 0o1000

_TERMINAL_QUESTIONS = (0x5401, 0x802C542A, 0x5413)  # TCGETS, TCGETS2, TIOCGWINSZ: print() and progress bars ask
_CLOSE_ON_EXEC = (0x5450, 0x5451)  # FIONCLEX, FIOCLEX: Python sets them on what it opens
_FCNTL = (0, 1, 2, 3, 1030)  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC; F_SETOWN and F_SETSIG send signals
_PRCTL = (15, 16, 0x53564D41)  # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA (names a mapping); never PR_SET_PDEATHSIG
# Signals that it may not even send to itself: stopped, it would only waste its deadline; and since it cannot send SIGKILL,
# a worker that ends by it was killed by another process.
_NEVER_SENT = (signal.SIGKILL, signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)

_X32_BIT = 0x40000000  # x86_64's second set of numbers
_RETURN_ALLOW, _RETURN_ERRNO, _RETURN_KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_GET_ACTION_AVAIL = 2  # of seccomp(2), since Linux 4.14
_SELF = 0x5E1F5E1F  # stands for the number of the process until a filter is made for one


@dataclass(frozen=True)
class Instruction:
    """One struct sock_filter: an operation, its constant, and how many instructions to skip if it holds or does not."""

    operation: int
    constant: int
    if_true: int = 0
    if_false: int = 0

    def pack(self) -> bytes:
        return struct.pack("<HBBI", self.operation, self.if_true, self.if_false, self.constant)


Block = tuple[Instruction, ...]  # every way through a block ends in a return, except where said otherwise

_ALLOW: Block = (Instruction(_RETURN, _RETURN_ALLOW),)
_REFUSE: Block = (Instruction(_RETURN, _RETURN_ERRNO | errno.EPERM),)
_NO_SUCH_CALL: Block = (Instruction(_RETURN, _RETURN_ERRNO | errno.ENOSYS),)
_KILL: Block = (Instruction(_RETURN, _RETURN_KILL),)


def build(architecture: Architecture, pid: int, *, no_open: bool, no_truncate: bool, writes: bool = False) -> bytes:
    """Assemble the filter for the process `pid`.

    Args:
        no_open: refuse every call that takes a path (for a machine without Landlock).
        no_truncate: refuse O_TRUNC, which Landlock before ABI 3 lets through on files it only lets be read.
        writes: allow what makes, changes and removes files.

    Returns:
        The program for `install`, 8 bytes per instruction.
    """
    template, places = _template(architecture, no_open, no_truncate, writes)
    program = bytearray(template)
    for place in places:
        struct.pack_into("<I", program, place, pid)
    return bytes(program)


@cache  # all but the process is the same for every worker: built once, before they are forked, it saves each a millisecond
def _template(architecture: Architecture, no_open: bool, no_truncate: bool, writes: bool) -> tuple[bytes, list[int]]:
    """The filter, and where in it the number of the process belongs."""
    numbers = architecture.numbers
    plain = " ".join((_DESCRIPTORS, _MEMORY, _TIME_AND_LOCKS, _ABOUT_ITSELF, _SIGNALS_AND_END))
    program: list[Instruction] = []
    program += [
        _load(_ARCHITECTURE),
        Instruction(_JUMP_EQUAL, architecture.audit, 1, 0),
        *_KILL,
    ]  # int 0x80 and the like
    program += [_load(_NUMBER), Instruction(_JUMP_AT_LEAST, _X32_BIT, 0, 1), *_NO_SUCH_CALL]
    rules = dict.fromkeys(plain.split(), _ALLOW) | _argument_rules(_SELF)
    if not no_open:
        rules |= dict.fromkeys(_PATHS.split(), _ALLOW)
        rules |= {name: _without_bits(flags, _O_TRUNC if no_truncate else 0) for name, flags in _OPEN_FLAGS.items()}
    if writes and not no_open:
        rules |= dict.fromkeys(_WRITING.split(), _ALLOW)
    for name, block in rules.items():
        if name in numbers:
            program += _if_equal(numbers[name], block)
    program += _REFUSE
    size = len(program[0].pack())
    places = [
        size * (place + 1) - 4 for place, one in enumerate(program) if one.constant == _SELF
    ]  # a constant ends it
    return b"".join(one.pack() for one in program), places


def expect_filters() -> None:
    """Ask the kernel for filters that refuse.

    Raises:
        OSError: it has none. Once it has, an argument that it calls invalid is ours.
    """
    call(number("seccomp"), _GET_ACTION_AVAIL, 0, struct.pack("@I", _RETURN_ERRNO))


def install(program: bytes) -> None:
    """Put the filter on this thread, for good. Needs no-new-privileges (or CAP_SYS_ADMIN).

    Raises:
        OSError: the kernel has no seccomp filters, or refused this one.
    """
    instructions = ctypes.create_string_buffer(program, len(program))
    length = len(program) // len(_ALLOW[0].pack())
    head = ctypes.create_string_buffer(struct.pack("@HP", length, ctypes.addressof(instructions)))  # struct sock_fprog
    prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(head))


def _argument_rules(pid: int) -> dict[str, Block]:
    """Calls that are allowed only with some arguments."""
    harmless = {position: _none_of(position, _NEVER_SENT) for position in (1, 2)}
    new_limit_is_null = _one_of(2, [0], _one_of(2, [0], _ALLOW, high=True))
    return {
        "kill": _one_of(0, [pid], harmless[1]),
        "tkill": _one_of(0, [pid], harmless[1]),  # the only thread has the process's own number
        "tgkill": _one_of(0, [pid], harmless[2]),
        "ioctl": _one_of(1, [*_TERMINAL_QUESTIONS, *_CLOSE_ON_EXEC], _ALLOW),
        "fcntl": _one_of(1, _FCNTL, _ALLOW),
        "prctl": _one_of(0, _PRCTL, _ALLOW),
        "prlimit64": _one_of(0, [0, pid], new_limit_is_null),  # read its own limits, never set any
    }


def _load(offset: int) -> Instruction:
    return Instruction(_LOAD, offset)


def _load_argument(position: int, *, high: bool = False) -> Instruction:
    """Load 32 bits of an argument; both architectures are little-endian."""
    return _load(_ARGUMENTS + 8 * position + (4 if high else 0))


def _if_equal(value: int, block: Block) -> Block:
    """Run the block if the loaded word equals `value`, else fall through with the word still loaded."""
    return (Instruction(_JUMP_EQUAL, value, 0, len(block)), *block)


def _one_of(position: int, values: Iterable[int], then: Block, *, high: bool = False) -> Block:
    cases = [instruction for value in values for instruction in _if_equal(value, then)]
    return (_load_argument(position, high=high), *cases, *_REFUSE)


def _none_of(position: int, values: Iterable[int]) -> Block:
    cases = [instruction for value in values for instruction in _if_equal(value, _REFUSE)]
    return (_load_argument(position), *cases, *_ALLOW)


def _without_bits(position: int, bits: int) -> Block:
    return (_load_argument(position), Instruction(_JUMP_ANY_BIT, bits, 0, 1), *_REFUSE, *_ALLOW)
