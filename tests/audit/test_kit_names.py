"""What a student kit names, as authors see it."""

import io
import shutil
from dataclasses import replace

import pytest
from rich.console import Console

from grader.audit.kit_names import KitNames, too_few
from grader.course import Course
from grader.render.terminal.audit_matrix import render_kit_names
from tests.cli.commands import grade
from tests.paths import TINY


@pytest.fixture(scope="module")
def found(same_examples):
    return KitNames.of(Course(TINY).sections[0])


def test_the_names_are_counted_and_the_others_listed(found):
    console = Console(width=100, record=True, file=io.StringIO())
    render_kit_names([found], console)
    shown = console.export_text()
    assert "A student kit names 4 of 5 mistakes (80.0 %)." in shown
    assert "divides_by_the_mean" in shown
    assert not found.problems


def test_a_kit_that_names_few_of_its_mistakes_is_told(found):
    silent = KitNames(found.section, replace(found.known, exercises={}))
    assert (too_few([found]), too_few([silent])) == (False, True)
    console = Console(width=100, record=True, file=io.StringIO())
    render_kit_names([silent], console)
    assert "names 0 of 5 mistakes (0.0 %)" in (shown := console.export_text())
    assert "Expected at least 70 %." in shown


def test_the_command_ends_with_1_below_70_percent(tmp_path):
    root = tmp_path / "course"
    shutil.copytree(TINY, root, ignore=shutil.ignore_patterns("__pycache__"))
    done = grade("audit", "--kit", course=root)
    assert done.returncode == 0, done.stderr
    words = " ".join(done.stdout.split())
    assert "scale 3 of 3" in words
    assert "centre 0 of 1 divides_by_the_mean" in words
    assert "A student kit names 4 of 5 mistakes (80.0 %)." in words
    assert "Expected" not in words
    path = root / "checks" / "section1_tiny" / "mistakes.py"
    head, *mistakes = path.read_text(encoding="utf-8").split("@mistake(")
    path.write_text("@mistake(".join([head, mistakes[1], mistakes[-1]]), encoding="utf-8")
    done = grade("audit", "--kit", "section1", course=root)
    assert done.returncode == 1, done.stderr
    assert "names 1 of 2 mistakes (50.0 %)" in done.stdout
    assert "Expected at least 70 %." in done.stdout


def test_a_line_of_a_mistake_in_a_message_is_a_problem(found):
    section = found.section
    source = section.solution.read_text(encoding="utf-8")
    line = next(line.strip() for line in source.splitlines() if "raise ValueError(f" in line)
    known = replace(found.known, exercises=dict(found.known.exercises))
    stored = known.exercises["scale"]
    told = type(stored.mistakes[0])("adds", line, ())
    known.exercises["scale"] = type(stored)(mistakes=[told])
    assert KitNames(section, known).problems == [f"the kit would hold a line of code: {line}"]
