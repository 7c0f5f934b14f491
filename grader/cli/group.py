"""The command `grade`: its subcommands, and the sections of the course."""

import difflib
from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from grader import __version__
from grader.cli import completion
from grader.cli.command import CommandGroup, examples
from grader.cli.common import ALL, console, exit_with, note
from grader.cli.grading import section_command
from grader.cli.target import is_path
from grader.course import Course, UsageError
from grader.find_course import find_course

EXAMPLES = examples(
    "grade   points per section, and what is next",
    "grade {section}   grade a section; also: grade {number}, grade {name}",
    "grade {section} {exercise}   grade one exercise",
    "grade predict {section}   predict what will happen, then compare",
    "grade next   the text of the next exercise, and where to write it",
    "grade read {section}   the section as a page to read, with your own pictures",
    "grade hint {section} {exercise}   the next hint about it, from gentle to direct",
    "grade {section} --submission FOLDER   grade the files in FOLDER",
    "grade notebook {section}   make a notebook of your file, with cells to grade it",
    "grade {stem}.ipynb   grade a notebook; also a .py, a .zip or a folder",
    "grade all --json report.json   grade everything, and keep the record",
    "grade doctor   which protections this machine has",
)


FOR_STUDENTS = (
    *("next", "predict", "hint", "repro", "plot", "read", "notebook"),
    *("diff", "reset", "pack", "doctor", "stop"),
)


class Grade(CommandGroup):
    """The subcommands, and a command for each section of the course."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = super().get_command(ctx, cmd_name)
        if command is not None:
            return command
        if cmd_name != ALL and not is_path(cmd_name):
            self._expect_section(cmd_name)
        return section_command(cmd_name)

    def _expect_section(self, word: str) -> None:
        """Raise UsageError with the nearest command or section."""
        course = find_course()
        try:
            course.find(word)
        except UsageError:
            sections = [name for section in course.sections for name in (section.id, section.name)]
            if word == "grade" and course.sections:
                raise UsageError(f"Type grade once, and then a section: grade {course.sections[0].id}") from None
            nearest = difflib.get_close_matches(word.lower(), [*self.commands, *sections, ALL], n=1)
            if not nearest or nearest[0] in sections:
                raise
            raise UsageError(f'There is no command or section "{word}". Did you mean: grade {nearest[0]}') from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, and the sections of the course, if there is a course here; in a kit, only a student's commands."""
        try:
            course = find_course()
        except UsageError:
            return list(super().list_commands(ctx))
        commands = FOR_STUDENTS if course.is_kit else super().list_commands(ctx)
        sections = [section.id for section in course.sections]
        return [*commands, *sections, *([ALL] if sections else [])]

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command or a section, else the name of a file to grade."""
        return super().shell_complete(ctx, incomplete) or completion.files(incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the student's commands, the others except in a kit, and the sections."""
        try:
            course = find_course()
        except UsageError:  # help must work without a course
            course = None
        others = sorted(name for name, one in self.commands.items() if name not in FOR_STUDENTS and not one.hidden)
        with formatter.section("Commands"):
            first = "SECTION [EXERCISE]…", "Grade a section, or some of its exercises."
            formatter.write_dl([first, *self._rows(FOR_STUDENTS)])
        if course is None or not course.is_kit:
            with formatter.section("For instructors and authors"):
                formatter.write_dl(self._rows(others))
        if course is not None and course.sections:
            with formatter.section("Sections"):
                formatter.write_dl([(one.id, one.name) for one in course.sections] + [(ALL, "every section")])

    def _rows(self, names: Sequence[str]) -> list[tuple[str, str]]:
        return [(name, self.commands[name].get_short_help_str()) for name in names]


@click.group(cls=Grade, invoke_without_command=True, epilog=EXAMPLES, context_settings={"max_content_width": 100})
@click.version_option(__version__, prog_name="grade")
@click.pass_context
def cli(context: click.Context) -> None:
    """Grade Descent: grade your exercises."""
    if context.invoked_subcommand is None:
        exit_with(grade_overview(find_course()))


@cli.command(hidden=True, epilog=examples("grade help hint"))
@click.argument("name", metavar="[COMMAND]", required=False)
@click.pass_context
def help(context: click.Context, name: str | None) -> None:
    """Show how to use a command, or list all commands."""
    group = context.find_root()
    command = cli.get_command(group, name) if name else None
    inner = click.Context(command, info_name=name, parent=group) if command is not None else group
    click.echo(inner.get_help())


def grade_overview(course: Course) -> int:
    """Print the sections with their points, and the next command to type."""
    from grader.grading.records import Records
    from grader.grading.section_progress import next_step, progress_of, work_on
    from grader.render.terminal.overview import missing_points_remark, newer_notebook_remark, render_overview

    records, step = Records(course), next_step(course)
    render_overview(progress_of(course), step, console(), work_on(*step, records) if step else None)
    for section in course.sections:
        note(missing_points_remark(section))
        note(newer_notebook_remark(section))
    note(records.trouble())
    return 0
