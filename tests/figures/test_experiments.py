"""Outcomes come from the student's functions: for any response, each question has a record."""

from pathlib import Path

import numpy as np
import pytest

from grader.course import Course
from grader.figures.canvas import Canvas
from grader.figures.experiments import experiments_in, predictions_of
from grader.figures.gather import Gathered, Subject, Work
from grader.figures.style import LIGHT, styled
from grader.find_course import find_course
from grader.submission.submission import Submission
from tests.paths import ITERATIVE

SECTIONS = [*find_course().sections, *Course(ITERATIVE).sections]


@pytest.fixture
def compare(asking_course, tiny_sandbox):
    """The records of a source, by key."""
    (section,) = asking_course.sections

    def run(source):
        submission = Submission("section1_tiny.py", Path("section1_tiny.py"), source.encode())
        return {one.question.key: one for one in predictions_of(section, tiny_sandbox.admit(submission))}

    return run


@pytest.fixture
def solution(asking_course):
    return asking_course.sections[0].solution.read_text(encoding="utf-8")


@pytest.mark.parametrize("section", SECTIONS, ids=[section.stem for section in SECTIONS])
def test_each_question_has_an_experiment_and_each_experiment_a_question(section):
    experiments = experiments_in(section)
    assert set(experiments) == {question.key for question in section.questions}
    for experiment in experiments.values():
        assert set(experiment.exercises) <= set(section.functions)
        assert experiment.exercises


def test_the_outcome_is_what_the_students_functions_do(compare, solution):
    found = compare(solution)
    assert [(one.predicted, one.outcome, one.agrees, one.missing) for one in found.values()] == [
        (3.0, 3.0, True, ""),
        ("it changes", "it changes", True, ""),
    ]
    assert found["mean_of_three"].because == "The sum, 9, is shared by three."
    wrong = compare(solution.replace("x * factor", "x * abs(factor)"))["sign"]
    assert (wrong.outcome, wrong.agrees) == ("it stays", False)
    assert wrong.missing == "scale does not agree with the reference."


def test_there_is_no_outcome_before_a_prediction(compare, asking_course, solution):
    found = compare(solution.replace('"it changes",\n}', "None,\n}"))["sign"]
    assert (found.predicted, found.outcome, found.because) == (None, None, "")
    stub = asking_course.sections[0].exercise.read_text(encoding="utf-8")
    found = compare(stub.replace('"sign": None', '"sign": "it stays"'))["sign"]
    assert (found.predicted, found.outcome, found.missing) == ("it stays", None, "scale is not written yet.")


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("x * 0", "The results of your functions give no answer to this question."),
        ('"much"', "scale returned a str"),
        ("x * float('nan')", "scale gave numbers that are not finite."),
        ("x[0]", "scale should give shape (1,)"),
        ("1 / 0", "scale raised ZeroDivisionError"),
        ("(_ for _ in ()).throw(SystemExit)", "raised SystemExit"),
        ("[0 for _ in iter(int, 1)]", "0.5 seconds of computing time"),
    ],
)
def test_numbers_without_an_answer_are_told_and_are_no_fault_of_the_grader(compare, solution, new, words):
    found = compare(solution.replace("return x * factor", f"return {new}"))
    assert (found["sign"].predicted, found["sign"].outcome) == ("it changes", None)
    assert words in found["sign"].missing
    assert found["mean_of_three"].outcome == 3.0


def test_an_outcome_that_is_no_answer_is_none(compare, asking_course, solution):
    room = asking_course.sections[0].room / "predictions.py"
    text = room.read_text(encoding="utf-8")
    room.write_text(
        text.replace('"it changes" if', '"who knows" if').replace('float(data["mean"])', 'data["mean"]'),
        encoding="utf-8",
    )
    found = compare(solution)
    assert found["sign"].outcome is None
    assert found["mean_of_three"].outcome == 3.0  # a number of numpy's is a number


def test_a_file_that_is_no_python_has_records_all_the_same(compare, solution):
    found = compare(solution + "\ndef f(:\n")
    assert {one.predicted for one in found.values()} == {None}
    assert all("SyntaxError" in one.missing for one in found.values())


def test_a_question_without_an_experiment_has_no_outcome(compare, asking_course, solution):
    (asking_course.sections[0].room / "predictions.py").unlink()
    found = compare(solution)["sign"]
    assert (found.predicted, found.outcome, found.missing) == (
        "it changes",
        None,
        "This course does not compute what happens.",
    )


def test_a_picture_knows_the_prediction(asking_course, tiny_sandbox, solution):
    source = solution.replace(": 3,", ": '3',").encode()
    submission = Submission("section1_tiny.py", Path("section1_tiny.py"), source)
    section = Course(asking_course.root).sections[0]
    with Work(Subject(section, tiny_sandbox.admit(submission))) as work:
        work.arrays["axis"] = np.ones(2)
    assert work.gathered.predicted("sign") == "it changes"
    assert work.gathered.predicted("mean_of_three") is None  # no answer to that question
    assert work.gathered.predicted("other") is None
    assert work.gathered["axis"].sum() == 2


@pytest.mark.parametrize("along", ["x", "y"])
def test_a_predicted_number_is_a_line_that_stretches_no_axes(along):
    with styled(LIGHT):
        canvas = Canvas(LIGHT)
        (axes,) = canvas.axes()
        axes.plot([0.0, 10.0], [0.0, 10.0])
        before = axes.get_xlim(), axes.get_ylim()
        data = Gathered(predictions={"near": 4.0, "far": 4e9, "which": "the flat axis"})
        for key in ("near", "far", "which", "open"):
            canvas.predicted(axes, data, key, along)
        canvas.finish("Title", data)
        assert (axes.get_xlim(), axes.get_ylim()) == before
        _, line = axes.get_lines()
        across = line.get_xdata() if along == "x" else line.get_ydata()
        assert list(across) == [4.0, 4.0]
        assert line.get_label() == "your prediction"
        (text,) = axes.texts
        assert text.get_text().splitlines() == ["You predicted 4e+09.", "You predicted the flat axis."]
