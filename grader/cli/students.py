"""Verbs for students besides grading itself."""

import click

from grader.cli.common import console, exit_with
from grader.cli.group import cli
from grader.course import UsageError, find_course


@cli.command()
@click.argument("section")
@click.argument("exercise", required=False)
@click.option("--all", "everything", is_flag=True, help="Show again all hints that were shown so far.")
def hint(section: str, exercise: str | None, everything: bool) -> None:
    """Show the next hint, from gentle to plain: grade hint section4 momentum_step."""
    from grader.grading.hints import next_exercise, next_hint, shown_hints
    from grader.grading.records import Records
    from grader.render.hint import render, render_all

    course = find_course()
    chosen = course.find(section)
    records = Records(course)
    name = chosen.find_exercise(exercise) if exercise else next_exercise(chosen, records)
    if name is None:
        click.echo(
            f"{chosen.id} is all right: there is nothing to hint at. Name an exercise to see its hints all the same."
        )
        exit_with(0)
    if everything:
        shown = shown_hints(chosen, name, records)
        if not shown:
            raise UsageError(f"No hint of {name} was shown yet. Try: grade hint {chosen.id} {name}")
        render_all(name, shown, console())
        exit_with(0)
    found = next_hint(chosen, name, records)
    if found is None:
        raise UsageError(f"There are no hints for {name} in this course. Its text may help: {chosen.stem}.py")
    render(chosen, found, console())
    exit_with(0)
