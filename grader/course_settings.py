"""`course.toml`: the facts about a course that its folders do not show."""

import re
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from grader.toolkit.text import one_line
from grader.toolkit.travelling import PREFIX

FILENAME = "course.toml"
_LIBRARIES = ("numpy", "torch", "scipy", "grader", "pytest", "hypothesis")
_WITH_ANSWERS = ("solutions", "checks", "tests", "results", ".")  # where nothing is handed out


class UsageError(Exception):
    """A typed word or a file cannot be used; the message says what to use instead. Exit code 2."""


@dataclass(frozen=True)
class Settings:
    """The settings of a course. Each field is an optional key of the file.

    A class is graded with one edition of its course: raise the number when grades are no longer comparable.
    `example` is the section and exercise in the examples of `grade --help`; by default the first ones.
    `packages` are the packages, by their pip names, that submissions may import besides numpy; torch, too, where the course uses
    it anyway (`Course.packages`).
    `modules` are Python files in `exercises/` that submissions, solutions and checks may import, such as "shapes" for shapes.py.
    `hand_out` are further files that students get: paths and patterns from the folder of the course.
    """

    edition: int = 2
    title: str = ""
    example: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    hand_out: tuple[str, ...] = ()


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _are_modules(value: Any) -> bool:
    return _are_texts(value) and all(map(_may_be_module, value))


def _may_be_module(name: str) -> bool:
    """Whether a module may have this name: no library has it, and no section."""
    taken = name in sys.stdlib_module_names or name in _LIBRARIES or name.startswith(("section", PREFIX))
    return name.isidentifier() and not taken


def _are_given(value: Any) -> bool:
    """Whether all are patterns of files in the course's folder that hold no answer."""
    return _are_texts(value) and all(
        not name.startswith(("/", *_WITH_ANSWERS)) and ".." not in name.split("/") and not {*"\\:"} & {*name}
        for name in value
    )


_EXPECTED: dict[str, tuple[Callable[[Any], bool], str]] = {
    "edition": (lambda value: type(value) is int and value >= 1, "a whole number from 1, such as 2"),
    "title": (_is_text, 'a text, such as "Numerical methods"'),
    "example": (
        lambda value: _are_texts(value) and len(value) == 2,
        'a section and an exercise, such as ["section1", "mean"]',
    ),
    "packages": (_are_texts, 'a list of names of packages, such as ["scipy"]'),
    "modules": (
        _are_modules,
        'a list of names of Python files in exercises/, of which no library has one, such as ["shapes"]',
    ),
    "hand_out": (_are_given, 'a list of files that hold no answers, such as ["data/*.csv", "docs/notes.md"]'),
}


def read_settings(root: Path) -> Settings:
    """Read the settings of the course in a folder; the defaults if it has no `course.toml`.

    Raises:
        UsageError: the file cannot be read or has a key or value that is not expected.
    """
    path = root / FILENAME
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = tomllib.loads(text)
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise UsageError(f"{one_line(str(path))}: cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeError) as error:
        raise UsageError(f"{one_line(str(path))}: {one_line(str(error))}. Expected a file in TOML.") from None
    for key, value in data.items():
        if key not in _EXPECTED:
            _refuse(path, text, key, f"unknown. Expected one of: {', '.join(_EXPECTED)}")
        fits, expected = _EXPECTED[key]
        if not fits(value):
            _refuse(path, text, key, f"expected {expected}")
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    return Settings(**fields)


def _refuse(path: Path, text: str, key: str, said: str) -> NoReturn:
    """Raise UsageError about a key, with its line number if a simple search finds it."""
    found = re.search(rf"^[ \t]*\[*[ \t]*[\"']?{re.escape(key)}\b", text, re.MULTILINE)
    line = f":{text[: found.start()].count(chr(10)) + 1}" if found else ""
    raise UsageError(f"{one_line(str(path))}{line}: {one_line(key)}: {said}")
