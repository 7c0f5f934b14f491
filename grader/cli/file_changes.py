"""Hear of it when a file may have been saved: whether it was written, replaced by another, or is gone and back again."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_STEP_MILLISECONDS = 20  # a save is told once nothing more has happened for so long
_GROUPED_MILLISECONDS = 200  # but no later than this
_TICK_MILLISECONDS = 1000  # after which the file is looked at even if the system has told nothing

_State = tuple[int, ...] | None


@contextmanager
def watching(path: Path, saved: Callable[[], None]) -> Iterator[None]:
    """Call `saved`, from another thread, after whatever happens to `path`; too often rather than too seldom."""
    stop = threading.Event()

    def watch() -> None:
        seen: _State = ()  # none yet: it may have been saved before anybody watched
        while not stop.is_set():
            folder = _state(path.parent)
            for told in _changes(path, stop):
                now = _state(path)
                if told or now != seen:
                    seen = now
                    saved()
                if _identity(_state(path.parent)) != _identity(folder):
                    break  # another folder stands there: the system tells of the old one

    thread = threading.Thread(target=watch, name="saves", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _changes(path: Path, stop: threading.Event) -> Iterator[bool]:
    """Yield True when something has happened to a file, and False every now and then."""
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
    except OSError:  # the folder is gone, or the system watches no more folders
        yield False
        stop.wait(_TICK_MILLISECONDS / 1000)
        yield False


def _state(path: Path) -> _State:
    """What tells one content of a file from another, roughly."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _identity(state: _State) -> _State:
    return state and state[:2]
