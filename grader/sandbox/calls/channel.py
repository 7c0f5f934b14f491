"""Frames over a byte stream, with a watchdog that is asked at every pause whether to go on waiting."""

import os
import sys
from collections.abc import Callable
from typing import Any, Protocol

from grader.sandbox.calls import wire

Watchdog = Callable[[], None]
_AHEAD = 1 << 16  # bytes: most frames arrive whole, by one system call


class ChannelClosedError(Exception):
    """The other side is gone."""


class Transport(Protocol):
    """The part of a stream that a channel needs; a `socket.socket` has it."""

    def recv_into(self, buffer: Any, /) -> int: ...
    def send(self, data: Any, /) -> int: ...
    def close(self) -> None: ...


class Descriptor:
    """A transport over a bare file descriptor: read and write are the only calls that a confined worker may make."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def recv_into(self, buffer: Any, /) -> int:
        if sys.platform == "win32":
            raise NotImplementedError("not on Windows")
        return os.readv(self._fd, [buffer])

    def send(self, data: Any, /) -> int:
        return os.write(self._fd, data)

    def close(self) -> None:
        os.close(self._fd)


def _never_bites() -> None:
    return None


class Channel:
    """One end of a conversation in frames. `watchdog` is called while a frame is late or incomplete, and may raise."""

    def __init__(self, transport: Transport, receives: Any) -> None:
        self._transport = transport
        self._receives = receives
        self._buffer = memoryview(bytearray(_AHEAD))
        self._ahead = self._buffer[:0]  # has arrived and was not read yet

    def send(self, message: Any, chunks: Any = (), watchdog: Watchdog = _never_bites) -> None:
        """Send one frame."""
        view = memoryview(b"".join(wire.encode(message, chunks)))
        while view:
            try:
                view = view[self._transport.send(view) :]
            except TimeoutError:
                watchdog()
            except OSError as error:
                raise ChannelClosedError from error

    def receive(self, watchdog: Watchdog = _never_bites) -> tuple[Any, bytearray]:
        """Return the next message and its blob."""
        header_size, blob_size = wire.lengths(self._read(wire.PREFIX.size, watchdog))
        header = self._read(header_size, watchdog)
        blob = self._read(blob_size, watchdog)
        return wire.decode(header, blob, self._receives), blob

    def _read(self, size: int, watchdog: Watchdog) -> bytearray:
        data = bytearray(size)
        view = memoryview(data)
        while view:
            if self._ahead:
                count = min(len(view), len(self._ahead))
                view[:count], self._ahead = self._ahead[:count], self._ahead[count:]
            elif len(view) < _AHEAD:
                self._ahead = self._buffer[: self._receive_into(self._buffer, watchdog)]
                continue
            else:
                count = self._receive_into(view, watchdog)
            view = view[count:]
            if view:  # a frame that trickles in byte by byte never times out by itself
                watchdog()
        return data

    def _receive_into(self, view: memoryview, watchdog: Watchdog) -> int:
        while True:
            try:
                count = self._transport.recv_into(view)
            except TimeoutError:
                watchdog()
                continue
            except OSError as error:
                raise ChannelClosedError from error
            if not count:
                raise ChannelClosedError
            return count

    def close(self) -> None:
        self._transport.close()
