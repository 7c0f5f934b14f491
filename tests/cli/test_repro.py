"""`grade repro`: a wrong function's call as a script, which runs alone, and which the debugger stops in."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.paths import ROOT, TINY

SOLVED = (TINY / "solutions" / "section1_tiny.py").read_text(encoding="utf-8")
WRONG = SOLVED.replace("return x * factor", "return x + factor")


def typed(course, *words, answers=""):
    environment = {name: value for name, value in os.environ.items() if name != "GRADE_COURSE"}
    return subprocess.run(
        [sys.executable, "-m", "grader", *words],
        env=environment, cwd=course, input=answers, capture_output=True, text=True,
    )  # fmt: skip


@pytest.fixture
def course(tmp_path):
    return shutil.copytree(TINY, tmp_path / "course")


@pytest.mark.slow
def test_the_debugger_stops_in_the_students_function(course):
    (course / "exercises" / "section1_tiny.py").write_text(WRONG, encoding="utf-8")
    ran = typed(course, "repro", "section1", "scale", "--pdb", answers="p ('factor is', factor)\nq\n")
    assert "repro/section1_scale.py shows why scale fails" in ran.stdout, ran.stdout + ran.stderr
    assert "scale()\n-> return x + factor" in ran.stdout
    assert "('factor is', " in ran.stdout
    assert (course / "repro" / "section1_scale.py").is_file()


@pytest.mark.slow
def test_nothing_to_reproduce_is_said_and_a_students_file_is_not_replaced(course):
    mine = course / "exercises" / "section1_tiny.py"
    ran = typed(course, "repro", "section1", "--out", str(mine))
    assert ran.returncode == 2
    assert "not in exercises/" in ran.stderr
    ran = typed(course, "repro", "section1", "scale")
    assert ran.returncode == 2
    assert "scale is not written yet" in ran.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("root", "section", "exercise", "before", "after"),
    [
        (ROOT, "section4", "momentum_step", "v.mul_(beta).add_(g)", "v.mul_(beta).add_(g, alpha=1 - beta)"),
        (
            ROOT / "courses" / "iterative_methods",
            "section1",
            "power_iteration",
            "v = start / np.linalg.norm(start)",
            "v = start.copy()",
        ),
    ],
)
def test_a_script_of_a_real_course_prints_two_values(tmp_path, root, section, exercise, before, after):
    for name in ("checks", "exercises", "solutions"):
        shutil.copytree(root / name, tmp_path / name)
    shutil.copy(root / "course.toml", tmp_path)
    (solution,) = (tmp_path / "solutions").glob(f"{section}_*.py")
    text = solution.read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "exercises" / solution.name).write_text(text.replace(before, after), encoding="utf-8")
    made = typed(tmp_path, "repro", section, exercise)
    assert made.returncode == 0, made.stdout + made.stderr
    script = tmp_path / "repro" / f"{section}_{exercise}.py"
    ran = subprocess.run([sys.executable, "-I", str(script)], capture_output=True, text=True)
    wrong = [line.split()[-3:-1] for line in ran.stdout.splitlines() if line.endswith("<-")]
    assert wrong, ran.stdout + ran.stderr
    assert all(expected != yours for expected, yours in wrong)
