"""The Python of a course: the modules below its `checks` folder, in a package of the course's own.

Two courses may use the same file names: each has its own package, named after the path of its folder. `problems.py` and
`programs.py` travel to a worker as text, because a worker cannot read the course's folder.
"""

import hashlib
import importlib
import os
import sys
import traceback
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from grader.handed_out import make_importable, module_sources
from grader.toolkit.text import one_line
from grader.toolkit.travelling import PREFIX, TRAVELLING
from grader.toolkit.verdicts import CourseModuleError

_ENGINE = Path(__file__).parent


def package_of(root: Path) -> str:
    """The name of the package for the modules of a course."""
    name = PREFIX + hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:12]
    if name not in sys.modules:
        package = ModuleType(name, "The modules of a course.")
        package.__path__ = [str(root.resolve() / "checks")]
        sys.modules[name] = package
    return name


def module_of(root: Path, name: str) -> ModuleType | None:
    """Import the module "room.module" of a course; None if there is none.

    Raises:
        CourseModuleError: the module, or another of the course that it imports, raises an exception.
    """
    full = f"{package_of(root)}.{name}"
    try:
        missing = find_spec(full) is None
    except ModuleNotFoundError:  # no such room
        missing = True
    try:
        if missing:
            return None
        make_importable(root)
        return importlib.import_module(full)
    except Exception as error:
        raise CourseModuleError(told_at(error, root)) from error


def told_at(error: Exception, root: Path) -> str:
    """File, line, cause and what to do: the last line of the course that an exception passed through."""
    root = root.resolve()
    frames = traceback.extract_tb(error.__traceback__)
    places = [(frame.filename, frame.lineno) for frame in frames]
    cause = f"{type(error).__name__}: {error}".replace(f"{package_of(root)}.", "")
    if isinstance(error, SyntaxError):
        places.append((error.filename or "", error.lineno))
        cause = f"not valid Python: {error.msg}"
    file, line = [(str(root), 1), *(place for place in places if _is_of_course(place[0], root))][-1]
    if isinstance(error, ModuleNotFoundError):
        instead = "Correct the name, or install the package."
    elif isinstance(error, ImportError):
        ours = (error.name or "").startswith("grader.")
        instead = f"Correct the name.{' docs/toolkit.md lists those of grader.toolkit.' if ours else ''}"
    else:
        instead = "Correct this line."
    said = one_line(cause).rstrip(" .:")
    return f"{file}:{line}: {said}{'' if said.endswith('?') else '.'} {instead}"


def _is_of_course(file: str, root: Path) -> bool:
    return Path(file).is_relative_to(root) and "site-packages" not in file and not file.startswith(str(_ENGINE))


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
    own = {f"{package}.{path.parent.name}.{path.stem}": path.read_text(encoding="utf-8") for path in found}
    return module_sources(root) | own  # in this order: the others may import them
