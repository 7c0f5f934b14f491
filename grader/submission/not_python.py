"""Errors of syntax that name what is there instead of Python, and its line."""

import difflib
import io
import keyword
import re
import tokenize
from contextlib import suppress

MAGIC = re.compile(r"\s*([%!?]|[\w.]+\s*=\s*[%!]|[\w.]+\?{1,2}\s*$)")  # a line for Jupyter
_CONFLICT = re.compile(r"(<{7}|>{7}|\|{7}) |={7}$")
_OPENING = re.compile(r"<{7} ")
_FENCE = re.compile(r"\s*(```|~~~)")
_PROMPT = re.compile(r"\s*(>>>|In \[\d+\]:|\$) ")
_HEADING = re.compile(r"(?:async\s+)?(?:def|class)\s+(\w+)|@")
_OPERATOR = re.compile(r"[^=<>!]=([<>])[^=]")  # behind a name or a bracket
_ELSE_IF = re.compile(r"\s*else\s+if\b")
_UNQUOTED = re.compile(
    r"""\s*(["'])[^"']*\1\s*:\s*([A-Za-z]\w*(?:\s+[\w.%]+)+)\s*,?\s*(?:#.*)?$"""
)  # the value in a dict
_SIGN = re.compile(r"[+-](\s{2,}\S|\t)")
_WORD = re.compile(r"\s*([a-z]+)\b(?!\s*[=(.\[:,])|\s*([a-z]+)\s*:\s*$")
_USED_AS_NAME = re.compile(r"(?:^|[\s(,])([a-z]+)\s*(?==(?!=)|[,)])")
_NO_PYTHON = (  # how a file begins, and what it is
    (
        re.compile(r"<(!doctype )?html\b", re.I),
        "this is a web page. Download the file itself: on GitHub, by the button Raw",
    ),
    (re.compile(r"\{\\rtf"), "this is a rich text document. Save it as plain text, in UTF-8"),
    (re.compile(r"%PDF-"), "this is a PDF document. Hand in the Python file itself"),
)
_QUOTES = re.compile(r'"""|\'\'\'')


def explained(error: SyntaxError, text: str) -> SyntaxError:
    """The error, or an error that names the text that is not Python, and its line."""
    lines = text.split("\n")
    for pattern, reason in _NO_PYTHON:
        if pattern.match(text.lstrip("\ufeff \t\n")):
            return _at(error, lines, 0, reason)
    place = (error.lineno or 1) - 1
    line = lines[place] if 0 <= place < len(lines) else ""
    marks = [number for number, one in enumerate(lines) if _CONFLICT.match(one)]
    if any(map(_OPENING.match, lines)) or place in marks:  # a line of "=" may also be in a docstring
        found = place if place in marks else marks[0]
        reason = "Git has left the marks of a conflict here. Keep one of the two versions, and delete the marks"
        return _at(error, lines, found, reason)
    for pattern, reason in (
        (_FENCE, "this line begins or ends a block of code in Markdown, and is not Python. Delete it"),
        (
            _PROMPT,
            "this line begins with the prompt of a terminal. Delete the prompt, and what a program printed below it",
        ),
        (MAGIC, "this is a command of Jupyter, not Python. Delete the line"),
    ):
        if pattern.match(line):
            return _at(error, lines, place, reason)
    if error.msg.startswith("leading zeros in decimal integer"):
        reason = "a whole number has no 0 in front of it. Is a comma meant as the decimal point? Python writes 0.5"
        return _at(error, lines, place, reason)
    if isinstance(error, TabError):
        return _at(
            error, lines, place, "this line is indented with tabs, and others with spaces. Use four spaces per level"
        )
    if (wrong := _OPERATOR.search(line)) and error.msg == "invalid syntax":
        return _at(error, lines, place, f"invalid syntax. Write {wrong[1]}= for ={wrong[1]}")
    if error.msg.startswith("invalid syntax") and (bare := _UNQUOTED.match(line)):
        return _at(error, lines, place, f'a text needs quotation marks: "{bare[2]}"')
    if error.msg == "invalid syntax" and (advice := _about_a_word(line)):
        return _at(error, lines, place, f"invalid syntax. {advice}")
    if error.msg == "invalid syntax" and line.rstrip().endswith(":") and (bracket := _open_bracket(line)):
        closing = {"(": ")", "[": "]", "{": "}"}[bracket]
        return _at(error, lines, place, f"invalid syntax. Is a {closing} missing in front of the colon?")
    if error.msg.endswith("outside function"):
        return _at(error, lines, place, f"{error.msg}. Indent this line like the lines of its function, or delete it")
    if _ELSE_IF.match(line):
        return _at(error, lines, place, "invalid syntax. Python writes elif for else if")
    for near in (place, place - 1):
        if 0 <= near < len(lines) and (sign := _SIGN.match(lines[near])):
            return _at(
                error, lines, near, f"this line begins with {sign[0][0]}, as in the output of a diff. Delete that sign"
            )
    if "U+201" in error.msg or "U+00A0" in error.msg:
        remedy = "Type a straight quote" if "U+201" in error.msg else "Delete it, and type a space"
        return _at(error, lines, place, f"{error.msg}: it was copied from a text. {remedy}")
    opened = _open_text(lines)
    if opened is None:
        return error
    where, name, quotes = opened
    is_end = lines[where].strip() == quotes and not lines[where - 1].rstrip().endswith(":")
    if is_end and _heading_above(lines, where) < place:
        reason = f"the docstring of {name} ends here and has no beginning. Write {quotes} in front of its first line"
        return _at(error, lines, where, reason)
    if where <= place:
        return _at(error, lines, where, f"the text that begins here, in {name}, has no end. Close it with {quotes}")
    return error


