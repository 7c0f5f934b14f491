"""Results that the grader of version 1 stored, in gradebooks and in `.grade`, are read as this version has them.

The files are its own, in `version1/` and `tests/batch/first_edition/`. They are of `tiny_answers.py` and the tiny course with a
hidden check of `mean`, and with checks that tell the time of a computation as the training of section 9 did.
"""

import gzip
from pathlib import Path

import msgspec
import pytest

from grader.batch.gradebook.book import Gradebook
from grader.batch.ledger import Ledger
from grader.batch.policy import Policy
from grader.course import Course
from grader.grading.records import Kept, Records
from grader.grading.report import SCHEMA_VERSION, Blocker, Report
from grader.grading.stored import results_of_version_1

RECORDS = Path(__file__).parent / "version1"
GRADEBOOK = RECORDS.parents[1] / "batch" / "first_edition" / "checks_of_each_kind.sqlite.gz"
TIME = " s of computing"


@pytest.fixture
def reports(tmp_path, tiny_course):
    """The Reports of the old gradebook, by student."""
    path = tmp_path / "gradebook.sqlite"
    path.write_bytes(gzip.decompress(GRADEBOOK.read_bytes()))
    with Gradebook(path) as book:
        ledger = Ledger.of(book, Policy(), tiny_course.sections)
        entries = {one.id: ledger.entry(one, tiny_course.sections[0]) for one in ledger.people}
        yield {name: book.grading(entry.grading).report for name, entry in entries.items()}


def results_of(name: str, root: Path) -> dict[str, Kept]:
    """What `.grade` holds, by the name of a check."""
    (root / ".grade").mkdir()
    (root / ".grade" / "section1_tiny.json").write_bytes((RECORDS / f"{name}.json").read_bytes())
    course = Course(root)
    return Records(course).last(course.sections[0])


def check(report: Report, name: str):
    return next(one for one in report.checks if one.id == name)


def test_every_old_report_has_this_version_and_keeps_its_points(reports):
    assert {report.schema_version for report in reports.values()} == {SCHEMA_VERSION}
    points = {"right": 5.0, "blocked": 3.25, "half": 4.5, "hidden": 3.25, "slow": 4.85, "unread": 0.0, "wrong": 3.25}
    assert {name: report.points for name, report in reports.items()} == points
    assert {(one.label, one.topic) for one in reports.values()} == {("Section 1", "Tiny exercises")}


def test_a_blocked_check_names_what_blocks_it(reports):
    blocked = reports["blocked"]
    assert check(blocked, "centre_by_hand").blocked_by == Blocker("mean")
    assert check(blocked, "mean_of_a_matrix").blocked_by == Blocker("mean", "mean_by_hand")
    shown = check(blocked.for_student(), "mean_of_a_matrix")
    assert (shown.blocked_by, shown.message) == (Blocker("mean"), "counts once another check passes")


def test_a_file_that_is_no_python_says_so_and_where(reports):
    assert [name for name, report in reports.items() if report.unread] == ["unread"]
    assert reports["unread"].notice_lines[0].line == 16
    assert all(one.repeats_notice and one.raised == "SyntaxError" for one in reports["unread"].checks)
    assert not any(one.repeats_notice for one in reports["half"].checks)


def test_the_time_of_a_computation_has_a_field_and_is_in_no_sentence(reports):
    assert check(reports["right"], "mean_by_hand").compute_seconds == 12
    assert check(reports["right"], "mean_by_hand").notes == ["the mean of 1, 2 and 6 came out as 3.0"]
    slow = check(reports["slow"], "mean_of_a_matrix")
    assert slow.message == "0.1 of 0.25 points: 40.00 % test accuracy; all points begin at 90 %."
    assert slow.compute_seconds == 7
    assert not any(TIME in msgspec.json.encode(one).decode() for one in reports.values())


def test_a_message_that_only_names_a_row_says_so(reports):
    tables = {one.id for one in reports["wrong"].checks if one.in_table}
    assert tables == {"scale_by_definition"}


def test_measurements_of_version_1_keep_their_places_on_a_leaderboard(reports):
    measured = {"parameters": 100.0, "accuracy": 0.5, "loss": 1.0}
    trained = msgspec.structs.replace(check(reports["right"], "mean_by_hand"), measurements=measured)
    (result,) = results_of_version_1([trained])
    assert list(result.ranks.items()) == [("accuracy", "highest"), ("parameters", "lowest")]


def test_records_of_version_1_are_read_as_this_version_has_them(own_course):
    results = {name: one.result for name, one in results_of("slow", own_course.root).items()}
    assert len(results) == 8
    assert results["mean_of_a_matrix"].compute_seconds == 7
    assert TIME not in results["mean_of_a_matrix"].message


def test_records_of_version_1_name_what_blocks(own_course):
    results = {name: one.result for name, one in results_of("wrong", own_course.root).items()}
    assert results["scale_keeps_dtype"].blocked_by == Blocker("scale", "scale_by_definition")
    assert results["scale_by_definition"].in_table
    assert results["scale_by_definition"].diagnosis is not None


def test_what_is_kept_from_now_on_is_taken_as_it_is(own_course, grade_tiny):
    """A sentence that looks like one of version 1 stays a sentence."""
    source = "def mean(x):\n    raise ValueError('Wrong: w, 12 s of computing')\n"
    section, records = own_course.sections[0], Records(own_course)
    report = grade_tiny(source, exercises=("mean",))
    records.keep(section, report, source.encode())
    assert records.last(section)["mean_by_hand"].result == check(report, "mean_by_hand")
