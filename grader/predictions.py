"""Predictions: what a student expects to happen, in a constant of the section's file.

    PREDICTIONS = {
        # Bisection needs 52 steps. How many does Newton's method need, from the same start?
        # Answer: a number, within 5
        "steps_of_newton": None,
        # Which of the two can leave the interval?
        # Answer: "bisection" or "Newton"
        "leaves_interval": None,
    }

The comment above an entry is its question, and the line that begins with "Answer:" says what may stand in place of `None`.
The questions are read from the section's contract. The answers are read from the submission's syntax tree, in a worker.
"""

import ast
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

COMPUTED, RENAMED = "", "="  # no keys of a table: it is not written out; it has another name, which follows
NAME = "PREDICTIONS"
EXERCISE = "predictions"  # the name under which they are graded
POINTS = 0.25  # for each, right or wrong
_ANSWER = re.compile(r"Answer: *\S")
_NUMBER = re.compile(r"a number, within (\d+(?:\.\d+)?)( %)?")
_CHOICE = re.compile(r'"([^"]+)"')
_LISTED, _KEY_LETTERS, _ANSWER_LETTERS = 50, 100, 200  # more of a submission's answers is not read

Answer = str | float
"""One of the choices, or a number."""


class QuestionError(ValueError):
    """A question that cannot be read: the line in the file, and what is expected there."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


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
    def title(self) -> str:
        """The title of that check."""
        return f"Prediction made: {self.key.replace('_', ' ')}"

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
        tolerance = self.tolerance * (abs(outcome) if self.relative else 1.0)
        return math.isclose(answer, outcome, rel_tol=1e-9, abs_tol=tolerance)


@dataclass(frozen=True)
class Prediction:
    """A question, the student's prediction, and the outcome.

    `missing` says why there is no outcome or, if there is one, which functions behind it are wrong.
    """

    question: Question
    predicted: Answer | None = None
    outcome: Answer | None = None
    because: str = ""
    missing: str = ""

    @property
    def agrees(self) -> bool:
        """Whether it happened as predicted."""
        if self.predicted is None or self.outcome is None:
            return False
        return self.question.agrees(self.predicted, self.outcome)


def questions_in(text: str) -> tuple[Question, ...]:
    """The questions of a section's file, in their order; none if it has no `PREDICTIONS`.

    Raises:
        QuestionError: an entry has no question, or none of the two forms of "Answer:".
        SyntaxError: the file is not Python.
    """
    if NAME not in text:
        return ()
    table = _table(ast.parse(text))
    if table is None:
        return ()
    lines = [line.decode() for line in _lines(text)]
    questions: dict[str, Question] = {}
    for key in table.keys:
        name = _answer(key)
        if key is None or not isinstance(name, str) or not name.isidentifier() or name in questions:
            line = table.lineno if key is None else key.lineno
            raise QuestionError(line, f'each key of {NAME} is a name of its own, such as "steps_needed"')
        questions[name] = _question(name, _comment_above(lines, key.lineno), key.lineno)
    return tuple(questions.values())


def answers_in(tree: ast.Module) -> dict[str, Answer | None]:
    """The answers in a file, by key: None for None, and "" for anything that is not an answer.

    The only key is `COMPUTED` if the table is not written out.
    """
    table = _table(tree)
    if table is None:
        return {COMPUTED: ""} if _statement(tree) is not None else {}
    found: dict[str, Answer | None] = {}
    for key, value in list(zip(table.keys, table.values, strict=True))[:_LISTED]:
        name = _answer(key)
        if isinstance(name, str) and len(name) <= _KEY_LETTERS:
            found[name] = _answer(value)
    return found


def read_answers(value: object) -> dict[str, Answer | None]:
    """The same as a worker sent them, believing nothing about their form."""
    if not isinstance(value, dict):
        return {}
    found: dict[str, Answer | None] = {}
    for key, answer in list(value.items())[:_LISTED]:
        if isinstance(key, str) and len(key) <= _KEY_LETTERS:
            found[key] = answer if answer is None else _plain(answer)
    return found


def accepted(questions: Iterable[Question], answers: Mapping[str, Answer | None]) -> dict[str, Answer]:
    """The predictions among these answers, by key: only answers that can be given."""
    keys = {question.key: question for question in questions}
    return {
        key: answer
        for key, answer in answers.items()
        if answer is not None and key in keys and keys[key].accepts(answer)
    }


def has_table(tree: ast.Module) -> bool:
    """Whether a file or cell has a `PREDICTIONS` with entries to fill in."""
    return _table(tree) is not None


def is_table(node: ast.stmt) -> bool:
    """Whether a statement only says what `PREDICTIONS` is, in constants: it has no effect on anything else."""
    table = _table(ast.Module([node], []))
    if table is None or not isinstance(node, ast.Assign) or len(node.targets) > 1:
        return False
    signed = [part.operand if isinstance(part, ast.UnaryOp) else part for part in (*table.keys, *table.values)]
    return all(isinstance(part, ast.Constant) for part in signed)


def place_of_table(text: str) -> tuple[int, int] | None:
    """The first and last line of `PREDICTIONS`, counted from 1; None if the file has none. Raises SyntaxError."""
    statement = _statement(ast.parse(text))
    return None if statement is None else (statement.lineno, statement.end_lineno or statement.lineno)


def with_answers(
    text: str, answers: Mapping[str, Answer | None], parse: Callable[[str], ast.Module] = ast.parse
) -> str:
    """The file with these answers in its `PREDICTIONS`; all else stays as it is, to the byte.

    Raises:
        KeyError: the file has no entry of such a name.
        SyntaxError: the file is not Python.
    """
    table = _table(parse(text))
    places = {} if table is None else dict(zip(map(_answer, table.keys), table.values, strict=True))
    lines = _lines(text)
    chosen = sorted(answers, key=lambda name: (places[name].lineno, places[name].col_offset), reverse=True)
    for name in chosen:  # from the end, so that the places above stay where they are
        value = places[name]
        first, last = value.lineno - 1, (value.end_lineno or value.lineno) - 1
        before, after = lines[first][: value.col_offset], lines[last][value.end_col_offset :]
        lines[first : last + 1] = [before + written(answers[name]).encode() + after]
    return b"".join(lines).decode()


def table_with(text: str, answers: Mapping[str, Answer | None]) -> str:
    """The statement of `PREDICTIONS` alone, of a section's file that has one, with these answers and no others."""
    whole = with_answers(unanswered(text), answers)
    place = place_of_table(whole)
    assert place is not None
    return "\n".join(line.rstrip("\r") for line in whole.split("\n")[place[0] - 1 : place[1]])


