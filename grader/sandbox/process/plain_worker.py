"""A plain worker process: imports everything once, then serves one check after another, each with a fresh namespace.

It is for a student's own computer, where it protects from accidents. What a submission leaves behind is removed before the
next check; where that cannot be done, this process ends, and another takes over.
"""

import gc
import importlib
import math
import os
import socket
import sys
import threading

import msgspec

from grader.sandbox.calls import wire
from grader.sandbox.calls.channel import Channel, ChannelClosedError
from grader.sandbox.limits.limits import Limits
from grader.sandbox.process.resources import limit_computing


class WorkerStart(msgspec.Struct, frozen=True):
    """The first message to the process: limits, modules to import before it serves, and the texts of the course's own modules.

    `packages` are those that a submission may import besides numpy, also torch.
    """

    limits: Limits
    preload: list[str]
    modules: dict[str, str]
    packages: tuple[str, ...] = ()
    folder: str = ""  # where those of them lie that submissions may import
    descriptor: int = -1  # of its socket, where it inherits one
    shared: bytes = b""  # its socket as Windows describes it, where it does not


def main() -> None:
    """Serve until the other side hangs up, or until something stays behind."""
    start = msgspec.json.decode(sys.stdin.buffer.readline(), type=WorkerStart)
    _end_with_parent()
    if sys.platform == "win32":
        sock = socket.fromshare(start.shared)
    else:
        sock = socket.socket(fileno=start.descriptor)
    sock.setblocking(True)
    channel = Channel(sock, wire.ToWorker)

    from grader.toolkit import lazy_torch
    from grader.toolkit.private_names import seed_cpu_only

    if lazy_torch.NAME in start.packages:
        lazy_torch.import_it()
        seed_cpu_only()
    from grader.sandbox.calls import worker
    from grader.sandbox.calls.imports import Imports, leave_uncompiled
    from grader.sandbox.process.process_state import ProcessState
    from grader.toolkit.travelling import SentModules, handed_out

    for module in start.preload:
        importlib.import_module(module)
    leave_uncompiled()
    SentModules(start.modules, start.folder).install()
    worker.seed_global_generators()
    layers = {"landlock": 0, "seccomp": False, "rlimits": _limit_resources(start.limits)}
    imports = Imports(start.packages, handed_out(start.modules))
    state = ProcessState(start.modules)
    gc.collect()
    gc.freeze()  # the search for what a check has left takes less time
    try:
        while isinstance(request := channel.receive()[0], wire.Begin):
            limit_computing(math.ceil(sum(os.times()[:2])) + request.cpu_seconds)
            if worker.run(channel, layers, imports) is None:
                return
            if left := state.restore():
                print(f"this process may not serve again: {left}", file=sys.__stderr__)
                return
            worker.seed_global_generators()
            _forget_output()
    except ChannelClosedError:
        return


def _end_with_parent() -> None:
    """End this process, also in an endless loop of the submission, once its parent is gone: that holds the other end of the
    standard input. The submission gets an empty one.
    """
    held, empty = os.dup(0), os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)

    def wait() -> None:
        os.read(held, 1)
        os._exit(1)

    threading.Thread(target=wait, name="end with parent", daemon=True).start()


def _limit_resources(limits: Limits) -> bool:
    """Set what limits the platform has; memory is left alone, since its accounting differs too much between them."""
    if sys.platform == "win32":
        return False
    import resource

    for kind, value in (
        (resource.RLIMIT_FSIZE, max(limits.output_bytes, limits.scratch_bytes)),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(kind, (value, value))
        except (ValueError, OSError):
            continue
    return True


def _forget_output() -> None:
    """Empty the file of standard output and error: what was in it has been read."""
    os.ftruncate(1, 0)
    os.lseek(1, 0, os.SEEK_SET)
