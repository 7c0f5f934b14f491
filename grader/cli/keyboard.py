"""Read single keys from a terminal, in a thread."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Heard = Callable[[str], None]
_PAUSE_SECONDS = 0.1


@contextmanager
def listening(heard: Heard) -> Iterator[bool]:
    """Call `heard` with each key; yield whether there is a terminal to read from.

    Ctrl-C stays an interrupt. The terminal is restored afterwards.
    """
    stopped = threading.Event()
    with contextlib.ExitStack() as stack:
        read = _reader(stack)
        if read is None:
            yield False
            return

        def listen() -> None:
            while not stopped.is_set():
                key = read()
                if key is None:
                    return
                if key:
                    heard(key.lower())

        thread = threading.Thread(target=listen, name="keys", daemon=True)
        thread.start()
        try:
            yield True
        finally:
            stopped.set()
            thread.join()


def _reader(stack: contextlib.ExitStack) -> Callable[[], str | None] | None:
    """A function that waits a moment for a key: it returns the key, "" without a key, None at the end of input."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    return _windows_reader() if sys.platform == "win32" else _posix_reader(stack)


def _posix_reader(stack: contextlib.ExitStack) -> Callable[[], str | None] | None:
    if sys.platform == "win32":
        raise NotImplementedError("not on Windows")
    import select
    import termios
    import tty

    descriptor = sys.stdin.fileno()
    try:
        if os.tcgetpgrp(descriptor) != os.getpgrp():  # a background process that reads the terminal is stopped
            return None
        before = termios.tcgetattr(descriptor)
    except (OSError, termios.error):
        return None

    def listen_again(*_: Any) -> None:
        with contextlib.suppress(termios.error):
            tty.setcbreak(descriptor, termios.TCSADRAIN)

    def restore() -> None:
        with contextlib.suppress(termios.error):  # the terminal may be gone
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)

    stack.callback(restore)
    listen_again()
    for number, handler in ((signal.SIGCONT, listen_again), (signal.SIGTERM, signal.default_int_handler)):
        stack.callback(signal.signal, number, signal.signal(number, handler))

    def read() -> str | None:
        try:
            if not select.select([descriptor], [], [], _PAUSE_SECONDS)[0]:
                return ""
            typed = os.read(descriptor, 1)
        except OSError:
            return None
        return typed.decode("ascii", "replace") if typed else None

    return read


def _windows_reader() -> Callable[[], str | None]:
    if sys.platform != "win32":
        raise NotImplementedError("on Windows only")
    import msvcrt
    import time

    def read() -> str | None:
        if not msvcrt.kbhit():
            time.sleep(_PAUSE_SECONDS)
            return ""
        key = msvcrt.getwch()
        if key in "\x00\xe0":  # a function key or an arrow: its code follows
            msvcrt.getwch()
            return ""
        if key == "\x03":
            signal.raise_signal(signal.SIGINT)
            return ""
        return key

    return read
