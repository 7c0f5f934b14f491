"""Diagnoses: the mistake that a wrong answer agrees with everywhere, what its numbers show, and silence where neither is sure."""

import warnings
from pathlib import Path

import pytest

from grader.diagnosis import failing_exercise
from grader.diagnosis.known_mistakes import mistakes_of
from grader.diagnosis.replay import CallResult, agree
from grader.find_course import find_course
from grader.grading.request import Selection
from grader.sandbox.process.launch import Sandbox
from grader.service.session import grade
from grader.submission.submission import Submission
from tests.grading.tiny_answers import answer


@pytest.fixture(autouse=True)
def loud(monkeypatch):
    """A fault of the diagnosis itself is an error here, and only here."""
    monkeypatch.setenv("GRADE_DEBUG", "1")


@pytest.fixture
def diagnosis_of(grade_tiny):
    """Grade a submission to the tiny course; the diagnoses by exercise."""

    def diagnose(**changed):
        report = grade_tiny(answer(**changed))
        return {check.exercise: check.diagnosis.mistake for check in report.checks if check.diagnosis}

    return diagnose


# The same behaviour in other words than the file of mistakes has.
@pytest.mark.parametrize(
    ("exercise", "body", "slug"),
    [
        ("scale", "return torch.add(x, factor)", "adds"),
        ("scale", "return x * (1 / factor)", "divides"),
        ("scale", "y = x.clone()\ny.flatten()[:1].mul_(factor)\nreturn y", "only_the_first"),
        ("scale", "return (x + factor) / (factor < 3)", "adds"),  # and divides by zero elsewhere
        ("shift_in_place", "for w in params: w.copy_(w + amount)", "accepts_negative_amounts"),
        ("centre", "return x / mean(x)", "divides_by_the_mean"),
    ],
)
def test_a_mistake_is_named_however_it_is_written(diagnosis_of, exercise, body, slug):
    assert diagnosis_of(**{exercise: body}) == {exercise: slug}


REFUSED = "if amount < 0: raise ValueError('amount')\n"


# What the numbers show: no mistake of the list does this.
@pytest.mark.parametrize(
    ("exercise", "body", "rule"),
    [
        ("scale", "return -x * factor", "opposite_sign"),
        ("scale", "return 3 * x * factor", "constant_factor"),
        ("scale", "return (x * factor).mT if x.ndim == 2 else x * factor", "transposed"),
        ("scale", "return (x * factor).unsqueeze(0)", "shape_changed"),
        ("scale", "return (x * factor).float()", "dtype_changed"),
        ("scale", "return x * factor ** 2", "altered_argument_changed"),
        ("scale", "return x.mul_(factor)", "input_modified"),
        ("scale", "return x * factor * torch.rand(1).item()", "unsteady"),
        ("scale", "for row in x: return row * factor\nreturn x * factor", "lost_result"),
        ("scale", "x.mul_\nreturn -x * factor", "lost_result"),
        (
            "scale",
            "y, kept = x.clone(), []\nfor _ in range(2):\n    y.mul_(factor)\n    kept.append(y)\nreturn kept[0]",
            "lost_result",
        ),
        ("scale", "y = x.mul_(2)\nreturn y * y * factor", "input_changed"),
        (
            "scale",
            "def unscale(x, factor):\n    return x\n\n    def scale(x, factor):\n        return x",
            "lost_result",
        ),
        ("shift_in_place", "pass", "nothing_changed"),
        ("shift_in_place", REFUSED + "params[:] = [w + amount for w in params]", "nothing_changed"),
        ("shift_in_place", REFUSED + "for w in params: w.sub_(amount)", "opposite_sign"),
        ("shift_in_place", REFUSED + "for w in params: w.add_(2 * amount)", "constant_factor"),
    ],
)
def test_what_the_numbers_show_is_said(diagnosis_of, exercise, body, rule):
    assert diagnosis_of(**{exercise: body}) == {exercise: rule}


@pytest.mark.parametrize(("others", "named"), [(0.02, ["adds"]), (0.3, [])])
def test_a_mistake_that_explains_nearly_all_wrong_answers_is_named_as_such(grade_tiny, others, named):
    report = grade_tiny(
        answer(scale=f"return x + factor if hash(float(x.sum())) % 97 >= 97 * {others} else x - 3 * factor")
    )
    found = [check.diagnosis for check in report.checks if check.diagnosis]
    assert [diagnosis.mistake for diagnosis in found] == named
    for one in found:
        assert one.message.startswith("Most of your wrong answers are those of a known mistake: You add the factor")


# Like a mistake or a rule at first sight, and something else: a wrong diagnosis is worse than none.
@pytest.mark.parametrize(
    ("exercise", "body"),
    [
        ("scale", "return x + factor if x.numel() % 2 else x * factor * 2"),
        ("scale", "return x + factor + 1e-3"),
        ("scale", "return -x * factor if factor > 0 else x * factor * 3"),
        ("scale", "return x * factor ** 2 + 1e-3"),
        ("scale", "raise ValueError('not today')"),
        ("shift_in_place", "for w in params[:1]: w.sub_(amount) if w.ndim else w.add_(3 * amount)"),
        ("centre", "return x / mean(x) + 1e-4"),
    ],
)
def test_nothing_is_said_that_is_not_sure(diagnosis_of, exercise, body):
    assert diagnosis_of(**{exercise: body}) == {}


