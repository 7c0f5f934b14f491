"""The messages between the trusted process and its zygote: small JSON texts, with descriptors beside them."""

import array
import socket
import sys
from typing import Any

import msgspec

if sys.platform != "linux":
    raise ImportError("a zygote forks workers on Linux only")

MESSAGE_LIMIT = 64 << 10
_DESCRIPTORS = 3


class Config(msgspec.Struct, frozen=True):
    """How to start a zygote.

    `hidden` are folders that no worker may read, `preload` modules to import for all workers, and `modules` the texts of the
    course's own modules, by their names. `folder` holds those of them that submissions may import.
    `packages` are those that submissions may import besides numpy, also torch.
    A zygote that `is_forked` shares its memory with the trusted process.
    `landlock_abi_limit`, `seccomp`, `namespaces`, `cgroup` and `address_space` exist to test each layer alone, by switching
    the others off.
    """

    hidden: list[str]
    preload: list[str] = []
    modules: dict[str, str] = {}
    packages: tuple[str, ...] = ()
    folder: list[str] = []
    is_forked: bool = False
    landlock_abi_limit: int | None = None
    seccomp: bool = True
    namespaces: bool = True
    cgroup: bool = True
    address_space: bool = True  # is limited


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The zygote has imported everything."""


class Spawn(msgspec.Struct, frozen=True, tag="spawn"):
    """Fork a worker. Its socket and its output file come along as descriptors, and shared memory if it may map any."""

    job: int
    memory_bytes: int
    cpu_seconds: int
    output_bytes: int
    open_files: int
    scratch_bytes: int


class Join(msgspec.Struct, frozen=True, tag="join"):
    """Serve another client, too: its socket comes along as a descriptor."""


class Started(msgspec.Struct, frozen=True, tag="started"):
    """A worker runs; its pidfd comes along, which each side names as it sees it: its number differs between namespaces."""

    job: int


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """A worker is gone: its wait status, the CPU seconds that it used, and whether it was killed at its own limit of memory."""

    job: int
    status: int
    cpu_seconds: float
    over_memory: bool = False


FromZygote = Ready | Started | Ended
ToZygote = Spawn | Join

_encode = msgspec.json.Encoder().encode
_decoders = {kind: msgspec.json.Decoder(kind) for kind in (FromZygote, ToZygote)}


def send(sock: socket.socket, message: msgspec.Struct, descriptors: tuple[int, ...] = ()) -> None:
    """Send one message."""
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
    sock.sendmsg([_encode(message)], rights)


def receive(sock: socket.socket, kind: Any) -> tuple[Any, list[int]]:
    """Return the next message and its descriptors, or (None, []) when the other side hung up."""
    descriptors = array.array("i")
    room = socket.CMSG_LEN(_DESCRIPTORS * descriptors.itemsize)
    data, ancillary, _, _ = sock.recvmsg(MESSAGE_LIMIT, room, socket.MSG_CMSG_CLOEXEC)
    for level, kind_of_data, payload in ancillary:
        if level == socket.SOL_SOCKET and kind_of_data == socket.SCM_RIGHTS:
            descriptors.frombytes(payload[: len(payload) - len(payload) % descriptors.itemsize])
    if not data:
        return None, []
    return _decoders[kind].decode(data), list(descriptors)
