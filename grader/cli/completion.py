"""Completion with the Tab key: sections, the exercises of the section before the cursor, and files."""

import click
from click.shell_completion import CompletionItem

from grader.cli.common import ALL
from grader.course import UsageError
from grader.find_course import find_course
from grader.section import Section


def sections(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The ids of sections; none, and no error, if there is no course."""
    try:
        found = find_course().sections
    except UsageError:
        return []
    return [CompletionItem(one.id, help=one.name) for one in found if one.id.startswith(incomplete)]


def files(incomplete: str) -> list[CompletionItem]:
    """Let the shell complete the name of a file."""
    return [CompletionItem(incomplete, type="file")]


def sections_or_files(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The ids of sections; without any, files."""
    return sections(ctx, param, incomplete) or files(incomplete)


def exercises(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The exercises of the section, which is an argument or the command itself."""
    try:
        found = _named(ctx)
    except UsageError:
        return []
    chosen = ctx.params.get("exercises") or ()
    return [CompletionItem(name) for name in found if name.startswith(incomplete) and name not in chosen]


def _named(ctx: click.Context) -> tuple[str, ...]:
    word = ctx.params.get("section") or ctx.info_name or ""
    if word == ALL:
        return ()
    section: Section = find_course().find(word)
    return section.exercises
