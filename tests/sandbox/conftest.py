"""Submissions written in the tests themselves, run by the workers of one zygote."""

import os
import secrets
import sys
import textwrap
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from grader.course import Course
from grader.course_modules import travelling_sources
from grader.sandbox.calls.sandboxed_submission import SandboxedSubmission, Trial
from grader.sandbox.calls.student import Contract
from grader.sandbox.limits.limits import Limits
from grader.sandbox.process.launch import Sandbox
from grader.submission.submission import Submission
from tests.paths import ROOT

FILENAME = "section1_toy.py"


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with empty folders, in torch."""
    root = tmp_path_factory.mktemp("course")
    for folder in ("exercises", "solutions", "checks/section1_toy"):
        (root / folder).mkdir(parents=True)
    (root / "course.toml").write_text('packages = ["torch"]\n')
    return Course(root)


@pytest.fixture(scope="session", autouse=True)
def our_modules() -> Iterator[None]:
    """Workers get the problems and programs of our own course, too, whichever course a sandbox is opened for."""

    def sources(root: Path) -> dict[str, str]:
        return travelling_sources(ROOT) | travelling_sources(root)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("grader.sandbox.process.launch.travelling_sources", sources)
        yield


@pytest.fixture(scope="session")
def secret(course: Course) -> Iterator[str]:
    """An answer that the trusted process holds in its environment, its modules and the files of the course."""
    token = f"planted-{secrets.token_hex(16)}"
    os.environ["PLANTED_ANSWER"] = token
    sys.modules["planted_solutions"] = module = types.ModuleType("planted_solutions")
    vars(module)["ANSWER"] = token
    for path in ("solutions/section1_toy.py", "checks/section1_toy/test_section1.py"):
        (course.root / path).write_text(f"ANSWER = {token!r}\n")
    yield token
    del os.environ["PLANTED_ANSWER"], sys.modules["planted_solutions"]


@pytest.fixture(scope="session")
def sandbox(course: Course, secret: str) -> Iterator[Sandbox]:
    """The zygote of nearly all tests, started after the secret was planted."""
    with Sandbox.open(course) as opened:
        yield opened


@pytest.fixture(scope="session")
def hasty_sandbox(course: Course) -> Iterator[Sandbox]:
    """A sandbox that soon loses patience: for submissions that never end."""
    hasty = Limits(call_cpu_seconds=0.3, call_wall_seconds=2.0, load_cpu_seconds=1.0, load_wall_seconds=10.0)
    with Sandbox.open(course, limits=hasty) as opened:
        yield opened


@pytest.fixture(scope="session")
def drowsy_sandbox(course: Course) -> Iterator[Sandbox]:
    """A sandbox that waits a second for all the answers of a check together."""
    with Sandbox.open(course, limits=Limits(check_wall_seconds=1.0)) as opened:
        yield opened


@pytest.fixture
def submit(request: pytest.FixtureRequest) -> Callable[..., SandboxedSubmission]:
    """Hand in a source: `submit(source)`; with "hasty_sandbox", its deadline is short."""

    def hand_in(source: str | bytes, where: str = "sandbox") -> SandboxedSubmission:
        text = textwrap.dedent(source).encode() if isinstance(source, str) else source
        sandbox: Sandbox = request.getfixturevalue(where)
        return sandbox.admit(Submission(FILENAME, Path(FILENAME), text))

    return hand_in


@pytest.fixture
def trial(submit: Callable[..., SandboxedSubmission]) -> Callable[..., AbstractContextManager[Trial]]:
    """Meet a source: `with trial(source, reference) as met: met.student.f(1)`.

    `reference` is the source whose annotations say what the functions return; `changes` are the parameters that a function
    works on in place, `exercise` the one that the check is about, `seconds` what a call may compute.
    """

    def meet(
        source: str | bytes,
        reference: str = "",
        where: str = "sandbox",
        changes: Mapping[str, tuple[str, ...]] | None = None,
        exercise: str = "",
        seconds: float | None = None,
    ) -> AbstractContextManager[Trial]:
        module = types.ModuleType("reference")
        exec(textwrap.dedent(reference), module.__dict__)
        return submit(source, where).trial(Contract(module, changes), exercise, seconds)

    return meet


@pytest.fixture
def children() -> Callable[[int], set[int]]:
    """List the processes that a process has started and not reaped, by its id."""

    def list_children(pid: int) -> set[int]:
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
        return {int(child) for text in lists for child in text.split()}

    return list_children
