"""No command writes over a file that it cannot make again: a gradebook, a submission, or a file that it reads.

Every option that names a file or folder to write has the type `OUTPUT`; `Command` asks this guard before it runs.
"""

import os
from contextlib import suppress
from pathlib import Path

import click

from grader.course import UsageError
from grader.submission.formats import FORMATS, extension_of
from grader.toolkit.text import one_line
from grader.toolkit.typed_paths import GRADEBOOK, GRADEBOOK_FILES, as_typed

_DATABASE = b"SQLite format 3\0"


class OutputPath(click.Path):
    """A path that a command writes. With `sources`, it makes Python files or notebooks, and has a rule for existing files."""

    def __init__(self, sources: bool = False) -> None:
        super().__init__(readable=False, path_type=Path)
        self.sources = sources


OUTPUT, SOURCE_OUTPUT = OutputPath(), OutputPath(sources=True)


def expect_kept(context: click.Context) -> None:
    """Raise UsageError if a command would overwrite a file that it cannot make again."""
    given = {one.name: one for one in context.command.params if isinstance(context.params.get(one.name or ""), Path)}
    paths = {name: context.params[name] for name in given}
    outputs = [name for name, one in given.items() if isinstance(one.type, OutputPath)]
    read = [path for name, path in paths.items() if name not in outputs]
    for name in outputs:
        kind = given[name].type
        assert isinstance(kind, OutputPath)
        others = [paths[one] for one in outputs if one != name]
        _refuse(paths[name], _loss(paths[name], kind, read, others), given[name])
    folders, tables = _of_class(context) if outputs else ([], [])  # which opens the gradebook
    for name in outputs:
        why = _loss_of_class(paths[name], tables) or _among_submissions(paths[name], folders)
        _refuse(paths[name], why, given[name])


def _refuse(path: Path, why: str, option: click.Parameter) -> None:
    if why:
        raise UsageError(f"{one_line(as_typed(path))}: {why}. Write to another place: {option.opts[0]}")


def _loss(path: Path, kind: OutputPath, read: list[Path], others: list[Path]) -> str:
    """The file that would be lost; "" if none would."""
    folder = path.parent
    names = {name for name in GRADEBOOK_FILES if (folder / GRADEBOOK).is_file()}
    if path.name.casefold() in names or _is_database(path) or any(_is_same(path, folder / name) for name in names):
        return "this file belongs to the gradebook, and writing here would delete what it holds"
    if path.is_file() and any(_is_same(path, one) for one in read):
        return "the command reads this file, and writing here would delete what it holds"
    if path in others:
        return "two options write this file"
    if path.is_file() and extension_of(path.name) in FORMATS and not kind.sources:
        return "it is a Python file or a notebook, and writing here would delete it"
    return ""


def _loss_of_class(path: Path, tables: list[Path]) -> str:
    if path.is_file() and any(_is_same(path, one) for one in tables):
        return "grade class reads this file, and writing here would delete what it holds"
    return ""


def _is_database(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        with open(path, "rb") as file:
            return file.read(len(_DATABASE)) == _DATABASE
    except OSError:
        return False


def _is_same(path: Path, other: Path) -> bool:
    return path.exists() and other.exists() and path.samefile(other)


def _among_submissions(path: Path, folders: list[str]) -> str:
    """Whether a path lies among the submissions of the class that a command is about, where it would be a hand-in."""
    real = Path(os.path.realpath(path))
    for folder in map(Path, map(os.path.realpath, folders)):
        between = [one for one in (real, *real.parents) if one.is_relative_to(folder)]
        if between and not any((one / GRADEBOOK).is_file() for one in between if one != folder):
            return f"it lies among the submissions in {one_line(as_typed(folder))}, and would be a hand-in"
    return ""


def _of_class(context: click.Context) -> tuple[list[str], list[Path]]:
    """The folders of submissions that the command names, those of its gradebook, and the files that `grade class` reads."""
    named = context.params.get("submissions")
    folders, tables = [str(named)] if named else [], list[Path]()
    out = context.params.get("out")
    is_output = any(one.name == "out" and isinstance(one.type, OutputPath) for one in context.command.params)
    if isinstance(out, Path) and not is_output and (out / GRADEBOOK).is_file():
        from grader.batch.class_command import runs
        from grader.batch.gradebook.book import Gradebook

        with suppress(UsageError), Gradebook(out / GRADEBOOK, must_exist=True) as book:
            folders += book.folders()
            tables += [path for run in runs(book) for path in run.files]
    return folders, tables
