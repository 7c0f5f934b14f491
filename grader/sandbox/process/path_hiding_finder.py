"""Imports the grader's modules into a zygote, which must not learn where they lie, nor the names of the files beside them.

Python's own path finder lists each folder that it looks into, and keeps the names. This finder asks for one file at a time, and
gives each module a path without the folder of the course. `interpreter.bootstrap_without_paths` sends this text to the zygote.
"""

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location

PACKAGE = "grader"


class PathHidingFinder:
    """A finder on `sys.meta_path`, until it is closed."""

    def __init__(self, root: str) -> None:
        self.root = root

    def find_spec(self, name: str, path: Sequence[str] | None, target: object = None) -> ModuleSpec | None:
        """Return the spec of our module with this name, if there is one."""
        if name.partition(".")[0] != PACKAGE:
            return None
        place = "/" + name.replace(".", "/")
        for file, folders in ((f"{place}/__init__.py", [self.root + place]), (f"{place}.py", None)):
            if os.path.isfile(self.root + file):
                loader = _Loader(name, file, self)
                return spec_from_file_location(name, file, loader=loader, submodule_search_locations=folders)
        return None

    def close(self) -> None:
        """Find nothing from now on, and forget where these modules lie."""
        sys.meta_path.remove(self)
        self.root = ""
        for name, module in sys.modules.items():
            if name.partition(".")[0] == PACKAGE and hasattr(module, "__path__"):
                module.__path__[:] = []  # the list of its spec, too


class _Loader(SourceFileLoader):
    """Loads a module from a path in the finder's folder."""

    def __init__(self, name: str, path: str, finder: PathHidingFinder) -> None:
        super().__init__(name, path)
        self._finder = finder

    def path_stats(self, path: str) -> object:  # type: ignore[override]
        return super().path_stats(self._finder.root + path)

    def get_data(self, path: str) -> bytes:
        return super().get_data(self._finder.root + path)


def install_finder(root: str, hidden: Sequence[str], folders: Sequence[str]) -> PathHidingFinder:
    """Find our modules in `root`, and others in `folders` and on Python's path, but in no folder with `hidden` files."""
    kept = [folder for folder in sys.path if not any(f"{path}/".startswith(f"{folder}/") for path in (root, *hidden))]
    sys.path[:] = [*kept, *folders]
    sys.meta_path.insert(0, found := PathHidingFinder(root))
    return found
