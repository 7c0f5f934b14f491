"""A group of processes that together may use only so much memory, as a container's may: the kernel kills for it."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

MIB = 1 << 20
_FILES = {  # the controller's name, its folder and its files, in both versions of control groups
    "memory": ("/sys/fs/cgroup/memory", ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes")),
    "": ("/sys/fs/cgroup", ("memory.max", "memory.swap.max")),
}


@contextlib.contextmanager
def memory_group(limit: int) -> Iterator[Path | None]:
    """The folder of a new group below this process's own, or None where none can be made."""
    made = _make(limit)
    try:
        yield made
    finally:
        if made is not None:
            made.rmdir()


def _make(limit: int) -> Path | None:
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controller, path = line.split(":", 2)
        top, files = _FILES.get(controller, ("", ()))
        parent = Path(top + path.rstrip("/"))
        if not top or not (parent / "cgroup.procs").is_file():
            continue
        folder = parent / f"grade-test-{os.getpid()}"
        with contextlib.suppress(OSError):
            folder.mkdir()
            try:
                (folder / files[0]).write_text(str(limit))
            except OSError:
                folder.rmdir()
                continue
            with contextlib.suppress(OSError):  # without swap there is nothing to limit
                (folder / files[1]).write_text(str(limit) if controller else "0")
            return folder
    return None
