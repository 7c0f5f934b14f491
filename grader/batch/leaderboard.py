"""The leaderboard of the trained classifiers of a class: by name for students who agreed, by an alias for the others.

An alias comes from the gradebook's key: it never changes, and cannot be derived from an id without the key.
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.batch.ledger import Person
from grader.batch.roster import LEADERBOARD
from grader.grading.report import Report

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
    """A line of the leaderboard; equal results share a rank."""

    rank: int
    name: str
    is_alias: bool
    accuracy: float
    parameters: int


@dataclass
class Leaderboard:
    """Collects the accuracies of classifiers from Reports."""

    key: bytes
    _found: list[tuple[float, int, str, bool]] = field(default_factory=list)

    def add(self, person: Person, report: Report) -> None:
        """Add the accuracies that the checks of a Report measured, if any."""
        for check in report.checks:
            if {"accuracy", "parameters"} <= check.figures.keys():
                name = person.name if is_named(person) else ""
                shown = name or alias(self.key, person.id)
                self._found.append((-check.figures["accuracy"], int(check.figures["parameters"]), shown, not name))

    def places(self) -> Iterator[Place]:
        """The most accurate first; among equals, those with fewer parameters."""
        rank, last = 0, None
        for number, (error, parameters, name, is_alias) in enumerate(sorted(self._found), 1):
            if (error, parameters) != last:
                rank, last = number, (error, parameters)
            yield Place(rank, name, is_alias, -error, parameters)


def is_named(person: Person) -> bool:
    """Whether the student agreed to be named."""
    return person.ids.get(LEADERBOARD, "").casefold() == "yes"


def alias(key: bytes, id: str) -> str:
    """Two words and a number that cannot be derived from the id without the key: "Steep heron 417"."""
    number = int.from_bytes(hmac.digest(key, b"alias:" + id.encode(), hashlib.sha256)[:8], "big")
    number, digits = divmod(number, 1000)
    number, adjective = divmod(number, len(_ADJECTIVES))
    return f"{_ADJECTIVES[adjective].capitalize()} {_NOUNS[number % len(_NOUNS)]} {digits:03}"
