"""The words about a prediction and its outcome, which every renderer takes from one place."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from grader.predictions import Prediction, Question
from grader.render.terminal.outcomes import render_predictions
from grader.render.words import prediction_text

STEPS = Question("steps", "How many steps?", tolerance=5.0)
EXACT = Question("share", "Which share?")
WHICH = Question("which", "Which one?", ("this", "that"))


@pytest.mark.parametrize(
    ("prediction", "rows"),
    [
        (Prediction(STEPS, 20.0, 25.0), ["20", "25 close to your prediction"]),
        (Prediction(STEPS, 20.0, 25.01), ["20", "25.01 not as you predicted"]),
        (Prediction(STEPS, 25.0, 25.0), ["25", "25 as you predicted"]),
        (Prediction(EXACT, 0.3, 0.1 + 0.2), ["0.3", "0.3 as you predicted"]),
        (Prediction(EXACT, 0.3, 0.300001), ["0.3", "0.300001 not as you predicted"]),
        (Prediction(WHICH, "this", "that"), ["this", "that not as you predicted"]),
        (Prediction(WHICH, "this"), ["this"]),
        (Prediction(WHICH, outcome="that"), []),  # no outcome before a prediction
    ],
)
def test_a_verdict_is_true_of_the_numbers_that_are_shown(prediction, rows):
    assert [f"{answer} {said}".strip() for _, answer, said in prediction_text(prediction).rows] == rows


@pytest.mark.parametrize(
    ("found", "step"),
    [
        (
            [Prediction(STEPS, 1.0, 1.0), Prediction(WHICH)],
            "write your answers in place of None, in PREDICTIONS of mine.py",
        ),
        (
            [Prediction(STEPS, 1.0, 1.0), Prediction(WHICH, "this", missing="f is not written yet.")],
            "write what is missing",
        ),
        ([Prediction(STEPS, 1.0, 1.0)], "Next:  grade section1"),
    ],
)
def test_the_last_line_says_what_to_do(tiny_course, found, step):
    page = io.StringIO()
    command = "grade predict section1"
    render_predictions(tiny_course.sections[0], found, Path("mine.py"), command, Console(file=page, width=100))
    assert step in page.getvalue().partition("Next:")[1] + page.getvalue().partition("Next:")[2]
