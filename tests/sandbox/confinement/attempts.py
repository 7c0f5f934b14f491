"""Confine this process, try what a hostile submission would try, and print the outcome of each attempt as JSON.

Run by test_confinement*.py as `python -I attempts.py CONFIG`, with CONFIG as made by `scene.Scene.start`. An outcome is
"allowed", the name of an errno, or the type of another exception. No attempt harms anything but the scene's own files:
foreign processes get signal 0 only.
"""

import ctypes
import errno
import fcntl
import json
import mmap
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any

Attempts = dict[str, Callable[[], Any]]

CONFIG = json.loads(sys.argv[1])
FOLDER, OPEN_FOLDER = CONFIG["hidden"], CONFIG["open"]
SECRET, OPEN_FILE, PROGRAM = f"{FOLDER}/secret.txt", f"{OPEN_FOLDER}/open.txt", f"{OPEN_FOLDER}/true"
PARENT = os.getppid()
SIGCHLD, CLONE_FS, CLONE_NEWUSER = 17, 0x200, 0x10000000
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
F_SETOWN, PR_SET_PDEATHSIG, PTRACE_TRACEME, PTRACE_SEIZE = 8, 1, 0, 0x4206
HERE = -100  # AT_FDCWD

if CONFIG["uid"] is not None:
    os.setgroups([])
    os.setresgid(*[CONFIG["uid"]] * 3)
    os.setresuid(*[CONFIG["uid"]] * 3)
sys.path.insert(0, CONFIG["package"])
from grader.sandbox.confinement import seccomp  # noqa: E402
from grader.sandbox.confinement.layers import ConfinementPolicy, confine  # noqa: E402
from grader.sandbox.confinement.syscalls import call, number, prctl  # noqa: E402

if CONFIG["uid"] is not None:
    prctl(PR_SET_DUMPABLE, 1)  # its own, as a process is that was never root's


def read(path: str) -> str:
    return Path(path).read_text()


def write(path: str, mode: str) -> None:
    with open(path, mode) as file:
        file.write("x")


def reaped(pid: int) -> None:
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def daemon() -> None:
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.fork()
    reaped(pid)


def shared_memory_segment() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    segment = libc.shmget(0, 4096, 0o600)
    if segment < 0:
        raise OSError(ctypes.get_errno(), "shmget")
    libc.shmctl(segment, 0, None)


def own_memory_through_the_kernel() -> None:
    """process_vm_readv on this very process, which any kernel allows."""
    buffers = [ctypes.create_string_buffer(8) for _ in range(2)]
    vectors = [(ctypes.c_uint64 * 2)(ctypes.addressof(buffer), 8) for buffer in buffers]
    local, remote = (ctypes.addressof(vector) for vector in vectors)
    call(number("process_vm_readv"), os.getpid(), local, 1, remote, 1, 0)


def thread() -> None:
    threading.Thread(target=int).start()


def connected(family: int, kind: int, address: Any) -> None:
    with socket.socket(family, kind) as opened:
        opened.connect(address)


def reading() -> Attempts:
    return {
        "open": lambda: read(SECRET),
        "list": lambda: os.listdir(FOLDER),
        "open beside an O_PATH folder": lambda: os.open("secret.txt", os.O_RDONLY, dir_fd=os.open(FOLDER, os.O_PATH)),
        "reopen an O_PATH file": lambda: read(f"/proc/self/fd/{os.open(SECRET, os.O_PATH)}"),
        "symlink to the file": lambda: read(f"{OPEN_FOLDER}/to_secret"),
        "symlink to the folder": lambda: read(f"{OPEN_FOLDER}/to_hidden/secret.txt"),
        "dots": lambda: read(f"{OPEN_FOLDER}/../hidden/secret.txt"),
        "/proc/self/root": lambda: read(f"/proc/self/root{SECRET}"),
        "/proc/self/cwd": lambda: os.listdir("/proc/self/cwd"),
        "openat2": lambda: os.close(call(number("openat2"), HERE, SECRET.encode(), bytes(24), 24)),
    }


def reading_others() -> Attempts:
    return {
        "/proc/parent/root": lambda: read(f"/proc/{PARENT}/root{SECRET}"),
        "/proc/parent/environ": lambda: read(f"/proc/{PARENT}/environ"),
        "/proc/parent/mem": lambda: open(f"/proc/{PARENT}/mem", "rb"),
        "/etc/passwd": lambda: read("/etc/passwd"),
        "/proc/self/environ": lambda: read("/proc/self/environ"),
        "a temporary file without a name": lambda: os.open(OPEN_FOLDER, os.O_TMPFILE | os.O_RDWR),
    }


