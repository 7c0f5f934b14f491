"""Ask a section's questions, and read and write the answers in the student's own file or notebook. The rest of the file stays."""

import ast
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from grader.course import UsageError
from grader.grading.records import replace_file
from grader.predictions import NAME, Answer, Question, answers_in, has_table, with_answers, written
from grader.section import Section
from grader.submission.formats import format_of
from grader.submission.notebook_cells import parse_cell
from grader.submission.python_file import encoding_of

_INDENTS = (1, 2, 4, None)  # of notebooks; Jupyter uses the first
_NOT_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)
_Parse = Callable[[str], ast.Module]


def answers_of(section: Section, path: Path) -> dict[str, Answer | None]:
    """The answers in a file of the section.

    Raises:
        UsageError: the file cannot be read, or has no `PREDICTIONS`.
    """
    text, parse, _ = _opened(section, path)
    return answers_in(parse(text))


def write_answers(section: Section, path: Path, answers: Mapping[str, Answer]) -> None:
    """Replace a file of the section by one with these answers.

    Raises:
        UsageError: the file cannot be read or written, or has no place for an answer.
    """
    text, parse, whole = _opened(section, path)
    try:
        replace_file(path, whole(with_answers(text, answers, parse)))
    except KeyError as error:
        raise UsageError(f"{path}: {NAME} has no entry {error}. {_bring_back(section)}") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}. Nothing was changed.") from None


def _bring_back(section: Section) -> str:
    return f"To get the questions again: grade reset {section.id} predictions"


def _opened(section: Section, path: Path) -> tuple[str, _Parse, Callable[[str], bytes]]:
    """The text around `PREDICTIONS`, its parser, and the function that puts a changed text back into the file."""
    try:
        data = path.read_bytes()
        opened = _cell if format_of(path.name).has_cells else _file
        text, parse, whole = opened(data)
        if has_table(parse(text)):
            return text, parse, whole
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}. Bring it back: grade reset {section.id}") from None
    except _NOT_PYTHON as error:
        line = f":{error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        why = error.msg if isinstance(error, SyntaxError) else "it cannot be read"
        raise UsageError(f"{path}{line}: {why}. Fix it, then: grade predict {section.id}") from None
    raise UsageError(f"{path}: this file has no {NAME}. {_bring_back(section)}")


def _file(data: bytes) -> tuple[str, _Parse, Callable[[str], bytes]]:
    encoding = encoding_of(data, "the file")
    return data.decode(encoding), ast.parse, lambda text: text.encode(encoding)


def _cell(data: bytes) -> tuple[str, _Parse, Callable[[str], bytes]]:
    """The last code cell of a notebook with a table: only the last one counts."""
    layout, notebook = _layout(data)
    found: dict[str, Any] | None = None
    for cell in notebook.get("cells", []):
        if cell.get("cell_type") == "code" and _has_table(_source(cell)):
            found = cell

    def whole(text: str) -> bytes:
        assert found is not None
        found["source"] = text if isinstance(found["source"], str) else text.splitlines(keepends=True)
        return layout(notebook)

    return "" if found is None else _source(found), _parse_cell, whole


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def _parse_cell(text: str) -> ast.Module:
    return parse_cell(text, "cell")


def _has_table(text: str) -> bool:
    try:
        return NAME in text and has_table(_parse_cell(text))
    except _NOT_PYTHON:
        return False


def _layout(data: bytes) -> tuple[Callable[[Any], bytes], Any]:
    """The function that writes the notebook with its own layout, or with Jupyter's if it has another; and the notebook."""
    notebook = json.loads(data)
    if not isinstance(notebook, dict):
        raise ValueError("not a notebook")

    def layout(indent: int | None, escaped: bool) -> Callable[[Any], bytes]:
        end = b"\n" if data.endswith(b"\n") else b""
        return lambda book: json.dumps(book, indent=indent, ensure_ascii=escaped).encode() + end

    layouts = [layout(indent, escaped) for indent in _INDENTS for escaped in (False, True)]
    return next((found for found in layouts if found(notebook) == data), layouts[0]), notebook


def ask(
    question: Question, before: Answer | None, prompt: Callable[[str], str], say: Callable[[str], object]
) -> Answer | None:
    """The answer typed in a terminal or notebook; None if the student only presses Enter."""
    for place, choice in enumerate(question.choices, 1):
        say(f"       {place}  {choice}")
    kind = f"1 to {len(question.choices)}" if question.choices else "a number"
    enter = "Enter leaves it open" if before is None else f"Enter keeps {written(before)}"
    while True:
        typed = prompt(f"     Your prediction ({kind}; {enter}): ").strip()
        if not typed:
            return None
        answer = _read(question, typed)
        if answer is not None:
            return answer
        say(f"     This is not an answer. Type {kind}, then press Enter.")


def _read(question: Question, typed: str) -> Answer | None:
    """The answer that was typed: a number, or a choice by its number or its words. None if it is not an answer."""
    if typed in question.choices:
        return typed
    try:
        number = float(typed)
    except ValueError:
        return None
    if not question.choices:
        return number if math.isfinite(number) else None
    place = int(number) if number.is_integer() else 0
    return question.choices[place - 1] if 1 <= place <= len(question.choices) else None
