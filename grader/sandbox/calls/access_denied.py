"""Explains errors of honest code that needs a file, the network or a process, which a confined worker never gets.

Runs in the worker and only adds to a message: the kernel itself refuses access.
"""

import errno
import os
import re
from collections.abc import Iterator

FILES = (
    "While your code is graded it can write no file, and read none but Python's own. "
    "Return what the exercise asks for; save, load and plot in a cell or script of your own."
)
IN_A_FOLDER = (
    "While your code is graded it can write files where it stands and in temporary folders only, and read none but those and "
    "Python's own."
)
OTHERS = "While your code is graded it has no network, and can start no process or thread. The exercises need none."

_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT)
# Messages of libraries that hide the kernel's error: torch.save, tempfile, threading.
_OF_FILES = re.compile(
    r"Parent directory .* does not exist|File .* cannot be opened|No usable temporary directory|open file failed"
)
_OF_OTHERS = re.compile(r"can't start new thread|failure in name resolution|Name or service not known")


def explain(error: BaseException, message: str) -> str:
    """A sentence for the message of an error that the confinement caused; empty for other errors."""
    try:
        for cause in _causes(error):
            if isinstance(cause, OSError) and cause.errno in _REFUSED:
                return _of_files() if cause.errno != errno.EPERM or cause.filename is not None else OTHERS
        if isinstance(error, OSError | RuntimeError):
            return _of_files() if _OF_FILES.search(message) else OTHERS if _OF_OTHERS.search(message) else ""
    except BaseException:  # an error whose attributes raise
        return ""
    return ""


def _of_files() -> str:
    return IN_A_FOLDER if "TMPDIR" in os.environ else FILES


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and its first causes."""
    for _ in range(8):
        if error is None:
            return
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
