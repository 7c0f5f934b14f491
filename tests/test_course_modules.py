"""A module of a course that cannot be imported is told to its author by file, line and cause, and a student gets no blame."""

import shutil

import pytest

from grader.course_modules import module_of
from grader.toolkit.verdicts import CourseModuleError
from tests.cli.commands import grade
from tests.paths import TINY

CHECKS = "checks/section1_tiny/test_section1.py"
FIRST = "import torch\n"


@pytest.fixture
def broken(tmp_path):
    """A copy of the tiny course with other first lines of its checks, and a module `helpers` beside them."""

    def make(lines, helpers="x = 1\n"):
        root = tmp_path / "course"
        shutil.copytree(TINY, root)
        path = root / CHECKS
        path.write_text(path.read_text(encoding="utf-8").replace(FIRST, lines, 1), encoding="utf-8")
        path.with_name("helpers.py").write_text(helpers, encoding="utf-8")
        return root

    return make


@pytest.mark.parametrize(
    ("lines", "helpers", "place", "cause"),
    [
        ("import torhc\n", "", f"{CHECKS}:3", "ModuleNotFoundError: No module named 'torhc'. Correct the name, or install"),
        ("from grader.toolkit.check import chek\n", "", f"{CHECKS}:3", "cannot import name 'chek'"),
        ("import torch\nraise RuntimeError\n", "", f"{CHECKS}:4", "RuntimeError. Correct this line."),
        ("from .helpers import x\n", "\nx = 1 / 0\n", "checks/section1_tiny/helpers.py:2", "ZeroDivisionError: division"),
        ("from .helpers import x\n", "\n\ndef f(:\n", "checks/section1_tiny/helpers.py:3", "not valid Python: invalid syntax"),
        ("from .helper import x\n", "x = 1\n", f"{CHECKS}:3", "No module named 'section1_tiny.helper'. Correct the name"),
        ("from .helpers import y\n", "x = 1\n", f"{CHECKS}:3", "cannot import name 'y' from 'section1_tiny.helpers'"),
    ],
)  # fmt: skip
def test_the_author_reads_file_line_and_cause(broken, lines, helpers, place, cause):
    root = broken(lines, helpers)
    with pytest.raises(CourseModuleError) as told:
        module_of(root, "section1_tiny.test_section1")
    assert str(told.value).startswith(f"{root}/{place}: ")
    assert cause in str(told.value)


def test_a_grading_says_so_and_blames_neither_student_nor_grader(broken):
    root = broken("import torch\nGRAVITY = torch.tesnor(9.81)\n")
    ran = grade("section1", "--submission", root / "solutions", course=root)
    cause = "AttributeError: module 'torch' has no attribute 'tesnor'. Correct this line."
    said = f"The checks cannot be loaded.\n{root}/{CHECKS}:4: {cause}\n"
    assert (ran.returncode, ran.stderr) == (3, said)
    ran = grade("author", "section1", "--once", course=root)
    assert (ran.returncode, ran.stderr) == (3, said)
    shutil.copy(root / "exercises" / "section1_tiny.py", root / "checks" / "section1_tiny" / "pristine.py")
    shutil.rmtree(root / "solutions")
    ran = grade("section1", course=root)
    assert (ran.returncode, ran.stderr.splitlines()[0]) == (
        3,
        "The course's checks cannot be loaded: tell your instructor. No points are lost.",
    )
