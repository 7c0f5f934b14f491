"""Libraries and modules that a section names: what its exercises may not use, and what its files import."""

import ast
import builtins
import difflib
import pkgutil
import re
from collections.abc import Collection, Iterator
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import grader
from grader.course import Course, UsageError
from grader.course_settings import FILENAME as SETTINGS
from grader.sandbox.calls.imports import Imports
from grader.section import Section
from grader.toolkit.names_used import names_used, nodes_in, tree_of
from grader.toolkit.travelling import TRAVELLING

_ENGINE = Path(grader.__file__).parents[1]


def libraries_amiss(section: Section, solution: ast.Module) -> Iterator[str]:
    """A line for each name that no library has, and for each import that no submission may have."""
    text = section.checks.read_text(encoding="utf-8")
    for name in [name for ban in section.forbidden for name in ban.names if not _exists(name)]:
        line = text[: max(text.find(f'"{name}"'), 0)].count("\n") + 1
        yield f"{section.checks}:{line}: FORBIDDEN: there is no {name}.{_nearest_in_library(name)}"
    try:
        _ = section.preload
    except UsageError as error:
        yield str(error)
    yield from _of_imports(section, solution)


def imports_amiss(path: Path, tree: ast.Module, course: Course) -> Iterator[str]:
    """A line for each import of a module of the course that cannot work. One inside `try` may fail."""
    nodes = nodes_in(tree)
    tried = {id(one) for node in nodes if isinstance(node, ast.Try) for one in nodes_in(node)}
    for node in (one for one in nodes if isinstance(one, ast.Import | ast.ImportFrom) and id(one) not in tried):
        yield from (f"{path}:{node.lineno}: {said}" for said in _not_importable(path, node, course))


def _not_importable(path: Path, node: ast.Import | ast.ImportFrom, course: Course) -> Iterator[str]:
    """The modules and names of an import that are not there: of the course, of the engine, and packages."""
    level, module = (node.level, node.module or "") if isinstance(node, ast.ImportFrom) else (0, "")
    for name in [module] if module or level else [one.name for one in node.names]:
        top, written = name.partition(".")[0], "." * level + name
        home = (path.parents[level - 1] if level else _ENGINE).joinpath(*filter(None, name.split(".")))
        if not level and top != grader.__name__:
            if find_spec(top) is None and not (course.exercises / f"{top}.py").is_file():
                yield f"there is no module {top} here. Correct the name, or install the package."
        elif not home.is_dir() and not home.with_suffix(".py").is_file():
            yield f"there is no module {written}.{nearest(home.name, _modules_in(home.parent))}"
        elif isinstance(node, ast.ImportFrom):
            for imported in [home.name] if name else [one.name for one in node.names]:
                if level and path.stem in TRAVELLING and imported not in TRAVELLING:
                    yield f"{path.name} travels to a worker, and {imported} does not. Move what it needs into {path.name}."
            known = {*_modules_in(home)} | _names_of(home.with_suffix(".py")) | _names_of(home / "__init__.py")
            for one in node.names:
                if one.name not in known | {"*"}:
                    yield f"{written} has no {one.name}.{nearest(one.name, known)}"


def _modules_in(folder: Path) -> list[str]:
    return [one.stem for one in folder.glob("*") if one.suffix == ".py" or one.is_dir()]


@cache
def _names_of(path: Path) -> frozenset[str]:
    """The names that a module defines; none if there is no such file, or it is not Python."""
    try:
        return frozenset(names_used(nodes_in(tree_of(path.read_bytes())))[1])
    except (OSError, SyntaxError):
        return frozenset()


def _of_imports(section: Section, solution: ast.Module) -> Iterator[str]:
    course = Course(section.root)
    try:
        imports = Imports(course.packages, course.settings.modules)
    except UsageError:  # told with the settings
        return
    for node in nodes_in(solution):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
        for top in (name.partition(".")[0] for name in names if not imports.allow(name)):
            said = f"no submission may import {top}. Write in {SETTINGS}: packages"
            listed = (*course.settings.packages, metadata.packages_distributions().get(top, [top])[0])
            if (course.exercises / f"{top}.py").is_file():
                said = f"{top}.py in exercises/ is not handed out. Write in {SETTINGS}: modules"
                listed = (*course.settings.modules, top)
            said += " = [" + ", ".join(f'"{one}"' for one in listed) + "]"
            yield f"{section.solution}:{getattr(node, 'lineno', 1)}: {said}"


def _exists(name: str) -> bool:
    """Whether a library has a function or module of this dotted name; True if the library is not installed."""
    top, _, rest = name.partition(".")
    if hasattr(builtins, top):
        return not rest or _resolves(f"builtins.{name}")
    spec = find_spec(top)
    if spec is None:
        return bool(rest)
    file = spec.origin if spec.has_location else None  # modules that are built in have none
    return (file is not None and _is_written(Path(file), rest)) or _resolves(name)


def _resolves(name: str) -> bool:
    try:
        return pkgutil.resolve_name(name) is not None
    except (ImportError, AttributeError):
        return False


def _is_written(origin: Path, rest: str) -> bool:
    """Whether the text of a package has these words: most have, and to import it would take a second."""
    folder, file, parts = origin.parent, origin, rest.split(".") if rest else []
    while parts and (folder / parts[0] / "__init__.py").is_file():
        folder /= parts.pop(0)
        file = folder / "__init__.py"
    if parts and (folder / f"{parts[0]}.py").is_file():
        file = folder / f"{parts.pop(0)}.py"
    for text in (_text_of((file,)), _text_around(folder, origin.parent) if parts else b""):
        parts = [one for one in parts if not re.search(rf"\b{one}\b".encode(), text)]
    return not parts


@cache
def _text_around(folder: Path, top: Path) -> bytes:
    """The text of the files where a package's names stand if they do not stand in the package's own file."""
    return _text_of((*folder.glob("*.pyi"), *top.glob("*/*.pyi"), *folder.glob("*/__init__.py"), *top.glob("*.py")))


@cache
def _text_of(files: tuple[Path, ...]) -> bytes:
    return b"\n".join(path.read_bytes() for path in files)


def _nearest_in_library(name: str) -> str:
    home, _, last = name.rpartition(".")
    try:
        names = dir(pkgutil.resolve_name(home)) if home else dir(builtins)
    except (ImportError, AttributeError):
        names = []
    return nearest(last, names, f"{home}." if home else "")


def nearest(name: str, names: Collection[str], home: str = "") -> str:
    close = difflib.get_close_matches(name, sorted(names), n=1)
    return f" Did you mean {home}{close[0]}?" if close else " Correct the name."
