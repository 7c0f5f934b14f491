"""Split a Python file into cells (the py:percent format of editors and jupytext), and join them again, character by character.

jupytext changes a comment that looks like a magic, and code above the first marker. Here nothing may change.
"""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_MARKER = re.compile(r"#\s?%%+(?P<rest>$|\s.*|%.*)")
_KINDS = {"markdown": "markdown", "md": "markdown", "raw": "raw"}
MARKERS = {"code": "# %%", "markdown": "# %% [markdown]", "raw": "# %% [raw]"}


@dataclass(frozen=True)
class Cell:
    """One cell. `text` has no empty line at its start or end; the text of a markdown cell has no `# `.

    `marker` is the line that opens the cell; it is empty for the text above the first marker. `above` and `below` count the
    empty lines before and after `text`.
    """

    kind: str
    text: str
    marker: str
    above: int = 0
    below: int = 0


def split(text: str) -> list[Cell]:
    """The cells of a file."""
    lines = text.split("\n")
    quoted = _quoted_lines(text)
    starts = [place for place, line in enumerate(lines) if _MARKER.fullmatch(line) and place not in quoted]
    bounds = [*([0] if not starts or starts[0] > 0 else []), *starts, len(lines)]
    pieces = [lines[first:end] for first, end in pairwise(bounds)]
    return [_cell(piece, opened=bounds[number] in starts) for number, piece in enumerate(pieces)]


def join(cells: Sequence[Cell]) -> str:
    """The file with these cells; the inverse of `split`."""
    lines: list[str] = []
    for number, cell in enumerate(cells):
        marker = cell.marker or (MARKERS[cell.kind] if number else "")
        lines += [marker] if marker else []
        lines += [*[""] * cell.above, *_written(cell.kind, cell.text), *[""] * cell.below]
    return "\n".join(lines)


def _cell(piece: list[str], opened: bool) -> Cell:
    marker, body = (piece[0], piece[1:]) if opened else ("", piece)
    filled = [place for place, line in enumerate(body) if line]
    above, end = (filled[0], filled[-1] + 1) if filled else (len(body), len(body))
    kept, below = body[above:end], len(body) - end
    kind = _kind(marker)
    text = "\n".join(kept)
    if kind != "code":
        bare = "\n".join(line[2:] if line.startswith("# ") else line[1:] for line in kept)
        if bare.strip("\n") == bare and _written(kind, bare) == kept:
            return Cell(kind, bare, marker, above, below)
        kind = "code"  # some lines are no comments: keep the text as it is
    return Cell(kind, text, marker, above, below)


def _kind(marker: str) -> str:
    word = re.search(r"\[(\w+)\]", marker)
    return _KINDS.get(word[1], "code") if word else "code"


def _written(kind: str, text: str) -> list[str]:
    """The lines of a cell in the file."""
    if not text:
        return []
    lines = text.split("\n")
    return lines if kind == "code" else [f"# {line}" if line else "#" for line in lines]


def _quoted_lines(text: str) -> set[int]:
    """Numbers, from 0, of the lines that begin inside a string; none if this is not Python."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.JoinedStr)]
    return {line for node in strings for line in range(node.lineno, node.end_lineno or node.lineno)}
