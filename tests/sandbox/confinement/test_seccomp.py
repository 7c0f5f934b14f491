"""The filter's program, run call by call on a small BPF machine, for both architectures; and the tables of numbers.

The kernel's own verdict on real calls is in test_confinement.py; here is what no running machine can show: the other
architecture, every number, and arguments with high bits set.
"""

import errno
import os
import signal
import struct
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.sandbox.confinement import seccomp
from grader.sandbox.confinement.syscalls import AARCH64, X86_64, Architecture, architecture, call, number

PID = 4321
OTHER_AUDIT = 0x40000003  # AUDIT_ARCH_I386
HIGH = 1 << 32
NAMES_OF_PATH_CALLS = ("open", "openat", "stat", "lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2")

WORDS = st.integers(0, 2**64 - 1)
ARCHITECTURES = pytest.mark.parametrize("arch", [X86_64, AARCH64], ids=lambda arch: arch.machine)


@dataclass
class Machine:
    """Runs a program as the kernel would; an instruction that the filter should not need is an error."""

    program: bytes

    def verdict(self, arch: int, nr: int, *arguments: int) -> int:
        padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
        data = struct.pack("<IIQ6Q", nr, arch, 0, *padded)
        instructions = list(struct.iter_unpack("<HBBI", self.program))
        position = accumulator = 0
        while True:
            operation, if_true, if_false, constant = instructions[position]
            position += 1
            if operation == 0x20:
                accumulator = int.from_bytes(data[constant : constant + 4], "little")
            elif operation == 0x06:
                return constant
            else:
                tests = {0x15: accumulator == constant, 0x35: accumulator >= constant, 0x45: accumulator & constant}
                position += if_true if tests[operation] else if_false


def filter_for(arch: Architecture, *, no_open: bool = False, no_truncate: bool = False) -> Machine:
    return Machine(seccomp.build(arch, PID, no_open=no_open, no_truncate=no_truncate))


def outcome(arch: Architecture, name: str, *arguments: int, no_open: bool = False, no_truncate: bool = False) -> str:
    machine = filter_for(arch, no_open=no_open, no_truncate=no_truncate)
    return explain(machine.verdict(arch.audit, arch.numbers[name], *arguments))


def explain(verdict: int) -> str:
    if verdict & 0x00050000 == 0x00050000 and verdict < 0x7FFF0000:
        return errno.errorcode[verdict & 0xFFFF]
    return {0x7FFF0000: "allowed", 0x80000000: "killed"}[verdict]


@ARCHITECTURES
def test_programs_stay_within_the_kernels_limits(arch: Architecture) -> None:
    program = seccomp.build(arch, PID, no_open=False, no_truncate=True)
    instructions = list(struct.iter_unpack("<HBBI", program))
    assert len(instructions) <= 4096
    assert instructions[-1][0] == 0x06
    for position, (operation, if_true, if_false, _) in enumerate(instructions):
        assert operation == 0x06 or position + 1 + max(if_true, if_false) < len(instructions)


@ARCHITECTURES
def test_another_architectures_calls_kill(arch: Architecture) -> None:
    other = AARCH64 if arch is X86_64 else X86_64
    for audit in (OTHER_AUDIT, other.audit, 0):
        assert explain(filter_for(arch).verdict(audit, arch.numbers["getpid"])) == "killed"


@ARCHITECTURES
@pytest.mark.parametrize("no_open", [False, True])
def test_only_named_calls_are_allowed(arch: Architecture, no_open: bool) -> None:
    machine = filter_for(arch, no_open=no_open)
    names = {nr: name for name, nr in arch.numbers.items()}
    allowed = {nr for nr in range(1024) if explain(machine.verdict(arch.audit, nr)) == "allowed"}
    assert allowed <= names.keys()
    dangerous = """creat truncate chdir rename unlink chmod socket socketpair connect sendmsg io_uring_setup fork vfork clone
        clone3 execve execveat unshare setsid rt_sigqueueinfo pidfd_open ptrace process_vm_readv shmget memfd_create mq_open
        userfaultfd bpf perf_event_open keyctl setitimer alarm openat2 seccomp landlock_create_ruleset"""
    assert {names[nr] for nr in allowed}.isdisjoint(dangerous.split())
    assert {names[nr] for nr in allowed}.isdisjoint(NAMES_OF_PATH_CALLS) is no_open


