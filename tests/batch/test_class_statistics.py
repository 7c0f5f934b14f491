"""A class in figures: counts that can be done by hand, and what is worth a look."""

import io
import json
import random
import statistics
import subprocess
import sys

import msgspec
import pytest
from rich.console import Console

from grader.batch.class_statistics import Spread, histogram, statistics_of
from grader.grading.report import Status
from grader.render.terminal.stats import render_stats
from tests.batch.sample_class import SECTION, earning, failing, fault, golden


@pytest.fixture
def figures(made):
    def find(**rules):
        return statistics_of(made.ledger(**rules)).sections[0]

    return find


def printed(made) -> str:
    """The text in the terminal, at any width."""
    page = io.StringIO()
    render_stats(statistics_of(made.ledger()), Console(file=page, width=100, color_system=None))
    return " ".join(page.getvalue().split())


def hand_in(made, *reports):
    for number, report in enumerate(reports):
        made.hand_in(f"s{number:02}", report)


def test_who_counts(made, figures):
    made.enrol("absent")
    made.spoil("unreadable")
    hand_in(made, golden("right"), fault(), None)
    found = figures(missing="zero")
    assert (found.id, found.students, found.marks.count) == ("section1", 5, 1)
    assert found.missing == {"nothing handed in": 1, "not graded yet": 1, "grader error": 1, "cannot be read": 1}
    assert {check.judged for check in found.checks} == {1}


def test_marks_are_those_of_the_rules(made, figures):
    hand_in(made, earning(1), earning(2), earning(4))
    found = figures(caps={"section1": 3.0})
    assert (found.marks.mean, found.marks.median, found.marks.highest) == (2, 2, 3)


def test_quartiles_are_those_of_the_whole_class():
    generator = random.Random(0)
    numbers = [generator.uniform(0, 15) for _ in range(99)]
    spread = Spread.of(numbers)
    ordered = sorted(numbers)
    assert spread.median == statistics.median(numbers)
    assert sum(one <= spread.lower_quartile for one in ordered) == 25
    assert sum(one >= spread.upper_quartile for one in ordered) == 25
    assert Spread.of([]) is None
    one = Spread.of([3.0])
    assert (one.count, one.mean, one.median, one.lower_quartile, one.upper_quartile) == (1, 3, 3, 3, 3)


def test_a_histogram_counts_each_student():
    bins = histogram([0, 0.49, 0.5, 2.5, 4.99, 5.0, 6.5, -0.1, 1.5], 5.0)
    assert [one.count for one in bins] == [3, 1, 0, 1, 0, 1, 0, 0, 0, 3]
    assert (bins[0].low, bins[-1].high) == (0, 5)
    assert sum(one.count for one in histogram([1.0], 0.0)) == 0


def test_pass_rates_of_all_and_of_those_who_have_written_it(made, figures):
    unwritten = failing("mean_by_hand", "mean_of_a_matrix", status=Status.NOT_STARTED)
    hand_in(made, golden("right"), failing("mean_by_hand"), failing("mean_by_hand"), unwritten)
    found = figures()
    check = next(one for one in found.checks if one.id == "mean_by_hand")
    assert (check.passed, check.judged, check.written) == (1, 4, 3)
    assert check.statuses == {"passed": 1, "failed": 2, "not_started": 1}
    hard = [one.name for one in found.exercises if one.is_hard]
    assert hard == ["mean"]
    assert "mean: 2 of the 3 who wrote it" in printed(made)


def test_a_check_that_was_not_run_since_another_failed_is_of_written_code(made, figures):
    blocked = failing("mean_by_hand")
    checks = [
        msgspec.structs.replace(check, status=Status.BLOCKED) if check.id == "mean_of_a_matrix" else check
        for check in blocked.checks
    ]
    hand_in(made, golden("right"), msgspec.structs.replace(blocked, checks=checks))
    found = {check.id: (check.passed, check.written) for check in figures().checks}
    assert (found["mean_by_hand"], found["mean_of_a_matrix"]) == ((1, 2), (1, 2))


def test_an_exercise_that_less_than_half_have_wrong_is_not_hard(made, figures):
    hand_in(made, golden("right"), golden("right"), failing("mean_by_hand"))
    assert not any(one.is_hard for one in figures().exercises)


