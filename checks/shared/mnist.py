"""MNIST as memory-mapped arrays.

The first use has `torchvision` verify and extract the four original files, and keeps the arrays in a cache. Every later
use maps the cached arrays, in well under a millisecond and without importing torch or torchvision.

Environment:
    GRADE_DATA: a folder that holds `MNIST/raw/*.gz`, in place of the repository's `data`.
    GRADE_CACHE: a folder for the extracted arrays, in place of the user's cache folder.
"""

import hashlib
import math
import os
import shlex
import shutil
import socket
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.toolkit.verdicts import DataError

if sys.platform != "win32":
    import fcntl

UInt8Array = NDArray[np.uint8]

CACHE_FOLDER = "mnist-v1"  # raise the version when the arrays or their layout change
SCRATCH_PREFIX = "preparing-"
SCRATCH_LIFETIME = 3600.0  # seconds; older scratch folders belong to a process that was killed
NETWORK_TIMEOUT = 20.0  # seconds without a response; torchvision itself would wait forever


@dataclass(frozen=True)
class RawFile:
    """One of the four original files: its name, the MD5 sum of the .gz, and the shape of the uint8 array inside."""

    name: str
    md5: str
    shape: tuple[int, ...]

    @property
    def array_name(self) -> str:
        """Name of the extracted array in the cache, such as `train-images.npy`."""
        return self.name.split("-idx")[0] + ".npy"


TRAIN_IMAGES = RawFile("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873", (60_000, 28, 28))
TRAIN_LABELS = RawFile("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432", (60_000,))
TEST_IMAGES = RawFile("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3", (10_000, 28, 28))
TEST_LABELS = RawFile("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c", (10_000,))
FILES = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)


@dataclass(frozen=True)
class Split:
    """Images (n, 28, 28) and labels (n,), both uint8, memory-mapped and read-only."""

    images: UInt8Array
    labels: UInt8Array


class Checksum(NamedTuple):
    """The expected MD5 sum of a file, and its MD5 sum (None if the file is missing)."""

    name: str
    expected: str
    found: str | None


def train(source: Path | None = None) -> Split:
    """The 60,000 training examples. Arguments and errors are those of `prepare`."""
    return _split(TRAIN_IMAGES, TRAIN_LABELS, source)


def test(source: Path | None = None) -> Split:  # noqa: PT028 - a test set, not a test: call it as `mnist.test()`
    """The 10,000 test examples. Arguments and errors are those of `prepare`."""
    return _split(TEST_IMAGES, TEST_LABELS, source)


def prepare(source: Path | None = None) -> Path:
    """Fill the cache with all four arrays if necessary; return its folder.

    Fast if they are there already. Any number of processes may call this at the same time.

    Args:
        source: a folder that holds `MNIST/raw/*.gz`; never written to. Default: see `find_source`. Missing files are
            downloaded.

    Where the user's cache folder cannot be written, a temporary folder takes its place.

    Raises:
        DataError: if a file is corrupt, a download fails or the cache cannot be written.
    """
    try:
        return _prepare(cache_folder(), source)
    except OSError as error:
        if os.environ.get("GRADE_CACHE"):
            raise _cache_error(cache_folder(), str(error)) from error
    try:
        return _prepare(_temporary_folder(), source)
    except OSError as error:
        raise _cache_error(Path(tempfile.gettempdir()), str(error)) from error


def _prepare(cache: Path, source: Path | None) -> Path:
    if _is_complete(cache):
        return cache
    cache.mkdir(parents=True, exist_ok=True)
    with _lock(cache):
        if not _is_complete(cache):
            _build(cache, find_source() if source is None else source)
    if not _is_complete(cache):
        raise _cache_error(cache, "the arrays cannot be read back correctly")
    return cache


def checksums(source: Path | None = None) -> list[Checksum]:
    """Compare the four files in `source` (default: see `find_source`) with the published MD5 sums.

    Raises:
        DataError: if `source` holds no `MNIST/raw`, or a file is there but cannot be read.
    """
    folder = find_source() if source is None else source
    if folder is None:
        return [Checksum(file.name, file.md5, None) for file in FILES]
    raw = folder / "MNIST" / "raw"
    if not raw.is_dir():
        raise DataError(
            f"{folder}: no folder MNIST/raw inside, where the four MNIST files should be.\n"
            "Give a folder that holds MNIST/raw, or unset GRADE_DATA to use the one that comes with the course."
        )
    return [Checksum(file.name, file.md5, _md5(raw / file.name)) for file in FILES]


def find_source() -> Path | None:
    """The folder that should hold `MNIST/raw`, or None if there is none.

    GRADE_DATA if it is set, else the `data` of the course that this file belongs to.
    """
    override = os.environ.get("GRADE_DATA")
    if override:
        return Path(override).expanduser()
    data = Path(__file__).resolve().parents[2] / "data"
    return data if (data / "MNIST" / "raw").is_dir() else None


def cache_folder() -> Path:
    """The folder of the extracted arrays; it may not exist yet."""
    override = os.environ.get("GRADE_CACHE")
    if override:
        return Path(override).expanduser() / CACHE_FOLDER
    import platformdirs  # here, as it costs more than mapping the arrays

    return Path(platformdirs.user_cache_dir("grade-descent", appauthor=False)) / CACHE_FOLDER


def _temporary_folder() -> Path:
    """This user's folder among the temporary files. Raises OSError if another user has made it."""
    if sys.platform == "win32":  # where each user has their own
        return Path(tempfile.gettempdir()) / f"grade-descent-{CACHE_FOLDER}"
    folder = Path(tempfile.gettempdir()) / f"grade-descent-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to another user")
    return folder / CACHE_FOLDER


