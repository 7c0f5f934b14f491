"""The files that a command names: `grade SECTION`, `grade hw.zip`, `grade all --submission FOLDER`."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.common import ALL, prepare_imports
from grader.course import Course, UsageError
from grader.find_course import find_course
from grader.section import Section
from grader.submission.formats import HAND_IN_KINDS
from grader.toolkit.text import PATH_LIMIT, one_line, shell_word

if TYPE_CHECKING:
    from grader.service import Submissions
    from grader.submission.submission import Submission


@dataclass(frozen=True)
class Target:
    """The submissions to grade.

    `path` is the file, folder or archive that holds them. `exercises` are the chosen exercises; without any, all count. `several`
    is true where the words may mean more than one section. `words` name another person's file in a command.
    """

    course: Course
    path: Path
    submissions: "Submissions"
    exercises: tuple[str, ...]
    several: bool
    words: str | None

    @property
    def sections(self) -> list[Section]:
        return [section for section, _ in self.submissions]

    @property
    def files(self) -> "list[Submission]":
        return [file for _, file in self.submissions]

    @property
    def is_own_folder(self) -> bool:
        """Whether no path was typed, or the path of exercises/."""
        return self.path == self.course.exercises

    @property
    def is_own(self) -> bool:
        """Whether the file is the student's own: it lies in exercises/."""
        return self.is_own_folder or _is_in_exercises(self.course, self.path)


def is_path(word: str) -> bool:
    """Whether a word names a file or folder to grade, and not a section."""
    if Path(word).suffix.lower() in HAND_IN_KINDS:
        return True
    exists = os.path.isdir(word) or os.path.isfile(word)
    return exists and not any(word in (s.id, s.name, s.stem) for s in find_course().sections)


def find_target(course: Course, word: str, exercises: Sequence[str], submission: Path | None) -> Target:
    """Read the files of the typed words. Raises UsageError if they do not fit together, or a file cannot be read."""
    if is_path(word):
        if submission is not None:
            raise UsageError(f"{one_line(word)} and --submission both name files to grade. Give only one of them.")
        submission = Path(word)
    if submission is not None and submission.resolve() == course.exercises.resolve():
        submission = None
    if submission is not None and not submission.exists() and (course.root / submission).exists():
        there = shell_word(str(course.root / submission))
        raise UsageError(
            f"{one_line(str(submission), PATH_LIMIT)}: not in this folder, but in the course's. Type: --submission {there}"
        )
    if is_path(word) and not Path(word).exists():
        for section in course.sections:
            if Path(word).stem in (section.id, section.name, section.stem):
                raise UsageError(f"{one_line(word)}: not in this folder. To grade your file, type: grade {section.id}")
    path = submission or course.exercises
    wanted = None if is_path(word) else course.sections if word == ALL else [course.find(word)]
    prepare_imports()
    from grader.service import reading_definitions
    from grader.submission.locate import locate, read_whole

    if wanted is None:
        with reading_definitions(course) as defined:
            found = read_whole(path, course.sections, defined).expect_all()
    else:
        found = locate(course, path, wanted).expect_all()
    first = found[0][0]
    several = word == ALL or len(found) > 1
    if several and exercises:
        raise UsageError(f"Name the section of {exercises[0]}: grade SECTION {exercises[0]}")
    chosen = tuple(_chosen(course, first, exercise) for exercise in exercises)
    words = None
    if is_path(word) and not several:
        words = shell_word(one_line(word, PATH_LIMIT))
    elif submission is not None and not several and not _is_in_exercises(course, path):
        words = f"{first.id} --submission {shell_word(one_line(str(path), PATH_LIMIT))}"
    return Target(course, path, found, chosen, several, words)


def _chosen(course: Course, section: Section, word: str) -> str:
    """The exercise of a section that a word names. Raises UsageError, which tells a word of another section."""
    for other in course.sections if word not in section.exercises else ():
        if word in other.functions:
            raise UsageError(f"{word} is an exercise of {other.id}, not of {section.id}. Type: grade {other.id} {word}")
        if word.lower() in (other.id, str(other.number), other.name, other.stem):
            raise UsageError(f"Grade one section at a time, such as {other.id}, or all of them: grade {ALL}")
    return section.find_exercise(word)


def _is_in_exercises(course: Course, path: Path) -> bool:
    return path.resolve().parent == course.exercises.resolve()
