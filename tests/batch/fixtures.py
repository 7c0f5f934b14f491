"""Classes of a few students, laid out as real exports are, and graded against the tiny course by real processes."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import forked
from tests.paths import ROOT, TINY


@pytest.fixture
def lay_out(tmp_path: Path) -> Callable[[dict[str, bytes]], Path]:
    """Write files below a folder of submissions, and return the folder."""

    def write(files: dict[str, bytes]) -> Path:
        folder = tmp_path / "submissions"
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder

    return write


@pytest.fixture
def take(tiny_course: Any) -> Callable[..., tuple[list[Any], list[Any]]]:
    """Read a folder; returns its hand-ins and its troubles."""
    from grader.batch.intake import HandIn, Intake, Trouble

    def read(folder: Path, **options: Any) -> tuple[list[Any], list[Any]]:
        found = list(Intake(folder, tiny_course.sections, **options).read())
        return [one for one in found if isinstance(one, HandIn)], [one for one in found if isinstance(one, Trouble)]

    return read


@pytest.fixture
def command() -> Callable[..., list[str]]:
    """The command line of `grade class` for the tiny course."""

    def words(submissions: Path, out: Path, *options: str) -> list[str]:
        return [sys.executable, "-m", "grader", "class", str(submissions), "--out", str(out), *options]

    return words


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment of a process that is to find the tiny course, and this checkout."""
    return {**os.environ, "GRADE_COURSE": str(TINY), "PYTHONPATH": str(ROOT), "COLUMNS": "200", "GRADE_DEBUG": "1"}


@pytest.fixture
def run_grade(environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command of the grader to its end."""

    def run(words: list[str]) -> subprocess.CompletedProcess[str]:
        return forked.run(words, environment)

    return run


@pytest.fixture
def grade_folder(tmp_path: Path) -> Callable[..., Any]:
    """Take a folder in and grade it in this process's name; returns the open gradebook."""
    from grader.batch.class_grading import PoolOptions, grade_class, take_in
    from grader.batch.gradebook.book import FILENAME, Gradebook
    from grader.batch.intake import Intake
    from grader.course import Course
    from grader.sandbox.limits.limits import Limits

    def grade(folder: Path, workers: int = 2, out: str = "out", root: Path = TINY, scheduler: str | None = None) -> Any:
        course = Course(root)
        book = Gradebook(tmp_path / out / FILENAME)
        take_in(Intake(folder, course.sections), book)
        who = PoolOptions(workers, scheduler, limits=Limits(call_cpu_seconds=0.5, load_cpu_seconds=1.5))
        grade_class(course, course.sections, book, who, lambda done, count: None, lambda refused: None)
        return book

    return grade


@pytest.fixture
def made(tmp_path: Path) -> Any:
    """An empty class, to be filled with grades by hand."""
    from tests.batch.sample_class import Made

    made = Made(tmp_path / "results" / "gradebook.sqlite")
    yield made
    made.book.close()