def _about_a_word(line: str) -> str:
    """Advice if a line uses a word of Python as a name, or begins with a word that is nearly one; else ""."""
    for name in _USED_AS_NAME.findall(line):
        if keyword.iskeyword(name) and name != "yield":
            return f"`{name}` is a word of Python, and no name. Choose another, such as `{name}_`"
    begins = _WORD.match(line)
    word = (begins[1] or begins[2]) if begins else ""
    nearest = [one for one in keyword.kwlist if word and sorted(one) == sorted(word)]  # letters that are exchanged
    nearest = nearest or difflib.get_close_matches(word, keyword.kwlist, n=1, cutoff=0.7)
    return f"Did you mean: {nearest[0]}?" if nearest and not keyword.iskeyword(word) else ""


def _open_bracket(line: str) -> str:
    """The last bracket of a line that the line does not close; "" if it closes all."""
    opened: list[str] = []
    with suppress(tokenize.TokenError, SyntaxError):  # at its end, since the bracket is open
        for token in tokenize.generate_tokens(io.StringIO(line.strip()).readline):
            if token.string in ("(", "[", "{"):
                opened.append(token.string)
            elif token.string in (")", "]", "}") and opened:
                opened.pop()
    return opened[-1] if opened else ""


def _heading_above(lines: list[str], place: int) -> int:
    """The place of the last function or class that begins above a line."""
    return max((number for number, line in enumerate(lines[:place]) if _HEADING.match(line)), default=place)


def _open_text(lines: list[str]) -> tuple[int, str, str] | None:
    """The line, the function or class, and the quotes of a text that the next definition would end by opening its own."""
    name, opened = "", None
    for place, line in enumerate(lines):
        if (heading := _HEADING.match(line)) is not None:
            if opened is not None and name:
                return opened[0], name, opened[1]
            name = heading[1] or name
        for quotes in _QUOTES.findall(line.partition("#")[0] if opened is None else line):
            if opened is None:
                opened = (place, quotes)
            elif opened[1] == quotes:
                opened = None
    return None if opened is None or not name else (opened[0], name, opened[1])


def _at(error: SyntaxError, lines: list[str], place: int, reason: str) -> SyntaxError:
    return SyntaxError(reason, (error.filename, place + 1, 1, lines[place]))
