"""What a student reads about a wrong answer to the real course: golden texts, from a real grading of each.

After a change that is meant to change them: `python -m pytest tests/render/terminal/test_messages.py --update-golden`; then read
the difference as a student who is stuck would: `git diff tests/render/terminal/golden/messages`.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from grader.course import Course
from grader.grading.report import Report
from grader.grading.request import Selection
from grader.render.terminal.terminal import render_reports
from grader.sandbox.process.launch import Sandbox
from grader.service.session import grade
from grader.submission.submission import Submission
from grader.toolkit.private_names import COMPILER
from tests.paths import MESSAGES, ROOT
from tests.render.terminal.message_cases import CASES, Case

GOLDEN = MESSAGES / "messages"
WIDTHS = (80, 100)
pytestmark = pytest.mark.slow  # half a minute of gradings
OURS = re.compile(
    r"\b(worker|trusted|zygote|transcript|oracle|hypothesis|msgpack|Opaque|grader/|site-packages)\b|object at 0x"
)


@pytest.fixture(scope="module")
def reports() -> Iterator[dict[str, Report]]:
    """The Reports of all cases, each graded when it is first asked for."""
    course = Course(ROOT)
    with Sandbox.open(course, preload=[COMPILER]) as sandbox:

        class Reports(dict[str, Report]):
            def __missing__(self, name: str) -> Report:
                case = CASES[name]
                section = course.find(case.section)
                filename = f"{section.stem}.py"
                submission = Submission(filename, Path(filename), case.source(section).encode())
                self[name] = grade(course, section, submission, sandbox, Selection((case.exercise,), case.only))
                return self[name]

        yield Reports()


def rendered(report: Report, width: int) -> str:
    file = io.StringIO()
    render_reports([report], Console(file=file, width=width, color_system=None, highlight=False))
    return file.getvalue()


@pytest.mark.parametrize("name", CASES)
def test_the_message_is_the_golden_one(name, reports, request):
    path = GOLDEN / f"{name}.txt"
    text = rendered(reports[name], 100)
    if request.config.getoption("--update-golden"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", CASES)
def test_a_message_fits_and_speaks_of_the_student_s_code_alone(name, width, reports):
    text = rendered(reports[name], width)
    commands = ("grade ", "Next:")
    long = [line for line in text.splitlines() if len(line) > width and not any(word in line for word in commands)]
    assert long == []
    assert OURS.findall(text) == []


def test_every_section_has_at_least_three_and_no_golden_file_is_left_over():
    sections = [case.section for case in CASES.values()]
    assert all(sections.count(section.id) >= 3 for section in Course(ROOT).sections)
    assert {path.stem for path in GOLDEN.iterdir()} == set(CASES)


def test_every_case_is_called_after_its_exercise():
    assert all(name.startswith(f"{case.section}-{case.exercise}-") for name, case in CASES.items())
    assert all(isinstance(case, Case) for case in CASES.values())
