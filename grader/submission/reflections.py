"""Sentences of students about a section: the markdown cell with the heading "Reflection".

It is read as text, in the trusted process: nothing of it is parsed as Python. A question is a line in bold, or an item of a list,
in the section's own file. What stands below it in the submission is the student's answer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from grader.submission.notebook_cells import cell_of, has_marks

LETTERS = 20_000  # of a cell; more is not read
_HEADING = re.compile(r"#{1,6} +Reflection\b.*", re.IGNORECASE)
_MARKER = re.compile(r"#\s?%%")
_MARK = re.compile(r"\*\*|[-*+]|\d+[.)]")
_QUESTION = re.compile(r"(?:\*\*|[-*+] |\d+[.)] )\s*(?=\S)")


@dataclass(frozen=True)
class Reflection:
    """A question and the student's answer. The question is "" where none was found in what the student wrote."""

    question: str
    text: str


def is_reflection(markdown: str) -> bool:
    """Whether a markdown cell begins with the heading."""
    lines = markdown.split("\n")
    return _HEADING.fullmatch(next((line.strip() for line in lines if line.strip()), "")) is not None


def as_comments(markdown: str) -> str:
    """A markdown cell as lines of comment, as a Python file has it."""
    return "\n".join(f"# {line}".rstrip() for line in markdown[:LETTERS].split("\n"))


def reflections_in(source: bytes, handed_out: str) -> list[Reflection]:
    """The answers in a submission to the questions of the section's own file; none if that asks nothing."""
    asked, mine = _cell(handed_out.encode()), _cell(source)
    questions = list(_questions(asked))
    before, after = _answers(asked, questions), _answers(mine, questions)
    found = [Reflection(one, after.get(one, "").removeprefix(before.get(one, "")).strip()) for one in questions]
    return found if after or not questions or not mine else [Reflection("", mine), *found]


def _cell(source: bytes) -> str:
    """The text of the last cell with the heading, without the heading and the signs of comments; "" if there is none."""
    lines = source.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    is_notebook = has_marks(source)
    begins = [place for place, line in enumerate(lines) if (cell_of(line) if is_notebook else _MARKER.match(line))]
    for first, end in reversed(list(pairwise([*begins, len(lines)]))):
        text = "\n".join(re.sub(r"^# ?", "", line) for line in lines[first + 1 : end])
        if is_reflection(text):
            return text.strip().partition("\n")[2].strip()[:LETTERS]
    return ""


def _questions(text: str) -> Iterator[str]:
    """Each question of a cell in one line, without its marks."""
    lines: list[str] = []
    for line in [*text.split("\n"), ""]:
        begins = _QUESTION.match(line.strip())
        if lines and (begins or not line.strip()):
            yield " ".join(lines).replace("**", "").strip()
            lines = []
        if begins or lines:
            lines.append(_QUESTION.sub("", line.strip(), count=1) if begins else line.strip())


def _answers(text: str, questions: list[str]) -> dict[str, str]:
    """The text below each question, which is found with any line breaks and marks."""
    places = []
    for question in questions:
        words = re.findall(r"\w+", question)
        place = re.search(r"\W+".join(words) + r"[^\w\n]*", text) if words else None
        if place is not None:
            places.append((place.start(), place.end(), question))
    places = [*sorted(places), (len(text), len(text), "")]
    found = {question: text[begin:end].strip() for (_, begin, question), (end, _, _) in pairwise(places)}
    return {
        question: answer if question == places[-2][2] else _without_mark(answer) for question, answer in found.items()
    }


def _without_mark(text: str) -> str:
    """An answer without the mark of the next question, which stands before its words: alone in the last line."""
    before, _, last = text.rpartition("\n")
    return before.strip() if _MARK.fullmatch(last.strip()) else text
