"""A pass of `grade author` tries all answers at first, and after a change only what the change can affect."""

import re
import shutil
from datetime import datetime

import pytest
from rich.console import Console

from grader.audit.author_pass import Memory, pass_over
from grader.course import Course
from grader.kit.stubs import section_stub
from grader.render.terminal.audit_matrix import render_pass
from grader.service import Service
from tests.paths import TINY

ROOM = "checks/section1_tiny"
CHECKS, MISTAKES, SOLUTION = f"{ROOM}/test_section1.py", f"{ROOM}/mistakes.py", "solutions/section1_tiny.py"
ALL = {"solution", "stub", "adds", "divides", "only_the_first", "accepts_negative_amounts", "divides_by_the_mean"}


class AskedError(Exception):
    """What a pass would grade."""


def ask(tasks):
    raise AskedError({task.submission.source: task.selection.exercises for task in tasks})


def tried(course, memory, grade=ask):
    (section,) = course.sections
    return pass_over(course, section, section_stub(section), memory, grade)


@pytest.fixture(scope="module")
def first(tmp_path_factory, tiny_sandbox, same_examples):
    """A course in which the third mistake survives, its first pass, and what that has remembered."""
    root = tmp_path_factory.mktemp("author") / "course"
    shutil.copytree(TINY, root)
    path = root / CHECKS
    path.write_text(path.read_text("utf-8").replace("SHAPES = ((2,), (), (2, 2))", "SHAPES = ((),)"), encoding="utf-8")
    path.write_text(
        path.read_text("utf-8").replace("[1.0, 2.0], dtype=torch.float32", "[1.0], dtype=torch.float32"), "utf-8"
    )
    memory = Memory()
    return root, tried(Course(root), memory, Service(Course(root), tiny_sandbox).grade), memory


def test_a_first_pass_tries_all_and_shows_what_students_read(first, tmp_path):
    root, found, memory = first
    assert {answer.name for answer in found.fresh} == ALL
    reports = {finding.answer.name: finding.report for finding in found.audit.findings}
    assert (reports["solution"].points, reports["stub"].points) == (5.0, 0.0)
    assert [finding.answer.name for finding in found.audit.findings if finding.problems] == ["only_the_first"]
    console = Console(width=100, record=True, file=(tmp_path / "screen").open("w"))
    render_pass(found, datetime(2026, 1, 1), console)
    said = " ".join(console.export_text().split())
    assert "solution: 5.0 / 5.0 stub: 0.0 / 5.0" in said
    assert "scale.only_the_first: its student reads nothing, and keeps all points." in said
    assert "scale.adds: its student reads, at Every entry is multiplied by the factor" in said
    assert "You add the factor to every entry." in said
    assert "centre.divides_by_the_mean: only instructors read, at 1, 2 and 6 become" in said
    assert re.search(rf"scale.only_the_first survives: no check fails it \({MISTAKES}:\d+\)", said)
    memory.write(tmp_path / "memory")
    assert tried(Course(root), Memory.read(tmp_path / "memory")).fresh == ()


@pytest.mark.parametrize(
    ("name", "old", "new", "exercises", "count"),
    [
        (CHECKS, "3.0, 0.25", "3.0, 0.5", {"shift_in_place"}, 3),  # the solution, the stub, a mistake
        (CHECKS, "NUMBERS = (1.0, 2.0", "NUMBERS = (1.0, 3.0", {"scale", "shift_in_place", "mean", "centre"}, 7),
        (MISTAKES, "return x + factor", "return factor + x", {"scale"}, 3),  # which are compared with each other
        (SOLUTION, "w.add_(amount)", "w += amount", {"shift_in_place"}, 3),
        (SOLUTION, "Tiny exercises", "Tiny tasks", set(), 0),
        (f"{ROOM}/helpers.py", "", "x = 1\n", {"scale", "shift_in_place", "mean", "centre"}, 7),
        (f"{ROOM}/hints.toml", "", 'mean = ["Add."]\n', set(), 0),
    ],
)  # fmt: skip
def test_after_a_change_it_tries_what_that_can_affect(first, tmp_path, name, old, new, exercises, count):
    root, _, memory = first
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    text = (copy / name).read_text("utf-8") if old else ""
    assert old in text
    (copy / name).write_text(text.replace(old, new, 1) if old else new, encoding="utf-8")
    known = Memory(dict(memory.reports))
    if not count:
        assert tried(Course(copy), known).fresh == ()
        return
    with pytest.raises(AskedError) as asked:
        tried(Course(copy), known)
    (tasks,) = asked.value.args
    assert ({one for some in tasks.values() for one in some}, len(tasks)) == (exercises, count)


def test_a_check_that_is_left_out_neither_runs_nor_counts_nor_blocks(first, tmp_path, tiny_sandbox):
    """As one without a threshold, which would fail right answers."""
    root, _, memory = first
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    path = copy / CHECKS
    path.write_text(path.read_text("utf-8").replace("(result, 3.0)", "(result, 1 / 0)"), encoding="utf-8")
    course, known = Course(copy), Memory(dict(memory.reports))
    (section,) = course.sections
    grade = Service(course, tiny_sandbox).grade
    found = pass_over(course, section, section_stub(section), known, grade, {"mean_by_hand"})
    assert {answer.name for answer in found.fresh} == {"solution", "stub", "divides_by_the_mean"}
    (solution,) = found.audit.of("solution")
    assert (solution.report.points, solution.report.max_points, solution.problems) == (4.0, 4.0, ())