def unanswered(text: str) -> str:
    """The file with `None` in place of each answer, as students get it."""
    return with_answers(text, dict.fromkeys(question.key for question in questions_in(text)))


def written(answer: Answer | None) -> str:
    """An answer as Python text."""
    if isinstance(answer, str):
        return '"' + answer.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return "None" if answer is None else f"{answer:g}" if float(f"{answer:g}") == answer else repr(answer)


def _statement(tree: ast.Module) -> ast.Assign | ast.AnnAssign | None:
    """The last assignment to `PREDICTIONS`: Python uses that one."""
    found = None
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == NAME for target in targets):
            assert isinstance(node, ast.Assign | ast.AnnAssign)
            found = node
    return found


def _table(tree: ast.Module) -> ast.Dict | None:
    """The entries of `PREDICTIONS`, if it is written out."""
    statement = _statement(tree)
    value = None if statement is None else statement.value
    return value if isinstance(value, ast.Dict) else None


def _answer(node: ast.expr | None) -> Answer | None:
    """The constant that an expression is: a short text, a number or None; "" for anything else."""
    try:
        value = ast.literal_eval(node) if node is not None else ""
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ""
    return None if value is None else _plain(value)


def _plain(value: object) -> Answer:
    """A short text that can be sent, or a finite number; "" for anything else."""
    if isinstance(value, str):
        return value if len(value) <= _ANSWER_LETTERS and value.isprintable() else ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    try:
        return float(value) if math.isfinite(value) else ""
    except OverflowError:
        return ""


def _lines(text: str) -> list[bytes]:
    """The lines as the syntax tree counts them, each with its end: there, a form feed ends no line."""
    return re.split(rb"(?<=\n)|(?<=\r)(?!\n)", text.encode())


def _comment_above(lines: list[str], number: int) -> list[str]:
    """The lines of comment right above a line, without their signs."""
    found: list[str] = []
    for line in reversed(lines[: number - 1]):
        if not line.strip().startswith("#"):
            break
        found.insert(0, line.strip().lstrip("#").strip())
    return found


def _question(key: str, comment: list[str], line: int) -> Question:
    starts = [place for place, said in enumerate(comment) if _ANSWER.match(said)]
    text = " ".join(comment[: starts[-1]]) if starts else ""
    if not text:
        example = '# Answer: "yes" or "no"'
        raise QuestionError(line, f'"{key}" needs a comment above it: the question, and a last line such as {example}')
    answer = " ".join(comment[starts[-1] :]).removeprefix("Answer:").strip()
    if number := _NUMBER.fullmatch(answer):
        tolerance = float(number[1]) / (100 if number[2] else 1)
        return Question(key, text, tolerance=tolerance, relative=bool(number[2]))
    choices = tuple(_CHOICE.findall(answer))
    if len(choices) < 2:
        expected = "two or more choices in quotation marks, or: # Answer: a number, within 5"
        raise QuestionError(line, f'"{key}" needs {expected}')
    return Question(key, text, choices)
