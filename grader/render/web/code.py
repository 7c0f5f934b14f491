"""A submission's text as lines of HTML: coloured by Pygments, with places marked. It is never parsed, only split into tokens."""

import codecs
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Any

from markupsafe import Markup
from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, String

from grader.submission.notebook_cells import cell_of
from grader.toolkit.text import plural, visible

# Bounds for hostile text. The lexer's patterns take quadratic time on long lines and on lines that are all blanks (those are
# stripped): within these, the worst text that we found takes about a second, an honest file some milliseconds.
CHARACTERS, LINES, LINE_CHARACTERS = 100_000, 3_000, 400
EXCERPT_LINES = 60
_AROUND = 2  # lines shown about a mark that is outside the function
_CLASSES = {String.Doc: "d", String: "s", Comment: "c", Keyword: "k", Number: "m", Name.Function: "f", Name.Class: "f"}


@dataclass(frozen=True)
class CodeLine:
    """One line: `place` in the whole text, `number` as the student counts it, which in a notebook is within its cell.

    `cell` is the number of the cell that begins here, and then there is no text; `note` says why the line is marked.
    """

    place: int
    number: int
    text: str
    html: Markup
    is_docstring: bool = False
    cell: int = 0
    note: str = ""


@dataclass(frozen=True)
class Gap:
    """Lines that are left out, and their kind."""

    text: str


@dataclass(frozen=True)
class Code:
    """A submission's lines; `dropped` says how much of it is not shown."""

    lines: list[CodeLine]
    dropped: str = ""

    def excerpt(self, first: int | None) -> list[CodeLine | Gap]:
        """The function that begins at the line `first`, without its docstring, and the marked lines elsewhere."""
        body = self._function(first) if first is not None else range(0)
        wanted = set(body[:EXCERPT_LINES])
        for place, line in enumerate(self.lines):
            if line.note and place not in wanted:
                wanted |= set(range(max(0, place - _AROUND), min(len(self.lines), place + _AROUND + 1)))
        wanted = {place for place in wanted if not self.lines[place].is_docstring and not self.lines[place].cell}
        return list(self._with_gaps(sorted(wanted)))

    def _function(self, first: int) -> range:
        """The places of a top-level definition: up to the next line that is not indented, closing brackets aside."""
        end = min(first, len(self.lines))
        for line in self.lines[first:]:
            if line.cell or (line.text and not line.text[0].isspace() and line.text[0] not in ")]}"):
                break
            end += 1
        while end > first and not self.lines[end - 1].text:
            end -= 1
        return range(first - 1, end)  # empty if the text was cut before it

    def _with_gaps(self, places: list[int]) -> Iterator[CodeLine | Gap]:
        for before, place in zip([None, *places], places, strict=False):
            if before is not None and place - before > 1:
                between = self.lines[before + 1 : place]
                documented = all(line.is_docstring or not line.text for line in between)
                yield Gap(f"{plural(len(between), 'line')}{' of the docstring' if documented else ''} not shown")
            yield self.lines[place]


def code_of(source: bytes, notes: Mapping[int, str] = {}) -> Code:
    """Read a submission for showing it; `notes` are remarks by line number, from 1."""
    text = _decoded(source[: 4 * CHARACTERS])
    whole = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines: list[str] = []
    room = CHARACTERS
    for line in whole[:LINES]:
        line = line if cell_of(line) else _shown(line)
        room -= len(line) + 1
        if room < 0:
            break
        lines.append(line)
    cut = len(lines) < len(whole) or len(source) > 4 * CHARACTERS
    return Code(list(_read(lines, notes)), f"Only the first {len(lines)} lines are shown." if cut else "")


def _decoded(source: bytes) -> str:
    """The text as well as it can be read without asking the file, which could name any codec."""
    mark = next((name for name in ("utf-16-le", "utf-16-be") if source.startswith("\ufeff".encode(name))), None)
    if mark is not None:
        return source.decode(mark, "replace").removeprefix("\ufeff")
    try:  # a cut may fall within a character
        return codecs.getincrementaldecoder("utf-8-sig")().decode(source)
    except UnicodeDecodeError:
        return source.decode("cp1252", "replace")


def _shown(line: str) -> str:
    line = visible(line[:LINE_CHARACTERS].expandtabs(4)).rstrip()
    return line if len(line) <= LINE_CHARACTERS else line[: LINE_CHARACTERS - 1] + "…"


def _read(lines: list[str], notes: Mapping[int, str]) -> Iterator[CodeLine]:
    coloured = _coloured("\n".join("" if cell_of(line) else line for line in lines))
    number = 0
    for place, (line, (html, is_docstring)) in enumerate(zip(lines, coloured, strict=True), 1):
        cell = cell_of(line)
        number = 0 if cell else number + 1
        yield CodeLine(place, number, "" if cell else line, html, is_docstring, cell, notes.get(place, ""))


def _coloured(text: str) -> list[tuple[Markup, bool]]:
    """Each line as HTML, and whether it is part of a docstring."""
    lines: list[list[tuple[str, str]]] = [[]]
    for token, value in PythonLexer(stripnl=False, ensurenl=False).get_tokens(text):
        first, *others = value.split("\n")
        lines[-1].append((_class_of(token), first))
        lines += [[(_class_of(token), part)] for part in others]
    return [(_line(parts), _is_docstring(parts)) for parts in lines]


def _class_of(token: Any) -> str:
    return next((_CLASSES[kind] for kind in reversed(token.split()) if kind in _CLASSES), "")


def _is_docstring(parts: list[tuple[str, str]]) -> bool:
    return any(name == "d" for name, _ in parts) and all(name == "d" or not text.strip() for name, text in parts)


def _line(parts: list[tuple[str, str]]) -> Markup:
    """The one place where text of a submission becomes HTML by hand: all of it passes `escape`."""
    html = []
    for name, group in groupby(parts, key=lambda part: part[0]):
        text = escape("".join(text for _, text in group))
        html.append(f'<span class="{name}">{text}</span>' if name and text else text)
    return Markup("".join(html))
