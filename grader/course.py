"""The course on disk: its sections, their files and their exercises. The only place that knows folders and file stems.

A course is a folder with `exercises/`, `checks/`, `course.toml`, `data/` and, for instructors, `solutions/`. Each section has a
room in `checks/`, a folder that holds all that judges, explains and illustrates it. Nothing here imports torch, nor executes a
line of the course, unless `Section.module` is asked: exercises and points are read from the checks' syntax trees.
"""

import ast
import difflib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.course_modules import module_of
from grader.course_settings import Settings, read_settings
from grader.course_settings import UsageError as UsageError  # most modules know it from here
from grader.predictions import EXERCISE, POINTS, Question, QuestionError, questions_in

_STEM = re.compile(r"section(\d+)_([a-z0-9_]+)")
ROOT_VARIABLE = "GRADE_COURSE"
PUBLIC_KEY = b"This key is in every copy of the course."
CHECKS = "checks"
ELSEWHERE = "ELSEWHERE"  # in a student's copy of a file of checks: points of checks that only instructors have

UNCHANGED_TITLE = "Leaves its inputs unchanged"


class Origin(StrEnum):
    """Where a check comes from."""

    WRITTEN = "written"  # in the section's file of checks
    UNCHANGED = "unchanged"  # generated: an exercise leaves its inputs unchanged
    PREDICTION = "prediction"  # generated: a question is answered


@dataclass(frozen=True)
class CheckOutline:
    """A check as its decorator and docstring declare it, or as it is generated."""

    id: str
    exercise: str
    title: str
    points: float
    hidden: bool
    call_cpu_seconds: float = 0.0  # what a call may take where that is longer than usual
    needs: tuple[str, ...] = ()
    uses_reference: bool = False  # it compares with the solution, which a student's copy of the course does not have
    uses_code_seed: bool = False  # its data depend on the course's key and on the code of the whole file
    origin: Origin = Origin.WRITTEN


