"""The Python of a course: the modules below its `checks` folder, in a package of the course's own, and those handed out.

Two courses may use the same file names: each has its own package, named after the path of its folder. `problems.py` and
`programs.py` travel to a worker as text, because a worker cannot read the course's folder.
"""

import hashlib
import importlib
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from grader.course_settings import FILENAME, UsageError, read_settings
from grader.toolkit.text import one_line
from grader.toolkit.travelling import PREFIX, TRAVELLING, SentModules
from grader.toolkit.verdicts import CourseModuleError, WrongAnswerError

_ENGINE = Path(__file__).parent


def module_folder(root: Path) -> Path:
    """Where the modules lie that `course.toml` names, for submissions, solutions and checks.

    They lie beside the files that students edit, so that Python finds them there, too.
    """
    return root.resolve() / "exercises"


def module_path(root: Path, name: str) -> Path:
    """The file of a module. Raises UsageError if there is none."""
    path = module_folder(root) / f"{name}.py"
    if not path.is_file():
        raise UsageError(f"{path}: missing. {root / FILENAME} names it in modules: write it, or remove the name.")
    return path


def module_sources(root: Path) -> dict[str, str]:
    """The texts of the modules that `course.toml` names, by their names."""
    return {name: module_path(root, name).read_text(encoding="utf-8") for name in read_settings(root).modules}


def make_importable(root: Path) -> None:
    """Import these modules here, so that `import NAME` finds this course's modules, also after another course."""
    for name, text in module_sources(root).items():
        loader = getattr(sys.modules.get(name), "__loader__", None)
        if isinstance(loader, SentModules) and loader.holds(name, text):
            continue
        sys.modules.pop(name, None)
        finder = SentModules({name: text}, str(module_folder(root)), hides_paths=False)
        sys.meta_path.insert(0, finder)
        try:
            importlib.import_module(name)
        finally:
            sys.meta_path.remove(finder)


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
    if missing:
        return None
    with errors_of_course(root):
        return importlib.import_module(full)


@contextmanager
def errors_of_course(root: Path) -> Iterator[None]:
    """Within, files of a course are imported: what they raise becomes a CourseModuleError."""
    make_importable(root)
    try:
        yield
    except Exception as error:
        raise CourseModuleError(told_at(error, root)) from error


def told_at(error: Exception, root: Path) -> str:
    """File, line, cause and what to do: the last line of the course that an exception passed through."""
    root = root.resolve()
    frames = traceback.extract_tb(error.__traceback__)
    places = [(frame.filename, frame.lineno) for frame in frames]
    kind = "" if isinstance(error, WrongAnswerError) else f"{type(error).__name__}: "
    cause = f"{kind}{error}".replace(f"{package_of(root)}.", "")
    if isinstance(error, SyntaxError):
        places.append((error.filename or "", error.lineno))
        cause = f"not valid Python: {error.msg}"
    file, line = [(str(root), 1), *(place for place in places if _is_of_course(place[0], root))][-1]
    if "partially initialized module" in cause:  # as Python says it
        other = (getattr(error, "name", None) or "another module").removeprefix(f"{package_of(root)}.")
        cause = f"{type(error).__name__}: {other.rpartition('.')[2]} imports this module, which needs it first"
        instead = "Two modules cannot import each other: move what both need into a third."
    elif isinstance(error, ModuleNotFoundError):
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
