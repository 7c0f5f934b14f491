"""Lines that would give a solution away. They are compared as tokens: another name of a variable or another layout hides nothing.

A text of any kind is searched for them: they may stand in a sentence, a string, a cell of a notebook or a longer formula.

A formula tells: `area = height * (top + bottom) / 2` is the same as `a = h * (shape.top + b) / 2`. Any two programs may share a
line with less arithmetic, such as `params = list(model.parameters())`.
"""

import builtins
import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

LEAST_OPERATORS = 3  # of our own course's lines, all with as many are answers, and of those with fewer almost none
_LONG = 40  # characters; two programs may share shorter lines by chance
_ARITHMETIC = frozenset({"+", "-", "*", "/", "**", "@", "//", "%"})
_AUGMENTED = frozenset({"+=", "-=", "*=", "/=", "**=", "@="})
_OPERATORS = _ARITHMETIC | _AUGMENTED
_BEFORE_VALUES = frozenset({"return", "yield", "assert", "if", "elif", "while"})
_AFTER_SHORT = frozenset({":", "`", '"', "'", ".", "$"})  # a word of a sentence is a variable; and the end of a line
_BEFORE_SHORT = _BEFORE_VALUES | _AUGMENTED | _AFTER_SHORT | {"="}  # and its begin
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
# The words of any text. Its strings and comments are no tokens of their own, and the signs around code in them are left out.
_WORD = re.compile(
    r"""
    \\[nrt]? | [$\#]+ | [^\S\n]+
    | (?P<word>
        \n |
        0[xXbBoO]\w+ | (?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?[jJ]?
        | [^\W\d]\w*(?:\.[^\W\d]\w*)*
        | \*\*=? | //=? | >>=? | <<=? | -> | := | \.\.\. | [-+*/%@&|^=<>!]= | .
    )
    """,
    re.VERBOSE,
)
_SHORT = re.compile(r"\blen\s*\(\s*[^\W\d][\w.]*\s*\)|\[\s*[^\W\d][\w.]*\s*\]")  # what `_sign` takes for a variable
_NO_SIGNS = bytes(set(range(256)) - set(b"-+*/@%<>=()[]"))
_NO_LETTERS = bytes(code for code in range(256) if not chr(code).isalnum() or code > 127)
_LETTERS = re.compile(r"[^\W\d]")
_OF_CELLS = re.compile(r'\\n",\n\s*"')  # between two lines of a notebook's cell
_ONLY_NUMBERS = re.compile(r"^[-+.,;:\d \teE]+$", re.MULTILINE)  # lines of data, which may be many

Shape = tuple[str, ...]


def text_of(data: bytes) -> str | None:
    """A file's text, or None if it is none, such as a picture."""
    try:
        return None if b"\0" in data[:1024] else data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def formulas_in(text: str) -> tuple[tuple[int, Shape], ...]:
    """The line number and the shape of each formula in a Python text."""
    return tuple((line, words.shape) for line, words in _formulas(text))


@lru_cache(maxsize=64)
def _formulas(text: str) -> tuple[tuple[int, "_Words"], ...]:
    found = [(line, _value(tokens)) for line, tokens in _logical_lines(text)]
    return tuple(
        (line, _Words.of(" ".join(value).replace(" . ", ".")))
        for line, value in found
        if sum(token in _OPERATORS for token in value) >= LEAST_OPERATORS
    )


@dataclass(frozen=True)
class _Words:
    """The words of a text with their line numbers; and the same with `$` in place of each variable."""

    plain: str
    skeleton: str
    variables: tuple[str | None, ...]  # by the words of the skeleton
    lines_of_plain: tuple[int, ...]
    lines: tuple[int, ...]

    @staticmethod
    @lru_cache(maxsize=512)  # each section asks for what the course hands out
    def of(text: str) -> "_Words":
        words, places, number = list[str](), list[int](), 1
        for word in _WORD.findall(_ONLY_NUMBERS.sub("", _OF_CELLS.sub("\n", text))):
            if word == "\n":
                number += 1
            elif word:
                words.append(word)
                places.append(number)
        signs, variables, lines, place = list[str](), list[str | None](), list[int](), 0
        while place < len(words):
            sign, variable, used = _sign(words, place) if _LETTERS.match(words[place]) else (words[place], None, 1)
            signs.append(sign)
            variables.append(variable)
            lines.append(places[place])
            place += used
        return _Words(f" {' '.join(words)} ", f" {' '.join(signs)} ", tuple(variables), tuple(places), tuple(lines))

    @property
    def shape(self) -> Shape:
        """The words with numbers in place of variables."""
        numbers = _numbered(self.variables)
        return tuple(
            sign if number is None else f"${number}"
            for sign, number in zip(self.skeleton.split(), numbers, strict=True)
        )

    def line_with(self, plain: str) -> int | None:
        """The first line with these words."""
        place = self.plain.find(plain)
        return None if place < 0 else self.lines_of_plain[self.plain.count(" ", 0, place)]

    def line_of(self, secret: "_Words") -> int | None:
        """The first line of a formula that is the same with other names.

        A short formula tells only where it is a whole value: a longer formula may have a part like it by chance.
        """
        place, count = self.skeleton.find(secret.skeleton), len(secret.variables)
        short = sum(word in _OPERATORS for word in secret.skeleton.split()) <= LEAST_OPERATORS
        while place >= 0:
            first = self.skeleton.count(" ", 0, place)
            same = _numbered(self.variables[first : first + count]) == _numbered(secret.variables)
            if same and not (short and self._is_part(place, place + len(secret.skeleton), first, first + count)):
                return self.lines[first]
            place = self.skeleton.find(secret.skeleton, place + 1)
        return None

    def _is_part(self, begin: int, end: int, first: int, after: int) -> bool:
        """Whether a longer statement holds these words."""
        before, behind = self.skeleton[:begin].rpartition(" ")[2], self.skeleton[end:].split(" ", 2)
        begins = not first or self.lines[first - 1] < self.lines[first] or before in _BEFORE_SHORT
        ends = after == len(self.lines) or self.lines[after - 1] < self.lines[after] or behind[0] in _AFTER_SHORT
        # In code, no name stands directly before or behind another: such a word belongs to a sentence. So does its full stop.
        begins = begins or _is_word(before)
        ends = ends or _is_word(behind[0]) or (behind[0] == "." and not _is_word(behind[1]))
        return not (begins and ends)


