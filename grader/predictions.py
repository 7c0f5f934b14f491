"""Predictions: what a student expects to happen, in a constant of the section's file.

    PREDICTIONS = {
        # Gradient descent needs 62 steps. How many does it need with momentum 0.5, at the same learning rate?
        # Answer: a number, within 5
        "steps_with_momentum": None,
        # Which of the two swings more across the ravine?
        # Answer: "gradient descent" or "momentum"
        "swings_more": None,
    }

The comment above an entry is its question, and the line that begins with "Answer:" says what may stand in place of `None`.
The questions are read from the section's contract. The answers are read from the submission's syntax tree, in a worker.
"""

import ast
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

NAME = "PREDICTIONS"
EXERCISE = "predictions"  # the name under which they are graded
POINTS = 0.25  # for each, right or wrong
_ANSWER = re.compile(r"Answer: *(.+)")
_NUMBER = re.compile(r"a number, within ([0-9.]+)( %)?")
_CHOICE = re.compile(r'"([^"]+)"')
_LISTED, _KEY_LETTERS, _ANSWER_LETTERS = 50, 100, 200  # more of a submission's answers is not read

Answer = str | float
"""One of the choices, or a number."""


class QuestionError(ValueError):
    """A question that cannot be read; the message names the line and what is expected there."""


@dataclass(frozen=True)
class Question:
    """A question, with its `choices`, or with the `tolerance` within which a number is right."""

    key: str
    text: str
    choices: tuple[str, ...] = ()
    tolerance: float = 0.0
    relative: bool = False  # the tolerance is a share of the outcome

    @property
    def check_id(self) -> str:
        """The id of the check that the prediction is made."""
        return f"prediction_{self.key}"

    @property
    def allowed(self) -> str:
        """The answers that can be given, in words."""
        if not self.choices:
            return "a number"
        listed = [f'"{choice}"' for choice in self.choices]
        return f"{', '.join(listed[:-1])} or {listed[-1]}"

    def accepts(self, answer: object) -> bool:
        """Whether this is an answer to the question."""
        if self.choices:
            return answer in self.choices
        return isinstance(answer, int | float) and not isinstance(answer, bool) and math.isfinite(answer)

    def agrees(self, answer: Answer, outcome: Answer) -> bool:
        """Whether a prediction is what happened."""
        if isinstance(answer, str) or isinstance(outcome, str):
            return answer == outcome
        return abs(answer - outcome) <= self.tolerance * (abs(outcome) if self.relative else 1.0)


def questions_in(text: str) -> tuple[Question, ...]:
    """The questions of a section's file, in their order; none if it has no `PREDICTIONS`.

    Raises:
        QuestionError: an entry has no question, or none of the two forms of "Answer:".
    """
    table = _table(ast.parse(text))
    if table is None:
        return ()
    lines = text.splitlines()
    questions = []
    for key in table.keys:
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            raise QuestionError(f"line {table.lineno}: each key of {NAME} is a string.")
        questions.append(_question(key.value, _comment_above(lines, key.lineno), key.lineno))
    return tuple(questions)


def answers_in(tree: ast.Module) -> dict[str, Answer | None]:
    """The answers that a file writes out; None for anything but a short string or a finite number."""
    table = _table(tree)
    if table is None:
        return {}
    found: dict[str, Answer | None] = {}
    for key, value in list(zip(table.keys, table.values, strict=True))[:_LISTED]:
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and len(key.value) <= _KEY_LETTERS:
            found[key.value] = _literal(value)
    return found


def with_answers(text: str, answers: Mapping[str, Answer | None]) -> str:
    """The file with these answers in its `PREDICTIONS`; all else stays as it is, to the byte.

    Raises:
        KeyError: the file has no entry of such a name.
        SyntaxError: the file is not Python.
    """
    table = _table(ast.parse(text))
    places = (
        {}
        if table is None
        else {_literal(key): value for key, value in zip(table.keys, table.values, strict=True) if key}
    )
    lines = text.encode().split(b"\n")
    chosen = sorted(answers, key=lambda name: (places[name].lineno, places[name].col_offset), reverse=True)
    for name in chosen:  # from the end, so that the places above stay where they are
        value = places[name]
        first, last = value.lineno - 1, (value.end_lineno or value.lineno) - 1
        before, after = lines[first][: value.col_offset], lines[last][value.end_col_offset :]
        lines[first : last + 1] = [before + _written(answers[name]).encode() + after]
    return b"\n".join(lines).decode()


def unanswered(text: str) -> str:
    """The file with `None` in place of each answer, as students get it."""
    table = _table(ast.parse(text))
    names = [] if table is None else [str(_literal(key)) for key in table.keys if key]
    return with_answers(text, dict.fromkeys(names))


def _table(tree: ast.Module) -> ast.Dict | None:
    """The last `PREDICTIONS = {...}` of a file: Python uses that one."""
    found = None
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == NAME for target in targets):
            value = getattr(node, "value", None)
            found = value if isinstance(value, ast.Dict) else None
    return found


def _literal(node: ast.expr | None) -> Answer | None:
    try:
        value = ast.literal_eval(node) if node is not None else None
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    if isinstance(value, str):
        return value if len(value) <= _ANSWER_LETTERS else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _written(answer: Answer | None) -> str:
    """An answer as Python text."""
    if isinstance(answer, str):
        return '"' + answer.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return "None" if answer is None else f"{answer:g}" if float(f"{answer:g}") == answer else repr(answer)


def _comment_above(lines: list[str], number: int) -> list[str]:
    """The lines of comment right above a line, without their signs."""
    found: list[str] = []
    for line in reversed(lines[: number - 1]):
        if not line.strip().startswith("#"):
            break
        found.insert(0, line.strip().lstrip("#").strip())
    return found


def _question(key: str, comment: list[str], line: int) -> Question:
    answer = _ANSWER.fullmatch(comment[-1]) if comment else None
    text = " ".join(comment[:-1])
    if answer is None or not text:
        raise QuestionError(
            f'line {line}: "{key}" needs its question in a comment above it, and a last line such as: # Answer: "yes" or "no"'
        )
    if number := _NUMBER.fullmatch(answer[1].strip()):
        tolerance = float(number[1]) / (100 if number[2] else 1)
        return Question(key, text, tolerance=tolerance, relative=bool(number[2]))
    choices = tuple(_CHOICE.findall(answer[1]))
    if len(choices) < 2:
        raise QuestionError(
            f'line {line}: "{key}" needs two or more choices in quotation marks, or: # Answer: a number, within 5'
        )
    return Question(key, text, choices)
