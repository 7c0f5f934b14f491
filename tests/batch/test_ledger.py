"""The ledger: marks, and the reasons for missing ones."""

from datetime import UTC, datetime

import msgspec
import pytest

from grader.batch.gradebook.attempts import settle
from grader.batch.intake import Trouble
from grader.batch.ledger import Ledger, Why
from grader.batch.policy import Adjustment, Late, Policy
from grader.grading.report import Status
from grader.render.export.canvas_gradebook import reasons_note
from grader.render.export.class_csv import class_table
from grader.render.export.moodle_grades import grades
from grader.section import Section
from tests.batch.sample_class import SECTION, earning, fault, golden
from tests.paths import TINY


@pytest.fixture
def entry(made):
    def find(student, **rules):
        ledger = made.ledger(**rules)
        return ledger.entry(next(one for one in ledger.people if one.id == student), SECTION)

    return find


@pytest.mark.parametrize(("missing", "points"), [("empty", None), ("zero", 0.0)])
def test_who_has_handed_nothing_in_has_what_the_policy_says(made, entry, missing, points):
    made.enrol("s1")
    found = entry("s1", missing=missing)
    assert (found.points, found.why, found.max_points) == (points, Why.MISSING, 5.0)


def test_a_grader_error_and_a_file_that_waits_are_no_marks(made, entry):
    made.hand_in("s1", fault())
    made.hand_in("s2", None)
    for student, why in (("s1", Why.FAULT), ("s2", Why.WAITING)):
        found = entry(student, missing="zero")
        assert (found.points, found.why) == (None, why)


@pytest.mark.parametrize(("attempts", "points", "why"), [("best", 4, None), ("last", None, Why.WAITING)])
def test_a_newer_file_that_waits_is_told_and_is_no_mark_if_the_last_counts(made, entry, attempts, points, why):
    made.hand_in("s1", earning(4), source=b"first", sequence=1)
    made.hand_in("s1", None, source=b"second", sequence=2)
    found = entry("s1", attempts=attempts)
    assert (found.points, found.why, found.waits) == (points, why, True)
    assert [one.id for one in made.ledger(attempts=attempts).waiting()] == (["s1"] if why is None else [])


def test_an_older_file_that_waits_is_nothing_to_the_last(made, entry):
    made.hand_in("s1", earning(4), source=b"second", sequence=2)
    made.hand_in("s1", None, source=b"first", sequence=1)
    found = entry("s1", attempts="last")
    assert (found.points, found.waits) == (4, False)


@pytest.mark.parametrize("section", ["section1", ""])
def test_what_cannot_be_read_is_not_nothing(made, entry, section):
    made.enrol("s1")
    made.hand_in("s2", earning(4))
    for student in ("s1", "s2", "s3"):
        made.spoil(student, section)
    for student in ("s1", "s3"):
        found = entry(student, missing="zero")
        assert (found.points, found.why) == (None, Why.UNREADABLE)
    assert (entry("s2").points, entry("s2").why) == (4, None), "another file of theirs is graded"
    made.enrol("s9")
    made.spoil("s9", "section2")
    assert entry("s9").why is Why.MISSING


def test_a_zero_needs_certainty(made, entry):
    """A file of an unknown section, which cannot be read, may be of any section without a hand-in."""
    made.hand_in("s1", golden("right"))
    made.book.db.execute("UPDATE submissions SET section = 'section2'")
    made.spoil("s1", "")
    assert (entry("s1").why, entry("s1").points) == (Why.MISSING, None)
    assert (entry("s1", missing="zero").why, entry("s1", missing="zero").points) == (Why.UNREADABLE, None)


def test_everybody_who_is_named_by_a_hand_in_has_a_row(made):
    """A folder that holds nothing, a page of words, a file beside another."""
    troubles = [Trouble("empty", "x/Ada_7_assignsubmission_file_", "nothing of use", "7", "section1", "Ada")]
    made.book.note_troubles("x", troubles)
    settle(made.book, {})
    (person,) = made.ledger().people
    assert (person.id, person.name, person.system) == ("7", "Ada", "moodle")
    made.book.note_troubles("x", [])
    settle(made.book, {})
    assert not made.ledger().people


def test_the_reason_why_a_hand_in_cannot_be_read_is_a_remark(made, entry):
    made.spoil("s1", "section1")
    assert list(entry("s1").remarks) == ["a PDF"]


def test_what_cannot_be_read_besides_what_has_a_mark_is_not_forgotten(made):
    made.hand_in("s1", golden("right"))
    made.hand_in("s2", golden("right"))
    made.spoil("s1", "section1")
    ledger = made.ledger()
    assert [one.id for one in ledger.half_read()] == ["s1"]
    assert {entry.points for entry in ledger.entries.values()} == {5.0}


def test_a_mark_by_hand_counts_from_nothing(made, entry):
    made.enrol("s1")
    made.spoil("s2")
    made.hand_in("s3", None)
    given = [Adjustment(student, "section1", 3.5, "a PDF, graded by hand") for student in ("s1", "s2", "s3")]
    for student in ("s1", "s2"):
        found = entry(student, adjustments=given)
        assert (found.points, found.why, found.grading) == (3.5, None, None)
        assert list(found.remarks) == ["+3.5: a PDF, graded by hand"]
    assert entry("s3", adjustments=given).why is Why.WAITING


def test_the_rules_of_the_class_hold(made, entry):
    made.hand_in("s1", earning(4))
    found = entry("s1", caps={"section1": 3.0}, adjustments=[Adjustment("s1", "section1", 0.5, "ill")])
    assert found.points == 3.5
    assert list(found.remarks) == ["capped at 3", "+0.5: ill"]


