"""Lines that would give a solution away. They are compared as tokens: another name of a variable or another layout hides nothing.

A formula tells: `w.sub_(lr * (g + beta * v))` is the same as `x.sub_(rate * (d + problem.beta * u))`. Any two programs may share
a line with less arithmetic, such as `params = list(model.parameters())`.
"""

import builtins
import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

LEAST_OPERATORS = 3  # of our own course's lines, all with as many are answers, and of those with fewer almost none
TEXTS = (".py", ".toml", ".md", ".txt", ".jinja", ".sh")
_LONG = 40  # characters; two programs may share shorter lines by chance
_ARITHMETIC = frozenset({"+", "-", "*", "/", "**", "@", "//", "%"})
_ASSIGNED = frozenset({"=", "+=", "-=", "*=", "/=", "**=", "@="})
_KEPT = frozenset({*keyword.kwlist, *dir(builtins)})
_TOKEN = re.compile(
    r"""
    \n | \\\r?\n | \#[^\n]*
    | (?:[rRbBuUfF]{1,2})? (?: \"{3}(?:[^\\"]|\\.|"(?!""))*"{3} | '{3}(?:[^\\']|\\.|'(?!''))*'{3}
        | "(?:[^\\"\n]|\\.)*" | '(?:[^\\'\n]|\\.)*' )
    | 0[xXbBoO]\w+ | (?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?[jJ]?
    | \w+
    | \*\*=? | //=? | >>=? | <<=? | -> | := | \.\.\. | [-+*/%@&|^=<>!]= | [^\s\w]
    """,
    re.VERBOSE | re.DOTALL,
)

Shape = tuple[str, ...]


@lru_cache(maxsize=256)  # several sections ask for the shared modules
def formulas_in(text: str) -> tuple[tuple[int, Shape], ...]:
    """The line number and the shape of each formula in a Python text."""
    found = [(line, _value(tokens)) for line, tokens in _logical_lines(text)]
    return tuple(
        (line, _shape(value))
        for line, value in found
        if sum(token in _ARITHMETIC for token in value) >= LEAST_OPERATORS
    )


@dataclass(frozen=True)
class Secrets:
    """The formulas and the longer lines of a solution that its stub does not have, each with the number of its line."""

    solution: str  # the name of its file
    formulas: Mapping[Shape, int]
    lines: Mapping[str, int]

    @classmethod
    def of(cls, name: str, text: str, stub: str) -> "Secrets":
        given = {shape for _, shape in formulas_in(stub)}
        formulas = {shape: line for line, shape in formulas_in(text) if shape not in given}
        told = long_lines(stub)
        return cls(name, formulas, {line: number for line, number in long_lines(text).items() if line not in told})

    def given_away(self, path: Path, handed: str | None = None) -> list[str]:
        """A line for each that an author's file gives away. Students get the text `handed` of it; by default all."""
        text = path.read_text(encoding="utf-8", errors="replace")
        handed = text if handed is None else handed
        found = []
        if path.suffix == ".py":
            shapes = {shape for _, shape in formulas_in(handed)} & self.formulas.keys()
            for number, shape in formulas_in(text):
                if shape in shapes:
                    found.append(self._told(path, number, "formula", self.formulas[shape]))
        numbers = long_lines(text)
        for line in long_lines(handed).keys() & self.lines.keys() & numbers.keys():
            if not any(one.startswith(f"{path}:{numbers[line]}:") for one in found):
                found.append(self._told(path, numbers[line], "text", self.lines[line]))
        return sorted(found)

    def _told(self, path: Path, number: int, what: str, line: int) -> str:
        return (
            f"{path}:{number}: this is the {what} at line {line} of {self.solution}, and would give it away. Write it in another "
            "form, or put it into a hidden check."
        )


@lru_cache(maxsize=256)
def long_lines(text: str) -> dict[str, int]:
    """The longer lines of a text, as code or in a comment, each with its first number."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip().lstrip("# ")
        if len(bare) >= _LONG:
            found.setdefault(bare, number)
    return found


def _logical_lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The tokens of each statement, with the number of its first line; up to a place that is not Python.

    Python's own tokenizer takes five times as long, and has other tokens in each version.
    """
    tokens: list[str] = []
    line = first = 1
    depth = 0
    for token in _TOKEN.findall(text):
        start = token[0]
        if token == "\n" and not depth:
            if tokens:
                yield first, tokens
                tokens = []
        elif start not in "#\n\\":
            if not tokens:
                first = line
            tokens.append(token)
            if start in "([{":
                depth += 1
            elif start in ")]}":
                depth -= 1
                if depth < 0:
                    return
        line += token.count("\n")
    if tokens and not depth:
        yield first, tokens


def _value(tokens: list[str]) -> list[str]:
    """The value that a statement returns or assigns, else the statement."""
    if tokens[0] == "return":
        return tokens[1:]
    return tokens[2:] if len(tokens) > 2 and tokens[1] in _ASSIGNED else tokens


def _shape(tokens: list[str]) -> Shape:
    """The tokens with numbers in place of variables, of which `problem.beta` is one; of called functions the last name stays."""
    shape: list[str] = []
    numbers: dict[str, str] = {}
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token.isidentifier() and token not in _KEPT:
            names = [token]
            while tokens[place + 1 : place + 2] == ["."]:
                names.append(tokens[place + 2])
                place += 2
            if tokens[place + 1 : place + 2] == ["("]:
                shape.append(names[-1])
            else:
                shape.append(numbers.setdefault(".".join(names), f"${len(numbers)}"))
        else:
            shape.append(token)
        place += 1
    return tuple(shape)
