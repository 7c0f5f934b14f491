"""`grade author` lists an author's errors first, then tries the checks, now and on every save."""

import shutil
import signal
import subprocess
import sys

import pytest

from grader.audit.author_pass import Memory
from grader.cli.author_loop import picture_errors, try_once
from grader.course import Course
from tests.cli.commands import environment, grade
from tests.paths import ROOT, TINY

CHECKS = "checks/section1_tiny/test_section1.py"


def change(root, name, old, new):
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def root(tmp_path):
    shutil.copytree(TINY, tmp_path / "course")
    return tmp_path / "course"


def test_errors_come_first_and_then_nothing_is_tried(root, capsys):
    change(root, CHECKS, "student.mean", "student.maen")
    course = Course(root)
    assert try_once(course, course.sections[0], None) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"{root}/{CHECKS}:67: student.maen: the solution defines no maen. Did you mean mean?")
    assert said[1] == "1 error. No answer was tried yet."


@pytest.mark.slow
def test_a_check_without_a_threshold_is_left_out_and_told(root):
    change(root, CHECKS, "(result, 3.0)", "(result, threshold(__file__, 'mean').threshold)")
    change(
        root,
        CHECKS,
        "from hypothesis import given",
        "from grader.toolkit.thresholds import threshold\nfrom hypothesis import given",
    )
    done = grade("author", "section1", "--once", course=root)
    assert done.returncode == 0, done.stderr
    assert "solution: 4.0 / 4.0\n" in done.stdout
    said = "thresholds.toml has no mean. To measure it: grade calibrate section1. Until then, its check is left out"
    assert f"{root}/{CHECKS}:69: {said}" in done.stdout


def test_pictures_are_tried_again_once_their_files_change(root):
    section, memory = Course(root).sections[0], Memory()
    assert picture_errors(section, memory) == []
    path = section.room / "figures.py"
    path.write_text("class A:\n    pass\n\n\nFIGURES = [A()]\n", encoding="utf-8")
    said = f"{path}:1: A is no picture. Write FIGURES = [A()], of class A(Figure)."
    assert [picture_errors(section, memory) for _ in range(2)] == [[said], [said]]


@pytest.mark.slow
def test_it_tries_again_on_a_save_of_checks_and_mistakes(root):
    """With other checks, too, which the process that watches must not have imported."""
    words = [sys.executable, "-m", "grader", "author", "section1"]
    watch = subprocess.Popen(words, cwd=ROOT, env=environment(root), stdout=subprocess.PIPE, text=True)

    def until(words):
        lines = [watch.stdout.readline()]
        while words not in lines[-1]:
            assert lines[-1], lines
            lines.append(watch.stdout.readline())
        return "".join(lines)

    try:
        assert "solution: 5.0 / 5.0\n" in until("7 answers graded.")
        until("Waiting for a save.")
        change(root, CHECKS, "(result, 3.0)", "(result, 4.0)")
        assert "solution: 3.25 / 5.0, not right\n" in until("3 answers graded, 4 as before.")
        change(root, "checks/section1_tiny/mistakes.py", '"centre",', '"centr",')
        until("section1 has no exercise centr")
        watch.send_signal(signal.SIGINT)
        assert watch.wait(timeout=60) == 130
    finally:
        watch.kill()
        watch.stdout.close()
