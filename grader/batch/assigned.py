"""Whose a file is, as the instructor says: `grade assign FILE STUDENT`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Assigned:
    """The file or folder at `path` is of `student`, and for `section` unless that is ""."""

    path: Path
    student: str
    section: str = ""


@dataclass(frozen=True)
class Assignments:
    """All of them, by the real path."""

    found: Mapping[str, Assigned] = field(default_factory=dict)

    def of(self, entry: Path) -> Assigned | None:
        """What is assigned of an entry: the entry itself, or the first file in it."""
        return next(iter(self.all_of(entry)), None)

    def all_of(self, entry: Path) -> list[Assigned]:
        """All that is assigned of an entry: perhaps a file for each of several sections."""
        if not self.found:
            return []
        real = str(entry.resolve())
        inside = (path for path in self.found if path == real or path.startswith(real + os.sep))
        return [self.found[path] for path in sorted(inside)]
