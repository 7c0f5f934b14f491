"""The commands for students, besides grading."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.command import examples
from grader.cli.common import console, exit_with, note, prepare_imports
from grader.cli.completion import exercises, sections, sections_or_files
from grader.cli.group import cli
from grader.cli.guard import OUTPUT, SOURCE_OUTPUT
from grader.cli.target import Target
from grader.course import Course, UsageError
from grader.find_course import find_course
from grader.predictions import EXERCISE
from grader.section import Section

if TYPE_CHECKING:
    from grader.grading.report import Report


@cli.command("next", epilog=examples("grade next", "grade next {section} {exercise}"))
@click.argument("section", required=False, shell_complete=sections)
@click.argument("exercise", required=False, shell_complete=exercises)
def show_next(section: str | None, exercise: str | None) -> None:
    """Show the next exercise: its text, and where to write it. Or the one that you name."""
    from grader.grading.exercise_text import text_of
    from grader.render.terminal.exercise import render_exercise
    from grader.render.terminal.outcomes import render_questions

    step = _step(find_course(), section, exercise, "grade next")
    if step is None:
        click.echo("There is nothing left to write here. To read the text of an exercise, name it.")
        exit_with(0)
    if step[1] == EXERCISE:
        render_questions(step[0], console())
    else:
        render_exercise(step[0], text_of(*step), console())
    exit_with(0)


def _step(
    course: Course, section: str | None, exercise: str | None, command: str, functions_only: bool = False
) -> tuple[Section, str] | None:
    """The named exercise, or the first that is not right, of the section or of all; None if all are right."""
    from grader.grading.records import Records
    from grader.grading.section_progress import next_exercise, next_step

    if section is None:
        return next_step(course, functions_only)
    chosen = course.find(section, command)
    if exercise:
        return chosen, chosen.find_exercise(exercise, command)
    name = next_exercise(chosen, Records(course), functions_only)
    return None if name is None else (chosen, name)


@cli.command(
    epilog=examples("grade reset {section} {exercise}", "grade reset {section}", "grade reset {section} --undo")
)
@click.argument("section", shell_complete=sections)
@click.argument("exercise", required=False, shell_complete=exercises)
@click.option("--undo", is_flag=True, help="Bring back the file that the last reset kept.")
def reset(section: str, exercise: str | None, undo: bool) -> None:
    """Put a section's file, or one exercise in it, back to how it was handed out. Your old file is kept."""
    from datetime import datetime

    from grader.kit.reset import reset as put_back
    from grader.kit.reset import undo as bring_back
    from grader.toolkit.typed_paths import as_typed

    course = find_course()
    chosen = course.find(section, "grade reset")
    name = chosen.find_exercise(exercise, "grade reset") if exercise else None
    if undo:
        if name:
            raise UsageError(f"--undo brings back the whole file. Leave {name} out: grade reset {chosen.id} --undo")
        earlier, kept = bring_back(course, chosen, datetime.now())
        said = f" The one before is kept: {as_typed(kept)}" if kept else ""
        click.echo(f"{as_typed(chosen.exercise)} is {as_typed(earlier)} again.{said}")
        exit_with(0)
    kept = put_back(course, chosen, name, datetime.now())
    what = f"{name} in {as_typed(chosen.exercise)}" if name else as_typed(chosen.exercise)
    click.echo(f"{what} is as it was handed out." + (f" Your file is kept: {as_typed(kept)}" if kept else ""))
    exit_with(0)


@cli.command(epilog=examples("grade pack", "grade pack --out week4.zip"))
@click.option("--out", type=OUTPUT, metavar="FILE", help="The archive to write. Default: submission.zip.")
def pack(out: Path | None) -> None:
    """Pack your section files, and the results of your last gradings, into one zip to hand in. Then grade that zip."""
    from grader.kit.pack import FILENAME
    from grader.kit.pack import pack as put_together
    from grader.render.terminal.overview import render_handed_in, render_packed

    course = find_course()
    path = out or course.root / FILENAME
    packed, missing = put_together(course, path)
    render_packed(path, packed, missing, console())
    sections = [progress.section for progress in packed]
    render_handed_in(graded_as_handed_in(course, path, sections), console())
    exit_with(0)


def graded_as_handed_in(course: Course, archive: Path, sections: Sequence[Section]) -> "list[Report]":
    """The Reports of the sections in an archive of one's own, as instructors will read it."""
    prepare_imports()
    from grader.cli.grading import graded
    from grader.sandbox.process.trust import Trust
    from grader.service import Service
    from grader.submission.locate import read_sections

    found = read_sections(archive, sections, course.sections, alone=False).expect_all()
    target = Target(course, archive, found, (), several=True, words=None)
    with Service.open(course, Trust(everybody=True), found) as service:
        return graded(target, service)


