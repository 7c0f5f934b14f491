"""Every exercise has hints, from gentle to direct, and none of them hands out a line of the solution."""

import os
import re
import subprocess
import sys
import tomllib

import pytest

from grader.course import Course
from grader.find_course import find_course
from grader.section import Section
from tests.paths import ITERATIVE

COURSE = find_course()
ANSWER = re.compile(r"^ *### BEGIN SOLUTION\n(.*?)^ *### END SOLUTION$", re.MULTILINE | re.DOTALL)

SECTIONS = [*COURSE.sections, *Course(ITERATIVE).sections]

each_section = pytest.mark.parametrize("section", SECTIONS, ids=[section.stem for section in SECTIONS])


def hints_of(section: Section) -> dict[str, list[str]]:
    found = tomllib.loads(section.hints.read_text(encoding="utf-8"))
    found.pop("checks", None)
    return found


def squeeze(text: str) -> str:
    """Without differences of whitespace, and without the backticks that make a name look like one."""
    return " ".join(text.replace("`", "").split())


def solution_lines(section: Section) -> list[str]:
    """The lines of all answers of a section that are long enough to give something away, without their comments."""
    answers = ANSWER.findall(section.solution.read_text(encoding="utf-8"))
    lines = [squeeze(line.split("  # ")[0]) for answer in answers for line in answer.splitlines()]
    return [line for line in lines if len(line) > 15]


@each_section
def test_exactly_the_exercises_of_the_section_have_hints(section):
    """In the section's order, so that an author finds them."""
    assert tuple(hints_of(section)) == section.functions


@each_section
def test_hints_are_three_or_four_short_texts(section):
    for exercise, hints in hints_of(section).items():
        assert 3 <= len(hints) <= 4, exercise
        assert len(set(hints)) == len(hints), exercise
        for hint in hints:
            assert 0 < len(hint.strip()) < 600, (exercise, len(hint), hint)
            assert "$" not in hint, (exercise, hint)  # a terminal shows no formulas


@each_section
def test_no_hint_holds_a_line_of_the_solution(section):
    lines = solution_lines(section)
    assert lines
    given_away = [
        (exercise, line)
        for exercise, hints in hints_of(section).items()
        for line in lines
        if any(line in squeeze(hint) for hint in hints)
    ]
    assert not given_away


@each_section
def test_no_hint_leads_to_what_its_exercise_may_not_use(section):
    hints = hints_of(section)
    for ban in section.forbidden:
        for exercise in ban.exercises:
            assert not [name for name in ban.names if name in " ".join(hints[exercise])], exercise


def test_a_hint_imports_nothing_heavy(tmp_path):
    """Nor does the next one, which looks at what was kept."""
    for name in ("checks", "solutions", "exercises"):
        (tmp_path / name).symlink_to(COURSE.root / name)
    code = (
        "import sys\nfrom grader.cli import main\n"
        "try:\n    main(['hint', 'section4', 'momentum_step'])\n"
        "finally:\n    print(sorted({'torch', 'numpy', 'hypothesis', 'pytest'} & set(sys.modules)))\n"
    )
    for number in (1, 2):
        run = subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"GRADE_COURSE": str(tmp_path)},
            cwd=COURSE.root,
            capture_output=True,
            text=True,
        )
        assert f"hint {number} of " in run.stdout, run.stderr
        assert run.stdout.endswith("[]\n")
