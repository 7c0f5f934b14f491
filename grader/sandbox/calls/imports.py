"""The modules that a submission may import: the same in every kind of worker, so that a file earns the same at home and in class.

A confined worker cannot read other packages anyway. Elsewhere this is no protection: it tells a student early. For libraries that
draw there are stand-ins, since a function may draw besides its computation: their calls do nothing. `torch.compile` changes
nothing: no worker has a C compiler, and a search for one takes a minute.
"""

import builtins
import difflib
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from grader.sandbox.confinement.packages import importable
from grader.toolkit.lazy_torch import NAME, is_imported
from grader.toolkit.travelling import PREFIX

LIBRARIES = frozenset({"matplotlib", "mpl_toolkits", "pylab", "seaborn", "plotly", "bokeh", "altair"})
_ALONE = "Your file is graded alone"
_REMEDY = "remove the import, or copy the code that you need into the file."
_NEAR = 0.8  # how alike two names are if one is probably a slip of the other


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


def install_stand_ins(where_missing: bool = False) -> None:
    """Let imports of these libraries find the stand-ins from now on: always, or only of those that are not installed."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(len(sys.meta_path) if where_missing else 0, _Finder())


def leave_uncompiled() -> None:
    """Let `torch.compile` change nothing from now on, if torch is imported."""
    if is_imported():
        sys.modules[NAME].__dict__["compile"] = _left_as_it_is


def _left_as_it_is(function: Any = None, **options: Any) -> Any:
    """`torch.compile`, for `@torch.compile`, `@torch.compile(dynamic=True)` and `torch.compile(model)`."""
    return function if function is not None else partial(_left_as_it_is, **options)


class Imports:
    """A submission may import Python's own modules, numpy, the `packages` of a course, their requirements, and its `modules`."""

    def __init__(self, packages: Sequence[str] = (), modules: Sequence[str] = ()) -> None:
        """Call it before the process is confined: it reads what is installed."""
        self._packages = tuple(packages)
        self._modules = tuple(modules)
        self._names = frozenset(sys.stdlib_module_names) | importable(self._packages) | LIBRARIES | {*modules}

    def allow(self, name: str) -> bool:
        """Whether a module may be imported: by its name, or since the process or the submission itself has made it."""
        top = name.partition(".")[0]
        if top in self._names:
            return True
        if top == "grader" or top.startswith(PREFIX):
            return name in sys.modules
        return getattr(sys.modules.get(top), "__spec__", True) is None

    def restrict(self, module: ModuleType) -> None:
        """Have the `import` statements of a module find nothing else. Libraries that it imports are free."""
        imported = builtins.__import__

        def import_module(
            name: str,
            globals: Mapping[str, Any] | None = None,
            locals: Mapping[str, Any] | None = None,
            fromlist: Sequence[str] | None = (),
            level: int = 0,
        ) -> ModuleType:
            if level == 0 and not self.allow(name):
                top = name.partition(".")[0]
                raise ModuleNotFoundError(f"No module named {top!r}\n{self._reason(top)}", name=top)
            return imported(name, globals, locals, fromlist or (), level)

        vars(module)["__builtins__"] = {**vars(builtins), "__import__": import_module}

    def explain(self, error: BaseException) -> str:
        """Why a library or a relative import found no module, in a sentence; empty for other errors."""
        if type(error) not in (ImportError, ModuleNotFoundError):
            return ""
        if _ALONE in str(error):
            return ""
        if "relative import" in str(error):
            return f"{_ALONE}: {_REMEDY}"
        name = getattr(error, "name", None)
        top = name.partition(".")[0] if type(name) is str else ""
        if type(error) is ModuleNotFoundError and name == top and top in self._packages:  # this computer lacks it
            return f"This course needs {top}, which is not installed here: pip install {top}"
        return self._reason(top) if top and top not in self._names else ""

    def _reason(self, top: str) -> str:
        *others, last = ("Python's own modules", "numpy", *self._packages, *self._modules)
        nearest = difflib.get_close_matches(top, [one for one in self._names if one[:1] != "_"], n=1, cutoff=_NEAR)
        guess = f"Did you mean {nearest[0]}? " if nearest else ""
        return f"{guess}{_ALONE}, with {', '.join(others)} and {last}: {_REMEDY}"
