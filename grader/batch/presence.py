"""Which batches are alive: each holds a lock on a file of its own, which the kernel takes away when it dies, however it does."""

import os
from pathlib import Path
from types import ModuleType

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # no such locks here: one batch at a time
    fcntl = None


class Presence:
    """The lock of one batch, held until `leave`."""

    def __init__(self, folder: Path, batch: int) -> None:
        self._path = _path(folder, batch)
        self._descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o600)
        if fcntl is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def leave(self) -> None:
        """Be gone, and leave nothing behind."""
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)


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
    return folder / f".batch-{batch}"
