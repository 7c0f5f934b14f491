"""What travels between a check and a worker: types of values, in `TYPES`, and modules of a course, as text.

A worker cannot read the course's folder. The trusted process builds only plain values of Python and numpy from what a worker
sends; nothing is ever unpickled.

A number is a scalar of Python or numpy; a number of numpy arrives as Python's. Sets and keys of dicts hold numbers, texts, None
and tuples of these. A message holds at most 64 MiB of arrays, and 256 KiB besides.
"""

import importlib
import os
import sys
from collections.abc import Iterable
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import ModuleType
from typing import Any

TRAVELS, REFUSED = "arrives as it is", "is refused"
TYPES: tuple[tuple[str, str, str], ...] = (
    # a type, as an argument of a check, as a result of a submission
    ("None, bool, int of 64 bits, float, complex, str", TRAVELS, TRAVELS),
    ("list, tuple, dict, set, frozenset", TRAVELS, TRAVELS),
    ("array of numpy: bool, int, uint, float16 to float64, complex", TRAVELS, TRAVELS),
    ("array of another dtype, such as object or str", REFUSED, "is refused: return a list, by .tolist()"),
    ("matrix, masked array that hides no entry", "arrives as a plain array", "arrives as a plain array"),
    ("masked array that hides entries", "is refused: pass its .filled(0)", "is refused: return its .filled(0)"),
    ("tensor of torch, dense and on the CPU", TRAVELS, TRAVELS),
    ("named tuple", "arrives as it is if problems.py defines it, else as a tuple", "arrives as a tuple"),
    ("data class", "arrives as it is if problems.py defines it", "is refused: return a tuple or a dict of its fields"),
    ("random generator of numpy (default_rng) or torch", "arrives in its state, and draws on", REFUSED),
    ("function", "is called back in the trusted process", REFUSED),
    ("sparse array of scipy", "is refused: pass its .toarray()", "is refused: return its .toarray()"),
    ("data frame", "is refused: pass its .to_numpy()", "is refused: return its .to_numpy()"),
    ("iterator, module, optimizer, any other object", REFUSED, "is refused: judge it inside a program, by student.run"),
)
"""Which types travel, in words for an author."""
PREFIX = "course_"
"""The name of the package of a course's modules begins with this."""
TRAVELLING = ("problems", "programs")
"""Names of the modules of a room that a worker has, too."""


def travels(module: str) -> bool:
    """Whether a worker has a module, too: it is one of the engine's programs, or a course's that is made for it."""
    top, _, last = module.partition(".")[0], *module.rpartition(".")[1:]
    if module == "grader.toolkit.programs" or (top.startswith(PREFIX) and last in TRAVELLING):
        return True
    return isinstance(getattr(sys.modules.get(module), "__loader__", None), SentModules)


def handed_out(modules: Iterable[str]) -> tuple[str, ...]:
    """Of the modules that a worker gets, those that submissions may import, too."""
    return tuple(name for name in modules if not name.startswith(PREFIX))


def find_travelling(module: str, name: str) -> Any:
    """The function or class of this name in an imported module that travels. Raises LookupError if there is none."""
    if travels(module):
        found = vars(sys.modules.get(module, object)).get(name)
        if getattr(found, "__module__", None) == module:
            return found
    raise LookupError(f"no {name} travels from {module}")


class SentModules(MetaPathFinder, Loader):
    """In a worker: imports modules whose texts were sent. Install it with `install`.

    A module that students may import finds its data by `__file__`, in `folder`, while it is imported, and not later.
    """

    def __init__(self, sources: dict[str, str], folder: str = "", hides_paths: bool = True) -> None:
        self._sources = sources
        self._folder = folder
        self._hides_paths = hides_paths  # a worker learns no path of the course
        names = [name.split(".") for name in sources]
        self._packages = {".".join(parts[:depth]) for parts in names for depth in range(1, len(parts))}

    def install(self) -> None:
        """Import all of them, so that no worker has to."""
        sys.meta_path.insert(0, self)
        for name in self._sources:
            importlib.import_module(name)
        self._folder = ""

    def holds(self, name: str, text: str) -> bool:
        """Whether a module came from here, and from this text."""
        return self._sources.get(name) == text

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname in self._packages or fullname in self._sources:
            return spec_from_loader(fullname, self, is_package=fullname in self._packages)
        return None

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        if name not in self._sources:
            return
        if name.startswith(PREFIX):
            exec(compile(self._sources[name], f"<{name.partition('.')[2]}>", "exec"), module.__dict__)
            return
        module.__file__ = path = os.path.join(self._folder, f"{name}.py")
        exec(compile(self._sources[name], f"<{name}>" if self._hides_paths else path, "exec"), module.__dict__)
        if self._hides_paths:
            module.__file__ = f"{name}.py"
