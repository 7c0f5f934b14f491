"""Which batches are alive: each holds a lock on a file of its own, which the kernel takes away when it dies, however it does."""

import os
from pathlib import Path
from types import ModuleType

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # no such locks here: one batch at a time
    fcntl = None

_PREFIX = ".batch-"


class Presence:
    """The lock of one batch, held until `leave`."""

    def __init__(self, folder: Path, batch: int) -> None:
        self._path = _path(folder, batch)
        self._descriptor = _locked(self._path)

    def leave(self) -> None:
        """Be gone, and leave nothing behind."""
        os.close(self._descriptor)
        self._path.unlink(missing_ok=True)


def _locked(path: Path) -> int:
    """Create and lock a file. Who looks after dead batches may remove it in between: then once more."""
    while True:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        if fcntl is None:
            return descriptor
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            if os.path.samestat(os.stat(path), os.fstat(descriptor)):
                return descriptor
        except FileNotFoundError:
            pass
        os.close(descriptor)


def tidy(folder: Path) -> None:
    """Remove what batches that were killed have left."""
    for path in folder.glob(f"{_PREFIX}*"):
        number = path.name.removeprefix(_PREFIX)
        if number.isdecimal():
            is_alive(folder, int(number))


def is_alive(folder: Path, batch: int) -> bool:
    """Whether another batch still runs. What a dead one has left is removed."""
    path = _path(folder, batch)
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    path.unlink(missing_ok=True)
    return False


def _path(folder: Path, batch: int) -> Path:
    return folder / f"{_PREFIX}{batch}"