def writing() -> Attempts:
    return {
        "append": lambda: write(SECRET, "a"),
        "create": lambda: write(f"{FOLDER}/new", "w"),
        "create in a readable folder": lambda: write(f"{OPEN_FOLDER}/new", "w"),
        "overwrite a readable file": lambda: write(OPEN_FILE, "r+"),
        "truncate": lambda: os.truncate(SECRET, 0),
        "truncate a readable file by opening it": lambda: os.open(OPEN_FILE, os.O_RDONLY | os.O_TRUNC),
        "rename": lambda: os.rename(SECRET, f"{FOLDER}/renamed"),
        "rename back": lambda: os.rename(f"{FOLDER}/renamed", SECRET),
        "hard link": lambda: os.link(OPEN_FILE, f"{OPEN_FOLDER}/linked"),
        "symlink": lambda: os.symlink(SECRET, f"{OPEN_FOLDER}/another"),
        "mkdir": lambda: os.mkdir(f"{OPEN_FOLDER}/folder"),
        "fifo": lambda: os.mkfifo(f"{OPEN_FOLDER}/fifo"),
        "unlink": lambda: os.unlink(SECRET),
    }


def attributes() -> Attempts:
    return {
        "chmod": lambda: os.chmod(OPEN_FILE, 0o600),
        "chown": lambda: os.chown(OPEN_FILE, os.getuid(), os.getgid()),
        "utime": lambda: os.utime(OPEN_FILE, (1, 1)),
        "chdir": lambda: os.chdir(OPEN_FOLDER),
    }


def honest() -> Attempts:
    return {
        "read a granted file": lambda: read(OPEN_FILE),
        "list a granted folder": lambda: os.listdir(OPEN_FOLDER),
        "write to /dev/null": lambda: write(os.devnull, "w"),
        "import something new": lambda: __import__("wave"),
    }


def harmless() -> Attempts:
    return {
        "signal 0 to itself": lambda: os.kill(os.getpid(), 0),
        "handle a signal of its own": lambda: (
            signal.signal(signal.SIGUSR1, lambda *_: None),
            signal.raise_signal(signal.SIGUSR1),
        ),
        "read its own limits": lambda: resource.getrlimit(resource.RLIMIT_AS),
        "map memory": lambda: mmap.mmap(-1, 1 << 20).close(),
        "random bytes": lambda: os.urandom(8),
        "ask for a terminal": lambda: os.isatty(1),
    }


def network() -> Attempts:
    tcp, udp = ("127.0.0.1", CONFIG["tcp"]), ("127.0.0.1", CONFIG["udp"])
    return {
        "tcp connect": lambda: connected(socket.AF_INET, socket.SOCK_STREAM, tcp),
        "tcp bind": lambda: socket.socket().bind(("127.0.0.1", 0)),
        "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", udp),
        "unix path": lambda: connected(socket.AF_UNIX, socket.SOCK_STREAM, f"{FOLDER}/socket"),
        "unix abstract": lambda: connected(socket.AF_UNIX, socket.SOCK_STREAM, CONFIG["abstract"]),
        "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close(),
        "socketpair": lambda: socket.socketpair(),
        "high bits in the family": lambda: os.close(call(number("socket"), (1 << 32) | 2, 1, 0)),
    }


def devious() -> Attempts:
    """What not every machine allows even without confinement, and what would wreck a process that is not confined."""
    return {
        "io_uring": lambda: call(number("io_uring_setup"), 4, bytes(120)),
        "clone into a user namespace": lambda: reaped(call(number("clone"), CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)),
        "clone3": lambda: call(number("clone3"), bytes(88), 88),
        "execve": lambda: call(number("execve"), b"/bin/true", 0, 0),
        "execveat": lambda: call(number("execveat"), HERE, b"/bin/true", 0, 0, 0),
        "unshare a user namespace": lambda: call(number("unshare"), CLONE_NEWUSER),
        "ptrace the parent": lambda: call(number("ptrace"), PTRACE_SEIZE, PARENT, 0, 0),
        "be traced": lambda: call(number("ptrace"), PTRACE_TRACEME, 0, 0, 0),
        "queue a signal": lambda: call(number("rt_sigqueueinfo"), PARENT, 0, bytes(128)),
        "bpf": lambda: call(number("bpf"), 0, 0, 0),
        "userfaultfd": lambda: call(number("userfaultfd"), 0),
        "perf_event_open": lambda: call(number("perf_event_open"), bytes(128), 0, -1, -1, 0),
        "keyctl": lambda: call(number("keyctl"), 0, -3, 0),
        "x32 getpid": lambda: call(0x40000000 | 39),
        "outlive the parent": lambda: prctl(PR_SET_PDEATHSIG, 0),
    }


