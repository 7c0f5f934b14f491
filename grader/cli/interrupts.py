"""Ctrl-C that is not lost."""

import sys
from typing import Any

_AGAIN_SECONDS = 0.01


def keep_interrupts() -> None:
    """Let a Ctrl-C strike again that has struck where Python can only ignore what is raised.

    Such places are destructors, and callbacks of the garbage collector: hypothesis has one, and a few percent of all moments
    of a grading are spent there.
    """
    tell = sys.unraisablehook

    def again(unraisable: Any) -> None:
        if not issubclass(unraisable.exc_type, KeyboardInterrupt):
            tell(unraisable)
            return
        import _thread
        import threading

        # In a moment, not from here: what is raised here is ignored, too.
        timer = threading.Timer(_AGAIN_SECONDS, _thread.interrupt_main)
        timer.daemon = True
        timer.start()

    sys.unraisablehook = again
