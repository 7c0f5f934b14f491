"""A course's own file of settings: what it says is used, and what cannot be used is told with its line."""

import shutil
import sys
from pathlib import Path

import pytest

from grader.batch.environment import Environment
from grader.course import Course, UsageError
from grader.course_settings import FILENAME, Settings
from grader.grading.report import Status
from grader.grading.request import Selection
from grader.sandbox.process.health import layers_of
from grader.sandbox.process.launch import Sandbox
from grader.service.session import grade
from grader.submission.submission import Submission
from tests.paths import ITERATIVE, ROOT, TINY


@pytest.fixture
def course(tmp_path):
    """A copy of the tiny course, without settings."""
    root = tmp_path / "course"
    shutil.copytree(TINY, root, ignore=shutil.ignore_patterns(FILENAME, "__pycache__"))
    return Course(root)


def test_a_course_without_settings_has_defaults(course):
    assert course.settings == Settings(edition=2, title="", example=(), packages=())
    section, exercise = course.example
    assert (section.id, exercise) == ("section1", "scale")  # the first ones


def test_every_setting_is_read(course):
    (course.root / FILENAME).write_text(
        '\ufeffedition = 3\ntitle = "Statistics"\nexample = ["section1", "mean"]\npackages = ["scipy"]\n',
        encoding="utf-8",
    )
    assert course.settings == Settings(3, "Statistics", ("section1", "mean"), ("scipy",))
    section, exercise = course.example
    assert (section.id, exercise) == ("section1", "mean")


@pytest.mark.parametrize("root", [ROOT, TINY, ITERATIVE], ids=["ours", "tiny", "iterative"])
def test_the_example_of_a_course_here_is_an_exercise_of_it(root):
    course = Course(root)
    section, exercise = course.settings.example
    assert exercise in course.find(section).exercises


def test_an_example_that_is_not_there_is_replaced_by_the_first(course):
    """An archive for an autograder may hold some sections only."""
    (course.root / FILENAME).write_text('example = ["section7", "rotate"]\n')
    section, exercise = course.example
    assert (section.id, exercise) == ("section1", "scale")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("edition = 2\nedition = 3\n", "line 2, column 12"),
        ("# a comment\n\nedition = '2'", ":3: edition: expected a whole number from 1, such as 2"),
        ("edition = true", ":1: edition: expected a whole number"),
        ("edition = 0", ":1: edition: expected a whole number"),
        ("title = ['a']", ":1: title: expected a text"),
        ("title = 'a'\nexample = 'section1 mean'", ":2: example: expected a section and an exercise"),
        ("example = ['section1']", ":1: example: expected a section and an exercise"),
        ("packages = [1]", ":1: packages: expected a list of names of packages"),
        ("titel = 'a'", ":1: titel: unknown. Expected one of: edition, title, example, packages"),
        ("title = 'a'\n[data]\nfolder = 'x'", ":2: data: unknown."),
        (b"title = '\xff'", "Expected a file in TOML"),
    ],
)
def test_settings_that_cannot_be_used_are_told_with_their_line(text, said, course):
    path = course.root / FILENAME
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UsageError) as error:
        _ = course.settings
    assert str(error.value).startswith(str(path))
    assert said in str(error.value)


def test_what_a_submission_may_import_is_part_of_what_a_grade_depends_on(course):
    before = Environment.of(course.find("tiny"))
    (course.root / FILENAME).write_text('packages = ["scipy"]\n')
    assert before.differences(Environment.of(course.find("tiny"))) != []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a submission may read what its owner may")
@pytest.mark.parametrize(("packages", "status"), [((), Status.FAILED), (("pygments",), Status.PASSED)])
def test_a_submission_may_import_the_packages_that_its_course_lists(packages, status, course):
    (course.root / FILENAME).write_text(f"packages = {list(packages)}\n")
    right = (TINY / "solutions" / "section1_tiny.py").read_bytes()
    source = right.replace(b"from torch import Tensor", b"import pygments\nfrom torch import Tensor")
    submission = Submission("section1_tiny.py", Path("section1_tiny.py"), source)
    with Sandbox.open(course) as sandbox:
        if not layers_of(sandbox)["landlock"]:
            pytest.skip("this kernel cannot confine what a submission reads")
        report = grade(course, course.find("tiny"), submission, sandbox, Selection(exercises=("mean",)))
    assert report.checks[0].status is status
