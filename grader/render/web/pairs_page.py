"""Similar submissions as one page: pairs side by side, for a person who has to decide. It is never a verdict.

Nothing of a submission can act, as on all pages: the templates clean and escape what they print.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property

import jinja2

from grader.batch.gradebook.queries import LastFile
from grader.batch.similarity import Pair, Side, Similarity
from grader.batch.times import BY_HAND
from grader.render.terminal.similar import NO_VERDICT
from grader.render.web.code import Code, CodeLine, code_of
from grader.render.web.html import asset, environment, policy_of
from grader.toolkit.text import one_line, plural

_AROUND = 3  # lines shown before and after each passage
_NAMED = 4  # students with one text


@dataclass(frozen=True)
class CodeBlock:
    """Lines in a row. A passage has an `anchor`, and its like in the other file; many lines without likeness are `folded`."""

    lines: Sequence[CodeLine]
    anchor: str = ""
    like: str = ""
    folded: bool = False


def pairs_page(found: Sequence[Similarity]) -> bytes:
    """The page about the pairs of some sections."""
    read: dict[bytes, Code] = {}
    sections = [
        (one, [_Pair(pair, f"{one.section}-{n}", read) for n, pair in enumerate(one.pairs, 1)]) for one in found
    ]
    style, scripts = asset("report.css", "class.css"), [asset("report.js")]
    html = _template().render(
        sections=sections, no_verdict=NO_VERDICT, style=style, scripts=scripts, policy=policy_of(style, scripts)
    )
    return html.encode()


class _Pair:
    """A pair as the page shows it."""

    def __init__(self, pair: Pair, anchor: str, read: dict[bytes, Code]) -> None:
        self.anchor = anchor
        self.sides = [
            _Side(side, f"{anchor}-{letter}", read) for side, letter in zip((pair.one, pair.other), "ab", strict=True)
        ]

    @property
    def title(self) -> str:
        return " and ".join(side.name for side in self.sides)


class _Side:
    """One of two files: whose it is, and its lines, with the passages that are like the other's."""

    def __init__(self, side: Side, anchor: str, read: dict[bytes, Code]) -> None:
        self.side, self.anchor = side, anchor
        source = side.files[0].source
        if source not in read:
            read[source] = code_of(source)
        self.code = read[source]

    @property
    def name(self) -> str:
        return _named([one.student for one in self.side.files])

    @property
    def files(self) -> list[str]:
        return [_described(one) for one in self.side.files[:_NAMED]]

    @property
    def passages(self) -> list[tuple[str, str]]:
        """The anchor of each passage, and where it is in words."""
        return [(f"{self.anchor}{n}", self._place(lines)) for n, lines in enumerate(self.side.lines, 1)]

    @cached_property
    def blocks(self) -> list[CodeBlock]:
        """All lines, cut at the passages."""
        return list(self._blocks())

    def _blocks(self) -> Iterator[CodeBlock]:
        lines, done = self.code.lines, 0
        for number, ((first, last), like) in enumerate(zip(self.side.lines, self.side.like, strict=True), 1):
            yield from _between(lines[done : first - 1], done > 0, True)
            yield CodeBlock(lines[first - 1 : last], f"{self.anchor}{number}", f"{like + 1}")
            done = last
        yield from _between(lines[done:], done > 0, False)

    def _place(self, lines: tuple[int, int]) -> str:
        """Where lines are, as the student counts them: those of a notebook in its cells."""
        first, last = (self._counted(place) for place in lines)
        if first == last:
            return f"{first[0]}line {first[1]}"
        if first[0] == last[0]:
            return f"{first[0]}lines {first[1]} to {last[1]}"
        return f"{first[0]}line {first[1]}, to {last[0]}line {last[1]}"

    def _counted(self, place: int) -> tuple[str, int]:
        before = self.code.lines[:place]
        cell = next((line.cell for line in reversed(before) if line.cell), 0)
        return f"cell {cell}, " if cell else "", before[-1].number if len(before) == place else place


def _between(lines: Sequence[CodeLine], after: bool, before: bool) -> Iterator[CodeBlock]:
    """Lines without likeness: those next to a passage are shown, the others folded."""
    head, tail = _AROUND * after, _AROUND * before
    if len(lines) <= head + tail + 2:
        head, tail = len(lines), 0
    parts = lines[:head], lines[head : len(lines) - tail], lines[len(lines) - tail :]
    yield from (CodeBlock(part, folded=part is parts[1]) for part in parts if part)


def _named(students: Sequence[str]) -> str:
    more = f" and {len(students) - _NAMED} more" if len(students) > _NAMED else ""
    return ", ".join(one_line(one, 80) for one in students[:_NAMED]) + more


def _described(file: LastFile) -> str:
    """The student of the file, its place, and when it came."""
    who = f"{one_line(file.name, 80)} ({one_line(file.student, 80)})" if file.name else one_line(file.student, 80)
    when = ""
    if file.submitted:
        when = f", handed in {datetime.fromisoformat(file.submitted):%Y-%m-%d %H:%M} UTC"
        when += f" by its {file.clock}, which a student can set" if file.clock in BY_HAND else ""
    return f"{who}: {one_line(file.place)}{when}"


@cache
def _template() -> jinja2.Template:
    functions = {"named": _named, "plural": plural, "percent": lambda share: f"{100 * share:.0f} %"}
    return environment().get_template("pairs.html.jinja", globals=functions)
