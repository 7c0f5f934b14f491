"""The program `grade`: runs the command line, then exits quickly."""

import os
import signal
import sys
from importlib.util import find_spec
from typing import NoReturn

from grader.toolkit.private_names import finish_threads_and_exit_handlers

INTERRUPTED = 130
_LOST_OUTPUT = 120  # Python's own exit code when it cannot flush the output


def program() -> NoReturn:
    """Run `grader.cli.main` and end the process."""
    code = 0
    try:
        _expect_streams()
        _be_the_main_module()
        from grader.cli import main  # here: Ctrl-C may come while it is imported

        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        code = INTERRUPTED
    _leave(code)


def _be_the_main_module() -> None:
    """Tell `multiprocessing` that this process is `python -m grader`, also if another script has started it.

    The processes of a class would import any other main module again, and a script without a guard would start a class in each.
    """
    sys.modules["__main__"].__spec__ = find_spec("grader.__main__")


def _expect_streams() -> None:
    """Open /dev/null for standard streams that are closed: the grader still grades.

    Otherwise a file of ours could get such a number, and printed text would go into it.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)
            if null != number:
                os.dup2(null, number)
                os.close(null)
            os.set_inheritable(number, True)  # child processes need it, too
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def _leave(code: int) -> NoReturn:
    """End this process as Python does, but without taking apart all that torch has made, which takes 0.15 s."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # all output is done
    finish_threads_and_exit_handlers()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):  # the reader is gone
            code = code or _LOST_OUTPUT
    os._exit(code)
