"""What several folders of tests share: the tiny course, and one sandbox for everything that is graded in this process."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.process.interpreter import prepare_imports
from tests import zygote_nursery
from tests.paths import TINY

pytest_plugins = ["tests.batch.fixtures", "tests.figures.fixtures"]  # of several folders

os.environ["GRADE_COLD"] = "1"  # tests in a terminal leave no process behind
prepare_imports()  # as the command does: before anything imports torch

STEM = "section1_tiny"
_WITH_REAL_ZYGOTES = (
    "sandbox/",
    "attacks/",
    "platforms/",
    "batch/test_pool.py",
    "grading/test_faults.py",
    "grading/test_verdict.py",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the golden files of tests/grading and tests/render anew; then read every change: git diff",
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests of the sandbox and its processes, and attacks on it, start zygotes as the grader does."""
    place = item.path.relative_to(Path(__file__).parent).as_posix()
    zygote_nursery.use(sys.platform == "linux" and not place.startswith(_WITH_REAL_ZYGOTES))


def pytest_configure(config: pytest.Config) -> None:
    """Know the mark of checks, for tests that import a file of checks."""
    config.addinivalue_line("markers", "check: declares a check of an exercise")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Each process gets tests that stand together, since these share what they have made: a sandbox, a kit, a graded class."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


@pytest.fixture(scope="module")
def same_examples() -> Iterator[None]:
    """Hypothesis draws the same examples each time, as in a grading; for tests that call checks themselves."""
    from hypothesis import settings
    from hypothesis.configuration import set_hypothesis_home_dir

    from grader.grading.examples import load_profile

    profile = settings.get_current_profile_name()
    load_profile()
    yield
    settings.load_profile(profile)
    set_hypothesis_home_dir(None)


@pytest.fixture
def tiny_course() -> Any:
    """The course below tests/courses/tiny."""
    from grader.course import Course

    return Course(TINY)


@pytest.fixture(scope="session")
def tiny_sandbox() -> Iterator[Any]:
    """A sandbox that gives up on a call after half a second of computing: an endless loop costs no more."""
    from grader.course import Course
    from grader.sandbox.limits.limits import Limits
    from grader.sandbox.process.launch import Sandbox

    with Sandbox.open(Course(TINY), limits=Limits(call_cpu_seconds=0.5, load_cpu_seconds=1.5)) as sandbox:
        yield sandbox


@pytest.fixture
def grade_tiny(tiny_sandbox: Any) -> Iterator[Callable[..., Any]]:
    """Grade source text against the tiny course, or another course with a section of the same name."""
    from hypothesis import settings
    from hypothesis.configuration import set_hypothesis_home_dir

    from grader.course import Course
    from grader.grading.request import Selection
    from grader.service.session import grade
    from grader.submission.submission import Submission

    def run(
        source: bytes | str,
        *,
        root: Path = TINY,
        sandbox: Any = tiny_sandbox,
        folder: Path | None = None,
        name: str = f"{STEM}.py",
        **options: Any,
    ) -> Any:
        """`folder` is where to write the source, for a run in this process; `options` are a Selection's, and `progress`."""
        data = source if isinstance(source, bytes) else source.encode()
        course = Course(root)
        path = (folder or Path()) / name
        if folder is not None:
            path.write_bytes(data)
        progress = options.pop("progress", None)
        submission = Submission(path.name, path, data)
        return grade(course, course.find("tiny"), submission, sandbox, Selection(**options), progress)

    profile = settings.get_current_profile_name()
    yield run
    settings.load_profile(profile)
    set_hypothesis_home_dir(None)


@pytest.fixture
def course_with(tmp_path: Path) -> Callable[[str], Path]:
    """Make a course whose solutions are those of the tiny one, with other checks; return its folder."""

    def make(checks: str) -> Path:
        root = tmp_path / "course"
        for folder in (f"checks/{STEM}", "exercises"):
            (root / folder).mkdir(parents=True)
        (root / "solutions").symlink_to(TINY / "solutions")
        (root / "checks" / STEM / "mistakes.py").symlink_to(TINY / "checks" / STEM / "mistakes.py")
        (root / "checks" / STEM / f"test_{STEM.partition('_')[0]}.py").write_text(checks, encoding="utf-8")
        return root

    return make


@pytest.fixture
def own_course(tmp_path: Path, tiny_course: Any) -> Any:
    """The tiny course with an empty folder of exercises, and a `.grade/` folder, of its own."""
    from grader.course import Course

    for name in ("checks", "solutions"):
        (tmp_path / name).symlink_to(tiny_course.root / name)
    (tmp_path / "exercises").mkdir()
    return Course(tmp_path)


@pytest.fixture
def asking_course(tmp_path: Path) -> Any:
    """A copy of the tiny course that has two questions to predict."""
    from grader.course import Course
    from tests.course_with_predictions import make_course

    return Course(make_course(tmp_path / "asking"))
