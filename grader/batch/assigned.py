"""The student of a file, as the instructor says: `grade assign FILE STUDENT`."""

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
        """The student of an entry as a whole."""
        return self.found.get(str(entry.resolve())) if self.found else None

    def inside(self, entry: Path) -> list[Assigned]:
        """The files in an entry that are assigned, such as one for each of several sections."""
        if not self.found:
            return []
        within = str(entry.resolve()) + os.sep
        return [self.found[path] for path in sorted(self.found) if path.startswith(within)]
