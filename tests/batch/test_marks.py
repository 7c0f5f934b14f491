"""Marks from a gradebook: attempts in order, grader errors that cost nothing, and a trail of changes by hand."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from grader.batch.class_grading import fault_report
from grader.batch.environment import Environment
from grader.batch.gradebook.attempts import admit
from grader.batch.gradebook.book import FILENAME, Gradebook
from grader.batch.gradebook.claims import Batch
from grader.batch.intake import HandIn, Trouble
from grader.batch.marks import comments_for_unknown_ids, rules_for_unknown_ids, rules_without_effect, student_marks
from grader.batch.policy import Adjustment, Extension, Late, Policy
from grader.batch.regrade import Choice, changes, choose, count_failed, expect_students, why_nothing
from grader.batch.roster import Student
from grader.course import Course, UsageError
from grader.grading.report import Status
from grader.submission.submission import Submission
from tests.paths import TINY

SECTION = Course(TINY).find("tiny")
ENVIRONMENT = Environment.of(SECTION)
OLDER = msgspec.structs.replace(ENVIRONMENT, grader="0.0.9", torch="2.9.0", checks="0123456789ab")


@pytest.fixture
def book(tmp_path):
    with Gradebook(tmp_path / FILENAME) as opened:
        yield opened


def report(points, fault=False):
    """A report whose first check earns `points`, with the rest failed."""
    found = fault_report(SECTION, "section1_tiny.py", "broken", ENVIRONMENT)
    if fault:
        return found
    first = msgspec.structs.replace(found.checks[0], status=Status.PASSED, points=points)
    rest = [msgspec.structs.replace(check, status=Status.FAILED) for check in found.checks[1:]]
    return msgspec.structs.replace(found, points=points, status="graded", checks=[first, *rest])


@pytest.fixture
def grade(book):
    """Hand a source in and give it a report; `again` grades what waits."""

    def again(found, environment=ENVIRONMENT):
        with closing(Batch(book, ["section1"])) as batch:
            while work := batch.claim():
                batch.finish(work, found, environment, 0.1, 1)

    def hand_in(student, source, found, environment=ENVIRONMENT, **more):
        file = Submission("section1_tiny.py", Path("section1_tiny.py"), source)
        with book.transaction():
            admit(book, HandIn(student, student.title(), SECTION, file, student, **more))
        if found is not None:
            again(found, environment)

    hand_in.again = again
    return hand_in


def test_attempts_are_in_order_of_time_then_of_number(book, grade):
    grade("ada", b"second", report(2), submitted=datetime(2026, 11, 2, tzinfo=UTC))
    grade("ada", b"first", report(1), submitted=datetime(2026, 11, 1, tzinfo=UTC))
    grade("bob", b"later", report(3), sequence=9)
    grade("bob", b"earlier", report(4), sequence=8)
    last = {one.student: one.mark.points for one in student_marks(book, Policy(attempts="last"))}
    assert last == {"ada": 2, "bob": 3}
    assert {one.student: one.mark.points for one in student_marks(book, Policy())} == {"ada": 2, "bob": 4}


def test_a_grading_in_which_the_grader_failed_takes_no_earlier_grade_away(book, grade):
    grade("ada", b"x", report(3))
    book.queue_again(list(book.graded()), {}, "again")
    grade.again(report(0, fault=True))
    (one,) = student_marks(book, Policy())
    assert (one.mark.points, one.mark.grader_error) == (3, False)


def test_whose_last_grading_failed_is_found_though_an_older_one_is_the_grade(book, grade):
    grade("ada", b"x", report(3))
    grade("bob", b"y", report(3))
    before = list(choose(book, Choice(students=("ada",)), {}))
    book.queue_again(before, {}, "again")
    grade.again(report(0, fault=True))
    assert count_failed(book, before) == 1
    assert list(choose(book, Choice(statuses=(Status.GRADER_ERROR,)), {})) == before
    assert list(choose(book, Choice(statuses=(Status.FAILED,), students=("ada",)), {})) == before, "as its grade has it"
    assert list(choose(book, Choice(check="no_such_check", statuses=(Status.GRADER_ERROR,)), {})) == []
    book.queue_again(before, {}, "again")
    grade.again(report(3))
    assert count_failed(book, before) == 0
    assert list(choose(book, Choice(statuses=(Status.GRADER_ERROR,)), {})) == []


def test_a_grader_error_is_told_and_gone_once_it_was_graded_again(book, grade):
    grade("ada", b"x", report(0, fault=True))
    assert [one.mark.grader_error for one in student_marks(book, Policy())] == [True]
    chosen = list(choose(book, Choice(statuses=(Status.GRADER_ERROR,)), {}))
    assert book.queue_again(chosen, {}, "again") == 1
    assert book.queue_again(chosen, {}, "again") == 0, "it waits already"
    grade.again(report(4))
    assert [(one.mark.points, one.mark.grader_error) for one in student_marks(book, Policy())] == [(4, False)]
    (change,) = changes(book, chosen)
    assert (change.students, change.before, change.after) == (("ada",), 0, 4)
    assert change.reasons == ("the grader had failed before",)
    assert book.db.execute("SELECT count(*) FROM gradings").fetchone()[0] == 2, "the old grading is kept"


def test_who_has_no_grade_yet_stands_there_all_the_same(book, grade):
    grade("ada", b"x", None)
    (one,) = student_marks(book, Policy())
    assert (one.student, one.grading, one.attempts) == ("ada", None, 1)


@pytest.mark.parametrize(
    ("choice", "students"),
    [
        (Choice(students=("ada", "bob")), "ada bob"),
        (Choice(sections=("section1",)), "ada bob cem"),
        (Choice(sections=("section2",)), ""),
        (Choice(check="scale_by_definition"), "ada bob cem"),
        (Choice(check="scale_by_definition", statuses=(Status.PASSED,)), "ada bob"),
        (Choice(statuses=(Status.GRADER_ERROR,)), "cem"),
        (Choice(statuses=(Status.FAILED, Status.GRADER_ERROR), students=("bob", "cem")), "bob cem"),
        (Choice(check="no_such_check"), ""),
        (Choice(grader="9.9"), ""),
        (Choice(grader="0.0.9"), "bob"),
        (Choice(grader=ENVIRONMENT.grader), "ada cem"),
        (Choice(outdated=True), "bob"),
        (Choice(outdated=True, students=("ada",)), ""),
    ],
)
def test_which_grades_are_computed_again(book, grade, choice, students):
    grade("ada", b"a", report(1))
    grade("bob", b"b", report(1), OLDER)
    grade("cem", b"c", report(0, fault=True))
    found = {one.content for one in choose(book, choice, {"section1": ENVIRONMENT})}
    rows = book.db.execute("SELECT student, content FROM submissions ORDER BY student")
    assert [row["student"] for row in rows if row["content"] in found] == students.split()


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (Choice(check="scale_by_defintion"), 'has a check "scale_by_defintion". Did you mean scale_by_definition?'),
        (
            Choice(check="nosuchcheck"),
            'has a check "nosuchcheck". See the ids of checks: grade stats --json stats.json',
        ),
        (
            Choice(sections=("section2",)),
            "Nothing of section2 is graded yet: grade class SUBMISSIONS --section section2 --out ",
        ),
        (Choice(grader="9.9"), f"is by grader 9.9, but by {ENVIRONMENT.grader}"),
        (Choice(statuses=(Status.CRASHED,)), "No grade matches, so nothing is graded again. See how"),
    ],
)
def test_what_no_grade_has_is_named_with_the_next_command(book, grade, choice, words):
    grade("ada", b"a", report(1))
    assert list(choose(book, choice, {"section1": ENVIRONMENT})) == []
    assert words in why_nothing(book, choice, "results")


def test_a_student_who_has_handed_nothing_in_is_named(book, grade):
    grade("ada", b"a", report(1))
    with pytest.raises(UsageError) as caught:
        expect_students(book, Choice(students=("ada", "adda")), "results")
    assert str(caught.value) == (
        'No student with the id "adda" has a hand-in. Did you mean ada? See the column id: grade export csv --out results'
    )


def test_the_difference_says_which_checks_and_why(book, grade):
    grade("ada", b"a", report(1), OLDER)
    grade("bob", b"a", None)
    chosen = list(choose(book, Choice(outdated=True), {"section1": ENVIRONMENT}))
    book.queue_again(chosen, {}, "again")
    grade.again(report(0.5))
    (change,) = changes(book, chosen)
    assert change.students == ("ada", "bob")
    assert [(check.before, check.after, check.points) for check in change.checks] == [("passed", "passed", -0.5)]
    assert f"torch {ENVIRONMENT.torch} instead of 2.9.0" in change.reasons
    assert any(reason.startswith("the checks") for reason in change.reasons)


def test_what_comes_out_the_same_is_no_change(book, grade):
    grade("ada", b"a", report(1))
    chosen = list(book.graded())
    book.queue_again(chosen, {}, "again")
    grade.again(report(1))
    assert [change.changed for change in changes(book, chosen)] == [False]


def test_only_an_adjustment_for_an_unknown_student_is_idle(book):
    book.enrol([Student("ada", "Ada", {})])
    book.note_troubles("f", [Trouble("unreadable", "bob.pdf", "a PDF", "bob", "section1")])
    given = [Adjustment(student, "section1", 1.0, "by hand") for student in ("ada", "bob", "cem")]
    longer = [Extension(student, "section1", None) for student in ("dan", "ada")]
    cem, dan = rules_for_unknown_ids(book, Policy(adjustments=given, extensions=longer))
    assert cem.startswith("policy.toml adjusts cem in section1: no student on the roster")
    assert dan.startswith("policy.toml gives more time to dan in section1")


def test_who_exports_an_adjustment_that_holds_does_not_bring_it_again(book):
    ill = Policy(adjustments=[Adjustment("ada", "section1", 1.0, "ill")])
    book.record_adjustments(ill.adjustments, "prof")
    book.record_adjustments(ill.adjustments, "assistant")
    rows = book.db.execute("SELECT author, until FROM adjustments")
    assert [tuple(row) for row in rows] == [("prof", None)]


def test_adjustments_leave_a_trail_of_when_they_held(book, grade):
    grade("ada", b"a", report(1))
    ill = Adjustment("ada", "section1", 1.0, "ill")
    typo = Adjustment("adda", "section1", 1.0, "ill")
    book.record_adjustments([ill, typo], "prof")
    book.record_adjustments([ill], "prof")
    changed = Adjustment("ada", "section1", 2.0, "ill, and a certificate", "assistant")
    book.record_adjustments([changed], "prof")
    rows = book.db.execute("SELECT * FROM adjustments ORDER BY id").fetchall()
    assert [(row["student"], row["points"], row["author"], row["until"] is None) for row in rows] == [
        ("ada", 1.0, "prof", False),
        ("adda", 1.0, "prof", False),
        ("ada", 2.0, "assistant", True),
    ]


def test_rules_that_had_no_effect_are_told(book, grade):
    when = datetime(2026, 11, 20, tzinfo=UTC)
    for student in ("ada", *(f"s{number}" for number in range(5))):
        grade(student, student.encode(), report(1))
    grade("bob", b"2", report(1), submitted=when, clock="platform")
    grade("cem", b"3", report(1), submitted=when, clock="commit")
    grade("dan", b"4", report(1), late=1)
    penalty, due = Late(penalty_per_day=0.1), {"section1": when}
    no_due = Policy(late=penalty)
    assert rules_without_effect(book, Policy(), ["section1"]) == [], "there is no rule about times"
    assert rules_without_effect(book, no_due, ["section1"]) == [], "a file is marked as late"
    assert rules_without_effect(book, no_due, ["section2"]) == [
        "policy.toml has rules in [late] and no deadline in [due], and nothing is marked as late: they had no effect"
    ]
    assert rules_without_effect(book, Policy(due=due), ["section1"]) == [
        "policy.toml has deadlines and no [late]: a late hand-in costs nothing. If you want that, write: "
        "[late] penalty_per_day = 0"
    ]
    assert rules_without_effect(book, Policy(due=due, late=Late(penalty_per_day=0)), ["section1"]) == []
    longer = [Extension(student, "section1", when) for student in ("ada", "bob", "dan", "eve")]
    said = rules_without_effect(book, Policy(due=due, late=penalty, extensions=longer), ["section1", "section2"])
    assert said == [
        "section1: 7 of 9 hand-ins have no time, so that the deadline of section1 and 1 extension in section1 had no effect "
        "on them: ada, dan, s0, s1, s2 and 2 more. "
        f"To give times: grade class SUBMISSIONS --section section1 --times FILE --out {book.path.parent}",
        "section1: 1 of 9 hand-ins have the time of a commit or of timestamp.txt, which a student can set by hand",
    ]


def test_a_comment_for_an_unknown_student_is_told(book, grade):
    grade("Ada", b"1", report(1))
    comments = {("ada", ""): "Well done.", ("bob", "section1"): "Late.", ("bob", ""): "Come."}
    assert comments_for_unknown_ids(book, comments) == [
        "comments.csv is for bob: no student on the roster or in the hand-ins has this id (only the column id counts)"
    ]
