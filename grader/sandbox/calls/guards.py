"""Guards around forbidden library functions: a guard inspects its caller, and reports a call by the submission.

Runs in the worker. Only calls by the checked exercise and its helpers count.
"""

import functools
import inspect
import linecache
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType, ModuleType
from typing import Any

from grader.sandbox.calls import wire
from grader.toolkit.private_names import compile_as
from grader.toolkit.text import one_line
from grader.toolkit.travelling import travels

_FRAMES_SHOWN = 4
_WORKER = "grader.sandbox.calls.worker"
_INHERITED = object()


class ForbiddenUseError(RuntimeError):
    """Raised in a submission that uses a forbidden name."""


class Guards:
    """The guards for one submission, and the first forbidden use that they saw."""

    def __init__(self, load: wire.Load) -> None:
        self.seen: wire.Use | None = None
        self._filename = load.filename
        self._exercise = load.exercise
        self._exercises = frozenset(load.exercises)
        self._asked: str | None = None  # the exercise of the current request
        self._guarded: dict[int, Any] = {}  # by the id of the original
        self._replaced: list[tuple[Any, str, Any]] = []  # the owner and name of each original, in order
        for name in load.forbidden:
            self._place(name)

    @contextmanager
    def watching(self, call: wire.Call) -> Iterator[None]:
        """Watch during a call."""
        self._asked = self._exercise if call.program else call.name
        try:
            yield
        finally:
            self._asked = None

    # -- placing

    def _place(self, name: str) -> None:
        """Put guards around the library object called `name`, if it is imported."""
        owner, attribute = _find(name)
        value = getattr(owner, attribute, None)
        if isinstance(value, ModuleType):
            for module, inside, item in _below(name):
                self._guard(module, inside, item, name, f"{module.__name__}.{inside}")
        elif value is not None:
            self._guard(owner, attribute, value, name, name)

    def _guard(self, owner: Any, attribute: str, value: Any, name: str, full: str) -> None:
        if isinstance(value, type):
            if id(value) not in self._guarded and (name == full or "__init__" in vars(value)):
                self._guarded[id(value)] = value
                with suppress(TypeError):  # a class that cannot be changed
                    self._replace(value, "__init__", self._guard_of(value.__init__, name, full))  # type: ignore[misc]
        elif inspect.isroutine(value):
            if id(value) not in self._guarded:
                self._guarded[id(value)] = self._guard_of(value, name, full)
            self._replace(owner, attribute, self._guarded[id(value)])

    def _replace(self, owner: Any, attribute: str, guard: Callable[..., Any]) -> None:
        own = vars(owner).get(attribute, _INHERITED)
        setattr(owner, attribute, guard)
        self._replaced.append((owner, attribute, own))

    def remove(self) -> None:
        """Put every original back."""
        while self._replaced:
            owner, attribute, own = self._replaced.pop()
            if own is _INHERITED:
                delattr(owner, attribute)
            else:
                setattr(owner, attribute, own)

    def _guard_of(self, original: Callable[..., Any], name: str, full: str) -> Callable[..., Any]:
        @functools.wraps(original)
        def guard(*args: Any, **kwargs: Any) -> Any:
            if self._asked is not None:
                self._look(name, full, sys._getframe(1))
            return original(*args, **kwargs)

        compile_as(guard, original)
        return guard

    # -- looking

    def _look(self, name: str, full: str, caller: FrameType | None) -> None:
        """Note a use, and raise, if the caller is the checked exercise or its helper."""
        frames: list[wire.Frame] = []
        exercise = None
        while caller is not None:
            code, module = caller.f_code, str(caller.f_globals.get("__name__"))
            if code.co_filename == self._filename:
                text = one_line(linecache.getline(self._filename, caller.f_lineno))
                frames.insert(0, wire.Frame(caller.f_lineno, one_line(code.co_name, 80), text))
                root = code.co_qualname.split(".")[0]
                if exercise is None and root in self._exercises:
                    exercise = root  # the innermost: another exercise answers for its own uses
            elif not frames and travels(module):  # programs and problems, which may use anything
                return
            elif module == _WORKER:
                break
            caller = caller.f_back
        if (exercise or self._asked) != self._exercise:
            return
        if self.seen is None:
            self.seen = wire.Use(name, full, frames[-_FRAMES_SHOWN:])
        raise ForbiddenUseError(f"{full} may not be used here")


def _below(name: str) -> Iterator[tuple[ModuleType, str, Any]]:
    """The public objects of a module and of its submodules, as module, name and object; short names come first.

    It finds submodules through the objects that they define: a search of all imported modules takes a new worker 3 ms.
    """
    waiting = [name]
    for place in waiting:
        module = sys.modules[place]
        for inside, item in list(vars(module).items()):
            home = item.__name__ if isinstance(item, ModuleType) else str(getattr(item, "__module__", None))
            if f"{home}.".startswith(f"{name}.") and home in sys.modules:
                if home not in waiting:
                    waiting.append(home)
                if not inside.startswith("_"):
                    yield module, inside, item


def _find(name: str) -> tuple[Any, str]:
    """The owner of the last part of a dotted name, and that part. The owner is None if it is not imported."""
    parts = name.split(".")
    owner: Any = sys.modules.get(parts[0])
    for part in parts[1:-1]:
        owner = getattr(owner, part, None)
    return owner, parts[-1]
