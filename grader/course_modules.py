"""The Python of a course: the modules below its `checks` folder, in a package of the course's own.

Two courses may have files of the same names, and neither sees the other's: each has a package that is named after its folder's
path. `problems.py` and `programs.py` travel to a worker as text, since a worker cannot read the course's folder.
"""

import hashlib
import importlib
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from grader.toolkit.travelling import PREFIX, TRAVELLING


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
