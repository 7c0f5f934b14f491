"""The command that grades a class again, as a person types it: messages name it, and it works as it is printed.

The gradebook keeps the options of the last `grade class` for each folder and its sections.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from grader.course import UsageError
from grader.toolkit.text import one_line, shell_word
from grader.toolkit.typed_paths import as_argument, out_option

if TYPE_CHECKING:
    from grader.batch.gradebook.book import Gradebook

_FILES = ("roster", "like", "times", "policy")  # options
_TYPED = 4000  # characters: a path that is longer, or that holds invisible characters, cannot be typed


class ClassRun(msgspec.Struct, frozen=True, omit_defaults=True):
    """The words that a person typed after `grade class`. Paths are absolute; "" stands for an option that was left out."""

    submissions: str
    sections: tuple[str, ...] = ()
    roster: str = ""
    like: str = ""
    times: str = ""
    policy: str = ""
    scheduler: str = ""
    unsafe: bool = False

    @staticmethod
    def place_of(path: Path | None) -> str:
        """A typed path as it is kept."""
        return os.path.abspath(path) if path else ""

    @property
    def files(self) -> list[Path]:
        """The tables and rules that the command reads."""
        return [Path(path) for name in _FILES if (path := getattr(self, name))]

    def command(self, out: Path, **changes: str) -> str:
        """The same command again; `changes` are other values of options, as they are typed."""
        words = {name: as_argument(Path(path)) for name in _FILES if (path := getattr(self, name))} | changes
        given = [f" --section {section}" for section in self.sections]
        given += [f" --{name} {words[name]}" for name in _FILES if name in words]
        given += [f" --scheduler {shell_word(self.scheduler)}"] if self.scheduler else []
        folder = as_argument(Path(self.submissions)) if self.submissions else "SUBMISSIONS"
        return f"grade class {folder}{''.join(given)}{' --unsafe' if self.unsafe else ''}{out_option(out)}"


def remember(book: "Gradebook", run: ClassRun) -> None:
    """Keep a command, in place of the former one for this folder and these sections."""
    paths = [run.submissions, run.roster, run.like, run.times, run.policy]
    if all(one_line(path, _TYPED) == path for path in paths):
        book.keep_run(run.submissions, " ".join(run.sections), msgspec.json.encode(run).decode())


def runs(book: "Gradebook") -> list[ClassRun]:
    """The last command for each folder and its sections, the latest first."""
    return [msgspec.json.decode(words, type=ClassRun) for words in book.runs()]


def again(book: "Gradebook", sections: Collection[str] = (), place: Path | None = None, **changes: str) -> str:
    """The commands that grade hand-ins again: those for these sections, or for a file at `place`, else the latest.

    Capitals stand for names that the gradebook does not know. `changes` are other values of options.
    """
    known = runs(book)
    if place is not None:
        known = [run for run in known if _is_in(place, run.submissions)]
    only = tuple(sections) if len(sections) == 1 else ()
    chosen = list(_covering(known, sections)) or [ClassRun("", only)]
    if only and "like" in changes:  # a grading worksheet is for one section
        chosen = [msgspec.structs.replace(run, sections=only) for run in chosen]
    return "; ".join(run.command(book.path.parent, **changes) for run in chosen)


def _with_class(book: "Gradebook", run: ClassRun) -> str:
    """A command with the roster or the table that it had before, or with the latest roster."""
    known = [one for one in runs(book) if one.roster or one.like]
    same = [one for one in known if (one.submissions, one.sections) == (run.submissions, run.sections)]
    if found := same or [msgspec.structs.replace(one, like="") for one in known if one.roster]:
        return msgspec.structs.replace(run, roster=found[0].roster, like=found[0].like).command(book.path.parent)
    return f"{run.command(book.path.parent)} --roster FILE, or --like FILE"


def expect_same_people(book: "Gradebook", knows_people: bool, run: ClassRun) -> None:
    """Raise UsageError if an earlier command knew more ids of students: those with other ids would lose their marks."""
    from grader.batch.gradebook.queries import knows_more_ids

    if not knows_people and knows_more_ids(book):
        raise UsageError(
            f"{one_line(str(book.path))}: an earlier command read a roster or a table of your platform, which tells whose "
            f"each hand-in is. Name it again: {_with_class(book, run)}"
        )


def _is_in(place: Path, folder: str) -> bool:
    return Path(os.path.abspath(place)).is_relative_to(folder) or place.resolve().is_relative_to(Path(folder).resolve())


def _covering(known: Iterable[ClassRun], sections: Collection[str]) -> Iterator[ClassRun]:
    """The latest commands that grade these sections, one for each; without sections, the latest."""
    left = {*sections}
    for run in known:
        if not sections:
            yield run
            return
        if met := left & {*(run.sections or left)}:
            left -= met
            yield run
