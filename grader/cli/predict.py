"""`grade predict SECTION`: ask what will happen, and then show it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import completion
from grader.cli.command import examples
from grader.cli.common import PATH, SUBMISSION_HELP, UNSAFE_HELP, console, exit_with, importing, note
from grader.cli.group import cli
from grader.cli.target import find_target, is_path
from grader.course import Course, UsageError
from grader.find_course import find_course
from grader.predictions import EXERCISE
from grader.section import Section
from grader.submission.formats import FORMATS, format_of

if TYPE_CHECKING:
    from grader.service import Service
    from grader.submission.submission import Submission


@cli.command(
    epilog=examples(
        "grade predict {section}   asks what you expect, then shows what your functions do",
        "grade predict {section} --again   asks all questions once more",
        "grade predict {stem}.ipynb   writes your answers into a notebook",
    )
)
@click.argument("section", metavar="SECTION|FILE", shell_complete=completion.sections_or_files)
@click.option("--again", "asks_all", is_flag=True, help="Ask the questions that you have answered, too.")
@click.option("--submission", type=PATH, help=SUBMISSION_HELP)
@click.option("--unsafe", is_flag=True, help=UNSAFE_HELP)
def predict(section: str, asks_all: bool, submission: Path | None, unsafe: bool) -> None:
    """Predict what will happen, then compare with what your own functions do. Each prediction earns points, right or wrong."""
    course = find_course()
    chosen, file = _located(course, section, submission)
    if not chosen.questions:
        raise UsageError(f"{chosen.id} asks for no predictions. To grade it: grade {chosen.id}")
    from grader.sandbox.process.trust import Trust, describe_confinement
    from grader.service import Service

    trust, place = Trust(course.root, unsafe), file.path
    with Service.open(course, trust, [(chosen, file)]) as service:
        if sys.stdin.isatty() and sys.stdout.isatty() and place.suffix in FORMATS:
            _ask(chosen, place, asks_all)
            _, file = _located(course, chosen.id, place)
        _show(service, chosen, file, _again(chosen, section, submission))
        note(file.remark)
        note(describe_confinement(service.confinement, Trust(course.root).includes(file)))
    exit_with(0)


def _located(course: Course, word: str, submission: Path | None) -> "tuple[Section, Submission]":
    """The section and its file: the named file, else the student's own, or their notebook if that is newer."""
    from grader.grading.section_progress import newer_notebook

    if not is_path(word):
        section = course.find(word, "grade predict", of_exercises=False)
        word, submission = section.id, submission or newer_notebook(section)
    target = find_target(course, word, (), submission)
    if target.several:
        raise UsageError(
            f"{word} holds several sections. Name one: grade predict {target.sections[0].id} --submission {word}"
        )
    return target.sections[0], target.files[0]


def _again(section: Section, word: str, submission: Path | None) -> str:
    """The same command once more."""
    from grader.toolkit.typed_paths import as_argument

    if is_path(word):
        return f"grade predict {as_argument(Path(word))}"
    named = f" --submission {as_argument(submission)}" if submission is not None else ""
    return f"grade predict {section.id}{named}"


def _ask(section: Section, place: Path, asks_all: bool) -> None:
    """Ask the questions that are open, and keep each answer at once: an interrupt loses none."""
    from grader.kit.answers import answers_of, ask, write_answers
    from grader.render.terminal.outcomes import render_question
    from grader.toolkit.typed_paths import as_typed

    answers, written = answers_of(section, place), False
    for number, question in enumerate(section.questions, 1):
        before = answers.get(question.key)
        if question.accepts(before) and not asks_all:
            continue
        render_question(number, question, console())
        answer = ask(question, before if question.accepts(before) else None, _prompt, click.echo)
        if answer is not None:
            write_answers(section, place, {question.key: answer})
            written = True
    if written:
        click.echo(f"\n  Your answers are in {as_typed(place)}.")
        if format_of(place.name).has_cells:
            note("if it is open in Jupyter, reload it from disk.")


def _prompt(text: str) -> str:
    typed: str = click.prompt(text, default="", show_default=False, prompt_suffix="")
    return typed


def _show(service: "Service", section: Section, file: "Submission", again: str) -> None:
    """Grade what is answered, and show what happens."""
    with importing(service.course.uses_torch):
        import grader.service.parallel  # noqa: F401  # here, where an error can name a missing module
        from grader.figures.experiments import predictions_of
        from grader.grading.records import Records
        from grader.grading.request import Selection, Task
        from grader.render.terminal.outcomes import render_predictions

    (report,) = service.grade([Task(section, file, Selection((EXERCISE,)))])
    if file.path in (section.exercise, *section.notebooks):
        Records(service.course).keep(section, report, file.source)
    found = predictions_of(section, service.admit_for_pictures(file))
    render_predictions(section, found, file.path, again, console())
