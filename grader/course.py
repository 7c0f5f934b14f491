"""The course on disk: its sections, their files and their exercises. The only place that knows folders and file stems.

A course is a folder with `exercises/`, `checks/`, `course.toml`, `data/` and, for instructors, `solutions/`. Each section has a
room in `checks/`: the folder of its checks, mistakes, hints and figures. This module imports no torch and, except in
`Section.module`, executes nothing of the course: it reads exercises and points from syntax trees.
"""

import ast
import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import ModuleType

from grader.check_file import Flaw, names_defined
from grader.check_outline import Ban, CheckOutline, checks_in, literal_in, missing_modules
from grader.check_rules import flaws_in
from grader.course_modules import module_of, module_path
from grader.course_settings import Settings, read_settings
from grader.course_settings import UsageError as UsageError
from grader.predictions import EXERCISE, Question, QuestionError, questions_in

_STEM = re.compile(r"section(\d+)_([a-z0-9_]+)")
PUBLIC_KEY = b"This key is in every copy of the course."
CHECKS = "checks"
_IMPORTS_TORCH = re.compile(rb"^[ \t]*(?:import[^\n#]*\btorch\b|from[ \t]+torch\b)", re.MULTILINE)
HIDDEN_POINTS = "HIDDEN_POINTS"  # in a student's copy of a file of checks: points of checks that only instructors have


