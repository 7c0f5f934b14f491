"""The trusted side of what an exercise may not use: who has used it, and what is said about it.

What a worker reports here is data from an attacker, too: it can only speak against the submission that sent it.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from grader.check_outline import Ban
from grader.course import Section
from grader.sandbox.analysis.notebook_cells import has_marks, place_in, shown_lines
from grader.sandbox.calls import wire
from grader.toolkit.verdicts import EndedError, SourceLine


class LibraryUse(msgspec.Struct, frozen=True, array_like=True):
    """A place in a submission where a listed name is used; `name` is that of the list, `full` the one that stands there."""

    name: str
    full: str
    line: int


class NameUses(msgspec.Struct, frozen=True, array_like=True):
    """What a name of a submission (`name`, `Class.member`, `table[key]`) uses, and which others it mentions (or `.attribute`)."""

    library: list[LibraryUse]
    mentions: list[str]


@dataclass(frozen=True)
class Rules:
    """What the exercises of a section may not use. `exercises` are all of them, those that may use anything, too."""

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
        """Where an exercise uses what it may not: in itself, or in a helper, directly or not, that is no other exercise."""
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

    def expect_none_in(self, exercise: str, found: Mapping[str, NameUses], source: bytes) -> None:
        """Raise EndedError if the source shows that an exercise uses what it may not."""
        if not self.names_for(exercise):
            return
        result = self.find_use(exercise, found)
        if result is None:
            return
        place, use = result
        name = place.partition("[")[0].rpartition(".")[2]  # the method of a class; the table of an entry
        line = SourceLine(use.line, name, line_of(source, use.line))
        raise self.error(exercise, use.name, use.full, (line,))

    def error(self, exercise: str, name: str, full: str, lines: tuple[SourceLine, ...]) -> EndedError:
        """What to raise for a use; `name` is that of the list."""
        reason = self._reasons(exercise).get(name)
        if reason is None:
            return EndedError("crashed", f"{exercise} sent an answer that makes no sense.")
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
        """What to raise for a use that a worker saw."""
        lines = tuple(SourceLine(frame.line, frame.function, frame.text) for frame in use.frames[:_LINES_SHOWN])
        return self.error(exercise, use.name, use.full, lines)


NO_RULES = Rules()
NOTHING = NameUses([], [])
_NAME_SHOWN = 100  # characters
_LINES_SHOWN = 8  # a worker sends fewer, unless it lies


def read_name_uses(value: Any) -> dict[str, NameUses]:
    """Read the uses in an outline as a worker sent it, believing nothing about its form."""
    try:
        return msgspec.convert(value, dict[str, NameUses])
    except msgspec.ValidationError:
        return {}


def _parts_of(names: Iterable[str]) -> dict[str, list[str]]:
    """The members of classes by their class, and by the attribute that asks for them."""
    parts: dict[str, list[str]] = {}
    for name in names:
        if "." in name:
            for key in _owner_and_attribute(name):
                parts.setdefault(key, []).append(name)
    return parts


def _owner_and_attribute(name: str) -> tuple[str, str]:
    """What must be reached for a class's member to be used: the class, and an attribute of that name."""
    owner, _, attribute = name.partition(".")
    return owner, f".{attribute}"


def line_of(source: bytes, number: int) -> str:
    """A line of a source as it stands there, without the blanks around it; empty if there is none."""
    text = source.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = shown_lines(text) if has_marks(source) else text.split("\n")
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""
