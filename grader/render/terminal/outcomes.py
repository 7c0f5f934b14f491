"""Print the questions of a section, what the student predicted, and what happened."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from grader.predictions import NAME, Prediction, Question
from grader.render.terminal.text_layout import aligned, heading, indented
from grader.render.words import prediction_text
from grader.section import Section
from grader.toolkit.typed_paths import as_typed


def render_questions(section: Section, console: Console) -> None:
    """Print the questions with their possible answers, then the next command."""
    _title(section, console)
    for number, question in enumerate(section.questions, 1):
        render_question(number, question, console)
        indented(console, Text(f"Answer: {question.allowed}"), 5, above=0)
    console.print()
    command = Text.assemble(("  Next:  ", "bold"), (f"grade predict {section.id}", "bold cyan"))
    console.print(command, soft_wrap=True)


def render_predictions(
    section: Section, found: Sequence[Prediction], file: Path, command: str, console: Console
) -> None:
    """Print each prediction beside the outcome, then the next step. `command` asks the questions that are open in `file`."""
    render_outcomes(section, found, console)
    console.print()
    for line in _next(section, found, file, command).split():
        console.print(line, soft_wrap=True)


def render_outcomes(section: Section, found: Sequence[Prediction], console: Console) -> None:
    """Print each prediction beside the outcome."""
    _title(section, console)
    for number, prediction in enumerate(found, 1):
        render_question(number, prediction.question, console)
        _prediction(prediction, console)


def _title(section: Section, console: Console) -> None:
    console.print()
    console.print(Text(heading(section.label, section.topic), "bold"), soft_wrap=True)


def render_question(number: int, question: Question, console: Console) -> None:
    """Print a question."""
    indented(console, Text(f"{number}. {question.text}", "bold"), 2)


def _prediction(prediction: Prediction, console: Console) -> None:
    text = prediction_text(prediction)
    rows = [
        (Text(label), Text(answer), Text(said, "green" if prediction.agrees else "yellow"))
        for label, answer, said in text.rows
    ]
    if rows:
        indented(console, aligned(rows), 5, above=0, wrap=False)
    for remark in text.remarks:
        indented(console, Text(remark), 5, above=0)


def _next(section: Section, found: Sequence[Prediction], file: Path, command: str) -> Text:
    head, again = ("  Next:  ", "bold"), (command, "bold cyan")
    if any(one.predicted is None for one in found):
        what = f"write your answers in place of None, in {NAME} of {as_typed(file)}"
        return Text.assemble(head, what, "\n         or, in a terminal,  ", again)
    if any(one.outcome is None for one in found):
        return Text.assemble(head, "write what is missing, then  ", again)
    return Text.assemble(head, (f"grade {section.id}", "bold cyan"))