@dataclass(frozen=True)
class Section:
    """One section of the course."""

    number: int
    name: str
    root: Path

    @property
    def id(self) -> str:
        """The word a person types: "section" and the number."""
        return f"section{self.number}"

    @property
    def stem(self) -> str:
        return f"{self.id}_{self.name}"

    @property
    def room(self) -> Path:
        """The folder of its checks."""
        return self.root / CHECKS / self.stem

    @property
    def solution(self) -> Path:
        return self.root / "solutions" / f"{self.stem}.py"

    @property
    def exercise(self) -> Path:
        """The file that a student edits."""
        return self.root / "exercises" / f"{self.stem}.py"

    @property
    def notebooks(self) -> tuple[Path, Path]:
        """Possible places of its notebook: beside the file, or where the kit puts it."""
        return self.exercise.with_suffix(".ipynb"), self.root / "notebooks" / f"{self.stem}.ipynb"

    @property
    def pristine(self) -> Path:
        """The original stub, in a student's copy of the course, which has no solution."""
        return self.room / "pristine.py"

    @property
    def contract(self) -> Path:
        """The file that defines signatures and annotations: the solution or, in a student's copy, the stub."""
        return self.solution if self.solution.is_file() else self.pristine

    @property
    def mistakes(self) -> tuple[Path, ...]:
        """Files of wrong implementations with their diagnoses; a student's copy has none.

        Either one `mistakes.py`, or a folder with a file per exercise, here in the order of the exercises. The folder may also
        hold `shared.py`, from which these files import.
        """
        order = {name: place for place, name in enumerate(self.functions)}
        paths = [path for path in (self.room / "mistakes").glob("*.py") if path.stem != "shared"]
        paths.sort(key=lambda path: (order.get(path.stem, len(order)), path.name))
        return tuple(path for path in (self.room / "mistakes.py", *paths) if path.is_file())

    @property
    def checks(self) -> Path:
        return self.room / f"test_{self.id}.py"

    @property
    def findings(self) -> Path:
        """The sentences for what a probe finds; the file need not exist."""
        return self.room / "findings.toml"

    @property
    def hints(self) -> Path:
        return self.room / "hints.toml"

    @property
    def thresholds(self) -> Path:
        """The measured thresholds of its convergence checks."""
        return self.room / "thresholds.toml"

    @property
    def known_results(self) -> Path:
        """In a student's copy: the records that replace the mistakes."""
        return self.room / "known_results.bin"

    @property
    def reference_numbers(self) -> Path:
        """In a student's copy: the numbers of the solution in its pictures."""
        return self.room / "reference_numbers.npz"

    def module(self, name: str) -> ModuleType | None:
        """Import a module of its room; None if the room has no such module."""
        return module_of(self.root, f"{self.stem}.{name}")

    @cached_property
    def title(self) -> str:
        """The first heading in the section's text."""
        for path in (self.contract, self.exercise):
            if path.is_file():
                for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                    if line.startswith("# # "):
                        return line.removeprefix("# # ").strip()
        return f"Section {self.number}: {self.name}"

    @property
    def label(self) -> str:
        """The title before the colon, such as "Section 4"."""
        return self.title.partition(": ")[0]

    @property
    def topic(self) -> str:
        """The title after the colon."""
        return self.title.partition(": ")[2]

    @cached_property
    def _tree(self) -> ast.Module:
        """The syntax tree of the section's checks."""
        try:
            return ast.parse(self.checks.read_text(encoding="utf-8"), str(self.checks))
        except SyntaxError as error:
            raise UsageError(f"{self.checks}:{error.lineno}: not valid Python: {error.msg}.") from None

    @cached_property
    def flaws(self) -> list[Flaw]:
        """The author's errors in the file of checks, by line."""
        text = self.contract.read_text(encoding="utf-8", errors="replace") if self.contract.is_file() else ""
        return flaws_in(self._tree, names_defined(text))

    def calls_in_checks(self, name: str) -> bool:
        """Whether the file of checks calls a function of this name, such as pytest's `raises`."""
        return any(isinstance(n, ast.Call) and ast.unparse(n.func).split(".")[-1] == name for n in ast.walk(self._tree))

    @cached_property
    def asserts(self) -> bool:
        """Whether the file of checks has an `assert`, which pytest should explain."""
        return any(isinstance(node, ast.Assert) for node in ast.walk(self._tree))

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The questions to predict: the entries of `PREDICTIONS` in the section's own file.

        Raises:
            UsageError: a question cannot be read.
        """
        path = self.contract
        try:
            return questions_in(path.read_text(encoding="utf-8")) if path.is_file() else ()
        except (QuestionError, SyntaxError) as error:
            line = error.line if isinstance(error, QuestionError) else error.lineno
            said = f"not valid Python: {error.msg}." if isinstance(error, SyntaxError) else str(error)
            raise UsageError(f"{path}:{line}: {said}") from None

    @cached_property
    def check_list(self) -> tuple[CheckOutline, ...]:
        """The section's checks, in the order of `checks_in`.

        Raises:
            UsageError: the file of checks has a flaw. The message names file, line, cause and what to do.
        """
        for flaw in self.flaws:
            raise UsageError(f"{self.checks}:{flaw.line}: {flaw.text}")
        return checks_in(self._tree, self.questions, self.unchanged)

    @property
    def max_points(self) -> float:
        """The sum of all checks."""
        return round(sum(check.points for check in self.check_list), 6)

    @property
    def preload(self) -> tuple[str, ...]:
        """Slow modules that every submission of this section imports: the sandbox imports them once, before it forks workers.

        The check file lists them: `PRELOAD = ("module",)`.

        Raises:
            UsageError: one is not installed, so that no worker could start.
        """
        for line, name in missing_modules(self._tree, "PRELOAD"):
            instead = "Correct the name, or install the package."
            raise UsageError(f"{self.checks}:{line}: PRELOAD: there is no module {name} here. {instead}")
        return tuple(literal_in(self._tree, "PRELOAD") or ())

    @cached_property
    def forbidden(self) -> tuple[Ban, ...]:
        """Functions that some exercises may not use, because they already do the exercise.

        The check file lists them, `FORBIDDEN = {"torch.optim": (("exercise",), "reason")}`; a key may be a tuple of names.
        """
        listed = (literal_in(self._tree, "FORBIDDEN") or {}).items()
        return tuple(
            Ban((names,) if isinstance(names, str) else tuple(names), tuple(exercises), reason)
            for names, (exercises, reason) in listed
        )

    @cached_property
    def changes(self) -> dict[str, tuple[str, ...]]:
        """The parameters that an exercise changes in place; its other arguments must stay unchanged.

        The check file lists them: `CHANGES = {"exercise": ("params", "state")}`.
        """
        return {name: tuple(names) for name, names in (literal_in(self._tree, "CHANGES") or {}).items()}

    @cached_property
    def unchanged(self) -> dict[str, float]:
        """By exercise, points of the generated check of its inputs. The check file lists `UNCHANGED = {"exercise": 0.25}`."""
        return {name: float(points) for name, points in (literal_in(self._tree, "UNCHANGED") or {}).items()}

    @cached_property
    def hidden_points(self) -> dict[str, float]:
        """By exercise, points of the checks that only instructors have; empty for instructors."""
        return dict(literal_in(self._tree, HIDDEN_POINTS) or {})

    def work(self, exercises: Sequence[str] = ()) -> float:
        """Estimate the grading time of some exercises, or of all, in units of an ordinary check."""
        chosen = [check for check in self.check_list if not exercises or check.exercise in exercises]
        return sum(1 + check.call_cpu_seconds for check in chosen)

    @cached_property
    def exercises(self) -> tuple[str, ...]:
        """Names of the section's exercises in the order of their checks. Predictions, if it has questions, are the first."""
        return tuple(dict.fromkeys(check.exercise for check in self.check_list))

    @cached_property
    def functions(self) -> tuple[str, ...]:
        """The exercises that are functions or classes: all but predictions."""
        return tuple(name for name in self.exercises if name != EXERCISE)

    def find_exercise(self, word: str, command: str = "grade") -> str:
        """Return the exercise that `word` names, or raise UsageError with the nearest names and the command to type."""
        if word in self.exercises:
            return word
        close = difflib.get_close_matches(word, self.exercises, n=1)
        nearest = f" Did you mean {close[0]}?" if close else ""
        listing = ", ".join(self.exercises)
        raise UsageError(
            f'There is no exercise "{word}" in {self.id}.{nearest}\nExercises: {listing}. Try: {command} {self.id} '
            f"{(close or self.exercises)[0]}"
        )


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
        words = {name: section for section in self.sections for name in (section.id, section.name)}
        digits = re.compile(r"\d").findall
        alike = [name for name in words if digits(name) == digits(word)]  # another number is not a typing error
        close = difflib.get_close_matches(word.lower(), alike, n=1)
        hint = f" Did you mean {words[close[0]].id} ({words[close[0]].name})?" if close else ""
        listing = ", ".join(f"{section.id} {section.name}" for section in self.sections)
        first = words[close[0]].id if close else self.sections[0].id
        raise UsageError(f'There is no section "{word}".{hint}\nSections: {listing}. Try: {command} {first}')
