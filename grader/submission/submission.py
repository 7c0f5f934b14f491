"""Find and read a section's file in a hand-in. Its text stays bytes: only a worker parses it.

A submission is untrusted: links are never followed, only regular files are opened, and sizes are capped.
"""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from grader.course import UsageError
from grader.submission.expected_file import KINDS, SIZE_LIMIT, ExpectedFile, kind_of, reason_of, size_limit
from grader.submission.files import read_regular
from grader.submission.search import ARCHIVES, find_in_folder
from grader.toolkit.text import one_line

__all__ = ["SIZE_LIMIT", "Submission", "read_submission"]

_NAME_SHOWN = 100  # characters


@dataclass(frozen=True)
class Submission:
    """The source of one section, and its name.

    Of a notebook, whose name ends in .ipynb, the source is its code cells, as `notebook.source_of` gives them. `path` is for
    messages, and may have changed since; `real` is the path from which the source was read.
    """

    filename: str
    path: Path
    source: bytes
    made_for: str = ""  # the stem of the section that a notebook's metadata name, if they do
    real: Path | None = None  # the file or archive that the source was read from, without links; None if from neither

    @property
    def digest(self) -> str:
        """Of the source, byte by byte."""
        return hashlib.sha256(self.source).hexdigest()


def read_submission(path: Path, stem: str, command: str, named: bool = True, exercises: int = 0) -> Submission:
    """Read a section's file: `path` is the file itself, or a folder or zip archive that holds `stem`.py or .ipynb.

    Raises UsageError, with the found files and the next `command` to type, if it is missing or cannot be read. Only a path that a
    person has `named` may be a link to a folder: in a submission, a link might lead to the solutions. Of several files side by
    side, those with only the stubs of all `exercises` are skipped.
    """
    wanted = ExpectedFile(stem, command, exercises)
    try:
        kind = os.stat(path).st_mode if named and path.is_dir() else os.lstat(path).st_mode
    except (OSError, ValueError) as error:
        reason = reason_of(error)
        raise wanted.refusal(path, reason, "Expected a file or a folder; see: grade --help") from None
    if stat.S_ISDIR(kind):
        path = find_in_folder(path, wanted)
    if kind_of(path.name) == ".zip":
        from grader.submission.zip_archive import read_from_archive  # here, since most submissions do not need it

        name, data, real = read_from_archive(path, wanted)
        return _submission(name, path, f"{path}: {name}", data, real, wanted)
    if kind_of(path.name) not in KINDS:
        raise _of_another_kind(path, wanted)
    return _submission(path.name, path, str(path), *read_regular(path, size_limit(path.name), wanted), wanted)


def _submission(name: str, path: Path, place: str, data: bytes, real: Path, wanted: ExpectedFile) -> Submission:
    if kind_of(name) == ".ipynb":
        from grader.submission.notebook_source import source_of

        stem = one_line(name[: -len(".ipynb")], _NAME_SHOWN)
        return Submission(f"{stem}.ipynb", path, *source_of(data, place, wanted), real)
    if data[:1] == b"{" and b'"nbformat"' in data and b'"cells"' in data:
        raise wanted.refusal(
            place, "a notebook, not a Python file", f"Rename it to {wanted.names[1]}: {wanted.grade(wanted.names[1])}"
        )
    return Submission(one_line(name, _NAME_SHOWN), path, data, real=real)


def _of_another_kind(path: Path, wanted: ExpectedFile) -> UsageError:
    file, book = wanted.names
    if kind_of(path.name) in ARCHIVES:
        reason = "of archives, only .zip files are read"
        return wanted.refusal(path, reason, f"Unpack it and grade the folder: {wanted.command} --submission FOLDER")
    reason = "this kind of file cannot be graded"
    fix = f"Expected {file} or {book}, or a folder or a .zip that holds it. Try: {wanted.grade(file)}"
    return wanted.refusal(path, reason, fix)
