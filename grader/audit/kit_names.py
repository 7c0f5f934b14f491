"""Prove what a student kit says of mistakes: only names of the course, each only of its own mistake, and no line of code."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.diagnosis.known_mistakes import mistakes_of
from grader.diagnosis.known_results import KnownResults
from grader.diagnosis.recording import line_of_code_in, named_in_kit, record
from grader.section import Section

ENOUGH = 0.7  # of the mistakes: with fewer names, a kit would teach less than its course


@dataclass(frozen=True)
class KitNames:
    """The mistakes of a section that a kit names."""

    section: Section
    known: KnownResults

    @classmethod
    def of(cls, section: Section) -> "KitNames":
        return cls(section, record(section, with_alterations=False))

    @cached_property
    def names(self) -> dict[str, dict[str, str]]:
        """By exercise and mistake, the name that the kit gives it; empty if it gives none."""
        found: dict[str, dict[str, str]] = {}
        for one in mistakes_of(self.section):
            name = named_in_kit(self.known, one.exercise, one.slug)
            found.setdefault(one.exercise, {})[one.slug] = name
        return found

    @property
    def count(self) -> int:
        return sum(len(names) for names in self.names.values())

    @property
    def named(self) -> int:
        return sum(bool(name) for names in self.names.values() for name in names.values())

    @cached_property
    def encoded(self) -> bytes:
        return self.known.encoded(self.section)

    @property
    def size(self) -> int:
        return len(self.encoded)

    @property
    def problems(self) -> list[str]:
        """The errors of the kit."""
        found = [
            f"{exercise}.{slug} gets the name of another mistake: {name}"
            for exercise, names in self.names.items()
            for slug, name in names.items()
            if name not in ("", slug)
        ]
        line = line_of_code_in(self.encoded, self.section)
        return found + ([f"the kit would hold a line of code: {line}"] if line else [])


def too_few(found: Sequence[KitNames]) -> bool:
    """Whether a kit names a smaller share of these mistakes than is `ENOUGH`."""
    return sum(one.named for one in found) < ENOUGH * sum(one.count for one in found)
