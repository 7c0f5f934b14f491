"""The stack of a worker whose time is up: it writes it to its output when it gets SIGXCPU, and ends.

No code of Python runs for that, so an endless loop cannot keep it from it. Windows has no such signal.
"""

import faulthandler
import os
import re
import signal
import sys
from itertools import islice

_TITLE = b"Stack (most recent call first):\n"  # of faulthandler
_FRAME = re.compile(rb'^  File "(.*)", line (\d{1,7}) in ', re.MULTILINE)
_MOST = 1 << 21  # bytes: more than a worker may print
_FRAMES = 100  # faulthandler writes no more


def write_at_the_end() -> None:
    """Have this process write its stack before SIGXCPU ends it."""
    if sys.platform != "win32":
        faulthandler.register(signal.SIGXCPU, file=2, all_threads=False, chain=True)


def take(output: int, filename: str) -> list[int]:
    """Remove the stack from what an ended process has printed. Returns its lines of a file, innermost first.

    The process wrote them: they are numbers, and may be wrong.
    """
    if sys.platform == "win32":
        return []
    text = os.pread(output, _MOST, 0)
    place = text.rfind(_TITLE)
    if place < 0:
        return []
    os.ftruncate(output, place)
    name = filename.encode("ascii", "backslashreplace")  # as faulthandler writes it
    frames = islice(_FRAME.finditer(text, place), _FRAMES)
    return [int(frame[2]) for frame in frames if frame[1] == name]
