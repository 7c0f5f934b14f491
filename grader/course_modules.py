"""The Python of a course: the modules below its `checks` folder, in a package of the course's own.

Two courses may have files of the same names, and neither sees the other's: each has a package that is named after its folder's
path. `problems.py` and `programs.py` travel to a worker as text, since a worker cannot read the course's folder.
"""

import hashlib
import importlib
import os
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

PREFIX = "course_"
TRAVELLING = ("problems", "programs")
"""Names of the modules of a room that a worker has, too."""


def package_of(root: Path) -> str:
    """The package that holds the modules of the course in a folder, as they are imported here."""
    name = PREFIX + hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:12]
    if name not in sys.modules:
        package = ModuleType(name, "The modules of a course.")
        package.__path__ = [str(root.resolve() / "checks")]
        sys.modules[name] = package
    return name


def module_of(root: Path, name: str) -> ModuleType | None:
    """The module "room.module" of a course; None if it has none of this name."""
    full = f"{package_of(root)}.{name}"
    try:
        missing = find_spec(full) is None
    except ModuleNotFoundError:  # no such room
        missing = True
    return None if missing else importlib.import_module(full)


def shared_module(beside: str, name: str) -> ModuleType | None:
    """The module of this name that all rooms share in the course of the module `beside`; None if there is none."""
    package, _, rest = beside.partition(".")
    if not (rest and package.startswith(PREFIX)):
        return None
    return module_of(Path(sys.modules[package].__path__[0]).parent, f"shared.{name}")


def travelling_sources(root: Path) -> dict[str, str]:
    """The texts of the modules that go to a worker, by their full names, in the order of their paths."""
    found = sorted(path for name in TRAVELLING for path in (root / "checks").glob(f"*/{name}.py"))
    package = package_of(root)
    return {f"{package}.{path.parent.name}.{path.stem}": path.read_text(encoding="utf-8") for path in found}


def travels(module: str) -> bool:
    """Whether a worker has a module, too: it is one of the engine's programs, or a course's that is made for it."""
    top, _, last = module.partition(".")[0], *module.rpartition(".")[1:]
    return module == "grader.toolkit.programs" or (top.startswith(PREFIX) and last in TRAVELLING)


def find_travelling(module: str, name: str) -> Any:
    """The function or class of this name that is defined in a module that travels, and is imported already.

    Raises LookupError if there is none.
    """
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
