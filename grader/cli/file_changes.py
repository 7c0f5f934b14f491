"""Watch a file for saves: written in place, replaced, or deleted and created again."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_STEP_MILLISECONDS = 20  # of silence, after which a save is reported
_GROUPED_MILLISECONDS = 200  # the latest report of a save
_TICK_MILLISECONDS = 1000  # between two looks at the file without an event

_State = tuple[int, ...] | None


@contextmanager
def watching(path: Path, saved: Callable[[], None]) -> Iterator[None]:
    """Call `saved`, in another thread, after each change of `path`; too often rather than too rarely."""
    stop = threading.Event()

    def watch() -> None:
        seen: _State = ()  # none yet: the file may have been saved before
        while not stop.is_set():
            folder = _state(path.parent)
            for told in _changes(path, stop):
                now = _state(path)
                if told or now != seen:
                    seen = now
                    saved()
                if _identity(_state(path.parent)) != _identity(folder):
                    break  # the folder was replaced: the events are of the old one

    with _running(watch, stop):
        yield


@contextmanager
def watching_folders(folders: Sequence[Path], saved: Callable[[], None]) -> Iterator[None]:
    """Call `saved`, in another thread, after each change of a Python or TOML file in these folders or below."""
    from watchfiles import watch

    stop = threading.Event()

    def concerns(_: object, changed: str) -> bool:
        return Path(changed).suffix in (".py", ".toml") and "__pycache__" not in changed

    def follow() -> None:
        for _ in watch(
            *folders,
            watch_filter=concerns,
            debounce=_GROUPED_MILLISECONDS,
            step=_STEP_MILLISECONDS,
            stop_event=stop,
            rust_timeout=_TICK_MILLISECONDS,
            raise_interrupt=False,
        ):
            saved()

    with _running(follow, stop):
        yield


@contextmanager
def _running(watch: Callable[[], None], stop: threading.Event) -> Iterator[None]:
    """Run `watch` in another thread, which ends after `stop`."""
    thread = threading.Thread(target=watch, name="saves", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _changes(path: Path, stop: threading.Event) -> Iterator[bool]:
    """Yield True after an event of the file, and False at regular intervals."""
    from watchfiles import watch

    try:
        for changes in watch(
            path.parent,
            watch_filter=lambda _, changed: Path(changed).name == path.name,
            debounce=_GROUPED_MILLISECONDS,
            step=_STEP_MILLISECONDS,
            stop_event=stop,
            rust_timeout=_TICK_MILLISECONDS,
            yield_on_timeout=True,
            raise_interrupt=False,
            recursive=False,
        ):
            yield bool(changes)
    except OSError:  # the folder is gone, or the system can watch no more folders
        yield False
        stop.wait(_TICK_MILLISECONDS / 1000)
        yield False


def _state(path: Path) -> _State:
    """Values that change when the file changes, almost always."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _identity(state: _State) -> _State:
    return state and state[:2]
