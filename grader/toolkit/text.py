"""Make untrusted text safe to show: no control characters, no direction overrides, no flood.

Used where text leaves a submission (inside the worker) and again by every renderer, which adds the escaping of its own
medium.
"""

import math
import re
import shlex
import sys
import unicodedata
from collections.abc import Iterable

LINE_LIMIT = 200
VALUES_LIMIT = 400  # of a sentence about the values at a line
SENTENCES_LIMIT = 600  # of a line of text: a message of torch, or of a check, is one long line
TEXT_LIMIT = 4000
PATH_LIMIT = 4096  # the longest path on Linux: one that is cut cannot be typed or opened
_FIRST = 5  # of a list of words in a sentence

# Cc: C0 and C1 controls. Cf: bidirectional overrides, zero-width characters. Cs: lone surrogates, which cannot be encoded.
# Co and Cn: private and unassigned, with no agreed look. Zl and Zp: line breaks that terminals and browsers disagree on.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_EMPTY = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")  # letters and marks that no font shows

CI_ORDERS = ("##[", "##vso[", "##teamcity[")  # in a CI service's log these are orders, wherever in a line they stand


def _visible(character: str) -> str:
    if character == "\n" or (unicodedata.category(character) not in _HIDDEN and character not in _EMPTY):
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def visible(text: str) -> str:
    """Return `text` with every invisible character but the end of a line written out, whole and however long."""
    return text if text.isascii() and text.isprintable() else "".join(map(_visible, text))


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return `text` with every invisible character written out, tabs as spaces, and at most about `limit` characters.

    Cut text ends in a sentence that says how much is missing. Line breaks are kept; every line is at most
    `SENTENCES_LIMIT` characters long.
    """
    dropped = max(0, len(text) - limit)
    text = text[:limit].replace("\r\n", "\n").expandtabs(4)
    lines = [_cut(line, SENTENCES_LIMIT) for line in visible(text).split("\n")]
    if dropped:
        lines.append(f"… ({dropped} more characters)")
    return "\n".join(lines)


def harmless(text: str) -> str:
    """Return our message in a form that is safe in a terminal and a CI log, with any file names in it."""
    for order in CI_ORDERS:
        text = text.replace(order, f"{order[:-1]} [")
    lines = visible(text).split("\n")
    return "\n".join(f"| {line}" if line.lstrip().startswith("::") else line for line in lines)


def one_line(text: str, limit: int = LINE_LIMIT) -> str:
    """Return `text` cleaned and on a single line of at most `limit` characters."""
    flat = " ".join(visible(text[: 4 * limit].expandtabs(4)).split())
    return _cut(flat, limit)


def shell_word(word: str, windows: bool = sys.platform == "win32") -> str:
    """Return `word` as it is typed in a shell: POSIX's, or those of Windows, which both know double quotes."""
    if not windows:
        return shlex.quote(word)
    return word if re.fullmatch(r"[\w.:\\/+=-]+", word) else '"' + word.replace('"', '\\"') + '"'


def _cut(line: str, limit: int) -> str:
    """At most `limit` characters, cut behind a word where one ends near by."""
    if len(line) <= limit:
        return line
    kept = line[: limit - 1]
    place = kept.rfind(" ")
    return (kept[: place + 1] if place > max(0, limit - 24) else kept) + "…"


def number_text(value: float, digits: int = 4) -> str:
    """Format a number with `digits` decimals, or in scientific notation if they would hide it."""
    if math.isnan(value) or math.isinf(value):
        return str(value)
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.{digits}f}"
    return f"{value:.{digits}g}" if digits > 6 else f"{value:.{digits}e}"


def plural(count: int, noun: str) -> str:
    """Return "1 check", "2 checks"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def first_of(words: Iterable[str]) -> str:
    """Return the first few of some words, and how many more there are."""
    found = list(dict.fromkeys(words))
    more = f" and {len(found) - _FIRST} more" if len(found) > _FIRST else ""
    return ", ".join(found[:_FIRST]) + more