def _numbered(variables: Sequence[str | None]) -> list[int | None]:
    """The variables by the order in which they come."""
    numbers: dict[str, int] = {}
    return [None if name is None else numbers.setdefault(name, len(numbers)) for name in variables]


def _sign(words: list[str], place: int) -> tuple[str, str | None, int]:
    """The sign of the word at a place, the variable that it is, and how many words it takes.

    Of called functions the last name stays. `len(x)` and `x[t]` are variables, too: either may have a name of its own.
    """
    word = words[place]
    after = words[place + 1 : place + 4]
    short = len(after) == 3 and _is_name(after[1])
    if word == "len" and short and after[0] == "(" and after[2] == ")":
        return "$", f"len({after[1]})", 4
    if word in _KEPT:
        return word, None, 1
    if after[:1] == ["("]:
        return word.rpartition(".")[2], None, 1
    if short and after[0] == "[" and after[2] == "]":
        return "$", f"{word}[{after[1]}]", 4
    return "$", word, 1


def _is_name(word: str) -> bool:
    return word not in _KEPT and _LETTERS.match(word) is not None


def _is_word(sign: str) -> bool:
    return sign == "$" or _is_name(sign)


@dataclass(frozen=True)
class _Text:
    """A text to search. Its words are read only where its signs or its letters are those of a secret: few texts are so."""

    text: str

    def line_of(self, secret: _Words) -> int | None:
        return _Words.of(self.text).line_of(secret) if _signs(secret.plain) in _signs(self.text) else None

    def line_with(self, secret: str) -> int | None:
        if _letters(secret) not in _letters(self.text):
            return None
        return _Words.of(self.text).line_with(_Words.of(secret).plain)


@lru_cache(maxsize=1024)
def _signs(text: str) -> bytes:
    return _SHORT.sub("", text).encode().translate(None, _NO_SIGNS)


@lru_cache(maxsize=2048)
def _letters(text: str) -> bytes:
    return text.encode().translate(None, _NO_LETTERS)


@dataclass(frozen=True)
class Secrets:
    """The formulas and the longer lines of a solution that its stub does not have, each with the number of its line."""

    solution: str  # the name of its file
    formulas: Mapping[_Words, int]
    lines: Mapping[str, int]

    @classmethod
    def of(cls, name: str, text: str, stub: str) -> "Secrets":
        given = _Text(stub)
        formulas = {words: line for line, words in _formulas(text) if given.line_of(words) is None}
        lines = {line: number for line, number in _long_lines(text).items() if given.line_with(line) is None}
        return cls(name, formulas, lines)

    def given_away(self, path: Path, text: str, handed: str | None = None) -> list[str]:
        """A line for each that an author's file gives away. Students get the text `handed` of it; by default all."""
        whole, part = _Text(text), _Text(text if handed is None else handed)
        found: dict[int, str] = {}
        for words, line in self.formulas.items():
            if part.line_of(words) is not None and (number := whole.line_of(words)) is not None:
                found.setdefault(number, self._told(path, number, "formula", line))
        for secret, line in self.lines.items():
            if part.line_with(secret) is not None and (number := whole.line_with(secret)) is not None:
                found.setdefault(number, self._told(path, number, "text", line))
        return [found[number] for number in sorted(found)]

    def _told(self, path: Path, number: int, what: str, line: int) -> str:
        return (
            f"{path}:{number}: this is the {what} at line {line} of {self.solution}, and would give it away. Write it in another "
            "form, or put it into a hidden check."
        )


def _long_lines(text: str) -> dict[str, int]:
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
    tokens, depth = list[str](), 0
    line = first = 1
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
            depth += (start in "([{") - (start in ")]}")
            if depth < 0:
                return
        line += token.count("\n")
    if tokens and not depth:
        yield first, tokens


def _value(tokens: list[str]) -> list[str]:
    """The value that a statement returns, assigns or asks for, else the statement.

    With little arithmetic in the value, what it is added to belongs to the formula: `y[k:] += c * x[: n - k]`. With much, it does
    not: `w = w + c` is the same as `w += c`.
    """
    if tokens[0] in _BEFORE_VALUES:
        return tokens[1:-1] if tokens[-1] == ":" else tokens[1:]
    depth = 0
    for place, token in enumerate(tokens):
        depth += (token in "([{") - (token in ")]}")
        if not depth and (token == "=" or token in _AUGMENTED):
            target, value = tokens[:place], tokens[place + 1 :]
            if token in _AUGMENTED:
                return tokens if _arithmetic(value) < LEAST_OPERATORS else value
            added = value[place + 1 :] if value[:place] == target and value[place : place + 1] in (["+"], ["-"]) else []
            return added if _arithmetic(added) > LEAST_OPERATORS else value
    return tokens


def _arithmetic(tokens: list[str]) -> int:
    return sum(token in _ARITHMETIC for token in tokens)
