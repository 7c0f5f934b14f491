"""The files that a worker may read: the standard library, the packages of a course, and their dependencies. Linux only.

A worker may read no other packages, and of the system's libraries only those that are loaded or that a module loads at import.
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

_OUR_PACKAGES = ("msgspec", "numpy", "torch")  # a worker itself needs them
_FIRST_PART = re.compile(r"\n([^,/\n]+)")
_COMPILED = re.compile(r"\n(__pycache__/[^,/\n]+),")
_REQUIREMENT = re.compile(r"^Requires-Dist:\s*([\w.-]+)([^\n]*)$", re.MULTILINE)


def readable_paths(hidden: Sequence[str], packages: Iterable[str] = ()) -> tuple[str, ...]:
    """The paths that Python and the installed `packages` need, without the paths in `hidden` and folders that contain one.

    Call it after the import of these packages: the libraries that they loaded are included. Of a folder that also holds other
    files, only entries are included, so that the worker cannot list it: import a module from it before the fork, so that
    Python's path finder knows its entries.
    """
    sites = _site_folders()
    concealed = frozenset(os.path.realpath(path) for path in hidden)
    standard = {os.path.realpath(sysconfig.get_path(kind)) for kind in ("stdlib", "platstdlib")}
    extensions = [str(path) for folder in standard for path in Path(folder, "lib-dynload").glob("*.so")]
    loaded = shared_objects.needed_by(extensions, shared_objects.mapped())
    whole = {*_installed((*_OUR_PACKAGES, *packages)), *loaded, *_beside_python(), shared_objects.LOADER_CACHE}
    found = {path for one in whole for path in _grantable(os.path.realpath(one), concealed)}
    found |= {one for one in whole if os.path.realpath(one) in found}  # Python and the loader use these links
    found |= {path for folder in standard for path in _grantable(folder, concealed | sites)}
    return tuple(sorted(path for path in found if not found & _parents(path)))


def _installed(packages: Iterable[str]) -> set[str]:
    """The files and folders of installed packages and their requirements."""
    todo, seen, found = list(packages), set[str](), set[str]()
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # not required here, or installed without metadata
            found |= _by_import(name)
            continue
        record = distribution.read_text("RECORD")
        found |= _entries(distribution, f"\n{record}") if record else _by_import(name)
        todo += _required(distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or "")
    return found


def _entries(distribution: metadata.Distribution, record: str) -> set[str]:
    """The entries of a package in site-packages. Regular expressions read the long list: paths would take 0.1 s."""
    firsts = set(_FIRST_PART.findall(record)) - {"..", "__pycache__"}
    names = {name for name in firsts if not name.endswith(".pth") and not name.startswith("__editable__")}
    names |= set(_COMPILED.findall(record))
    paths = {str(distribution.locate_file(name)) for name in names}
    return {path for path in paths if os.path.exists(path)}


def _by_import(name: str) -> set[str]:
    """The places from which Python would import a package."""
    try:
        spec = importlib.util.find_spec(name.replace("-", "_"))
    except (ImportError, ValueError):
        return set()
    if spec is None:
        return set()
    places = spec.submodule_search_locations or ([spec.origin] if spec.has_location and spec.origin else [])
    return set(places)


def _required(text: str) -> list[str]:
    """The packages that a package always requires, from the header of its metadata."""
    header = text.partition("\n\n")[0]
    return [name for name, condition in _REQUIREMENT.findall(header) if not re.search(r"\bextra\b", condition)]


def _beside_python() -> Iterator[str]:
    """The shared libraries of a Python with its own libraries: some load others by name at their first use."""
    for prefix in {os.path.realpath(sys.base_prefix), os.path.realpath(sys.prefix)} - {"/usr"}:
        yield from map(str, Path(prefix, "lib").glob("*.so*"))


def _grantable(path: str, apart: frozenset[str]) -> Iterator[str]:
    """Yield a real path, or its largest parts without a path in `apart`."""
    inside = frozenset(one for one in apart if _overlap(path, one))
    if not inside:
        yield path
    elif not any(_is_within(path, one) for one in inside):
        with suppress(OSError):
            for entry in sorted(os.scandir(path), key=lambda entry: entry.name):
                if not entry.is_symlink():
                    yield from _grantable(entry.path, inside)


def _site_folders() -> frozenset[str]:
    """The real site-packages folders of this environment and of its base Python."""
    folders = site.getsitepackages([sys.prefix, sys.base_prefix])
    return frozenset(os.path.realpath(folder) for folder in folders)


def _parents(path: str) -> set[str]:
    places = [place for place, letter in enumerate(path) if letter == "/" and place]
    return {path[:place] for place in places}


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _overlap(one: str, other: str) -> bool:
    return _is_within(one, other) or _is_within(other, one)
