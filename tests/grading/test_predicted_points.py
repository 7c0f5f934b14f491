"""A prediction earns its points if it is made: the grader reads it from the syntax tree of any file."""

import msgspec
import pytest

from grader.course import Course
from grader.grading.report import Status
from grader.grading.request import Task
from grader.service.parallel import grade_all
from grader.submission.notebook_source import source_of
from grader.submission.refusals import ExpectedFile
from grader.submission.submission import Submission


@pytest.fixture
def grade(grade_tiny, asking_course):
    def run(source, **options):
        return grade_tiny(source, root=asking_course.root, **options)

    return run


@pytest.fixture
def solution(asking_course):
    return asking_course.sections[0].solution.read_text(encoding="utf-8")


@pytest.fixture
def stub(asking_course):
    return asking_course.sections[0].exercise.read_text(encoding="utf-8")


def predictions(report):
    return {check.id: (check.status, check.points) for check in report.checks if check.exercise == "predictions"}


def test_the_solution_has_all_points_and_the_stub_none(grade, solution, stub):
    report = grade(solution)
    assert report.points == report.max_points == 5.5
    assert [check.id for check in report.checks][:2] == ["prediction_mean_of_three", "prediction_sign"]
    report = grade(stub)
    assert report.points == 0
    assert {check.status for check in report.checks} == {Status.NOT_STARTED}
    assert report.checks[0].message == "Not answered yet. Type: grade predict section1"


def test_a_prediction_counts_right_or_wrong_and_without_any_function(grade, stub):
    report = grade(stub.replace('"mean_of_three": None', '"mean_of_three": -7e9'))
    assert predictions(report) == {
        "prediction_mean_of_three": (Status.PASSED, 0.25),
        "prediction_sign": (Status.NOT_STARTED, 0),
    }
    assert report.points == 0.25


@pytest.mark.parametrize("written", ["3", '"It changes"', "True", "['it changes']", "str()"])
def test_what_is_no_answer_earns_nothing_and_is_told_what_is(grade, solution, written):
    report = grade(solution.replace('"sign": "it changes"', f'"sign": {written}'))
    check = report.checks[1]
    assert (check.status, check.points) == (Status.FAILED, 0)
    assert 'PREDICTIONS["sign"] is not an answer' in check.message
    assert '"it stays", "it changes" or "there is none"' in check.message
    assert report.points == 5.25


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"mean_of_three": ', '"mean_of_three": 1 + ', "Write a number alone, such as 12.5"),
        ('"mean_of_three": ', '"means_of_three": ', 'is missing. Is the key "means_of_three" a slip of the pen?'),
        (
            "PREDICTIONS = {",
            "PREDICTIONS = dict(sign=3)\n_ = {",
            "is computed, and the grader reads it without running it",
        ),
        ("PREDICTIONS = {", "prediction = {", "Is prediction meant? Then rename it to PREDICTIONS."),
    ],
)
def test_an_answer_that_the_grader_does_not_read_is_told(grade, solution, old, new, told):
    check = grade(solution.replace(old, new)).checks[0]
    assert (check.status, told in check.message) == (Status.FAILED, True), check.message


def test_another_dict_is_not_taken_for_predictions(grade, solution):
    report = grade(solution.replace("PREDICTIONS = {", "PARAMETERS = {"))
    assert {status for status, _ in predictions(report).values()} == {Status.NOT_STARTED}


def test_what_a_file_does_when_it_runs_answers_nothing(grade, stub):
    report = grade(stub + '\nPREDICTIONS["sign"] = "it changes"\nPREDICTIONS.update(mean_of_three=3)\n')
    assert {status for status, _ in predictions(report).values()} == {Status.NOT_STARTED}


def test_a_file_that_does_not_load_keeps_its_predictions_and_one_that_is_no_python_does_not(grade, solution):
    report = grade("import no_such_module\n" + solution)
    assert {status for status, _ in predictions(report).values()} == {Status.PASSED}
    report = grade(solution + "\ndef f(:\n")
    assert report.points == 0
    assert report.checks[0].message.startswith("Your file raised SyntaxError")


HOSTILE = {
    "a deep answer": "PREDICTIONS = {'sign': " + "[" * 90 + "]" * 90 + "}",
    "a surrogate": "PREDICTIONS = {'sign': '\\ud800', '\\udfff': 1}",
    "a huge number": "PREDICTIONS = {'sign': " + "9" * 4000 + "}",
    "a million letters": "PREDICTIONS = {'sign': '" + "x" * 500_000 + "', '" + "y" * 300_000 + "': 1}",
    "many entries": "PREDICTIONS = {" + ", ".join(f"'k{number}': {number}" for number in range(5_000)) + "}",
    "a spread": "PREDICTIONS = {**{'sign': 'it changes'}}",
    "a key that is no text": "PREDICTIONS = {1: 2, None: 3, ('sign',): 4}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_tables_cost_no_more_than_their_own_points(grade, solution, name):
    report = grade(solution + "\n\n" + HOSTILE[name] + "\n")
    assert predictions(report)["prediction_sign"][0] in (Status.NOT_STARTED, Status.FAILED)
    assert report.points == 5


def test_a_function_of_that_name_changes_nothing(grade, solution):
    report = grade(solution + "\n\ndef predictions():\n    raise NotImplementedError\n")
    assert report.points == 5.5


def test_it_is_the_same_in_process_in_shares_and_in_a_notebook(
    grade, solution, stub, asking_course, tiny_sandbox, tmp_path
):
    answered = stub.replace('"sign": None', '"sign": "it stays"')
    expected = predictions(grade(answered))
    assert predictions(grade(answered, sandbox=None, folder=tmp_path)) == expected
    (section,) = asking_course.sections
    task = Task(section, Submission("section1_tiny.py", tmp_path / "section1_tiny.py", answered.encode()))
    (shared,) = grade_all(asking_course, [task], tiny_sandbox, 2)
    assert predictions(shared) == expected
    assert [check.id for check in shared.checks] == [check.id for check in section.check_list]
    cells = [{"cell_type": "code", "source": text} for text in answered.split("# %%\n")]
    data = msgspec.json.encode({"cells": cells, "metadata": {}, "nbformat": 4})
    source, _ = source_of(data, "book", ExpectedFile("section1_tiny", "grade section1"))
    book = Submission("section1_tiny.ipynb", tmp_path / "section1_tiny.ipynb", source)
    (report,) = grade_all(asking_course, [Task(section, book)], tiny_sandbox, 1)
    assert predictions(report) == expected


def test_predictions_can_be_graded_alone(grade, solution):
    report = grade(solution, exercises=("predictions",))
    assert (report.points, report.max_points, report.status) == (0.5, 0.5, "partial")
    report = grade(solution, keyword="prediction_sign")
    assert [check.id for check in report.checks] == ["prediction_sign"]


def test_another_course_has_no_predictions(grade_tiny, tiny_course):
    report = grade_tiny(tiny_course.sections[0].solution.read_text(encoding="utf-8"))
    assert predictions(report) == {}
    assert Course(tiny_course.root).sections[0].questions == ()
