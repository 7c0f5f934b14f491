"""Reports as Gradescope's results: documented keys only, nothing of hidden checks, and no zero where the grader failed."""

import json

import msgspec
import pytest

from grader.grading.report import (
    Blocker,
    CheckResult,
    Comparison,
    Counterexample,
    Diagnosis,
    Input,
    Line,
    Report,
    Status,
    to_json,
)
from grader.render.export.report_gradescope import results, results_json
from tests.paths import REPORTS

NAMES = sorted(path.stem for path in REPORTS.glob("*.json"))
KEYS = {
    "score", "execution_time", "output", "output_format", "test_output_format", "test_name_format", "visibility",
    "stdout_visibility", "extra_data", "tests", "leaderboard",
}  # fmt: skip
KEYS_OF_A_TEST = {
    "score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags", "visibility",
    "extra_data",
}  # fmt: skip
MARK = "planted-mark"


def report(name: str) -> Report:
    return msgspec.json.decode((REPORTS / f"{name}.json").read_bytes(), type=Report)


def secret(status: Status, **more) -> CheckResult:
    """A hidden check with a mark wherever it can hold text."""
    counterexample = Counterexample(MARK, [Input(MARK, MARK)], [Comparison(MARK, MARK, MARK, True)])
    earned = 2.0 if status is Status.PASSED else 0.0
    return CheckResult(
        MARK, "scale", f"{MARK} title", status, earned, 3.0, f"{MARK} message", Diagnosis(MARK, MARK), counterexample,
        [Line(1, MARK, MARK)], [MARK], MARK, 1.0, hidden=True, **more,
    )  # fmt: skip


def with_checks(found: Report, *checks: CheckResult) -> Report:
    return msgspec.structs.replace(found, checks=[*found.checks, *checks])


@pytest.mark.parametrize("name", NAMES)
def test_only_documented_keys_and_values_for_every_kind_of_submission(name):
    found = json.loads(results_json([report(name)]))
    assert set(found) <= KEYS
    assert found["output_format"] == "text"
    assert found["visibility"] == "visible"
    assert found["stdout_visibility"] == "hidden"
    for test in found["tests"]:
        assert set(test) <= KEYS_OF_A_TEST
        assert test["output_format"] == test["name_format"] == "text"
        assert test["visibility"] in {"visible", "hidden", "after_due_date", "after_published"}
        assert test["status"] in {"passed", "failed"}
        assert 0 <= test["score"] <= test["max_score"]
        assert all(line.isprintable() for line in test["output"].split("\n"))
    assert found["score"] == report(name).points == sum(test["score"] for test in found["tests"])
    assert len({test["number"] for test in found["tests"]}) == len(found["tests"])


def test_a_wrong_answer_is_told_as_in_a_terminal():
    found = results([report("wrong_value")])
    outputs = [test["output"] for test in found["tests"] if test["status"] == "failed"]
    assert any("expected" in output and "yours" in output for output in outputs)
    assert not any(
        test["output"].strip() for test in found["tests"] if test["name"].startswith("scale") and test["score"]
    )


def test_numbers_tell_sections_apart():
    first = report("right")
    second = msgspec.structs.replace(first, section="section2", number=2)
    numbers = [test["number"] for test in results([first, second])["tests"]]
    assert numbers[0] == "1.1.1"
    assert "2.1.1" in numbers
    assert len(set(numbers)) == len(numbers)


def test_of_hidden_checks_there_are_only_the_points():
    message, blocker = f'counts once "{MARK} title" passes', Blocker("scale", secret(Status.FAILED).id)
    waiting = CheckResult("x", "scale", "Waits", Status.BLOCKED, 0.0, 1.0, message=message, blocked_by=blocker)
    found = with_checks(
        report("right"),
        secret(Status.PASSED),
        secret(Status.CRASHED, measurements={MARK: 1.0}, ranks={MARK: "highest"}),
        waiting,
    )
    text = results_json([found]).decode()
    assert MARK not in text
    assert MARK not in to_json(found.for_student()).decode()
    (other,) = [test for test in json.loads(text)["tests"] if test["name"] == "scale: other checks"]
    assert (other["score"], other["max_score"], other["status"]) == (2.0, 6.0, "failed")
    assert "counts once another check passes" in text
    assert found.for_student().for_student() == found.for_student()


