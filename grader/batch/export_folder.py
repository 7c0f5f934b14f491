"""The entries of a folder of hand-ins, such as an unpacked export, without its other files."""

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from grader.batch import gradescope_metadata
from grader.batch.roster import FILENAME as ROSTER
from grader.course import UsageError
from grader.submission.file_names import read_label
from grader.submission.search import is_ignored
from grader.toolkit.text import one_line, shell_word
from grader.toolkit.typed_paths import GRADEBOOK, GRADEBOOK_FILES

TABLES = frozenset({".csv", ".tsv", ".xls", ".xlsx", ".ods"})
_OURS = frozenset({ROSTER, gradescope_metadata.FILENAME, "policy.toml", "comments.csv"})
_EXPORT = re.compile(r"assignment_\d+_export|.+-submissions")  # as Gradescope and GitHub Classroom name it


def unwrapped(folder: Path) -> Path:
    """The folder, or the only folder in it if its name is that of an export of Gradescope or GitHub Classroom.

    Only the name decides: a single folder may also be the work of a single student.
    """
    try:
        inside = [path for path in folder.iterdir() if not is_ignored(path.name) and path.name not in _OURS]
        inside = [path for path in inside if path.suffix.lower() not in TABLES]
    except OSError:  # `entries_of` raises
        return folder
    if len(inside) != 1 or inside[0].is_symlink() or not inside[0].is_dir():
        return folder
    is_clone = (inside[0] / ".git").exists()  # of a user whose name ends in -submissions
    return inside[0] if _EXPORT.fullmatch(inside[0].name) and not is_clone else folder


def expect_no_wrapper(folder: Path, entries: Sequence[os.DirEntry[str]]) -> None:
    """Raise UsageError if the folder holds only the unpacked export of Moodle or Canvas.

    It could also be the work of a single student, so a person must decide.
    """
    if len(entries) != 1 or entries[0].is_symlink() or not entries[0].is_dir():
        return
    inner = folder / entries[0].name
    with suppress(OSError):
        names = [path.name for path in inner.iterdir() if not is_ignored(path.name)]
        if names and not read_label(inner.name, ()).system and all(read_label(name, ()).system for name in names):
            raise UsageError(
                f"{one_line(str(folder))}: holds one folder, which looks like an export itself. "
                f"Name that one: {shell_word(one_line(str(inner)))}"
            )


def entries_of(folder: Path, used: Sequence[Path]) -> list[os.DirEntry[str]]:
    """The entries of the folder, without our own files and those that the command uses."""
    shown = one_line(str(folder))
    if folder.is_file():
        raise UsageError(f"{shown}: a file, not a folder. Unpack the export, and name the folder: grade class FOLDER")
    try:
        with os.scandir(folder) as found:
            entries = sorted((e for e in found if not is_ignored(e.name) and e.name not in _OURS), key=lambda e: e.name)
    except OSError as error:
        raise UsageError(f"{shown}: cannot be read: {error.strerror}. Expected a folder of submissions.") from None
    if (folder / GRADEBOOK).is_file():
        entries = [entry for entry in entries if entry.name not in GRADEBOOK_FILES]
    entries = [entry for entry in entries if not (folder / entry.name / GRADEBOOK).is_file()]
    entries = [
        entry for entry in entries if not any(one.samefile(entry.path) for one in used if one.name == entry.name)
    ]
    if not entries:
        raise UsageError(f"{shown}: there is nothing in this folder. Expected one folder or file per student.")
    return entries
