"""The leaderboards of a class, one for each check that ranks: by name for students who agreed, by an alias for the others.

An alias comes from the gradebook's key: it never changes, and cannot be derived from an id without the key.
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.batch.ledger import Person
from grader.batch.roster import LEADERBOARD
from grader.grading.report import CheckResult, Report

_ADJECTIVES = (
    "steep", "calm", "narrow", "broad", "smooth", "rough", "noisy", "quiet",
    "convex", "concave", "deep", "shallow", "swift", "patient", "early", "late",
    "bold", "gentle", "sparse", "dense", "warm", "cool", "curved", "flat",
    "stable", "restless", "lucky", "steady", "sharp", "soft", "distant", "near",
)  # fmt: skip
_NOUNS = (
    "valley", "ridge", "saddle", "ravine", "plateau", "basin", "canyon", "slope",
    "summit", "meadow", "glacier", "river", "lake", "forest", "dune", "island",
    "harbour", "comet", "meteor", "lantern", "compass", "anchor", "kite", "falcon",
    "heron", "otter", "badger", "lynx", "sparrow", "beetle", "salmon", "tortoise",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A line of a leaderboard; equal measurements share a rank."""

    rank: int
    name: str
    is_alias: bool
    values: tuple[float, ...]


@dataclass
class Board:
    """The leaderboard of a check: it compares the first column, then the next one."""

    title: str
    best: dict[str, str]  # "highest" or "lowest", by the column's name
    _found: list[tuple[tuple[float, ...], str, bool]] = field(default_factory=list)

    def add(self, name: str, is_alias: bool, values: tuple[float, ...]) -> None:
        self._found.append((values, name, is_alias))

    def places(self) -> Iterator[Place]:
        """The best first."""
        rank, last = 0, None
        ordered = sorted((self._order(values), name, is_alias, values) for values, name, is_alias in self._found)
        for number, (order, name, is_alias, values) in enumerate(ordered, 1):
            if order != last:
                rank, last = number, order
            yield Place(rank, name, is_alias, values)

    def _order(self, values: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(
            -value if best == "highest" else value for value, best in zip(values, self.best.values(), strict=True)
        )


@dataclass
class Leaderboards:
    """Collects the measurements of checks from Reports."""

    key: bytes
    _boards: dict[tuple[object, ...], Board] = field(default_factory=dict)

    def add(self, person: Person, report: Report) -> None:
        """Add the measurements that the checks of a Report rank, if any."""
        for check in report.checks:
            if check.ranks:
                board = self._board(report, check)
                name = person.name if is_named(person) else ""
                values = tuple(check.measurements[column] for column in check.ranks)
                board.add(name or alias(self.key, person.id), not name, values)

    def boards(self) -> list[Board]:
        return list(self._boards.values())

    def _board(self, report: Report, check: CheckResult) -> Board:
        found = (report.section, check.id, *check.ranks.items())
        return self._boards.setdefault(found, Board(f"{report.label}: {check.exercise}", check.ranks))


def is_named(person: Person) -> bool:
    """Whether the student agreed to be named."""
    return person.ids.get(LEADERBOARD, "").casefold() == "yes"


def alias(key: bytes, id: str) -> str:
    """Two words and a number that cannot be derived from the id without the key: "Steep heron 417"."""
    number = int.from_bytes(hmac.digest(key, b"alias:" + id.encode(), hashlib.sha256)[:8], "big")
    number, digits = divmod(number, 1000)
    number, adjective = divmod(number, len(_ADJECTIVES))
    return f"{_ADJECTIVES[adjective].capitalize()} {_NOUNS[number % len(_NOUNS)]} {digits:03}"
