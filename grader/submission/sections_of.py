"""Which sections somebody's files are of: told by their names, by what made them, else by the exercises they define."""

import re
from collections.abc import Sequence
from pathlib import Path

from grader.course import Course, Section, UsageError
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.trust import Trust
from grader.submission.search import NotThereError
from grader.submission.submission import Submission, read_submission
from grader.toolkit.text import one_line
from grader.toolkit.verdicts import GraderFaultError

_NUMBER = re.compile(r"section[ _-]?(\d+)(?!\d)", re.IGNORECASE)
_ANY = "sectionN_name", "grade SECTION"


def sections_of(course: Course, path: Path) -> list[Section]:
    """The sections of a file, or those that a folder or a zip archive holds a file of.

    Raises:
        UsageError: nothing can be read there, or nobody can tell which section it is of.
    """
    if path.is_dir() or path.suffix.lower() == ".zip":
        return _held(course, path)
    named = _named(course, path.stem)
    return [named or _told(course, path, read_submission(path, *_ANY))]


def _held(course: Course, path: Path) -> list[Section]:
    found = []
    for section in course.sections:
        try:
            read_submission(path, section.stem, f"grade {section.id}", exercises=len(section.exercises))
        except NotThereError:
            continue
        found.append(section)
    if not found:
        some = course.sections[0].stem
        raise UsageError(f"{one_line(str(path))}: no section's file is inside, such as {some}.py or {some}.ipynb.")
    return found


def _named(course: Course, stem: str) -> Section | None:
    """The section that a file's name names: "sectionN_name", also "sectionN_name (1)" or "Section N by Ann"."""
    for section in course.sections:
        if section.stem in stem.lower():
            return section
    number = _NUMBER.search(stem)
    return next((section for section in course.sections if number and section.number == int(number[1])), None)


def _told(course: Course, path: Path, submission: Submission) -> Section:
    """The section that a notebook was made for, else the one of which a file defines most exercises."""
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
    with Sandbox.open(course, trust=Trust(everybody=True)) as sandbox:  # to read it, not to run it
        outline = sandbox.candidate(submission).outline
    if isinstance(outline.error, GraderFaultError):
        raise outline.error
    return [len(outline.definitions.keys() & set(section.exercises)) for section in course.sections]
