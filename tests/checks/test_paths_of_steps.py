"""A mistake that shows after some steps is shown with the path to it, also where a check takes the steps one at a time."""

from pathlib import Path

import pytest

from grader.course import Course
from grader.grading.request import Selection
from grader.sandbox.process.launch import Sandbox
from grader.service.session import grade
from grader.submission.submission import Submission
from tests.paths import ROOT

COURSE = Course(ROOT)


@pytest.mark.parametrize(
    ("word", "check", "old", "new", "label", "first"),
    [
        ("section6", "sgd_with_full_batches", "losses.append(loss.item())", "losses.append(losses[0] if losses else loss.item())",
         "losses, each before its step", 1),
        ("section7", "adam_follows_torch", "beta2**step", "beta2", "weights", 2),
    ],
    ids=["losses", "weights"],
)  # fmt: skip
def test_the_path_to_the_first_wrong_step_is_shown(word, check, old, new, label, first):
    section = COURSE.find(word)
    text = section.solution.read_text(encoding="utf-8")
    assert old in text
    name = f"{section.stem}.py"
    with Sandbox.open(COURSE) as sandbox:
        wrong = Submission(name, Path(name), text.replace(old, new).encode())
        report = grade(COURSE, section, wrong, sandbox, Selection(keyword=check, alone=True, diagnosed=False))
    found = next(one for one in report.checks if check in one.id)
    path = found.counterexample.trajectory
    assert (path.label, path.first) == (label, first)
    assert any(row.label.startswith(label) and not row.differs for row in found.counterexample.rows), found