@cli.command(
    epilog=examples(
        "grade notebook {section}   makes exercises/{stem}.ipynb",
        "grade notebook exercises/{stem}.ipynb   makes exercises/{stem}.py",
    )
)
@click.argument("section", metavar="SECTION|FILE.ipynb", shell_complete=sections_or_files)
@click.option(
    "--out",
    type=SOURCE_OUTPUT,
    metavar="FILE",
    help="The file to write. Default: a file in the folder of its source; for notebooks of the kit, in exercises/.",
)
@click.option("--force", is_flag=True, help="Replace an existing file; a backup keeps it.")
def notebook(section: str, out: Path | None, force: bool) -> None:
    """Make a notebook of your file for a section, with a cell to grade each exercise; or your file of a notebook."""
    from datetime import datetime

    from grader.kit.notebooks import write_notebook, write_python
    from grader.toolkit.typed_paths import as_argument, as_typed

    course, now = find_course(), datetime.now()
    if section.lower().endswith(".ipynb"):
        written = write_python(course, Path(section), out, force, now)
    else:
        written = write_notebook(course, course.find(section, "grade notebook", of_exercises=False), out, force, now)
    source, path = as_typed(written.source), as_typed(written.path)
    kept = f" The one before it is kept: {as_typed(written.backup)}" if written.backup else ""
    click.echo(f"{path} is made from {source}.{kept}")
    if written.broken is not None:
        note(
            f"line {written.broken} is not Python. In the notebook, only that cell is left out; the Python file cannot be graded "
            "at all. Fix the line or remove it."
        )
    word = as_argument(written.path)
    back = f"Open it in Jupyter or an editor. The way back to a Python file:  grade notebook {word}"
    click.echo(f"  Next:  grade {word}" if path.endswith(".py") else f"  Next:  {back}")
    exit_with(0)


@cli.command(epilog=examples("grade diff {section}", "grade diff {section} {exercise}   since it last passed"))
@click.argument("section", shell_complete=sections)
@click.argument("exercise", required=False, shell_complete=exercises)
def diff(section: str, exercise: str | None) -> None:
    """Show your changes in a section's file since it was handed out, or since an exercise last passed."""
    from grader.grading.records import Records
    from grader.kit.reset import difference
    from grader.render.terminal.exercise import render_diff

    course = find_course()
    chosen = course.find(section, "grade diff", of_exercises=exercise is not None)
    name = chosen.find_exercise(exercise, "grade diff") if exercise else ""
    earlier = Records(course).last_passed(chosen, name) if name else None
    if name and earlier is None:
        raise UsageError(
            f"{name} has not passed yet. To see your changes since it was handed out: grade diff {chosen.id}"
        )
    lines = difference(chosen, name, earlier)
    if not lines:
        since = f"when {name} passed" if name else "handed out"
        click.echo(f"{chosen.exercise.name} is as it was {since}.")
    render_diff(lines, console())
    exit_with(0)


@cli.command(epilog=examples("grade hint", "grade hint {section} {exercise}", "grade hint {section} {exercise} --all"))
@click.argument("section", required=False, shell_complete=sections)
@click.argument("exercise", required=False, shell_complete=exercises)
@click.option("--all", "everything", is_flag=True, help="Show again all hints that were shown so far.")
def hint(section: str | None, exercise: str | None, everything: bool) -> None:
    """Show the next hint, from gentle to direct: about the exercise that you name, or the next one."""
    from grader.diagnosis.hints import next_hint, shown_hints
    from grader.grading.records import Records
    from grader.grading.section_progress import is_stale
    from grader.render.terminal.exercise import render_hint, render_hints

    course = find_course()
    records = Records(course)
    step = _step(course, section, exercise, "grade hint", functions_only=True)
    if step is None:
        what = course.find(section).id if section else "Everything"
        click.echo(f"{what} is right, so it needs no hint. To see the hints of an exercise, name it.")
        exit_with(0)
    chosen, name = step
    if name == EXERCISE:
        raise UsageError(f"A prediction needs no hint: each answer counts. To answer: grade predict {chosen.id}")
    if everything:
        shown = shown_hints(chosen, name, records)
        if not shown:
            raise UsageError(f"No hint of {name} was shown yet. Try: grade hint {chosen.id} {name}")
        render_hints(name, shown, console())
        exit_with(0)
    found = next_hint(chosen, name, records)
    if found is None:
        raise UsageError(f"There are no hints for {name} in this course. Its text may help: {chosen.stem}.py")
    render_hint(chosen, found, console())
    kept = [one for one in records.last(chosen).values() if one.result.exercise == name]
    if found.about_mistake and is_stale(chosen, kept):
        note("Your file has changed since it was graded. Grade it again for a hint on your new code.")
    note(records.trouble())
    exit_with(0)


@cli.command(epilog=examples("grade stop"))
def stop() -> None:
    """End the warm process, which makes the next grading in a terminal faster."""
    count = 0
    if sys.platform == "linux":
        from grader.warm.warm_process import stop_all

        count = stop_all()
    click.echo("Ended the warm process." if count else "No warm process is running.")
    exit_with(0)
