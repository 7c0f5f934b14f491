"""A name that a student probably meant, for an error about a name: Python offers it only where it prints the error itself."""

import builtins
import difflib
import re
import sys
from collections.abc import Iterable
from types import FrameType

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
_NOT_THERE = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")


def suggestion(error: BaseException, frame: FrameType | None) -> str:
    """ "Did you mean: 'grads'?", or nothing. `frame` is the student's own, where the error arose."""
    try:
        name, names = _wanted(error, frame)
        if type(error) is NameError and (remedy := _remedy(name)):
            return remedy
        known = sorted({one for one in names if type(one) is str and len(one) <= _LONGEST and one[:1] != "_"})
        if not name or len(name) > _LONGEST or len(known) > _MOST or name in known:
            return ""
        nearest = difflib.get_close_matches(name, known, n=1, cutoff=_NEAR)
    except BaseException:  # an object whose attributes raise
        return ""
    return f"Did you mean: '{nearest[0]}'?" if nearest else ""


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
