"""A command whose --help ends in examples, with a section and an exercise of the current course."""

import difflib
import inspect
import sys

import click

from grader.cli.guard import expect_kept
from grader.course import UsageError
from grader.find_course import find_course

_ANY = {"{section}": "SECTION", "{exercise}": "EXERCISE", "{stem}": "SECTION", "{number}": "NUMBER", "{name}": "NAME"}


def examples(*lines: str) -> str:
    """Examples, each with its explanation after three spaces.

    The help fills in `{section}`, `{exercise}`, `{stem}`, `{number}` and `{name}`.
    """
    return "\b\n" + "\n".join(["Examples:", *(f"  {line}" for line in lines)])


class _ShowsExamples(click.Command):
    def invoke(self, ctx: click.Context) -> object:
        expect_kept(ctx)
        return super().invoke(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Guess another option only if it is nearly the same word, and tell of a word that needs none."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            word = error.option_name.lstrip("-").upper()
            if any(word in one.make_metavar(ctx) for one in self.params if isinstance(one, click.Argument)):
                message = f"No such option '{error.option_name}'. Type {word} alone: {ctx.command_path} {word}"
                raise click.UsageError(message, ctx) from None
            close = difflib.get_close_matches(error.option_name, error.possibilities or (), cutoff=0.75)
            raise click.NoSuchOption(error.option_name, possibilities=close, ctx=error.ctx) from None

    def get_short_help_str(self, limit: int = 0) -> str:
        """The first sentence, whole: click would cut it."""
        return super().get_short_help_str(sys.maxsize)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.epilog:
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(_aligned(_filled(inspect.cleandoc(self.epilog))))


class Command(_ShowsExamples):
    """A command whose help ends in examples."""


class CommandGroup(_ShowsExamples, click.Group):
    """A group of such commands."""

    command_class = Command


def _filled(text: str) -> str:
    """The text with words of the current course, or with general words if there is no course."""
    try:
        example = find_course().example
    except UsageError:
        example = None
    words = _ANY
    if example is not None:
        section, exercise = example
        words = {"{section}": section.id, "{exercise}": exercise, "{stem}": section.stem}
        words |= {"{number}": str(section.number), "{name}": section.name}
    for place, word in words.items():
        text = text.replace(place, word)
    return text


def _aligned(text: str) -> str:
    """The text with its explanations in a column."""
    rows = [line.rstrip().partition("   ") for line in text.split("\n")]
    width = max((len(command) for command, gap, _ in rows if gap), default=0)
    return "\n".join(f"{command:<{width}}   {said}" if gap else command for command, gap, said in rows)
