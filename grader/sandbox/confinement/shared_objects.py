"""Which shared libraries of the system a process has loaded, or will need for what it may load later. Linux only.

Read from the libraries themselves (elf(5)): the loader's own answer would cost a process, and those that are only loaded when a
module is first imported are not mapped yet.
"""

import mmap
import os
import re
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

LOADER_CACHE = "/etc/ld.so.cache"
_MAGIC = b"\x7fELF\x02\x01"  # 64 bits, little-endian
_LOADED, _DYNAMIC = 1, 2  # types of a segment
_NEEDED, _STRINGS, _RPATH, _RUNPATH = 1, 5, 15, 29  # entries of the dynamic section


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
