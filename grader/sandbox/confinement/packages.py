"""The installed packages that a submission may import: those of a course, and what they require."""

import importlib.util
import os
import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import metadata

OUR_PACKAGES = ("msgspec", "numpy")  # a worker itself needs them
_FIRST_PART = re.compile(r"\n([^,/\n]+)")
_COMPILED = re.compile(r"\n(__pycache__/[^,/\n]+),")
_REQUIREMENT = re.compile(r"^Requires-Dist:\s*([\w.-]+)([^\n]*)$", re.MULTILINE)


def installed(packages: Iterable[str] = ()) -> frozenset[str]:
    """The files and folders of our packages, of the installed `packages`, and of what they require."""
    return _installed((*OUR_PACKAGES, *packages))


def importable(packages: Sequence[str] = ()) -> frozenset[str]:
    """The names that Python would import from these files and folders, without those below them."""
    names = {os.path.basename(path).partition(".")[0] for path in installed(packages)}
    named = {name.replace("-", "_") for name in (*OUR_PACKAGES, *packages)}
    return frozenset(name for name in names | named if name.isidentifier() and not name.startswith("__"))


@cache
def _installed(packages: tuple[str, ...]) -> frozenset[str]:
    todo, seen, found = list(packages), set[str](), set[str]()
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # not required here, or installed without metadata
            found |= _by_import(name)
            continue
        record = distribution.read_text("RECORD")
        found |= _entries(distribution, f"\n{record}") if record else _by_import(name)
        todo += _required(distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or "")
    return frozenset(found)


def _entries(distribution: metadata.Distribution, record: str) -> set[str]:
    """The entries of a package in site-packages. Regular expressions read the long list: paths would take 0.1 s."""
    firsts = set(_FIRST_PART.findall(record)) - {"..", "__pycache__"}
    names = {name for name in firsts if not name.endswith(".pth") and not name.startswith("__editable__")}
    names |= set(_COMPILED.findall(record))
    paths = {str(distribution.locate_file(name)) for name in names}
    return {path for path in paths if os.path.exists(path)}


def _by_import(name: str) -> set[str]:
    """The places from which Python would import a package."""
    try:
        spec = importlib.util.find_spec(name.replace("-", "_"))
    except (ImportError, ValueError):
        return set()
    if spec is None:
        return set()
    places = spec.submodule_search_locations or ([spec.origin] if spec.has_location and spec.origin else [])
    return set(places)


def _required(text: str) -> list[str]:
    """The packages that a package always requires, from the header of its metadata."""
    header = text.partition("\n\n")[0]
    return [name for name, condition in _REQUIREMENT.findall(header) if not re.search(r"\bextra\b", condition)]
