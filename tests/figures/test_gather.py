"""What is asked of a submission and kept of its answers."""

import re
from operator import methodcaller
from pathlib import Path

import numpy as np
import pytest
import torch

from grader.course import Course
from grader.figures.canvas import Canvas
from grader.figures.gather import Gathered, Subject, Work
from grader.figures.picture import UNDRAWN, Figure, Picture, Words, figures_in
from grader.figures.style import LIGHT
from grader.submission.submission import Submission
from grader.toolkit.verdicts import PictureError
from tests.course_parts import from_course
from tests.figures.fixtures import SOLVED, STEM, with_body
from tests.paths import ROOT, TINY

Quadratic = from_course("shared.problems", "Quadratic")


@pytest.fixture
def work(drawing_sandbox):
    def start(source=SOLVED):
        submission = Submission(f"{STEM}.py", Path(f"{STEM}.py"), source.encode())
        return Work(Subject(Course(ROOT).find("section4"), drawing_sandbox.admit(submission)))

    return start


def best(functions):
    return functions.optimal_heavy_ball(4.0, 36.0)


def test_several_answers_of_one_call_are_kept_by_name(work):
    with work() as asked:
        asked.ask_several({"lr": (), "beta": ()}, "optimal_heavy_ball", best)
    assert asked.arrays == {"lr": 0.0625, "beta": 0.25, "lr_reference": 0.0625, "beta_reference": 0.25}
    assert not asked.missing


def test_an_array_of_numpy_is_drawn_as_a_tensor_is(work):
    with work(with_body("optimal_heavy_ball", "    return 0.0625, 0.25")) as asked:
        asked.ask("pair", "optimal_heavy_ball", lambda functions: np.array(best(functions))[::-1], (2,))
    assert asked.arrays["pair"].tolist() == [0.25, 0.0625]
    assert not asked.missing


@pytest.mark.parametrize(("beta", "wrong"), [("0.25", 0), ("0.5", 1)])
def test_complex_numbers_are_compared_as_they_are(work, beta, wrong):
    with work(with_body("optimal_heavy_ball", f"    return 0.0625, {beta}")) as asked:
        asked.ask("pair", "optimal_heavy_ball", lambda of: 1j * np.array(best(of)), (2,), dtype=np.complex128)
    assert len(asked.missing) == wrong


def test_of_several_answers_the_wrong_one_is_named(work):
    with work(with_body("optimal_heavy_ball", "    return 0.0625, 0.5")) as asked:
        asked.ask_several({"lr": (), "beta": ()}, "optimal_heavy_ball", best)
    assert asked.missing == {"beta": "optimal_heavy_ball does not agree with the reference."}


def test_answers_that_may_differ_are_not_called_wrong(work):
    with work(with_body("optimal_heavy_ball", "    return 0.0625, 0.5")) as asked:
        asked.ask("pair", "optimal_heavy_ball", best, (2,), exact=False)
    assert not asked.missing


def test_another_dtype_can_be_asked_for(work):
    bowl = Quadratic(torch.eye(2), torch.zeros(2))
    with work() as asked:
        call = methodcaller("minimize_with_momentum", bowl, torch.ones(2), 0.1, 0.5, 3)
        asked.ask("path", "minimize_with_momentum", call, (4, 2), dtype=torch.float32)
    assert not asked.missing
    assert asked.arrays["path"].dtype == np.float32


def test_a_section_without_figures_has_none():
    assert figures_in(Course(TINY).find("tiny")) == []


class Broken(Figure):
    slug, exercises = "broken", ("momentum_step",)

    def gather(self, work: Work) -> None:
        raise NotImplementedError

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        canvas.axes()[0].plot([1, 2], [1, 2, 3])
        raise AssertionError("not reached")


def test_what_cannot_be_drawn_is_a_picture_that_says_so():
    picture = Picture(Broken(), Gathered(missing={"path": "momentum_step is wrong."}))
    assert picture.title == UNDRAWN
    assert b"momentum_step is wrong." in picture.render(LIGHT, "svg")


class Quiet(Broken):
    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        canvas.axes()
        return Words("A title", "Nothing.")


def test_what_no_axes_say_is_put_below_them():
    picture = Picture(Quiet(), Gathered(missing={"path": "momentum_step is wrong."}))
    assert b"momentum_step is wrong." in picture.svg_dark
    assert picture.alt == "Nothing. momentum_step is wrong."


@pytest.mark.parametrize(
    ("exercise", "call"),
    [
        ("optimal_heavy_bal", best),
        ("optimal_heavy_ball", lambda functions: functions.optimal_heavy_bal(4.0, 36.0)),
        ("optimal_heavy_ball", methodcaller("optimal_heavy_bal", 4.0, 36.0)),
    ],
)
def test_a_misspelt_function_is_told_to_the_author_of_the_picture(work, exercise, call):
    with pytest.raises(PictureError) as caught, work() as asked:
        asked.ask_several({"lr": (), "beta": ()}, exercise, call)
    place = r".*/test_gather\.py:\d+: AttributeError: the solution defines no optimal_heavy_bal\. "
    assert re.match(place + "Did you mean optimal_heavy_ball[?] Correct this line", str(caught.value))
    assert caught.value.told(is_student=True).startswith(
        "A picture of the course cannot be drawn: tell your instructor."
    )
    assert caught.value.told(is_student=False).startswith("A picture of the course cannot be drawn.\n")
