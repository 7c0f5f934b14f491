"""Pictures of the functions that a test writes; by default of section 4."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from tests.paths import ROOT

STEM = "section4_momentum"
SOLVED = (ROOT / "solutions" / f"{STEM}.py").read_text(encoding="utf-8")


def source_of(stem: str, folder: str = "solutions") -> str:
    """The solution of a section, or the file of another `folder`."""
    return (ROOT / folder / f"{stem}.py").read_text(encoding="utf-8")


def with_body(name: str, body: str, source: str = SOLVED) -> str:
    """The source with another body of one function."""
    before, _, rest = source.partition(f"def {name}(")
    head, _, rest = rest.partition("### BEGIN SOLUTION\n")
    _, _, after = rest.partition("### END SOLUTION\n")
    return f"{before}def {name}({head}{body.strip()}\n{after}"


def words_in(picture: Any) -> str:
    """Everything that is written in a picture: beside the outlines of its letters, matplotlib leaves their text."""
    return " ".join(picture.svg_light.decode().split())


@pytest.fixture(scope="session")
def drawing_sandbox() -> Iterator[Any]:
    from grader.course import Course
    from grader.sandbox.limits.limits import FOR_PICTURES
    from grader.sandbox.process.launch import Sandbox

    with Sandbox.open(Course(ROOT), limits=replace(FOR_PICTURES, call_cpu_seconds=0.5)) as opened:
        yield opened


@pytest.fixture(scope="session")
def draw_of(drawing_sandbox: Any) -> Callable[..., dict[str, Any]]:
    """The pictures of a source of the section whose files are called `stem`, by slug; `root` may name another course."""
    from grader.course import Course
    from grader.figures.picture import figures_of
    from grader.sandbox.process.launch import Sandbox
    from grader.sandbox.process.trust import Trust
    from grader.submission.submission import Submission

    def pictures(stem: str, source: str, *exercises: str, root: Path = ROOT) -> dict[str, Any]:
        submission = Submission(f"{stem}.py", Path(f"{stem}.py"), source.encode())
        course = Course(root)
        section = course.find(stem.partition("_")[0])
        if root == ROOT:
            return {
                picture.slug: picture for picture in figures_of(section, drawing_sandbox.admit(submission), exercises)
            }
        with Sandbox.open(course, trust=Trust(everybody=True)) as own:  # whose workers have that course's programs
            return {picture.slug: picture for picture in figures_of(section, own.admit(submission), exercises)}

    return pictures


@pytest.fixture(scope="session")
def draw(draw_of: Any) -> Callable[..., dict[str, Any]]:
    """The pictures of a source of section 4."""
    return partial(draw_of, STEM)


@pytest.fixture(scope="session")
def solved_of(draw_of: Any) -> Callable[[str], dict[str, Any]]:
    """The pictures of the reference solution of a section, which are drawn once."""
    return cache(lambda stem: draw_of(stem, source_of(stem)))


@pytest.fixture(scope="module")
def pictures(request: pytest.FixtureRequest, solved_of: Any) -> dict[str, Any]:
    """The pictures of the reference solution of the section that a module of tests is about."""
    found: dict[str, Any] = solved_of(request.module.STEM)
    return found


@pytest.fixture(scope="session")
def solved(solved_of: Any) -> dict[str, Any]:
    """The pictures of the reference solution of section 4."""
    found: dict[str, Any] = solved_of(STEM)
    return found
