"""Turn a path into submissions. Every command, the watch and the autograder read hand-ins by `locate`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.course import Course, Section, UsageError
from grader.submission.expected_file import HAND_IN_KINDS
from grader.submission.search import FileMissingError
from grader.submission.submission import Submission, read_submission
from grader.toolkit.text import one_line
from grader.toolkit.verdicts import GraderFaultError

_NUMBER = re.compile(r"section[ _-]?(\d+)(?!\d)", re.IGNORECASE)
_ANY = "sectionN_name", "grade SECTION"


@dataclass(frozen=True)
class Located:
    """The submissions that were read, each with its section, and the errors of the others."""

    submissions: list[tuple[Section, Submission]] = field(default_factory=list)
    troubles: list[tuple[Section, UsageError]] = field(default_factory=list)

    def expect_all(self) -> list[tuple[Section, Submission]]:
        """The submissions. Raises UsageError if one that was asked for could not be read."""
        for _, trouble in self.troubles:
            raise trouble from None
        return self.submissions


def locate(course: Course, path: Path, sections: Sequence[Section] | None = None, any_name: bool = False) -> Located:
    """Read the files of some sections in a file, a folder or an archive; without `sections`, of those that it holds.

    In the folder where students edit, the Python file counts, even where a notebook lies beside it. With `any_name`, the only
    file in a folder counts, with any name, if a single section is requested.

    Raises:
        UsageError: without `sections`, nothing can be read there, or the section of a file cannot be told.
    """
    if sections is None:
        return _read_any(course, path)
    found = Located()
    for section in sections:
        try:
            found.submissions.append((section, _read(course, section, path, any_name and len(sections) == 1)))
        except UsageError as error:
            found.troubles.append((section, error))
    return found


def not_there(section: Section) -> str:
    """The message if a student's own file is missing."""
    return f"{section.exercise}: not there. To get the original: grade reset {section.id}"


def _read(course: Course, section: Section, path: Path, any_name: bool) -> Submission:
    command, count = f"grade {section.id}", len(section.functions)
    own = path == course.exercises
    place = section.exercise if own and section.exercise.is_file() else path
    try:
        return read_submission(place, section.stem, command, exercises=count)
    except FileMissingError:
        if own:
            raise UsageError(not_there(section)) from None
        if not any_name or not path.is_dir():
            raise
        files = [one for one in path.iterdir() if one.suffix in HAND_IN_KINDS and not one.name.startswith(".")]
        if len(files) != 1:
            raise
    return read_submission(files[0], section.stem, command, named=False)


def _read_any(course: Course, path: Path) -> Located:
    if path.is_dir() or path.suffix.lower() == ".zip":
        return _read_all(course, path)
    named = _section_named(course, path.stem)
    if named is not None:
        return locate(course, path, [named])
    submission = read_submission(path, *_ANY)
    return Located([(_section_of(course, path, submission), submission)])


def _read_all(course: Course, path: Path) -> Located:
    """The submissions in a folder or an archive, for every section."""
    found = locate(course, path, course.sections)
    troubles = [(section, error) for section, error in found.troubles if not isinstance(error, FileMissingError)]
    if not found.submissions and not troubles:
        some = course.sections[0].stem
        raise UsageError(f"{one_line(str(path))}: no section's file is inside, such as {some}.py or {some}.ipynb.")
    return Located(found.submissions, troubles)


def _section_named(course: Course, stem: str) -> Section | None:
    """The section that a file's name names: "sectionN_name", also "sectionN_name (1)" or "Section N by Ann"."""
    for section in course.sections:
        if section.stem in stem.lower():
            return section
    number = _NUMBER.search(stem)
    return next((section for section in course.sections if number and section.number == int(number[1])), None)


def _section_of(course: Course, path: Path, submission: Submission) -> Section:
    """The section that a notebook was made for, else the section with the most exercises defined in the file."""
    for section in course.sections:
        if section.stem == submission.made_for:
            return section
    counts = _defined(course, submission)
    best = [section for section, count in zip(course.sections, counts, strict=True) if count == max(counts) > 0]
    if len(best) == 1:
        return best[0]
    place = one_line(str(path))
    words = "It defines exercises of several sections" if best else "It defines no exercise of this course"
    some = (best or course.sections)[0]
    raise UsageError(f"{place}: which section is it of? {words}. Name one: grade {some.id} --submission {place}")


def _defined(course: Course, submission: Submission) -> Sequence[int]:
    """How many exercises of each section a file defines; only a worker looks into it, and executes nothing."""
    from grader.sandbox.process.launch import Sandbox
    from grader.sandbox.process.trust import Trust

    with Sandbox.open(course, trust=Trust(everybody=True)) as sandbox:  # to read it, not to run it
        outline = sandbox.admit(submission).outline
    if isinstance(outline.error, GraderFaultError):
        raise outline.error
    return [len(outline.definitions.keys() & set(section.functions)) for section in course.sections]
