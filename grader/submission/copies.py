"""Read a section's file from a hand-in that may hold several copies of it."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from grader.course import Section, UsageError
from grader.submission.expected_file import KINDS, ExpectedFile, kind_of
from grader.submission.file_names import copy_number, section_in, without_copy_number
from grader.submission.search import FileMissingError, listing, sources_in, without_stubs_in
from grader.submission.submission import Submission, read_submission


def read_section(path: Path, section: Section) -> tuple[Submission, list[str]]:
    """The section's file of a file, folder or archive, and the names of others in its folder that might have been meant.

    The file has the section's name, a shorter one, or one to which a system has added a number: the highest counts. A deeper
    file is an older copy. Raises UsageError if the choice is not clear.
    """
    chosen = _copies(path, section) if path.is_dir() else []
    if chosen:
        submission = read_submission(path / chosen[0], section.stem, _command(section), named=False)
        return submission, [one.name for one in chosen[1:]]
    return _by_name(path, section), []


def _copies(folder: Path, section: Section) -> list[PurePosixPath]:
    """The candidates in the topmost folder: the best name first, and its last copy before older ones.

    Empty if there is no file with such a name, or a Python file beside a notebook: `_by_name` then reports it.
    """
    names = [section.stem.lower(), section.id, section.name.lower()]
    found = [one for one in sources_in(folder) if without_copy_number(one.name).lower() in names]
    if not found:
        return []
    top = _top(found)
    if top is None:
        found = without_stubs_in(folder, found, ExpectedFile(section.stem, _command(section), len(section.functions)))
        top = _top(found)
    if top is None:
        raise _unclear(found, section)
    latest: list[PurePosixPath] = []
    older: list[PurePosixPath] = []
    for name in names:
        same = [one for one in found if one.parent == top and without_copy_number(one.name).lower() == name]
        highest = max((copy_number(one.name) for one in same), default=0)
        last = [one for one in same if copy_number(one.name) == highest]
        if len(last) > 1 and not latest:
            if highest:
                raise _unclear(last, section)
            return []
        latest += last
        older += [one for one in same if copy_number(one.name) != highest]
    return latest + older


def _top(found: Sequence[PurePosixPath]) -> PurePosixPath | None:
    """The folder that holds all of them, in itself or below; None if there is no such folder among theirs."""
    top = min((one.parent for one in found), key=lambda parent: len(parent.parts))
    return top if all(top in one.parents for one in found) else None


def _by_name(path: Path, section: Section) -> Submission:
    """The file by one name after the other, or by a name in which the section is mentioned."""
    refusal: FileMissingError | None = None
    for stem in (section.stem, section.id, section.name):
        try:
            return read_submission(path, stem, _command(section), named=False, exercises=len(section.functions))
        except FileMissingError as error:
            refusal = refusal or error
    assert refusal is not None
    mentioned = [inside for inside in refusal.sources if section_in(inside.name, [section])]
    if path.is_dir() and mentioned:
        return read_submission(path / _latest(mentioned, section), section.stem, _command(section), named=False)
    if path.is_dir() and len(refusal.archives) == 1 and kind_of(refusal.archives[0].name) == ".zip":
        return _by_name(path / refusal.archives[0], section)
    raise refusal


def _latest(mentioned: Sequence[PurePosixPath], section: Section) -> PurePosixPath:
    """The one of several copies with the highest number."""
    highest = max(copy_number(inside.name) for inside in mentioned)
    last = [inside for inside in mentioned if copy_number(inside.name) == highest]
    if len(last) > 1:
        raise _unclear(last, section)
    return last[0]


def _unclear(found: Sequence[PurePosixPath], section: Section) -> UsageError:
    return UsageError(f"any of these could be {section.stem}{KINDS[0]}: {listing(found)}")


def _command(section: Section) -> str:
    return f"grade {section.id}"
