"""Lines that would give a solution away. They are compared as tokens: another name of a variable or another layout hides nothing.

A formula tells: `w.sub_(lr * (g + beta * v))` is the same as `x.sub_(rate * (d + problem.beta * u))`. Any two programs may share
a line with less arithmetic, such as `params = list(model.parameters())`.
"""

import builtins
import io
import keyword
import tokenize
from collections.abc import Iterable, Iterator

LEAST_OPERATORS = 3  # of our own course's lines, all with as many are answers, and of those with fewer almost none
_ARITHMETIC = frozenset({"+", "-", "*", "/", "**", "@", "//", "%"})
_ASSIGNED = frozenset({"=", "+=", "-=", "*=", "/=", "**=", "@="})
_KEPT = frozenset({*keyword.kwlist, *dir(builtins)})
_LAYOUT = (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT)

Shape = tuple[str, ...]


def formulas_in(text: str) -> Iterator[tuple[int, Shape]]:
    """The line number and the shape of each formula in a Python text."""
    for line, tokens in _logical_lines(text):
        value = _value(tokens)
        if sum(token in _ARITHMETIC for token in value) >= LEAST_OPERATORS:
            yield line, _shape(value)


def formulas_inside(text: str, lines: Iterable[int]) -> dict[Shape, int]:
    """The formulas of some lines of a text, each with a number of its line, without those that stand elsewhere in it, too."""
    inside = {*lines}
    found = list(formulas_in(text))
    given = {shape for line, shape in found if line not in inside}
    return {shape: line for line, shape in found if line in inside and shape not in given}


def gives_away(place: str, line: int, solution: str) -> str:
    """The message that students would get a formula: where it stands, and at which line of the solution."""
    return (
        f"{place}: this is the formula at line {line} of {solution}, and would give it away. Write it in another form, or put it "
        "into a hidden check."
    )


def _logical_lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The tokens of each statement, with the number of its first line; up to a place that is not Python."""
    tokens: list[str] = []
    first = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
                if tokens:
                    yield first, tokens
                tokens = []
            elif token.type not in _LAYOUT:
                first = first if tokens else token.start[0]
                tokens.append(token.string)
    except (tokenize.TokenError, SyntaxError):
        return


def _value(tokens: list[str]) -> list[str]:
    """What a statement returns or assigns, else the statement."""
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
