"""Who trains the best classifier of a class: by name for those who want that, for the others by an alias.

An alias is made with the gradebook's own key: the same for good, and nobody can work out from an id whose it is.
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.batch.ledger import Person
from grader.batch.roster import LEADERBOARD
from grader.grading.report import Report

_HOW = (
    "steep", "calm", "narrow", "broad", "smooth", "rough", "noisy", "quiet",
    "convex", "concave", "deep", "shallow", "swift", "patient", "early", "late",
    "bold", "gentle", "sparse", "dense", "warm", "cool", "curved", "flat",
    "stable", "restless", "lucky", "steady", "sharp", "soft", "distant", "near",
)  # fmt: skip
_WHAT = (
    "valley", "ridge", "saddle", "ravine", "plateau", "basin", "canyon", "slope",
    "summit", "meadow", "glacier", "river", "lake", "forest", "dune", "island",
    "harbour", "comet", "meteor", "lantern", "compass", "anchor", "kite", "falcon",
    "heron", "otter", "badger", "lynx", "sparrow", "beetle", "salmon", "tortoise",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A line of the leaderboard; equals share a rank."""

    rank: int
    name: str
    is_alias: bool
    accuracy: float
    parameters: int


@dataclass
class Leaderboard:
    """Gathers what classifiers have reached, Report by Report."""

    key: bytes
    _found: list[tuple[float, int, str, bool]] = field(default_factory=list)

    def add(self, person: Person, report: Report) -> None:
        """Take in what a check of the Report has measured, if any did."""
        for check in report.checks:
            if {"accuracy", "parameters"} <= check.figures.keys():
                name = person.name if is_named(person) else ""
                shown = name or alias(self.key, person.id)
                self._found.append((-check.figures["accuracy"], int(check.figures["parameters"]), shown, not name))

    def places(self) -> Iterator[Place]:
        """The most accurate first, of equals those with fewer parameters."""
        rank, last = 0, None
        for number, (error, parameters, name, is_alias) in enumerate(sorted(self._found), 1):
            if (error, parameters) != last:
                rank, last = number, (error, parameters)
            yield Place(rank, name, is_alias, -error, parameters)


def is_named(person: Person) -> bool:
    """Whether somebody wants to stand there by name."""
    return person.ids.get(LEADERBOARD, "").casefold() == "yes"


def alias(key: bytes, id: str) -> str:
    """Three words that nobody else can find out from the id: "Steep heron 417"."""
    number = int.from_bytes(hmac.digest(key, b"alias:" + id.encode(), hashlib.sha256)[:8], "big")
    number, digits = divmod(number, 1000)
    number, how = divmod(number, len(_HOW))
    return f"{_HOW[how].capitalize()} {_WHAT[number % len(_WHAT)]} {digits:03}"
