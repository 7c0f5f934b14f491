"""The files that a worker may read: the standard library, the packages of a course, and their dependencies. Linux only.

A worker may read no other packages, and of the system's libraries only those that are loaded or that a module loads at import.
"""

import mmap
import os
import re
import site
import struct
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from grader.sandbox.confinement.packages import installed

LOADER_CACHE = "/etc/ld.so.cache"
_MAGIC = b"\x7fELF\x02\x01"  # 64 bits, little-endian
_LOADED, _DYNAMIC = 1, 2  # types of a segment
_NEEDED, _STRINGS, _RPATH, _RUNPATH = 1, 5, 15, 29  # entries of the dynamic section


def readable_paths(hidden: Sequence[str], packages: Iterable[str] = ()) -> tuple[str, ...]:
    """The paths that Python and the installed `packages` need, without the paths in `hidden` and folders that contain one.

    Call it after the import of these packages: the libraries that they loaded are included. Of a folder that also holds other
    files, only entries are included, so that the worker cannot list it: import a module from it before the fork, so that
    Python's path finder knows its entries.
    """
    sites = _site_folders()
    concealed = frozenset(os.path.realpath(path) for path in hidden)
    standard = {os.path.realpath(sysconfig.get_path(kind)) for kind in ("stdlib", "platstdlib")}
    extensions = [str(path) for folder in standard for path in Path(folder, "lib-dynload").glob("*.so")]
    loaded = needed_by(extensions, mapped())
    whole = {*installed(packages), *loaded, *_beside_python(), LOADER_CACHE}
    found = {path for one in whole for path in _grantable(os.path.realpath(one), concealed)}
    found |= {one for one in whole if os.path.realpath(one) in found}  # Python and the loader use these links
    found |= {path for folder in standard for path in _grantable(folder, concealed | sites)}
    return tuple(sorted(path for path in found if not found & _parents(path)))


def _beside_python() -> Iterator[str]:
    """The shared libraries of a Python with its own libraries: some load others by name at their first use."""
    for prefix in {os.path.realpath(sys.base_prefix), os.path.realpath(sys.prefix)} - {"/usr"}:
        yield from map(str, Path(prefix, "lib").glob("*.so*"))


def _grantable(path: str, apart: frozenset[str]) -> Iterator[str]:
    """Yield a real path. If a path of `apart` lies in it, yield the largest parts that hold none of these."""
    inside = frozenset(one for one in apart if _overlap(path, one))
    if not inside:
        yield path
    elif not any(_is_within(path, one) for one in inside):
        with suppress(OSError):
            for entry in sorted(os.scandir(path), key=lambda entry: entry.name):
                if not entry.is_symlink():
                    yield from _grantable(entry.path, inside)


def _site_folders() -> frozenset[str]:
    """The real site-packages folders of this environment and of its base Python."""
    folders = site.getsitepackages([sys.prefix, sys.base_prefix])
    return frozenset(os.path.realpath(folder) for folder in folders)


def _parents(path: str) -> set[str]:
    places = [place for place, letter in enumerate(path) if letter == "/" and place]
    return {path[:place] for place in places}


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _overlap(one: str, other: str) -> bool:
    return _is_within(one, other) or _is_within(other, one)


def mapped() -> set[str]:
    """The real paths of the shared libraries that this process has loaded so far."""
    lines = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace").splitlines()
    names = {line.split(maxsplit=5)[5] for line in lines if "/" in line}
    return {os.path.realpath(name) for name in names if ".so" in name and os.path.exists(name)}


def needed_by(modules: Iterable[str], loaded: set[str]) -> set[str]:
    """The paths of `loaded` libraries, and of those that the loader would load for `modules`, which may be links to them."""
    todo, found, seen = list(modules), set(loaded), set[str]()
    folders = sorted({os.path.dirname(path) for path in loaded})
    known = _loader_cache()
    while todo:
        names, own_folders = _dynamic(todo.pop())
        for name in set(names) - seen:
            seen.add(name)
            paths = known.get(name) or [os.path.join(folder, name) for folder in (*own_folders, *folders)]
            new = {path for path in paths if os.path.isfile(path)} - found
            found |= new
            todo += new
    return found


def _loader_cache() -> dict[str, list[str]]:
    """Where the loader knows libraries to be: name to paths, which lie in its cache as texts that end with a zero byte."""
    known: dict[str, list[str]] = {}
    try:
        data = Path(LOADER_CACHE).read_bytes()
    except OSError:  # musl has none
        return known
    for path in re.findall(rb"(/[^\0]+)\0", data):
        text = os.fsdecode(path)
        known.setdefault(os.path.basename(text), []).append(text)
    return known


def _dynamic(path: str) -> tuple[list[str], list[str]]:
    """The names of the libraries that one needs, and the folders that it says they are in; nothing for any other file."""
    try:
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if data[:6] != _MAGIC:
                return [], []
            return _read_dynamic(data, os.path.dirname(os.path.realpath(path)))
    except (OSError, ValueError, struct.error):  # unreadable, empty, or cut off
        return [], []


def _read_dynamic(data: mmap.mmap, origin: str) -> tuple[list[str], list[str]]:
    (headers,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    segments = [struct.unpack_from("<II6Q", data, headers + size * number) for number in range(count)]
    entries = [
        entry
        for kind, _, offset, _, _, length, *_ in segments
        if kind == _DYNAMIC
        for entry in _entries(data, offset, length)
    ]
    addresses = [value for tag, value in entries if tag == _STRINGS]
    starts = [
        address - virtual + offset
        for address in addresses
        for kind, _, offset, virtual, _, length, *_ in segments
        if kind == _LOADED and virtual <= address < virtual + length
    ]
    if not starts:
        return [], []

    def text(value: int) -> str:
        begin = starts[0] + value
        return os.fsdecode(data[begin : data.find(b"\0", begin)])

    paths = [folder for tag, value in entries if tag in (_RPATH, _RUNPATH) for folder in text(value).split(":")]
    names = [text(value) for tag, value in entries if tag == _NEEDED]
    return names, [re.sub(r"\$(ORIGIN|\{ORIGIN\})", lambda _: origin, folder) for folder in paths if folder]


def _entries(data: mmap.mmap, offset: int, length: int) -> Iterator[tuple[int, int]]:
    for place in range(offset, offset + length, 16):
        tag, value = struct.unpack_from("<qQ", data, place)
        if tag == 0:
            return
        yield tag, value