@pytest.mark.parametrize(("one", "alike"), [("AssertionError", False), ("IndexError", True), ("TypeError", True)])
def test_which_exception_comes_is_left_open_unless_it_tells_of_an_assert(one, alike):
    assert agree(CallResult(raised=one), CallResult(raised="RuntimeError")) is alike


def test_refusing_bad_arguments_is_another_question_than_the_value(diagnosis_of):
    """Two slips at once: the value is what the diagnosis is about."""
    found = diagnosis_of(scale="return x / factor", shift_in_place="for w in params: w.sub_(amount)")
    assert found == {"scale": "divides", "shift_in_place": "opposite_sign"}


def test_right_answers_and_what_is_not_started_get_none(grade_tiny):
    for source in (answer(), answer(scale="raise NotImplementedError"), "def scale(:"):
        assert not any(check.diagnosis for check in grade_tiny(source).checks)


def test_warnings_of_known_mistakes_are_none_of_the_students(diagnosis_of, monkeypatch, recwarn):
    monkeypatch.setattr(
        failing_exercise, "structure_of", lambda _cases: warnings.warn("of torch, about a mistake", stacklevel=1)
    )
    assert (diagnosis_of(scale="return x * factor ** 2 + 1e-3"), recwarn.list) == ({}, [])


def test_an_exercise_has_one_diagnosis(grade_tiny):
    report = grade_tiny(answer(scale="return x.double() / factor"))
    assert sum(check.diagnosis is not None for check in report.checks) <= 1


@pytest.mark.parametrize("end", ["import os; os._exit(3)", "while True: pass", "raise SystemExit"])
def test_a_submission_that_ends_while_it_is_asked_more_keeps_its_grade(grade_tiny, end):
    """Wrong where the check looks first; the end comes on an input that only the diagnosis gets to."""
    report = grade_tiny(answer(scale=f"if factor < 0 and x.ndim == 2:\n    {end}\nreturn x / factor"))
    assert report.status == "graded"
    assert [check.status.value for check in report.checks if check.id == "scale_by_definition"] == ["failed"]


def test_answers_that_make_no_sense_cost_no_grade(grade_tiny):
    """No response during a diagnosis changes the verdicts of the checks."""
    hostile = "return torch.full((2, 2), float('nan'), dtype=torch.complex64) if x.ndim else [x, (x, {'a': None})]"
    report = grade_tiny(answer(scale=hostile, mean="import os\nos._exit(1)"))
    assert [check.status.value for check in report.checks if check.id == "mean_by_hand"] == ["crashed"]
    assert report.status == "graded"


PLACE_FOR_SEED = """
right = train_from_seeds

def train_from_seeds(width, seeds, *rest):
    return right(width, range(len(seeds)), *rest)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("slug", "named"),
    [("output_layer_counted", ["make_mlp"]), ("accepts_negative_depth", ["make_mlp", "train_from_seeds"])],
)
def test_what_builds_on_a_wrong_exercise_gets_no_diagnosis(slug, named):
    """Its numbers may be wrong only for what it calls; a refusal that is missing there changes no numbers."""
    course = find_course()
    section = course.find("section5")
    source = next(one.source for one in mistakes_of(section) if one.slug == slug)
    source += PLACE_FOR_SEED
    path = Path(f"{section.stem}.py")
    with Sandbox.open(course) as sandbox:
        chosen = Selection(exercises=("make_mlp", "train_from_seeds"))
        report = grade(course, section, Submission(path.name, path, source.encode()), sandbox, chosen)
    assert [check.exercise for check in report.checks if check.diagnosis] == named


def test_a_function_inside_another_is_named_also_where_a_program_calls_it():
    section = find_course().find("section9")
    source = section.solution.read_text(encoding="utf-8")
    start, end = source.index("\ndef evaluate("), source.index("\ndef ", source.index("\ndef evaluate(") + 1)
    inner = source[start:end].replace("\n", "\n    ")
    path = Path(f"{section.stem}.py")
    submission = Submission(path.name, path, (source[:start] + inner + "\n" + source[end:]).encode())
    with Sandbox.open(find_course()) as sandbox:
        report = grade(find_course(), section, submission, sandbox, Selection(exercises=("evaluate",)))
    assert [check.diagnosis.mistake for check in report.checks if check.diagnosis] == ["lost_result"]


ELSEWHERE = """
import numpy as np

right = filter_normalized_direction

def filter_normalized_direction(params, generator):
    return right(params, torch.Generator().manual_seed(int(np.random.randint(1000))))
"""


def test_a_generator_that_is_not_used_is_said_to_be_missed():
    """Also where it is handed over by position."""
    course = find_course()
    section = course.find("section5")
    path = Path(f"{section.stem}.py")
    source = section.solution.read_text(encoding="utf-8") + ELSEWHERE
    with Sandbox.open(course) as sandbox:
        chosen = Selection(exercises=("filter_normalized_direction",))
        report = grade(course, section, Submission(path.name, path, source.encode()), sandbox, chosen)
    (diagnosis,) = [check.diagnosis for check in report.checks if check.diagnosis]
    assert diagnosis.mistake == "unsteady"
    assert "a generator in the same state" in diagnosis.message
