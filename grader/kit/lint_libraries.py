"""Libraries that a section names: what its exercises may not use, and what its solution imports."""

import ast
import builtins
import difflib
import pkgutil
import re
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from grader.course import Course, Section, UsageError
from grader.course_settings import FILENAME as SETTINGS
from grader.names_used import nodes_in
from grader.sandbox.calls.imports import Imports


def libraries_amiss(section: Section, solution: ast.Module) -> Iterator[str]:
    """A line for each name that no library has, and for each import that no submission may have."""
    text = section.checks.read_text(encoding="utf-8")
    for name in [name for ban in section.forbidden for name in ban.names if not _exists(name)]:
        line = text[: max(text.find(f'"{name}"'), 0)].count("\n") + 1
        yield f"{section.checks}:{line}: FORBIDDEN: there is no {name}.{_nearest(name)}"
    yield from _of_imports(section, solution)


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
            package = metadata.packages_distributions().get(top, [top])[0]
            listed = ", ".join(f'"{one}"' for one in (*course.settings.packages, package))
            said = f"no submission may import {top}. Write in {SETTINGS}: packages = [{listed}]"
            yield f"{section.solution}:{getattr(node, 'lineno', 1)}: {said}"


def _exists(name: str) -> bool:
    """Whether a library has a function or module of this dotted name; True if the library is not installed."""
    top, _, rest = name.partition(".")
    if hasattr(builtins, top):
        return not rest or _resolves(f"builtins.{name}")
    spec = find_spec(top)
    if spec is None:
        return bool(rest)
    return (spec.origin is not None and _is_written(Path(spec.origin), rest)) or _resolves(name)


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
    stubs = [*folder.glob("*.pyi"), *origin.parent.glob("*/*.pyi")]
    others = [*stubs, *folder.glob("*/__init__.py"), *origin.parent.glob("*.py")]
    for files in ([file], others if parts else []):
        text = b"\n".join(path.read_bytes() for path in files)
        parts = [one for one in parts if not re.search(rf"\b{one}\b".encode(), text)]
    return not parts


def _nearest(name: str) -> str:
    home, _, last = name.rpartition(".")
    try:
        names = dir(pkgutil.resolve_name(home)) if home else dir(builtins)
    except (ImportError, AttributeError):
        return " Correct the name."
    close = difflib.get_close_matches(last, names, n=1)
    return f" Did you mean {f'{home}.' if home else ''}{close[0]}?" if close else " Correct the name."
