"""The trusted side of forbidden names: find uses of them, and word the error.

A worker's report comes from a possible attacker: it can only count against its own submission.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from grader.check_files.check_outline import Ban
from grader.sandbox.calls import wire
from grader.section import Section
from grader.submission.notebook_cells import place_in
from grader.toolkit.verdicts import EndedError, SourceLine


class LibraryUse(msgspec.Struct, frozen=True, array_like=True):
    """A use of a listed name in a submission: `name` is the name in the list, `full` the name in the source."""

    name: str
    full: str
    line: int


class NameUses(msgspec.Struct, frozen=True, array_like=True):
    """The library functions that a name (`name`, `Class.member`, `table[key]`) uses, and the names or `.attributes` in it."""

    library: list[LibraryUse]
    mentions: list[str]


@dataclass(frozen=True)
class Rules:
    """The forbidden names of a section's exercises. `exercises` are all of them, also those without rules."""

    bans: tuple[Ban, ...] = ()
    exercises: tuple[str, ...] = ()

    @classmethod
    def of(cls, section: Section) -> "Rules":
        """The rules of a section."""
        return cls(section.forbidden, section.functions)

    @property
    def names(self) -> list[str]:
        """Every listed name."""
        return sorted({name for ban in self.bans for name in ban.names})

    def names_for(self, exercise: str) -> list[str]:
        """The names that one exercise may not use."""
        return sorted(self._reasons(exercise))

    def _reasons(self, exercise: str) -> dict[str, str]:
        return {name: ban.reason for ban in self.bans if exercise in ban.exercises for name in ban.names}

    def find_use(self, exercise: str, found: Mapping[str, NameUses]) -> tuple[str, LibraryUse] | None:
        """Find a forbidden use in an exercise or in its helpers, direct or not. Other exercises are not helpers."""
        names = self.names_for(exercise)
        others = {*self.exercises} - {exercise}
        found = {name: behind for name, behind in found.items() if name.partition(".")[0] not in others}
        parts = _parts_of(found)
        waiting = deque([exercise, *parts.get(exercise, ())])
        seen = {exercise}
        while waiting:
            place = waiting.popleft()
            behind = found.get(place, NOTHING)
            for use in behind.library:
                if use.name in names:
                    return place, use
            for name in behind.mentions:
                if name in seen:
                    continue
                seen.add(name)
                complete = [part for part in parts.get(name, ()) if seen.issuperset(_owner_and_attribute(part))]
                waiting.extend([name, *complete])
        return None

    def expect_none_in(self, exercise: str, found: Mapping[str, NameUses], line_at: Callable[[int], str]) -> None:
        """Raise EndedError if an exercise uses a forbidden name. `line_at` gives the text of a line, to show it."""
        if not self.names_for(exercise):
            return
        result = self.find_use(exercise, found)
        if result is None:
            return
        place, use = result
        name = place.partition("[")[0].rpartition(".")[2]  # the method of a class; the table of an entry
        line = SourceLine(use.line, name, line_at(use.line))
        raise self.error(exercise, use.name, use.full, (line,))

    def error(self, exercise: str, name: str, full: str, lines: tuple[SourceLine, ...]) -> EndedError:
        """The error for a use; `name` is the name in the list."""
        reason = self._reasons(exercise).get(name)
        if reason is None:
            return EndedError("crashed", f"{exercise} sent an impossible response.")
        is_below = full.startswith(f"{name}.") and all(part.isidentifier() for part in full.split("."))
        shown = full if is_below and len(full) <= _NAME_SHOWN else name
        where = ""
        if lines:
            helper = lines[-1].function
            by_way_of = f"by way of {helper}, " if helper.isidentifier() and helper != exercise else ""
            in_cell = place_in(lines[-1].text)
            place = f"cell {in_cell[0]}, line {in_cell[1]}" if in_cell else f"line {lines[-1].line}"
            where = f" ({by_way_of}{place})"
        return EndedError("forbidden", f"{exercise} uses {shown}{where}, which is not allowed here: {reason}.", lines)

    def error_of(self, exercise: str, use: wire.Use) -> EndedError:
        """The error for a use that a worker saw."""
        lines = tuple(SourceLine(frame.line, frame.function, frame.text) for frame in use.frames[:_LINES_SHOWN])
        return self.error(exercise, use.name, use.full, lines)


NO_RULES = Rules()
NOTHING = NameUses([], [])
_NAME_SHOWN = 100  # characters
_LINES_SHOWN = 8  # a worker sends fewer, unless it lies


def read_name_uses(value: Any) -> dict[str, NameUses]:
    """Read the uses in a worker's outline, which may have any form."""
    try:
        return msgspec.convert(value, dict[str, NameUses])
    except msgspec.ValidationError:
        return {}


def _parts_of(names: Iterable[str]) -> dict[str, list[str]]:
    """The members of classes, by their class and by the attribute that reads them."""
    parts: dict[str, list[str]] = {}
    for name in names:
        if "." in name:
            for key in _owner_and_attribute(name):
                parts.setdefault(key, []).append(name)
    return parts


def _owner_and_attribute(name: str) -> tuple[str, str]:
    """The two names that a use of a class's member mentions: the class, and the attribute."""
    owner, _, attribute = name.partition(".")
    return owner, f".{attribute}"
