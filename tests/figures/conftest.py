"""Pictures of section 4, drawn from whatever a test writes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
STEM = "section4_momentum"
SOLVED = (ROOT / "solutions" / f"{STEM}.py").read_text(encoding="utf-8")
STUB = (ROOT / "exercises" / f"{STEM}.py").read_text(encoding="utf-8")


def source_of(stem: str, folder: str = "solutions") -> str:
    """The solution of a section, or the file of another `folder`."""
    return (ROOT / folder / f"{stem}.py").read_text(encoding="utf-8")


def with_body(name: str, body: str, source: str = SOLVED) -> str:
    """The source with another body of one function."""
    before, _, rest = source.partition(f"def {name}(")
    head, _, rest = rest.partition("### BEGIN SOLUTION\n")
    _, _, after = rest.partition("### END SOLUTION\n")
    return f"{before}def {name}({head}{body.strip()}\n{after}"


@pytest.fixture(scope="package", autouse=True)
def one_thread() -> Iterator[None]:
    """Torch computes in one thread, as under `grade plot`: several that wait for one another take ten times as long."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Any]:
    from grader.course import Course
    from grader.sandbox.launch import Sandbox
    from grader.sandbox.limits import FOR_PICTURES

    with Sandbox.open(Course(ROOT), limits=replace(FOR_PICTURES, call_cpu_seconds=0.5)) as opened:
        yield opened


@pytest.fixture(scope="session")
def draw(sandbox: Any) -> Callable[..., dict[str, Any]]:
    """The pictures of a source of section 4, by slug; of a course without solutions if `root` names one."""
    from grader.course import Course
    from grader.figures.run import figures_of
    from grader.sandbox.submission import Submission

    def pictures(source: str, *exercises: str, root: Path = ROOT) -> dict[str, Any]:
        section = Course(root).find("section4")
        submission = Submission(f"{STEM}.py", Path(f"{STEM}.py"), source.encode())
        return {picture.slug: picture for picture in figures_of(section, submission, sandbox, exercises)}

    return pictures


@pytest.fixture(scope="session")
def draw_of(sandbox: Any) -> Callable[..., dict[str, Any]]:
    """The pictures of a source of the section whose files are called `stem`, by slug."""
    from grader.course import Course
    from grader.figures.run import figures_of
    from grader.sandbox.submission import Submission

    def pictures(stem: str, source: str, *exercises: str) -> dict[str, Any]:
        submission = Submission(f"{stem}.py", Path(f"{stem}.py"), source.encode())
        section = Course(ROOT).find(stem.partition("_")[0])
        return {picture.slug: picture for picture in figures_of(section, submission, sandbox, exercises)}

    return pictures


@pytest.fixture(scope="session")
def solved(draw: Any) -> dict[str, Any]:
    """The pictures of the reference solution."""
    found: dict[str, Any] = draw(SOLVED)
    return found