def processes() -> Attempts:
    return {
        "fork": lambda: reaped(os.fork()),
        "daemon": daemon,
        "subprocess": lambda: subprocess.run([PROGRAM], check=True),
        "posix_spawn": lambda: reaped(os.posix_spawn(PROGRAM, ["true"], {})),
        "clone": lambda: reaped(call(number("clone"), SIGCHLD, 0, 0, 0, 0)),
        "unshare": lambda: call(number("unshare"), CLONE_FS),
        "thread": thread,
        "shared memory segment": shared_memory_segment,
        "named shared memory": lambda: SharedMemory(create=True, size=4096).unlink(),
        "memfd": lambda: os.close(os.memfd_create("x")),
        "pipe": lambda: os.pipe(),
        "process_vm_readv": own_memory_through_the_kernel,
    }


def signals() -> Attempts:
    descriptor = os.dup(1)
    return {
        "kill the parent": lambda: os.kill(PARENT, 0),
        "kill the group": lambda: os.kill(0, 0),
        "kill everybody": lambda: os.kill(-1, 0),
        "tgkill": lambda: call(number("tgkill"), PARENT, PARENT, 0),
        "tkill": lambda: call(number("tkill"), PARENT, 0),
        "pidfd_open": lambda: os.close(os.pidfd_open(PARENT)),
        "signals for descriptors": lambda: fcntl.fcntl(descriptor, F_SETOWN, PARENT),
        "alarm": lambda: signal.setitimer(signal.ITIMER_REAL, 0),
        "priority": lambda: os.setpriority(os.PRIO_PROCESS, 0, os.getpriority(os.PRIO_PROCESS, 0)),
        "a lower limit": lambda: resource.setrlimit(resource.RLIMIT_CPU, (50, 50)),
        "the parent's limits": lambda: resource.prlimit(PARENT, resource.RLIMIT_NOFILE),
    }


def stopping() -> Attempts:
    stops = (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)
    kills = {f"kill {stop.name}": lambda stop=stop: os.kill(os.getpid(), stop) for stop in stops}
    return kills | {
        "tgkill": lambda: call(number("tgkill"), os.getpid(), os.getpid(), signal.SIGSTOP),
        "tkill": lambda: call(number("tkill"), os.getpid(), signal.SIGSTOP),
        "raise": lambda: signal.raise_signal(signal.SIGSTOP),
    }


def limits() -> Attempts:
    infinite = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    held: list[int] = []
    return {
        "a quarter GiB": lambda: bytearray(1 << 28),
        "a shared mapping of a quarter GiB": lambda: mmap.mmap(-1, 1 << 28).close(),
        "a MiB afterwards": lambda: bytearray(1 << 20),
        "a MiB of output": lambda: os.pwrite(CONFIG["output"], bytes(1 << 20), 1 << 20),
        "40 descriptors": lambda: held.extend(os.dup(1) for _ in range(40)),
        "raise RLIMIT_AS": lambda: resource.setrlimit(resource.RLIMIT_AS, infinite),
        "raise RLIMIT_CPU": lambda: resource.setrlimit(resource.RLIMIT_CPU, infinite),
    }


def interrupt_0x80() -> Attempts:
    def getpid() -> None:
        page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        page.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20 (a 32-bit getpid); int 0x80; ret
        ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()

    return {"32-bit getpid": getpid}


def spinning() -> Attempts:
    def spin() -> None:
        signal.signal(signal.SIGXCPU, signal.SIG_IGN)
        while True:
            pass

    return {"spin": spin}


def outcome(attempt: Callable[[], Any]) -> str:
    try:
        attempt()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, "OSError")
    except Exception as error:
        return type(error).__name__
    return "allowed"


def refuse(name: str, option: int | None, code: int) -> None:
    """Have the kernel answer a call, or one of its options, with an error, as a container's filter does."""
    answer = (seccomp.Instruction(seccomp._RETURN, seccomp._RETURN_ERRNO | code),)
    chosen = (
        answer if option is None else (seccomp._load_argument(0), *seccomp._if_equal(option, answer), *seccomp._ALLOW)
    )
    program = [seccomp._load(seccomp._NUMBER), *seccomp._if_equal(number(name), chosen), *seccomp._ALLOW]
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    seccomp.install(b"".join(one.pack() for one in program))


def main() -> None:
    os.chdir(FOLDER)
    if CONFIG["refuse"]:
        refuse(*CONFIG["refuse"])
    groups = [globals()[name] for name in CONFIG["groups"]]
    policy = CONFIG["policy"] | {"read": tuple(CONFIG["policy"]["read"])}
    layers = confine(ConfinementPolicy(**policy), CONFIG["parent"] or PARENT)
    results = {group.__name__: {key: outcome(attempt) for key, attempt in group().items()} for group in groups}
    print(json.dumps({"layers": asdict(layers), "results": results}), flush=True)
    sys.stdin.readline()


main()