@pytest.mark.parametrize("status", [Status.TIMED_OUT, Status.FORBIDDEN, Status.CRASHED, Status.FAILED])
def test_how_a_hidden_check_failed_is_not_told(status):
    shown = with_checks(report("right"), secret(status)).for_student()
    assert next(check.status for check in shown.checks if check.title == "other checks") is Status.FAILED


def test_where_the_grader_failed_there_is_no_score():
    broken = CheckResult("x", "mean", "Broken", Status.GRADER_ERROR, 0.0, 1.0, message="no disk")
    for one in (broken, secret(Status.GRADER_ERROR)):
        found = results([with_checks(report("right"), one)])
        assert "score" not in found
        unsure = [test for test in found["tests"] if "score" not in test]
        assert len(unsure) == 1
        assert "No points are lost" in unsure[0]["output"]


def test_the_leaderboard_has_what_checks_measured():
    check = CheckResult(
        "x",
        "mean",
        "Measured",
        Status.PASSED,
        1.0,
        1.0,
        measurements={"seconds": 3.0, "accuracy": 0.985, "parameters": 12345.0},
        ranks={"accuracy": "highest", "parameters": "lowest"},
    )
    found = results([with_checks(report("right"), check)])
    assert found["leaderboard"] == [
        {"name": "accuracy", "value": 0.985},
        {"name": "parameters", "value": 12345, "order": "asc"},
    ]
    assert "leaderboard" not in results([report("right")])


def test_a_mark_of_other_rules_takes_the_place_of_the_points():
    found = results([report("right")], score=4.5, remarks=["1 day late: -10 %"])
    assert found["score"] == 4.5
    first, *_, last = found["output"].split("\n")
    assert (first, last) == ("Your mark is 4.5; the checks alone give 5.0.", "1 day late: -10 %")
    assert "Your mark" not in results([report("right")], score=5.0)["output"]


def test_a_check_ranks_measurements_in_a_real_grading(grade_tiny, course_with):
    root = course_with(
        '"""Section 1: Tiny."""\n'
        "from grader.toolkit.check import check\n\n\n"
        '@check("mean", points=1, hidden=True)\n'
        "def test_measured(student, note):\n"
        '    """It is measured."""\n'
        '    note("seen", accuracy=0.5, loss=float("nan"), ranks={"accuracy": "lowest"})\n'
    )
    (check,) = grade_tiny((root / "solutions" / "section1_tiny.py").read_bytes(), root=root).checks
    assert (check.hidden, check.measurements, check.notes) == (True, {"accuracy": 0.5}, ["seen"])
    assert check.ranks == {"accuracy": "lowest"}
    assert b'"figures": {' in to_json(with_checks(report("right"), check))


def test_a_student_who_uploads_files_is_told_no_command():
    unanswered = CheckResult(
        "q", "predictions", "How many?", Status.NOT_STARTED, 0.0, 1.0, "Not answered yet. Type: grade predict 1"
    )
    found = results([with_checks(report("right"), unanswered)])
    (output,) = [test["output"] for test in found["tests"] if test["name"] == "predictions: How many?"]
    assert output == "Not answered yet. Write your answers into PREDICTIONS in your file, and hand it in again."
    assert "Type:" not in json.dumps(found)


def test_what_cannot_be_read_has_no_score_and_no_zero():
    found = results([report("right"), report("not_started")], unreadable=[report("right").section])
    assert "score" not in found
    assert "There is no score yet, since what you handed in cannot be read." in found["output"]
