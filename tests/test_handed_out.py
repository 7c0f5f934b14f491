"""Modules of a course that students may import: found by solution, checks and submissions, sent to workers, part of the kit."""

import subprocess
import sys

import pytest

from grader.batch.environment import Environment
from grader.course import Course, UsageError
from grader.grading.request import Selection
from grader.kit.new_parts import new_course
from grader.kit.release import kit
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.trust import Trust
from grader.service.session import grade
from grader.submission.submission import Submission

MODULE = '''"""Weights of a course."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

FACTOR = np.loadtxt(Path(__file__).parents[1] / "data" / "factor.csv")


@dataclass(frozen=True)
class Line:
    slope: float


def times(x):
    return FACTOR * x
'''
CHECKS = '''
from weights import Line, times


@check("centre_first", points=1, needs=["centre_first"])
def test_lines(student):
    """A line arrives as it is."""
    expect_close({"weights": (student.centre_first(times(np.array([1.0, 2.0]))), np.array([-1.5, 1.5]))})
    expect_close({"slope": (student.run(slope_of, Line(2.0)), 2.0)})
'''
PROGRAMS = """
from weights import Line


def slope_of(submission, line) -> float:
    assert isinstance(line, Line)
    return line.slope
"""


@pytest.fixture
def course(tmp_path):
    root = tmp_path / "course"
    new_course(root, "With a module", with_torch=False)
    (root / "course.toml").write_text('modules = ["weights"]\nhand_out = ["data/*.csv"]\n')
    (root / "exercises" / "weights.py").write_text(MODULE)
    (root / "data").mkdir()
    (root / "data" / "factor.csv").write_text("3.0\n")
    solution = root / "solutions" / "section1_first.py"
    text = solution.read_text().replace("import numpy as np\n", "import numpy as np\nfrom weights import FACTOR\n", 1)
    solution.write_text(text.replace("x - x.mean()", "x - x.mean() * FACTOR / FACTOR"))
    room = root / "checks" / "section1_first"
    checks = room / "test_section1.py"
    head, _, rest = checks.read_text().partition("\n\n\n")
    checks.write_text(f"{head}\nfrom .programs import slope_of\n\n\n{rest}{CHECKS}")
    (room / "programs.py").write_text(PROGRAMS)
    return Course(root)


def submission(course, text=None):
    path = course.sections[0].solution
    return Submission(path.name, path, path.read_bytes() if text is None else text.encode())


@pytest.mark.parametrize("kind", [*(["zygote"] if sys.platform == "linux" else []), "plain", "in process"])
def test_solution_checks_and_submissions_import_it(course, kind):
    section = course.sections[0]
    if kind == "in process":
        report = grade(course, section, submission(course), None, Selection())
        assert report.points == report.max_points
        return
    with Sandbox.open(course, kind=kind, trust=Trust(everybody=True)) as sandbox:
        report = grade(course, section, submission(course), sandbox, Selection())
        assert (report.points, report.notice) == (report.max_points, "")
        other = submission(course).source.decode().replace("from weights import", "from weight import", 1)
        said = grade(course, section, submission(course, other), sandbox, Selection()).notice
        assert "Did you mean weights? Your file is graded alone, with Python's own modules, numpy and weights" in said


def test_it_is_in_the_kit_where_students_work_and_the_data_too(course, monkeypatch):
    monkeypatch.setattr("grader.kit.release.LEAST_CHECKS", 1)
    files = kit(course, recorded=False)
    assert files["exercises/weights.py"] == files["notebooks/weights.py"] == MODULE.encode()
    assert files["data/factor.csv"] == b"3.0\n"
    assert "weights" in files["course.toml"].decode()


def test_a_student_may_run_the_file_that_imports_it(course):
    path = course.exercises / "section1_first.py"
    path.write_text(submission(course).source.decode() + "\nprint(centre_first(np.array([1.0, 3.0])))\n")
    ended = subprocess.run([sys.executable, path], capture_output=True, text=True)
    assert ended.stdout == "[-1.  1.]\n", ended.stderr


def test_a_grade_depends_on_it(course):
    before = Environment.of(course.sections[0])
    (course.exercises / "weights.py").write_text(MODULE.replace("FACTOR * x", "x * FACTOR"))
    assert before.differences(Environment.of(course.sections[0])) != []


def test_two_courses_may_have_modules_of_one_name(course, tmp_path):
    from grader.course_modules import make_importable

    make_importable(course.root)
    assert sys.modules["weights"].FACTOR == 3
    (course.exercises / "weights.py").write_text("FACTOR = 4\n")
    make_importable(course.root)
    assert sys.modules["weights"].FACTOR == 4
    del sys.modules["weights"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('modules = ["shapes"]', "shapes.py: missing."),
        ('modules = ["numpy"]', "modules: expected a list of names of Python files in exercises/"),
        ('modules = ["json"]', "modules: expected"),
        ('modules = ["../weights"]', "modules: expected"),
        ('hand_out = ["solutions/*.py"]', "hand_out: expected a list of files that hold no answers"),
        ('hand_out = ["../secret"]', "hand_out: expected"),
        ('hand_out = ["C:/secret"]', "hand_out: expected"),
        ('hand_out = ["data/*.npz"]', "hand_out: there is no file data/*.npz. Correct the name"),
    ],
)
def test_an_author_reads_what_is_wrong(course, monkeypatch, line, said):
    monkeypatch.setattr("grader.kit.release.LEAST_CHECKS", 1)
    (course.root / "course.toml").write_text(f"{line}\n")
    with pytest.raises(UsageError) as caught:
        kit(Course(course.root), recorded=False)
    assert said in str(caught.value)
