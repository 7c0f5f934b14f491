"""One section of a course: its files, its checks as their file declares them, and its exercises.

This module imports no torch and, except in `Section.module`, executes nothing of the course: it reads exercises and points from
syntax trees.
"""

import ast
import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType

from grader.check_files.check_file import Flaw, names_defined
from grader.check_files.check_outline import Ban, CheckOutline, checks_in, literal_in, missing_modules
from grader.check_files.check_rules import flaws_in
from grader.course_modules import module_of
from grader.course_settings import UsageError
from grader.predictions import EXERCISE, Question, QuestionError, questions_in

CHECKS = "checks"
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
