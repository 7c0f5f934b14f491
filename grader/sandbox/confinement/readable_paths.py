"""The files that a worker may read: the standard library, the packages of a course, and their dependencies. Linux only.

A worker may read no other packages, and of the system's libraries only those that are loaded or that a module loads at import.
"""

import os
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from grader.sandbox.confinement import shared_objects
from grader.sandbox.confinement.packages import installed


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
    whole = {*installed(packages), *loaded, *_beside_python(), shared_objects.LOADER_CACHE}
    found = {path for one in whole for path in _grantable(os.path.realpath(one), concealed)}
    found |= {one for one in whole if os.path.realpath(one) in found}  # Python and the loader use these links
    found |= {path for folder in standard for path in _grantable(folder, concealed | sites)}
    return tuple(sorted(path for path in found if not found & _parents(path)))


def _beside_python() -> Iterator[str]:
    """The shared libraries of a Python with its own libraries: some load others by name at their first use."""
    for prefix in {os.path.realpath(sys.base_prefix), os.path.realpath(sys.prefix)} - {"/usr"}:
        yield from map(str, Path(prefix, "lib").glob("*.so*"))


def _grantable(path: str, apart: frozenset[str]) -> Iterator[str]:
    """Yield a real path. If a path of `apart` lies in it, yield the largest parts that hold none of these."""
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
