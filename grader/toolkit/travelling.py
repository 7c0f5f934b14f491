"""Modules of a course that travel to a worker as text, since a worker cannot read the course's folder."""

import importlib
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import ModuleType
from typing import Any

PREFIX = "course_"
"""How the package of a course's modules begins."""
TRAVELLING = ("problems", "programs")
"""Names of the modules of a room that a worker has, too."""


def travels(module: str) -> bool:
    """Whether a worker has a module, too: it is one of the engine's programs, or a course's that is made for it."""
    top, _, last = module.partition(".")[0], *module.rpartition(".")[1:]
    return module == "grader.toolkit.programs" or (top.startswith(PREFIX) and last in TRAVELLING)


def find_travelling(module: str, name: str) -> Any:
    """The function or class of this name in an imported module that travels. Raises LookupError if there is none."""
    if travels(module):
        found = vars(sys.modules.get(module, object)).get(name)
        if getattr(found, "__module__", None) == module:
            return found
    raise LookupError(f"no {name} travels from {module}")


class SentModules(MetaPathFinder, Loader):
    """In a worker: imports modules whose texts were sent. Install it with `install`."""

    def __init__(self, sources: dict[str, str]) -> None:
        self._sources = sources
        names = [name.split(".") for name in sources]
        self._packages = {".".join(parts[:depth]) for parts in names for depth in range(1, len(parts))}

    def install(self) -> None:
        """Import all of them, so that no worker has to."""
        sys.meta_path.append(self)
        for name in self._sources:
            importlib.import_module(name)

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname in self._packages or fullname in self._sources:
            return spec_from_loader(fullname, self, is_package=fullname in self._packages)
        return None

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        if name in self._sources:
            exec(compile(self._sources[name], f"<{name.partition('.')[2]}>", "exec"), module.__dict__)
