"""The likely content of a file that is not Python: text of another tool, or a docstring without an end."""

import re

from grader.submission.notebook_cells import MAGIC

_CONFLICT = re.compile(r"(<{7}|>{7}|\|{7}) |={7}$")
_OPENING = re.compile(r"<{7} ")
_FENCE = re.compile(r"\s*(```|~~~)")
_PROMPT = re.compile(r"\s*(>>>|In \[\d+\]:|\$) ")
_HEADING = re.compile(r"(?:async\s+)?(?:def|class)\s+(\w+)|@")
_OPERATOR = re.compile(r"[^=<>!]=([<>])[^=]")  # behind a name or a bracket
_ELSE_IF = re.compile(r"\s*else\s+if\b")
_SIGN = re.compile(r"[+-](\s{2,}\S|\t)")
_QUOTES = re.compile(r'"""|\'\'\'')


def explained(error: SyntaxError, text: str) -> SyntaxError:
    """The error, or an error that names the text that is not Python, and its line."""
    lines = text.split("\n")
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
    if isinstance(error, TabError):
        return _at(
            error, lines, place, "this line is indented with tabs, and others with spaces. Use four spaces per level"
        )
    if (wrong := _OPERATOR.search(line)) and error.msg == "invalid syntax":
        return _at(error, lines, place, f"invalid syntax. Write {wrong[1]}= for ={wrong[1]}")
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