def _split(images: RawFile, labels: RawFile, source: Path | None) -> Split:
    split = _map_split(cache_folder(), images, labels)
    if split is None:
        cache = prepare(source)
        split = _map_split(cache, images, labels)
        if split is None:
            raise _cache_error(cache, "the arrays disappeared while they were read")
    return split


def _map_split(cache: Path, images: RawFile, labels: RawFile) -> Split | None:
    image_array, label_array = _map(cache, images), _map(cache, labels)
    return None if image_array is None or label_array is None else Split(image_array, label_array)


def _map(cache: Path, file: RawFile) -> UInt8Array | None:
    """Map a cached array read-only; None if it is missing or damaged."""
    path = cache / file.array_name
    try:
        array = np.lib.format.open_memmap(path, mode="r")
        size = path.stat().st_size
    except Exception:  # numpy's header parser fails in many ways on damaged bytes; rebuilding always helps
        return None
    sound = array.shape == file.shape and array.dtype == np.uint8 and size == array.offset + math.prod(file.shape)
    return array if sound else None


def _is_complete(cache: Path) -> bool:
    return all(_map(cache, file) is not None for file in FILES)


@contextmanager
def _lock(cache: Path) -> Iterator[None]:
    """Lock the cache, so that one process prepares it while the others wait.

    The lock only saves time: without it (Windows, some network file systems) several processes prepare the cache. Each
    array is renamed into place as a whole, so the order does not matter.
    """
    with (cache / "lock").open("a") as handle:
        if sys.platform != "win32":
            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _build(cache: Path, source: Path | None) -> None:
    """Extract the four arrays in a scratch folder inside `cache`, then rename each into place."""
    missing = _missing_files(source)
    _remove_abandoned(cache)
    with tempfile.TemporaryDirectory(dir=cache, prefix=SCRATCH_PREFIX, ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        raw = scratch / "MNIST" / "raw"
        raw.mkdir(parents=True)
        for file in FILES:
            if source is not None and file.name not in missing:
                shutil.copyfile(source / "MNIST" / "raw" / file.name, raw / file.name)
        for file, array in zip(FILES, _extract(scratch, missing), strict=True):
            staged = scratch / file.array_name
            with staged.open("wb") as handle:
                np.save(handle, array)
                handle.flush()
                os.fsync(handle.fileno())  # else a power cut can leave a file of the right size full of zeros
            try:
                os.replace(staged, cache / file.array_name)
            except PermissionError:  # Windows, where another process has mapped the array that won the race
                if _map(cache, file) is None:
                    raise


def _missing_files(source: Path | None) -> list[str]:
    """Names of the files missing in `source`; DataError if it holds a file that is not the original."""
    if source is None:
        return [file.name for file in FILES]
    missing = []
    for name, expected, found in checksums(source):
        if found is None:
            missing.append(name)
        elif found != expected:
            folder = source.absolute()  # a relative path has no parent to name
            raise DataError(
                f"{source / 'MNIST' / 'raw' / name}: not the original MNIST file.\n"
                f"  expected MD5  {expected}\n"
                f"  found MD5     {found}\n"
                f"Restore it:  git -C {shlex.quote(str(folder.parent))} checkout -- {shlex.quote(folder.name)}\n"
                "Outside git, delete the file: the next run downloads it."
            )
    return missing


def _extract(scratch: Path, missing: list[str]) -> list[UInt8Array]:
    """Let torchvision verify and extract the files under `scratch`, and download the `missing` ones: four arrays."""
    from http.client import HTTPException

    from torchvision.datasets import MNIST  # here, as it costs 1.8 s

    patience = socket.getdefaulttimeout()
    socket.setdefaulttimeout(NETWORK_TIMEOUT)
    try:
        splits = [MNIST(scratch, train=True, download=True), MNIST(scratch, train=False)]
    except (RuntimeError, OSError, HTTPException) as error:
        if isinstance(error, OSError) and not missing:
            raise  # no download was needed: `prepare` reports the disk error
        raise DataError(
            f"MNIST is not complete here and could not be downloaded. Missing: {', '.join(missing)}.\n"
            f"{str(error).strip()}\n"
            "Restore the data folder of the course (git checkout -- data), or set GRADE_DATA to a folder that holds\n"
            "MNIST/raw with the four .gz files, or connect to the network and run the same command again."
        ) from error
    finally:
        socket.setdefaulttimeout(patience)
    return [tensor.numpy().astype(np.uint8) for split in splits for tensor in (split.data, split.targets)]


def _remove_abandoned(cache: Path) -> None:
    """Remove scratch folders (110 MB each) that killed processes left behind."""
    for folder in cache.glob(SCRATCH_PREFIX + "*"):
        with suppress(OSError):
            if folder.stat().st_mtime < time.time() - SCRATCH_LIFETIME:
                shutil.rmtree(folder)


def _md5(path: Path) -> str | None:
    """MD5 sum of a regular file, None if there is none; DataError if it cannot be read."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).\nMake it readable: chmod u+r {path}") from error


def _cache_error(cache: Path, reason: str) -> DataError:
    return DataError(
        f"{cache}: the extracted MNIST arrays cannot be kept here ({reason}).\n"
        "Set GRADE_CACHE to a folder that you can write to, with 200 MB free:  export GRADE_CACHE=/path/to/folder"
    )
