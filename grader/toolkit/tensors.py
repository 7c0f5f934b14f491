"""Tensors in memory that is special: with gaps, or shared with a worker. Without hypothesis: workers import this module."""

import contextlib
import os
import sys
import tempfile
from pathlib import Path
from types import TracebackType

from grader.toolkit.lazy_torch import torch


class SharedTensor:
    """Pass it to a submission in place of its `tensor`. A worker that writes to it changes only a copy of its own.

    A check may share one such tensor, from its first call on. Use it as a context manager, which frees the memory.
    """

    def __init__(self, tensor: torch.Tensor) -> None:
        self.tensor = tensor.detach().contiguous()
        self.descriptor, self._file = _allocate()
        data = self.tensor.reshape(-1).view(torch.uint8).numpy().data
        while data:
            data = data[os.write(self.descriptor, data) :]
        if self._file is None:
            _seal(self.descriptor)

    @property
    def path(self) -> str:
        """Where an unconfined worker finds it."""
        return str(self._file) if self._file else f"/proc/{os.getpid()}/fd/{self.descriptor}"

    def close(self) -> None:
        """Free the memory; workers that still map it keep their view."""
        os.close(self.descriptor)
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.unlink()

    def __enter__(self) -> "SharedTensor":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()


def _allocate() -> tuple[int, Path | None]:
    """Anonymous memory if the platform has it, else a temporary file."""
    if sys.platform == "linux":
        return os.memfd_create("shared", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), None
    descriptor, name = tempfile.mkstemp(prefix="grade-")
    return descriptor, Path(name)


def _seal(descriptor: int) -> None:
    """Make the memory read-only for good, through every descriptor."""
    if sys.platform != "linux":
        raise NotImplementedError("on Linux only")
    import fcntl

    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE)


def with_gaps(tensor: torch.Tensor) -> torch.Tensor:
    """The same values in a tensor that is transposed and a slice of a larger one: flattening it makes a copy."""
    turned = tensor.detach().transpose(0, -1) if tensor.dim() > 1 else tensor.detach()
    if not tensor.dim():
        return turned.clone()
    apart = torch.stack([turned, turned], -1)[..., 0]
    return apart.transpose(0, -1) if tensor.dim() > 1 else apart
