"""The course on disk: its folders, settings and sections. With `section`, the only place that knows folders and file stems.

A course is a folder with `exercises/`, `checks/`, `course.toml`, `data/` and, for instructors, `solutions/`. Each section has a
room in `checks/`: the folder of its checks, mistakes, hints and figures. This module imports no torch and executes nothing of the
course.
"""

import difflib
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from grader.course_modules import module_path
from grader.course_settings import Settings, read_settings
from grader.course_settings import UsageError as UsageError
from grader.section import CHECKS, Section

_STEM = re.compile(r"section(\d+)_([a-z0-9_]+)")
PUBLIC_KEY = b"This key is in every copy of the course."
_IMPORTS_TORCH = re.compile(rb"^[ \t]*(?:import[^\n#]*\btorch\b|from[ \t]+torch\b)", re.MULTILINE)


@dataclass(frozen=True)
class Course:
    """A course folder and the key for grading it. Only the key of a class is secret."""

    root: Path
    key: bytes = field(default=PUBLIC_KEY, repr=False)

    @property
    def exercises(self) -> Path:
        """Where students edit: the default submission."""
        return self.root / "exercises"

    @property
    def checks(self) -> Path:
        """Where each section has its room."""
        return self.root / CHECKS

    @property
    def solutions(self) -> Path:
        return self.root / "solutions"

    @cached_property
    def settings(self) -> Settings:
        """The settings in `course.toml`. Raises UsageError if the file is not valid."""
        return read_settings(self.root)

    @cached_property
    def uses_torch(self) -> bool:
        """Whether a file of the solutions or checks imports torch, or `packages` names it.

        Otherwise no process imports torch, and no submission can.
        """
        if any(name.startswith("torch") for name in self.settings.packages):
            return True
        modules = [module_path(self.root, name) for name in self.settings.modules]
        files = (*self.solutions.glob("*.py"), *modules, *self.checks.rglob("*.py"))
        return any(_IMPORTS_TORCH.search(path.read_bytes()) for path in files if path.is_file())

    @cached_property
    def packages(self) -> tuple[str, ...]:
        """The packages that submissions may import besides Python's own modules and numpy, by the names that pip knows."""
        return tuple(dict.fromkeys((*(("torch",) if self.uses_torch else ()), *self.settings.packages)))

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections that have checks, by number."""
        found = []
        for room in self.checks.glob("section*"):
            match = _STEM.fullmatch(room.name)
            section = Section(int(match[1]), match[2], self.root) if match else None
            if section and section.checks.is_file():
                found.append(section)
        return tuple(sorted(found, key=lambda section: section.number))

    @cached_property
    def example(self) -> tuple[Section, str] | None:
        """A section and an exercise for the examples of `grade --help`: those of the settings, else the first.

        The exercise in the settings is not checked: reading the checks would double the time of `grade --help`.
        """
        for section in self.sections:
            if section.id in self.settings.example[:1]:
                return section, self.settings.example[1]
        return next(((section, section.functions[0]) for section in self.sections if section.functions), None)

    @property
    def is_kit(self) -> bool:
        """Whether this is a student's copy of the course, which has no solutions."""
        return not self.solutions.is_dir()

    def expect_solutions(self) -> None:
        """Raise UsageError in a student's copy of the course."""
        if self.is_kit:
            raise UsageError(
                f"{self.root}: a student's copy of the course has no solutions. This command is for authors. To grade: grade"
            )

    def find(self, word: str, command: str = "grade", of_exercises: bool = True) -> Section:
        """Return the section with this id, number, name or file stem.

        Raises UsageError with the nearest section and how to type `command`, which takes exercises if `of_exercises`.
        """
        for section in self.sections:
            if word.lower() in (section.id, str(section.number), section.name, section.stem):
                return section
        if not self.sections:
            raise UsageError(f"{self.root}: no section here: checks holds no sectionN_name with a test_sectionN.py.")
        for section in self.sections:
            if word in section.functions:
                hint = f"{section.id} {word}" if of_exercises else section.id
                raise UsageError(f'There is no section "{word}". Did you mean {hint}? Try: {command} {hint}')
        if (meant := self._in_other_words(word, of_exercises)) is not None:
            raise UsageError(f'There is no section "{word}". {meant[0]}: {command} {meant[1]}')
        words = {name: section for section in self.sections for name in (section.id, section.name)}
        digits = re.compile(r"\d").findall
        alike = [name for name in words if digits(name) == digits(word)]  # another number is not a typing error
        close = difflib.get_close_matches(word.lower(), alike, n=1)
        hint = f" Did you mean {words[close[0]].id} ({words[close[0]].name})?" if close else ""
        listing = ", ".join(f"{section.id} {section.name}" for section in self.sections)
        first = words[close[0]].id if close else self.sections[0].id
        raise UsageError(f'There is no section "{word}".{hint}\nSections: {listing}. Try: {command} {first}')

    def _in_other_words(self, word: str, of_exercises: bool) -> tuple[str, str] | None:
        """What a word means that joins a section and an exercise by a point or a colon, or that lacks the number."""
        first, *others = re.split(r"\W+", word)
        for section in self.sections:
            if others and first.lower() in (section.id, str(section.number), section.name, section.stem):
                exercises = [one for one in others if of_exercises and one in section.exercises]
                return "Try", " ".join([section.id, *exercises])
            if word.lower() == section.id.rstrip("0123456789"):
                return "Write the number without a space, for example", section.id
        return None