def test_diagnoses_by_how_common_they_are(made, figures):
    twice = failing("mean_by_hand", "mean_of_a_matrix", mistake="divides_twice")
    hand_in(made, twice, twice, failing("scale_by_definition", mistake="adds"))
    found = [(one.exercise, one.mistake, one.students) for one in figures().diagnoses]
    assert found == [("mean", "divides_twice", 2), ("scale", "adds", 1)], "a student counts once"
    assert "2 students, mean: divides_twice. It divides twice." in printed(made)


def test_a_check_that_alone_fails_for_several_is_doubted(made, figures):
    alone = failing("mean_of_a_matrix")
    hand_in(made, *[golden("right")] * 5, alone, alone, failing("mean_by_hand", "scale_keeps_dtype"))
    (doubt,) = figures().doubts
    assert (doubt.check, doubt.students, doubt.others) == ("mean_of_a_matrix", 2, 5)
    assert (
        "mean_of_a_matrix (A matrix has one mean, over all entries) fails for 2 students who pass everything else"
        in printed(made)
    )


@pytest.mark.parametrize(
    "report",
    [
        failing("mean_of_a_matrix", mistake="divides_twice"),
        failing("mean_of_a_matrix", status=Status.NOT_STARTED),
        failing("mean_of_a_matrix", "scale_keeps_dtype"),
        golden("right"),
    ],
    ids=["explained", "not written", "two checks", "right"],
)
def test_what_is_explained_is_not_doubted(made, figures, report):
    hand_in(made, golden("right"), report, report, report)
    assert not figures().doubts


def test_what_only_follows_from_a_check_does_not_hide_the_doubt(made, figures):
    report = failing("mean_by_hand")
    checks = [
        msgspec.structs.replace(one, status=Status.BLOCKED, points=0.0)
        if one.id in ("mean_of_a_matrix", "centre_by_hand")
        else one
        for one in report.checks
    ]
    report = msgspec.structs.replace(report, checks=checks)
    hand_in(made, golden("right"), report, report)
    assert [one.check for one in figures().doubts] == ["mean_by_hand"]


def test_one_of_a_hundred_is_no_reason_to_doubt(made, figures):
    hand_in(made, *[golden("right")] * 40, failing("mean_by_hand"), failing("mean_by_hand"))
    assert not figures().doubts


def test_grader_errors_and_checks_that_no_student_passes_are_told(made):
    hand_in(made, failing("mean_by_hand"), fault())
    text = printed(made)
    assert "mean_by_hand (The mean of 1, 2 and 6 is 3) passes for no student" in text
    assert "grader errors for 1 student: grade regrade --status grader_error" in text


def test_as_it_is_typed(made, run_grade, tmp_path):
    hand_in(made, golden("right"), golden("wrong_value"), golden("hostile_text"))
    words = [
        sys.executable,
        "-m",
        "grader",
        "stats",
        "--out",
        str(made.book.path.parent),
        "--json",
        str(tmp_path / "stats.json"),
    ]
    ran = run_grade(words)
    assert ran.returncode == 0, ran.stderr
    assert "3 marks of 3 students" in ran.stdout
    assert "grading: 0.1 s for the median submission" in ran.stdout
    assert all(line.isprintable() for line in ran.stdout.splitlines())
    found = json.loads((tmp_path / "stats.json").read_bytes())
    assert found["sections"][0]["marks"]["count"] == 3
    assert len(found["sections"][0]["checks"]) == len(SECTION.check_list)


def test_no_torch_is_imported(made, environment):
    hand_in(made, golden("right"))
    words = ["stats", "--out", str(made.book.path.parent)]
    code = f"import sys; from grader.cli import main\nmain({words!r})\nassert 'torch' not in sys.modules"
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_a_message_is_judged_by_the_next_attempt(made, figures):
    """The first failing check of each exercise counts, with the mistake that it names."""
    wrong, right = golden("wrong_value"), golden("right")
    (first, *_) = [check for check in wrong.checks if check.status is Status.FAILED]
    for student, attempts in {"a": (wrong, right), "b": (wrong, wrong, right), "c": (right,)}.items():
        for number, report in enumerate(attempts):
            made.hand_in(student, report, place=f"{student}{number}", sequence=number)
    (found, *_) = [one for one in figures().next_tries if one.check == first.id]
    assert (found.passed, found.tries) == (2, 3)
    assert found.rate == pytest.approx(2 / 3)
    assert "2 3 67 %" in printed(made)


def test_one_attempt_each_says_nothing_of_messages(made, figures):
    hand_in(made, golden("wrong_value"), golden("right"))
    assert figures().next_tries == []
    assert "After this message" not in printed(made)
