"""The environment of a grade: the code of the grader, the checks of the section, the versions of the libraries."""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec

from grader.course import Course
from grader.course_modules import module_path
from grader.course_settings import FILENAME as SETTINGS
from grader.course_settings import read_settings
from grader.section import Section
from grader.toolkit.libraries import versions

_PACKAGE = Path(__file__).resolve().parents[1]
_LENGTH = 12  # characters of a digest


class Environment(msgspec.Struct, frozen=True):
    """Two gradings of one file under equal environments give the same grade. `code` and `checks` are digests of files."""

    grader: str
    code: str
    checks: str
    torch: str
    numpy: str
    hypothesis: str
    python: str = ""  # may differ between equal environments: patch levels do not change results

    @classmethod
    def of(cls, section: Section) -> "Environment":
        """The environment of this process, without importing any of it."""
        settings = section.root.glob(SETTINGS)  # what a submission may import
        modules = [module_path(section.root, name) for name in read_settings(section.root).modules]
        rooms = [*_python(section.room), *_python(section.room.with_name("shared"))]
        checks = _digest([*rooms, section.solution, *settings, *modules])
        return cls(code=_digest_of_grader(), checks=checks, **versions())

    def differences(self, other: "Environment") -> list[str]:
        """The differences, in words: "torch 2.13 instead of 2.12"."""
        return [
            f"{_WORDS.get(name, name)} {getattr(self, name)} instead of {getattr(other, name)}"
            for name in ("grader", "code", "checks", "torch", "numpy", "hypothesis")
            if getattr(self, name) != getattr(other, name)
        ]


_WORDS = {"code": "the grader's files", "checks": "the checks"}


def environments(course: Course, sections: Iterable[str]) -> dict[str, Environment]:
    """The environment of each section, by its id."""
    return {word: Environment.of(course.find(word)) for word in sections}


@cache
def _digest_of_grader() -> str:
    """The digest of the package, without the rooms that only show grades."""
    apart = {"render", "cli", "kit", "batch", "figures", "notebook"}
    files = [path for path in _PACKAGE.rglob("*") if path.suffix in (".py", ".toml")]
    return _digest([path for path in files if path.relative_to(_PACKAGE).parts[0] not in apart])


def _python(folder: Path) -> list[Path]:
    """The files of a room that a grade depends on."""
    shown = {"figures.py", "play.py", "hints.toml"}
    paths = [path for path in folder.rglob("*") if path.suffix in (".py", ".toml")]
    return [path for path in paths if path.relative_to(folder).as_posix() not in shown]


def _digest(paths: Iterable[Path]) -> str:
    """The digest of the names and contents of files."""
    found = hashlib.sha256()
    for path in sorted(paths):
        found.update(f"{path.name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:_LENGTH]
