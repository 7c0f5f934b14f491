"""Stand-ins for libraries that draw, which a worker cannot import.

A submission may still import them, and a function may draw besides its computation: the calls do nothing.
"""

import sys
from collections.abc import Iterator, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

LIBRARIES = frozenset({"matplotlib", "mpl_toolkits", "pylab", "seaborn", "plotly", "bokeh", "altair"})


class Nothing:
    """Every operation on it gives it back. `figure, axes = plt.subplots()` works, too."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> "Nothing":
        return self

    def __getitem__(self, key: Any) -> "Nothing":
        return self

    def __setitem__(self, key: Any, value: Any) -> None: ...

    def __iter__(self) -> Iterator["Nothing"]:
        return iter((self, self))

    def __enter__(self) -> "Nothing":
        return self

    def __exit__(self, *_: Any) -> None: ...

    def __mro_entries__(self, bases: Any) -> tuple[type, ...]:
        return ()


class _StandIn(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()


class _Finder(MetaPathFinder, Loader):
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name.partition(".")[0] not in LIBRARIES:
            return None
        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None: ...


def install(where_missing: bool = False) -> None:
    """Let imports of these libraries find the stand-ins from now on: always, or only of those that are not installed."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(len(sys.meta_path) if where_missing else 0, _Finder())
