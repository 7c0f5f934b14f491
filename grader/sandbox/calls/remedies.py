"""Sentences that a worker adds to the message of an error: which access it never gets, which name was probably meant.

The kernel itself refuses access. Python offers a name only where it prints the error itself.
"""

import builtins
import difflib
import errno
import linecache
import os
import re
import sys
from collections.abc import Iterable, Iterator
from types import FrameType, ModuleType

FILES = (
    "While your code is graded it cannot write files, and can read only Python's own. "
    "Return what the exercise asks for; save, load and plot in a cell or script of your own."
)
IN_A_FOLDER = (
    "While your code is graded it can write files only in its own working folder and in temporary folders, and read only these "
    "files and Python's own."
)
OTHERS = "While your code is graded it has no network, and can start no process or thread. The exercises need none."

_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT)
# Messages of libraries that hide the kernel's error: torch.save, tempfile, threading.
_OF_FILES = re.compile(
    r"Parent directory .* does not exist|File .* cannot be opened|No usable temporary directory|open file failed"
)
_OF_OTHERS = re.compile(r"can't start new thread|failure in name resolution|Name or service not known")
_LONGEST, _MOST = 40, 5000  # letters of a name, and names: more is not a slip
_NEAR = 0.7
_USUAL = {
    "np": "import numpy as np",
    "numpy": "import numpy",
    "torch": "import torch",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
    "plt": "import matplotlib.pyplot as plt",
    "Tensor": "from torch import Tensor",
}
_DIGITS = {"O": "0, the number", "o": "0, the number", "l": "1, the number", "I": "1, the number"}
_IN_TORCH = ("torch", "torch.nn", "torch.nn.functional", "torch.linalg", "torch.optim", "torch.autograd")
_LEFT_OUT = {"param_groups": "Is this line missing in __init__:  super().__init__(params, defaults)"}
_NOT_THERE = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")


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


def suggestion(error: BaseException, frame: FrameType | None) -> str:
    """ "Did you mean: 'grads'?", or nothing. `frame` is the student's own, where the error arose."""
    try:
        name, names = _wanted(error, frame)
        if type(error) is NameError and (remedy := _remedy(name)):
            return remedy
        if type(error) is NameError and (remedy := _below(name, frame)):
            return remedy
        if type(error) is AttributeError and (remedy := _LEFT_OUT.get(name) or _elsewhere(name, error.obj)):
            return remedy
        short = "".join(word[:1] for word in name.split("_"))
        if type(error) is NameError and len(short) > 1 and frame is not None and short in frame.f_locals:
            return f"Did you mean: '{short}'?"  # lr for learning_rate
        known = sorted({one for one in names if type(one) is str and len(one) <= _LONGEST and one[:1] != "_"})
        if not name or len(name) > _LONGEST or len(known) > _MOST or name in known:
            return ""
        nearest = difflib.get_close_matches(name, known, n=1, cutoff=_NEAR)
        if type(error) is NameError and not nearest:
            return _elsewhere(name, sys.modules.get("torch"))
    except BaseException:  # an object whose attributes raise
        return ""
    return f"Did you mean: '{nearest[0]}'?" if nearest else ""


def _below(name: str, frame: FrameType | None) -> str:
    """Where the file gives a value to a name, if that is below the line outside of functions that asks for it."""
    if frame is None or frame.f_code.co_name != "<module>" or len(name) > _LONGEST:
        return ""
    binds = re.compile(rf"(\[cell (\d+), line (\d+)\] )?(?:(?:def|class)\s+)?{re.escape(name)}\s*(?:[=:(]|$)")
    for number, line in enumerate(linecache.getlines(frame.f_code.co_filename), 1):
        if number > frame.f_lineno and (found := binds.match(line)):
            place = f"cell {found[2]}, line {found[3]}" if found[1] else f"line {number}"
            return f"Python reads from top to bottom, and {name} gets its value only in {place}. Move that up."
    return ""


def _elsewhere(name: str, module: object) -> str:
    """The part of torch that has a name which another part lacks."""
    if type(module) is not ModuleType or module.__name__ not in _IN_TORCH:
        return ""
    found = [one for one in _IN_TORCH if one in sys.modules and name in vars(sys.modules[one])]
    return f"Did you mean: {found[0]}.{name}?" if found else ""


def _remedy(name: str) -> str:
    """Advice about a name that is usually imported, or that looks like a number."""
    if name in _DIGITS:
        return f"Did you mean: {_DIGITS[name]}?"
    line = _USUAL.get(name) or (f"import {name}" if name in sys.stdlib_module_names else "")
    return f"Is this line missing at the top of the file:  {line}" if line else ""


def _wanted(error: BaseException, frame: FrameType | None) -> tuple[str, Iterable[str]]:
    """The name that was not found, and those that were there."""
    if type(error) is NameError and frame is not None:
        return str(error.name or ""), [*frame.f_locals, *frame.f_globals, *vars(builtins)]
    if type(error) is AttributeError and error.obj is not None:
        return str(error.name or ""), dir(error.obj)
    if type(error) is ImportError and (found := _NOT_THERE.match(str(error))):
        return found[1], dir(sys.modules[found[2]])
    return "", ()


def without_path(message: str) -> str:
    """The message of a failed import without the path of the library, which differs from machine to machine."""
    found = _NOT_THERE.match(message)
    return message[: found.end()] if found else message