@dataclass(frozen=True)
class Ban:
    """Names of libraries, each with all that is below it, that some exercises may not use, and the reason why."""

    names: tuple[str, ...]
    exercises: tuple[str, ...]
    reason: str  # ends a sentence, and says what is allowed instead


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
        """The folder of its checks, and of all that goes with them."""
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
        """Where a notebook of it may lie: beside the file, or where the kit has one."""
        return self.exercise.with_suffix(".ipynb"), self.root / "notebooks" / f"{self.stem}.ipynb"

    @property
    def pristine(self) -> Path:
        """A copy of the file as it was handed out, in a student's copy of the course, which has no solution."""
        return self.room / "pristine.py"

    @property
    def contract(self) -> Path:
        """The file whose signatures and annotations hold: the solution, or, in a student's copy, the stub."""
        return self.solution if self.solution.is_file() else self.pristine

    @property
    def mistakes(self) -> tuple[Path, ...]:
        """Files of wrong implementations, each with its diagnosis; a student's copy has none.

        `mistakes.py` may hold those of all exercises. The folder `mistakes` holds a file per exercise, in the exercises' order
        here, and `shared.py`, which several of them may import from.
        """
        order = {name: place for place, name in enumerate(self.functions)}
        paths = [path for path in (self.room / "mistakes").glob("*.py") if path.stem != "shared"]
        paths.sort(key=lambda path: (order.get(path.stem, len(order)), path.name))
        return tuple(path for path in (self.room / "mistakes.py", *paths) if path.is_file())

    @property
    def checks(self) -> Path:
        return self.room / f"test_{self.id}.py"

    @property
    def hints(self) -> Path:
        return self.room / "hints.toml"

    @property
    def thresholds(self) -> Path:
        """What its convergence checks ask for, as it was measured."""
        return self.room / "thresholds.toml"

    def module(self, name: str) -> ModuleType | None:
        """The module of its room that is called so, imported; None if there is none."""
        return module_of(self.root, f"{self.stem}.{name}")

    @cached_property
    def title(self) -> str:
        """The first heading of the section's own text, without its "# "."""
        for path in (self.contract, self.exercise):
            if path.is_file():
                for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                    if line.startswith("# # "):
                        return line.removeprefix("# # ").strip()
        return f"Section {self.number}: {self.name}"

    @property
    def label(self) -> str:
        """The part of its title in front of the colon, such as "Section 4"."""
        return self.title.partition(": ")[0]

    @property
    def topic(self) -> str:
        """The part of its title behind the colon."""
        return self.title.partition(": ")[2]

    @cached_property
    def _tree(self) -> ast.Module:
        """The syntax tree of the section's checks."""
        return ast.parse(self.checks.read_text(encoding="utf-8"), str(self.checks))

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """What students are asked to predict: the entries of `PREDICTIONS` in the section's own file.

        Raises:
            UsageError: a question cannot be read.
        """
        path = self.contract
        try:
            return questions_in(path.read_text(encoding="utf-8")) if path.is_file() else ()
        except (QuestionError, SyntaxError) as error:
            line = error.line if isinstance(error, QuestionError) else error.lineno
            raise UsageError(f"{path}:{line}: {error}") from None

    @cached_property
    def outline(self) -> tuple[CheckOutline, ...]:
        """The section's checks: of its predictions, then those of its file, in order.

        The check that is generated for an exercise comes after its last.
        """
        functions = [node for node in self._tree.body if isinstance(node, ast.FunctionDef)]
        written = [outline for node in functions for outline in [_check_outline(node)] if outline]
        if any(check.exercise == EXERCISE for check in written):
            raise UsageError(f'{self.checks}: no exercise can be called "{EXERCISE}". Give it another name.')
        last = {check.exercise: check for check in written}
        found = [_prediction(question) for question in self.questions]
        for check in written:
            found.append(check)
            if last[check.exercise] is check and check.exercise in self.unchanged:
                found.append(self._generated(check.exercise, written))
        return tuple(found)

    def _generated(self, exercise: str, written: Sequence[CheckOutline]) -> CheckOutline:
        """The check that an exercise leaves its inputs unchanged, which every call of its other checks looks at."""
        own = [check for check in written if check.exercise == exercise]
        mine = {check.id for check in own}
        values = tuple(check.id for check in own if not mine.intersection(check.needs))
        name, points = f"{exercise}_leaves_its_inputs_unchanged", self.unchanged[exercise]
        return CheckOutline(
            name, exercise, UNCHANGED_TITLE, points, hidden=False, needs=values, origin=Origin.UNCHANGED
        )

    @property
    def max_points(self) -> float:
        """The sum of all checks."""
        return round(sum(check.points for check in self.outline), 6)

    @property
    def preload(self) -> tuple[str, ...]:
        """Modules that are slow to import and that every submission to this section needs.

        The check file names them, `PRELOAD = ("module",)`; the sandbox then imports them once, and not in every worker.
        """
        return tuple(self._literal("PRELOAD") or ())

    @cached_property
    def forbidden(self) -> tuple[Ban, ...]:
        """What some exercises may not use, since it would do what the student is asked to do.

        The check file lists it, `FORBIDDEN = {"torch.optim": (("exercise",), "reason")}`; a key may be a tuple of names.
        """
        listed = (self._literal("FORBIDDEN") or {}).items()
        return tuple(
            Ban((names,) if isinstance(names, str) else tuple(names), tuple(exercises), reason)
            for names, (exercises, reason) in listed
        )

    @cached_property
    def changes(self) -> dict[str, tuple[str, ...]]:
        """The parameters that an exercise works on in place; all its other arguments come back as they were.

        The check file lists them: `CHANGES = {"exercise": ("params", "state")}`.
        """
        return {name: tuple(names) for name, names in (self._literal("CHANGES") or {}).items()}

    @cached_property
    def unchanged(self) -> dict[str, float]:
        """What leaving its inputs unchanged is worth in an exercise: points of the check that is generated for it.

        The check file lists it: `UNCHANGED = {"exercise": 0.25}`.
        """
        return {name: float(points) for name, points in (self._literal("UNCHANGED") or {}).items()}

    @cached_property
    def elsewhere(self) -> dict[str, float]:
        """Points of checks that only instructors have, by exercise; none where all checks are here."""
        return dict(self._literal(ELSEWHERE) or {})

    def _literal(self, name: str) -> Any:
        """The value that the section's checks give to a name, if it is written out there."""
        for node in self._tree.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
                return ast.literal_eval(node.value)
        return None

    def work(self, exercises: Sequence[str] = ()) -> float:
        """How long grading some exercises takes, or all, roughly, in units of an ordinary check."""
        chosen = [check for check in self.outline if not exercises or check.exercise in exercises]
        return sum(1 + check.call_cpu_seconds for check in chosen)

    @property
    def exercises(self) -> tuple[str, ...]:
        """Names of the section's exercises in the order of their checks. Predictions, if it has questions, are the first."""
        return tuple(dict.fromkeys(check.exercise for check in self.outline))

    @property
    def functions(self) -> tuple[str, ...]:
        """The exercises that are functions or classes: all but predictions."""
        return tuple(name for name in self.exercises if name != EXERCISE)

    def find_exercise(self, word: str, command: str = "grade") -> str:
        """Return the exercise that `word` names, or raise UsageError with the nearest names, and with what to type."""
        if word in self.exercises:
            return word
        close = difflib.get_close_matches(word, self.exercises, n=1)
        nearest = f" Did you mean {close[0]}?" if close else ""
        listing = ", ".join(self.exercises)
        raise UsageError(
            f'There is no exercise "{word}" in {self.id}.{nearest}\nExercises: {listing}. Try: {command} {self.id} '
            f"{(close or self.exercises)[0]}"
        )