@ARCHITECTURES
@given(nr=st.integers(0x40000000, 2**32 - 1), arguments=st.tuples(WORDS, WORDS, WORDS))
def test_numbers_with_the_x32_bit_do_not_exist(arch: Architecture, nr: int, arguments: tuple[int, ...]) -> None:
    assert explain(filter_for(arch).verdict(arch.audit, nr, *arguments)) == "ENOSYS"


@ARCHITECTURES
@given(target=WORDS, signum=st.integers(0, 64), high=WORDS)
def test_signals_reach_only_the_process_itself_and_never_stop_it(
    arch: Architecture, target: int, signum: int, high: int
) -> None:
    never = {signal.SIGKILL, signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}
    word = signum | (high << 32) & 2**64 - 1  # the kernel drops the high half
    for pid in (target, PID, PID | HIGH, 0, -PID & 2**64 - 1, 2**64 - 1):
        expected = "allowed" if pid % HIGH == PID and signum not in never else "EPERM"
        assert outcome(arch, "kill", pid, word) == expected
        assert outcome(arch, "tkill", pid, word) == expected
        assert outcome(arch, "tgkill", pid, target, word) == expected


@ARCHITECTURES
@given(pid=WORDS, kind=WORDS, new=WORDS, old=WORDS)
def test_limits_are_read_and_never_set(arch: Architecture, pid: int, kind: int, new: int, old: int) -> None:
    assert outcome(arch, "prlimit64", 0, kind, 0, old) == "allowed"
    assert outcome(arch, "prlimit64", PID, kind, 0, old) == "allowed"
    for pointer in (new or 1, 1, HIGH, 0x7F00_0000_0000):
        assert outcome(arch, "prlimit64", 0, kind, pointer, old) == "EPERM"
    if pid % HIGH not in (0, PID):
        assert outcome(arch, "prlimit64", pid, kind, 0, old) == "EPERM"


@ARCHITECTURES
@pytest.mark.parametrize("high", [0, HIGH])
def test_descriptors_and_the_process_answer_questions_only(arch: Architecture, high: int) -> None:
    allowed = {
        "ioctl": {0x5401: "TCGETS", 0x802C542A: "TCGETS2", 0x5413: "TIOCGWINSZ", 0x5450: "FIONCLEX", 0x5451: "FIOCLEX"},
        "fcntl": {0: "F_DUPFD", 1: "F_GETFD", 2: "F_SETFD", 3: "F_GETFL", 1030: "F_DUPFD_CLOEXEC"},
        "prctl": {15: "PR_SET_NAME", 16: "PR_GET_NAME", 0x53564D41: "PR_SET_VMA"},
    }
    position = {"ioctl": 1, "fcntl": 1, "prctl": 0}
    tried = [*range(2048), *range(0x5400, 0x5500), *(value for values in allowed.values() for value in values)]
    for name, values in allowed.items():
        machine, nr = filter_for(arch), arch.numbers[name]
        verdicts = {value: machine.verdict(arch.audit, nr, *[7] * position[name], value | high) for value in tried}
        assert {value for value, verdict in verdicts.items() if explain(verdict) == "allowed"} == set(values)


@ARCHITECTURES
@given(flags=st.integers(0, 2**32 - 1))
def test_truncation_by_opening_is_refused_only_where_landlock_does_not_see_it(arch: Architecture, flags: int) -> None:
    truncates = bool(flags & os.O_TRUNC)
    assert outcome(arch, "openat", 3, 0, flags) == "allowed"
    assert outcome(arch, "openat", 3, 0, flags, no_truncate=True) == ("EPERM" if truncates else "allowed")
    assert outcome(arch, "openat", 3, 0, flags, no_open=True) == "EPERM"
    if "open" in arch.numbers:
        assert outcome(arch, "open", 0, flags, no_truncate=True) == ("EPERM" if truncates else "allowed")


@ARCHITECTURES
def test_every_number_has_one_name(arch: Architecture) -> None:
    assert len(set(arch.numbers.values())) == len(arch.numbers)


def test_the_table_is_this_machines() -> None:
    here = architecture()
    assert here is not None, "expected an x86_64 or aarch64 machine"
    assert call(number("getpid")) == os.getpid()
    assert call(number("getppid")) == os.getppid()
    assert call(number("geteuid")) == os.geteuid()


def test_an_unknown_call_is_named_in_the_error() -> None:
    with pytest.raises(KeyError, match="no_such_call"):
        number("no_such_call")
