"""The modules that a submission may import: the same in every kind of worker, so that a file earns the same at home and in class.

A confined worker cannot read other packages anyway. Elsewhere this is no protection: it tells a student early.
"""

import builtins
import difflib
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from grader.sandbox.calls.no_plots import LIBRARIES
from grader.sandbox.confinement.packages import importable
from grader.toolkit.travelling import PREFIX

_ALONE = "Your file is graded alone"
_REMEDY = "remove the import, or copy the code that you need into the file."
_NEAR = 0.8  # how alike two names are if one is probably a slip of the other


class Imports:
    """A submission may import Python's own modules, numpy, the `packages` of a course, their requirements, and its `modules`."""

    def __init__(self, packages: Sequence[str] = (), modules: Sequence[str] = ()) -> None:
        """Call it before the process is confined: it reads what is installed."""
        self._packages = tuple(packages)
        self._modules = tuple(modules)
        self._names = frozenset(sys.stdlib_module_names) | importable(self._packages) | LIBRARIES | {*modules}

    def allow(self, name: str) -> bool:
        """Whether a module may be imported: by its name, or since the process or the submission itself has made it."""
        top = name.partition(".")[0]
        if top in self._names:
            return True
        if top == "grader" or top.startswith(PREFIX):
            return name in sys.modules
        return getattr(sys.modules.get(top), "__spec__", True) is None

    def restrict(self, module: ModuleType) -> None:
        """Have the `import` statements of a module find nothing else. Libraries that it imports are free."""
        imported = builtins.__import__

        def import_module(
            name: str,
            globals: Mapping[str, Any] | None = None,
            locals: Mapping[str, Any] | None = None,
            fromlist: Sequence[str] | None = (),
            level: int = 0,
        ) -> ModuleType:
            if level == 0 and not self.allow(name):
                top = name.partition(".")[0]
                raise ModuleNotFoundError(f"No module named {top!r}\n{self._reason(top)}", name=top)
            return imported(name, globals, locals, fromlist or (), level)

        vars(module)["__builtins__"] = {**vars(builtins), "__import__": import_module}

    def explain(self, error: BaseException) -> str:
        """Why a library or a relative import found no module, in a sentence; empty for other errors."""
        if type(error) not in (ImportError, ModuleNotFoundError):
            return ""
        if _ALONE in str(error):
            return ""
        if "relative import" in str(error):
            return f"{_ALONE}: {_REMEDY}"
        name = getattr(error, "name", None)
        top = name.partition(".")[0] if type(name) is str else ""
        if type(error) is ModuleNotFoundError and name == top and top in self._packages:  # this computer lacks it
            return f"This course needs {top}, which is not installed here: pip install {top}"
        return self._reason(top) if top and top not in self._names else ""

    def _reason(self, top: str) -> str:
        *others, last = ("Python's own modules", "numpy", *self._packages, *self._modules)
        nearest = difflib.get_close_matches(top, [one for one in self._names if one[:1] != "_"], n=1, cutoff=_NEAR)
        guess = f"Did you mean {nearest[0]}? " if nearest else ""
        return f"{guess}{_ALONE}, with {', '.join(others)} and {last}: {_REMEDY}"
