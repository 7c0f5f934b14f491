"""In a kit, the numbers of the reference come from a file: the thin line and the note are those of the course."""

from pathlib import Path

import pytest

from grader.course import Course
from grader.figures.gather import Subject, Work
from grader.figures.picture import figures_in
from grader.figures.reference_numbers import recorded_numbers
from grader.submission.submission import Submission
from tests.paths import TINY

FIGURES = '''
"""A picture of `scale`."""

import torch

from grader.figures.picture import Figure, Words


class Scaled(Figure):
    slug, exercises = "scaled", ("scale",)

    def gather(self, work):
        x = torch.tensor([1.0, 2.0], dtype=torch.float64)
        work.ask("line", "scale", lambda functions: functions.scale(x, 3.0), (2,))

    def draw(self, canvas, data):
        axes = canvas.axes()[0]
        canvas.lines(axes, data, "line", [0, 1])
        return Words("Three times as much", "A line.")


FIGURES = [Scaled()]
'''


@pytest.fixture
def kit(tmp_path):
    """A course with one picture, and the same without its solution."""
    roots = tmp_path / "course", tmp_path / "kit"
    for root in roots:
        room = root / "checks" / "section1_tiny"
        room.mkdir(parents=True)
        room.joinpath("test_section1.py").symlink_to(TINY / "checks" / "section1_tiny" / "test_section1.py")
        room.joinpath("figures.py").write_text(FIGURES, encoding="utf-8")
    (roots[0] / "solutions").symlink_to(TINY / "solutions")
    course, section = (Course(root).find("1") for root in roots)
    section.reference_numbers.write_bytes(recorded_numbers(course))
    return section


def gathered(section, sandbox, body):
    source = f"def scale(x, factor):\n    return {body}\n"
    submission = Submission("section1_tiny.py", Path("section1_tiny.py"), source.encode())
    (figure,) = figures_in(section)
    with Work(Subject(section, sandbox.admit(submission)), None, figure.slug) as work:
        figure.gather(work)
    return work.gathered


def test_a_kit_draws_the_reference_beside_the_student(kit, tiny_sandbox):
    data = gathered(kit, tiny_sandbox, "x * factor")
    assert data.reference("line").tolist() == [3.0, 6.0]
    assert data["line"].tolist() == [3.0, 6.0]
    assert not data.missing


def test_a_kit_says_what_does_not_agree_with_the_reference(kit, tiny_sandbox):
    data = gathered(kit, tiny_sandbox, "x + factor")
    assert data.missing == {"line": "scale does not agree with the reference."}


def test_without_the_file_a_kit_says_nothing_of_the_reference(kit, tiny_sandbox):
    kit.reference_numbers.unlink()
    data = gathered(kit, tiny_sandbox, "x + factor")
    assert data.reference("line") is None
    assert not data.missing
