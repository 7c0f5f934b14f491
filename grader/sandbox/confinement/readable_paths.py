"""The files that a worker may read: the standard library, the packages of a course, and what these need. Linux only.

Nothing else that is installed: not the other packages beside them, and of the system's libraries only those that are loaded, or
will be when a module is first imported.
"""

import importlib.util
import os
import re
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from grader.sandbox.confinement import shared_objects

_OUR_PACKAGES = ("msgspec", "numpy", "torch")  # what a worker itself is made of
_FIRST_PART = re.compile(r"\n([^,/\n]+)")
_COMPILED = re.compile(r"\n(__pycache__/[^,/\n]+),")
_REQUIREMENT = re.compile(r"^Requires-Dist:\s*([\w.-]+)([^\n]*)$", re.MULTILINE)


def readable_paths(hidden: Sequence[str], packages: Iterable[str] = ()) -> tuple[str, ...]:
    """Return what Python and the installed `packages` need to read, without any path in `hidden` or a folder that contains one.

    Call it when these packages are imported: what they have loaded by then is part of it. A folder that holds something else,
    too, is given entry by entry, and cannot be listed in the worker: import something from it before the fork, so that Python's
    path finder remembers its entries.
    """
    sites = _site_folders()
    concealed = frozenset(os.path.realpath(path) for path in hidden)
    standard = {os.path.realpath(sysconfig.get_path(kind)) for kind in ("stdlib", "platstdlib")}
    extensions = [str(path) for folder in standard for path in Path(folder, "lib-dynload").glob("*.so")]
    loaded = shared_objects.needed_by(extensions, shared_objects.mapped())
    whole = {*_installed((*_OUR_PACKAGES, *packages)), *loaded, *_beside_python(), shared_objects.LOADER_CACHE}
    found = {path for one in whole for path in _grantable(os.path.realpath(one), concealed)}
    found |= {
        one for one in whole if os.path.realpath(one) in found
    }  # links, by which Python and the loader look for them
    found |= {path for folder in standard for path in _grantable(folder, concealed | sites)}
    return tuple(sorted(path for path in found if not found & _parents(path)))


def _installed(packages: Iterable[str]) -> set[str]:
    """The files and folders in which packages, and all that they require, are installed."""
    todo, seen, found = list(packages), set[str](), set[str]()
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # not required here, or installed without a word
            found |= _by_import(name)
            continue
        record = distribution.read_text("RECORD")
        found |= _entries(distribution, f"\n{record}") if record else _by_import(name)
        todo += _required(distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or "")
    return found


def _entries(distribution: metadata.Distribution, record: str) -> set[str]:
    """What a package has put into the folder of packages. The lists are long, and reading them as paths would take 0.1 s."""
    firsts = set(_FIRST_PART.findall(record)) - {"..", "__pycache__"}
    names = {name for name in firsts if not _leads_elsewhere(name)} | set(_COMPILED.findall(record))
    paths = {str(distribution.locate_file(name)) for name in names}
    return {path for path in paths if os.path.exists(path)}


def _by_import(name: str) -> set[str]:
    """Where a package would be imported from, if it is there."""
    try:
        spec = importlib.util.find_spec(name.replace("-", "_"))
    except (ImportError, ValueError):
        return set()
    if spec is None:
        return set()
    places = spec.submodule_search_locations or ([spec.origin] if spec.has_location and spec.origin else [])
    return set(places)


def _required(text: str) -> list[str]:
    """The packages that one always requires, from its metadata: the header of a letter, of which reading all takes long."""
    header = text.partition("\n\n")[0]
    return [name for name, condition in _REQUIREMENT.findall(header) if not re.search(r"\bextra\b", condition)]


def _leads_elsewhere(name: str) -> bool:
    """Whether an entry only says where something else is installed."""
    return name.endswith(".pth") or name.startswith("__editable__")


def _beside_python() -> Iterator[str]:
    """The shared libraries of a Python that brings its own: some load others by name, when they are first used."""
    for prefix in {os.path.realpath(sys.base_prefix), os.path.realpath(sys.prefix)} - {"/usr"}:
        yield from map(str, Path(prefix, "lib").glob("*.so*"))


def _grantable(path: str, apart: frozenset[str]) -> Iterator[str]:
    """Yield a real path, or its largest parts that hold nothing which is to be kept apart."""
    inside = frozenset(one for one in apart if _overlap(path, one))
    if not inside:
        yield path
    elif not any(_is_within(path, one) for one in inside):
        with suppress(OSError):
            for entry in sorted(os.scandir(path), key=lambda entry: entry.name):
                if not entry.is_symlink():
                    yield from _grantable(entry.path, inside)


def _site_folders() -> frozenset[str]:
    """The real folders that packages are installed in, in this environment and in the Python that it is made from."""
    folders = site.getsitepackages([sys.prefix, sys.base_prefix])
    return frozenset(os.path.realpath(folder) for folder in folders)


def _parents(path: str) -> set[str]:
    places = [place for place, letter in enumerate(path) if letter == "/" and place]
    return {path[:place] for place in places}


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _overlap(one: str, other: str) -> bool:
    return _is_within(one, other) or _is_within(other, one)