def test_a_group_has_one_file_and_each_of_it_a_mark(made, entry):
    made.hand_in("s1", earning(4), place="submission_7", source=b"ours")
    made.hand_in("s2", None, place="submission_7", source=b"ours")
    assert entry("s1").points == entry("s2").points == 4
    assert entry("s1").grading == entry("s2").grading


def test_times_are_no_part_of_what_leaves_and_what_is_hidden_today_is_hidden(made):
    report = golden("right")
    checks = [
        msgspec.structs.replace(one, seconds=1.5, compute_seconds=13.0, hidden=False, notes=["98.50 % test accuracy"])
        for one in report.checks
    ]
    made.hand_in("s1", msgspec.structs.replace(report, checks=checks))
    ledger = made.ledger()
    found = ledger.report(ledger.entry(ledger.people[0], SECTION), SECTION)
    assert {(one.seconds, one.compute_seconds) for one in found.checks} == {(0.0, None)}
    assert [one.id for one in found.checks if one.hidden] == ["centre_by_hand"]
    assert all(one.status is Status.PASSED for one in found.checks)


def test_people_are_found_by_every_id_that_a_system_may_have_for_them(made):
    made.enrol("s1", "Ada", github="Ada-L", canvas_id="77")
    made.hand_in("9", earning(1), place="Bob Boole_9_assignsubmission_file_")
    made.hand_in("cem", earning(1), place="canc_4711_32168_section1.py")
    ledger = made.ledger()
    keys = {"S1": "s1", "ada-l": "s1", "77": "s1", "9": "9", "4711": "cem", "cem": "cem"}
    assert {key: ledger.find([key], "").id for key in keys} == keys
    assert ledger.find(["", "nobody"], "") is None
    assert ledger.find(["nobody", "9"], "").id == "9"


def test_marks_are_scaled_to_the_maximum_of_another_system(made, entry):
    made.hand_in("s1", earning(4))
    made.enrol("s2")
    rules = {"scale": {"section1": 100.0}, "caps": {"section1": 3.0}}
    found = entry("s1", **rules)
    assert (found.points, found.max_points) == (60.0, 100.0)
    assert list(found.remarks) == ["capped at 3", "3 of 5 points, scaled to 100"]
    assert (entry("s2", **rules).points, entry("s2", missing="zero", **rules).points) == (None, 0.0)
    assert made.ledger(**rules).worth(SECTION) == 100.0


def test_a_mark_above_the_maximum_is_known(made):
    made.hand_in("s1", earning(4))
    made.hand_in("s2", earning(4))
    given = [Adjustment("s1", "section1", 1.5, "a bonus")]
    assert [one.id for one in made.ledger(adjustments=given).above()] == ["s1"]


def test_a_comment_of_the_teacher_is_a_remark(made):
    made.hand_in("s1", earning(4))
    made.enrol("s2")
    comments = {("s1", "section1"): "Well done.", ("s2", ""): "Come to my office."}
    ledger = Ledger.of(made.book, Policy(), [SECTION], comments)
    assert [list(one.remarks) for one in ledger.entries.values()] == [
        ["comment: Well done."],
        ["comment: Come to my office."],
    ]


def test_a_participant_number_is_of_one_assignment(made):
    """Moodle counts participants anew in each: number 7 may be Ada here and Bob there."""
    made.enrol("s1", "Ada", moodle_section1="7", moodle_section2="8")
    made.enrol("s2", "Bob", moodle_section1="8", moodle_section2="7")
    made.hand_in("cem", earning(1), place="Cem_9_assignsubmission_file_")
    other = Section(2, "other", TINY)
    here = made.ledger()
    there = Ledger(made.book, [other], here.people, {})
    assert [here.numbered(number, "moodle").id for number in "789"] == ["s1", "s2", "cem"]
    assert [there.numbered(number, "moodle").id for number in "78"] == ["s2", "s1"]
    assert there.numbered("9", "moodle") is None


def test_a_mark_of_zero_has_a_reason_in_each_table(made):
    broken = golden("syntax_error")
    nothing = msgspec.structs.replace(
        golden("right"), points=0.0, checks=[
            msgspec.structs.replace(one, status=Status.FAILED, points=0.0, message="section1_tiny.py defines no scale.")
            for one in golden("right").checks
        ],
    )  # fmt: skip
    stub = msgspec.structs.replace(
        nothing, checks=[msgspec.structs.replace(one, status=Status.NOT_STARTED) for one in nothing.checks]
    )
    late = datetime(2026, 11, 22, tzinfo=UTC)
    made.hand_in("a-syntax", broken)
    made.hand_in("b-empty", nothing, source=b" \n")
    made.hand_in("c-none", nothing)
    made.hand_in("d-stub", stub)
    made.hand_in("e-late", golden("right"), submitted=late)
    made.hand_in("f-right", golden("right"))
    made.enrol("g-absent")
    rules = {"due": {"section1": late.replace(day=20)}, "late": Late(penalty_per_day=1.0), "missing": "zero"}
    ledger = made.ledger(**rules)
    reasons = {
        "a-syntax": "no points: section1_tiny.py stops loading at line",
        "b-empty": "no points: there is nothing in the file",
        "c-none": "no points: section1_tiny.py defines no scale.",
        "d-stub": "no points: nothing is written yet",
        "e-late": "2 days late: -100 %",
        "g-absent": "nothing handed in",
    }
    tables = class_table(ledger).decode(), grades(ledger, {}).decode(), reasons_note(ledger)
    for table in tables:
        (right,) = [line for line in table.splitlines() if "f-right" in line] or [""]
        assert not any(reason in right for reason in reasons.values())
        for student, reason in reasons.items():
            assert [reason in line for line in table.splitlines() if student in line] == [True], (student, table)
    assert f"all reasons: grade export csv --section section1 --out {made.book.path.parent}\n" in tables[2]