def _prediction(question: Question) -> CheckOutline:
    """The check that a question is answered."""
    return CheckOutline(question.check_id, EXERCISE, question.title, POINTS, hidden=False, origin=Origin.PREDICTION)


def _check_outline(node: ast.FunctionDef) -> CheckOutline | None:
    """Read `@check("exercise", points=2, ...)` above a function; None if there is none."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "check":
            options = {keyword.arg: ast.literal_eval(keyword.value) for keyword in decorator.keywords if keyword.arg}
            title = (ast.get_docstring(node) or node.name).splitlines()[0].rstrip(".")
            exercise = str(ast.literal_eval(decorator.args[0]))
            points, hidden = float(options["points"]), bool(options.get("hidden", False))
            seconds = float(options.get("call_cpu_seconds") or 0)
            needs = tuple(options.get("needs", ()))
            fixtures = {argument.arg for argument in node.args.args}
            name = node.name.removeprefix("test_")
            return CheckOutline(
                *(name, exercise, title, points, hidden, seconds, needs),
                uses_reference="reference" in fixtures,
                uses_code_seed="code_seed" in fixtures,
            )
    return None


@dataclass(frozen=True)
class Course:
    """A course folder, and the key that it is graded with: only where a class is graded is it a secret one."""

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
        """What its `course.toml` says; UsageError if that cannot be used."""
        return read_settings(self.root)

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
        """A section and an exercise for examples of what to type: those of its settings if the section is here, else the first.

        The settings are believed, since reading the checks would take longer than all the rest of `grade --help`.
        """
        for section in self.sections:
            if section.id in self.settings.example[:1]:
                return section, self.settings.example[1]
        return next(((section, section.functions[0]) for section in self.sections if section.functions), None)

    def expect_solutions(self) -> None:
        """Raise UsageError in a student's copy of the course, where nothing can be done that needs the solutions."""
        if not self.solutions.is_dir():
            raise UsageError(
                f"{self.root}: a student's copy of the course, without solutions. This command is for the course's author. To "
                "grade, type: grade"
            )

    def find(self, word: str, command: str = "grade", of_exercises: bool = True) -> Section:
        """Return the section that its id, its number, its name or a file's stem names.

        Raises UsageError if there is none, which says how to type `command`, which goes with exercises, or does not.
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
        alike = [name for name in words if _digits(name) == _digits(word)]  # another number is no slip of the finger
        close = difflib.get_close_matches(word.lower(), alike, n=1)
        hint = f" Did you mean {words[close[0]].id} ({words[close[0]].name})?" if close else ""
        listing = ", ".join(f"{section.id} {section.name}" for section in self.sections)
        first = words[close[0]].id if close else self.sections[0].id
        raise UsageError(f'There is no section "{word}".{hint}\nSections: {listing}. Try: {command} {first}')


def _digits(word: str) -> list[str]:
    return re.findall(r"\d", word)


def find_course() -> Course:
    """Return the course that is meant here.

    `GRADE_COURSE` names it; otherwise it is the nearest folder, from the present one upwards, that holds `exercises` and
    `checks`; otherwise the one that this package was installed from. Checks and solutions are run as trusted code:
    a course that was found by its place alone, and is another user's, raises UsageError.
    """
    if os.environ.get(ROOT_VARIABLE):
        root = Path(os.environ[ROOT_VARIABLE]).resolve()
        _expect_this_edition(root)
        if not (root / CHECKS).is_dir():
            raise UsageError(f"{root}: no course here ({ROOT_VARIABLE} names it): a course has a folder {CHECKS}.")
        return Course(root)
    here = Path.cwd()
    installed = Path(__file__).resolve().parents[1]
    for folder in (here, *here.parents, installed):
        _expect_this_edition(folder)
        if (folder / CHECKS).is_dir() and (folder / "exercises").is_dir():
            if folder != installed:
                _expect_own(folder)
            return Course(folder)
    raise UsageError(f"{here}: no course here or above: go to the folder that holds exercises/, then try again: grade")


def _expect_this_edition(root: Path) -> None:
    """Raise UsageError if a folder holds a course as the first edition had it, with the checks among the grader's files."""
    if (root / CHECKS).is_dir() or not any((root / "grader" / "checks").glob("test_section*.py")):
        return
    told = (
        f"{root}: a course of the first edition, with its checks in grader/checks. This grader needs them in {CHECKS}/."
    )
    if (root / "solutions").is_dir():
        raise UsageError(
            f"{told}\nFor each section, such as section1_name, move these files:\n"
            f"  grader/checks/test_section1_name.py to {CHECKS}/section1_name/test_section1.py\n"
            f"  solutions/mistakes/section1_name.py to {CHECKS}/section1_name/mistakes.py\n"
            "Then write a file course.toml with the line: edition = 2"
        )
    raise UsageError(
        f"{told}\nGet the new kit from your instructor, and unpack it into another folder. Then copy your files from "
        f"{root / 'exercises'} into its exercises/."
    )


def _below(folder: Path, seen: frozenset[Path] = frozenset()) -> Iterator[Path]:
    """All files and folders in a folder, also behind links: Python would import from there, bytecode and libraries, too."""
    place = folder.resolve()
    if folder.is_dir() and place not in seen:
        for path in folder.iterdir():
            yield path
            yield from _below(path, seen | {place})


def _expect_own(root: Path) -> None:
    """Raise UsageError if the course, or code of it that a grading runs as trusted, is another user's, as git does."""
    if not hasattr(os, "geteuid"):  # Windows
        return
    trusted = {0, os.geteuid()}
    if os.geteuid() == 0 and os.environ.get("SUDO_UID", "").isdecimal():
        trusted.add(int(os.environ["SUDO_UID"]))
    folders = (root / CHECKS, root / "solutions")
    for path in (root, *folders, *(path for folder in folders for path in _below(folder))):
        if path.exists() and path.stat().st_uid not in trusted:
            raise UsageError(
                f"{path}: another user's, and grading here would run code of that course as yours. To grade a student's files, "
                f"go to your own course and type: grade SECTION --submission {root}\n"
                f"If you trust the owner: {ROOT_VARIABLE}={root} grade"
            )
