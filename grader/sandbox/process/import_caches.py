"""Clears Python's import caches of files that workers may not read, before the zygote's first fork. Linux only.

A worker can read all of its memory. Without namespaces, it can also ask whether a file exists, if it knows the name.
"""

import linecache
import os
import sys
from collections.abc import Iterable
from functools import cache
from importlib.machinery import FileFinder
from importlib.metadata import MetadataPathFinder
from types import ModuleType

from grader.sandbox.process.path_hiding_finder import PACKAGE
from grader.toolkit.private_names import folder_entries


def keep_only(paths: Iterable[str]) -> None:
    """Remove every file name from Python's import caches, except those in these files or folders.

    Call it after all imports: later imports of the grader's modules fail.
    """
    granted = _ReadablePaths(paths)
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in (PACKAGE, "__main__") and not granted.include_all_of(module):
            del sys.modules[name]
    sys.meta_path[:] = [one for one in sys.meta_path if getattr(one, "__module__", "") in sys.modules]
    sys.path[:] = list(dict.fromkeys(folder for folder in sys.path if granted.fill(folder)))
    for folder, finder in list(sys.path_importer_cache.items()):
        if not granted.fill(folder):
            del sys.path_importer_cache[folder]
        elif isinstance(finder, FileFinder):
            _forget_entries(finder, granted)
    for filename in [*linecache.cache]:
        if not granted.include(filename):
            del linecache.cache[filename]
    MetadataPathFinder().invalidate_caches()


def _forget_entries(finder: FileFinder, granted: "_ReadablePaths") -> None:
    """Remove the unreadable entries of a finder. Invalidating its cache would only list the folder again."""
    entries = folder_entries(finder)
    if not granted.include(os.path.join(finder.path, "")):
        entries.intersection_update(
            [entry for entry in entries if granted.lead_through(os.path.join(finder.path, entry))]
        )


class _ReadablePaths:
    """Files and folders that may be read, under every name that links give them."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)
        self._folders = frozenset(os.path.dirname(path) for path in self._paths)
        self._parents = frozenset(parent for path in self._paths for parent in _parents(path))
        self._real = cache(os.path.realpath)
        self._whole = cache(
            lambda folder: not self._paths.isdisjoint({folder, *_parents(folder)})
        )  # few folders, many files

    def include(self, path: str) -> bool:
        """Whether a file or folder is granted, or lies in a folder that is."""
        folder, name = os.path.split(path)
        real = self._real(folder)
        return self._whole(real) or os.path.join(real, name) in self._paths

    def fill(self, folder: str) -> bool:
        """Whether a folder of Python's path is granted, or holds something that is: a course may lie around it."""
        return self.include(folder) or self._real(folder) in self._folders

    def lead_through(self, path: str) -> bool:
        """Whether something is granted at this path, above it or below it."""
        return self.include(path) or path in self._parents or self._real(path) in self._parents

    def include_all_of(self, module: ModuleType) -> bool:
        """Whether the files of a module are granted; it may have none."""
        places = [vars(module).get("__file__"), *(vars(module).get("__path__") or ())]
        return all(self.include(place) for place in places if isinstance(place, str) and os.path.isabs(place))


def _parents(path: str) -> set[str]:
    return {path[:place] for place, letter in enumerate(path) if letter == "/" and place}
