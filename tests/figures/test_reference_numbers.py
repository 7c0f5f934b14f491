"""In a kit, the numbers of the reference come from a file: the thin line and the note are those of the course."""

import shutil
from pathlib import Path

import pytest

from grader.course import Course
from grader.figures.gather import Subject, Work
from grader.figures.picture import figures_in
from grader.figures.reference_numbers import pictures_amiss, recorded_numbers
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


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("", "", ""),
        ("(2,))", "(3,))", "figures.py:14: scale should give shape (3,); yours has (2,). Correct this line."),
        ('data["line"]', 'data.yours("lnie")', "figures.py:18: LookupError: gather asks for no lnie. It asks for line."),
        ("return Words(", "return (", "figures.py:9: Scaled.draw gives a tuple of 2. Return Words(title, alt)."),
        ("canvas.axes()[0]", "canvas.axes()[1]", "figures.py:17: IndexError: list index out of range. Correct this line."),
        ("[Scaled()]", "[Scaled]", "figures.py:9: Scaled is no picture. Write FIGURES = [Scaled()]"),
        ("[Scaled()]", "[Scaled(), Scaled()]", 'figures.py:9: Scaled has the slug "scaled" of another.'),
        ('slug, exercises = "scaled", (', 'slug, exercises = "", (', "figures.py:9: Scaled has no slug. Write a name for"),
        ('("scale",)\n', '("scale")\n', 'figures.py:9: Scaled.exercises is not a tuple. Write exercises = ("exercise",)'),
        ("    def draw", "    call_cpu_seconds = 60\n    def draw", ""),
        ("FIGURES =", "class Slow(Scaled):\n    call_cpu_seconds = 60\n    gather = None\n\n\nFIGURES = [Slow()] and", ""),
    ],
)  # fmt: skip
def test_an_author_reads_what_is_amiss_in_a_picture(tmp_path, old, new, found):
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    text = FIGURES.replace('canvas.lines(axes, data, "line", [0, 1])', 'axes.plot(data["line"])')
    assert old in text
    path = root / "checks" / "section1_tiny" / "figures.py"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    lines = [line.removeprefix(f"{path.parent}/") for line in pictures_amiss(Course(root).find("1"))]
    assert [line[: len(found)] for line in lines] == ([found] if found else [])


EXPERIMENT = """
from grader.figures.experiments import Experiment, Outcome


class Size(Experiment):
    key, exercises = "size", ("mean",)

    def gather(self, work):
        work.ask("mean", "mean", lambda functions: functions.mean(torch.tensor([1.0, 3.0])))

    def outcome(self, data):
        return Outcome(float(data["mean"]), "It is the mean.")
"""


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("", "", ""),
        ('float(data["mean"])', '"two"', "predictions.py:5: Size.outcome gives 'two', and its question does not allow that."),
        ('data["mean"]', 'data["men"]', "predictions.py:12: KeyError: 'men'. Correct this line."),
        ('Outcome(float(data["mean"]), "It is the mean.")', "3", "predictions.py:5: Size.outcome gives an int. Return Outcome("),
        ('float(data["mean"])', "None", "predictions.py:5: Size.outcome gives None. Return Outcome(answer, because):"),
        ('"size"', '""', "predictions.py:5: Size has no key. Write that of its question"),
    ],
)  # fmt: skip
def test_an_author_reads_what_is_amiss_in_an_experiment(tmp_path, old, new, found):
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    question = '\nPREDICTIONS = {\n    # How large?\n    # Answer: a number, within 1\n    "size": 3,\n}\n'
    with (root / "solutions" / "section1_tiny.py").open("a", encoding="utf-8") as file:
        file.write(question)
    path = root / "checks" / "section1_tiny" / "predictions.py"
    text = f"import torch{EXPERIMENT}"
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    lines = [line.removeprefix(f"{path.parent}/") for line in pictures_amiss(Course(root).find("1"))]
    assert [line[: len(found)] for line in lines] == ([found] if found else [])
