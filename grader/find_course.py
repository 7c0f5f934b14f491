"""Find the course for the working directory. Its checks run as trusted code, so it must belong to this user."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from grader.course import Course, UsageError
from grader.section import CHECKS

ROOT_VARIABLE = "GRADE_COURSE"


_STEPS = """
1. Move grader/checks/test_<section>.py to checks/<section>/, and to the same folder the section's mistakes, hints, figures,
   probes, oracles, strategies and thresholds. What several sections use goes to checks/shared/.
2. Make imports of moved modules relative, such as: from .problems import Quadratic
3. Put classes and functions that run beside a submission into problems.py or programs.py of that folder.
4. Write a file course.toml with the line: edition = 2
5. Type: grade stubs --check, then: grade audit
docs/authors.md, under "From the first edition", lists each move."""


def find_course() -> Course:
    """Return the course for the working directory.

    That is the folder in the variable `GRADE_COURSE`; else the nearest folder, upwards from the working directory, that has
    `exercises` and `checks`; else the folder from which this package was installed.

    Raises:
        UsageError: there is no course, it has the layout of the first edition, or, without the variable, another user owns it;
            or this Python has taken the docstrings away, which name the checks.
    """
    if sys.flags.optimize > 1:
        raise UsageError(
            "Python drops docstrings here, which name the checks. Leave -OO out, or type: unset PYTHONOPTIMIZE"
        )
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
    """Raise UsageError for the first edition's layout, which has the checks in the grader's folder."""
    if (root / CHECKS).is_dir() or not any((root / "grader" / "checks").glob("test_section*.py")):
        return
    problem = (
        f"{root}: a course of the first edition, with its checks in grader/checks. This grader needs them in {CHECKS}/."
    )
    if (root / "solutions").is_dir():
        raise UsageError(problem + _STEPS)
    raise UsageError(
        f"{problem}\nGet the new kit from your instructor, and unpack it into another folder. Then copy your files from "
        f"{root / 'exercises'} into its exercises/."
    )


def _below(folder: Path, seen: frozenset[Path] = frozenset()) -> Iterator[Path]:
    """All files and folders in a folder, also behind links: Python may import any of them."""
    place = folder.resolve()
    if folder.is_dir() and place not in seen:
        for path in folder.iterdir():
            yield path
            yield from _below(path, seen | {place})


def _expect_own(root: Path) -> None:
    """Raise UsageError if another user owns the course or its trusted code. git has the same rule."""
    if not hasattr(os, "geteuid"):  # Windows
        return
    trusted = {0, os.geteuid()}
    if os.geteuid() == 0 and os.environ.get("SUDO_UID", "").isdecimal():
        trusted.add(int(os.environ["SUDO_UID"]))
    folders = (root / CHECKS, root / "solutions")
    for path in (root, *folders, *(path for folder in folders for path in _below(folder))):
        if path.exists() and path.stat().st_uid not in trusted:
            raise UsageError(
                f"{path}: another user owns this, and grading here would run that user's code as yours. To grade a student's "
                f"files, go to your own course and type: grade SECTION --submission {root}\n"
                f"If you trust the owner: {ROOT_VARIABLE}={root} grade"
            )
