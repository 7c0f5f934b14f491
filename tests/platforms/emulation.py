"""Windows or macOS, played on Linux for the grader's own modules: they get proxies of the standard library, in children, too.

Every import in a module of `grader` goes through here. Libraries keep the real modules. Names are taken away by
typeshed; what behaves otherwise stands in `behaviours.py`. Run a program so: `play(Played(platform))`, then import it.
"""

import builtins
import os
import subprocess
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from tests.platforms.behaviours import BEHAVIOURS, played_open
from tests.platforms.guards import MET, recorded, without
from tests.platforms.typeshed import table

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "grader."
PRELUDE = (
    "import sys; sys.path.append({root!r}); from tests.platforms.emulation import Played, play; play({played!r}); "
)


class Played(NamedTuple):
    """What is played, also by children."""

    platform: str
    removed: tuple[str, str] = ("", "")  # the file and place of a guard that is not there
    record: str = ""  # a file for the guards that are asked
    taken: dict[str, list[str] | None] | None = None  # `table` of the platform: to read it from typeshed takes 0.2 s


def prelude(played: Played) -> str:
    """The first statements of a program that plays a platform."""
    return PRELUDE.format(root=str(ROOT), played=played._replace(taken=played.taken or table(played.platform)))


class Proxy(ModuleType):
    """A module as another platform has it."""

    def __init__(self, real: ModuleType, played: Played) -> None:
        super().__init__(real.__name__, real.__doc__)
        self.__dict__.update(_real=real, _gone=(played.taken or {}).get(real.__name__) or ())
        self.__dict__.update(BEHAVIOURS.get((played.platform, real.__name__), {}))
        if real is subprocess:
            self.__dict__["Popen"] = _played_popen(played)

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__["_gone"]:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(self.__dict__["_real"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.__dict__["_real"], name, value)


class Loader(SourceFileLoader):
    """Executes a module of ours with another `__import__` and `open`."""

    played = Played("")

    def get_code(self, fullname: str) -> CodeType | None:
        file, place = self.played.removed
        if file and self.path.endswith(f"/grader/{file}"):
            return compile(without(place, self.get_data(self.path)), self.path, "exec")
        if self.played.record and b"sys.platform" in (text := self.get_data(self.path)):
            return compile(recorded(text), self.path, "exec")
        return super().get_code(fullname)

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__builtins__"] = {**_builtins(self.played), MET: self._met}
        super().exec_module(module)

    def _met(self, place: str, holds: bool) -> bool:
        with open(self.played.record, "a") as file:
            file.write(f"{self.path.rpartition('/grader/')[2]} {place}\n")
        return holds


class Finder(MetaPathFinder):
    """Finds our modules before Python does."""

    def __init__(self, played: Played) -> None:
        self.played = played

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if not name.startswith(PACKAGE):
            return None
        for finder in [one for one in sys.meta_path if one is not self]:
            spec = finder.find_spec(name, path, target)
            if spec is not None and type(spec.loader) is SourceFileLoader:
                spec.loader = Loader(spec.loader.name, spec.loader.path)
                spec.loader.played = self.played
            if spec is not None:
                return spec
        return None


def play(played: Played) -> None:
    """From now on, modules of ours that are imported meet another platform."""
    if played.platform == "win32":
        os.environ["SYSTEMROOT"] = "C:\\Windows"
    sys.meta_path.insert(0, Finder(played._replace(taken=played.taken or table(played.platform))))


def _builtins(played: Played) -> dict[str, Any]:
    platform, taken = played.platform, played.taken or {}
    proxies: dict[str, ModuleType] = {}

    def proxy(module: ModuleType) -> ModuleType:
        if module.__name__ not in proxies:
            proxies[module.__name__] = Proxy(module, played)
        return proxies[module.__name__]

    def imported(name: str, space: Any = None, inside: Any = None, wanted: Any = (), level: int = 0) -> ModuleType:
        if level == 0 and name in taken and taken[name] is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        if level == 0 and name in BEHAVIOURS.get((platform, "modules"), {}):
            return BEHAVIOURS[platform, "modules"][name]
        found = builtins.__import__(name, space, inside, wanted, level)
        is_played = found.__name__ in taken or (platform, found.__name__) in BEHAVIOURS
        return proxy(found) if is_played else found

    return {**vars(builtins), "__import__": imported, "open": played_open}


def _played_popen(played: Played) -> type:
    class Popen(subprocess.Popen):  # type: ignore[type-arg]
        """Lets a Python that is started play the platform, too."""

        def __init__(self, words: Any, *others: Any, **named: Any) -> None:
            if played.platform == "win32":
                if named.get("pass_fds"):
                    raise ValueError("pass_fds not supported on Windows")
                named.pop("creationflags", None)
                if missing := {"SYSTEMROOT"} - (named.get("env") or {"SYSTEMROOT": ""}).keys():
                    raise OSError(f"Python cannot start without {missing}")
            words = [*words]
            if words[0] == sys.executable and "-c" in words:
                place = words.index("-c") + 1
                words[place] = prelude(played) + words[place]
            super().__init__(words, *others, **named)

    return Popen
