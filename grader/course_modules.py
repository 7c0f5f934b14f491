"""The Python of a course: the modules below its `checks` folder, in a package of the course's own.

Two courses may use the same file names: each has its own package, named after the path of its folder. `problems.py` and
`programs.py` travel to a worker as text, because a worker cannot read the course's folder.
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
    """The name of the package for the modules of a course."""
    name = PREFIX + hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:12]
    if name not in sys.modules:
        package = ModuleType(name, "The modules of a course.")
        package.__path__ = [str(root.resolve() / "checks")]
        sys.modules[name] = package
    return name


def module_of(root: Path, name: str) -> ModuleType | None:
    """Import the module "room.module" of a course; None if there is none."""
    full = f"{package_of(root)}.{name}"
    try:
        missing = find_spec(full) is None
    except ModuleNotFoundError:  # no such room
        missing = True
    return None if missing else importlib.import_module(full)


def shared_module(beside: str, name: str) -> ModuleType | None:
    """Import a module of `checks/shared/` in the course of the module `beside`; None if there is none."""
    package, _, rest = beside.partition(".")
    if not (rest and package.startswith(PREFIX)):
        return None
    return module_of(Path(sys.modules[package].__path__[0]).parent, f"shared.{name}")


def travelling_sources(root: Path) -> dict[str, str]:
    """The texts of the modules that a worker gets, by full name, in the order of their paths."""
    found = sorted(path for name in TRAVELLING for path in (root / "checks").glob(f"*/{name}.py"))
    package = package_of(root)
    return {f"{package}.{path.parent.name}.{path.stem}": path.read_text(encoding="utf-8") for path in found}
